//! Where the bytes of every image were last seen, for those who want to look at pixels.
//!
//! Only paths: whether a file is still there, and still has these bytes, is known to whoever opens it and digests what
//! it reads. Several files may hold one image; any of them will do.

use crate::corpus::ImageRow;
use std::ffi::OsString;
use std::path::PathBuf;

/// The files of every image of a snapshot. Memory: a name and 32 bytes a file.
#[derive(Debug, Default)]
pub struct Originals {
    folders: Vec<PathBuf>,
    /// Image row, folder, name; sorted.
    files: Vec<(ImageRow, u32, OsString)>,
}

impl Originals {
    /// Adds a folder; its number is its place among those added.
    pub fn add_folder(&mut self, folder: PathBuf) -> u32 {
        self.folders.push(folder);
        self.folders.len() as u32 - 1
    }

    /// Adds a file of an image row.
    pub fn add_file(&mut self, row: ImageRow, folder: u32, name: OsString) {
        self.files.push((row, folder, name));
    }

    /// To be called when all are added: files are looked up by their order.
    pub fn sort(&mut self) {
        self.files.sort_unstable();
    }

    /// Absolute paths of the files that held the image of this row, sorted; none for an unknown row.
    pub fn of(&self, row: ImageRow) -> Vec<PathBuf> {
        let first = self.files.partition_point(|file| file.0 < row);
        let files = self.files[first..].iter().take_while(|file| file.0 == row);
        let mut paths: Vec<_> =
            files.map(|(_, folder, name)| self.folders[*folder as usize].join(name)).collect();
        paths.sort_unstable();
        paths
    }
}
