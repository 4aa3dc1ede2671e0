//! Pictures of posted ads, kept in a folder where the operator asks for it, so that pixels can be compared later.
//!
//! A picture is a file named by its SHA-256, written through before the commit that names it. The trap: nothing here is
//! ever removed, also when its ad is: `adlink withdraw` names the files that stay behind, and whoever runs it removes
//! them.

use crate::api::private_file;
use crate::error::{Error, Result};
use crate::ingest::KeptFile;
use crate::record::ImageId;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of them.
pub(crate) struct KeptPictures {
    folder: PathBuf,
}

impl KeptPictures {
    /// Makes the folder if there is none, for its owner only.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let open = || {
            private_folder(folder)?;
            fs::canonicalize(folder)
        };
        let folder = open().map_err(|error| Error::io("make", folder, error))?;
        Ok(Self { folder })
    }

    /// Keeps a picture; durable when this returns. One that is there already is not written again.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn keep(&self, id: &ImageId, format: &str, bytes: &[u8]) -> Result<KeptFile> {
        let name = id.to_string();
        let folder = self.folder.join(&name[..2]);
        let path = folder.join(format!("{name}.{format}"));
        let keep = || {
            let whole =
                fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() == bytes.len() as u64);
            if !whole {
                private_folder(&folder)?;
                private_file::replace(&path, bytes)?;
            }
            KeptFile::at(path.clone())
        };
        keep().map_err(|error| Error::io("keep a picture as", &path, error))
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
