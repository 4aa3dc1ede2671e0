//! What a list is, told by its first bytes and never by its name.
//!
//! The trap: the first line of a table is a heading only if one of its cells is the name of a hash. A heading of one
//! column, `md5` say, looks like a word, and one that begins with `#` like a comment.

use super::digits::BareDigits;
use super::elements::ElementOf;
use super::fields;
use super::line;
use super::table::TableStart;
use serde_json::{Map, Value};

/// A layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListForm {
    /// A hash or digest a line, with words around it.
    Lines,
    /// Rows under a heading.
    Table(TableStart),
    /// An object a line.
    JsonLines,
    /// One value of JSON.
    Document,
    /// XML.
    Xml,
    /// None of these.
    Nothing,
}

/// What parts cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Lines looked at for one that holds a hash.
const LOOKED_AT: usize = 20;

impl ListForm {
    pub(super) fn of(head: &[u8], bare: BareDigits) -> Self {
        let start = head.trim_ascii_start();
        match start.first() {
            Some(b'<') => return Self::Xml,
            Some(b'[') => return Self::Document,
            Some(b'{') => return Self::of_json(start),
            _ => {}
        }
        // The last line may be cut.
        let text = String::from_utf8_lossy(head);
        let numbered = || (0..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let mut lines = numbered().filter(|(_, line)| !line.starts_with('#'));
        let first = lines.next();
        if let Some(start) = first.and_then(heading) {
            return Self::Table(start);
        }
        let holds_hash = |(_, text): (u64, &str)| line::said(text, bare).is_ok();
        if first.into_iter().chain(lines.take(LOOKED_AT)).any(holds_hash) {
            return Self::Lines;
        }
        let is_comment = |(_, line): &(u64, &str)| line.starts_with('#');
        numbered().take_while(is_comment).last().and_then(heading).map_or(Self::Nothing, Self::Table)
    }

    fn of_json(head: &[u8]) -> Self {
        let end = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
        match serde_json::from_slice::<Map<String, Value>>(&head[..end]) {
            Ok(object) if holds_entries(&object) => Self::Document,
            Ok(_) => Self::JsonLines,
            // A first line that is broken, or a document that goes on over the next ones.
            Err(error) if error.is_eof() => Self::Document,
            Err(_) => Self::JsonLines,
        }
    }
}

/// The heading that a line is, if one of its cells is the name of a hash.
fn heading((lines, text): (u64, &str)) -> Option<TableStart> {
    let names_hash = |delimiter: &u8| {
        let cells = text.split(char::from(*delimiter));
        cells.map(|cell| cell.trim().trim_matches('"')).any(fields::is_hash_name)
    };
    let delimiter = DELIMITERS.into_iter().find(names_hash)?;
    Some(TableStart { delimiter, lines })
}

/// An object around a list of entries, and no entry itself.
fn holds_entries(object: &Map<String, Value>) -> bool {
    let is_list = |(name, value): (&String, &Value)| value.is_array() && ElementOf::of(name).is_some();
    object.iter().any(is_list) && !fields::names_hash(object)
}
