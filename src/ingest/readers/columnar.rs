//! Parquet tables: a row is a record, whose lists and groups are what they are.
//!
//! Rows are read group by group, so a file of any size takes the memory of one group.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use super::tools::Tools;
use crate::error::Result;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Map, Value, json};
use std::fs::File;

/// The layout.
pub(super) struct Columnar;

impl RecordReader for Columnar {
    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"PAR1")
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        // One that lies in an archive has no file of its own and is held in memory.
        let opened = match File::open(&manifest.path) {
            Ok(file) => SerializedFileReader::new(file).map(Opened::File),
            Err(_) => match crate::source::read_file(&manifest.path, 1 << 30) {
                Ok(bytes) => SerializedFileReader::new(bytes::Bytes::from(bytes)).map(Opened::Memory),
                Err(fault) => return sink.record(At::default(), Err(fault.detail)),
            },
        };
        match opened {
            Err(error) => {
                sink.record(At::default(), Err(format!("a Parquet file that cannot be read: {error}")))
            }
            Ok(Opened::File(reader)) => rows(&reader, sink),
            Ok(Opened::Memory(reader)) => rows(&reader, sink),
        }
    }
}

enum Opened {
    File(SerializedFileReader<File>),
    Memory(SerializedFileReader<bytes::Bytes>),
}

fn rows(reader: &dyn FileReader, sink: &mut dyn Sink) -> Result<()> {
    let iterator = match reader.get_row_iter(None) {
        Ok(rows) => rows,
        Err(error) => {
            return sink.record(At::default(), Err(format!("a Parquet file that cannot be read: {error}")));
        }
    };
    let mut tools = Tools::default();
    for (line, row) in (1..).zip(iterator) {
        match row {
            Ok(row) => tools.translate(At::line(line), "", &Columns::new(), columns(&row), sink)?,
            Err(error) => {
                sink.record(At::line(line), Err(format!("{error}; the rest of the file was not read")))?;
                break;
            }
        }
    }
    tools.finish(sink)
}

fn columns(row: &Row) -> Map<String, Value> {
    row.get_column_iter()
        .map(|(name, field)| (name.clone(), value(field)))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(yes) => (*yes).into(),
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Str(text) => text.clone().into(),
        Field::Bytes(bytes) => hex_or_text(bytes.data()),
        Field::Group(row) => columns(row).into(),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => {
            let text = |key: &Field| value(key).as_str().map_or_else(|| key.to_string(), str::to_string);
            map.entries().iter().map(|(key, inner)| (text(key), value(inner))).collect::<Map<_, _>>().into()
        }
        // Dates and times write themselves as `2024-01-02 03:04:05 +00:00`.
        other => other.to_string().replace(" +00:00", "Z").into(),
    }
}

/// Hashes are bytes in some tables; text is, in tables of others.
fn hex_or_text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if !matches!(bytes.len(), 16 | 20 | 32) => text.into(),
        _ if bytes.len() <= 64 => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
        _ => Value::Null,
    }
}
