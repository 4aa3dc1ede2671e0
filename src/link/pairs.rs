//! The image pairs that findings list: measured one by one, capped per photo group.
//!
//! Inside a photo group every two images are measured again, so that the list holds the best proof of each pair
//! and nothing transitive. The trap: a group of n images has n (n - 1) / 2 pairs; over the cap only a spanning
//! forest is listed and the rest is counted.

use super::candidates::Edge;
use super::decisions::Replay;
use super::looks::Looks;
use super::photo_groups::Grouping;
use super::showings::SeenIn;
use super::union_find::Sets;
use super::{LinkOptions, Pair, PairMode};
use crate::case::Snapshot;
use crate::verify;
use rayon::prelude::*;

/// Listed pairs, sorted by rows, and how many more the groups over the cap may hold.
pub(super) fn list(
    snapshot: &Snapshot,
    options: &LinkOptions,
    replay: &Replay,
    looks: &Looks,
    edges: &[Edge],
    grouping: &Grouping,
) -> (Vec<Pair>, u64) {
    let listing = Listing { snapshot, options, replay, seen: SeenIn::new(snapshot), looks };
    let mut rows = listing.same_file();
    let (grouped, left_out) = listing.grouped(edges, grouping);
    rows.extend(grouped);
    rows.extend(listing.between(&grouping.cut));
    rows.par_sort_unstable();
    rows.dedup();
    let pairs = rows.into_par_iter().filter_map(|(a, b)| listing.prove(a, b)).collect();
    (pairs, left_out)
}

struct Listing<'a> {
    snapshot: &'a Snapshot,
    options: &'a LinkOptions,
    replay: &'a Replay,
    seen: SeenIn,
    looks: &'a Looks<'a>,
}

impl Listing<'_> {
    fn prove(&self, a: u32, b: u32) -> Option<Pair> {
        if !self.in_two_ads(a, b) {
            return None;
        }
        let (x, y) = (&self.snapshot.images[a as usize], &self.snapshot.images[b as usize]);
        let measured = verify::verify(x, y, self.options.radius, self.options.min_quality);
        Some(Pair { a, b, proof: self.replay.proof(a, b, measured)? })
    }

    /// Is there an ad with `a` and another one (of another site, if that is asked) with `b`?
    fn in_two_ads(&self, a: u32, b: u32) -> bool {
        let (first, second) = (self.seen.ads(a), self.seen.ads(b));
        let site = |ad: u32| &self.snapshot.ads[ad as usize].key.site;
        let differ = |x: u32, y: u32| x != y && (!self.options.cross_site_only || site(x) != site(y));
        // Whoever differs from one ad of `a` settles it; only if nobody does, another ad of `a` may.
        let Some(&x) = first.first() else { return false };
        second.iter().any(|&y| differ(x, y))
            || second.first().is_some_and(|&y| first.iter().any(|&x| differ(x, y)))
    }

    /// Files that were seen in several ads.
    fn same_file(&self) -> Vec<(u32, u32)> {
        (0..self.snapshot.images.len() as u32)
            .filter(|&row| self.seen.ads(row).len() > 1)
            .map(|row| (row, row))
            .collect()
    }

    fn grouped(&self, edges: &[Edge], grouping: &Grouping) -> (Vec<(u32, u32)>, u64) {
        let mut rows = Vec::new();
        let mut left_out = 0;
        let mut large = vec![false; self.looks.len()];
        for group in &grouping.groups {
            let looks = || group.core.iter().chain(&group.holders);
            let n: u64 = looks().map(|&look| self.looks.images_of(look).len() as u64).sum();
            let all = n * n.saturating_sub(1) / 2;
            if n < 2 {
                continue;
            }
            if self.options.pairs == PairMode::All && all <= self.options.pair_cap {
                let mut images: Vec<u32> =
                    looks().flat_map(|&look| self.looks.images_of(look)).copied().collect();
                images.sort_unstable();
                rows.extend(
                    images
                        .iter()
                        .enumerate()
                        .flat_map(|(k, &a)| images[k + 1..].iter().map(move |&b| (a, b))),
                );
            } else {
                looks().for_each(|&look| large[look as usize] = true);
                left_out += all - (n - 1);
            }
        }
        rows.extend(self.forest(edges, &large));
        (rows, left_out)
    }

    /// A spanning forest of the looks marked, nearest edges first, and of the images of each of them.
    fn forest(&self, edges: &[Edge], marked: &[bool]) -> Vec<(u32, u32)> {
        let first = |look: u32| self.looks.images_of(look)[0];
        let mut rows = Vec::new();
        for look in (0..self.looks.len() as u32).filter(|&look| marked[look as usize]) {
            let images = self.looks.images_of(look);
            rows.extend(images[1..].iter().map(|&image| (images[0], image)));
        }
        let mut sets = Sets::new(self.looks.len());
        for edge in edges.iter().filter(|edge| marked[edge.a as usize] && marked[edge.b as usize]) {
            if sets.join(edge.a, edge.b).is_some() {
                rows.push((first(edge.a).min(first(edge.b)), first(edge.a).max(first(edge.b))));
            }
        }
        rows
    }

    /// Pairs that were found and belong to no common group; up to the cap for two looks.
    fn between(&self, cut: &[Edge]) -> Vec<(u32, u32)> {
        let cap = self.options.pair_cap.min(usize::MAX as u64) as usize;
        let of = |edge: &Edge| {
            let (a, b) = (self.looks.images_of(edge.a), self.looks.images_of(edge.b));
            let pairs = a.iter().flat_map(move |&x| b.iter().map(move |&y| (x.min(y), x.max(y))));
            pairs.take(cap).collect::<Vec<_>>()
        };
        cut.iter().flat_map(of).collect()
    }
}
