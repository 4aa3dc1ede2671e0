//! The image pairs that findings list: measured one by one, capped per photo group.
//!
//! Inside a photo group every two images are measured again, so that the list holds the best proof of each pair,
//! and says so where a proof only follows from others. The trap: a group of n images has n (n - 1) / 2 pairs; over
//! the cap only a spanning forest is listed and the rest is counted, and pixels are asked about a few pairs of each.

use super::prover::{Examined, Following, Prover};
use crate::corpus::{GroupRow, HashClassRow, ImageRow, Row, Rows, Snapshot};
use crate::link::ads_of_images::AdsOfImages;
use crate::link::candidates::{HashClasses, HashEdge};
use crate::link::findings::Pair;
use crate::link::options::{LinkOptions, PairMode};
use crate::link::photos::{Grouping, PhotoGroups};
use crate::sets::Sets;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Pairs that are examined at once.
const PART: usize = 1 << 18;

/// Pairs of one photo group whose pixels are asked when nothing else proves them.
const ASKED: u32 = 64;

/// What is listed.
#[derive(Default)]
pub(crate) struct Listed {
    /// Sorted by rows.
    pub(crate) pairs: Vec<Pair>,
    /// How many more the groups over the cap may hold.
    pub(crate) left_out: u64,
    /// Pairs whose pixels were not asked because those of enough others were.
    pub(crate) not_asked: u64,
}

/// Two images that should show the same, and how that follows.
type ToConclude = (ImageRow, ImageRow, Following);

/// Lists pairs; asks pixels where nothing else proves one.
pub(crate) fn list(
    snapshot: &Snapshot,
    options: &LinkOptions,
    ads: &AdsOfImages,
    photos: &PhotoGroups,
    edges: &[HashEdge],
    prover: &mut Prover,
) -> Listed {
    let PhotoGroups { classes, grouping, .. } = photos;
    let listing = PairLister { snapshot, options, ads, classes };
    let mut rows = listing.same_file();
    let (grouped, left_out) = listing.grouped(edges, grouping);
    rows.extend(grouped);
    rows.extend(listing.between(&grouping.cut));
    let mut pairs: Vec<Pair> = Vec::with_capacity(rows.len());
    let mut following: Vec<ToConclude> = Vec::new();
    // In the order of groups, whose images are then at hand; and in parts: all of what is known at once would take
    // more memory than the list.
    for part in rows.chunks(PART) {
        let examined: Vec<_> = part.par_chunks(PART / 64).map(|rows| listing.examine(rows, prover)).collect();
        for (proven, follows) in examined {
            pairs.extend(proven);
            following.extend(follows);
        }
    }
    drop(rows);
    following.sort_by_key(|&(a, b, _)| (a, b));
    following.dedup_by_key(|&mut (a, b, _)| (a, b));
    let not_asked = ask(prover, &following);
    let concluded = following.par_iter().filter_map(|(a, b, how)| {
        let proof = prover.conclude(*a, *b, how)?;
        Some(Pair::of(*a, *b, prover.proofs.share(proof)))
    });
    pairs.par_extend(concluded);
    pairs.par_sort_unstable_by_key(|pair| u64::from(pair.a.0) << 32 | u64::from(pair.b.0));
    pairs.dedup_by_key(|pair| (pair.a, pair.b));
    pairs.shrink_to_fit();
    Listed { pairs, left_out, not_asked }
}

/// Asks the pixels of the first pairs of every group that want it, and of all that match in another place than they
/// should; how many others there are.
fn ask(prover: &mut Prover, following: &[ToConclude]) -> u64 {
    let mut asked: BTreeMap<GroupRow, u32> = BTreeMap::new();
    let mut first = |how: &Following| {
        let count = asked.entry(how.group).or_insert(0);
        *count += u32::from(!how.strays);
        how.strays || *count <= ASKED
    };
    let asks: Vec<_> =
        following.iter().filter(|(_, _, how)| first(how)).map(|(a, b, how)| how.ask(*a, *b)).collect();
    prover.pixel_checks.ask(&asks);
    (following.len() - asks.len()) as u64
}

struct PairLister<'a> {
    snapshot: &'a Snapshot,
    options: &'a LinkOptions,
    ads: &'a AdsOfImages,
    classes: &'a HashClasses<'a>,
}

impl PairLister<'_> {
    /// What is known of these pairs, as far as they are of two ads.
    fn examine(&self, rows: &[(ImageRow, ImageRow)], prover: &Prover) -> (Vec<Pair>, Vec<ToConclude>) {
        let (mut pairs, mut following) = (Vec::with_capacity(rows.len()), Vec::new());
        for &(a, b) in rows.iter().filter(|&&(a, b)| self.ads.are_in_two(a, b, self.snapshot, self.options)) {
            match prover.examine(a, b) {
                Examined::Proven(proof) => pairs.push(Pair::of(a, b, prover.proofs.share(proof))),
                Examined::Follows(how) => following.push((a, b, how)),
                Examined::Nothing => {}
            }
        }
        (pairs, following)
    }

    /// Files that were seen in several ads.
    fn same_file(&self) -> Vec<(ImageRow, ImageRow)> {
        ImageRow::all(self.snapshot.images.len())
            .filter(|&row| self.ads.of(row).len() > 1)
            .map(|row| (row, row))
            .collect()
    }

    fn grouped(&self, edges: &[HashEdge], grouping: &Grouping) -> (Vec<(ImageRow, ImageRow)>, u64) {
        let mut rows = Vec::new();
        let mut left_out = 0;
        let mut large = Rows::filled(false, self.classes.len());
        for group in &grouping.groups {
            let classes = || group.core.iter().chain(&group.containers);
            let n: u64 = classes().map(|&class| self.classes.images_of(class).len() as u64).sum();
            let all = n * n.saturating_sub(1) / 2;
            if n < 2 {
                continue;
            }
            if self.options.pairs == PairMode::All && all <= self.options.pair_cap {
                let mut images: Vec<ImageRow> =
                    classes().flat_map(|&class| self.classes.images_of(class)).copied().collect();
                images.sort_unstable();
                rows.extend(
                    images
                        .iter()
                        .enumerate()
                        .flat_map(|(k, &a)| images[k + 1..].iter().map(move |&b| (a, b))),
                );
            } else {
                classes().for_each(|&class| large[class] = true);
                left_out += all - (n - 1);
            }
        }
        rows.extend(self.forest(edges, &large));
        (rows, left_out)
    }

    /// A spanning forest of the classes marked, nearest edges first, and of the images of each of them.
    fn forest(&self, edges: &[HashEdge], marked: &Rows<HashClassRow, bool>) -> Vec<(ImageRow, ImageRow)> {
        let first = |class: HashClassRow| self.classes.images_of(class)[0];
        let mut rows = Vec::new();
        for class in marked.rows().filter(|&class| marked[class]) {
            let images = self.classes.images_of(class);
            rows.extend(images[1..].iter().map(|&image| (images[0], image)));
        }
        let mut sets = Sets::new(self.classes.len());
        for edge in edges.iter().filter(|edge| marked[edge.a] && marked[edge.b]) {
            if sets.join(edge.a, edge.b).is_some() {
                rows.push((first(edge.a).min(first(edge.b)), first(edge.a).max(first(edge.b))));
            }
        }
        rows
    }

    /// Pairs that were found and belong to no common group; up to the cap for two classes.
    fn between(&self, cut: &[HashEdge]) -> Vec<(ImageRow, ImageRow)> {
        let cap = self.options.pair_cap.min(usize::MAX as u64) as usize;
        let of = |edge: &HashEdge| {
            let (a, b) = (self.classes.images_of(edge.a), self.classes.images_of(edge.b));
            let pairs = a.iter().flat_map(move |&x| b.iter().map(move |&y| (x.min(y), x.max(y))));
            pairs.take(cap).collect::<Vec<_>>()
        };
        cut.iter().flat_map(of).collect()
    }
}
