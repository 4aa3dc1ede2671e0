//! `vics.json`: every image as a medium of Project VIC's exchange format, VICS 2.0, the shape of a hash set.
//!
//! The category is 0 for all: others are legal judgements, and nobody made one here. The trap: MD5 is the key there, so
//! an image of which only a perceptual hash is known has no place in it.

use super::exchange::Exchange;
use super::json_list::JsonList;
use super::known::Known;
use super::{Content, RowCounts};
use crate::view::Joined;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

pub(super) static VICS: Exchange =
    Exchange { file_name: "vics.json", content: Content::Hashes, write: media };

/// What stands before the media of a hash set.
pub(crate) const START: &str = "{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/\
                     $metadata#Media\",\"value\":[";

/// Every medium says the note, as records of such a set are merged into others.
fn media(joined: &Joined<'_>, note: Option<&str>, out: &mut dyn Write) -> io::Result<RowCounts> {
    let mut list = JsonList::start(START, out)?;
    let mut left_out = 0;
    for ((row, _), number) in joined.images().zip(1..) {
        match medium(number, &Known::of(joined, row), note) {
            Some(medium) => list.push(&medium)?,
            None => left_out += 1,
        }
    }
    Ok(RowCounts { written: list.end("]}")? as u64, left_out })
}

fn medium(number: usize, known: &Known<'_>, note: Option<&str>) -> Option<Value> {
    let md5 = known.md5()?.to_uppercase();
    let (folder, name) = known.folder_and_name();
    let mut medium = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            medium.insert(name.into(), value);
        }
    };
    put("MediaID", Some(number.into()));
    put("Category", Some(0.into()));
    put("MD5", Some(md5.clone().into()));
    put("SHA1", known.sha1().map(|digest| digest.to_uppercase().into()));
    put("MediaSize", known.bytes().map(Value::from));
    put("MimeType", known.media_type().map(Value::from));
    put("RelativeFilePath", Some(known.path().into()));
    put("Comments", note.map(Value::from));
    put("MediaFiles", Some(json!([{"MD5": md5, "FileName": name, "FilePath": folder}])));
    let hashes = [("PDQ", known.pdq()), ("SHA256", known.sha256())];
    let hash = |(name, hash): (&str, Option<String>)| Some(json!({"HashName": name, "HashValue": hash?}));
    put("AlternativeHashes", Some(hashes.into_iter().filter_map(hash).collect()));
    Some(medium.into())
}
