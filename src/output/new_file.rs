//! The one way in which adlink writes a file: beside its name, flushed to the disk, renamed; readable by its owner only.
//!
//! Until [`NewFile::keep`] nothing has the file's name, and what had it stays as it was; a file that is dropped before is
//! gone. The trap: a name may stand for something that is no file, such as `/dev/stdout` or a pipe. To rename over that
//! would replace it, so it is written to as it is.

use super::stream::is_no_file;
use crate::case::sync_folder;
use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Characters of a name that are kept in the name of its unfinished file: names have an end, too.
const NAME: usize = 60;

/// A file on its way.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    /// Where the bytes go until then; `None` when they go to `path` itself.
    unfinished: Option<PathBuf>,
    /// `None` once it is closed.
    file: Option<File>,
}

impl NewFile {
    /// Starts to write a file.
    ///
    /// # Errors
    /// [`Error::Io`] when nothing can be made beside it.
    pub fn create(path: &Path) -> Result<Self> {
        let failed = |source| Error::io("write", path, source);
        if is_no_file(path) {
            // Behind what a stream that was redirected holds already: `>> log` must not lose its beginning.
            let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
            return Ok(Self { path: path.into(), unfinished: None, file: Some(file) });
        }
        if path.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let unfinished = unfinished(path);
        let file = create(&unfinished).map_err(failed)?;
        Ok(Self { path: path.into(), unfinished: Some(unfinished), file: Some(file) })
    }

    /// Where to write to; all that is written before [`NewFile::keep`] is in the file.
    ///
    /// # Errors
    /// [`Error::Io`] when the system lends no further handle, or the file is closed.
    pub fn writer(&self) -> Result<File> {
        let file = self.file.as_ref().ok_or_else(|| io::Error::other("it is closed"));
        file.and_then(File::try_clone).map_err(|source| Error::io("write", &self.path, source))
    }

    /// Flushes the bytes to the disk and closes the file, which still waits for its name: for many files that are to
    /// appear together.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk is full, for one.
    pub fn close(&mut self) -> Result<()> {
        match (self.file.take(), &self.unfinished) {
            (Some(file), Some(_)) => file.sync_all().map_err(|source| Error::io("write", &self.path, source)),
            _ => Ok(()),
        }
    }

    /// Flushes the bytes to the disk and gives the file its name.
    ///
    /// # Errors
    /// [`Error::Io`]; nothing has the name then but what had it before.
    pub fn keep(mut self) -> Result<()> {
        self.close()?;
        let Some(unfinished) = &self.unfinished else { return Ok(()) };
        fs::rename(unfinished, &self.path).map_err(|source| Error::io("write", &self.path, source))?;
        self.unfinished = None;
        sync_folder(&self.path);
        Ok(())
    }
}

/// What was not kept is gone.
impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.unfinished {
            // Nothing more can be done about a leftover; the first error is the one to tell.
            let _ = fs::remove_file(unfinished);
        }
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let name: String = path.file_name().unwrap_or_default().to_string_lossy().chars().take(NAME).collect();
    path.with_file_name(format!(".{name}.unfinished"))
}

/// Makes the file, and never opens what lies there: it might be a link to elsewhere.
fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        let new = NewFile::create(&path).unwrap();
        new.writer().unwrap().write_all(b"new").unwrap();
        assert_eq!(text(&path), "old");
        drop(new);
        assert_eq!((text(&path).as_str(), fs::read_dir(folder.path()).unwrap().count()), ("old", 1));
        let new = NewFile::create(&path).unwrap();
        new.writer().unwrap().write_all(b"new").unwrap();
        new.keep().unwrap();
        assert_eq!((text(&path).as_str(), fs::read_dir(folder.path()).unwrap().count()), ("new", 1));
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_their_owner_and_links_and_devices_stay_what_they_are() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "evidence").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o666)).unwrap();
        symlink(&target, &link).unwrap();
        NewFile::create(&link).unwrap().keep().unwrap();
        assert_eq!(text(&target), "evidence");
        let mode = fs::symlink_metadata(&link).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // A name that the unfinished file would have must not lead elsewhere.
        symlink(&target, folder.path().join(".next.unfinished")).unwrap();
        NewFile::create(&folder.path().join("next")).unwrap().writer().unwrap().write_all(b"x").unwrap();
        assert_eq!(text(&target), "evidence");
        NewFile::create(Path::new("/dev/null")).unwrap().keep().unwrap();
    }
}
