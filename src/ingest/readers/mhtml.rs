//! A page with its files in one: MHTML, as browsers and Hunchly save it.
//!
//! It is mail by its form. Images are read where they stand, as the base64 that they are.

use super::address::joined;
use super::layout::{At, RecordReader, Sink};
use super::manifest::Manifest;
use super::page;
use super::pictures::place;
use super::webarchive::columns;
use crate::error::Result;
use crate::ingest::record::Place;
use crate::language::word;
use crate::source::{Codec, Step, base64_text, read_file};
use std::collections::HashMap;
use std::path::Path;

/// The largest file that is read: it is held in memory.
const LARGEST: u64 = 256 << 20;

/// The layout.
pub(super) struct Mhtml;

impl RecordReader for Mhtml {
    fn words(&self) -> &'static str {
        word!("a saved page (MHTML)")
    }

    fn recognises(&self, ending: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(&head[..head.len().min(2048)]).to_lowercase();
        matches!(ending, "mht" | "mhtml")
            || head.starts_with("from: <saved by")
            || head.contains("multipart/related") && head.contains("mime-version")
    }

    fn has_columns(&self) -> bool {
        false
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let path = std::path::absolute(&manifest.path).map_err(|error| manifest.failed(error))?;
        match read_file(&path, LARGEST) {
            Err(fault) => sink.record(At::default(), Err(fault.detail)),
            Ok(bytes) => message(&bytes, &path, sink),
        }
    }
}

/// A part of the message, by places in it.
struct MimePart {
    kind: String,
    coding: String,
    location: String,
    id: String,
    start: usize,
    end: usize,
}

fn message(bytes: &[u8], path: &Path, sink: &mut dyn Sink) -> Result<()> {
    let (header, _) = header(bytes, 0);
    let Some(boundary) = boundary(&field(&header, "content-type")) else {
        return sink.record(At::default(), Err("no boundary between parts".into()));
    };
    let parts = parts(bytes, &boundary);
    let Some(html) = parts.iter().find(|part| part.kind.starts_with("text/html")) else {
        return sink.record(At::default(), Err("no page in it".into()));
    };
    let text = match html.coding.as_str() {
        "quoted-printable" => unquoted(&bytes[html.start..html.end]),
        "base64" => {
            read_file(&Step { codecs: vec![Codec::Base64], ..span(html, bytes) }.below(path, "page"), LARGEST)
                .unwrap_or_default()
        }
        _ => bytes[html.start..html.end].to_vec(),
    };
    let declared = html.kind.split("charset=").nth(1).map(|name| name.trim_matches(['"', ' ']).to_string());
    let page = page::read(&page::decoded(&text, declared.as_deref()).0, &html.location);
    let mut held = HashMap::new();
    for part in &parts {
        let location = joined(&html.location, &part.location);
        held.insert(location, part);
        held.insert(format!("cid:{}", part.id.trim_matches(['<', '>'])), part);
    }
    let mut places = Vec::new();
    for image in &page.images {
        let Some((address, part)) =
            image.addresses.iter().find_map(|address| Some((address, held.get(address)?)))
        else {
            sink.unused("image that the saved page does not hold", 1);
            continue;
        };
        let codecs = if part.coding == "base64" { vec![Codec::Base64] } else { vec![] };
        let name = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        let at = Step { codecs, ..span(part, bytes) }.below(path, name);
        places.push(Place { position: places.len() as u32, ..place(address, &at) });
    }
    let url = if html.location.contains("://") { &html.location } else { &page.address };
    let date = field(&header, "date");
    let mut columns = columns(&page, url, &date);
    if url.is_empty() {
        columns.insert("ad_id".into(), path.file_stem().unwrap_or_default().to_string_lossy().into());
    }
    sink.shown(At::default(), columns, places)
}

/// The bytes of a part.
fn span(part: &MimePart, bytes: &[u8]) -> Step {
    let length = if part.coding == "base64" {
        base64_text(&bytes[part.start..part.end])
    } else {
        part.end - part.start
    };
    Step::plain(part.start as u64, length as u64)
}

/// The fields of a header, and where what follows begins.
fn header(bytes: &[u8], start: usize) -> (Vec<(String, String)>, usize) {
    let (mut fields, mut at) = (Vec::<(String, String)>::new(), start);
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
        let line = String::from_utf8_lossy(&bytes[at..end]).trim_end().to_string();
        at = end;
        if line.is_empty() {
            break;
        }
        match (fields.last_mut(), line.split_once(':')) {
            (Some((_, value)), _) if line.starts_with([' ', '\t']) => value.push_str(line.trim_start()),
            (_, Some((name, value))) => fields.push((name.to_lowercase(), value.trim().to_string())),
            _ => {}
        }
    }
    (fields, at)
}

fn field(fields: &[(String, String)], name: &str) -> String {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn boundary(content_type: &str) -> Option<Vec<u8>> {
    let at = content_type.to_lowercase().find("boundary=")?;
    let value = content_type.get(at + "boundary=".len()..)?.trim_start();
    let value = match value.strip_prefix('"') {
        Some(rest) => rest.split('"').next()?,
        None => value.split(';').next()?.trim(),
    };
    (!value.is_empty()).then(|| format!("--{value}").into_bytes())
}

fn parts(bytes: &[u8], boundary: &[u8]) -> Vec<MimePart> {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(found) =
        bytes.get(at..).and_then(|rest| rest.windows(boundary.len()).position(|window| window == boundary))
    {
        starts.push(at + found);
        at += found + boundary.len();
    }
    let part = |pair: &[usize]| {
        let line = bytes[pair[0]..].iter().position(|&byte| byte == b'\n')? + 1;
        let (fields, start) = header(bytes, pair[0] + line);
        let end = bytes[..pair[1]].len()
            - bytes[..pair[1]].iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).take(2).count();
        let lower = |name: &str| field(&fields, name).to_lowercase();
        Some(MimePart {
            kind: lower("content-type"),
            coding: lower("content-transfer-encoding"),
            location: field(&fields, "content-location"),
            id: field(&fields, "content-id"),
            start: start.min(end),
            end,
        })
    };
    starts.push(bytes.len());
    starts.windows(2).filter_map(part).collect()
}

/// Text without the codes of quoted-printable.
fn unquoted(bytes: &[u8]) -> Vec<u8> {
    let (mut text, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let code = || u8::from_str_radix(std::str::from_utf8(rest.get(1..3)?).ok()?, 16).ok();
        let (byte, taken) = match rest {
            [b'=', b'\r', b'\n', ..] => (None, 3),
            [b'=', b'\n', ..] => (None, 2),
            [b'=', ..] => code().map_or((Some(b'='), 1), |byte| (Some(byte), 3)),
            [byte, ..] => (Some(*byte), 1),
            [] => break,
        };
        text.extend(byte);
        at += taken;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quoted_text_is_plain_again() {
        assert_eq!(unquoted(b"a=3D\"b=\r\nc=C3=A9 =zz"), "a=\"bcé =zz".as_bytes());
    }

    proptest! {
        #[test]
        fn no_message_makes_it_panic(text in "(--b\n|Content-Type: text/html\n|Content-Transfer-Encoding: base64\n|\r\n\r\n|<img src=cid:x>|[a-z=\n-]){0,40}") {
            let bytes = format!("Content-Type: multipart/related; boundary=\"b\"\n\n{text}");
            for part in parts(bytes.as_bytes(), b"--b") {
                span(&part, bytes.as_bytes());
                unquoted(&bytes.as_bytes()[part.start..part.end]);
            }
        }
    }
}
