//! Notes as rows: appended with their audit entries, read in the order in which they were given, and forgotten.
//!
//! The chain holds the digest of what was said and nothing of it, as with decisions. The trap: an ad that goes leaves the
//! lists of all notes, and a note that names it goes whole.

use crate::case::audit;
use crate::case::store::clock;
use crate::case::store::codec::exactly;
use crate::corpus::{NetworkNote, NoteKind, ShortId, TIME, short_id};
use crate::error::CaseError;
use crate::record::{AdKey, ImageId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// All of them in the order in which they were given.
pub(in crate::case) fn load(db: &Connection) -> Result<Vec<NetworkNote>, CaseError> {
    Ok(numbered(db)?.into_iter().map(|(_, note)| note).collect())
}

fn numbered(db: &Connection) -> Result<Vec<(i64, NetworkNote)>, CaseError> {
    let mut select = db.prepare(
        "SELECT number, network, kind, body, reviewer, at, ads FROM network_note ORDER BY at, digest",
    )?;
    let mut rows = select.query([])?;
    let mut notes = Vec::new();
    while let Some(row) = rows.next()? {
        notes.push((row.get(0)?, note(row)?));
    }
    Ok(notes)
}

fn note(row: &Row<'_>) -> Result<NetworkNote, CaseError> {
    let (network, kind): (i64, String) = (row.get(1)?, row.get(2)?);
    let ads = row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?;
    let damaged = |what: String| CaseError::Damaged(format!("a note: {what}"));
    Ok(NetworkNote {
        kind: NoteKind::from_name(&kind).ok_or_else(|| damaged(format!("kind `{kind}`")))?,
        text: row.get(3)?,
        reviewer: row.get(4)?,
        at: row.get(5)?,
        network: u32::try_from(network).map_err(|_| damaged(format!("network {network}")))?,
        ads: ads.chunks(size_of::<ShortId>()).map(|id| exactly(id, "an ad")).collect::<Result<_, _>>()?,
    })
}

/// The note's number.
pub(super) fn append(db: &Connection, note: &NetworkNote) -> Result<u64, CaseError> {
    let at = time_for(db)?;
    let NetworkNote { kind, text, reviewer, network, ads, .. } = note;
    let ads = ads.concat();
    let digest = digest([kind.name(), text, reviewer, &at, &network.to_string()], &ads);
    db.execute(
        "INSERT INTO network_note (digest, network, kind, body, reviewer, at, ads) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![digest, network, kind.name(), text, reviewer, at, ads],
    )?;
    let number = db.last_insert_rowid().unsigned_abs();
    let detail = json!({
        "number": number,
        "sha256": ImageId(digest).to_string(),
        "kind": kind.name(),
        "network": network,
        "reviewer": reviewer,
    });
    audit::append(db, "network-note", &detail)?;
    Ok(number)
}

/// Now, or just after the last note if a clock put that later.
fn time_for(db: &Connection) -> Result<String, CaseError> {
    let last: Option<String> = db.query_row("SELECT max(at) FROM network_note", [], |row| row.get(0))?;
    let after = last
        .and_then(|at| at.parse::<Timestamp>().ok())
        .and_then(|at| at.checked_add(SignedDuration::from_micros(1)).ok());
    let now = clock::now()?;
    Ok(after.map_or(now, |after| now.max(after)).strftime(TIME).to_string())
}

fn digest(fields: [&str; 5], ads: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for bytes in fields.iter().map(|text| text.as_bytes()).chain([ads]) {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().into()
}

/// Takes ads that are gone from the lists of notes; removes those that name what is gone, or of which no ad is left,
/// and returns how many these are. `images` as 64 hex digits.
pub(in crate::case) fn forget(
    db: &Connection,
    ads: &BTreeSet<AdKey>,
    images: &BTreeSet<String>,
) -> Result<u64, CaseError> {
    let gone: BTreeMap<ShortId, &AdKey> = ads.iter().map(|key| (short_id(&[key]), key)).collect();
    let mut removed = 0;
    for (number, note) in numbered(db)? {
        let (lost, left): (Vec<ShortId>, Vec<ShortId>) =
            note.ads.iter().partition(|id| gone.contains_key(*id));
        let names_ad = || lost.iter().any(|id| says(&note.text, &gone[id].ad_id));
        let names_image = || words(&note.text).any(|word| images.contains(&word.to_lowercase()));
        if left.is_empty() || names_ad() || names_image() {
            removed += db.execute("DELETE FROM network_note WHERE number = ?1", [number])? as u64;
        } else if !lost.is_empty() {
            db.execute("UPDATE network_note SET ads = ?2 WHERE number = ?1", params![number, left.concat()])?;
        }
    }
    Ok(removed)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}

/// Whether a text has this in it, and not as a part of a longer word.
fn says(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let alone = |(at, _): (usize, &str)| {
        !joined(text[..at].chars().next_back()) && !joined(text[at + name.len()..].chars().next())
    };
    !name.is_empty() && text.match_indices(&name).any(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_as_a_word_of_its_own() {
        for (text, name) in [("ad L12 again", "l12"), ("(L12)", "L12"), ("x/1-2.", "1-2"), ("12", "12")] {
            assert!(says(text, name), "{text} {name}");
        }
        for (text, name) in [("L123", "L12"), ("XL12", "L12"), ("", "L12")] {
            assert!(!says(text, name), "{text} {name}");
        }
    }
}
