//! The ad, image, file or decision that an owner stands for, as far as what is left of the case can tell.
//!
//! Names are read from rows that may be forged themselves, so they are hints for a person. An ad goes by the name it was
//! sealed under. An image whose row is gone goes by the file that showed it.

use super::areas::Area;
use super::leaf::Name;
use crate::corpus::readable_bytes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// What the rows of `owner` are about; `sealed` is the name the ad was sealed under.
pub(super) fn about(db: &Connection, area: &Area, owner: i64, sealed: Option<&Name>) -> String {
    match area.table {
        "record" | "sighting" | "absent" | "mismatch" | "origin" => ad(db, owner, sealed),
        "content" | "feature" | "texture" | "laid" => image(db, owner),
        "file" => file(db, "file.id", owner).unwrap_or_else(|| format!("file {owner}")),
        "folder" => one(db, "SELECT path FROM folder WHERE id = ?1", owner)
            .unwrap_or_else(|| format!("folder {owner}")),
        "manifest" | "bad_record" => one(db, "SELECT shown FROM manifest WHERE id = ?1", owner)
            .map_or_else(|| format!("manifest {owner}"), |path| format!("manifest {path}")),
        "decision" => format!("decision {owner}"),
        "network_note" => format!("note {owner}"),
        "bank" => one(db, "SELECT name FROM bank WHERE id = ?1", owner)
            .map_or_else(|| format!("bank {owner}"), |name| format!("bank {name}")),
        "bank_version" => {
            let version =
                "SELECT 'version ' || version || ' of bank ' || name FROM bank_version WHERE id = ?1";
            one(db, version, owner).unwrap_or_else(|| format!("version {owner} of banks"))
        }
        "bank_entry" | "bank_text" => entry(db, owner),
        "meta" => "facts of the case".into(),
        _ => format!("keys that begin with {owner:04x}"),
    }
}

fn ad(db: &Connection, record: i64, sealed: Option<&Name>) -> String {
    if let Some((site, ad_id)) = sealed {
        return format!("ad {site}/{ad_id}");
    }
    one(db, "SELECT site || '/' || ad_id FROM record WHERE id = ?1", record)
        .map_or_else(|| format!("record {record}"), |name| format!("ad {name}"))
}

fn image(db: &Connection, content: i64) -> String {
    let digest = one(db, "SELECT lower(hex(sha256)) FROM content WHERE id = ?1", content);
    match (digest, file(db, "file.content", content)) {
        (Some(digest), Some(path)) => format!("image {digest} ({path})"),
        (Some(digest), None) => format!("image {digest}"),
        (None, Some(path)) => format!("image of {path}"),
        (None, None) => format!("image {content}"),
    }
}

fn entry(db: &Connection, id: i64) -> String {
    let bank = "SELECT name FROM bank JOIN bank_entry ON bank_entry.bank = bank.id WHERE bank_entry.id = ?1";
    one(db, bank, id).map_or_else(|| format!("entry {id}"), |bank| format!("entry {id} of bank {bank}"))
}

fn file(db: &Connection, column: &str, id: i64) -> Option<String> {
    let sql = format!(
        "SELECT folder.path, file.name FROM file LEFT JOIN folder ON folder.id = file.folder WHERE {column} = ?1"
    );
    let both = |row: &Row<'_>| Ok(format!("{}/{}", text(row.get_ref(0)?), text(row.get_ref(1)?)));
    db.query_row(&sql, [id], both).ok()
}

fn one(db: &Connection, sql: &str, id: i64) -> Option<String> {
    db.query_row(sql, [id], |row| Ok(text(row.get_ref(0)?))).ok().filter(|text| !text.is_empty())
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => readable_bytes(bytes),
        ValueRef::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}
