//! What an ingest did, in numbers that add up.

use super::elsewhere::AnalysesGiven;
use crate::error::{Error, SkipReason};
use std::collections::BTreeMap;

/// Records: `read == used + repeated + malformed + withdrawn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Lines, rows or folders that should be ads.
    pub read: u64,
    /// Those that told something new.
    pub used: u64,
    /// Those of which everything was in the case.
    pub repeated: u64,
    /// Those that are no records.
    pub malformed: u64,
    /// Those of ads that were withdrawn from the case: nothing of them is kept.
    pub withdrawn: u64,
}

/// References to images: `references == hashed + taken + known + by_hash + frames + skipped`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageCounts {
    /// Images named by all records, and those that an earlier run had named and not read.
    pub references: u64,
    /// Decoded and hashed now.
    pub hashed: u64,
    /// Known by an analysis that was made elsewhere.
    pub taken: u64,
    /// The same file or the same bytes were in the case, or came twice.
    pub known: u64,
    /// Known by the hash that the record gives, without a file.
    pub by_hash: u64,
    /// Frames of videos.
    pub frames: u64,
    /// Not usable, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
}

/// A manifest as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRead {
    /// Its path as given; `-` is standard input.
    pub path: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Records in it, good or bad.
    pub records: u64,
}

/// What an ingest did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestSummary {
    /// What came of the records.
    pub records: RecordCounts,
    /// What came of the images they name.
    pub images: ImageCounts,
    /// The manifests, in the order given. Folders have none.
    pub manifests: Vec<ManifestRead>,
    /// Digests and hashes that a manifest declares and the file does not have.
    pub mismatches: u64,
    /// Analyses that were made elsewhere.
    pub analyses: AnalysesGiven,
    /// Bytes of image files read now.
    pub bytes_read: u64,
    /// Columns that no field of adlink goes by, sorted; left out.
    pub unknown_fields: Vec<String>,
    /// Columns about personal traits, sorted; left out.
    pub dropped_fields: Vec<String>,
    /// Times that could not be understood; left empty.
    pub times_unread: u64,
    /// Videos that records name; looked at only where frames are wanted.
    pub videos: u64,
    /// What was met and is not used, by kind.
    pub unused: BTreeMap<String, u64>,
    /// Columns that hold what looks like images, where no column of images was found.
    pub likely_images: Vec<String>,
}

impl IngestSummary {
    /// What went wrong as a whole, when nothing came of it: no ad, or no image. `held`: images that the case has from
    /// earlier runs, to which records without images may well be added.
    pub fn fruitless(&self, held: u64) -> Option<Error> {
        let (records, images) = (&self.records, &self.images);
        let failed = |what: String, hint: &str| Some(Error::Fruitless { what, hint: hint.into() });
        if records.used + records.repeated == 0 {
            let what = format!("no ad could be used of {} records", records.read);
            return failed(
                what,
                "`skipped.csv` of `adlink report` says why for each; `--map ad_id=COLUMN --map site=COLUMN` names columns, `--site NAME` the site",
            );
        }
        if images.hashed + images.taken + images.known + images.by_hash + images.frames > 0 {
            return None;
        }
        if images.references == 0 {
            let columns = self.likely_images.first().or(self.unknown_fields.first());
            let hint = columns
                .map_or("name the column of image paths: --map images=COLUMN".to_string(), |name| {
                    format!("name the column of image paths, such as --map images={name}")
                });
            return (held == 0).then(|| failed("the records name no image".into(), &hint)).flatten();
        }
        let what = format!("none of {} images could be used", images.references);
        let most = images.skipped.iter().max_by_key(|(_, number)| **number).map(|(reason, _)| *reason);
        match most {
            Some(SkipReason::Missing) => failed(
                what,
                "say where image paths start: --images DIR, and --strip-prefix PREFIX for what stands before them elsewhere",
            ),
            Some(SkipReason::NotLocal) => failed(
                what,
                "the records give addresses only, and adlink fetches nothing: download the images and name their paths",
            ),
            Some(SkipReason::Unsupported) => failed(
                what,
                "no build of adlink decodes HEIC, the form of many telephones: convert such pictures to JPEG first; \
                 `skipped.csv` of `adlink report` names the kind of each",
            ),
            _ => failed(what, "run `adlink report` on the case: its skipped.csv gives the reason for each"),
        }
    }

    /// Records, image references and declared digests that could not be used: above zero means exit code 3.
    pub fn skipped(&self) -> u64 {
        self.records.malformed
            + self.records.withdrawn
            + self.mismatches
            + self.images.skipped.values().sum::<u64>()
    }
}
