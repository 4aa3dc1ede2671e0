//! Joins: all near pairs of one set or of two, with duplicates collapsed before and expanded after.
//!
//! Results stream in batches from many threads; nothing here grows with their number.

use rayon::prelude::*;

use super::bands;
use super::batch::{Batch, comes_first};
use crate::hash::Hash256;
use crate::hash::kernel::hamming::Hamming;
use crate::index::neighbor::JoinPair;
use crate::index::radius::cost;
use crate::index::radius::cost::Work;
use crate::index::radius::flat;
use crate::index::radius::unique::Unique;

/// Every pair `a < b` of rows at most `radius` bits apart, handed to `sink` in batches, in no fixed order, from
/// many threads. Memory does not grow with the number of pairs: some 90 bytes per distinct hash.
///
/// Equal hashes are compared once, but every pair of their rows is reported; where that is too much, join
/// [`Unique::hashes`] instead.
pub fn self_join(hashes: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    let unique = Unique::new(hashes);
    if unique.is_identity() {
        return join_distinct(unique.hashes(), radius, sink);
    }
    (0..unique.hashes().len() as u32).into_par_iter().for_each(|group| {
        let mut batch = Batch::new(sink);
        let rows = unique.rows(group);
        for (n, &a) in rows.iter().enumerate() {
            rows[n + 1..].iter().for_each(|&b| batch.push(JoinPair { a, b, distance: 0 }));
        }
    });
    join_distinct(unique.hashes(), radius, &|pairs| {
        let mut batch = Batch::new(sink);
        for pair in pairs {
            for &a in unique.rows(pair.a) {
                for &b in unique.rows(pair.b) {
                    batch.push(JoinPair { a: a.min(b), b: a.max(b), distance: pair.distance });
                }
            }
        }
    });
}

/// [`self_join`] of hashes that are known to be distinct (correct for any, slower where they are not).
pub(crate) fn join_distinct(hashes: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    let kernel = Hamming::best();
    match cost::best_plan(kernel, Work::SelfJoin, hashes.len(), radius, cost::evenness(hashes)) {
        Some(plan) => bands::self_join(kernel, &plan, hashes, radius, sink),
        None => flat::self_join(kernel, hashes, radius, sink),
    }
}

/// Every pair (row of `left`, row of `right`) at most `radius` bits apart; see [`self_join`].
pub fn join(left: &[Hash256], right: &[Hash256], radius: u32, sink: &(dyn Fn(&[JoinPair]) + Sync)) {
    let (lefts, rights) = (Unique::new(left), Unique::new(right));
    let expand = |_: usize, pairs: &[JoinPair]| {
        let mut batch = Batch::new(sink);
        for pair in pairs {
            for &a in lefts.rows(pair.a) {
                rights.rows(pair.b).iter().for_each(|&b| batch.push(JoinPair { a, b, ..*pair }));
            }
        }
    };
    join_many(&[lefts.hashes()], rights.hashes(), None, radius, &expand, &|_, _| true);
}

/// Every pair (row of one of `lefts`, row of `right`) at most `radius` bits apart: `sink` gets the place in `lefts`
/// with each batch. The bands of `right` are sorted once for all of `lefts`, and each of its buckets is loaded once,
/// which is half of the work of joining one by one. Equal hashes are compared one by one: collapse them first. All
/// of `lefts` together have fewer than 2^32 rows.
///
/// With `rounds`, `right` is the first of `lefts`, of so many rows, and once more under a symmetry that changes no
/// distance when both sides are under it; then that one meets it in pairs whose left row is the smaller in its round.
///
/// `go_on` is asked now and then, with the steps done and those in all; when it says no, the join ends early.
pub fn join_many(
    lefts: &[&[Hash256]],
    right: &[Hash256],
    rounds: Option<u32>,
    radius: u32,
    sink: &(dyn Fn(usize, &[JoinPair]) + Sync),
    go_on: &dyn Fn(usize, usize) -> bool,
) {
    let kernel = Hamming::best();
    let rows: usize = lefts.iter().map(|left| left.len()).sum();
    let work = Work::Join { share: right.len() as f64 / rows.max(1) as f64 };
    if let Some(plan) = cost::best_plan(kernel, work, right.len(), radius, cost::evenness(right)) {
        return bands::join(kernel, &plan, (lefts, right), rounds, radius, sink, go_on);
    }
    for (place, left) in lefts.iter().enumerate() {
        flat::join(kernel, left, right, radius, &|pairs| match rounds.filter(|_| place == 0) {
            None => sink(place, pairs),
            Some(rows) => {
                let once: Vec<JoinPair> =
                    pairs.iter().copied().filter(|pair| comes_first(pair.a, pair.b, rows)).collect();
                sink(place, &once);
            }
        });
        if !go_on(place + 1, lefts.len()) {
            return;
        }
    }
}
