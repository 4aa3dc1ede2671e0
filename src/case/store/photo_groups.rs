//! The photo groups of the latest run, so that a decision on one needs no linking.
//!
//! Only ids and the images of each: what else is known of a group follows from the run. The trap: a group is named after
//! its first image, so one that lost an image to a withdrawal goes as a whole, with its name.

use super::codec::exactly;
use super::open::Case;
use crate::corpus::ShortId;
use crate::error::{CaseError, Result};
use crate::record::ImageId;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

impl Case {
    /// The images of a photo group of the latest run, sorted; none for one that the run did not find, or without a run.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] for a digest that is none.
    pub fn photo_group(&self, id: &ShortId) -> Result<Vec<ImageId>> {
        self.in_case(|db| {
            let mut select = db.prepare(
                "SELECT sha256 FROM photo_group JOIN content ON content.id = content WHERE photo = ?1 ORDER BY sha256",
            )?;
            let mut rows = select.query([id])?;
            let mut images = Vec::new();
            while let Some(row) = rows.next()? {
                let digest = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                images.push(ImageId(exactly(digest, "a SHA-256")?));
            }
            Ok(images)
        })
    }
}

/// Keeps the groups of a run in place of those of the run before; what is there already is not written again.
pub(super) fn keep(db: &Connection, photos: &[(ShortId, Vec<ImageId>)]) -> Result<(), CaseError> {
    let mut now = BTreeSet::new();
    let mut content = db.prepare("SELECT id FROM content WHERE sha256 = ?1")?;
    for (photo, images) in photos {
        for image in images {
            let row: Option<i64> = content.query_row([image.0], |row| row.get(0)).optional()?;
            now.extend(row.map(|row| (photo.to_vec(), row)));
        }
    }
    let mut select = db.prepare("SELECT photo, content FROM photo_group")?;
    let before: BTreeSet<(Vec<u8>, i64)> =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut delete = db.prepare("DELETE FROM photo_group WHERE photo = ?1 AND content = ?2")?;
    for (photo, content) in before.difference(&now) {
        delete.execute(params![photo, content])?;
    }
    let mut insert = db.prepare("INSERT INTO photo_group (photo, content) VALUES (?1, ?2)")?;
    for (photo, content) in now.difference(&before) {
        insert.execute(params![photo, content])?;
    }
    Ok(())
}

/// Forgets the groups that lost an image.
pub(in crate::case) fn forget(db: &Connection) -> Result<(), CaseError> {
    db.execute(
        "DELETE FROM photo_group WHERE photo IN \
         (SELECT photo FROM photo_group WHERE content NOT IN (SELECT id FROM content))",
        [],
    )?;
    Ok(())
}
