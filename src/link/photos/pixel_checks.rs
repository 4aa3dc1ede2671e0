//! What laying one image over another showed: asked for once, kept in the case, and good when originals are gone.
//!
//! A result belongs to two images and a map. The trap: in one run a pair is asked about once, whatever map a second
//! question would bring; otherwise a later run that finds one result in the case would see another than this one did.

use super::pixel_result::{AlignedCheck, Way};
use super::pixels::Pixels;
use crate::corpus::{ImageRow, PixelCheck, Snapshot};
use crate::verify::Projective;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
    /// `None`: no pixels and nothing known.
    answers: BTreeMap<CheckedPair, Option<AlignedCheck>>,
    fresh: BTreeSet<(ImageRow, ImageRow)>,
}

impl<'a> PixelChecks<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, pixels: &'a dyn Pixels, known: &'a [PixelCheck]) -> Self {
        Self { snapshot, pixels, known, answers: BTreeMap::new(), fresh: BTreeSet::new() }
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
        let id = |row: ImageRow| self.snapshot.images[row].id();
        let place =
            self.known.binary_search_by_key(&(id(ask.a), id(ask.b)), |checked| (checked.a, checked.b)).ok();
        let known = place.map_or(Vec::new(), |place| AlignedCheck::from_bytes(&self.known[place].result));
        let known = known.into_iter().find(|known| known.way.is_of_parts() == ask.way.is_of_parts());
        if known.is_some_and(|known| known.way == ask.way) {
            return (known, false);
        }
        match self.pixels.luma(ask.a.0).zip(self.pixels.luma(ask.b.0)) {
            Some((a, b)) => (Some(AlignedCheck { way: ask.way, check: ask.way.compare(&a, &b) }), true),
            None => (known, false),
        }
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
        fresh.sort_unstable();
        fresh
    }
}
