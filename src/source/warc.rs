//! Records of a web archive: what a crawler fetched, with the address and time of each.
//!
//! The trap: in a compressed archive every record is a gzip of its own, one after the other, so that each can be read
//! without the others. One that is compressed in a single piece is read, too, but only in order.

use super::codecs::read;
use super::compressed::opened;
use super::locator::{Codec, Step};
use super::opener::region_of;
use crate::error::{ImageError, SkipReason};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest header of a record or response.
const HEADER: u64 = 64 << 10;

/// What was fetched from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Capture {
    /// Kind of the record: `response`, `resource`, `revisit`, ...
    pub(crate) kind: String,
    pub(crate) url: String,
    /// When, as the archive writes it.
    pub(crate) date: String,
    /// Media type of what was fetched, in lower case and without parameters.
    pub(crate) media: String,
    /// Digest of the body, as the archive writes it; a revisit has that of the record it stands for.
    pub(crate) digest: String,
    /// By which its body is opened.
    pub(crate) path: PathBuf,
    /// Size of the record as it lies in the archive.
    pub(crate) size: u64,
}

/// Hands on the records of an archive in their order; the fault that ended it, if one did.
pub(crate) fn captures<E>(
    path: &Path,
    take: &mut dyn FnMut(Capture) -> Result<(), E>,
) -> Result<Option<String>, E> {
    let region = match region_of(path) {
        Ok(region) => region,
        Err(fault) => return Ok(Some(fault.detail)),
    };
    let mut reader = Counted { inner: BufReader::with_capacity(1 << 16, region.reader()), at: 0 };
    let mut one_piece = false;
    let fault = each(&mut reader, take, &mut |reader, start| {
        if !matches!(reader.fill_buf()?, [0x1F, 0x8B, ..]) {
            return plain(reader, start, path, false);
        }
        match compressed(reader, start, path)? {
            Member::Record(capture) => Ok(capture),
            Member::Archive => {
                one_piece = true;
                Err(io::Error::other("compressed in one piece"))
            }
        }
    })?;
    if !one_piece {
        return Ok(fault);
    }
    match opened(BufReader::with_capacity(1 << 16, region.reader())) {
        Err(error) => Ok(Some(error.to_string())),
        Ok((stream, _)) => {
            let mut reader = Counted { inner: BufReader::with_capacity(1 << 16, stream), at: 0 };
            each(&mut reader, take, &mut |reader, start| plain(reader, start, path, true))
        }
    }
}

/// Reads record after record until there are no more, or one is damaged.
fn each<R: BufRead, E>(
    reader: &mut Counted<R>,
    take: &mut dyn FnMut(Capture) -> Result<(), E>,
    next: &mut dyn FnMut(&mut Counted<R>, u64) -> io::Result<Option<Capture>>,
) -> Result<Option<String>, E> {
    loop {
        let start = reader.at;
        let found = match reader.fill_buf() {
            Ok([]) => return Ok(None),
            Ok([b'\r' | b'\n', ..]) => {
                reader.consume(1);
                continue;
            }
            Ok(_) => next(reader, start),
            Err(error) => Err(error),
        };
        match found {
            Ok(Some(capture)) => take(capture)?,
            Ok(None) => {}
            Err(error) => return Ok(Some(format!("damaged at byte {start}: {error}"))),
        }
    }
}

/// Counts the bytes that were taken.
struct Counted<R> {
    inner: R,
    at: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.at += count as u64;
        self.inner.consume(count);
    }
}

/// What a member of a compressed archive is.
enum Member {
    Record(Option<Capture>),
    /// All records: the archive was compressed in one piece.
    Archive,
}

fn compressed<R: BufRead>(reader: &mut Counted<R>, start: u64, path: &Path) -> io::Result<Member> {
    let mut member = Counted { inner: BufReader::new(GzDecoder::new(&mut *reader)), at: 0 };
    let Some(record) = Record::read(&mut member)? else { return Ok(Member::Record(None)) };
    let http = record.rest(&mut member)?;
    loop {
        match member.fill_buf()? {
            [] => break,
            [b'\r' | b'\n', ..] => member.consume(1),
            _ => return Ok(Member::Archive),
        }
    }
    drop(member);
    let step = Step { codecs: vec![Codec::Gzip, Codec::Response], ..Step::plain(start, reader.at - start) };
    Ok(Member::Record(record.capture(http, step, path)))
}

fn plain<R: BufRead>(
    reader: &mut Counted<R>,
    start: u64,
    path: &Path,
    decompressed: bool,
) -> io::Result<Option<Capture>> {
    let Some(record) = Record::read(reader)? else { return Ok(None) };
    let http = record.rest(reader)?;
    let step = Step { decompressed, codecs: vec![Codec::Response], ..Step::plain(start, reader.at - start) };
    Ok(record.capture(http, step, path))
}

/// The header of a record.
#[derive(Default)]
struct Record {
    fields: Vec<(String, String)>,
    length: u64,
}

impl Record {
    /// `None` where a record should begin and the archive ends.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
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

    /// Reads on to the end of the record; the fields of the response in it.
    fn rest<R: BufRead>(&self, reader: &mut Counted<R>) -> io::Result<Vec<(String, String)>> {
        let end =
            reader.at.checked_add(self.length).ok_or_else(|| io::Error::other("a length beyond all"))?;
        let http = self.http(reader)?;
        let rest = end.saturating_sub(reader.at);
        if io::copy(&mut (&mut *reader).take(rest), &mut io::sink())? < rest {
            return Err(io::Error::other("the file ends within a record"));
        }
        Ok(http)
    }

    /// The fields of the response in it; none when it holds a body without them.
    fn http(&self, reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
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

    fn capture(self, http: Vec<(String, String)>, step: Step, path: &Path) -> Option<Capture> {
        let field = |name| value(&self.fields, name).unwrap_or_default().to_string();
        let url = field("warc-target-uri");
        let url = url.trim_start_matches('<').trim_end_matches('>').to_string();
        let kind = field("warc-type");
        let of_response = kind != "request" && kind != "warcinfo" && !url.is_empty();
        let status = value(&http, "status").unwrap_or("200");
        if !of_response || !(status.starts_with('2') || kind == "revisit") {
            return None;
        }
        let media = value(&http, "content-type").map(str::to_string);
        let media = media.or_else(|| (http.is_empty()).then(|| field("content-type"))).unwrap_or_default();
        Some(Capture {
            path: step.below(path, url.split_once("://").map_or(url.as_str(), |(_, rest)| rest)),
            size: step.length,
            media: media.split(';').next().unwrap_or_default().trim().to_lowercase(),
            date: field("warc-date"),
            digest: field("warc-payload-digest"),
            kind,
            url,
        })
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

fn value<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
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
fn response(record: &[u8], limit: u64) -> Result<(Vec<(String, String)>, Vec<u8>), ImageError> {
    let mut rest = record;
    let header = Record::read(&mut rest).map_err(|error| broken(&error))?;
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
    let is_compressed = super::compressed::Compression::of(bytes).is_some();
    if is_compressed { read(decoder, limit) } else { Ok(bytes.to_vec()) }
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
