//! Local features in the case: 20 bytes a keypoint in a table of their own.
//!
//! A case has one limit, that of the last ingest with features, and all images are read out with as many keypoints:
//! any prefix of a set is what extraction with a smaller limit gives. So the history of a case leaves no trace: what
//! has more is cut when read, what has fewer is extracted again by that ingest. The trap: few keypoints may be all
//! that a picture has, or all that were asked for; the column `content.features` tells which.

use crate::corpus::StoredFeatures;
use crate::error::CaseError;
use crate::features::{Features, stored_keypoints};
use rusqlite::{Connection, OptionalExtension, params};

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
    let value: Option<String> =
        db.query_row("SELECT value FROM meta WHERE name = 'features'", [], |row| row.get(0)).optional()?;
    let number =
        |text: String| text.parse().map_err(|_| CaseError::Damaged(format!("`{text}` keypoints an image")));
    value.map(number).transpose()
}

/// Stores what extraction of up to `limit` keypoints gave, unless as many are there.
pub(super) fn store(db: &Connection, content: i64, found: &Features, limit: u16) -> Result<(), CaseError> {
    let known = if found.keypoints.len() < usize::from(limit) { ALL } else { limit };
    let more = db
        .prepare_cached("UPDATE content SET features = ?2 WHERE id = ?1 AND features <= ?2")?
        .execute(params![content, known])?;
    if more == 1 {
        db.prepare_cached("INSERT OR REPLACE INTO feature (content, bytes) VALUES (?1, ?2)")?
            .execute(params![content, found.to_bytes()])?;
    }
    Ok(())
}

/// The features of all contents that have an image row, cut to the limit of the case.
pub(super) fn load(
    db: &Connection,
    row_of: impl Fn(i64) -> Option<u32>,
) -> Result<StoredFeatures, CaseError> {
    let keypoints = limit(db)?.map_or(0, usize::from);
    let mut select = db.prepare("SELECT content, bytes FROM feature ORDER BY content")?;
    let mut rows = select.query([])?;
    let mut features = StoredFeatures::default();
    while let Some(row) = rows.next()? {
        let content = row.get(0)?;
        let Some(image) = row_of(content) else { continue };
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let stored = Features::from_bytes(bytes)
            .ok_or_else(|| CaseError::Damaged(format!("features of content {content}")))?;
        if stored_keypoints(bytes) > keypoints {
            features.put(image, &stored.prefix(keypoints).to_bytes());
        } else {
            features.put(image, bytes);
        }
    }
    Ok(features)
}
