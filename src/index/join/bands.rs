//! Joins by bands: both sides sorted by one band at a time, and only near buckets compared.
//!
//! The same pairs as looking up every row in an index, but a bucket's rows are compared with a neighbouring
//! bucket's while both are in cache, and only one band's order is in memory at a time: some 80 bytes per
//! distinct hash. A pair is reported at the first band that admits it, so no memory of reported pairs is needed.
//! Buckets fill as sets grow; two sketches in one comparison keep what has to be verified down to little more than
//! what is near.

use std::ops::Range;

use rayon::prelude::*;

use super::batch::{Batch, comes_first};
use crate::hash::Hash256;
use crate::hash::kernel::hamming::{Hamming, prefetch};
use crate::index::neighbor::JoinPair;
use crate::index::radius::mih::place_by_key;
use crate::index::radius::plan::{BandStart, Plan};

/// Left rows of one task.
const TASK_ROWS: usize = 4096;
/// Left and right rows of one call of the kernel: they bound the hits waiting for verification.
const LEFT_ROWS: usize = 256;
const RIGHT_ROWS: usize = 2048;
/// Hits that wait before they are verified.
const WAITING: usize = 4096;

/// The left sides, all of them sorted together by a band: so each right bucket is loaded once for all.
struct Left<'a> {
    parts: &'a [&'a [Hash256]],
    /// Where each key's places begin; one more entry than keys.
    starts: Vec<u32>,
    /// By key, then by row.
    places: Vec<LeftPlace>,
}

/// Written in one go: places are scattered over more memory than the cache holds.
#[derive(Clone, Copy, Default)]
struct LeftPlace {
    /// Numbered through all parts.
    row: u32,
    /// The bits after the key, and those after them.
    sketches: [u16; 2],
}

impl<'a> Left<'a> {
    fn new(parts: &'a [&'a [Hash256]], plan: &Plan, start: &BandStart) -> Self {
        let (band, beyond) = (&plan.layout.bands[start.band], plan.layout.beyond(start.band));
        let count = parts.iter().map(|part| part.len()).sum();
        let mut places = vec![LeftPlace::default(); count];
        let starts = place_by_key(parts, band, |place, row, hash| {
            places[place] = LeftPlace { row, sketches: [band.sketch(hash), beyond.sketch(hash)] };
        });
        Self { parts, starts, places }
    }

    /// The key of the row at a place.
    fn key_at(&self, place: usize) -> u32 {
        (self.starts.partition_point(|&start| start as usize <= place) - 1) as u32
    }

    /// The part that a row belongs to, and its row there.
    #[inline]
    fn part_of(&self, mut row: u32) -> (usize, u32) {
        let mut part = 0;
        while row as usize >= self.parts[part].len() {
            row -= self.parts[part].len() as u32;
            part += 1;
        }
        (part, row)
    }

    #[inline]
    fn hash(&self, row: u32) -> Hash256 {
        let (part, row) = self.part_of(row);
        self.parts[part][row as usize]
    }
}

/// The right side sorted by a band, hashes included, so that verification stays in cache.
struct Right {
    starts: Vec<u32>,
    rows: Vec<u32>,
    hashes: Vec<Hash256>,
    sketches: [Vec<u16>; 2],
}

impl Right {
    fn new(hashes: &[Hash256], plan: &Plan, start: &BandStart) -> Self {
        let (band, beyond) = (&plan.layout.bands[start.band], plan.layout.beyond(start.band));
        let mut rows = vec![0; hashes.len()];
        let starts = place_by_key(&[hashes], band, |place, row, _| rows[place] = row);
        let hashes: Vec<Hash256> = rows.par_iter().map(|&row| hashes[row as usize]).collect();
        let sketches = [band, beyond].map(|band| hashes.par_iter().map(|hash| band.sketch(hash)).collect());
        Self { starts, rows, hashes, sketches }
    }
}

/// Places of one key's rows.
#[inline]
fn bucket(starts: &[u32], key: u32) -> Range<usize> {
    starts[key as usize] as usize..starts[key as usize + 1] as usize
}

/// All pairs `a < b` within the radius, in batches.
pub(crate) fn self_join(
    kernel: Hamming,
    plan: &Plan,
    hashes: &[Hash256],
    radius: u32,
    sink: &(dyn Fn(&[JoinPair]) + Sync),
) {
    let lefts = [hashes];
    for (order, start) in plan.starts.iter().enumerate() {
        let (left, right) = (Left::new(&lefts, plan, start), Right::new(hashes, plan, start));
        let pass = Pass { kernel, plan, order, radius, left, right, within: true, rounds: None };
        pass.run(&|_, pairs| sink(pairs));
    }
}

/// All pairs (row of one of `lefts`, row of `right`) within the radius, in batches with the place in `lefts`; see
/// [`crate::index::join::exact::join_many`].
pub(crate) fn join(
    kernel: Hamming,
    plan: &Plan,
    (lefts, right): (&[&[Hash256]], &[Hash256]),
    rounds: Option<u32>,
    radius: u32,
    sink: &(dyn Fn(usize, &[JoinPair]) + Sync),
    go_on: &dyn Fn(usize, usize) -> bool,
) {
    for (order, start) in plan.starts.iter().enumerate() {
        let (left, right) = (Left::new(lefts, plan, start), Right::new(right, plan, start));
        Pass { kernel, plan, order, radius, left, right, within: false, rounds }.run(sink);
        if !go_on(order + 1, plan.starts.len()) {
            return;
        }
    }
}

/// The comparison of both sides at one start.
struct Pass<'a> {
    kernel: Hamming,
    plan: &'a Plan,
    /// Place of the start in the plan.
    order: usize,
    radius: u32,
    left: Left<'a>,
    right: Right,
    /// Both sides are the same: each pair of places once.
    within: bool,
    /// The right side repeats the first of the left, so many rows a round: each pair of rows once a round.
    rounds: Option<u32>,
}

impl Pass<'_> {
    fn run(&self, sink: &(dyn Fn(usize, &[JoinPair]) + Sync)) {
        let rows = self.left.places.len();
        let sinks: Vec<_> =
            (0..self.left.parts.len()).map(|part| move |pairs: &[JoinPair]| sink(part, pairs)).collect();
        (0..rows.div_ceil(TASK_ROWS)).into_par_iter().for_each(|task| {
            let batches = sinks.iter().map(|sink| Batch::new(sink)).collect();
            let (few, hits, near) = (Few::default(), Vec::new(), Vec::new());
            let mut work = Task { pass: self, few, hits, near, batches };
            work.left_rows(task * TASK_ROWS..((task + 1) * TASK_ROWS).min(rows));
        });
    }

    /// Is this pair of places to be reported, as far as symmetry goes?
    #[inline]
    fn is_wanted(&self, a: usize, b: usize) -> bool {
        let row = self.left.places[a].row;
        let rounds = self.rounds.filter(|_| (row as usize) < self.left.parts[0].len());
        // In a self-join a bucket meets itself.
        (!self.within || a < b) & rounds.is_none_or(|rows| comes_first(row, self.right.rows[b], rows))
    }
}

/// Left rows of one key at hand, by their places from the first on.
#[derive(Default)]
struct Few {
    first: usize,
    sketches: Vec<[u16; 2]>,
    hashes: Vec<Hash256>,
}

/// One thread's share of a [`Pass`].
struct Task<'a, 's> {
    pass: &'a Pass<'a>,
    few: Few,
    /// What passed the sketches: places among the few and on the right.
    hits: Vec<(u32, u32)>,
    /// The same of what is near, with the distance.
    near: Vec<(u32, u32, u32)>,
    /// One for each part of the left side.
    batches: Vec<Batch<'s>>,
}

impl Task<'_, '_> {
    /// Compares these left places with every bucket of the right near theirs.
    fn left_rows(&mut self, places: Range<usize>) {
        let left = &self.pass.left;
        let (mut place, mut key) = (places.start, left.key_at(places.start));
        while place < places.end {
            let end = bucket(&left.starts, key).end.min(places.end);
            for first in (place..end).step_by(LEFT_ROWS) {
                let few = &left.places[first..(first + LEFT_ROWS).min(end)];
                self.few.first = first;
                self.few.sketches.clear();
                self.few.sketches.extend(few.iter().map(|place| place.sketches));
                self.few.hashes.clear();
                self.few.hashes.extend(few.iter().map(|place| left.hash(place.row)));
                self.near_buckets(key);
                self.verify();
            }
            place = end.max(place);
            key += 1;
        }
    }

    fn near_buckets(&mut self, key: u32) {
        let Pass { right, plan, order, within, .. } = self.pass;
        let start = &plan.starts[*order];
        for &flip in &start.flips {
            let first = right.starts[(key ^ flip) as usize] as usize;
            right.sketches.iter().for_each(|sketches| prefetch(sketches, first));
        }
        for &flip in &start.flips {
            let other = key ^ flip;
            if !within || other >= key {
                self.compare(bucket(&right.starts, other), start.sketches_limit(flip));
            }
        }
    }

    fn compare(&mut self, others: Range<usize>, limit: u16) {
        let Self { pass, few: Few { first, sketches, .. }, .. } = self;
        let Pass { kernel, right, within, .. } = pass;
        let (first, right_sketches) = (*first, [0, 1].map(|sketch| right.sketches[sketch].as_slice()));
        // In a self-join a bucket meets itself: pairs up to the diagonal were met before.
        let begin = if *within && others.contains(&first) { first } else { others.start };
        for from in (begin..others.end).step_by(RIGHT_ROWS) {
            let to = (from + RIGHT_ROWS).min(others.end);
            let hits = &mut self.hits;
            kernel.sketches(sketches, right_sketches, from..to, limit, |a, b| {
                // What is verified later is fetched meanwhile.
                prefetch(&right.hashes, b);
                // Written always, kept if wanted: hits come in no order that a CPU could predict.
                let kept = hits.len() + usize::from(pass.is_wanted(first + a, b));
                hits.push((a as u32, b as u32));
                hits.truncate(kept);
            });
        }
        if self.hits.len() >= WAITING {
            self.verify();
        }
    }

    fn verify(&mut self) {
        let Self { pass, few: Few { first, hashes, .. }, hits, near, batches } = self;
        let Pass { kernel, plan, order, radius, left, right, within, .. } = pass;
        match &plan.bands16 {
            Some(bands) => {
                let band = (bands, plan.starts[*order].band);
                kernel.first_admitted((hashes, &right.hashes), hits, *radius, band, near);
            }
            None => kernel.compare(hashes, &right.hashes, hits, |a, b, difference, distance| {
                if distance <= *radius && plan.first_admitting(&difference) == Some(*order) {
                    near.push((a, b, distance));
                }
            }),
        }
        for (a, b, distance) in near.drain(..) {
            let ((part, a), b) = (left.part_of(left.places[*first + a as usize].row), right.rows[b as usize]);
            let (a, b) = if *within { (a.min(b), a.max(b)) } else { (a, b) };
            batches[part].push(JoinPair { a, b, distance });
        }
        hits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::radius::flat;
    use crate::index::radius::plan::Layout;
    use crate::index::test_hashes;
    use proptest::prelude::*;

    proptest! {
        // Every case makes tables of up to a million buckets for each band.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_layout_joins_as_flat_does(
            hashes in test_hashes::families(80),
            count in Layout::COUNTS,
            radius in 0u32..64,
        ) {
            let Some(plan) = Plan::new(Layout::new(count), radius) else { return Ok(()) };
            prop_assume!(plan.layout.bands[0].width < 18);
            let (left, right) = hashes.split_at(hashes.len() / 3);
            for kernel in Hamming::available() {
                let wanted = test_hashes::collected(|sink| flat::self_join(kernel, &hashes, radius, sink));
                let found = test_hashes::collected(|sink| self_join(kernel, &plan, &hashes, radius, sink));
                prop_assert_eq!(found, wanted);
                let wanted = test_hashes::collected(|sink| flat::join(kernel, left, right, radius, sink));
                let (one, other) = left.split_at(left.len() / 2);
                let found = test_hashes::collected(|sink| {
                    let sink = |part: usize, pairs: &[JoinPair]| {
                        let whole = |pair: &JoinPair| JoinPair { a: pair.a + (part * one.len()) as u32, ..*pair };
                        sink(&pairs.iter().map(whole).collect::<Vec<_>>());
                    };
                    join(kernel, &plan, (&[one, other], right), None, radius, &sink, &|_, _| true);
                });
                prop_assert_eq!(found, wanted);
            }
        }

        #[test]
        fn rounds_leave_out_what_was_met_from_the_other_side(
            hashes in test_hashes::families(60),
            count in Layout::COUNTS,
            radius in 0u32..64,
        ) {
            let Some(plan) = Plan::new(Layout::new(count), radius) else { return Ok(()) };
            prop_assume!(plan.layout.bands[0].width < 18);
            let rows = hashes.len() as u32;
            let twice: Vec<Hash256> =
                hashes.iter().copied().chain(hashes.iter().copied().map(crate::hash::transpose)).collect();
            let kernel = Hamming::best();
            let mut wanted = test_hashes::collected(|sink| flat::join(kernel, &hashes, &twice, radius, sink));
            wanted.retain(|pair| pair.a < pair.b % rows);
            for by_bands in [true, false] {
                let found = test_hashes::collected(|sink| {
                    let sink = |_: usize, pairs: &[JoinPair]| sink(pairs);
                    let lefts: &[&[Hash256]] = &[&hashes];
                    if by_bands {
                        join(kernel, &plan, (lefts, &twice), Some(rows), radius, &sink, &|_, _| true);
                    } else {
                        crate::index::join::exact::join_many(lefts, &twice, Some(rows), radius, &sink, &|_, _| true);
                    }
                });
                prop_assert_eq!(found, wanted.clone());
            }
        }
    }
}
