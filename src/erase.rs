//! Removing a file so that its bytes do not stay where it was.
//!
//! The trap: a disk that writes elsewhere than it is told to, or a file system that keeps what was, keeps the old bytes all
//! the same; this is what a program can do, and no more.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Bytes overwritten at a time.
const BLOCK: usize = 1 << 20;

/// Overwrites a file with zeros, sees to it that they are written, and removes it.
pub(crate) fn erase(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let (mut left, zeros) = (file.metadata()?.len(), vec![0; BLOCK]);
    while left > 0 {
        let block = left.min(BLOCK as u64);
        file.write_all(&zeros[..block as usize])?;
        left -= block;
    }
    file.sync_all()?;
    std::fs::remove_file(path)
}
