//! What laying one image over another showed: asked for once, kept in the case, and good when originals are gone.
//!
//! A result belongs to two images and a map. The trap: in one run a pair is asked about once, whatever map a second
//! question would bring; otherwise a later run that finds one result in the case would see another than this one did.

use super::bare_features::BareFeatures;
use super::pixel_result::{AlignedCheck, Way};
use super::pixels::{Pixels, Sources};
use super::watermarks::Watermarks;
use crate::corpus::{ImageRow, PixelCheck, Row, Snapshot};
use crate::features::{Features, extract};
use crate::hash::Luma;
use crate::verify::Projective;
use crate::verify::watermark::Watermark;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A question: two images, the smaller first, and how they are to be checked over each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) a: ImageRow,
    pub(crate) b: ImageRow,
    pub(crate) way: Way,
}

impl Ask {
    fn place(&self) -> CheckedPair {
        (self.a, self.b, self.way.is_of_parts())
    }

    /// Along a map.
    pub(crate) fn along(a: ImageRow, b: ImageRow, map: Projective) -> Self {
        Self { a, b, way: Way::Map(map) }
    }
}

/// Two images, the smaller first, and whether parts or all of them were checked over each other.
type CheckedPair = (ImageRow, ImageRow, bool);

/// All questions of a run with their answers.
pub(crate) struct PixelChecks<'a> {
    snapshot: &'a Snapshot,
    pixels: &'a dyn Pixels,
    known: &'a [PixelCheck],
    watermarks: Watermarks,
    /// `None`: no pixels and nothing known.
    answers: BTreeMap<CheckedPair, Option<AlignedCheck>>,
    fresh: BTreeSet<(ImageRow, ImageRow)>,
    /// Of the images that were asked for without their watermarks.
    bare: BTreeMap<ImageRow, BareFeatures>,
}

impl<'a> PixelChecks<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, sources: &Sources<'a>, watermarks: Watermarks) -> Self {
        let Sources { pixels, pixel_checks: known } = *sources;
        let (answers, fresh, bare) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { snapshot, pixels, known, watermarks, answers, fresh, bare }
    }

    /// The features of those images that bear a watermark, without it.
    pub(crate) fn features_without_watermark(&mut self, images: &[ImageRow]) -> BTreeMap<ImageRow, Features> {
        let new = images.par_iter().filter(|image| !self.bare.contains_key(image));
        let new: Vec<_> = new.filter_map(|&image| Some((image, self.without_watermark(image)?))).collect();
        self.bare.extend(new);
        let known = |&image: &ImageRow| Some((image, self.bare.get(&image)?.features.clone()));
        images.iter().filter_map(known).collect()
    }

    fn without_watermark(&self, image: ImageRow) -> Option<BareFeatures> {
        let mark = self.watermarks.on(image)?;
        let known = self.known_bytes(image, image).and_then(BareFeatures::from_bytes);
        let Some(mark) =
            mark.filter(|mark| known.as_ref().is_none_or(|known| known.taken_off != mark.digest()))
        else {
            return known;
        };
        let Some(luma) = self.pixels.luma(image) else { return known };
        let stored = self.snapshot.features.outline(image).map_or(0, |outline| outline.keypoints);
        let features = extract(&mark.taken_off(&luma), stored);
        Some(BareFeatures { taken_off: mark.digest(), features, fresh: true })
    }

    /// What a case keeps of two images, the smaller first, or of one.
    fn known_bytes(&self, a: ImageRow, b: ImageRow) -> Option<&'a [u8]> {
        let id = |row: ImageRow| self.snapshot.images[row].id();
        let place =
            self.known.binary_search_by_key(&(id(a), id(b)), |checked| (checked.a, checked.b)).ok()?;
        Some(&self.known[place].result)
    }

    /// Do two images bear the same watermark?
    pub(crate) fn are_under_one_watermark(&self, a: ImageRow, b: ImageRow) -> bool {
        self.watermarks.are_under_one(a, b)
    }

    /// What was answered about the images of a section, whose rows are the places in `rows`.
    pub(crate) fn section<'s>(
        &self,
        snapshot: &'s Snapshot,
        pixels: &'s dyn Pixels,
        known: &'s [PixelCheck],
        rows: &[ImageRow],
    ) -> PixelChecks<'s> {
        let row = |image: ImageRow| rows.binary_search(&image).ok().map(ImageRow::of);
        let answer = |(place, answer): (&CheckedPair, &Option<AlignedCheck>)| {
            Some(((row(place.0)?, row(place.1)?, place.2), *answer))
        };
        let fresh = self.fresh.iter().filter_map(|&(a, b)| Some((row(a)?, row(b)?))).collect();
        let answers = self.answers.iter().filter_map(answer).collect();
        let bare = self.bare.iter().filter_map(|(&image, bare)| Some((row(image)?, bare.clone()))).collect();
        let watermarks = self.watermarks.section(rows);
        PixelChecks { snapshot, pixels, known, watermarks, answers, fresh, bare }
    }

    /// Finds the answers, in parallel; questions about parts, or all, of a pair that were asked before change nothing.
    pub(crate) fn ask(&mut self, asks: &[Ask]) {
        let unanswered = |ask: &&Ask| !self.answers.contains_key(&ask.place());
        let mut new: Vec<&Ask> = asks.iter().filter(unanswered).collect();
        new.sort_by_key(|ask| ask.place());
        new.dedup_by_key(|ask| ask.place());
        let found: Vec<(Option<AlignedCheck>, bool)> = new.par_iter().map(|ask| self.answer(ask)).collect();
        for (ask, (checked, fresh)) in new.into_iter().zip(found) {
            self.answers.insert(ask.place(), checked);
            if fresh {
                self.fresh.insert((ask.a, ask.b));
            }
        }
    }

    /// The answer, and whether it is new. What was checked along another way is taken where there are no pixels.
    fn answer(&self, ask: &Ask) -> (Option<AlignedCheck>, bool) {
        let known = self.known_bytes(ask.a, ask.b).map_or(Vec::new(), AlignedCheck::from_bytes);
        let known = known.into_iter().find(|known| known.way.is_of_parts() == ask.way.is_of_parts());
        let marks = [ask.a, ask.b].map(|image| self.watermarks.on(image).flatten());
        let taken_off = marks.map(|mark| mark.map_or(0, Watermark::digest));
        if known.is_some_and(|known| known.way == ask.way && known.taken_off == taken_off) {
            return (known, false);
        }
        match self.picture(ask.a, marks[0]).zip(self.picture(ask.b, marks[1])) {
            Some((a, b)) => {
                (Some(AlignedCheck { way: ask.way, taken_off, check: ask.way.compare(&a, &b) }), true)
            }
            None => (known, false),
        }
    }

    fn picture(&self, image: ImageRow, mark: Option<&Watermark>) -> Option<Arc<Luma>> {
        let luma = self.pixels.luma(image)?;
        Some(mark.map_or(Arc::clone(&luma), |mark| Arc::new(mark.taken_off(&luma))))
    }

    /// The answer about all of two images in either order, if they were asked about and could be compared.
    pub(crate) fn get(&self, a: ImageRow, b: ImageRow) -> Option<&AlignedCheck> {
        self.answers.get(&(a.min(b), a.max(b), false))?.as_ref()
    }

    /// The answer about parts of two images in either order: `None` when that was not asked, `Some(None)` when it could
    /// not be answered.
    pub(crate) fn of_parts(&self, a: ImageRow, b: ImageRow) -> Option<Option<&AlignedCheck>> {
        Some(self.answers.get(&(a.min(b), a.max(b), true))?.as_ref())
    }

    /// Pairs compared, and pairs that could not be.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let compared = self.answers.values().filter(|checked| checked.is_some()).count();
        (compared as u64, (self.answers.len() - compared) as u64)
    }

    /// Answers about pairs of which any was not known before, sorted.
    pub(crate) fn fresh(&self) -> Vec<PixelCheck> {
        let id = |row: ImageRow| self.snapshot.images[row].id();
        let checked = |&(a, b): &(ImageRow, ImageRow)| {
            let answers = [false, true].into_iter().filter_map(|parts| *self.answers.get(&(a, b, parts))?);
            PixelCheck { a: id(a), b: id(b), result: AlignedCheck::to_bytes(&answers.collect::<Vec<_>>()) }
        };
        let mut fresh: Vec<PixelCheck> = self.fresh.iter().map(checked).collect();
        let bare = self.bare.iter().filter(|(_, bare)| bare.fresh);
        fresh.extend(bare.map(|(&image, bare)| PixelCheck {
            a: id(image),
            b: id(image),
            result: bare.to_bytes(),
        }));
        fresh.sort_unstable();
        fresh
    }
}
