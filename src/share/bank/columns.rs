//! Entries as Parquet, a group of rows at a time.
//!
//! Hashes and digests are bytes of fixed length, in the order of their text form. The trap: the metadata of such a
//! file stands at its end, and whom it is for has to be known before.

use super::super::marks::Marks;
use super::EntryWriter;
use crate::corpus::{BankEntry, NewEntry};
use crate::hash::{Hash256, Quality};
use crate::hashlist::{cell_of_words, optional, required};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Rows held before they are written as one group.
const GROUP: usize = 65_536;

const SCHEMA: &str = "message bank {
    required int64 entry; optional fixed_len_byte_array(32) pdq; optional int32 quality;
    optional fixed_len_byte_array(16) md5; optional fixed_len_byte_array(20) sha1;
    optional fixed_len_byte_array(32) sha256; optional binary outside_id (string);
    optional binary labels (string); optional binary note (string); optional binary uri (string);
    optional binary metadata (string); required int64 disable_until_ts;
}";

/// Bytes that are still there when the writer that was given them is gone.
#[derive(Clone, Default)]
pub(super) struct ColumnBytes(Arc<Mutex<Vec<u8>>>);

impl ColumnBytes {
    pub(super) fn copy_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for ColumnBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file of columns on its way.
pub(super) struct ParquetEntries {
    out: SerializedFileWriter<ColumnBytes>,
    rows: Vec<BankEntry>,
}

impl ParquetEntries {
    pub(super) fn new(out: ColumnBytes, marks: &Marks) -> io::Result<Self> {
        let notes = [("adlink.handling", marks.text()), ("adlink.version", env!("CARGO_PKG_VERSION"))];
        let notes = notes.map(|(key, value)| KeyValue::new(key.to_string(), value.to_string()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_key_value_metadata(Some(notes.to_vec()))
            .build();
        let schema = Arc::new(parse_message_type(SCHEMA).map_err(io::Error::other)?);
        let out = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(io::Error::other)?;
        Ok(Self { out, rows: Vec::new() })
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.out.next_row_group()?;
        write_group(&mut group, &rows)?;
        group.close().map(drop)
    }
}

impl EntryWriter for ParquetEntries {
    fn entry(&mut self, entry: &BankEntry) -> io::Result<bool> {
        self.rows.push(entry.clone());
        if self.rows.len() == GROUP {
            self.flush().map_err(io::Error::other)?;
        }
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flush().map_err(io::Error::other)?;
        self.out.close().map(drop).map_err(io::Error::other)
    }
}

/// Columns in the order of [`SCHEMA`].
fn write_group(
    group: &mut SerializedRowGroupWriter<'_, ColumnBytes>,
    rows: &[BankEntry],
) -> Result<(), ParquetError> {
    let contents = || rows.iter().map(|row| &row.content);
    let fixed = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
    let of_text = |field: fn(&NewEntry) -> String| {
        contents().map(field).map(|text| (!text.is_empty()).then(|| ByteArray::from(text.as_str())))
    };
    required::<Int64Type, _>(group, rows.iter().map(|row| row.id.0.cast_signed()).collect())?;
    let pdq = contents().map(|row| row.pdq.map(Hash256::to_bytes).map(|hash| fixed(&hash)));
    optional::<FixedLenByteArrayType, _>(group, pdq)?;
    optional::<Int32Type, _>(group, contents().map(|row| row.quality.map(Quality::get).map(i32::from)))?;
    optional::<FixedLenByteArrayType, _>(group, contents().map(|row| row.md5.map(|md5| fixed(&md5))))?;
    optional::<FixedLenByteArrayType, _>(group, contents().map(|row| row.sha1.map(|sha1| fixed(&sha1))))?;
    optional::<FixedLenByteArrayType, _>(group, contents().map(|row| row.sha256.map(|id| fixed(&id.0))))?;
    let texts: [fn(&NewEntry) -> String; 5] = [
        |row| row.outside_id.clone(),
        |row| cell_of_words(&row.labels),
        |row| row.note.clone(),
        |row| row.uri.clone(),
        |row| row.metadata.clone(),
    ];
    for text in texts {
        optional::<ByteArrayType, _>(group, of_text(text))?;
    }
    required::<Int64Type, _>(group, contents().map(|row| row.disable_until.0).collect())
}
