//! Everything that writes: records, sightings, files, contents, in transactions that end often.
//!
//! Only whole facts are committed: a file is either pending (named, not read) or has its outcome, so a process
//! killed at any moment leaves a case from which the same ingest goes on. All inserts are into sets; inserting
//! what is there already changes nothing and says so.

use super::codec::{exactly, pdq_from, reason};
use super::connection::{case_error, connect};
use super::features;
use super::keyed::Tombstones;
use super::names::{restored, stored};
use super::open::Case;
use crate::analysis::Analysed;
use crate::case::audit::{self, seal};
use crate::case::removal;
use crate::error::{CaseError, ImageError, Result, SkipReason};
use crate::hash::{Pdq, pdq_bytes, views_bytes};
use crate::record::{Ad, Digests, Image, ImageId};
use crate::source::Stamp;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const COUNT_PENDING: &str = "SELECT count(*) FROM file WHERE content IS NULL AND reason IS NULL OR again = 1";

/// Values of `file.again`: the file waits although its content is known; it did, and could not be read.
const AGAIN: i64 = 1;
const IN_VAIN: i64 = 2;

/// Changes and time after which a transaction ends: what a kill can cost.
const BATCH: u32 = 4096;
const PERIOD: Duration = Duration::from_secs(2);

impl Case {
    /// Number of files that wait to be read because a run was stopped.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn pending_files(&self) -> Result<u64> {
        self.in_case(|db| Ok(db.query_row(COUNT_PENDING, [], |row| row.get::<_, i64>(0))?.unsigned_abs()))
    }
}

/// The folder of images that have no file: no absolute path is like it.
pub(super) const HASHES: &str = "hash:";

/// A record's row, and whether it was new.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordRow {
    pub(crate) id: i64,
    pub(crate) new: bool,
}

/// A file's row, and whether it has to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileState {
    pub(crate) id: i64,
    pub(crate) pending: bool,
}

/// A file that waits to be read.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) id: i64,
    pub(crate) path: PathBuf,
}

/// What reading a file gave.
#[derive(Debug)]
pub(crate) enum Read {
    /// These bytes, whose analysis is in the case.
    Content(ImageId),
    /// No bytes at all.
    Failed(ImageError),
}

/// Appends to a case. Dropping it without [`Writer::commit`] forgets what was not committed yet.
#[derive(Debug)]
pub(crate) struct Writer<'c> {
    case: &'c Case,
    changes: u32,
    since: Instant,
    /// The folder of the last file: manifests name files of one folder after the other.
    folder: Option<(PathBuf, i64)>,
    /// Keypoints wanted of every image; 0 leaves features alone.
    keypoints: u16,
}

impl<'c> Writer<'c> {
    /// Starts writing. The case must have been opened for writing.
    pub(crate) fn begin(case: &'c Case) -> Result<Self> {
        debug_assert!(case.lock.is_some(), "opened for writing");
        let writer = Self { case, changes: 0, since: Instant::now(), folder: None, keypoints: 0 };
        writer.run(|db| {
            seal::keep_in_memory(db, true)?;
            Ok(db.execute_batch("BEGIN IMMEDIATE")?)
        })?;
        Ok(writer)
    }

    /// From now on every image is to have this many keypoints, if it has so many: files of the case whose content has
    /// fewer wait to be read again, and their number is returned. What is known of them stays until then. Those that
    /// could not be read the last time are left in peace until a manifest names them.
    pub(crate) fn want_features(&mut self, keypoints: u16) -> Result<u64> {
        self.keypoints = keypoints;
        self.run(|db| {
            features::set_limit(db, keypoints)?;
            let waiting = db.execute(
                "UPDATE file SET again = ?1 WHERE again = 0 AND content IN \
                 (SELECT id FROM content WHERE reason IS NULL AND features < ?2)",
                params![AGAIN, keypoints],
            )?;
            Ok(waiting as u64)
        })
    }

    /// Makes everything so far durable and goes on.
    pub(crate) fn commit(&mut self) -> Result<()> {
        self.run(|db| {
            seal::leave_open(db)?;
            Ok(db.execute_batch("COMMIT; BEGIN IMMEDIATE")?)
        })?;
        self.changes = 0;
        self.since = Instant::now();
        Ok(())
    }

    /// Commits when enough has gathered; true when it did. `weight` is what the last step counts for.
    pub(crate) fn step(&mut self, weight: u32) -> Result<bool> {
        self.changes += weight;
        let due = self.changes >= BATCH || self.since.elapsed() >= PERIOD;
        if due {
            self.commit()?;
        }
        Ok(due)
    }

    /// Adds a record unless it is there.
    pub(crate) fn record(&self, ad: &Ad) -> Result<RecordRow> {
        let digest = record_digest(ad);
        self.run(|db| {
            let mut insert = db.prepare_cached(
                "INSERT OR IGNORE INTO record (digest, site, ad_id, url, posted_at, collected_at, title, body, \
                 phones, poster, location, category, kept) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?;
            let added = insert.execute(params![
                digest, ad.key.site, ad.key.ad_id, ad.url, ad.posted_at, ad.collected_at, ad.title, ad.text,
                ad.phones.join("\n"), ad.poster, ad.location, ad.category, ad.kept
            ])?;
            if added == 1 {
                return Ok(RecordRow { id: db.last_insert_rowid(), new: true });
            }
            let id = db
                .prepare_cached("SELECT id FROM record WHERE digest = ?1")?
                .query_row(params![digest], |row| row.get(0))?;
            Ok(RecordRow { id, new: false })
        })
    }

    /// Notes that a record shows a file; true when that was new.
    pub(crate) fn sighting(&self, record: i64, position: u32, path: &str, file: i64) -> Result<bool> {
        self.insert("INSERT OR IGNORE INTO sighting VALUES (?1, ?2, ?3, ?4)", |mut insert| {
            insert.execute(params![record, position, path, file])
        })
    }

    /// Notes that a record names an image for which there is no file; true when that was new.
    pub(crate) fn absent(&self, record: i64, position: u32, path: &str, why: &ImageError) -> Result<bool> {
        self.insert("INSERT OR IGNORE INTO absent VALUES (?1, ?2, ?3, ?4, ?5)", |mut insert| {
            insert.execute(params![record, position, path, why.reason.name(), why.detail])
        })
    }

    /// The row of the file at an absolute path. A changed file becomes pending; so does any when `again`, and one
    /// of which no bytes could be had, since trying again is cheap and permissions leave no trace in the stamp.
    pub(crate) fn file(&mut self, path: &Path, stamp: Stamp, again: bool) -> Result<FileState> {
        let folder = self.folder_row(path.parent().unwrap_or(Path::new("")))?;
        let name = stored(path.file_name().unwrap_or_default());
        self.run(|db| {
            let known = db
                .prepare_cached(
                    "SELECT id, size, modified, inode, changed, content IS NOT NULL, again FROM file \
                     WHERE folder = ?1 AND name = ?2",
                )?
                .query_row(params![folder, name], |row| {
                    let stamp = Stamp {
                        size: row.get(1)?,
                        modified: row.get(2)?,
                        inode: row.get(3)?,
                        changed: row.get(4)?,
                    };
                    Ok((row.get::<_, i64>(0)?, stamp, row.get::<_, bool>(5)?, row.get::<_, i64>(6)?))
                })
                .optional()?;
            match known {
                Some((id, old, true, waits)) if stamp.is_still(&old) && !again => {
                    let retry = waits == IN_VAIN && self.keypoints > 0;
                    if retry {
                        db.prepare_cached("UPDATE file SET again = ?2 WHERE id = ?1")?
                            .execute(params![id, AGAIN])?;
                    }
                    Ok(FileState { id, pending: retry || waits == AGAIN })
                }
                Some((id, ..)) => {
                    db.prepare_cached(
                        "UPDATE file SET content = NULL, reason = NULL, detail = NULL, again = 0 WHERE id = ?1",
                    )?
                    .execute(params![id])?;
                    Ok(FileState { id, pending: true })
                }
                None => {
                    db.prepare_cached(
                        "INSERT INTO file (folder, name, size, modified, inode, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        folder,
                        name,
                        stamp.size,
                        stamp.modified,
                        stamp.inode,
 stamp.changed
                    ])?;
                    Ok(FileState { id: db.last_insert_rowid(), pending: true })
                }
            }
        })
    }

    /// The row of a manifest; forgets the bad records and mismatches it had when `forget`, since it is about to be read again.
    pub(crate) fn manifest(&self, path: &Path, shown: &str, forget: bool) -> Result<i64> {
        let path = stored(path.as_os_str());
        self.run(|db| {
            db.execute(
                "INSERT INTO manifest (path, shown) VALUES (?1, ?2) ON CONFLICT (path) DO UPDATE SET shown = ?2",
                params![path, shown],
            )?;
            let id = db.query_row("SELECT id FROM manifest WHERE path = ?1", params![path], |row| row.get(0))?;
            if forget {
                db.execute("DELETE FROM bad_record WHERE manifest = ?1", params![id])?;
                db.execute("DELETE FROM mismatch WHERE manifest = ?1", params![id])?;
            }
            Ok(id)
        })
    }

    /// Notes which manifest a record came from.
    pub(crate) fn origin(&self, record: i64, manifest: i64) -> Result<()> {
        self.insert("INSERT OR IGNORE INTO origin VALUES (?1, ?2)", |mut insert| {
            insert.execute(params![record, manifest])
        })
        .map(drop)
    }

    /// What must not come back.
    pub(crate) fn tombstones(&self) -> Result<Tombstones> {
        self.run(Tombstones::load)
    }

    /// Forgets a file whose bytes were withdrawn, and where it was seen.
    pub(crate) fn refuse(&self, file: i64) -> Result<()> {
        self.run(|db| removal::refuse(db, file))
    }

    /// Notes a line that is no record.
    pub(crate) fn bad_record(&self, manifest: i64, line: u64, detail: &str) -> Result<()> {
        self.insert("INSERT OR IGNORE INTO bad_record VALUES (?1, ?2, ?3)", |mut insert| {
            insert.execute(params![manifest, line.cast_signed(), detail])
        })
        .map(drop)
    }

    /// Notes that a manifest's line says of an image what its file does not bear out.
    pub(crate) fn mismatch(
        &self,
        record: i64,
        position: u32,
        path: &str,
        manifest: i64,
        line: u64,
        detail: &str,
    ) -> Result<()> {
        self.insert("INSERT OR IGNORE INTO mismatch VALUES (?1, ?2, ?3, ?4, ?5, ?6)", |mut insert| {
            insert.execute(params![record, position, path, manifest, line.cast_signed(), detail])
        })
        .map(drop)
    }

    /// Digest of a file that was read, and its PDQ where it is a usable image; `None` when no bytes could be had.
    pub(crate) fn content_of(&self, file: i64) -> Result<Option<(ImageId, Option<Pdq>)>> {
        self.run(|db| {
            let mut select = db.prepare_cached(
                "SELECT sha256, pdq, quality FROM content WHERE id = (SELECT content FROM file WHERE id = ?1)",
            )?;
            let mut rows = select.query(params![file])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let blob = |column| Ok::<_, CaseError>(row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?);
            let sha256 = ImageId(exactly(blob(0)?.unwrap_or_default(), "a SHA-256")?);
            let pdq = blob(1)?.map(|bytes| pdq_from(bytes, row.get(2)?)).transpose()?;
            Ok(Some((sha256, pdq)))
        })
    }

    /// Notes in the audit chain what was done.
    pub(crate) fn note(&self, action: &str, detail: &serde_json::Value) -> Result<()> {
        let detail = self.case.signed(detail);
        self.run(|db| audit::append(db, action, &detail))
    }

    /// How many files wait to be read.
    pub(crate) fn count_pending(&self) -> Result<u64> {
        self.run(|db| Ok(db.query_row(COUNT_PENDING, [], |row| row.get::<_, i64>(0))?.unsigned_abs()))
    }

    /// The next files to be read, with rows after `after`, in order.
    pub(crate) fn pending(&self, after: i64, limit: u32) -> Result<Vec<Pending>> {
        self.run(|db| {
            let mut select = db.prepare_cached(
                "SELECT file.id, folder.path, file.name FROM file JOIN folder ON folder.id = file.folder \
                 WHERE (content IS NULL AND reason IS NULL OR again = 1) AND file.id > ?1 ORDER BY file.id LIMIT ?2",
            )?;
            let rows = select.query_map(params![after, limit], |row| {
                let path = PathBuf::from(restored(row.get_ref(1)?)?).join(restored(row.get_ref(2)?)?);
                Ok(Pending { id: row.get(0)?, path })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Stores what is known about some bytes, in place of what was known before; of features, the larger set.
    pub(crate) fn content(&self, content: &Analysed) -> Result<()> {
        let (image, fault) = match &content.outcome {
            Ok(image) => (Some(image), None),
            Err(fault) => (None, Some(fault)),
        };
        let Digests { md5, sha1, sha256 } = &content.digests;
        self.run(|db| {
            let mut insert = db.prepare_cached(
                "INSERT INTO content (sha256, sha1, md5, bytes, reason, detail, format, width, height, caveats, \
                 quality, pdq, second, views) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
                 ON CONFLICT (sha256) DO UPDATE SET sha1 = ?2, md5 = ?3, bytes = ?4, reason = ?5, detail = ?6, format = ?7, width = ?8, height = ?9, \
                 caveats = ?10, quality = ?11, pdq = ?12, second = ?13, views = ?14 RETURNING id",
            )?;
            let values = params![
                sha256.0,
                sha1,
                md5,
                content.bytes.cast_signed(),
                fault.map(|fault| fault.reason.name()),
                fault.map(|fault| &fault.detail),
                image.map(|image| &image.format),
                image.map(|image| image.width),
                image.map(|image| image.height),
                image.map(|image| image.caveats.names().join(" ")),
                image.map(|image| image.pdq.quality.get()),
                image.map(|image| pdq_bytes(&image.pdq)),
                image.and_then(|image| image.second).map(|hash| hash.to_bytes()),
                image.map(|image| views_bytes(&image.views)).filter(|views| !views.is_empty()),
            ];
            let row = insert.query_row(values, |row| row.get(0))?;
            content.features.iter().try_for_each(|found| features::store(db, row, found, self.keypoints))
        })
    }

    /// Notes that a record shows an image of which only the hash is known; true when that was new. What was read of an
    /// image with this id stays, and whoever reads it later replaces this.
    pub(crate) fn hash_only(
        &mut self,
        record: i64,
        position: u32,
        path: &str,
        image: &Image,
    ) -> Result<bool> {
        let file = self.hash_file(image)?;
        self.sighting(record, position, path, file)
    }

    /// The file row of an image of which only the hash is known.
    pub(crate) fn hash_file(&mut self, image: &Image) -> Result<i64> {
        let Digests { md5, sha1, sha256 } = &image.digests;
        self.run(|db| {
            // The smaller of two hashes that are claimed of one digest: whatever the order they come in.
            db.prepare_cached(
                "INSERT INTO content (sha256, sha1, md5, bytes, format, width, height, caveats, quality, pdq, features) \
                 VALUES (?1, ?2, ?3, 0, ?4, 0, 0, ?5, ?6, ?7, 65535) ON CONFLICT (sha256) DO UPDATE \
                 SET quality = excluded.quality, pdq = excluded.pdq, sha1 = excluded.sha1, md5 = excluded.md5 \
                 WHERE bytes = 0 AND (excluded.pdq, excluded.quality, excluded.sha1, excluded.md5) < (pdq, quality, sha1, md5)",
            )?
            .execute(params![
                sha256.0,
                sha1,
                md5,
                image.format,
                image.caveats.names().join(" "),
                image.pdq.quality.get(),
                pdq_bytes(&image.pdq)
            ])?;
            Ok(())
        })?;
        self.fileless(sha256)
    }

    /// The file row of a content that came without a file: it is named by its digest, in a folder that no path is like.
    pub(crate) fn fileless(&mut self, id: &ImageId) -> Result<i64> {
        let folder = self.folder_row(Path::new(HASHES))?;
        self.run(|db| {
            let name = id.to_string();
            db.prepare_cached(
                "INSERT OR IGNORE INTO file (folder, name, size, modified, inode, content) \
                 SELECT ?1, ?2, 0, 0, 0, id FROM content WHERE sha256 = ?3",
            )?
            .execute(params![folder, name, id.0])?;
            Ok(db
                .prepare_cached("SELECT id FROM file WHERE folder = ?1 AND name = ?2")?
                .query_row(params![folder, name], |row| row.get::<_, i64>(0))?)
        })
    }

    /// The row of a file whose content is in the case already: it does not wait to be read.
    pub(crate) fn kept_file(&mut self, path: &Path, stamp: Stamp, id: &ImageId) -> Result<i64> {
        let file = self.file(path, stamp, false)?;
        if file.pending {
            self.read(file.id, Some(stamp), &Read::Content(*id))?;
        }
        Ok(file.id)
    }

    /// From now on features are stored with this many keypoints, the limit of the case: no file is read again for it.
    pub(crate) fn keep_features(&mut self, keypoints: u16) {
        self.keypoints = keypoints;
    }

    /// Whether the bytes with this digest were analysed before, and are an image.
    pub(crate) fn has_analysed(&self, id: &ImageId) -> Result<bool> {
        self.run(|db| {
            let mut select = db
                .prepare_cached("SELECT 1 FROM content WHERE sha256 = ?1 AND bytes > 0 AND reason IS NULL")?;
            Ok(select.exists(params![id.0])?)
        })
    }

    /// Ends a file's wait; false when its content is not in the case yet. `stamp` is that of the bytes read, which
    /// may differ from when the file was named. A file that was to be read again and is gone keeps its content.
    pub(crate) fn read(&self, file: i64, stamp: Option<Stamp>, read: &Read) -> Result<bool> {
        self.run(|db| {
            let (content, fault) = match read {
                Read::Failed(fault) => (None, Some(fault)),
                Read::Content(id) => {
                    let Some(row) = content_row(db, id)? else { return Ok(false) };
                    (Some(row), None)
                }
            };
            let kept = fault.is_some()
                && db
                    .prepare_cached("UPDATE file SET again = ?2 WHERE id = ?1 AND content IS NOT NULL")?
                    .execute(params![file, IN_VAIN])?
                    == 1;
            if kept {
                return Ok(true);
            }
            db.prepare_cached(
                "UPDATE file SET content = ?2, reason = ?3, detail = ?4, again = 0 WHERE id = ?1",
            )?
            .execute(params![
                file,
                content,
                fault.map(|fault| fault.reason.name()),
                fault.map(|fault| &fault.detail)
            ])?;
            if let Some(stamp) = stamp {
                db.prepare_cached(
                    "UPDATE file SET size = ?2, modified = ?3, inode = ?4, changed = ?5 WHERE id = ?1",
                )?
                .execute(params![
                    file,
                    stamp.size,
                    stamp.modified,
                    stamp.inode,
                    stamp.changed
                ])?;
            }
            Ok(true)
        })
    }

    /// The fault of a file that was read: its own, else that of its content; `None` when it is a usable image. A
    /// file that is not there any more was withdrawn.
    pub(crate) fn fault(&self, file: i64) -> Result<Option<SkipReason>> {
        self.run(|db| {
            let code: Option<Option<String>> = db
                .prepare_cached(
                    "SELECT coalesce(file.reason, content.reason) FROM file \
                     LEFT JOIN content ON content.id = file.content WHERE file.id = ?1",
                )?
                .query_row(params![file], |row| row.get(0))
                .optional()?;
            match code {
                None => Ok(Some(SkipReason::Withdrawn)),
                Some(code) => code.as_deref().map(reason).transpose(),
            }
        })
    }

    /// Every file that waits to be read, and how often it is shown. Reads all sightings.
    pub(crate) fn pending_shown(&self) -> Result<Vec<(i64, u64)>> {
        self.run(|db| {
            let mut select = db.prepare(
                "SELECT file, count(*) FROM sighting WHERE file IN \
                 (SELECT id FROM file WHERE content IS NULL AND reason IS NULL OR again = 1) GROUP BY file",
            )?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn folder_row(&mut self, path: &Path) -> Result<i64> {
        if let Some((last, id)) = &self.folder
            && last == path
        {
            return Ok(*id);
        }
        let value: Value = stored(path.as_os_str());
        let id = self.run(|db| {
            db.prepare_cached("INSERT OR IGNORE INTO folder (path) VALUES (?1)")?.execute(params![value])?;
            Ok(db
                .prepare_cached("SELECT id FROM folder WHERE path = ?1")?
                .query_row(params![value], |row| row.get(0))?)
        })?;
        self.folder = Some((path.to_path_buf(), id));
        Ok(id)
    }

    fn insert(
        &self,
        sql: &str,
        execute: impl FnOnce(CachedStatement<'_>) -> rusqlite::Result<usize>,
    ) -> Result<bool> {
        self.run(|db| Ok(execute(db.prepare_cached(sql)?)? == 1))
    }

    fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, CaseError>) -> Result<T> {
        self.case.in_case(work)
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        // Nothing is lost by a failure here: a transaction that was not committed never happened.
        let _ = self.case.connection.execute_batch("ROLLBACK");
        // Sorting a large case wants a file.
        let _ = seal::keep_in_memory(&self.case.connection, false);
    }
}

/// Asks whether some bytes are in the case, from other threads than the writer's. Sees what is committed.
#[derive(Debug)]
pub(crate) struct Lookup {
    connection: Connection,
    path: PathBuf,
}

impl Lookup {
    pub(crate) fn open(case: &Case) -> Result<Self> {
        let connection = connect(&case.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|source| case_error(&case.path, source))?;
        Ok(Self { connection, path: case.path.clone() })
    }

    /// Whether nothing is left to find out about some bytes: they are no image, or one with so many keypoints.
    pub(crate) fn contains(&self, id: &ImageId, keypoints: u16) -> Result<bool> {
        let find = || -> Result<bool, CaseError> {
            Ok(self
                .connection
                .prepare_cached(
                    "SELECT 1 FROM content WHERE sha256 = ?1 AND bytes > 0 AND (reason IS NOT NULL OR features >= ?2)",
                )?
                .exists(params![id.0, keypoints])?)
        };
        find().map_err(|source| case_error(&self.path, source))
    }
}

fn content_row(db: &Connection, id: &ImageId) -> Result<Option<i64>, CaseError> {
    Ok(db
        .prepare_cached("SELECT id FROM content WHERE sha256 = ?1")?
        .query_row(params![id.0], |row| row.get(0))
        .optional()?)
}

/// Identity of a record: every field, each behind its length so that no two records run together.
fn record_digest(ad: &Ad) -> [u8; 32] {
    let mut digest = Sha256::new();
    let fields = [
        &ad.key.site,
        &ad.key.ad_id,
        &ad.url,
        &ad.posted_at,
        &ad.collected_at,
        &ad.title,
        &ad.text,
        &ad.poster,
        &ad.location,
        &ad.category,
    ];
    for text in
        fields.into_iter().map(String::as_str).chain([&*ad.kept]).chain(ad.phones.iter().map(String::as_str))
    {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().into()
}
