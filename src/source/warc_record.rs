//! One record of a web archive: its header, and the body of the response in it as a browser would see it.
//!
//! The trap: crawlers undo chunks and encodings and leave the fields that tell of them, so both are believed only where
//! the bytes agree.

use super::compressed::Compression;
use super::limited::read;
use crate::error::{ImageError, SkipReason};
use std::io::{self, BufRead, Read};

/// The longest header of a record or response.
const HEADER: u64 = 64 << 10;

/// Names and values of a header.
pub(super) type HeaderFields = Vec<(String, String)>;

/// The header of a record.
#[derive(Default)]
pub(super) struct RecordHeader {
    pub(super) fields: HeaderFields,
    /// Of what follows, in bytes.
    pub(super) length: u64,
}

impl RecordHeader {
    /// `None` where a record should begin and the archive ends.
    pub(super) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let fields = header(reader)?;
        let Some((version, fields)) = fields.split_first() else { return Ok(None) };
        if !version.starts_with("WARC/") {
            return Err(io::Error::other("no record of a web archive"));
        }
        let fields = pairs(fields);
        let length = value(&fields, "content-length").and_then(|length| length.parse().ok());
        let length = length.ok_or_else(|| io::Error::other("a record without a length"))?;
        Ok(Some(Self { fields, length }))
    }

    /// The fields of the response in it; none when it holds a body without them.
    pub(super) fn http(&self, reader: &mut impl BufRead) -> io::Result<HeaderFields> {
        let kind = value(&self.fields, "content-type").unwrap_or_default();
        if !kind.starts_with("application/http") {
            return Ok(Vec::new());
        }
        let lines = header(&mut reader.take(self.length.min(HEADER)))?;
        let mut fields = pairs(lines.get(1..).unwrap_or_default());
        let status = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        fields.push(("status".into(), status.into()));
        Ok(fields)
    }
}

/// The lines of a header, up to the blank one that ends it.
fn header(reader: &mut impl BufRead) -> io::Result<Vec<String>> {
    let (mut lines, mut left) = (Vec::new(), HEADER);
    loop {
        let mut line = Vec::new();
        let size = reader.by_ref().take(left).read_until(b'\n', &mut line)? as u64;
        left -= size;
        let text = String::from_utf8_lossy(&line).trim_end().to_string();
        if text.is_empty() {
            return Ok(lines);
        }
        if left == 0 {
            return Err(io::Error::other("a header without end"));
        }
        lines.push(text);
    }
}

fn pairs(lines: &[String]) -> Vec<(String, String)> {
    let pair = |line: &String| {
        line.split_once(':').map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_string()))
    };
    lines.iter().filter_map(pair).collect()
}

/// The value of a field, by its name in lower case.
pub(super) fn value<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn broken(error: &io::Error) -> ImageError {
    ImageError::new(SkipReason::Unreadable, format!("damaged in its web archive: {error}"))
}

/// The body of the response that a record is, as a browser would see it.
pub(super) fn body(record: &[u8], limit: u64) -> Result<Vec<u8>, ImageError> {
    response(record, limit).map(|(_, body)| body)
}

/// The fields of a response, and its body without chunks and encodings.
fn response(record: &[u8], limit: u64) -> Result<(HeaderFields, Vec<u8>), ImageError> {
    let mut rest = record;
    let header = RecordHeader::read(&mut rest).map_err(|error| broken(&error))?;
    let header =
        header.ok_or_else(|| ImageError::new(SkipReason::Unreadable, "no record where one should be"))?;
    rest = &rest[..rest.len().min(usize::try_from(header.length).unwrap_or(usize::MAX))];
    let http = header.http(&mut rest).map_err(|error| broken(&error))?;
    let mut bytes = rest.to_vec();
    if value(&http, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        bytes = unchunked(&bytes).unwrap_or(bytes);
    }
    for coding in value(&http, "content-encoding").unwrap_or_default().split(',').map(str::trim) {
        bytes = match coding.to_ascii_lowercase().as_str() {
            "" | "identity" => bytes,
            "gzip" | "x-gzip" => decoded(&bytes, flate2::read::MultiGzDecoder::new(&bytes[..]), limit)?,
            // Servers send either form under this name.
            "deflate" => match read(flate2::read::ZlibDecoder::new(&bytes[..]), limit) {
                Ok(decoded) => decoded,
                Err(_) => read(flate2::read::DeflateDecoder::new(&bytes[..]), limit)?,
            },
            "zstd" => {
                let decoder =
                    zstd::stream::read::Decoder::with_buffer(&bytes[..]).map_err(|error| broken(&error))?;
                decoded(&bytes, decoder, limit)?
            }
            "br" => brotli(bytes, limit)?,
            other => {
                let detail = format!("sent in the encoding `{other}`, which is not read");
                return Err(ImageError::new(SkipReason::Unsupported, detail));
            }
        };
    }
    if bytes.len() as u64 > limit {
        return Err(ImageError::new(SkipReason::TooLarge, format!("{} bytes, limit {limit}", bytes.len())));
    }
    Ok((http, bytes))
}

/// What a decoder makes of some bytes; themselves where a crawler undid the encoding and left the field.
fn decoded(bytes: &[u8], decoder: impl Read, limit: u64) -> Result<Vec<u8>, ImageError> {
    let is_compressed = Compression::of(bytes).is_some();
    if is_compressed { read(decoder, limit) } else { Ok(bytes.to_vec()) }
}

/// Brotli has no mark of its own. What it cannot be, and what begins as pages and pictures do, was decoded by the crawler.
fn brotli(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, ImageError> {
    const DECODED: [&[u8]; 7] = [b"<", b"\xef\xbb\xbf", b"{", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF"];
    match read(brotli_decompressor::Decompressor::new(&bytes[..], 4096), limit) {
        Err(fault)
            if fault.reason == SkipReason::Unreadable
                && DECODED.iter().any(|begins| bytes.starts_with(begins)) =>
        {
            Ok(bytes)
        }
        decoded => decoded,
    }
}

/// A body without its chunks; `None` where it has none, whatever its fields say.
fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.iter().take(20).position(|&byte| byte == b'\n')?;
        let size = std::str::from_utf8(&bytes[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        bytes = &bytes[end + 1..];
        if size == 0 {
            return Some(body);
        }
        let chunk = &bytes[..size.min(bytes.len())];
        body.extend_from_slice(chunk);
        bytes = &bytes[chunk.len()..];
        let line_end = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).take(2).count();
        bytes = &bytes[line_end..];
        if bytes.is_empty() {
            return Some(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A response whose body is said to be in Brotli.
    fn sent(body: &[u8]) -> Vec<u8> {
        let http = [&b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n"[..], body].concat();
        let head =
            format!("WARC/1.0\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n", http.len());
        [head.as_bytes(), &http].concat()
    }

    /// Brotli without compression: blocks as they are, each with its length before it.
    fn stored(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, block) in bytes.chunks(1 << 16).enumerate() {
            let head = (block.len() as u32 - 1) << 3 | 1 << 19;
            // The first has the bit for the window before it.
            out.extend(&(if number == 0 { head << 1 } else { head }).to_le_bytes()[..3]);
            out.extend(block);
        }
        out.push(3);
        out
    }

    /// 300 MiB of zeros, as far as the first 200 bytes of them tell.
    const BOMB: &str = "cbffff3f002400e2b14072effff8ffff078004401c1680eefd1fffffff00900088c302d0bdffe3ffff1f001200715800baf77ffcffff034002200e0b40f7fe8fffff7f004800c46101e8defff1ffff0f000980382c00ddfb3ffeffff012001108705a07bffc7ffff3f002400e2b00074effff8ffff078004401c1680eefd1fffffff00900088c302d0bdffe3ffff1f001200715800baf77ffcffff034002200e0b40f7fe8fffff7f004800c46101e8defff1ffff0f000980382c00ddfb3ffeffff0120";

    #[test]
    fn brotli_is_undone_within_the_limit_and_only_where_it_is() {
        let page = b"<html><img src=a.jpg></html>".repeat(9000);
        assert_eq!(body(&sent(&stored(&page)), 1 << 20).unwrap(), page);
        assert_eq!(body(&sent(&page), 1 << 20).unwrap(), page, "the crawler decoded it and left the field");
        assert_eq!(body(&sent(&stored(&page)), 1000).unwrap_err().reason, SkipReason::TooLarge);
        let bomb: Vec<u8> = (0..BOMB.len() / 2)
            .map(|at| u8::from_str_radix(&BOMB[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        assert_eq!(body(&sent(&bomb), 1 << 20).unwrap_err().reason, SkipReason::TooLarge);
        for cut in [1, 3, 100, 70_000] {
            let whole = stored(&page);
            let found = body(&sent(&whole[..cut]), 1 << 20);
            assert!(found.is_err(), "{cut}");
        }
    }
}
