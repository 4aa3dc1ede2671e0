//! Lists as Parquet: adlink's own, and others whose columns have names of ours.
//!
//! Read group by group. The trap: a hash is bytes of fixed length in our files and plain bytes in what Spark makes of
//! them.

use super::fields::{EntryFields, is_hash_name};
use super::tally::ListIntake;
use crate::error::{Error, Result};
use crate::source::column;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Row;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

pub(super) fn is_columnar(mut file: &File) -> io::Result<bool> {
    let mut magic = [0; 4];
    // What cannot be sought in is a stream, and no file of columns.
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    let read = file.read(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(read == 4 && &magic == b"PAR1")
}

pub(super) fn read(file: &File, intake: &mut ListIntake<'_>) -> Result<()> {
    let wrong = |path: &Path, reason: String| Error::Table { path: path.into(), line: 0, reason };
    let path = intake.file();
    let file = file.try_clone().map_err(|error| Error::io("read", path, error))?;
    let reader = SerializedFileReader::new(file).map_err(|error| wrong(path, error.to_string()))?;
    let columns = reader.metadata().file_metadata().schema_descr();
    if !columns.columns().iter().any(|column| is_hash_name(column.name())) {
        return Err(wrong(path, "no column of a name such as `pdq`, `hash`, `md5`".into()));
    }
    let rows = reader.get_row_iter(None).map_err(|error| wrong(path, error.to_string()))?;
    for (number, row) in (1..).zip(rows) {
        match row {
            Ok(row) => intake.take(number, said(&row, intake))?,
            Err(error) => {
                intake.refuse(number, format!("{error}; the rest of the file was not read"));
                break;
            }
        }
    }
    Ok(())
}

fn said(row: &Row, intake: &ListIntake<'_>) -> Result<super::tally::ListSaid, String> {
    let mut fields = EntryFields::new(intake.bare);
    for (name, field) in row.get_column_iter() {
        fields.put(name, column(field, is_hash_name(name)));
    }
    fields.said()
}
