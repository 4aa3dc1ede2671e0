//! What laying one image over another showed: asked for once, kept in the case, and good when originals are gone.
//!
//! A result belongs to two images and a map. The trap: in one run a pair is asked about once, whatever map a second
//! question would bring; otherwise a later run that finds one result in the case would see another than this one did.

use super::pixels::Pixels;
use crate::case::{Laid, Snapshot};
use crate::verify::affine::Affine;
use crate::verify::dense::{self, DenseCheck};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// One result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlay {
    /// From working pixels of the image with the smaller id.
    map: Affine,
    /// `None`: too little structure to compare.
    pub(super) check: Option<DenseCheck>,
}

/// Bytes of the map, and of a check.
const MAP_BYTES: usize = 6 * 8;
const CHECK_BYTES: usize = 4 * 8;

impl Overlay {
    /// Little-endian: the map's six numbers; then patches compared, agreement, exactness, covered, if there were any.
    fn to_bytes(self) -> Vec<u8> {
        let check = self.check.iter();
        let numbers =
            check.flat_map(|check| [check.compared as f64, check.agreement, check.exactness, check.covered]);
        self.map.0.into_iter().chain(numbers).flat_map(f64::to_le_bytes).collect()
    }

    /// `None` for bytes that [`to_bytes`](Self::to_bytes) does not write.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let values: Vec<f64> = numbers.iter().map(|number| f64::from_le_bytes(*number)).collect();
        let usual = rest.is_empty() && [MAP_BYTES, MAP_BYTES + CHECK_BYTES].contains(&bytes.len());
        let (map, check) = values.split_first_chunk::<6>()?;
        let check = match check {
            &[compared, agreement, exactness, covered] => {
                Some(DenseCheck { compared: compared as usize, agreement, exactness, covered })
            }
            _ => None,
        };
        (usual && values.iter().all(|value| value.is_finite())).then_some(Self { map: Affine(*map), check })
    }
}

/// A question: two image rows, the smaller first, and the map between their working pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) map: Affine,
}

/// All questions of a run with their answers.
pub(super) struct Overlays<'a> {
    snapshot: &'a Snapshot,
    pixels: &'a dyn Pixels,
    known: &'a [Laid],
    /// `None`: no pixels and nothing known.
    answers: BTreeMap<(u32, u32), Option<Overlay>>,
    fresh: Vec<(u32, u32)>,
}

impl<'a> Overlays<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, pixels: &'a dyn Pixels, known: &'a [Laid]) -> Self {
        Self { snapshot, pixels, known, answers: BTreeMap::new(), fresh: Vec::new() }
    }

    /// Finds the answers, in parallel; questions about a pair that was asked before change nothing.
    pub(super) fn ask(&mut self, asks: &[Ask]) {
        let unanswered = |ask: &&Ask| !self.answers.contains_key(&(ask.a, ask.b));
        let mut new: Vec<&Ask> = asks.iter().filter(unanswered).collect();
        new.sort_by_key(|ask| (ask.a, ask.b));
        new.dedup_by_key(|ask| (ask.a, ask.b));
        let found: Vec<(Option<Overlay>, bool)> = new.par_iter().map(|ask| self.answer(ask)).collect();
        for (ask, (laid, fresh)) in new.into_iter().zip(found) {
            self.answers.insert((ask.a, ask.b), laid);
            if fresh {
                self.fresh.push((ask.a, ask.b));
            }
        }
    }

    /// The answer, and whether it is new. What was laid along another map is taken where there are no pixels.
    fn answer(&self, ask: &Ask) -> (Option<Overlay>, bool) {
        let id = |row: u32| self.snapshot.images[row as usize].id();
        let place = self.known.binary_search_by_key(&(id(ask.a), id(ask.b)), |laid| (laid.a, laid.b)).ok();
        let known = place.and_then(|place| Overlay::from_bytes(&self.known[place].result));
        if known.is_some_and(|known| known.map == ask.map) {
            return (known, false);
        }
        match self.pixels.luma(ask.a).zip(self.pixels.luma(ask.b)) {
            Some((a, b)) => (Some(Overlay { map: ask.map, check: dense::check(&a, &b, &ask.map) }), true),
            None => (known, false),
        }
    }

    /// The answer about two images in either order, if they were asked about and could be compared.
    pub(super) fn get(&self, a: u32, b: u32) -> Option<&Overlay> {
        self.answers.get(&(a.min(b), a.max(b)))?.as_ref()
    }

    /// Pairs compared, and pairs that could not be.
    pub(super) fn counts(&self) -> (u64, u64) {
        let compared = self.answers.values().filter(|laid| laid.is_some()).count();
        (compared as u64, (self.answers.len() - compared) as u64)
    }

    /// Answers that were not known before, sorted.
    pub(super) fn fresh(&self) -> Vec<Laid> {
        let id = |row: u32| self.snapshot.images[row as usize].id();
        let laid =
            |&(a, b): &(u32, u32)| Some(Laid { a: id(a), b: id(b), result: self.get(a, b)?.to_bytes() });
        let mut fresh: Vec<Laid> = self.fresh.iter().filter_map(laid).collect();
        fresh.sort_unstable();
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_round_trip_and_damage_is_no_other_result(
            map in prop::array::uniform6(-9.0f64..9.0), check in prop::option::of((0usize..999, 0.0f64..1.0)), cut in 0usize..90
        ) {
            let check = check.map(|(compared, share)| DenseCheck {
                compared, agreement: share, exactness: share / 2.0, covered: 1.0 - share
            });
            let laid = Overlay { map: Affine(map), check };
            let bytes = laid.to_bytes();
            prop_assert_eq!(Overlay::from_bytes(&bytes), Some(laid));
            if cut < bytes.len() && cut != MAP_BYTES {
                prop_assert_eq!(Overlay::from_bytes(&bytes[..cut]), None);
            }
        }
    }
}
