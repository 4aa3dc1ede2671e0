//! File names as shown: readable text, whatever bytes they hold.
//!
//! A name need not be Unicode; bytes that are not UTF-8 appear as `\xNN`. Never open a file by its shown name.

use std::ffi::OsStr;

/// A file name for people: itself when it is Unicode, else with the offending bytes escaped.
pub(crate) fn readable(name: &OsStr) -> String {
    readable_bytes(name.as_encoded_bytes())
}

/// As [`readable`], of bytes that may be a name.
pub(crate) fn readable_bytes(name: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in name.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    shown
}
