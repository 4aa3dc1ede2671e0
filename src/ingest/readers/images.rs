//! The image files under a path, for commands that hash files without ads.
//!
//! The same eyes as for ads in folders: hidden files are passed over, and a file is taken when its name or its
//! first bytes promise an image. A path that names a file is always taken: the user meant it.

use super::eyes::{is_hidden, looks_like_image};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// All image files at or below `path`, in the order of their paths. Links to folders are not followed.
///
/// # Errors
/// [`Error::Io`] when a folder cannot be read; a missing file is left to whoever reads it.
pub fn image_files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if path.is_dir() {
        gather(path, &mut found)?;
    } else {
        found.push(path.to_path_buf());
    }
    Ok(found)
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error| Error::io("read folder", folder, error);
    let mut entries =
        std::fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_unstable_by_key(std::fs::DirEntry::file_name);
    for entry in entries.iter().filter(|entry| !is_hidden(&entry.file_name())) {
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            gather(&path, found)?;
        } else if path.is_file() && looks_like_image(&path) {
            found.push(path);
        }
    }
    Ok(())
}
