//! Local features in the case: 20 bytes a keypoint in a table of their own, and what each block shows in another.
//!
//! A case has one limit, that of the last ingest with features, and all images are read out with as many keypoints:
//! any prefix of a set is what extraction with a smaller limit gives. So the history of a case leaves no trace: what
//! has more is cut when read, what has fewer is extracted again by that ingest. Of the usual number a large case reads
//! out fewer. The trap: few keypoints may be all that a picture has, or all that were asked for; the column
//! `content.features` tells which.

use crate::corpus::{ImageRow, StoredFeatures};
use crate::error::CaseError;
use crate::features::{Features, MANY, STORED, STORED_OF_MANY, joined, parted, stored_keypoints};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

/// In `content.features`: the picture has no more keypoints than are stored.
const ALL: u16 = u16::MAX;

pub(super) fn set_limit(db: &Connection, keypoints: u16) -> Result<(), CaseError> {
    db.execute(
        "INSERT OR REPLACE INTO meta (name, value) VALUES ('features', ?1)",
        params![keypoints.to_string()],
    )?;
    Ok(())
}

pub(in crate::case) fn limit(db: &Connection) -> Result<Option<u16>, CaseError> {
    let mut select = db.prepare_cached("SELECT value FROM meta WHERE name = 'features'")?;
    let value: Option<String> = select.query_row([], |row| row.get(0)).optional()?;
    let number =
        |text: String| text.parse().map_err(|_| CaseError::Damaged(format!("`{text}` keypoints an image")));
    value.map(number).transpose()
}

/// Keypoints an image is read out with: the limit, unless that is the usual one and there are many images. Counts up to
/// [`MANY`] rows, so it is asked once for all images.
pub(super) fn read_limit(db: &Connection) -> Result<Option<u16>, CaseError> {
    let limit = limit(db)?;
    if limit != Some(STORED as u16) {
        return Ok(limit);
    }
    let more = "SELECT EXISTS (SELECT 1 FROM content WHERE reason IS NULL LIMIT 1 OFFSET ?1)";
    let mut select = db.prepare_cached(more)?;
    let many: bool = select.query_row([MANY as i64], |row| row.get(0))?;
    Ok(Some(if many { STORED_OF_MANY } else { STORED } as u16))
}

/// Stores what extraction of up to `limit` keypoints gave, unless as many are there.
pub(super) fn store(db: &Connection, content: i64, found: &Features, limit: u16) -> Result<(), CaseError> {
    let known = if found.keypoints.len() < usize::from(limit) { ALL } else { limit };
    let more = db
        .prepare_cached("UPDATE content SET features = ?2 WHERE id = ?1 AND features <= ?2")?
        .execute(params![content, known])?;
    if more == 1 {
        let bytes = found.to_bytes();
        let (keypoints, blocks) = parted(&bytes);
        db.prepare_cached("INSERT OR REPLACE INTO feature (content, bytes) VALUES (?1, ?2)")?
            .execute(params![content, keypoints])?;
        db.prepare_cached("INSERT OR REPLACE INTO texture (content, blocks) VALUES (?1, ?2)")?
            .execute(params![content, blocks])?;
    }
    Ok(())
}

/// Hands on every content, or those of a list in JSON, with its features in their stored form.
pub(in crate::case) fn each(
    db: &Connection,
    only: Option<&str>,
    mut take: impl FnMut(i64, &[u8]) -> Result<(), CaseError>,
) -> Result<(), CaseError> {
    let listed = only.map_or("", |_| "WHERE feature.content IN (SELECT value FROM json_each(?1))");
    let mut select = db.prepare(&format!(
        "SELECT feature.content, bytes, coalesce(blocks, x'') FROM feature LEFT JOIN texture USING (content) \
         {listed} ORDER BY feature.content",
    ))?;
    let mut rows = select.query(params_from_iter(only))?;
    while let Some(row) = rows.next()? {
        let bytes = |column| -> Result<&[u8], CaseError> {
            Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)
        };
        take(row.get(0)?, &joined(bytes(1)?, bytes(2)?))?;
    }
    Ok(())
}

/// The features of one content, cut to so many keypoints; `None` where there are none.
pub(super) fn stored_of(
    db: &Connection,
    content: i64,
    keypoints: usize,
) -> Result<Option<Features>, CaseError> {
    let mut select = db.prepare_cached(
        "SELECT bytes, coalesce(blocks, x'') FROM feature LEFT JOIN texture USING (content) WHERE content = ?1",
    )?;
    let bytes: Option<(Vec<u8>, Vec<u8>)> =
        select.query_row([content], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((keypoint_bytes, blocks)) = bytes else { return Ok(None) };
    let stored = Features::from_bytes(&joined(&keypoint_bytes, &blocks))
        .ok_or_else(|| CaseError::Damaged(format!("features of content {content}")))?;
    Ok(Some(if stored.keypoints.len() > keypoints { stored.prefix(keypoints) } else { stored }))
}

/// The features of all contents, or of those listed, that have an image row, cut to what is read out.
pub(super) fn load(
    db: &Connection,
    only: Option<&str>,
    row_of: impl Fn(i64) -> Option<u32>,
) -> Result<StoredFeatures, CaseError> {
    let keypoints = read_limit(db)?.map_or(0, usize::from);
    let mut features = StoredFeatures::default();
    each(db, only, |content, bytes| {
        let Some(image) = row_of(content) else { return Ok(()) };
        let stored = Features::from_bytes(bytes)
            .ok_or_else(|| CaseError::Damaged(format!("features of content {content}")))?;
        if stored_keypoints(bytes) > keypoints {
            features.put(ImageRow(image), &stored.prefix(keypoints).to_bytes());
        } else {
            features.put(ImageRow(image), bytes);
        }
        Ok(())
    })?;
    Ok(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A case of so many images that can be used, and as many that cannot.
    fn read_out(images: usize, keypoints: u16) -> Option<u16> {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE meta (name PRIMARY KEY, value); CREATE TABLE content (id INTEGER PRIMARY KEY, reason)")
            .unwrap();
        let numbers = "WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 2 * ?1) \
                       INSERT INTO content (reason) SELECT CASE k % 2 WHEN 0 THEN 1 END FROM n";
        db.execute(numbers, params![images as i64]).unwrap();
        set_limit(&db, keypoints).unwrap();
        read_limit(&db).unwrap()
    }

    #[test]
    fn many_images_are_read_out_with_fewer_keypoints_unless_a_number_was_asked_for() {
        let (few, usual) = (STORED_OF_MANY as u16, STORED as u16);
        assert_eq!(read_out(MANY, usual), Some(usual));
        assert_eq!(read_out(MANY + 1, usual), Some(few));
        assert_eq!(read_out(MANY + 1, usual + 1), Some(usual + 1));
        assert_eq!(read_out(MANY + 1, 50), Some(50));
    }
}
