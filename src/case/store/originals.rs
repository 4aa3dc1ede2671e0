//! Where the bytes of an image were last seen, for those who want to look at pixels.
//!
//! Only paths: whether a file is still there, and still has these bytes, is known to whoever opens it and digests what
//! it reads. Several files may hold one image; any of them will do.

use super::names::{restored, stored};
use super::open::Case;
use crate::corpus::{ImageRow, Originals, Snapshot};
use crate::error::Result;
use crate::record::{Image, ImageId};
use rusqlite::params;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

impl Case {
    /// Absolute paths of the files that held an image when they were last read, sorted; none for an unknown image.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn originals(&self, image: &ImageId) -> Result<Vec<PathBuf>> {
        self.in_case(|db| {
            let mut select = db.prepare_cached(
                "SELECT folder.path, file.name FROM content JOIN file ON file.content = content.id \
                 JOIN folder ON folder.id = file.folder WHERE sha256 = ?1",
            )?;
            let rows = select.query_map(params![image.0], |row| {
                Ok(Path::new(&restored(row.get_ref(0)?)?).join(restored(row.get_ref(1)?)?))
            })?;
            let mut paths = rows.collect::<Result<Vec<_>, _>>()?;
            paths.sort_unstable();
            Ok(paths)
        })
    }

    /// Whether an absolute path is that of a file, a manifest or an input folder that was ever read into the case.
    ///
    /// # Errors
    /// [`CaseError`](crate::error::CaseError) when the tables cannot be read.
    pub fn knows_path(&self, path: &Path) -> Result<bool> {
        let stored_text = |part: Option<&OsStr>| stored(part.unwrap_or_default());
        let parts = params![
            stored_text(path.parent().map(Path::as_os_str)),
            stored_text(path.file_name()),
            stored(path.as_os_str())
        ];
        self.in_case(|db| {
            let mut select = db.prepare(
                "SELECT 1 FROM file JOIN folder ON folder.id = file.folder WHERE folder.path = ?1 AND file.name = ?2 \
                 UNION ALL SELECT 1 FROM manifest WHERE path = ?3",
            )?;
            Ok(select.exists(parts)?)
        })
    }

    /// [`Case::originals`] of all images of a snapshot at once.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn all_originals(&self, snapshot: &Snapshot) -> Result<Originals> {
        self.in_case(|db| {
            let mut originals = Originals::default();
            let mut place_of: HashMap<i64, u32> = HashMap::new();
            let mut select = db.prepare(
                "SELECT sha256, folder.id, folder.path, file.name FROM file JOIN content ON content.id = file.content \
                 JOIN folder ON folder.id = file.folder WHERE content.reason IS NULL",
            )?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let id = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                let known = snapshot.images.binary_search_by(|image: &Image| image.id().0.as_slice().cmp(id));
                let Ok(image) = known else { continue };
                let folder = match place_of.entry(row.get(1)?) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => {
                        let path = restored(row.get_ref(2)?).map_err(rusqlite::Error::from)?;
                        *new.insert(originals.add_folder(path.into()))
                    }
                };
                let name = restored(row.get_ref(3)?).map_err(rusqlite::Error::from)?;
                originals.add_file(ImageRow(image as u32), folder, name);
            }
            originals.sort();
            Ok(originals)
        })
    }
}
