//! Records of a web archive: what a crawler fetched, with the address and time of each.
//!
//! The trap: in a compressed archive every record is a gzip of its own, one after the other, so that each can be read
//! without the others. One that is compressed in a single piece is read, too, but only in order.

use super::compressed::opened;
use super::locator::{Codec, Step};
use super::opener::region_of;
use super::warc_record::{HeaderFields, RecordHeader, value};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

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
    let mut reader = OffsetReader { inner: BufReader::with_capacity(1 << 16, region.reader()), at: 0 };
    let mut one_piece = false;
    let fault = each(&mut reader, take, &mut |reader, start| {
        if !matches!(reader.fill_buf()?, [0x1F, 0x8B, ..]) {
            return plain(reader, start, path, false);
        }
        match compressed(reader, start, path)? {
            MemberKind::Record(capture) => Ok(capture),
            MemberKind::Archive => {
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
            let mut reader = OffsetReader { inner: BufReader::with_capacity(1 << 16, stream), at: 0 };
            each(&mut reader, take, &mut |reader, start| plain(reader, start, path, true))
        }
    }
}

/// The record that begins here, at this place; none where it tells of no capture.
type NextRecord<'n, R> = dyn FnMut(&mut OffsetReader<R>, u64) -> io::Result<Option<Capture>> + 'n;

/// Reads record after record until there are no more, or one is damaged.
fn each<R: BufRead, E>(
    reader: &mut OffsetReader<R>,
    take: &mut dyn FnMut(Capture) -> Result<(), E>,
    next: &mut NextRecord<R>,
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
struct OffsetReader<R> {
    inner: R,
    at: u64,
}

impl<R: BufRead> Read for OffsetReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for OffsetReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.at += count as u64;
        self.inner.consume(count);
    }
}

/// What a member of a compressed archive is.
enum MemberKind {
    Record(Option<Capture>),
    /// All records: the archive was compressed in one piece.
    Archive,
}

fn compressed<R: BufRead>(reader: &mut OffsetReader<R>, start: u64, path: &Path) -> io::Result<MemberKind> {
    let mut member = OffsetReader { inner: BufReader::new(GzDecoder::new(&mut *reader)), at: 0 };
    let Some(record) = RecordHeader::read(&mut member)? else { return Ok(MemberKind::Record(None)) };
    let http = record.rest(&mut member)?;
    loop {
        match member.fill_buf()? {
            [] => break,
            [b'\r' | b'\n', ..] => member.consume(1),
            _ => return Ok(MemberKind::Archive),
        }
    }
    drop(member);
    let step = Step { codecs: vec![Codec::Gzip, Codec::Response], ..Step::plain(start, reader.at - start) };
    Ok(MemberKind::Record(record.capture(http, step, path)))
}

fn plain<R: BufRead>(
    reader: &mut OffsetReader<R>,
    start: u64,
    path: &Path,
    decompressed: bool,
) -> io::Result<Option<Capture>> {
    let Some(record) = RecordHeader::read(reader)? else { return Ok(None) };
    let http = record.rest(reader)?;
    let step = Step { decompressed, codecs: vec![Codec::Response], ..Step::plain(start, reader.at - start) };
    Ok(record.capture(http, step, path))
}

impl RecordHeader {
    /// Reads on to the end of the record; the fields of the response in it.
    fn rest<R: BufRead>(&self, reader: &mut OffsetReader<R>) -> io::Result<HeaderFields> {
        let end =
            reader.at.checked_add(self.length).ok_or_else(|| io::Error::other("a length beyond all"))?;
        let http = self.http(reader)?;
        let rest = end.saturating_sub(reader.at);
        if io::copy(&mut (&mut *reader).take(rest), &mut io::sink())? < rest {
            return Err(io::Error::other("the file ends within a record"));
        }
        Ok(http)
    }

    fn capture(self, http: HeaderFields, step: Step, path: &Path) -> Option<Capture> {
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
