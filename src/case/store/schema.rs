//! Tables of the case, and how older files are brought up to date.
//!
//! `application_id` says that a file is ours, `user_version` which schema it has. A change of schema is a new
//! entry of [`STEPS`]; released entries are never edited, since files made by them exist.

use crate::error::CaseError;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// "adlk" in ASCII.
const APPLICATION_ID: i64 = 0x6164_6c6b;

/// Step `n` brings a case from version `n` to version `n + 1`.
const STEPS: &[&str] = &[VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6];

const VERSION_1: &str = "
-- What is known about some bytes, whatever they are called. `reason` set: no usable image, the rest is null.
CREATE TABLE content (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    sha1 BLOB NOT NULL,
    md5 BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    reason TEXT,
    detail TEXT,
    format TEXT,
    width INTEGER,
    height INTEGER,
    caveats TEXT,
    quality INTEGER,
    pdq BLOB,
    second BLOB,
    views BLOB
) STRICT;

-- Files by absolute path. Text where the name is Unicode, else its bytes.
CREATE TABLE folder (id INTEGER PRIMARY KEY, path ANY NOT NULL UNIQUE) STRICT;
-- `content` and `reason` both null: not read yet.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    folder INTEGER NOT NULL REFERENCES folder (id),
    name ANY NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    content INTEGER REFERENCES content (id),
    reason TEXT,
    detail TEXT,
    UNIQUE (folder, name)
) STRICT;
CREATE INDEX file_pending ON file (id) WHERE content IS NULL AND reason IS NULL;

-- Every distinct record ever read, without its images. Absent fields are empty text.
CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    site TEXT NOT NULL,
    ad_id TEXT NOT NULL,
    url TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    collected_at TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    phones TEXT NOT NULL,
    poster TEXT NOT NULL,
    location TEXT NOT NULL,
    category TEXT NOT NULL,
    kept TEXT NOT NULL
) STRICT;
-- Which file a record showed at which place, under which path.
CREATE TABLE sighting (
    record INTEGER NOT NULL REFERENCES record (id),
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file (id),
    PRIMARY KEY (record, position, path, file)
) STRICT, WITHOUT ROWID;
-- References for which no file was found.
CREATE TABLE absent (
    record INTEGER NOT NULL REFERENCES record (id),
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (record, position, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE manifest (id INTEGER PRIMARY KEY, path ANY NOT NULL UNIQUE, shown TEXT NOT NULL) STRICT;
CREATE TABLE bad_record (
    manifest INTEGER NOT NULL REFERENCES manifest (id),
    line INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (manifest, line, detail)
) STRICT, WITHOUT ROWID;

-- What was done; each digest covers the entry and the digest before it.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;

-- Facts about the file itself, such as who writes to it.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

const VERSION_2: &str = "
-- Local features of an image. Apart from `content`, which every start reads whole.
CREATE TABLE feature (
    content INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;
-- How many keypoints were asked for when they were last extracted; 65535 when the picture has no more than are stored,
-- 0 when nobody asked.
ALTER TABLE content ADD COLUMN features INTEGER NOT NULL DEFAULT 0;
CREATE INDEX content_features ON content (features) WHERE reason IS NULL;
-- 1: to be read though its content is known, because features are missing there. 2: it was, in vain.
ALTER TABLE file ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
DROP INDEX file_pending;
CREATE INDEX file_pending ON file (id) WHERE content IS NULL AND reason IS NULL OR again = 1;
CREATE INDEX file_content ON file (content);
-- What laying one image over another showed. It follows from the two contents alone, and is kept because it is dear
-- to find and originals do not stay. `a` has the smaller SHA-256. Empty: there was nothing to compare.
CREATE TABLE laid (
    a INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    b INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    result BLOB NOT NULL,
    PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;

-- Judgements of reviewers, never changed. `digest` covers all the rest, so that importing twice adds nothing.
CREATE TABLE decision (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    ruling TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL,
    shown TEXT NOT NULL
) STRICT;

-- What runs reported, as ids: a link (`network` is the ids of its two ads), or an ad in a network, from the first to
-- the last run that reported it; `last` is the largest number while the latest run does.
CREATE TABLE reported (
    id BLOB NOT NULL,
    network BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (id, network, first)
) STRICT, WITHOUT ROWID;

-- What was withdrawn and must not come back: keyed digests, which tell nothing to those who do not have the thing.
CREATE TABLE tombstone (
    digest BLOB PRIMARY KEY,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Which manifest or folder a record came from; unknown for records of version 1.
CREATE TABLE origin (
    record INTEGER NOT NULL REFERENCES record (id),
    manifest INTEGER NOT NULL REFERENCES manifest (id),
    PRIMARY KEY (record, manifest)
) STRICT, WITHOUT ROWID;
-- The end of the audit chain, so that a shortened one shows.
INSERT INTO meta (name, value) VALUES ('audit_head', coalesce(
    (SELECT number || ':' || lower(hex(digest)) FROM audit ORDER BY number DESC LIMIT 1), '0:' || printf('%064d', 0)));
";

const VERSION_3: &str = "
-- What a manifest says of an image's bytes and the file does not bear out.
CREATE TABLE mismatch (
    record INTEGER NOT NULL REFERENCES record (id),
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    manifest INTEGER NOT NULL REFERENCES manifest (id),
    line INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (record, position, path, manifest, line, detail)
) STRICT, WITHOUT ROWID;
";

const VERSION_4: &str = "
-- Digests of the rows of all other tables, as a tree: see `audit::seal`. `names`: sites and ids of ads, in JSON.
CREATE TABLE seal (
    id INTEGER PRIMARY KEY,
    digests BLOB NOT NULL,
    names TEXT NOT NULL
) STRICT;
-- When the file, as an entry of its folder, was last changed; 0 when nobody looked.
ALTER TABLE file ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
-- By what number each network is known, whichever run found it; no number is given twice.
CREATE TABLE network_number (
    network BLOB PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
-- What each block of an image with features shows. Apart from them, as two rows of those fill a page.
CREATE TABLE texture (
    content INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    blocks BLOB NOT NULL
) STRICT;
-- The photo groups that the latest run found, by the digits of their ids.
CREATE TABLE photo_group (
    photo BLOB NOT NULL,
    content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    PRIMARY KEY (photo, content)
) STRICT, WITHOUT ROWID;
";

const VERSION_5: &str = "
-- Named lists of hashes. The greatest id that an entry of any bank ever had stands in `meta`, as `bank.entries`.
CREATE TABLE bank (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    handling TEXT NOT NULL,
    expires TEXT NOT NULL,
    ratio REAL NOT NULL,
    version INTEGER NOT NULL
) STRICT;
-- What made each version of a bank. Stays when the bank goes, so that no id of one is given twice.
CREATE TABLE bank_version (
    id INTEGER PRIMARY KEY,
    bank INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX bank_version_bank ON bank_version (bank);
-- What matching needs of an entry, and no text: millions are read at every start.
CREATE TABLE bank_entry (
    id INTEGER PRIMARY KEY,
    bank INTEGER NOT NULL REFERENCES bank (id),
    pdq BLOB,
    quality INTEGER,
    md5 BLOB,
    sha1 BLOB,
    sha256 BLOB,
    disable_until INTEGER NOT NULL
) STRICT;
CREATE INDEX bank_entry_bank ON bank_entry (bank);
CREATE INDEX bank_entry_md5 ON bank_entry (md5) WHERE md5 IS NOT NULL;
CREATE INDEX bank_entry_sha1 ON bank_entry (sha1) WHERE sha1 IS NOT NULL;
CREATE INDEX bank_entry_sha256 ON bank_entry (sha256) WHERE sha256 IS NOT NULL;
-- What else an entry says, where it does.
CREATE TABLE bank_text (
    entry INTEGER PRIMARY KEY REFERENCES bank_entry (id) ON DELETE CASCADE,
    labels TEXT NOT NULL,
    note TEXT NOT NULL,
    outside_id TEXT NOT NULL,
    uri TEXT NOT NULL,
    metadata TEXT NOT NULL,
    raw TEXT NOT NULL
) STRICT;
";

const VERSION_6: &str = "
-- Names and notes of networks, never changed. `digest` covers what was said; `ads` are the ids of those that the
-- network had, eight bytes each, of which what is withdrawn or purged goes. `network`: the number it had.
CREATE TABLE network_note (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    network INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at TEXT NOT NULL,
    ads BLOB NOT NULL
) STRICT;
";

/// From this version on a case is sealed: what is migrated keeps its seal, so that what was changed before still shows.
pub(super) const SEALED: usize = 4;

/// Refuses what is not a case, or one from a newer adlink, or an older one that only a writer may migrate.
pub(super) fn check(connection: &Connection) -> Result<(), CaseError> {
    match identify(connection)? {
        Some(version) if version == STEPS.len() => as_made(connection, version),
        Some(_) => Err(CaseError::Damaged("format of an older adlink; open it once for writing".into())),
        None if is_empty(connection)? => Err(CaseError::Unfinished),
        None => Err(CaseError::NotACase),
    }
}

/// As [`check`], but lets pass what [`migrate`] can complete: an empty file, or an older version.
pub(super) fn check_or_empty(connection: &Connection) -> Result<(), CaseError> {
    match identify(connection)? {
        Some(version) => as_made(connection, version),
        None if is_empty(connection)? => Ok(()),
        None => Err(CaseError::NotACase),
    }
}

/// How a connection writes.
pub(super) fn set_up(connection: &Connection) -> Result<(), CaseError> {
    // Readers go on while a writer commits. Full: what was reported committed outlives a power cut.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What is deleted is overwritten with zeros at once; see `removal` for what else it takes.
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(())
}

/// Makes the tables, or brings them up to date, in a transaction of the caller. Returns the version there was, 0 for an
/// empty file.
pub(super) fn migrate(connection: &Connection) -> Result<usize, CaseError> {
    let version = identify(connection)?.unwrap_or(0);
    if version < STEPS.len() {
        let steps = STEPS[version..].concat();
        connection.execute_batch(&format!(
            "{steps} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {};",
            STEPS.len()
        ))?;
    }
    Ok(version)
}

/// The version that [`migrate`] brings a case to.
pub(super) const fn latest() -> usize {
    STEPS.len()
}

/// Type, name, table and text of everything in a schema.
type Objects = BTreeSet<[String; 4]>;

fn objects(connection: &Connection) -> Result<Objects, CaseError> {
    let mut select =
        connection.prepare("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema")?;
    let rows = select.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Refuses a file whose tables and indices are not, to the letter, those that adlink makes, or that has a trigger or a
/// view: SQL of a stranger would run in every command.
fn as_made(connection: &Connection, version: usize) -> Result<(), CaseError> {
    let made = Connection::open_in_memory()?;
    made.execute_batch(&STEPS[..version].concat())?;
    let (expected, found) = (objects(&made)?, objects(connection)?);
    let foreign =
        found.difference(&expected).map(|[kind, name, ..]| format!("{kind} `{name}` is not adlink's"));
    let missing = expected.difference(&found).map(|[kind, name, ..]| format!("{kind} `{name}` is not there"));
    match foreign.chain(missing).next() {
        Some(fault) => Err(CaseError::Foreign(fault)),
        None => Ok(()),
    }
}

/// The version of a case that this build knows, or `None` for a file that is not ours.
fn identify(connection: &Connection) -> Result<Option<usize>, CaseError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if pragma("application_id")? != APPLICATION_ID {
        return Ok(None);
    }
    let (found, supported) = (pragma("user_version")?, STEPS.len() as i64);
    if found < 1 {
        return Err(CaseError::Damaged(format!("format version {found}")));
    }
    if found > supported {
        return Err(CaseError::Version { found, supported });
    }
    Ok(Some(found as usize))
}

fn is_empty(connection: &Connection) -> Result<bool, CaseError> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0 && connection.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0))? == 0)
}
