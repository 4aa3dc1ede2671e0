//! What laying one image over another showed, kept because it is dear to find and originals do not stay: see [`PixelCheck`].
//!
//! The case knows pairs of images, or one image, and opaque bytes; who laid them decides what the bytes say.

use super::codec::exactly;
use super::open::Case;
use crate::case::audit::seal;
use crate::corpus::PixelCheck;
use crate::error::{CaseError, Error, Result};
use crate::record::ImageId;
use rusqlite::{Connection, params};

impl Case {
    /// All results, sorted by the two ids. Memory: some 80 bytes a pair and the results.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn pixel_checks(&self) -> Result<Vec<PixelCheck>> {
        self.in_case(|db| {
            let mut select = db.prepare(
                "SELECT first.sha256, second.sha256, result FROM laid JOIN content AS first ON first.id = a \
                 JOIN content AS second ON second.id = b",
            )?;
            let mut rows = select.query([])?;
            let mut laid = Vec::new();
            while let Some(row) = rows.next()? {
                let id = |column| -> Result<ImageId, CaseError> {
                    let bytes = row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?;
                    Ok(ImageId(exactly(bytes, "a SHA-256")?))
                };
                laid.push(PixelCheck { a: id(0)?, b: id(1)?, result: row.get(2)? });
            }
            laid.sort_unstable();
            Ok(laid)
        })
    }

    /// Keeps results, in place of older ones of the same pairs, all or none. Pairs of which an image is not in the
    /// case are passed over. The case must be open for writing.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a pair whose first id is the larger one.
    pub fn keep_pixel_checks(&mut self, laid: &[PixelCheck]) -> Result<()> {
        if let Some(wrong) = laid.iter().find(|one| one.a > one.b) {
            return Err(Error::Parameter {
                name: "laid",
                value: format!("{} and {}", wrong.a, wrong.b),
                expected: "the smaller id first".into(),
            });
        }
        self.in_case(|db| {
            let together = db.unchecked_transaction()?;
            laid.iter().try_for_each(|one| keep(&together, one))?;
            seal::leave_open(&together)?;
            Ok(together.commit()?)
        })
    }
}

fn keep(db: &Connection, laid: &PixelCheck) -> Result<(), CaseError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO laid (a, b, result) SELECT first.id, second.id, ?3 \
         FROM content AS first, content AS second WHERE first.sha256 = ?1 AND second.sha256 = ?2 \
         AND NOT EXISTS (SELECT 1 FROM laid WHERE a = first.id AND b = second.id AND result = ?3)",
    )?
    .execute(params![laid.a.0, laid.b.0, laid.result])?;
    Ok(())
}
