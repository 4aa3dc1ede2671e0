//! A document of JSON: an array of records, objects one after the other, or objects around arrays of records.
//!
//! Elements are handed on one by one, so a document may have any size. An array of objects is taken for records unless
//! its name says that it belongs to a record (`images`, `media`, ...) or the object around it is a record by itself.

use super::layout::{At, Columns, Sink};
use super::object::{parse, parse_raw};
use super::scan::{LONGEST, Raw, Scanner};
use super::tools::Tools;
use crate::error::{Error, Result};
use serde_json::Value;
use std::io;

/// Why a document was not read to its end.
pub(super) enum Stopped {
    Sink(Error),
    Read(io::Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Sink(error)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

pub(super) type Outcome<T = ()> = Result<T, Stopped>;

/// Objects within objects that are followed in search of records.
const DEEPEST: usize = 4;

/// Arrays of objects that belong to the record around them.
const PARTS: [&str; 15] = [
    "images",
    "media",
    "objects",
    "photos",
    "files",
    "pictures",
    "image",
    "attachments",
    "urls",
    "phones",
    "text_entities",
    "MediaFiles",
    "AlternativeHashes",
    "Exifs",
    "MediaMetadata",
];

/// Fields that make an object a record, whatever it holds.
const OF_RECORDS: [&str; 10] =
    ["site", "ad_id", "url", "images", "image", "photos", "media", "schema", "_id", "post_id"];

/// Objects whose members are looked into: what programs and services put around their answers.
const AROUND: [&str; 8] = ["data", "result", "results", "response", "chats", "payload", "hits", "_source"];

/// Arrays whose elements may themselves hold arrays of records: chats of an export, cases of a hash set.
const OF_HOLDERS: [&str; 3] = ["list", "value", "hits"];

/// Where records go: what the tools that wrote them mean by them is known to [`Tools`].
pub(super) struct Layouts<'s> {
    tools: Tools,
    sink: &'s mut dyn Sink,
    in_place: bool,
}

impl<'s> Layouts<'s> {
    /// `in_place`: places in the text are places in the file.
    pub(super) fn new(sink: &'s mut dyn Sink, in_place: bool) -> Self {
        Self { tools: Tools::default(), sink, in_place }
    }

    /// A record by itself.
    pub(super) fn take(&mut self, at: At, columns: Columns) -> Result<()> {
        self.element(at, "", &Columns::new(), columns)
    }

    /// A record of the array of this name, in an object with these members.
    fn element(&mut self, at: At, array: &str, around: &Columns, columns: Columns) -> Result<()> {
        let at = At { offset: at.offset.filter(|_| self.in_place), ..at };
        self.tools.translate(at, array, around, columns, self.sink)
    }

    pub(super) fn bad(&mut self, at: At, detail: String) -> Result<()> {
        self.sink.record(at, Err(detail))
    }

    pub(super) fn finish(self) -> Result<()> {
        self.tools.finish(self.sink)
    }
}

/// Whether an object holds an array of records and is none itself.
pub(super) fn wraps_records(object: &Columns) -> bool {
    let holds = |name: &str, value: &Value| match value {
        Value::Array(list) => matches!(list.first(), Some(Value::Object(_))) && !PARTS.contains(&name),
        Value::Object(inner) => AROUND.contains(&name) && wraps_records(inner),
        _ => false,
    };
    !is_record(object) && object.iter().any(|(name, value)| holds(name, value))
}

fn is_record(members: &Columns) -> bool {
    members.keys().any(|name| OF_RECORDS.contains(&name.as_str()))
}

/// Reads everything.
pub(super) fn document(scanner: &mut Scanner<'_>, layouts: &mut Layouts<'_>) -> Outcome {
    while let Some(first) = scanner.peek()? {
        match first {
            b'[' => array(scanner, "", &Columns::new(), 0, layouts)?,
            b'{' => {
                let at = At { line: scanner.line, offset: Some(scanner.offset) };
                if let Some(columns) = object(scanner, 0, layouts)? {
                    layouts.take(at, columns)?;
                }
            }
            _ => match scanner.value()? {
                Some(raw) => whole(&raw, layouts)?,
                None => {
                    let at = At::line(scanner.line);
                    scanner.eat(first)?;
                    layouts.bad(at, format!("`{}` where a record should begin", char::from(first)))?;
                }
            },
        }
    }
    Ok(())
}

/// A value that should be a record.
fn whole(raw: &Raw, layouts: &mut Layouts<'_>) -> Outcome {
    element(raw, "", &Columns::new(), layouts)
}

/// The elements of an array, whose bracket comes next.
fn array(
    scanner: &mut Scanner<'_>,
    name: &str,
    around: &Columns,
    depth: usize,
    layouts: &mut Layouts<'_>,
) -> Outcome {
    let opened = scanner.line;
    scanner.eat(b'[')?;
    loop {
        match scanner.peek()? {
            None => {
                let detail = format!("an array opened on line {opened} is never closed");
                return Ok(layouts.bad(At::line(scanner.line), detail)?);
            }
            Some(b']') => {
                scanner.eat(b']')?;
                return Ok(());
            }
            Some(b'{') if OF_HOLDERS.contains(&name) && depth < DEEPEST => {
                let at = At { line: scanner.line, offset: Some(scanner.offset) };
                if let Some(columns) = object(scanner, depth + 1, layouts)? {
                    layouts.element(at, name, around, columns)?;
                }
            }
            Some(first) => match scanner.value()? {
                // What is cut off is one fault: that the array never ends as well says nothing more.
                Some(raw) => {
                    element(&raw, name, around, layouts)?;
                    if raw.cut {
                        return Ok(());
                    }
                }
                None => {
                    scanner.eat(first)?;
                    if first != b',' {
                        let detail = format!("`{}` where a record should begin", char::from(first));
                        layouts.bad(At::line(scanner.line), detail)?;
                    }
                }
            },
        }
    }
}

/// The members of an object, whose bracket comes next. Arrays of records among them are handed on; what is left is
/// returned when there were none, and is a record then.
fn object(scanner: &mut Scanner<'_>, depth: usize, layouts: &mut Layouts<'_>) -> Outcome<Option<Columns>> {
    let start = At { line: scanner.line, offset: Some(scanner.offset) };
    scanner.eat(b'{')?;
    let (mut members, mut handed_on, mut size) = (Columns::new(), false, 0);
    loop {
        if scanner.eat(b'}')? {
            return Ok((!handed_on).then_some(members));
        }
        if scanner.eat(b',')? {
            continue;
        }
        let name = scanner.value()?.and_then(|raw| serde_json::from_slice::<String>(&raw.bytes).ok());
        let (Some(name), true) = (name, scanner.eat(b':')?) else {
            let detail = format!("an object opened on line {} is broken here", start.line);
            layouts.bad(At::line(scanner.line), detail)?;
            return resume(scanner, layouts).map(|()| None);
        };
        match scanner.peek()? {
            Some(b'[') if !PARTS.contains(&name.as_str()) && !is_record(&members) && depth < DEEPEST => {
                match records_or_value(scanner, &name, &members, depth, layouts)? {
                    None => handed_on = true,
                    Some(value) => drop(members.insert(name, value)),
                }
            }
            Some(b'{') if AROUND.contains(&name.as_str()) && !is_record(&members) && depth < DEEPEST => {
                match object(scanner, depth + 1, layouts)? {
                    None => handed_on = true,
                    Some(inner) => drop(members.insert(name, inner.into())),
                }
            }
            _ => {
                let Some(raw) = scanner.value()? else { continue };
                size += raw.size;
                let value = if size > LONGEST as u64 { Err("too long".into()) } else { value_of(&raw) };
                match value {
                    Ok(value) => drop(members.insert(name, value)),
                    Err(detail) => {
                        layouts.bad(At::line(raw.line), format!("{name}: {detail}"))?;
                        handed_on = true;
                    }
                }
            }
        }
    }
}

/// After an object that makes no sense: on to the next line that begins with one, as in JSON Lines.
fn resume(scanner: &mut Scanner<'_>, _: &mut Layouts<'_>) -> Outcome {
    while let Some(first) = scanner.peek()? {
        if first == b'{' {
            break;
        }
        if scanner.value()?.is_none() {
            scanner.eat(first)?;
        }
    }
    Ok(())
}

/// An array by name: its elements handed on when they are objects (`None` then), else as a value.
fn records_or_value(
    scanner: &mut Scanner<'_>,
    name: &str,
    around: &Columns,
    depth: usize,
    layouts: &mut Layouts<'_>,
) -> Outcome<Option<Value>> {
    scanner.eat(b'[')?;
    if scanner.peek()? == Some(b'{') {
        // The bracket is taken; an array reads on from where it stands.
        array(scanner, name, around, depth, layouts)?;
        return Ok(None);
    }
    let mut values = Vec::new();
    let mut size = 0;
    while !scanner.eat(b']')? {
        match scanner.value()? {
            Some(raw) => {
                size += raw.size;
                if size <= LONGEST as u64 {
                    values.extend(value_of(&raw).ok());
                }
            }
            None if scanner.eat(b',')? => {}
            None => break,
        }
    }
    Ok(Some(Value::Array(values)))
}

fn value_of(raw: &Raw) -> Result<Value, String> {
    let wrapped = [b"{\"v\":", &raw.bytes[..], b"}"].concat();
    if raw.size > LONGEST as u64 {
        return Err(format!("longer than {} MiB", LONGEST >> 20));
    }
    parse(&wrapped).map(|mut object| object.remove("v").unwrap_or_default())
}

/// An element of an array. Of one that is no JSON, the lines that are records are saved: a bracket that was never
/// closed must not take along what comes after.
fn element(raw: &Raw, name: &str, around: &Columns, layouts: &mut Layouts<'_>) -> Outcome {
    let at = At { line: raw.line, offset: Some(raw.offset) };
    let detail = match parse_raw(raw) {
        Ok(columns) => return Ok(layouts.element(at, name, around, columns)?),
        Err(detail) => detail,
    };
    layouts.bad(at, detail)?;
    let mut offset = 0;
    for (line, text) in (raw.line..).zip(raw.bytes.split(|&byte| byte == b'\n')) {
        let trimmed = text.trim_ascii();
        let record = trimmed.strip_suffix(b",").unwrap_or(trimmed);
        if line > raw.line
            && record.starts_with(b"{")
            && let Ok(columns) = parse(record)
        {
            let offset = raw.offset + offset;
            layouts.element(At { line, offset: Some(offset) }, name, around, columns)?;
        }
        offset += text.len() as u64 + 1;
    }
    Ok(())
}
