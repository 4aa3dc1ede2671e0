//! From tables to a [`Snapshot`]: where records become ads and places get their order.
//!
//! The latest record of an ad decides, field by field; an empty field of a later record does not erase an
//! earlier one. Latest means by collection time, then posting time, then digest: never by time of arrival.

use super::codec::{caveats, exactly, hash_from, pdq_from, reason, views_from};
use super::{features, header_rows};
use crate::case::decisions::load as load_decisions;
use crate::case::notes::load as load_notes;
use crate::corpus::{SeenIn, Snapshot};
use crate::error::{CaseError, SkipReason};
use crate::record::{Ad, AdKey, Digests, Image, ImageId, Skipped};
use rusqlite::{Connection, Row, params_from_iter};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

type Loaded<T> = Result<T, CaseError>;

const NO_ROW: u32 = u32::MAX;

/// Reads all tables in one read transaction; that of features only when they are wanted.
pub(super) fn snapshot(db: &Connection, with_features: bool) -> Loaded<Snapshot> {
    let moment = db.unchecked_transaction()?;
    let (mut snapshot, contents) = tables(&moment, &ReadScope::default())?;
    if with_features {
        snapshot.features = features::load(&moment, None, |content| contents.row(content))?;
    }
    snapshot.skipped.extend(bad_records(&moment)?);
    snapshot.skipped.extend(mismatches(&moment)?);
    snapshot.skipped.sort_unstable();
    snapshot.skipped.dedup();
    snapshot.decisions = load_decisions(&moment)?;
    snapshot.notes = load_notes(&moment)?;
    snapshot.header = header_rows::load(&moment)?;
    Ok(Snapshot { images: contents.images, ..snapshot })
}

/// Some contents, and whole every ad that shows one of them. Without features, decisions and what was skipped.
pub(super) fn snapshot_of(db: &Connection, contents: &BTreeSet<i64>) -> Loaded<Snapshot> {
    let moment = db.unchecked_transaction()?;
    let (snapshot, contents) = tables(&moment, &ReadScope::showing(&moment, contents)?)?;
    Ok(Snapshot { images: contents.images, skipped: vec![], ..snapshot })
}

/// As [`snapshot_of`] for one who knows which records show a file and which are of one ad; with features when they
/// are wanted.
pub(super) fn snapshot_known(
    db: &Connection,
    contents: &BTreeSet<i64>,
    records_of: impl FnOnce(&BTreeSet<i64>) -> BTreeSet<i64>,
    with_features: bool,
) -> Loaded<Snapshot> {
    let moment = db.unchecked_transaction()?;
    let held = files_of(&moment, contents)?;
    let records = records_of(&held);
    let (mut snapshot, found) = tables(&moment, &ReadScope::of(&moment, held, &records)?)?;
    if with_features {
        snapshot.features = features::load(&moment, Some(&json(contents)), |content| found.row(content))?;
    }
    Ok(Snapshot { images: found.images, ..snapshot })
}

/// All but images, which stay in their order among the contents.
fn tables(db: &Connection, scope: &ReadScope) -> Loaded<(Snapshot, Contents)> {
    let (ads, records) = ads(db, scope)?;
    let files = files(db, scope)?;
    let contents = contents(db, scope, &files)?;
    let mut places =
        Places { ads: &ads, files: &files, contents: &contents, sightings: vec![], skipped: vec![] };
    places.all(db, scope, &records)?;
    let (mut sightings, mut skipped) = (places.sightings, places.skipped);
    sightings.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    sightings.dedup();
    skipped.sort_unstable();
    skipped.dedup();
    Ok((Snapshot { ads, sightings, skipped, ..Snapshot::default() }, contents))
}

/// Which rows are read: lists of row ids in JSON, which SQLite takes as one parameter; `None` for all.
#[derive(Default)]
struct ReadScope {
    records: Option<String>,
    files: Option<String>,
    contents: Option<String>,
}

impl ReadScope {
    /// The ads that show one of these contents, with all their records, and what those show.
    ///
    /// Cost: one pass over the sightings and one over the keys of the records. An index for either would cost every
    /// case more than a search is worth.
    fn showing(db: &Connection, contents: &BTreeSet<i64>) -> Loaded<Self> {
        let files = files_of(db, contents)?;
        let showing = ids(db, &format!("SELECT record FROM sighting WHERE file {LISTED}"), &files)?;
        let of_ads = format!(
            "SELECT id FROM record WHERE (site, ad_id) IN (SELECT site, ad_id FROM record WHERE id {LISTED})"
        );
        let records = ids(db, &of_ads, &showing)?;
        Self::of(db, files, &records)
    }

    /// These files and records, and what the records show.
    fn of(db: &Connection, mut files: BTreeSet<i64>, records: &BTreeSet<i64>) -> Loaded<Self> {
        files.extend(ids(db, &format!("SELECT file FROM sighting WHERE record {LISTED}"), records)?);
        let held = format!("SELECT content FROM file WHERE id {LISTED} AND content IS NOT NULL");
        let shown = ids(db, &held, &files)?;
        Ok(Self { records: Some(json(records)), files: Some(json(&files)), contents: Some(json(&shown)) })
    }
}

/// One parameter that is a list of row ids.
const LISTED: &str = "IN (SELECT value FROM json_each(?1))";

/// The ids that a statement gives for those of a list.
fn ids(db: &Connection, sql: &str, list: &BTreeSet<i64>) -> Loaded<BTreeSet<i64>> {
    Ok(db.prepare_cached(sql)?.query_map([json(list)], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The files that hold one of these contents.
fn files_of(db: &Connection, contents: &BTreeSet<i64>) -> Loaded<BTreeSet<i64>> {
    ids(db, &format!("SELECT id FROM file WHERE content {LISTED}"), contents)
}

fn json(ids: &BTreeSet<i64>) -> String {
    serde_json::json!(ids).to_string()
}

/// A statement, restricted to the rows whose `column` is listed; its parameters.
fn within<'l>(select: &str, column: &str, list: Option<&'l str>, order: &str) -> (String, Vec<&'l str>) {
    let only = list.map_or(String::new(), |_| format!("WHERE {column} IN (SELECT value FROM json_each(?1))"));
    (format!("{select} {only} {order}"), list.into_iter().collect())
}

fn key(seen: &SeenIn) -> (u32, u32, u32, &str, &str) {
    (seen.ad, seen.position, seen.image, &seen.path, &seen.collected_at)
}

/// One record: the row of its ad and its collection time.
struct RecordAt {
    id: i64,
    ad: u32,
    collected_at: Arc<str>,
}

/// All ads by key, and all records by id.
fn ads(db: &Connection, scope: &ReadScope) -> Loaded<(Vec<Ad>, Vec<RecordAt>)> {
    let (sql, listed) = within(
        "SELECT id, site, ad_id, url, posted_at, collected_at, title, body, phones, poster, location, category, \
         kept FROM record",
        "id",
        scope.records.as_deref(),
        "ORDER BY site, ad_id, collected_at, posted_at, digest",
    );
    let mut select = db.prepare(&sql)?;
    let mut rows = select.query(params_from_iter(listed))?;
    let (mut ads, mut records) = (Vec::<Ad>::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let record = ad(row)?;
        let collected_at = record.collected_at.as_str().into();
        match ads.last_mut() {
            Some(earlier) if earlier.key == record.key => update(earlier, record),
            _ => ads.push(record),
        }
        records.push(RecordAt { id: row.get(0)?, ad: row_number(ads.len() - 1)?, collected_at });
    }
    records.sort_unstable_by_key(|record| record.id);
    Ok((ads, records))
}

fn ad(row: &Row<'_>) -> Loaded<Ad> {
    let phones: String = row.get(8)?;
    Ok(Ad {
        key: AdKey { site: row.get(1)?, ad_id: row.get(2)? },
        url: row.get(3)?,
        posted_at: row.get(4)?,
        collected_at: row.get(5)?,
        title: row.get(6)?,
        text: row.get(7)?,
        phones: phones.lines().map(str::to_string).collect(),
        poster: row.get(9)?,
        location: row.get(10)?,
        category: row.get(11)?,
        kept: row.get(12)?,
    })
}

/// Kept columns name by name, as other fields; text that is no object gives way.
fn merged(earlier: &str, later: &str) -> String {
    let columns =
        |text| serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text).unwrap_or_default();
    if earlier.is_empty() || later.is_empty() {
        return format!("{earlier}{later}");
    }
    let mut all = columns(earlier);
    all.extend(columns(later));
    serde_json::json!(all).to_string()
}

fn update(ad: &mut Ad, later: Ad) {
    let newer = |old: &mut String, new: String| {
        if !new.is_empty() {
            *old = new;
        }
    };
    newer(&mut ad.url, later.url);
    newer(&mut ad.posted_at, later.posted_at);
    newer(&mut ad.collected_at, later.collected_at);
    newer(&mut ad.title, later.title);
    newer(&mut ad.text, later.text);
    newer(&mut ad.poster, later.poster);
    newer(&mut ad.location, later.location);
    newer(&mut ad.category, later.category);
    ad.kept = merged(&ad.kept, &later.kept);
    if !later.phones.is_empty() {
        ad.phones = later.phones;
    }
}

/// What came of reading each file, by row id.
enum FileAt {
    Content(i64),
    Failed(Fault),
    Pending,
}

/// Reason and detail.
pub(in crate::case) type Fault = (SkipReason, String);

fn files(db: &Connection, scope: &ReadScope) -> Loaded<HashMap<i64, FileAt>> {
    let (sql, listed) =
        within("SELECT id, content, reason, detail FROM file", "id", scope.files.as_deref(), "");
    let mut select = db.prepare(&sql)?;
    let mut rows = select.query(params_from_iter(listed))?;
    let mut files = HashMap::new();
    while let Some(row) = rows.next()? {
        let file = match (row.get::<_, Option<i64>>(1)?, row.get::<_, Option<String>>(2)?) {
            (Some(content), _) => FileAt::Content(content),
            (None, Some(code)) => FileAt::Failed((reason(&code)?, row.get(3)?)),
            (None, None) => FileAt::Pending,
        };
        files.insert(row.get(0)?, file);
    }
    Ok(files)
}

/// Images in content order, and the row or fault of each content id.
struct Contents {
    images: Vec<Image>,
    rows: HashMap<i64, u32>,
    faults: HashMap<i64, Fault>,
}

impl Contents {
    /// The image row of a content; `None` when it is no usable image, or no file has it any more.
    fn row(&self, content: i64) -> Option<u32> {
        self.rows.get(&content).copied().filter(|&row| row != NO_ROW)
    }
}

/// The contents that some file has now; those of files that changed since stay out.
fn contents(db: &Connection, scope: &ReadScope, files: &HashMap<i64, FileAt>) -> Loaded<Contents> {
    let mut rows: HashMap<i64, u32> = HashMap::new();
    for file in files.values() {
        if let FileAt::Content(content) = file {
            rows.insert(*content, NO_ROW);
        }
    }
    let (sql, listed) =
        within(&format!("SELECT {CONTENT} FROM content"), "id", scope.contents.as_deref(), "");
    let mut select = db.prepare(&sql)?;
    let mut found = select.query(params_from_iter(listed))?;
    let (mut images, mut ids, mut faults) = (Vec::new(), Vec::new(), HashMap::new());
    let mut formats = BTreeSet::new();
    while let Some(row) = found.next()? {
        let id: i64 = row.get(0)?;
        if !rows.contains_key(&id) {
            continue;
        }
        match content(row, &mut formats)? {
            Err(fault) => {
                faults.insert(id, fault);
            }
            Ok(image) => {
                images.push(image);
                ids.push(id);
            }
        }
    }
    for (row, place) in sort_images(&mut images).into_iter().enumerate() {
        rows.insert(ids[place], row_number(row)?);
    }
    Ok(Contents { images, rows, faults })
}

/// The columns that [`content`] reads.
pub(in crate::case) const CONTENT: &str = "id, sha256, sha1, md5, bytes, reason, detail, format, width, height, \
     caveats, quality, pdq, second, views";

/// The image of a row, or why there is none; `formats` are those met so far.
pub(in crate::case) fn content(
    row: &Row<'_>,
    formats: &mut BTreeSet<Arc<str>>,
) -> Loaded<Result<Image, Fault>> {
    match row.get_ref(5)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(code) => Ok(Err((reason(code)?, row.get(6)?))),
        None => image(row, formats).map(Ok),
    }
}

/// Sorts by id and returns where each image stood before. Sorting here is twice as fast as reading along the
/// table's index, and images are too large to be moved more than once.
fn sort_images(images: &mut [Image]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_unstable_by_key(|&place| images[place].id());
    for row in 0..order.len() {
        let mut from = order[row];
        while from < row {
            from = order[from];
        }
        images.swap(row, from);
    }
    order
}

fn image(row: &Row<'_>, formats: &mut BTreeSet<Arc<str>>) -> Loaded<Image> {
    let blob =
        |column| -> Loaded<&[u8]> { Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?) };
    let optional = |column| -> Loaded<Option<&[u8]>> {
        Ok(row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
    };
    let text = |column| -> Loaded<&str> { Ok(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?) };
    Ok(Image {
        digests: Digests {
            sha256: ImageId(exactly(blob(1)?, "a SHA-256")?),
            sha1: exactly(blob(2)?, "a SHA-1")?,
            md5: exactly(blob(3)?, "an MD5")?,
        },
        bytes: row.get::<_, i64>(4)?.unsigned_abs(),
        format: shared(formats, text(7)?),
        width: row.get(8)?,
        height: row.get(9)?,
        caveats: caveats(text(10)?)?,
        pdq: pdq_from(blob(12)?, row.get(11)?)?,
        second: optional(13)?.map(hash_from).transpose()?,
        views: optional(14)?.map(views_from).transpose()?.unwrap_or_default().into(),
    })
}

fn shared(known: &mut BTreeSet<Arc<str>>, text: &str) -> Arc<str> {
    if let Some(before) = known.get(text) {
        return Arc::clone(before);
    }
    let text: Arc<str> = text.into();
    known.insert(Arc::clone(&text));
    text
}

/// A place of a record: which image it names there, and what became of it.
struct RecordPlace {
    position: u32,
    path: String,
    found: PlacedFile,
}

enum PlacedFile {
    File(i64),
    Absent(Fault),
}

/// Gathers sightings and skipped images, one record after the other.
struct Places<'a> {
    ads: &'a [Ad],
    files: &'a HashMap<i64, FileAt>,
    contents: &'a Contents,
    sightings: Vec<SeenIn>,
    skipped: Vec<Skipped>,
}

impl Places<'_> {
    fn all(&mut self, db: &Connection, scope: &ReadScope, records: &[RecordAt]) -> Loaded<()> {
        let mut absent = absent(db, scope)?;
        let select = "SELECT record, position, path, file FROM sighting";
        let (sql, listed) = within(select, "record", scope.records.as_deref(), "ORDER BY record");
        let mut select = db.prepare(&sql)?;
        let mut rows = select.query(params_from_iter(listed))?;
        let mut next = rows.next()?;
        for record in records {
            let mut places = absent.remove(&record.id).unwrap_or_default();
            while let Some(row) = next
                && row.get::<_, i64>(0)? == record.id
            {
                places.push(RecordPlace {
                    position: row.get(1)?,
                    path: row.get(2)?,
                    found: PlacedFile::File(row.get(3)?),
                });
                next = rows.next()?;
            }
            self.record(record, places)?;
        }
        match next {
            Some(row) => Err(CaseError::Damaged(format!("a sighting of record {}", row.get::<_, i64>(0)?))),
            None => Ok(()),
        }
    }

    /// Positions are counted anew: rows of a table with one image each all say 0 and follow each other by path.
    fn record(&mut self, record: &RecordAt, mut places: Vec<RecordPlace>) -> Loaded<()> {
        places.sort_by(|a, b| (a.position, &a.path).cmp(&(b.position, &b.path)));
        let same = |a: &RecordPlace, b: &RecordPlace| (a.position, &a.path) == (b.position, &b.path);
        for (position, place) in places.chunk_by(same).enumerate() {
            let position = row_number(position)?;
            let is_file = |place: &RecordPlace| matches!(place.found, PlacedFile::File(_));
            let found = place.iter().any(is_file);
            // A file that was found in one run outweighs not finding it in another.
            for one in place.iter().filter(|one| !found || is_file(one)) {
                self.place(record, position, one)?;
            }
        }
        Ok(())
    }

    fn place(&mut self, record: &RecordAt, position: u32, place: &RecordPlace) -> Loaded<()> {
        let fault = match &place.found {
            PlacedFile::Absent(fault) => fault,
            PlacedFile::File(file) => match self.files.get(file) {
                Some(FileAt::Pending) => return Ok(()),
                Some(FileAt::Failed(fault)) => fault,
                Some(FileAt::Content(content)) => match self.contents.faults.get(content) {
                    Some(fault) => fault,
                    None => return self.seen(record, position, place, *content),
                },
                None => return Err(CaseError::Damaged(format!("a sighting of file {file}"))),
            },
        };
        self.skipped.push(Skipped {
            path: place.path.clone(),
            ad: Some(self.ads[record.ad as usize].key.clone()),
            reason: fault.0,
            detail: fault.1.clone(),
        });
        Ok(())
    }

    fn seen(&mut self, record: &RecordAt, position: u32, place: &RecordPlace, content: i64) -> Loaded<()> {
        let Some(image) = self.contents.row(content) else {
            return Err(CaseError::Damaged(format!("a file with content {content}")));
        };
        self.sightings.push(SeenIn {
            ad: record.ad,
            position,
            image,
            path: place.path.as_str().into(),
            collected_at: Arc::clone(&record.collected_at),
        });
        Ok(())
    }
}

fn absent(db: &Connection, scope: &ReadScope) -> Loaded<BTreeMap<i64, Vec<RecordPlace>>> {
    let select = "SELECT record, position, path, reason, detail FROM absent";
    let (sql, listed) = within(select, "record", scope.records.as_deref(), "");
    let mut select = db.prepare(&sql)?;
    let mut rows = select.query(params_from_iter(listed))?;
    let mut absent = BTreeMap::<i64, Vec<RecordPlace>>::new();
    while let Some(row) = rows.next()? {
        let fault = (reason(&row.get::<_, String>(3)?)?, row.get(4)?);
        let place =
            RecordPlace { position: row.get(1)?, path: row.get(2)?, found: PlacedFile::Absent(fault) };
        absent.entry(row.get(0)?).or_default().push(place);
    }
    Ok(absent)
}

fn bad_records(db: &Connection) -> Loaded<Vec<Skipped>> {
    let mut select = db.prepare(
        "SELECT shown, line, detail FROM bad_record JOIN manifest ON manifest.id = bad_record.manifest",
    )?;
    let mut rows = select.query([])?;
    let mut skipped = Vec::new();
    while let Some(row) = rows.next()? {
        let (line, detail): (i64, String) = (row.get(1)?, row.get(2)?);
        let detail = format!("line {line}: {detail}");
        skipped.push(Skipped { path: row.get(0)?, ad: None, reason: SkipReason::BadRecord, detail });
    }
    Ok(skipped)
}

fn mismatches(db: &Connection) -> Loaded<Vec<Skipped>> {
    let mut select = db.prepare(
        "SELECT mismatch.path, shown, line, detail, site, ad_id FROM mismatch \
         JOIN manifest ON manifest.id = mismatch.manifest JOIN record ON record.id = mismatch.record",
    )?;
    let rows = select.query_map([], |row| {
        let (shown, line, detail): (String, i64, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Skipped {
            path: row.get(0)?,
            ad: Some(AdKey { site: row.get(4)?, ad_id: row.get(5)? }),
            reason: SkipReason::DigestMismatch,
            detail: format!("{shown}, line {line}: {detail}; the file is used as it is"),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Rows of a snapshot are 32-bit: more than four thousand million of anything is not a case.
fn row_number(place: usize) -> Loaded<u32> {
    u32::try_from(place).map_err(|_| CaseError::Damaged("more rows than a snapshot can number".into()))
}
