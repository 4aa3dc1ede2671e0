//! Columns of a Parquet file, written one after the other; every table that adlink writes is made of these two kinds.
//!
//! The trap: a column without a value in any row still has to be written, or the next one takes its place.

use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedRowGroupWriter;
use std::io::Write;

/// The next column, with a value in every row.
pub(crate) fn required<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: Vec<T::T>,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(schema_ended)?;
    column.typed::<T>().write_batch(&values, None, None)?;
    column.close()
}

/// The next column, with empty cells.
pub(crate) fn optional<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    let mut column = group.next_column()?.ok_or_else(schema_ended)?;
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn schema_ended() -> ParquetError {
    ParquetError::General("more columns than the schema has".into())
}
