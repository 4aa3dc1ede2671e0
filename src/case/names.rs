//! File names as stored and as shown.
//!
//! A name need not be Unicode. Stored, it must still open the file again; shown, it must be readable text, so
//! bytes that are not UTF-8 appear as `\xNN`. Never open a file by its shown name.

use rusqlite::types::{FromSqlError, Value, ValueRef};
use std::ffi::{OsStr, OsString};

/// A file name for people: itself when it is Unicode, else with the offending bytes escaped.
pub(crate) fn readable(name: &OsStr) -> String {
    readable_bytes(name.as_encoded_bytes())
}

/// As [`readable`], of bytes that may be a name.
pub(super) fn readable_bytes(name: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in name.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    shown
}

/// A file name for a column of type ANY: text when it is Unicode, else its bytes.
#[cfg(unix)]
pub(super) fn stored(name: &OsStr) -> Value {
    use std::os::unix::ffi::OsStrExt;
    match name.to_str() {
        Some(text) => Value::Text(text.to_string()),
        None => Value::Blob(name.as_bytes().to_vec()),
    }
}

/// The name that [`stored`] stored.
#[cfg(unix)]
pub(super) fn restored(value: ValueRef<'_>) -> Result<OsString, FromSqlError> {
    use std::os::unix::ffi::OsStringExt;
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(OsString::from_vec(bytes.to_vec())),
        _ => Err(FromSqlError::InvalidType),
    }
}

/// A file name for a column of type ANY. Off Unix a name that is not Unicode cannot be stored without loss; its
/// file is then reported as missing.
#[cfg(not(unix))]
pub(super) fn stored(name: &OsStr) -> Value {
    Value::Text(readable(name))
}

/// The name that [`stored`] stored.
#[cfg(not(unix))]
pub(super) fn restored(value: ValueRef<'_>) -> Result<OsString, FromSqlError> {
    value.as_str().map(OsString::from)
}
