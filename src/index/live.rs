//! An index that grows while it is searched: immutable base, flat delta, tombstones, merged in the background.
//!
//! Writers replace the state as a whole; readers hold a [`LiveSnapshot`] and are never waited for. New rows are compared
//! one by one until a merge has put them into the base. When a merge happens never shows in results: they are
//! the rows alive in the snapshot, nearest first. Rows are numbered in order of arrival and never reused.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::neighbor::Neighbor;
use super::radius::flat::FlatIndex;
use super::radius::search::RadiusIndex;
use crate::hash::Hash256;
use crate::hash::kernel::hamming::Hamming;

/// Rows of a delta segment that is copied when a row is added; fuller ones are left alone.
const SEGMENT: usize = 512;
/// Removals are kept in pages of this many rows, copied one page at a time.
const PAGE: usize = 1 << 15;

/// An exact index under change. Clones share it.
#[derive(Debug, Clone)]
pub struct LiveIndex(Arc<SharedIndex>);

#[derive(Debug)]
struct SharedIndex {
    radius: u32,
    current: RwLock<Arc<LiveState>>,
    /// Held by whoever replaces `current`.
    writer: Mutex<MergeState>,
}

#[derive(Debug, Default)]
struct MergeState {
    merging: bool,
}

/// What a reader sees; shares all but the newest segment with the state before.
#[derive(Debug, Clone)]
struct LiveState {
    base: Arc<Base>,
    segments: Vec<Arc<LiveSegment>>,
    /// Rows before this are in the base, unless removed; the segments hold the others.
    merged: u32,
    /// Rows before this are in the base or about to be: their segments may not grow.
    sealed: u32,
    removed: RemovedRows,
    next_row: u32,
    alive: usize,
}

#[derive(Debug)]
struct Base {
    index: RadiusIndex,
    /// Row of each place in `index`.
    rows: Vec<u32>,
}

/// Consecutive rows not yet in the base.
#[derive(Debug, Clone)]
struct LiveSegment {
    first: u32,
    index: FlatIndex,
}

/// A bit per row, in pages shared between states.
#[derive(Debug, Clone, Default)]
struct RemovedRows(Vec<Option<Arc<[u64; PAGE / 64]>>>);

impl RemovedRows {
    fn contains(&self, row: u32) -> bool {
        let (page, bit) = (row as usize / PAGE, row as usize % PAGE);
        matches!(self.0.get(page), Some(Some(bits)) if bits[bit / 64] >> (bit % 64) & 1 == 1)
    }

    fn insert(&mut self, row: u32) {
        let (page, bit) = (row as usize / PAGE, row as usize % PAGE);
        if self.0.len() <= page {
            self.0.resize(page + 1, None);
        }
        let bits = self.0[page].get_or_insert_with(|| Arc::new([0; PAGE / 64]));
        Arc::make_mut(bits)[bit / 64] |= 1 << (bit % 64);
    }
}

impl LiveIndex {
    /// Builds the base; these are rows 0 and up. `radius` as in [`RadiusIndex::new`].
    pub fn new(hashes: &[Hash256], radius: u32) -> Self {
        Self::of(hashes.to_vec(), radius)
    }

    /// [`LiveIndex::new`] of hashes that nobody needs any more: at no time are they held twice.
    pub(crate) fn of(hashes: Vec<Hash256>, radius: u32) -> Self {
        let next_row = u32::try_from(hashes.len()).expect("rows are numbered by u32");
        let index = RadiusIndex::of(hashes, radius, Hamming::best());
        let base = Arc::new(Base { index, rows: (0..next_row).collect() });
        let state = LiveState {
            base,
            segments: Vec::new(),
            merged: next_row,
            sealed: next_row,
            removed: RemovedRows::default(),
            next_row,
            alive: next_row as usize,
        };
        Self(Arc::new(SharedIndex {
            radius,
            current: RwLock::new(Arc::new(state)),
            writer: Mutex::default(),
        }))
    }

    /// Adds a hash and returns its row. Microseconds, and visible to every later snapshot.
    pub fn add(&self, hash: Hash256) -> u32 {
        self.extend(&[hash]).start
    }

    /// Adds hashes as consecutive rows, visible all at once.
    ///
    /// # Panics
    /// After 2^32 additions: rows are numbered by `u32`.
    pub fn extend(&self, hashes: &[Hash256]) -> Range<u32> {
        if hashes.is_empty() {
            let next_row = self.0.state().next_row;
            return next_row..next_row;
        }
        let mut writer = self.0.writer();
        let mut state = LiveState::clone(&self.0.state());
        let count = u32::try_from(hashes.len()).ok();
        let end =
            count.and_then(|count| state.next_row.checked_add(count)).expect("rows are numbered by u32");
        let rows = state.next_row..end;
        state.append(hashes);
        let due = state.merge_is_due();
        self.0.replace(state);
        if due && !writer.merging {
            let shared = Arc::clone(&self.0);
            let merge = move || shared.merge();
            // Without a thread the delta stays a delta, and the next addition tries again.
            writer.merging = std::thread::Builder::new().name("index-merge".into()).spawn(merge).is_ok();
        }
        rows
    }

    /// Removes a row; false if there is none such (any more).
    pub fn remove(&self, row: u32) -> bool {
        self.remove_all(&[row]) == 1
    }

    /// Removes rows, all at once; how many of them there were.
    pub fn remove_all(&self, rows: &[u32]) -> usize {
        if rows.is_empty() {
            return 0;
        }
        let _writer = self.0.writer();
        let mut state = LiveState::clone(&self.0.state());
        let before = state.alive;
        for &row in rows {
            if row < state.next_row && !state.removed.contains(row) {
                state.removed.insert(row);
                state.alive -= 1;
            }
        }
        let removed = before - state.alive;
        if removed > 0 {
            self.0.replace(state);
        }
        removed
    }

    /// The rows of this moment; cheap, and untouched by later changes.
    pub fn snapshot(&self) -> LiveSnapshot {
        LiveSnapshot(self.0.state())
    }

    /// Puts everything into the base now, on this thread.
    pub fn merge(&self) {
        self.0.merge();
    }
}

impl SharedIndex {
    fn state(&self) -> Arc<LiveState> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn writer(&self) -> MutexGuard<'_, MergeState> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, state: LiveState) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// Builds a base from all rows alive, then swaps it in under whatever has changed meanwhile.
    fn merge(&self) {
        let writer = self.writer();
        let mut sealed = LiveState::clone(&self.state());
        sealed.sealed = sealed.next_row;
        self.replace(sealed.clone());
        drop(writer);

        let base = Arc::new(sealed.rebuilt(self.radius));

        let mut writer = self.writer();
        let mut state = LiveState::clone(&self.state());
        // Of two merges at once, the one that began later holds more.
        if state.merged <= sealed.sealed {
            state.base = base;
            state.merged = sealed.sealed;
            state.segments.retain(|segment| segment.first >= sealed.sealed);
            self.replace(state);
        }
        writer.merging = false;
    }
}

impl LiveState {
    fn append(&mut self, hashes: &[Hash256]) {
        let first = self.next_row;
        self.next_row += hashes.len() as u32;
        self.alive += hashes.len();
        match self.segments.last_mut() {
            Some(last) if last.first >= self.sealed && last.index.len() + hashes.len() <= SEGMENT => {
                Arc::make_mut(last).index.extend(hashes);
            }
            _ => self.segments.push(Arc::new(LiveSegment { first, index: FlatIndex::new(hashes) })),
        }
    }

    /// A delta this large costs a query about as much as the base does.
    fn merge_is_due(&self) -> bool {
        let delta: usize = self.segments.iter().map(|segment| segment.index.len()).sum();
        delta > (self.base.rows.len() / 64).clamp(4096, 65_536)
    }

    /// A base of the rows alive.
    fn rebuilt(&self, radius: u32) -> Base {
        let in_base = self.base.rows.iter().copied().zip(self.base.index.hashes());
        let in_delta = self.segments.iter().flat_map(|segment| (segment.first..).zip(segment.index.hashes()));
        let (rows, hashes): (Vec<u32>, Vec<Hash256>) =
            in_base.chain(in_delta).filter(|&(row, _)| !self.removed.contains(row)).unzip();
        Base { index: RadiusIndex::of(hashes, radius, Hamming::best()), rows }
    }
}

/// The index as it was at one moment.
#[derive(Debug, Clone)]
pub struct LiveSnapshot(Arc<LiveState>);

impl LiveSnapshot {
    /// Rows at most `radius` bits from `query`, nearest first, then by row.
    pub fn search(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        let state = &*self.0;
        let mut found = state.base.index.search(query, radius);
        found.iter_mut().for_each(|neighbor| neighbor.row = state.base.rows[neighbor.row as usize]);
        for segment in &state.segments {
            let near = segment.index.search(query, radius);
            found.extend(near.into_iter().map(|near| Neighbor { row: segment.first + near.row, ..near }));
        }
        found.retain(|neighbor| !state.removed.contains(neighbor.row));
        found.sort_unstable();
        found
    }

    /// Rows alive.
    pub fn len(&self) -> usize {
        self.0.alive
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_hashes;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// What the index must agree with: a list.
    fn expected(alive: &[(u32, Hash256)], query: &Hash256, radius: u32) -> Vec<Neighbor> {
        let mut found: Vec<Neighbor> = alive
            .iter()
            .map(|(row, hash)| Neighbor { distance: hash.distance(query), row: *row })
            .filter(|neighbor| neighbor.distance <= radius)
            .collect();
        found.sort_unstable();
        found
    }

    #[derive(Debug, Clone)]
    enum Step {
        Extend(usize),
        Remove(prop::sample::Index),
        Merge,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let extend = prop_oneof![Just(1usize), 0usize..9].prop_map(Step::Extend);
        let step = prop_oneof![4 => extend, 2 => any::<prop::sample::Index>().prop_map(Step::Remove), 1 => Just(Step::Merge)];
        vec(step, 0..40)
    }

    proptest! {
        #[test]
        fn equals_a_rebuild_at_every_step(
            pool in test_hashes::families(200),
            begin in 0usize..40,
            steps in steps(),
            radius in 0u32..64,
        ) {
            let mut pool = pool.into_iter();
            let first: Vec<Hash256> = pool.by_ref().take(begin).collect();
            let live = LiveIndex::new(&first, 31);
            let mut alive: Vec<(u32, Hash256)> = (0..).zip(first).collect();
            let mut next = alive.len() as u32;
            let mut kept = Vec::new();
            for step in steps {
                match step {
                    Step::Extend(count) => {
                        let more: Vec<Hash256> = pool.by_ref().take(count).collect();
                        let rows = live.extend(&more);
                        prop_assert_eq!(rows.clone(), next..next + more.len() as u32);
                        next = rows.end;
                        alive.extend(rows.zip(more));
                    }
                    Step::Remove(which) if next > 0 => {
                        let row = which.index(next as usize) as u32;
                        let there = alive.iter().any(|(alive, _)| *alive == row);
                        prop_assert_eq!(live.remove(row), there);
                        alive.retain(|(alive, _)| *alive != row);
                    }
                    Step::Remove(_) => prop_assert!(!live.remove(0)),
                    Step::Merge => live.merge(),
                }
                kept.push((live.snapshot(), alive.clone()));
            }
            // Each snapshot answers for its own moment, even now.
            for (snapshot, alive) in &kept {
                prop_assert_eq!(snapshot.len(), alive.len());
                for (_, query) in alive.iter().take(5) {
                    prop_assert_eq!(snapshot.search(query, radius), expected(alive, query, radius));
                }
            }
        }
    }

    #[test]
    fn readers_see_whole_batches_while_merges_run() {
        let family = |n: u64| Hash256::from_words([n / 2, 7, 7, 7]);
        let live = LiveIndex::new(&[], 31);
        let reader = live.clone();
        let seen = std::thread::spawn(move || {
            let mut last = 0;
            while last < 20_000 {
                let found = reader.snapshot().search(&family(0), 64).len();
                assert!(found >= last && found.is_multiple_of(50), "{found} after {last}");
                last = found;
            }
        });
        for batch in 0..400 {
            let hashes: Vec<Hash256> = (0..50).map(|n| family(batch * 50 + n)).collect();
            live.extend(&hashes);
            if batch % 90 == 0 {
                // Beside those that begin by themselves.
                live.merge();
            }
        }
        seen.join().unwrap();
    }
}
