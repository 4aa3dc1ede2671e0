//! Hash lists that somebody else made, read row by row: CSV with a heading, JSON Lines, or a hash a line.
//!
//! Columns (keys) are `pdq`, `pdq_hash` or `hash`, `quality`, `sha256`, `view` and `error`; others are passed over. Rows
//! of a part of a picture (a `view` other than `whole`) and rows of files that could not be hashed say nothing of a
//! photo and are left out. The trap: a shorter digest is hex, too. An MD5 or SHA-1 padded to 256 bits would look like a
//! hash, so text far too short for a PDQ hash that lost its leading zeros is refused.

use crate::error::{Error, Result};
use crate::hash::{Hash256, Quality, ViewKind};
use crate::record::ImageId;
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// Hex digits that a PDQ hash has at least: half of its 256 bits are set, and some leading ones may be 0.
const LEAST_DIGITS: usize = 48;

const PDQ_NAMES: [&str; 3] = ["pdq", "pdq_hash", "hash"];

/// One picture of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListedHash {
    /// PDQ of the whole picture.
    pub pdq: Option<Hash256>,
    /// PDQ's quality; lists that do not say are taken at their word.
    pub quality: Option<Quality>,
    /// Digest of the file.
    pub image: Option<ImageId>,
}

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// 1-based line.
    pub line: u64,
    /// What is wrong, in words.
    pub reason: String,
}

/// What a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HashRows {
    /// Rows in their order.
    pub rows: Vec<ListedHash>,
    /// Rows that cannot be used.
    pub refused: Vec<RefusedRow>,
}

/// Reads a whole list.
///
/// # Errors
/// [`Error::Io`] when the file cannot be read, [`Error::Table`] when it is not UTF-8 text or a heading names no hash.
pub fn read_hash_rows(path: &Path) -> Result<HashRows> {
    let bytes = fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let wrong = |line, reason| Error::Table { path: path.into(), line, reason };
    let text = String::from_utf8(bytes).map_err(|_| wrong(0, "it is not UTF-8 text".into()))?;
    rows_of(text.trim_start_matches('\u{feff}')).map_err(|RefusedRow { line, reason }| wrong(line, reason))
}

fn rows_of(text: &str) -> Result<HashRows, RefusedRow> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if first.trim_start().starts_with('{') {
        Ok(by_line(text, json_row))
    } else if pdq_of(first.split(',').next().unwrap_or_default()).is_ok() {
        Ok(by_line(text, plain_row))
    } else {
        csv_rows(text)
    }
}

fn by_line(text: &str, row: impl Fn(&str) -> Result<Option<ListedHash>, String>) -> HashRows {
    let mut list = HashRows::default();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        list.add(line, row(text));
    }
    list
}

impl HashRows {
    fn add(&mut self, line: u64, row: Result<Option<ListedHash>, String>) {
        match row {
            Ok(row) => self.rows.extend(row),
            Err(reason) => self.refused.push(RefusedRow { line, reason }),
        }
    }
}

/// `HASH` or `HASH,QUALITY,...`, as the tools of ThreatExchange print it.
fn plain_row(text: &str) -> Result<Option<ListedHash>, String> {
    let mut fields = text.split(',').map(str::trim);
    let pdq = Some(pdq_of(fields.next().unwrap_or_default())?);
    let quality = fields.next().map(str::parse::<u8>).and_then(Result::ok).map(Quality::new);
    Ok(Some(ListedHash { pdq, quality, image: None }))
}

fn json_row(text: &str) -> Result<Option<ListedHash>, String> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let field = |name: &str| match object.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    listed(field)
}

fn csv_rows(text: &str) -> Result<HashRows, RefusedRow> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let heading =
        reader.headers().map_err(|error| RefusedRow { line: 1, reason: error.to_string() })?.clone();
    if !heading.iter().any(|name| name == "sha256" || PDQ_NAMES.contains(&name)) {
        let reason = "no column `pdq`, `pdq_hash`, `hash` or `sha256`, and no hash to begin with".into();
        return Err(RefusedRow { line: 1, reason });
    }
    let mut list = HashRows::default();
    for record in reader.into_records() {
        let line = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
        match record {
            Ok(record) => {
                let cell = |name: &str| {
                    let place = heading.iter().position(|column| column == name);
                    place.and_then(|place| record.get(place)).unwrap_or_default().trim().to_string()
                };
                list.add(line(record.position()), listed(cell));
            }
            Err(error) => list.add(line(error.position()), Err(error.to_string())),
        }
    }
    Ok(list)
}

/// A row by the names of its fields; `None` where it says nothing of a photo.
fn listed(field: impl Fn(&str) -> String) -> Result<Option<ListedHash>, String> {
    let (view, error) = (field("view"), field("error"));
    if !error.is_empty() || !(view.is_empty() || view == ViewKind::Whole.name()) {
        return Ok(None);
    }
    let pdq = PDQ_NAMES.map(&field).into_iter().find(|text| !text.is_empty());
    let sha256 = Some(field("sha256")).filter(|text| !text.is_empty());
    if pdq.is_none() && sha256.is_none() {
        return Err("it holds no hash".into());
    }
    Ok(Some(ListedHash {
        pdq: pdq.map(|text| pdq_of(&text)).transpose()?,
        quality: field("quality").parse().ok().map(Quality::new),
        image: sha256.map(|text| image_of(&text)).transpose()?,
    }))
}

fn pdq_of(text: &str) -> Result<Hash256, String> {
    let text = text.trim();
    let hash = text.parse::<Hash256>().map_err(|error| error.to_string())?;
    if text.len() < LEAST_DIGITS {
        return Err(format!("`{text}` is too short for a PDQ hash: expected 64 hex digits"));
    }
    Ok(hash)
}

fn image_of(text: &str) -> Result<ImageId, String> {
    ImageId::parse(text).ok_or_else(|| {
        let start: String = text.chars().take(80).collect();
        format!("`{start}` is not a SHA-256: expected 64 hex digits")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HASH: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

    fn rows(text: &str) -> (Vec<ListedHash>, Vec<u64>) {
        let list = rows_of(text).unwrap();
        (list.rows, list.refused.iter().map(|row| row.line).collect())
    }

    #[test]
    fn every_form_of_list_says_the_same() {
        let pdq = HASH.parse().ok();
        let quality = Some(Quality::new(90));
        let expected = (vec![ListedHash { pdq, quality, image: None }], vec![]);
        assert_eq!(rows(&format!("{HASH},90,a.jpg\n")), expected);
        assert_eq!(rows(&format!("path,pdq,quality\r\na.jpg,{HASH},90\r\n")), expected);
        assert_eq!(rows(&format!("{{\"hash\":\"{HASH}\",\"quality\":90}}\n\n")), expected);
    }

    #[test]
    fn parts_and_failed_files_say_nothing() {
        let text = format!("pdq,view,error\n{HASH},whole,\n{HASH},pane,\n,,DECODE: cut short\n{HASH},,\n");
        assert_eq!(rows(&text).0.len(), 2);
        assert!(rows(&text).1.is_empty());
    }

    #[test]
    fn what_is_not_a_hash_is_refused_with_its_line() {
        let md5 = "0cc175b9c0f1b6a831c399e269772661";
        let (good, refused) = rows(&format!("{HASH}\nplumbing\n{md5}\n{HASH}\n"));
        assert_eq!((good.len(), refused), (2, vec![2, 3]));
        let (good, refused) = rows(&format!("sha256,pdq\n{HASH},\nab,\n,\n"));
        assert_eq!((good.len(), refused), (1, vec![3, 4]));
        assert_eq!(rows("{\"pdq\":\"\"}\n{nonsense\n").1, [1, 2]);
        assert_eq!(rows_of("name,size\na,1\n").unwrap_err().line, 1);
        assert_eq!(rows_of("").unwrap_err().line, 1);
    }

    proptest! {
        #[test]
        fn damaged_lists_are_never_a_panic(cut in 0usize..400, place in 0usize..400, byte in 0u8..128) {
            let text = format!("path,pdq,sha256\na,{HASH},{HASH}\n{{\"pdq\":\"{HASH}\"}}\n\"b,{HASH}\n");
            let mut bytes = text.into_bytes();
            bytes.truncate(cut);
            if let Some(at) = bytes.get_mut(place) {
                *at = byte;
            }
            if let Ok(list) = rows_of(&String::from_utf8(bytes).unwrap()) {
                prop_assert!(list.rows.iter().all(|row| row.pdq.is_some() || row.image.is_some()));
            }
        }
    }
}
