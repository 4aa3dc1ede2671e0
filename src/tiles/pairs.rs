//! Files of pairs: two ids and the bits between their hashes, sorted by ids.
//!
//! The trap: ids are signed, since engines have no unsigned 64-bit column; ours are never negative.

use crate::error::{Error, Result};
use crate::hashlist::required;
use crate::source::ColumnFile;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are written at once: 20 MB.
const ROWS_PER_GROUP: usize = 1 << 20;

/// The key under which a file counts its pairs.
pub const PAIRS: &str = "adlink.pairs";

/// Two images whose hashes are near. `a < b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdPair {
    /// The smaller id.
    pub a: i64,
    /// The larger id.
    pub b: i64,
    /// Bits between them, in the orientation in which they are nearest.
    pub d: u16,
}

/// Starts a Parquet file of adlink's schema 1.
pub(super) fn writer<W: Write + Send>(
    out: W,
    schema: &str,
    target: &Path,
    notes: &[(&str, String)],
) -> Result<SerializedFileWriter<W>> {
    let ours =
        [("adlink.schema", "1".to_string()), ("adlink.version", env!("CARGO_PKG_VERSION").to_string())];
    let pairs = ours.iter().chain(notes).map(|(key, value)| KeyValue::new(key.to_string(), value.clone()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(pairs.collect()));
    let schema = parse_message_type(schema).map_err(|error| failed(target, error))?;
    SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))
        .map_err(|error| failed(target, error))
}

/// Writes pairs, in the order in which they come.
pub struct PairWriter<W: Write + Send> {
    out: SerializedFileWriter<W>,
    rows: Vec<IdPair>,
    written: u64,
    target: PathBuf,
}

impl<W: Write + Send> PairWriter<W> {
    /// Starts a file with these words about it. `target` names the output in errors.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn new(out: W, target: impl Into<PathBuf>, notes: &[(&str, String)]) -> Result<Self> {
        let target = target.into();
        let schema =
            "message pairs { required int64 a; required int64 b; required int32 d (INTEGER(16, true)); }";
        let out = writer(out, schema, &target, notes)?;
        Ok(Self { out, rows: Vec::new(), written: 0, target })
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn push(&mut self, pair: IdPair) -> Result<()> {
        self.rows.push(pair);
        if self.rows.len() == ROWS_PER_GROUP { self.flush() } else { Ok(()) }
    }

    /// Adds to what the file says of itself.
    pub fn note(&mut self, key: &str, value: &str) {
        self.out.append_key_value_metadata(KeyValue::new(key.to_string(), value.to_string()));
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        self.written += rows.len() as u64;
        let written = self.out.next_row_group().and_then(|mut group| {
            required::<Int64Type, W>(&mut group, rows.iter().map(|pair| pair.a).collect())?;
            required::<Int64Type, W>(&mut group, rows.iter().map(|pair| pair.b).collect())?;
            required::<Int32Type, W>(&mut group, rows.iter().map(|pair| i32::from(pair.d)).collect())?;
            group.close().map(|_| ())
        });
        written.map_err(|error| failed(&self.target, error))
    }

    /// Completes the file; how many pairs are in it.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.note(PAIRS, &self.written.to_string());
        self.out.close().map_err(|error| failed(&self.target, error))?;
        Ok(self.written)
    }
}

/// Hands on the pairs of a file, in its order, and counts the rows that are none.
pub(super) fn read(path: &Path, mut take: impl FnMut(IdPair)) -> Result<u64> {
    let file = ColumnFile::open(path)?;
    let remedy = "`adlink join` writes such files";
    let (a, b) = (file.wanted(&["a"], remedy)?, file.wanted(&["b"], remedy)?);
    let d = file.wanted(&["d"], remedy)?;
    let mut refused = 0;
    for group in 0..file.groups() {
        let columns = [file.numbers(group, a)?, file.numbers(group, b)?, file.numbers(group, d)?];
        for ((a, b), d) in columns[0].iter().zip(&columns[1]).zip(&columns[2]) {
            match (a, b, d.map(u16::try_from)) {
                (&Some(a), &Some(b), Some(Ok(d))) if d <= 256 => take(IdPair { a: a.min(b), b: a.max(b), d }),
                _ => refused += 1,
            }
        }
    }
    Ok(refused)
}

pub(super) fn failed(target: &Path, error: ParquetError) -> Error {
    Error::io("write to", target, io::Error::other(error))
}
