//! Columns of Parquet files, read a row group at a time.
//!
//! The trap: one column has many types. What we write as bytes of fixed length, Spark writes as plain bytes, and others as
//! text; numbers are of four or eight bytes.

use crate::error::{Error, Result};
use crate::record::hex;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A Parquet file.
pub(crate) struct ColumnFile {
    reader: SerializedFileReader<File>,
    path: PathBuf,
}

/// One column of a file, of plain values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileColumn {
    place: usize,
    kind: Type,
    pub(crate) is_text: bool,
    /// Definition level of a value.
    full: i16,
}

impl ColumnFile {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| wrong(path, &error))?;
        Ok(Self { reader, path: path.into() })
    }

    /// What the file says of itself in its metadata.
    pub(crate) fn notes(&self) -> BTreeMap<String, String> {
        let pairs = self.reader.metadata().file_metadata().key_value_metadata();
        let noted = pairs.into_iter().flatten();
        noted.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect()
    }

    /// The first column of one of these names.
    pub(crate) fn column(&self, names: &[&str]) -> Option<FileColumn> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let named = |name: &&str| {
            let place = schema.columns().iter().position(|column| column.path().string() == **name)?;
            let column = schema.column(place);
            let is_text = column.converted_type() == ConvertedType::UTF8;
            // A column without a value has a type of its own where others write it.
            let plain =
                column.max_rep_level() == 0 && column.logical_type_ref() != Some(&LogicalType::Unknown);
            plain.then_some(FileColumn {
                place,
                kind: column.physical_type(),
                is_text,
                full: column.max_def_level(),
            })
        };
        names.iter().find_map(named)
    }

    /// [`Self::column`], or why the file is of no use.
    pub(crate) fn wanted(&self, names: &[&str], remedy: &str) -> Result<FileColumn> {
        self.column(names).ok_or_else(|| {
            let reason = format!("no column `{}`; {remedy}", names.join("` or `"));
            Error::Table { path: self.path.clone(), line: 0, reason }
        })
    }

    pub(crate) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// The numbers of a column in one row group.
    pub(crate) fn numbers(&self, group: usize, column: FileColumn) -> Result<Vec<Option<i64>>> {
        let cells = match column.kind {
            Type::INT32 => self.cells::<Int32Type, i64>(group, column),
            Type::INT64 => self.cells::<Int64Type, i64>(group, column),
            kind => Err(of_kind("whole numbers", kind)),
        };
        cells.map_err(|error| wrong(&self.path, &error))
    }

    /// The bytes of a column in one row group.
    pub(crate) fn bytes(&self, group: usize, column: FileColumn) -> Result<Vec<Option<ByteArray>>> {
        let cells = match column.kind {
            Type::BYTE_ARRAY => self.cells::<ByteArrayType, ByteArray>(group, column),
            Type::FIXED_LEN_BYTE_ARRAY => self.cells::<FixedLenByteArrayType, ByteArray>(group, column),
            kind => Err(of_kind("bytes or text", kind)),
        };
        cells.map_err(|error| wrong(&self.path, &error))
    }

    fn cells<T: DataType, V: From<T::T>>(
        &self,
        group: usize,
        column: FileColumn,
    ) -> Result<Vec<Option<V>>, ParquetError> {
        let group = self.reader.get_row_group(group)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column.place)?);
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        while reader.read_records(rows, Some(&mut levels), None, &mut values)?.0 > 0 {}
        let mut values = values.into_iter().map(V::from);
        if column.full == 0 {
            return Ok(values.map(Some).collect());
        }
        Ok(levels.iter().map(|level| if *level == column.full { values.next() } else { None }).collect())
    }
}

fn of_kind(wanted: &str, found: Type) -> ParquetError {
    ParquetError::General(format!("a column is of {found}, expected {wanted}"))
}

fn wrong(path: &Path, error: &ParquetError) -> Error {
    let reason = format!("{error}; expected a Parquet file that is whole");
    Error::Table { path: path.into(), line: 0, reason }
}

/// SHA-256 of the whole file.
pub(crate) fn file_digest(mut file: File, path: &Path) -> Result<String> {
    let failed = |error| Error::io("read", path, error);
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}
