//! Which photo every image shows, and so which pairs of images are copies of each other.
//!
//! Two kinds of truth are told apart by their content. With an edit called `original` it is a *per-edit* truth: only
//! pairs of an original and a copy count. Else it is a corpus of ads: every pair of images of different ads counts,
//! but site furniture does not. The trap: pairs that do not count are neither true nor false.

use super::table::CsvTable;
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// Edit of the untouched photos of a per-edit truth.
const ORIGINAL: &str = "original";
/// Family of the badges that sites add to their ads.
const FURNITURE: &str = "furniture";

/// What is known of one image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TruthImage {
    /// Path, as pairs name it.
    pub path: String,
    /// The photos shown, the main one first.
    pub photos: Vec<String>,
    /// What was done to the main photo.
    pub edit: String,
    /// Kind of edit.
    pub family: String,
    /// Site of the ad, where the truth says it.
    pub site: String,
    /// The ad it stands in; empty outside ads.
    pub ad_id: String,
    /// The ad's true network; empty when it has none.
    pub network: String,
}

impl TruthImage {
    fn is_original(&self) -> bool {
        self.edit == ORIGINAL
    }

    fn is_furniture(&self) -> bool {
        self.family == FURNITURE
    }

    fn photo(&self) -> &str {
        self.photos.first().map_or("", String::as_str)
    }

    fn shares_a_photo(&self, other: &Self) -> bool {
        self.photos.iter().any(|photo| other.photos.contains(photo))
    }
}

/// A labelled corpus.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    images: Vec<TruthImage>,
    by_path: HashMap<String, u32>,
    per_edit: bool,
    positives: Vec<(u32, u32)>,
    negatives: u64,
}

impl Truth {
    /// Reads `image,photo_id,edit,family,ad_id,network_id,also_photo_ids` (the last with `;` between several), in any
    /// order and with any other columns; `site` too where ad ids are unique within a site only.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Table`] with the line: a missing column, a repeated image, a copy without original.
    pub fn read(path: &Path) -> Result<Self> {
        let mut table = CsvTable::open(path, &["image", "photo_id", "edit", "family", "ad_id"])?;
        let (mut images, mut seen) = (Vec::new(), BTreeSet::new());
        table.for_each(|row| {
            let text = |column| row.text(column).to_string();
            let mut photos = vec![text("photo_id")];
            photos.extend(
                row.text("also_photo_ids").split(';').filter(|id| !id.is_empty()).map(str::to_string),
            );
            let image = TruthImage {
                path: text("image"),
                photos,
                edit: text("edit"),
                family: text("family"),
                site: text("site"),
                ad_id: text("ad_id"),
                network: text("network_id"),
            };
            if !seen.insert(image.path.clone()) {
                return Err(row.wrong(format!("image `{}` was listed before", image.path)));
            }
            images.push(image);
            Ok(())
        })?;
        Self::new(images).map_err(|reason| Error::Table { path: path.into(), line: 0, reason })
    }

    /// From its images; their paths differ.
    ///
    /// # Errors
    /// In words, when a copy of a per-edit truth has no original.
    pub fn new(images: Vec<TruthImage>) -> Result<Self, String> {
        let by_path = (0..).zip(&images).map(|(row, image)| (image.path.clone(), row)).collect();
        let per_edit = images.iter().any(TruthImage::is_original);
        let (positives, negatives) = if per_edit { of_originals(&images)? } else { of_ads(&images) };
        Ok(Self { images, by_path, per_edit, positives, negatives })
    }

    /// Every image, in the order of the file.
    pub fn images(&self) -> &[TruthImage] {
        &self.images
    }

    /// True when only pairs of an original and a copy count.
    pub fn is_per_edit(&self) -> bool {
        self.per_edit
    }

    /// Pairs that show the same photo, as rows, the smaller first; sorted.
    pub fn positives(&self) -> &[(u32, u32)] {
        &self.positives
    }

    /// How many pairs count and do not show the same photo.
    pub fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Row of an image by its path; a leading folder up to `/images/` is dropped when the path is not listed whole.
    pub fn row(&self, path: &str) -> Option<u32> {
        if let Some(&row) = self.by_path.get(path) {
            return Some(row);
        }
        let slashed = path.replace('\\', "/");
        let tail = slashed.rsplit("/images/").next().unwrap_or_default();
        self.by_path.get(tail).copied()
    }

    /// Whether two images are copies; `None` when the pair does not count.
    pub fn verdict(&self, a: u32, b: u32) -> Option<bool> {
        let (x, y) = (&self.images[a as usize], &self.images[b as usize]);
        if self.per_edit {
            if x.is_original() == y.is_original() {
                return None;
            }
            // A photo that is only visible beside the main one is no mistake, nor what was asked for.
            return if x.photo() == y.photo() { Some(true) } else { (!x.shares_a_photo(y)).then_some(false) };
        }
        let counts = !x.is_furniture() && !y.is_furniture() && !same_ad(x, y);
        counts.then(|| x.shares_a_photo(y))
    }

    /// The (family, edit) labels under which a matching pair is booked.
    pub(super) fn labels(&self, pair: (u32, u32)) -> BTreeSet<(&str, &str)> {
        let images = [pair.0, pair.1].map(|row| &self.images[row as usize]);
        images
            .into_iter()
            .filter(|image| !image.is_original())
            .map(|image| (image.family.as_str(), image.edit.as_str()))
            .collect()
    }
}

fn same_ad(x: &TruthImage, y: &TruthImage) -> bool {
    (&x.site, &x.ad_id) == (&y.site, &y.ad_id)
}

/// Copies with their originals, and how many other pairs of a copy and an original count.
fn of_originals(images: &[TruthImage]) -> Result<(Vec<(u32, u32)>, u64), String> {
    let rows = || (0..).zip(images);
    let originals: HashMap<&str, u32> =
        rows().filter(|(_, image)| image.is_original()).map(|(row, image)| (image.photo(), row)).collect();
    let mut positives = Vec::new();
    let mut beside = 0;
    for (row, copy) in rows().filter(|(_, image)| !image.is_original()) {
        let &original = originals.get(copy.photo()).ok_or_else(|| {
            format!("image `{}` is a copy of photo `{}`, which has no original", copy.path, copy.photo())
        })?;
        positives.push((row.min(original), row.max(original)));
        let others: BTreeSet<&str> = copy.photos.iter().map(String::as_str).collect();
        beside += others.iter().filter(|id| **id != copy.photo() && originals.contains_key(*id)).count();
    }
    let untouched = images.iter().filter(|image| image.is_original()).count();
    let copies = images.len() - untouched;
    positives.sort_unstable();
    positives.dedup();
    let negatives = (untouched * copies).saturating_sub(positives.len() + beside);
    Ok((positives, negatives as u64))
}

/// Images of different ads that share a photo, and how many others there are.
fn of_ads(images: &[TruthImage]) -> (Vec<(u32, u32)>, u64) {
    let mut by_photo: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    let mut per_ad: HashMap<(&str, &str), u64> = HashMap::new();
    let mut counted: u64 = 0;
    for (row, image) in (0..).zip(images).filter(|(_, image)| !image.is_furniture()) {
        counted += 1;
        *per_ad.entry((&image.site, &image.ad_id)).or_default() += 1;
        for photo in &image.photos {
            by_photo.entry(photo).or_default().insert(row);
        }
    }
    let mut positives = Vec::new();
    for group in by_photo.values() {
        let group: Vec<u32> = group.iter().copied().collect();
        for (k, &a) in group.iter().enumerate() {
            let others =
                group[k + 1..].iter().filter(|&&b| !same_ad(&images[a as usize], &images[b as usize]));
            positives.extend(others.map(|&b| (a, b)));
        }
    }
    positives.sort_unstable();
    positives.dedup();
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let inside: u64 = per_ad.values().map(|&n| pairs(n)).sum();
    let negatives = pairs(counted).saturating_sub(inside + positives.len() as u64);
    (positives, negatives)
}
