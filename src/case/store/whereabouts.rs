//! Which ads show an image, kept in memory by programs that stay open: what an index of sightings would tell.
//!
//! A case has no such index, since it would cost every ingest more than a search is worth ([`Case::snapshot_of`] passes
//! over all sightings instead). A service asks all day, so it reads the sightings once and notes what it adds. The trap:
//! keys are row ids and good only while nobody else writes to the case.

use super::load;
use super::open::Case;
use super::view_hashes::ImageKey;
use crate::corpus::{ShortId, Snapshot, short_id};
use crate::error::Result;
use crate::record::{AdKey, ImageId};
use rusqlite::OptionalExtension;
use std::collections::{BTreeSet, HashMap};

/// Which records show a file, and which are of one ad. Memory: some 200 bytes a sighting.
#[derive(Debug, Default)]
pub struct Whereabouts {
    records_of_file: HashMap<i64, Vec<i64>>,
    ad_of_record: HashMap<i64, ShortId>,
    records_of_ad: HashMap<ShortId, Vec<i64>>,
}

impl Whereabouts {
    /// Number of ads.
    pub fn ads(&self) -> usize {
        self.records_of_ad.len()
    }

    /// Notes what a record shows; noting it again changes nothing.
    pub(crate) fn note(&mut self, key: &AdKey, record: i64, files: &[i64]) {
        let ad = short_id(&[key]);
        if self.ad_of_record.insert(record, ad).is_none() {
            self.records_of_ad.entry(ad).or_default().push(record);
        }
        for file in files {
            self.shown(*file, record);
        }
    }

    /// All records of an ad.
    pub(crate) fn records_of(&self, key: &AdKey) -> BTreeSet<i64> {
        self.records_of_ad.get(&short_id(&[key])).into_iter().flatten().copied().collect()
    }

    /// A record of each of these ads.
    pub(crate) fn a_record_of(&self, ads: &[ShortId]) -> Vec<i64> {
        ads.iter().filter_map(|ad| self.records_of_ad.get(ad)?.first().copied()).collect()
    }

    fn shown(&mut self, file: i64, record: i64) {
        let records = self.records_of_file.entry(file).or_default();
        if !records.contains(&record) {
            records.push(record);
        }
    }

    /// All records of the ads that show one of these files.
    fn records(&self, files: &BTreeSet<i64>) -> BTreeSet<i64> {
        let showing = files.iter().filter_map(|file| self.records_of_file.get(file)).flatten();
        let ads = showing.filter_map(|record| self.ad_of_record.get(record));
        ads.filter_map(|ad| self.records_of_ad.get(ad)).flatten().copied().collect()
    }
}

impl Case {
    /// Reads all sightings and the keys of all records.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn whereabouts(&self) -> Result<Whereabouts> {
        self.in_case(|db| {
            let mut whereabouts = Whereabouts::default();
            let mut select = db.prepare("SELECT id, site, ad_id FROM record")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let key = AdKey { site: row.get(1)?, ad_id: row.get(2)? };
                whereabouts.note(&key, row.get(0)?, &[]);
            }
            let mut select = db.prepare("SELECT file, record FROM sighting")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                whereabouts.shown(row.get(0)?, row.get(1)?);
            }
            Ok(whereabouts)
        })
    }

    /// What [`Case::snapshot_of`] gives, without a pass over the sightings; with the local features of these images when
    /// they are wanted.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn snapshot_known(
        &self,
        images: &BTreeSet<ImageKey>,
        whereabouts: &std::sync::RwLock<Whereabouts>,
        with_features: bool,
    ) -> Result<Snapshot> {
        let contents = images.iter().map(|key| key.row()).collect();
        let records_of = |files: &BTreeSet<i64>| {
            whereabouts.read().unwrap_or_else(std::sync::PoisonError::into_inner).records(files)
        };
        self.in_case(|db| load::snapshot_known(db, &contents, records_of, with_features))
    }

    /// An ad with its sightings and images, from its records; `None` when the case does not have it.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub(crate) fn snapshot_of_ad(&self, key: &AdKey, records: BTreeSet<i64>) -> Result<Option<Snapshot>> {
        if records.is_empty() {
            return Ok(None);
        }
        let snapshot = self.in_case(|db| load::snapshot_known(db, &BTreeSet::new(), |_| records, false))?;
        Ok(snapshot.ads.iter().any(|ad| ad.key == *key).then_some(snapshot))
    }

    /// The keys of ads that these records are of, each once, in their order; of those that are still there.
    ///
    /// # Errors
    /// Those of reading the case: [`Error::Case`](crate::error::Error::Case).
    pub fn keys_of_records(&self, records: &[i64]) -> Result<Vec<AdKey>> {
        self.in_case(|db| {
            let mut select = db.prepare_cached("SELECT site, ad_id FROM record WHERE id = ?1")?;
            let mut keys = BTreeSet::new();
            for record in records {
                let key = |row: &rusqlite::Row<'_>| Ok(AdKey { site: row.get(0)?, ad_id: row.get(1)? });
                keys.extend(select.query_row([record], key).optional()?);
            }
            Ok(keys.into_iter().collect())
        })
    }

    /// The keys of all images.
    ///
    /// # Errors
    /// [`CaseError::Damaged`](crate::error::CaseError::Damaged) for a digest that is none.
    pub fn image_keys(&self) -> Result<HashMap<ImageId, ImageKey>> {
        self.in_case(|db| {
            let mut select = db.prepare("SELECT sha256, id FROM content WHERE reason IS NULL")?;
            let rows = select.query_map([], |row| Ok((ImageId(row.get(0)?), ImageKey::of(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
