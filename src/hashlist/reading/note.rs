//! A note of a list, as an entry may have it.
//!
//! Line breaks of every system become one. The trap: nothing of a list is cut, so a note that is longer than those of
//! exchanges is for the metadata, cleaned by the same rule.

use crate::corpus::{MAX_NOTE, NewEntry};

/// Puts a note into an entry that has none; returns what finds no place in it.
pub(super) fn put(entry: &mut NewEntry, text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").trim().to_string();
    if text.is_empty() || text == entry.note {
        return None;
    }
    if entry.note.is_empty() && text.chars().count() <= MAX_NOTE {
        entry.note = text;
        return None;
    }
    Some(text)
}
