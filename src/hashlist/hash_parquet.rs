//! Hash lists as Parquet, in the schema that clusters share: one row per image or view, ids signed 64-bit.
//!
//! `pdq` is `FIXED_LEN_BYTE_ARRAY(32)`, big-endian as the text form, without dictionary (hashes do not repeat
//! enough) and zstd elsewhere. Spark rewrites such columns as plain binary, so readers must accept both.

use super::hash_text::whole;
use super::parquet_columns::{optional, required};
use super::{HashColumns, HashList};
use crate::error::{Error, ImageError, Result};
use crate::hash::{Dihedral, Hash256, Pdq};
use crate::record::{Image, Rect, ViewKind};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType};
use parquet::data_type::{Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows held before they are written as one row group: about 16 MB.
const ROWS_PER_GROUP: usize = 65_536;

/// The same of rows with analyses, some 2,500 bytes each.
const ANALYSES_PER_GROUP: usize = 8_192;

struct ParquetRow {
    image_id: i64,
    path: String,
    sha256: Option<[u8; 32]>,
    hashes: Option<([Hash256; 8], i32)>,
    size: Option<(i32, i32)>,
    view: Option<(ViewKind, Rect)>,
    error: Option<String>,
    md5: Option<[u8; 16]>,
    sha1: Option<[u8; 20]>,
    analysis: Option<Vec<u8>>,
}

/// Writes a Parquet file with key-value metadata `adlink.schema = 1`.
pub struct ParquetHashes<W: Write + Send> {
    out: SerializedFileWriter<W>,
    rows: Vec<ParquetRow>,
    columns: HashColumns,
    target: PathBuf,
}

impl<W: Write + Send> ParquetHashes<W> {
    /// Writes the head of the file. `target` names the output in errors.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn new(out: W, target: impl Into<PathBuf>, columns: HashColumns) -> Result<Self> {
        let target = target.into();
        let metadata = [
            ("adlink.schema", "1".to_string()),
            ("adlink.version", env!("CARGO_PKG_VERSION").to_string()),
            ("adlink.algorithm", "pdq".to_string()),
        ];
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_key_value_metadata(Some(
                metadata.into_iter().map(|(key, value)| KeyValue::new(key.to_string(), value)).collect(),
            ));
        for column in ["pdq", "sha256", "analysis"] {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
        }
        let schema = parse_message_type(&schema(columns)).map_err(|error| failed(&target, error))?;
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))
            .map_err(|error| failed(&target, error))?;
        Ok(Self { out, rows: Vec::new(), columns, target })
    }

    fn push(&mut self, row: ParquetRow) -> Result<()> {
        self.rows.push(row);
        let full = if self.columns.analyses { ANALYSES_PER_GROUP } else { ROWS_PER_GROUP };
        if self.rows.len() == full { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let written = self.out.next_row_group().and_then(|mut group| {
            write_columns(&mut group, &rows, self.columns)?;
            group.close().map(|_| ())
        });
        written.map_err(|error| failed(&self.target, error))
    }
}

fn schema(columns: HashColumns) -> String {
    let mut fields = String::from(
        "required int64 image_id; required binary source_uri (string);
         optional fixed_len_byte_array(32) sha256; optional fixed_len_byte_array(32) pdq;
         optional int32 pdq_quality; optional int32 width; optional int32 height;
         optional binary error (string);",
    );
    if columns.dihedral {
        for transform in &Dihedral::ALL[1..] {
            fields.push_str(&format!("optional fixed_len_byte_array(32) {transform};"));
        }
    }
    if columns.views {
        fields.push_str(
            "optional binary view (string); optional int32 view_x; optional int32 view_y;
             optional int32 view_width; optional int32 view_height;",
        );
    }
    if columns.digests {
        fields.push_str("optional fixed_len_byte_array(16) md5; optional fixed_len_byte_array(20) sha1;");
    }
    if columns.analyses {
        fields.push_str("optional binary analysis;");
    }
    format!("message hashes {{ {fields} }}")
}

/// Columns in the order of [`schema`].
fn write_columns<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[ParquetRow],
    columns: HashColumns,
) -> Result<(), ParquetError> {
    let text = |value: &str| ByteArray::from(value);
    let fixed = |bytes: [u8; 32]| FixedLenByteArray::from(bytes.to_vec());
    required::<Int64Type, W>(group, rows.iter().map(|row| row.image_id).collect())?;
    required::<ByteArrayType, W>(group, rows.iter().map(|row| text(&row.path)).collect())?;
    optional::<FixedLenByteArrayType, W>(group, rows.iter().map(|row| row.sha256.map(fixed)))?;
    let transformed = |transform: usize| {
        move |row: &ParquetRow| row.hashes.map(|(hashes, _)| fixed(hashes[transform].to_bytes()))
    };
    optional::<FixedLenByteArrayType, W>(group, rows.iter().map(transformed(0)))?;
    optional::<Int32Type, W>(group, rows.iter().map(|row| row.hashes.map(|(_, quality)| quality)))?;
    optional::<Int32Type, W>(group, rows.iter().map(|row| row.size.map(|(width, _)| width)))?;
    optional::<Int32Type, W>(group, rows.iter().map(|row| row.size.map(|(_, height)| height)))?;
    optional::<ByteArrayType, W>(group, rows.iter().map(|row| row.error.as_deref().map(text)))?;
    if columns.dihedral {
        for transform in 1..8 {
            optional::<FixedLenByteArrayType, W>(group, rows.iter().map(transformed(transform)))?;
        }
    }
    if columns.views {
        optional::<ByteArrayType, W>(
            group,
            rows.iter().map(|row| row.view.map(|(kind, _)| text(kind.name()))),
        )?;
        let sides: [fn(Rect) -> u32; 4] = [|r| r.x, |r| r.y, |r| r.width, |r| r.height];
        for side in sides {
            optional::<Int32Type, W>(
                group,
                rows.iter().map(|row| row.view.map(|(_, rect)| side(rect) as i32)),
            )?;
        }
    }
    if columns.digests {
        let short = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
        optional::<FixedLenByteArrayType, W>(group, rows.iter().map(|row| row.md5.map(|md5| short(&md5))))?;
        optional::<FixedLenByteArrayType, W>(
            group,
            rows.iter().map(|row| row.sha1.map(|sha1| short(&sha1))),
        )?;
    }
    if columns.analyses {
        let bytes = |row: &ParquetRow| row.analysis.clone().map(ByteArray::from);
        optional::<ByteArrayType, W>(group, rows.iter().map(bytes))?;
    }
    Ok(())
}

impl<W: Write + Send> HashList for ParquetHashes<W> {
    fn write(&mut self, path: &str, outcome: &Result<Image, ImageError>) -> Result<()> {
        self.write_packed(path, outcome, None)
    }

    fn write_packed(
        &mut self,
        path: &str,
        outcome: &Result<Image, ImageError>,
        packed: Option<&[u8]>,
    ) -> Result<()> {
        let analysis = packed.map(<[u8]>::to_vec);
        match outcome {
            Ok(image) => {
                let row = hash_row(path, image, ViewKind::Whole, whole(image), &image.pdq);
                self.push(ParquetRow { analysis, ..row })?;
                let views = if self.columns.views { &*image.views } else { &[] };
                views.iter().try_for_each(|v| self.push(hash_row(path, image, v.kind, v.rect, &v.pdq)))
            }
            Err(error) => self.push(ParquetRow {
                image_id: short_id(&Sha256::digest(path)),
                path: path.into(),
                sha256: None,
                hashes: None,
                size: None,
                view: None,
                error: Some(error.to_string()),
                md5: None,
                sha1: None,
                analysis,
            }),
        }
    }

    /// Adds to the metadata of the file.
    fn note(&mut self, key: &str, value: &str) {
        self.out.append_key_value_metadata(KeyValue::new(key.to_string(), value.to_string()));
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.flush()?;
        let target = self.target;
        self.out.close().map(|_| ()).map_err(|error| failed(&target, error))
    }
}

fn hash_row(path: &str, image: &Image, kind: ViewKind, rect: Rect, pdq: &Pdq) -> ParquetRow {
    ParquetRow {
        image_id: short_id(&image.id().0),
        path: path.into(),
        sha256: Some(image.id().0),
        hashes: Some((Dihedral::ALL.map(|transform| pdq.oriented(transform)), i32::from(pdq.quality.get()))),
        size: Some((image.width as i32, image.height as i32)),
        view: Some((kind, rect)),
        error: None,
        // All zeros where nobody gave one.
        md5: Some(image.digests.md5).filter(|md5| md5.iter().any(|byte| *byte != 0)),
        sha1: Some(image.digests.sha1).filter(|sha1| sha1.iter().any(|byte| *byte != 0)),
        analysis: None,
    }
}

/// The first 63 bits of a digest: never negative, since engines have no unsigned 64-bit column.
fn short_id(digest: &[u8]) -> i64 {
    let head = digest.first_chunk::<8>().expect("a SHA-256 has 32 bytes");
    i64::from_be_bytes(*head) & i64::MAX
}

fn failed(target: &std::path::Path, error: ParquetError) -> Error {
    Error::io("write to", target, io::Error::other(error))
}
