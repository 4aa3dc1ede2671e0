//! Taking things out of a case: withdrawal, which must hold for ever, and purge, which is retention.
//!
//! Both remove records, then everything that no record needs any more: files and their names, folders, images with
//! their hashes and features, what laying images over each other gave, decisions and notes that name what is gone, and
//! what runs reported of ads that are gone. A withdrawal leaves a tombstone (see [`Keyed`](super::Keyed)), so that the
//! thing cannot come back; a purge leaves nothing, so the same scrape may be ingested again. One transaction each, with
//! its audit entry, which says how much and never what. The trap: row ids of removed rows are used again, so nothing
//! may point to them.

pub(super) mod scrub;

use super::store::clock;
use super::store::codec::exactly;
use super::store::names::{restored, stored};
use super::store::{banks, keyed, photo_groups, runs};
use super::{Case, audit, notes};
use crate::error::{CaseError, Error, Result, SkipReason};
use crate::record::{AdKey, ImageId};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is to be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// An image by its bytes, wherever it was seen.
    Image(ImageId),
    /// An ad with all its records, and the images that no other ad shows.
    Ad(AdKey),
}

/// What a purge removes: records that fit *all* that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purge {
    /// Collected (posted, where that is all we know) before this ISO 8601 day or time. Records without any time stay.
    pub older_than: Option<String>,
    /// Of this site.
    pub site: Option<String>,
    /// Read from this manifest or folder and from no other.
    pub source: Option<PathBuf>,
}

/// How much was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemovalCounts {
    /// Records of ads.
    pub records: u64,
    /// Ads of which no record is left.
    pub ads: u64,
    /// Places where an image was seen.
    pub sightings: u64,
    /// Files: their paths, not the files themselves.
    pub files: u64,
    /// Images with all that was computed from them.
    pub images: u64,
    /// Decisions that named something removed.
    pub decisions: u64,
    /// Names and notes of networks that named something removed, or of which no ad is left.
    pub notes: u64,
    /// Entries of banks that named a withdrawn image by its SHA-256.
    pub entries: u64,
    /// False while a reader of the case keeps removed bytes alive in its log; the next writer completes it.
    pub overwritten: bool,
}

/// What came of a withdrawal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// How much was removed; all zero when the case had none of it. The tombstone is there all the same.
    pub removed: RemovalCounts,
    /// Files outside the case that held what was withdrawn, sorted. adlink does not touch them.
    pub originals: Vec<PathBuf>,
}

impl Case {
    /// Withdraws an image or an ad: see the module. `reason` goes to the audit chain as it is, so it must not name
    /// what it is about. Cost: the file is rewritten.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`], also when it was opened for reading.
    pub fn withdraw(&mut self, what: &Withdrawal, reason: &str) -> Result<Withdrawn> {
        self.withdraw_all(std::slice::from_ref(what), reason)
    }

    /// [`Case::withdraw`] of several things in one step, with one audit entry.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`], also when it was opened for reading.
    pub fn withdraw_all(&mut self, all: &[Withdrawal], reason: &str) -> Result<Withdrawn> {
        let mut withdrawn = self.remove(|db| {
            let mut gone = Leaving::new(db)?;
            let mut tombstones = Vec::new();
            let at = clock::now()?.strftime("%Y-%m-%d").to_string();
            for what in all {
                gone.withdraw(what)?;
                let digest = tombstone(db, what)?;
                db.execute(
                    "INSERT OR IGNORE INTO tombstone (digest, at) VALUES (?1, ?2)",
                    params![digest, at],
                )?;
                tombstones.push(ImageId(digest).to_string());
            }
            let done = gone.finish(None)?;
            let mut detail = counts(&done.removed);
            let ads = all.iter().any(|what| matches!(what, Withdrawal::Ad(_)));
            detail["withdrawn"] = if ads { "ad" } else { "image" }.into();
            detail["tombstones"] = tombstones.into();
            detail["reason"] = reason.into();
            Ok(Some((done, "withdraw", detail)))
        })?;
        withdrawn.originals.sort_unstable();
        Ok(withdrawn)
    }

    /// Whether something was withdrawn from this case, and stays out.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn is_withdrawn(&self, what: &Withdrawal) -> Result<bool> {
        self.in_case(|db| {
            let mut select = db.prepare_cached("SELECT 1 FROM tombstone WHERE digest = ?1")?;
            Ok(select.exists(params![tombstone(db, what)?])?)
        })
    }

    /// Removes records by age, site or source, and what only they needed. With `dry_run` nothing is removed and the
    /// counts are what would be.
    ///
    /// # Errors
    /// Those of writing to the case: [`Error::Case`], also when it was opened for reading.
    pub fn purge(&mut self, purge: &Purge, dry_run: bool) -> Result<RemovalCounts> {
        if *purge == Purge::default() {
            let expected = "an age, a site or a source: without any, everything would go".into();
            return Err(Error::Parameter { name: "purge", value: String::new(), expected });
        }
        let mut counted = RemovalCounts::default();
        let done = self.remove(|db| {
            let mut gone = Leaving::new(db)?;
            gone.purge(purge)?;
            let done = gone.finish(purge.site.as_deref())?;
            counted = done.removed;
            let mut detail = counts(&done.removed);
            detail["older_than"] = purge.older_than.clone().into();
            // A name would stay for ever; whoever has the case can still test one against this.
            let site = purge.site.as_ref().map(|site| -> Result<String, CaseError> {
                Ok(ImageId(keyed::keyed(db)?.digest("purged site", &[site.as_bytes()])).to_string())
            });
            detail["site_keyed"] = site.transpose()?.into();
            detail["by_source"] = purge.source.is_some().into();
            Ok((!dry_run).then_some((done, "purge", detail)))
        })?;
        Ok(if dry_run { counted } else { done.removed })
    }

    /// The image that a file held when it was read.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn image_at(&self, file: &Path) -> Result<Option<ImageId>> {
        Ok(self.file_records()?.into_iter().find(|record| record.path == file).map(|record| record.image))
    }

    /// How many records do not say which manifest they came from, because an older adlink read them.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`].
    pub fn records_without_source(&self) -> Result<u64> {
        self.in_case(|db| {
            let count = "SELECT count(*) FROM record WHERE id NOT IN (SELECT record FROM origin)";
            Ok(db.query_row(count, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
        })
    }

    /// One transaction around `work`, undone when it returns `None`; then the file is rewritten.
    fn remove(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<Option<(Withdrawn, &'static str, Value)>, CaseError>,
    ) -> Result<Withdrawn> {
        self.in_case(|db| {
            // SQLite would look through a whole table for every row removed; instead all references are checked once.
            db.pragma_update(None, "foreign_keys", "OFF")?;
            let done = self.remove_whole(db, work);
            db.pragma_update(None, "foreign_keys", "ON")?;
            let Some(mut done) = done? else { return Ok(Withdrawn::default()) };
            done.removed.overwritten = scrub::run(db)?;
            Ok(done)
        })
    }

    fn remove_whole(
        &self,
        db: &Connection,
        work: impl FnOnce(&Connection) -> Result<Option<(Withdrawn, &'static str, Value)>, CaseError>,
    ) -> Result<Option<Withdrawn>, CaseError> {
        let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        let Some((done, action, detail)) = work(&whole)? else { return Ok(None) };
        if whole.prepare("PRAGMA foreign_key_check")?.exists([])? {
            return Err(CaseError::Damaged("references between tables; run `adlink verify`".into()));
        }
        scrub::mark_due(&whole)?;
        audit::append(&whole, action, &self.signed(&detail))?;
        whole.commit()?;
        Ok(Some(done))
    }
}

fn tombstone(db: &Connection, what: &Withdrawal) -> Result<[u8; 32], CaseError> {
    let keyed = keyed::keyed(db)?;
    Ok(match what {
        Withdrawal::Image(id) => keyed.image_tombstone(id),
        Withdrawal::Ad(key) => keyed.ad_tombstone(key),
    })
}

fn counts(removed: &RemovalCounts) -> Value {
    json!({
        "records": removed.records,
        "ads": removed.ads,
        "sightings": removed.sightings,
        "files": removed.files,
        "images": removed.images,
        "decisions": removed.decisions,
        "notes": removed.notes,
        "entries": removed.entries,
    })
}

/// Mismatches tell digests of the file: they go before the sightings for which something holds, to be completed.
const FORGET_MISMATCHES: &str = "DELETE FROM mismatch WHERE (record, position, path) IN (SELECT record, position, path FROM sighting WHERE";

/// Forgets a file whose bytes were withdrawn; a content-free mark stays with the records that showed it.
pub(super) fn refuse(db: &Connection, file: i64) -> Result<(), CaseError> {
    let mut select = db.prepare_cached("SELECT DISTINCT record FROM sighting WHERE file = ?1")?;
    let records: Vec<i64> = select.query_map([file], |row| row.get(0))?.collect::<Result<_, _>>()?;
    db.execute(
        "INSERT OR IGNORE INTO absent SELECT record, position, '', ?2, '' FROM sighting WHERE file = ?1",
        params![file, SkipReason::Withdrawn.name()],
    )?;
    db.execute(&format!("{FORGET_MISMATCHES} file = ?1)"), [file])?;
    db.execute("DELETE FROM sighting WHERE file = ?1", [file])?;
    let folder: i64 =
        db.query_row("DELETE FROM file WHERE id = ?1 RETURNING folder", [file], |row| row.get(0))?;
    db.execute("DELETE FROM folder WHERE id = ?1 AND id NOT IN (SELECT folder FROM file)", [folder])?;
    for record in records.into_iter().filter_map(|record| shows_nothing(db, record).transpose()) {
        let record = record?;
        db.execute("DELETE FROM absent WHERE record = ?1", [record])?;
        db.execute("DELETE FROM origin WHERE record = ?1", [record])?;
        db.execute("DELETE FROM record WHERE id = ?1", [record])?;
    }
    Ok(())
}

/// The record, when it showed withdrawn images and nothing else: it was kept for its photos, and its id may be a file
/// name.
fn shows_nothing(db: &Connection, record: i64) -> Result<Option<i64>, CaseError> {
    let shows = "SELECT 1 FROM sighting WHERE record = ?1 \
                 UNION ALL SELECT 1 FROM absent WHERE record = ?1 AND reason <> 'WITHDRAWN'";
    Ok((!db.prepare_cached(shows)?.exists([record])?).then_some(record))
}

/// The records that go, and what goes with them.
struct Leaving<'d> {
    db: &'d Connection,
    done: Withdrawn,
    /// Images and ads that go even where the case shows them nowhere: decisions may wait for them.
    images: BTreeSet<String>,
    ads: BTreeSet<AdKey>,
}

impl<'d> Leaving<'d> {
    fn new(db: &'d Connection) -> Result<Self, CaseError> {
        db.execute_batch(
            "DROP TABLE IF EXISTS temp.gone; CREATE TEMP TABLE gone (record INTEGER PRIMARY KEY)",
        )?;
        Ok(Self { db, done: Withdrawn::default(), images: BTreeSet::new(), ads: BTreeSet::new() })
    }

    fn withdraw(&mut self, what: &Withdrawal) -> Result<(), CaseError> {
        match what {
            Withdrawal::Ad(key) => {
                let choose =
                    "INSERT OR IGNORE INTO gone SELECT id FROM record WHERE site = ?1 AND ad_id = ?2";
                self.db.execute(choose, params![key.site, key.ad_id])?;
                self.ads.insert(key.clone());
            }
            Withdrawal::Image(id) => {
                self.image(id)?;
                self.done.removed.entries += banks::forget(self.db, id)?;
                self.images.insert(id.to_string());
            }
        }
        self.records()?;
        let mut select = self.db.prepare(
            "SELECT folder.path, file.name FROM file JOIN folder ON folder.id = file.folder \
             WHERE file.id NOT IN (SELECT file FROM sighting)",
        )?;
        let paths = select.query_map([], |row| {
            Ok(Path::new(&restored(row.get_ref(0)?)?).join(restored(row.get_ref(1)?)?))
        })?;
        self.done.originals = paths.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Puts marks in place of sightings; records that showed nothing else go.
    fn image(&mut self, id: &ImageId) -> Result<(), CaseError> {
        let seen =
            "file IN (SELECT file.id FROM file JOIN content ON content.id = file.content WHERE sha256 = ?1)";
        self.db.execute(
            &format!("INSERT OR IGNORE INTO gone SELECT record FROM sighting WHERE {seen}"),
            params![id.0],
        )?;
        self.db.execute(
            &format!(
                "INSERT OR IGNORE INTO absent SELECT record, position, '', 'WITHDRAWN', '' FROM sighting WHERE {seen}"
            ),
            params![id.0],
        )?;
        self.db.execute(&format!("{FORGET_MISMATCHES} {seen})"), params![id.0])?;
        let removed = self.db.execute(&format!("DELETE FROM sighting WHERE {seen}"), params![id.0])?;
        self.done.removed.sightings += removed as u64;
        self.db.execute(
            "DELETE FROM gone WHERE record IN (SELECT record FROM sighting) \
             OR record IN (SELECT record FROM absent WHERE reason <> 'WITHDRAWN')",
            [],
        )?;
        Ok(())
    }

    fn purge(&mut self, purge: &Purge) -> Result<(), CaseError> {
        let source = purge.source.as_ref().map(|path| stored(path.as_os_str()));
        let from =
            "id IN (SELECT record FROM origin JOIN manifest ON manifest.id = manifest WHERE path = ?3)";
        self.db.execute(
            &format!(
                "INSERT INTO gone SELECT id FROM record WHERE (?2 IS NULL OR site = ?2) \
                 AND (?1 IS NULL OR coalesce(nullif(collected_at, ''), nullif(posted_at, ''), ?1) < ?1) \
                 AND (?3 IS NULL OR {from})"
            ),
            params![purge.older_than, purge.site, source],
        )?;
        if purge.source.is_some() {
            // Only this source is forgotten of records that another one gave, too.
            self.db.execute(
                "DELETE FROM origin WHERE manifest = (SELECT id FROM manifest WHERE path = ?1) \
                 AND record IN (SELECT record FROM gone)",
                params![source],
            )?;
            self.db.execute("DELETE FROM gone WHERE record IN (SELECT record FROM origin)", [])?;
        }
        if let Purge { older_than: None, site: None, source: Some(_) } = purge {
            let of = "manifest = (SELECT id FROM manifest WHERE path = ?1)";
            self.db.execute(&format!("DELETE FROM bad_record WHERE {of}"), params![source])?;
            self.db.execute(&format!("DELETE FROM mismatch WHERE {of}"), params![source])?;
            self.db.execute("DELETE FROM manifest WHERE path = ?1", params![source])?;
        }
        self.records()
    }

    /// Removes the chosen records with all that stands by them.
    fn records(&mut self) -> Result<(), CaseError> {
        for table in ["sighting", "absent", "origin", "mismatch"] {
            let removed = self
                .db
                .execute(&format!("DELETE FROM {table} WHERE record IN (SELECT record FROM gone)"), [])?;
            if table == "sighting" {
                self.done.removed.sightings += removed as u64;
            }
        }
        Ok(())
    }

    /// Removes what nothing needs any more, and decisions and reports about it, or about anything of `site`.
    fn finish(mut self, site: Option<&str>) -> Result<Withdrawn, CaseError> {
        let mut ads = self.ads()?;
        let removed = &mut self.done.removed;
        let delete = |sql: &str| self.db.execute(sql, []).map(|rows| rows as u64);
        removed.ads = ads.len() as u64;
        removed.records = delete("DELETE FROM record WHERE id IN (SELECT record FROM gone)")?;
        removed.files = delete("DELETE FROM file WHERE id NOT IN (SELECT file FROM sighting)")?;
        delete("DELETE FROM folder WHERE id NOT IN (SELECT folder FROM file)")?;
        let unused = "id NOT IN (SELECT content FROM file WHERE content IS NOT NULL)";
        let mut select = self.db.prepare(&format!("SELECT sha256 FROM content WHERE {unused}"))?;
        let images = &mut self.images;
        for digest in select.query_map([], |row| row.get::<_, Vec<u8>>(0))? {
            images.insert(ImageId(exactly(&digest?, "a SHA-256")?).to_string());
        }
        removed.images = delete(&format!("DELETE FROM content WHERE {unused}"))?;
        let lost = "NOT IN (SELECT id FROM content)";
        delete(&format!("DELETE FROM feature WHERE content {lost}"))?;
        delete(&format!("DELETE FROM texture WHERE content {lost}"))?;
        delete(&format!("DELETE FROM laid WHERE a {lost} OR b {lost}"))?;
        delete("DROP TABLE temp.gone")?;
        ads.append(&mut self.ads);
        photo_groups::forget(self.db)?;
        runs::forget(self.db, &ads)?;
        removed.notes = notes::forget(self.db, &ads, images)?;
        for number in decisions_about(self.db, images, &ads, site)? {
            removed.decisions += self.db.execute("DELETE FROM decision WHERE number = ?1", [number])? as u64;
        }
        drop(select);
        Ok(self.done)
    }

    /// Ads of which every record goes.
    fn ads(&self) -> Result<BTreeSet<AdKey>, CaseError> {
        let mut select = self.db.prepare(
            "SELECT site, ad_id FROM record WHERE id IN (SELECT record FROM gone) \
             EXCEPT SELECT site, ad_id FROM record WHERE id NOT IN (SELECT record FROM gone)",
        )?;
        let keys = select.query_map([], |row| Ok(AdKey { site: row.get(0)?, ad_id: row.get(1)? }))?;
        Ok(keys.collect::<Result<_, _>>()?)
    }
}

/// Numbers of the decisions whose subject names one of these images or ads. A subject is JSON: see
/// [`Subject`](crate::record::Subject).
fn decisions_about(
    db: &Connection,
    images: &BTreeSet<String>,
    ads: &BTreeSet<AdKey>,
    site: Option<&str>,
) -> Result<Vec<i64>, CaseError> {
    let mut select = db.prepare("SELECT number, subject FROM decision")?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let subject: Value = serde_json::from_str(&row.get::<_, String>(1)?)
            .map_err(|_| CaseError::Damaged("the subject of a decision".into()))?;
        let named = [&subject["pair"], &subject["photo"]].into_iter().filter_map(Value::as_array).flatten();
        let text = |name: &str| subject["ad"][name].as_str().unwrap_or_default().to_string();
        let ad = AdKey { site: text("site"), ad_id: text("ad_id") };
        let of_site = site.is_some_and(|site| ad.site == site) && subject["ad"].is_object();
        if of_site || ads.contains(&ad) || named.filter_map(Value::as_str).any(|id| images.contains(id)) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}
