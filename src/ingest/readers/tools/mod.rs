//! Records as well-known tools write them, put into the columns that everybody writes.
//!
//! One file a tool. Each looks at an element and, where it knows it, says the same in adlink's names. The trap: what no
//! tool knows passes as it is, so a test that is too generous takes other people's records apart.

mod archiver;
mod cdr;
mod entities;
mod meta;
mod posts;
mod telegram;
mod vics;

use super::layout::{At, Columns, Sink};
use crate::error::Result;
use serde_json::{Map, Value};

/// An element of a document: a record in a tool's own words.
pub(super) struct Element<'e> {
    /// Name of the array it stands in; empty when it stands alone.
    array: &'e str,
    /// Members of the object around that array that were met before it.
    around: &'e Columns,
    columns: Columns,
}

/// What a tool makes of an element.
enum Recognised {
    /// These records.
    Records(Vec<Columns>),
    /// Nothing that adlink uses: what kind of thing it is.
    Nothing(&'static str),
    /// It is not this tool's.
    NotMine(Columns),
}

/// A tool whose elements stand by themselves.
type Tool = fn(Element<'_>) -> Recognised;

const TOOLS: &[Tool] = &[telegram::message, vics::media, meta::post, archiver::item, posts::post, cdr::page];

/// All tools, with what they remember of a manifest.
#[derive(Default)]
pub(super) struct Tools {
    entities: entities::Entities,
}

impl Tools {
    /// Hands on what an element says.
    pub(super) fn translate(
        &mut self,
        at: At,
        array: &str,
        around: &Columns,
        mut columns: Columns,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        if entities::is_entity(&columns) {
            return self.entities.take(at, columns, sink);
        }
        for tool in TOOLS {
            match tool(Element { array, around, columns }) {
                Recognised::NotMine(back) => columns = back,
                Recognised::Nothing(kind) => {
                    sink.unused(kind, 1);
                    return Ok(());
                }
                Recognised::Records(records) => {
                    return records.into_iter().try_for_each(|record| sink.record(at, Ok(record)));
                }
            }
        }
        sink.record(at, Ok(columns))
    }

    /// Hands on what waited for something that never came.
    pub(super) fn finish(self, sink: &mut dyn Sink) -> Result<()> {
        self.entities.finish(sink)
    }
}

/// A member as text; empty when it is not there.
fn text(columns: &Map<String, Value>, name: &str) -> String {
    match columns.get(name) {
        Some(Value::String(text)) => text.trim().to_string(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Columns of those pairs that say something.
fn columns<const N: usize>(pairs: [(&str, Value); N]) -> Columns {
    let said = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    };
    pairs
        .into_iter()
        .filter(|(_, value)| said(value))
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}

/// Whether a name or media type is that of a video.
fn is_video(name: &str) -> bool {
    const ENDINGS: [&str; 11] =
        ["mp4", "m4v", "mov", "webm", "mkv", "avi", "3gp", "wmv", "flv", "mpg", "mpeg"];
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    name.starts_with("video/") || ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}
