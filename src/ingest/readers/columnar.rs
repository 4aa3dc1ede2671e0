//! Parquet tables: a row is a record, whose lists and groups are what they are.
//!
//! Rows are read group by group, so a file of any size takes the memory of one group.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use super::tools::Tools;
use crate::error::Result;
use crate::language::word;
use crate::source::columns;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;

/// The layout.
pub(super) struct Columnar;

impl RecordReader for Columnar {
    fn words(&self) -> &'static str {
        word!("a Parquet table")
    }

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
