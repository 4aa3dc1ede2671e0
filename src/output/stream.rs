//! Whether a name stands for no file: a device, a pipe, or a stream of this process such as `/dev/stdout`.
//!
//! Asked by whoever guards an output and by whoever writes it. The trap: `/dev` holds files, too (`/dev/shm`), and a stream
//! that was redirected looks like the file behind it; so a name is followed to where the system keeps streams.

use std::fs;
use std::path::{Path, PathBuf};

/// Links that are followed: as many as systems do.
const LINKS: usize = 40;

/// Whether what is written under a name goes to what is there, and replaces nothing.
pub(super) fn is_no_file(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => false,
        Ok(found) => !found.is_file() || is_open_stream(path),
        Err(_) => false,
    }
}

/// Whether a name leads, link by link, to a file that a process has open.
fn is_open_stream(path: &Path) -> bool {
    let mut at = path.to_path_buf();
    for _ in 0..LINKS {
        let folder = folder_of(&at);
        if folder == Path::new("/dev/fd") || folder.starts_with("/proc") && folder.ends_with("fd") {
            return true;
        }
        match fs::read_link(&at) {
            Ok(target) => at = folder.join(target),
            Err(_) => return false,
        }
    }
    false
}

/// The folder that holds a name, as the system calls it.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(folder).unwrap_or_else(|_| folder.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;

    #[test]
    fn devices_and_streams_are_no_files_and_files_below_dev_are() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let open = fs::File::create(&file).unwrap();
        let link = |name: &str, target: &Path| {
            symlink(target, folder.path().join(name)).unwrap();
            folder.path().join(name)
        };
        let stream = PathBuf::from(format!("/dev/fd/{}", open.as_raw_fd()));
        for (path, expected) in [
            (PathBuf::from("/dev/null"), true),
            (stream.clone(), true),
            (link("to a stream", &stream), true),
            (link("to a device", Path::new("/dev/null")), true),
            (file.clone(), false),
            (link("to a file", &file), false),
            (link("round", &folder.path().join("round")), false),
            (folder.path().to_path_buf(), false),
            (folder.path().join("none"), false),
            (PathBuf::from("/dev/fd"), false),
        ] {
            assert_eq!(is_no_file(&path), expected, "{}", path.display());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn shared_memory_holds_files() {
        let file = tempfile::NamedTempFile::new_in("/dev/shm").unwrap();
        assert!(!is_no_file(file.path()));
    }
}
