//! One tile: the near pairs of one hash file, or between two, in all eight orientations or upright.
//!
//! The tiles of all files with themselves and with each other, in any order and on any machine, have the pairs of one
//! self-join of everything. Nothing here grows with the number of pairs. Two images are near when one, turned, is near the
//! other as it is; both ways round are looked at, as turned hashes are computed and not exact. The trap: a forest of one
//! tile connects what its tile connects; only the forests of all tiles together have the components of the whole.

use super::hash_file::HashFile;
use super::options::{TileMode, TileOptions};
use super::pairs::IdPair;
use super::sorted_pairs::SortedPairs;
use crate::error::{Error, Result};
use crate::hash::{Dihedral, Hash256, transpose};
use crate::index::{Forest, JoinPair, join_many};
use crate::progress::Progress;
use crate::sets::sorted_distinct;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The turns whose hashes are stored; the others are these transposed.
const FORMS: [Dihedral; 4] = [Dihedral::None, Dihedral::FlipX, Dihedral::FlipY, Dihedral::Rot180];

/// Hands the pairs of one tile to `take`, sorted by ids, each once: of `left` with itself, or with `right`.
///
/// Memory: the files, and some 290 bytes for each of their distinct hashes (120 upright), and at most 400 MB of pairs.
///
/// # Errors
/// [`Error::Interrupted`], what `take` says, and when pairs cannot be laid aside.
pub fn join_tile(
    left: &HashFile,
    right: Option<&HashFile>,
    options: &TileOptions,
    progress: &dyn Progress,
    mut take: impl FnMut(IdPair) -> Result<()>,
) -> Result<()> {
    let ids = sorted_distinct(left.ids().iter().chain(right.map_or(&[][..], HashFile::ids)).copied());
    let tile =
        Tile { options, progress, found: Mutex::new(TilePairs::new(options, ids)), fault: Mutex::new(None) };
    match right {
        None => {
            tile.equal(left);
            tile.join(left, left, tile.forms(), true);
        }
        Some(right) => {
            tile.join(left, right, tile.forms(), false);
            // As they are, both ways round are one.
            tile.join(right, left, &tile.forms()[1..], false);
        }
    }
    if let Some(fault) = tile.fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(fault);
    }
    if progress.stop_requested() {
        return Err(Error::Interrupted);
    }
    tile.found.into_inner().unwrap_or_else(PoisonError::into_inner).finish(&mut take)
}

struct Tile<'a> {
    options: &'a TileOptions,
    progress: &'a dyn Progress,
    found: Mutex<TilePairs>,
    /// The first thing that went wrong on any thread.
    fault: Mutex<Option<Error>>,
}

impl Tile<'_> {
    fn forms(&self) -> &'static [Dihedral] {
        if self.options.upright { &FORMS[..1] } else { &FORMS }
    }

    /// Images that have one hash.
    fn equal(&self, file: &HashFile) {
        for place in 0..file.pdqs().len() as u32 {
            let ids = file.ids_of(place);
            if ids.len() > 1 && self.goes_on() {
                self.take(|found| found.equal(ids));
            }
        }
    }

    /// Hashes of `left` under these turns with all of `right` as they are; with itself, each two upright ones once.
    fn join(&self, left: &HashFile, right: &HashFile, forms: &[Dihedral], itself: bool) {
        if forms.is_empty() {
            return;
        }
        let turned = |turn: &Dihedral| left.pdqs().iter().map(|pdq| pdq.oriented(*turn)).collect();
        let lefts: Vec<Vec<Hash256>> = forms.iter().map(turned).collect();
        let lefts: Vec<&[Hash256]> = lefts.iter().map(Vec::as_slice).collect();
        let mut rights: Vec<Hash256> = right.pdqs().iter().map(|pdq| pdq.hash()).collect();
        let rows = rights.len() as u32;
        if rows == 0 || left.pdqs().is_empty() {
            return;
        }
        if !self.options.upright {
            rights.extend(right.pdqs().iter().map(|pdq| transpose(pdq.hash())));
        }
        let sink = |_: usize, pairs: &[JoinPair]| {
            let near = pairs.iter().map(|pair| (pair.a, pair.b % rows, pair.distance as u16));
            // What is near itself when it is turned has its images as equals already.
            let near = near.filter(|&(x, y, _)| !itself || x != y);
            self.take(|found| {
                let mut near = near;
                near.try_for_each(|(x, y, d)| found.near(left.ids_of(x), right.ids_of(y), d))
            });
        };
        join_many(&lefts, &rights, itself.then_some(rows), self.options.radius, &sink, &|_, _| {
            self.goes_on()
        });
    }

    fn take(&self, add: impl FnOnce(&mut TilePairs) -> Result<()>) {
        if let Err(error) = add(&mut lock(&self.found)) {
            lock(&self.fault).get_or_insert(error);
        }
    }

    fn goes_on(&self) -> bool {
        !self.progress.stop_requested() && lock(&self.fault).is_none()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Pairs found so far.
enum TilePairs {
    All(SortedPairs),
    Forest {
        forest: Forest,
        /// Ascending: an image is the row of its id.
        ids: Vec<i64>,
    },
}

impl TilePairs {
    fn new(options: &TileOptions, ids: Vec<i64>) -> Self {
        match options.mode {
            TileMode::All => Self::All(SortedPairs::new(options.spill.clone())),
            TileMode::Forest => Self::Forest { forest: Forest::new(ids.len()), ids },
        }
    }

    /// Images of one hash: in a forest all hang on the first.
    fn equal(&mut self, images: &[i64]) -> Result<()> {
        match self {
            Self::All(pairs) => {
                for (place, &a) in images.iter().enumerate() {
                    images[place + 1..].iter().try_for_each(|&b| pairs.push(IdPair { a, b, d: 0 }))?;
                }
            }
            Self::Forest { forest, ids } => {
                let edges: Vec<JoinPair> =
                    images[1..].iter().filter_map(|&image| edge(ids, images[0], image, 0)).collect();
                forest.add(&edges);
            }
        }
        Ok(())
    }

    /// Images of two near hashes.
    fn near(&mut self, left: &[i64], right: &[i64], d: u16) -> Result<()> {
        match self {
            Self::All(pairs) => {
                let each = left.iter().flat_map(|&x| right.iter().map(move |&y| (x, y)));
                for (x, y) in each.filter(|(x, y)| x != y) {
                    pairs.push(IdPair { a: x.min(y), b: x.max(y), d })?;
                }
            }
            Self::Forest { forest, ids } => {
                forest.add(edge(ids, left[0], right[0], d).as_slice());
            }
        }
        Ok(())
    }

    fn finish(self, take: &mut dyn FnMut(IdPair) -> Result<()>) -> Result<()> {
        match self {
            Self::All(pairs) => pairs.merge(take),
            Self::Forest { forest, ids } => {
                let mut edges = forest.finish();
                edges.sort_unstable();
                let id = |row: u32| ids[row as usize];
                let pair = |edge: JoinPair| IdPair { a: id(edge.a), b: id(edge.b), d: edge.distance as u16 };
                edges.into_iter().map(pair).try_for_each(take)
            }
        }
    }
}

/// The edge of a forest between two images; none between one and itself.
fn edge(ids: &[i64], x: i64, y: i64, d: u16) -> Option<JoinPair> {
    let row = |id: i64| ids.binary_search(&id).map_or(0, |row| row as u32);
    let (x, y) = (row(x), row(y));
    (x != y).then(|| JoinPair { a: x.min(y), b: x.max(y), distance: d.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Pdq, Quality};
    use crate::progress::Silent;
    use crate::sets::Roots;
    use crate::tiles::HashFileTally;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Rows = Vec<(Pdq, i64)>;

    /// Hashes of one pool, some bits off, in all places: so copies meet turned, as equals and beyond the radius.
    fn rows() -> impl Strategy<Value = Rows> {
        let hash = (0..3_usize, 0..45_usize).prop_map(|(seed, bits)| {
            let mut words =
                [[0x9e37_79b9_7f4a_7c15; 4], [0xbf58_476d_1ce4_e5b9; 4], [0x1234_5678_9abc_def0; 4]][seed];
            (0..bits).for_each(|bit| words[bit % 4] ^= 1 << (bit / 4));
            Hash256::from_words(words)
        });
        let pdq = prop::array::uniform4(hash).prop_map(|base| Pdq::from_base(base, Quality::new(90)));
        prop::collection::vec((pdq, 0..12_i64), 0..24)
    }

    fn options(upright: bool, mode: TileMode) -> TileOptions {
        TileOptions { radius: 31, min_quality: Quality::USABLE, upright, mode, spill: std::env::temp_dir() }
    }

    fn joined(left: &Rows, right: Option<&Rows>, options: &TileOptions) -> Vec<IdPair> {
        let file = |rows: &Rows| HashFile::collapsed(rows.clone(), HashFileTally::default());
        let mut pairs = Vec::new();
        let take = |pair| {
            pairs.push(pair);
            Ok(())
        };
        join_tile(&file(left), right.map(file).as_ref(), options, &Silent, take).unwrap();
        assert!(pairs.is_sorted_by(|x, y| (x.a, x.b) < (y.a, y.b)), "in order, each once");
        pairs
    }

    /// The pairs of all tiles of three files.
    fn tiles(rows: &Rows, options: &TileOptions) -> Vec<IdPair> {
        let files: Vec<Rows> =
            (0..3).map(|file| rows.iter().copied().skip(file).step_by(3).collect()).collect();
        let tile = |(i, j): (usize, usize)| joined(&files[i], Some(&files[j]).filter(|_| i != j), options);
        [(2, 2), (1, 2), (0, 0), (2, 0), (0, 1), (1, 1)].into_iter().flat_map(tile).collect()
    }

    /// Every two images compared.
    fn slow(rows: &Rows, upright: bool) -> Vec<IdPair> {
        let turns = if upright { &Dihedral::ALL[..1] } else { &Dihedral::ALL[..] };
        let mut least = BTreeMap::new();
        for (x, a) in rows {
            for (y, b) in rows.iter().filter(|(_, b)| b > a) {
                let ways = turns.iter().flat_map(|&turn| {
                    [x.oriented(turn).distance(&y.hash()), y.oriented(turn).distance(&x.hash())]
                });
                // Equal hashes under all turns are equal whichever of them is looked at.
                let d = ways.min().filter(|d| *d <= 31);
                if let Some(d) = d {
                    let known = least.entry((*a, *b)).or_insert(d);
                    *known = d.min(*known);
                }
            }
        }
        least.into_iter().map(|((a, b), d)| IdPair { a, b, d: d as u16 }).collect()
    }

    /// The smallest image that each is connected to by pairs of at most `t` bits.
    fn connected(pairs: &[IdPair], t: u16) -> Vec<u32> {
        let mut sets = Roots::<u32>::new(12);
        for pair in pairs.iter().filter(|pair| pair.d <= t) {
            sets.join(pair.a as u32, pair.b as u32);
        }
        sets.labels()
    }

    proptest! {
        #[test]
        fn tiles_have_the_pairs_of_the_whole_and_of_comparing_every_two(rows in rows(), upright: bool) {
            let options = options(upright, TileMode::All);
            let slow = slow(&rows, upright);
            prop_assert_eq!(&joined(&rows, None, &options), &slow);
            let mut of_tiles = tiles(&rows, &options);
            of_tiles.sort_unstable();
            of_tiles.dedup_by_key(|pair| (pair.a, pair.b));
            prop_assert_eq!(of_tiles, slow);
        }

        #[test]
        fn forests_connect_what_all_pairs_connect_at_every_distance(rows in rows(), upright: bool) {
            let options = options(upright, TileMode::Forest);
            let slow = slow(&rows, upright);
            let (whole, of_tiles) = (joined(&rows, None, &options), tiles(&rows, &options));
            prop_assert!(whole.len() < 12);
            for t in 0..32 {
                prop_assert_eq!(connected(&whole, t), connected(&slow, t));
                prop_assert_eq!(connected(&of_tiles, t), connected(&slow, t));
            }
        }
    }
}
