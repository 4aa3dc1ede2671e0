//! Reading a case that lies where nothing can be written: a disc, a locked folder, evidence.
//!
//! SQLite wants a file of its own beside a case to share it with writers. Where it cannot make one there are no
//! writers, and the file may be taken as it lies, unless a log lies beside it: that would be ignored, so then the
//! error stands.

use super::connection::connect;
use super::files::beside;
use crate::error::CaseError;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::Path;

/// Opens for reading and asks `check` whether it is a case.
pub(super) fn open(
    path: &Path,
    check: impl Fn(&Connection) -> Result<(), CaseError>,
) -> Result<Connection, CaseError> {
    let usual = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let usual = usual.and_then(|connection| check(&connection).map(|()| connection));
    match usual {
        Err(CaseError::ReadOnly) if log_is_empty(path) => {
            locked(path).and_then(|connection| check(&connection).map(|()| connection))
        }
        usual => usual,
    }
}

fn log_is_empty(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).map_or(true, |log| log.len() == 0)
}

/// As a file that nobody can change while it is open.
fn locked(path: &Path) -> Result<Connection, CaseError> {
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&address(path)), access)
}

fn address(path: &Path) -> String {
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte))
            }
            other => address.push_str(&format!("%{other:02x}")),
        }
    }
    address + "?immutable=1"
}
