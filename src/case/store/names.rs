//! File names as stored: a name need not be Unicode, and must still open the file again.
//!
//! How they are shown is another matter: [`readable`](crate::corpus::readable).

use rusqlite::types::{FromSqlError, Value, ValueRef};
use std::ffi::{OsStr, OsString};

/// A file name for a column of type ANY: text when it is Unicode, else its bytes.
#[cfg(unix)]
pub(in crate::case) fn stored(name: &OsStr) -> Value {
    use std::os::unix::ffi::OsStrExt;
    match name.to_str() {
        Some(text) => Value::Text(text.to_string()),
        None => Value::Blob(name.as_bytes().to_vec()),
    }
}

/// The name that [`stored`] stored.
#[cfg(unix)]
pub(in crate::case) fn restored(value: ValueRef<'_>) -> Result<OsString, FromSqlError> {
    use std::os::unix::ffi::OsStringExt;
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(OsString::from_vec(bytes.to_vec())),
        _ => Err(FromSqlError::InvalidType),
    }
}

/// A file name for a column of type ANY. Off Unix a name that is not Unicode cannot be stored without loss; its
/// file is then reported as missing.
#[cfg(not(unix))]
pub(in crate::case) fn stored(name: &OsStr) -> Value {
    Value::Text(crate::corpus::readable(name))
}

/// The name that [`stored`] stored.
#[cfg(not(unix))]
pub(in crate::case) fn restored(value: ValueRef<'_>) -> Result<OsString, FromSqlError> {
    value.as_str().map(OsString::from)
}
