//! Ads as a program posts them, one record each with its pictures, into a case that stays open.
//!
//! Records are read as those of any manifest; pictures come as bytes, are analysed before the case is asked, and leave no
//! file behind unless whoever takes them keeps one. The trap: [`take_posted`] is one transaction, however many ads it takes, and nothing of it may be told to
//! anybody before it returns.

use super::hashing::{faults, image_of_hash};
use super::pairing::paired;
use super::readers::columns_of_object;
use super::record::{Fields, ImageRef};
use crate::analysis::{Analysed, Analysis, analyse_with_features, digest};
use crate::case::{Case, ImageKey, Tombstones, Writer};
use crate::decode::Limits;
use crate::error::{ImageError, Result, SkipReason};
use crate::features::{Features, QUERY};
use crate::hash::Pdq;
use crate::record::{Ad, AdKey, Digests, Image, ImageId};
use crate::source::Stamp;
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What posted ads come from, among the manifests of a case.
const SOURCE: &str = "service";

/// A file that holds the bytes of a posted picture, and stays.
pub struct KeptFile {
    path: PathBuf,
    stamp: Stamp,
}

impl KeptFile {
    /// The file at an absolute path.
    ///
    /// # Errors
    /// When it is not there.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        let stamp = Stamp::of(&fs::metadata(&path)?);
        Ok(Self { path, stamp })
    }
}

/// A picture that came as bytes.
pub struct PostedPicture {
    /// By what name the record speaks of it.
    pub name: String,
    /// Digests of its bytes.
    pub digests: Digests,
    /// Number of its bytes.
    pub bytes: u64,
    /// What was seen, or why it is no picture that can be used.
    pub outcome: Result<Analysis, ImageError>,
    /// Where it is kept, if it is.
    pub kept: Option<KeptFile>,
}

impl PostedPicture {
    /// Analyses some bytes as a query is. Some 10 ms of one core for a photo of 1.5 megapixels.
    pub fn read(name: String, bytes: &[u8], limits: &Limits) -> Self {
        let outcome = analyse_with_features(bytes, limits, QUERY);
        Self { name, digests: digest(bytes), bytes: bytes.len() as u64, outcome, kept: None }
    }
}

/// An ad as it was posted.
pub struct PostedAd {
    ad: Ad,
    images: Vec<ImageRef>,
    /// Columns that were left out: unknown ones, and those about personal traits.
    pub left_out: Vec<String>,
    /// Pictures that came with it.
    pub pictures: Vec<PostedPicture>,
}

impl PostedAd {
    /// Reads a record, one object of JSON.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(record: &[u8]) -> Result<Self, String> {
        let mut fields = Fields::new(&[], &[]).map_err(|error| error.to_string())?;
        let parsed = fields.parse(columns_of_object(record)?)?;
        let left_out = fields.unknown.into_iter().chain(fields.dropped).collect();
        Ok(Self { ad: parsed.ad, images: parsed.images, left_out, pictures: Vec::new() })
    }

    /// Which ad it is.
    pub fn key(&self) -> &AdKey {
        &self.ad.key
    }

    /// How many images the record names.
    pub fn images(&self) -> usize {
        self.images.len()
    }
}

/// What became of an image of a posted ad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenImage {
    /// Its picture was read.
    Read(ImageId),
    /// Its hash is known, and no more.
    Hash(ImageId),
    /// It could not be used.
    Skipped(ImageError),
}

/// An image that the case did not know.
pub struct NewImage {
    /// As the case knows it.
    pub key: ImageKey,
    /// Its hashes.
    pub image: Image,
    /// Its local features as they are stored.
    pub features: Option<Features>,
}

/// What became of a posted ad.
pub struct TakenAd {
    /// Which ad it is.
    pub key: AdKey,
    /// It was withdrawn from the case before, and stays out; nothing else is said then.
    pub withdrawn: bool,
    /// The record, or one of its images, was new.
    pub new: bool,
    /// Images in their order, by the names that the record gives.
    pub images: Vec<(String, TakenImage)>,
    /// What the record says of its pictures and they do not bear out.
    pub mismatches: Vec<String>,
    pub(crate) record: i64,
    pub(crate) files: Vec<i64>,
    /// Images that were new to the case.
    pub added: Vec<NewImage>,
}

impl TakenAd {
    /// The row of its record and those of the files it shows: good for this case, as long as it is open.
    pub fn rows(&self) -> (i64, &[i64]) {
        (self.record, &self.files)
    }
}

/// Puts ads into a case in one transaction, with one entry in the audit chain: durable when this returns.
///
/// # Errors
/// Those of writing to the case; then none of them is in it.
pub fn take_posted(case: &Case, ads: &[PostedAd], posted_by: &[String]) -> Result<Vec<TakenAd>> {
    let keypoints = case.feature_limit()?.unwrap_or(0);
    let mut writer = Writer::begin(case)?;
    writer.keep_features(keypoints);
    let withdrawn = writer.tombstones()?;
    let source = writer.manifest(Path::new(SOURCE), SOURCE, false)?;
    let mut taking = Taking { case, writer: &mut writer, withdrawn: &withdrawn, source, keypoints };
    let taken = ads.iter().map(|ad| taking.ad(ad)).collect::<Result<Vec<_>>>()?;
    let records: Vec<i64> = taken.iter().filter(|ad| !ad.withdrawn).map(|ad| ad.record).collect();
    let entry = json!({ "ads": records.len(), "records": records, "tokens": posted_by });
    writer.note("post-ads", &entry)?;
    writer.commit()?;
    Ok(taken)
}

struct Taking<'a, 'c> {
    /// Sees what the writer has not committed yet.
    case: &'c Case,
    writer: &'a mut Writer<'c>,
    withdrawn: &'a Tombstones,
    source: i64,
    keypoints: u16,
}

impl Taking<'_, '_> {
    fn ad(&mut self, posted: &PostedAd) -> Result<TakenAd> {
        let key = posted.ad.key.clone();
        let mut taken = TakenAd {
            withdrawn: self.withdrawn.ad(&key),
            key,
            new: false,
            images: Vec::new(),
            mismatches: Vec::new(),
            record: 0,
            files: Vec::new(),
            added: Vec::new(),
        };
        if taken.withdrawn {
            return Ok(taken);
        }
        let record = self.writer.record(&posted.ad)?;
        self.writer.origin(record.id, self.source)?;
        (taken.record, taken.new) = (record.id, record.new);
        let names: Vec<Option<&str>> =
            posted.images.iter().map(|image| image.path.as_deref().or(image.url.as_deref())).collect();
        let sent: Vec<&str> = posted.pictures.iter().map(|picture| picture.name.as_str()).collect();
        let (pictures, left) = paired(&names, &sent);
        for (image, picture) in posted.images.iter().zip(pictures) {
            let picture = picture.map(|place| &posted.pictures[place]);
            self.image(&mut taken, image.shown(), Some(image), picture)?;
        }
        for picture in left.into_iter().map(|place| &posted.pictures[place]) {
            self.image(&mut taken, &picture.name, None, Some(picture))?;
        }
        Ok(taken)
    }

    fn image(
        &mut self,
        taken: &mut TakenAd,
        shown: &str,
        image: Option<&ImageRef>,
        picture: Option<&PostedPicture>,
    ) -> Result<()> {
        let position = taken.images.len() as u32;
        let found = match picture {
            Some(picture) => self.picture(taken, picture)?,
            None => self.hash(taken, image, position)?,
        };
        match &found {
            Ok((file, id)) => {
                taken.new |= self.writer.sighting(taken.record, position, shown, *file)?;
                taken.files.push(*file);
                self.mismatches(taken, image, position, shown, (*file, id))?;
            }
            Err(why) => {
                self.writer.absent(taken.record, position, shown, why)?;
            }
        }
        let became = match (found, picture) {
            (Err(why), _) => TakenImage::Skipped(why),
            (Ok(_), Some(PostedPicture { outcome: Err(why), .. })) => TakenImage::Skipped(why.clone()),
            (Ok((_, id)), Some(_)) => TakenImage::Read(id),
            (Ok((_, id)), None) => TakenImage::Hash(id),
        };
        taken.images.push((shown.to_string(), became));
        Ok(())
    }

    fn picture(&mut self, taken: &mut TakenAd, picture: &PostedPicture) -> Result<TakenFile> {
        let id = picture.digests.sha256;
        if self.withdrawn.image(&id) {
            return Ok(Err(ImageError::new(SkipReason::Withdrawn, "withdrawn from this case")));
        }
        let known = self.writer.has_analysed(&id)?;
        if !known {
            let (outcome, features) = match &picture.outcome {
                Err(why) => (Err(why.clone()), None),
                Ok(seen) => {
                    let keypoints = usize::from(self.keypoints);
                    let stored = (keypoints > 0).then(|| seen.features.prefix(keypoints));
                    (Ok(seen.image.clone()), stored)
                }
            };
            let analysed = Analysed { digests: picture.digests, bytes: picture.bytes, outcome, features };
            self.writer.content(&analysed)?;
            if let Ok(image) = analysed.outcome {
                self.added(taken, image, analysed.features)?;
            }
        }
        let file = match &picture.kept {
            Some(KeptFile { path, stamp }) => self.writer.kept_file(path, *stamp, &id)?,
            None => self.writer.fileless(&id)?,
        };
        Ok(Ok((file, id)))
    }

    fn hash(&mut self, taken: &mut TakenAd, image: Option<&ImageRef>, position: u32) -> Result<TakenFile> {
        let declared = image.and_then(|image| image.declared.as_deref());
        Ok(match declared.and_then(|declared| image_of_hash(declared, &taken.key, position)) {
            Some(Ok(image)) if self.withdrawn.image(&image.id()) => {
                Err(ImageError::new(SkipReason::Withdrawn, "withdrawn from this case"))
            }
            Some(Ok(image)) => Ok(self.hash_only(taken, image)?),
            Some(Err(detail)) => Err(ImageError::new(SkipReason::Malformed, detail)),
            None if image.is_some_and(|image| image.path.is_none()) => {
                Err(ImageError::new(SkipReason::NotLocal, "given by address only; nothing is fetched"))
            }
            None => Err(ImageError::new(SkipReason::Missing, "no picture of this name came with the ad")),
        })
    }

    fn hash_only(&mut self, taken: &mut TakenAd, image: Image) -> Result<(i64, ImageId)> {
        let id = image.id();
        let before = match self.case.image_key(&id)? {
            Some(_) => self.known_hash(&id)?,
            None => None,
        };
        let file = self.writer.hash_file(&image)?;
        // Of two hashes that are claimed of one digest the case keeps one.
        let now = self.known_hash(&id)?;
        if let Some(pdq) = now.filter(|now| before != Some(*now)) {
            self.added(taken, Image { pdq, ..image }, None)?;
        }
        Ok((file, id))
    }

    fn known_hash(&mut self, id: &ImageId) -> Result<Option<Pdq>> {
        let file = self.writer.fileless(id)?;
        Ok(self.writer.content_of(file)?.and_then(|(_, pdq)| pdq))
    }

    fn added(&self, taken: &mut TakenAd, image: Image, features: Option<Features>) -> Result<()> {
        if let Some(key) = self.case.image_key(&image.id())? {
            taken.added.push(NewImage { key, image, features });
        }
        Ok(())
    }

    /// Holds what a record says of a picture against it.
    fn mismatches(
        &mut self,
        taken: &mut TakenAd,
        image: Option<&ImageRef>,
        position: u32,
        shown: &str,
        (file, id): (i64, &ImageId),
    ) -> Result<()> {
        let Some(declared) = image.and_then(|image| image.declared.as_deref()) else { return Ok(()) };
        let Some((_, pdq)) = self.writer.content_of(file)? else { return Ok(()) };
        for fault in faults(declared, id, pdq.as_ref()) {
            self.writer.mismatch(taken.record, position, shown, self.source, 0, &fault)?;
            taken.mismatches.push(format!("{shown}: {fault}"));
        }
        Ok(())
    }
}

/// The file row and the id of an image, or why there is none.
type TakenFile = Result<(i64, ImageId), ImageError>;
