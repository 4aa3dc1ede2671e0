//! Joins by bands: both sides sorted by one band at a time, and only near buckets compared.
//!
//! The same pairs as looking up every row in an index, but a bucket's rows are compared with a neighbouring
//! bucket's while both are in cache, and only one band's order is in memory at a time: some 80 bytes per
//! distinct hash. A pair is reported at the first band that admits it, so no memory of reported pairs is needed.

use std::ops::Range;

use rayon::prelude::*;

use super::JoinPair;
use super::join::{Batch, comes_first};
use super::mih::Table;
use super::plan::{Plan, Start};
use crate::hash::Hash256;
use crate::hash::kernel::hamming::{Hamming, prefetch};

/// Left rows of one task.
const TASK_ROWS: usize = 2048;
/// Left and right rows of one call of the kernel: they bound the hits waiting for verification.
const LEFT_ROWS: usize = 32;
const RIGHT_ROWS: usize = 4096;
/// Hits that wait before they are verified.
const WAITING: usize = 4096;

/// One side sorted by a band, hashes included, so that verification stays in cache.
struct Side {
    table: Table,
    hashes: Vec<Hash256>,
}

impl Side {
    fn new(hashes: &[Hash256], plan: &Plan, start: &Start) -> Self {
        let table = Table::new(hashes, &plan.layout.bands[start.band]);
        let hashes = table.rows.par_iter().map(|&row| hashes[row as usize]).collect();
        Self { table, hashes }
    }

    /// The key of the row at a place.
    fn key_at(&self, place: usize) -> u32 {
        (self.table.starts.partition_point(|&start| start as usize <= place) - 1) as u32
    }
}

/// All pairs `a < b` within the radius, in batches.
pub(super) fn self_join(
    kernel: Hamming,
    plan: &Plan,
    hashes: &[Hash256],
    radius: u32,
    sink: &(dyn Fn(&[JoinPair]) + Sync),
) {
    for (order, start) in plan.starts.iter().enumerate() {
        let side = Side::new(hashes, plan, start);
        let pass =
            Pass { kernel, plan, order, radius, left: &side, right: &side, within: true, rounds: None };
        pass.run(
            &|pairs: &mut Batch, a, b, distance| {
                pairs.push(JoinPair { a: a.min(b), b: a.max(b), distance });
            },
            sink,
        );
    }
}

/// All pairs (row of one of `lefts`, row of `right`) within the radius, in batches with the place in `lefts`; see
/// [`super::join_many`].
pub(super) fn join(
    kernel: Hamming,
    plan: &Plan,
    (lefts, right): (&[&[Hash256]], &[Hash256]),
    rounds: Option<u32>,
    radius: u32,
    sink: &(dyn Fn(usize, &[JoinPair]) + Sync),
    go_on: &dyn Fn(usize, usize) -> bool,
) {
    let passes = plan.starts.len() * lefts.len();
    for (order, start) in plan.starts.iter().enumerate() {
        let right = Side::new(right, plan, start);
        for (place, left) in lefts.iter().enumerate() {
            let left = Side::new(left, plan, start);
            let rounds = rounds.filter(|_| place == 0);
            let pass =
                Pass { kernel, plan, order, radius, left: &left, right: &right, within: false, rounds };
            pass.run(
                &|pairs: &mut Batch, a, b, distance| pairs.push(JoinPair { a, b, distance }),
                &|pairs| {
                    sink(place, pairs);
                },
            );
            if !go_on(order * lefts.len() + place + 1, passes) {
                return;
            }
        }
    }
}

/// The comparison of two sides at one start.
struct Pass<'a> {
    kernel: Hamming,
    plan: &'a Plan,
    /// Place of the start in the plan.
    order: usize,
    radius: u32,
    left: &'a Side,
    right: &'a Side,
    /// Both sides are the same: each pair of places once.
    within: bool,
    /// The right side repeats the left, so many rows a round: each pair of rows once a round.
    rounds: Option<u32>,
}

impl Pass<'_> {
    fn run(&self, emit: &(dyn Fn(&mut Batch, u32, u32, u32) + Sync), sink: &(dyn Fn(&[JoinPair]) + Sync)) {
        let rows = self.left.hashes.len();
        (0..rows.div_ceil(TASK_ROWS)).into_par_iter().for_each(|task| {
            let mut work =
                Task { pass: self, hits: Vec::new(), near: Vec::new(), pairs: Batch::new(sink), emit };
            work.left_rows(task * TASK_ROWS..((task + 1) * TASK_ROWS).min(rows));
            work.verify();
        });
    }
}

/// One thread's share of a [`Pass`].
struct Task<'a, 's> {
    pass: &'a Pass<'a>,
    /// Places (left, right) that passed the sketch.
    hits: Vec<(u32, u32)>,
    /// Places and distance of verified hits.
    near: Vec<(u32, u32, u32)>,
    pairs: Batch<'s>,
    emit: &'a (dyn Fn(&mut Batch, u32, u32, u32) + Sync),
}

impl Task<'_, '_> {
    /// Compares these left places with every bucket of the right near theirs.
    fn left_rows(&mut self, places: Range<usize>) {
        let pass = self.pass;
        let start = &pass.plan.starts[pass.order];
        let (mut place, mut key) = (places.start, pass.left.key_at(places.start));
        while place < places.end {
            let bucket = pass.left.table.bucket(key);
            let mine = place..bucket.end.min(places.end);
            if !mine.is_empty() {
                let sketches = &pass.right.table.sketches;
                for &flip in &start.flips {
                    prefetch(sketches, pass.right.table.starts[(key ^ flip) as usize] as usize);
                }
                for &flip in &start.flips {
                    let other = key ^ flip;
                    if !pass.within || other >= key {
                        self.buckets(mine.clone(), pass.right.table.bucket(other), start.sketch_limit(flip));
                    }
                }
            }
            place = mine.end.max(place);
            key += 1;
        }
    }

    fn buckets(&mut self, left: Range<usize>, right: Range<usize>, limit: u16) {
        let pass = self.pass;
        for first in left.clone().step_by(LEFT_ROWS) {
            let last = (first + LEFT_ROWS).min(left.end);
            // In a self-join a bucket meets itself: pairs up to the diagonal were met before.
            let begin = if pass.within && right.contains(&first) { first } else { right.start };
            for from in (begin..right.end).step_by(RIGHT_ROWS) {
                let to = (from + RIGHT_ROWS).min(right.end);
                let hits = &mut self.hits;
                let sketches = (&pass.left.table.sketches[first..last], &pass.right.table.sketches);
                let (lefts, rights) = (&pass.left.table.rows[first..last], &pass.right.table.rows);
                // What is verified later is fetched meanwhile.
                let mut push = |a: usize, b: usize| {
                    prefetch(&pass.right.hashes, b);
                    hits.push(((first + a) as u32, b as u32));
                };
                match pass.rounds {
                    None => pass.kernel.sketches(sketches.0, sketches.1, from..to, limit, push),
                    Some(rows) => pass.kernel.sketches(sketches.0, sketches.1, from..to, limit, |a, b| {
                        if comes_first(lefts[a], rights[b], rows) {
                            push(a, b);
                        }
                    }),
                }
                if self.hits.len() >= WAITING {
                    self.verify();
                }
            }
        }
    }

    fn verify(&mut self) {
        let Self { pass, hits, near, pairs, emit } = self;
        let &Pass { kernel, plan, order, radius, left, right, within, .. } = *pass;
        match &plan.bands16 {
            Some(bands) => {
                let band = (bands, plan.starts[order].band);
                kernel.first_admitted((&left.hashes, &right.hashes), hits, radius, band, near);
            }
            None => kernel.compare(&left.hashes, &right.hashes, hits, |a, b, difference, distance| {
                if distance <= radius && plan.first_admitting(&difference) == Some(order) {
                    near.push((a, b, distance));
                }
            }),
        }
        for (a, b, distance) in near.drain(..) {
            // A bucket met itself.
            if !within || a < b {
                emit(pairs, left.table.rows[a as usize], right.table.rows[b as usize], distance);
            }
        }
        hits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Layout;
    use super::super::{flat, test_hashes};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_layout_joins_as_flat_does(
            hashes in test_hashes::families(80),
            count in Layout::COUNTS,
            radius in 0u32..64,
        ) {
            let Some(plan) = Plan::new(Layout::new(count), radius) else { return Ok(()) };
            prop_assume!(plan.layout.bands[0].width < 20);
            let (left, right) = hashes.split_at(hashes.len() / 3);
            for kernel in Hamming::available() {
                let wanted = test_hashes::collected(|sink| flat::self_join(kernel, &hashes, radius, sink));
                let found = test_hashes::collected(|sink| self_join(kernel, &plan, &hashes, radius, sink));
                prop_assert_eq!(found, wanted);
                let wanted = test_hashes::collected(|sink| flat::join(kernel, left, right, radius, sink));
                let found = test_hashes::collected(|sink| {
                    let sink = |_: usize, pairs: &[JoinPair]| sink(pairs);
                    join(kernel, &plan, (&[left], right), None, radius, &sink, &|_, _| true);
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
            prop_assume!(plan.layout.bands[0].width < 20);
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
                        super::super::join_many(lefts, &twice, Some(rows), radius, &sink, &|_, _| true);
                    }
                });
                prop_assert_eq!(found, wanted.clone());
            }
        }
    }
}
