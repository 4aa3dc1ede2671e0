//! What laying one image over another showed: asked for once, kept in the case, and good when originals are gone.
//!
//! A result belongs to two images and a map. The trap: in one run a pair is asked about once, whatever map a second
//! question would bring; otherwise a later run that finds one result in the case would see another than this one did.

use super::pixels::Pixels;
use crate::corpus::PixelCheck;
use crate::corpus::Snapshot;
use crate::verify::affine::Affine;
use crate::verify::dense;
use crate::verify::dense::DenseCheck;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// One result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AlignedCheck {
    /// From working pixels of the image with the smaller id.
    map: Affine,
    /// `None`: too little structure to compare.
    pub(crate) check: Option<DenseCheck>,
}

impl AlignedCheck {
    /// Little-endian: the map's six numbers; then patches compared, agreement, exactness, covered, grain, if there were
    /// any.
    fn to_bytes(self) -> Vec<u8> {
        let check = self.check.iter();
        let numbers = check.flat_map(|check| {
            [check.compared as f64, check.agreement, check.exactness, check.covered, check.grain]
        });
        self.map.0.into_iter().chain(numbers).flat_map(f64::to_le_bytes).collect()
    }

    /// `None` for bytes that no version wrote. The first ones knew no grain; it then counts as fine, as it did.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let values: Vec<f64> = numbers.iter().map(|number| f64::from_le_bytes(*number)).collect();
        let (map, check) = values.split_first_chunk::<6>()?;
        let check = match *check {
            [] => None,
            [compared, agreement, exactness, covered, ref grain @ ..] if grain.len() <= 1 => {
                let grain = grain.first().copied().unwrap_or(1.0);
                Some(DenseCheck { compared: compared as usize, agreement, exactness, covered, grain })
            }
            _ => return None,
        };
        let usual = rest.is_empty() && values.iter().all(|value| value.is_finite());
        usual.then_some(Self { map: Affine(*map), check })
    }
}

/// A question: two image rows, the smaller first, and the map between their working pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) map: Affine,
}

/// All questions of a run with their answers.
pub(crate) struct PixelChecks<'a> {
    snapshot: &'a Snapshot,
    pixels: &'a dyn Pixels,
    known: &'a [PixelCheck],
    /// `None`: no pixels and nothing known.
    answers: BTreeMap<(u32, u32), Option<AlignedCheck>>,
    fresh: Vec<(u32, u32)>,
}

impl<'a> PixelChecks<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, pixels: &'a dyn Pixels, known: &'a [PixelCheck]) -> Self {
        Self { snapshot, pixels, known, answers: BTreeMap::new(), fresh: Vec::new() }
    }

    /// Finds the answers, in parallel; questions about a pair that was asked before change nothing.
    pub(crate) fn ask(&mut self, asks: &[Ask]) {
        let unanswered = |ask: &&Ask| !self.answers.contains_key(&(ask.a, ask.b));
        let mut new: Vec<&Ask> = asks.iter().filter(unanswered).collect();
        new.sort_by_key(|ask| (ask.a, ask.b));
        new.dedup_by_key(|ask| (ask.a, ask.b));
        let found: Vec<(Option<AlignedCheck>, bool)> = new.par_iter().map(|ask| self.answer(ask)).collect();
        for (ask, (checked, fresh)) in new.into_iter().zip(found) {
            self.answers.insert((ask.a, ask.b), checked);
            if fresh {
                self.fresh.push((ask.a, ask.b));
            }
        }
    }

    /// The answer, and whether it is new. What was laid along another map, or by a version that saw less, is taken where
    /// there are no pixels.
    fn answer(&self, ask: &Ask) -> (Option<AlignedCheck>, bool) {
        let id = |row: u32| self.snapshot.images[row as usize].id();
        let place =
            self.known.binary_search_by_key(&(id(ask.a), id(ask.b)), |checked| (checked.a, checked.b)).ok();
        let bytes = place.map(|place| &self.known[place].result);
        let known = bytes.and_then(|bytes| AlignedCheck::from_bytes(bytes));
        let stands = |known: AlignedCheck| known.map == ask.map && bytes == Some(&known.to_bytes());
        if known.is_some_and(stands) {
            return (known, false);
        }
        match self.pixels.luma(ask.a).zip(self.pixels.luma(ask.b)) {
            Some((a, b)) => {
                (Some(AlignedCheck { map: ask.map, check: dense::check(&a, &b, &ask.map) }), true)
            }
            None => (known, false),
        }
    }

    /// The answer about two images in either order, if they were asked about and could be compared.
    pub(crate) fn get(&self, a: u32, b: u32) -> Option<&AlignedCheck> {
        self.answers.get(&(a.min(b), a.max(b)))?.as_ref()
    }

    /// Pairs compared, and pairs that could not be.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let compared = self.answers.values().filter(|checked| checked.is_some()).count();
        (compared as u64, (self.answers.len() - compared) as u64)
    }

    /// Answers that were not known before, sorted.
    pub(crate) fn fresh(&self) -> Vec<PixelCheck> {
        let id = |row: u32| self.snapshot.images[row as usize].id();
        let checked = |&(a, b): &(u32, u32)| {
            Some(PixelCheck { a: id(a), b: id(b), result: self.get(a, b)?.to_bytes() })
        };
        let mut fresh: Vec<PixelCheck> = self.fresh.iter().filter_map(checked).collect();
        fresh.sort_unstable();
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes of the map, and of a map and a check before there was a grain.
    const MAP_BYTES: usize = 6 * 8;
    const OLD_BYTES: usize = MAP_BYTES + 4 * 8;

    proptest! {
        #[test]
        fn bytes_round_trip_and_damage_is_no_other_result(
            map in prop::array::uniform6(-9.0f64..9.0), check in prop::option::of((0usize..999, 0.0f64..1.0)), cut in 0usize..90
        ) {
            let check = check.map(|(compared, share)| DenseCheck {
                compared, agreement: share, exactness: share / 2.0, covered: 1.0 - share, grain: share
            });
            let checked = AlignedCheck { map: Affine(map), check };
            let bytes = checked.to_bytes();
            prop_assert_eq!(AlignedCheck::from_bytes(&bytes), Some(checked));
            match cut {
                _ if cut >= bytes.len() || cut == MAP_BYTES => {}
                OLD_BYTES => {
                    let fine = check.map(|check| DenseCheck { grain: 1.0, ..check });
                    prop_assert_eq!(AlignedCheck::from_bytes(&bytes[..cut]), Some(AlignedCheck { check: fine, ..checked }));
                }
                _ => prop_assert_eq!(AlignedCheck::from_bytes(&bytes[..cut]), None),
            }
        }
    }
}
