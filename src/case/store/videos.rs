//! How many entries of banks are of videos: those known by the MD5 of a file and by nothing else.

use super::open::Case;
use crate::error::Result;

impl Case {
    /// Counts them. Reads an index.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn count_videos(&self) -> Result<u64> {
        self.in_case(|db| {
            let count: i64 = db.query_row(
                "SELECT count(*) FROM bank_entry WHERE md5 IS NOT NULL AND pdq IS NULL AND sha1 IS NULL AND sha256 IS NULL",
                [],
                |row| row.get(0),
            )?;
            Ok(count.unsigned_abs())
        })
    }
}
