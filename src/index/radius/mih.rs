//! Multi-index hashing: exact radius search by looking up the bands of a hash; see [`crate::index::radius::plan`] for the proof.
//!
//! Per band a table in key order: where each key's rows begin, the rows, and their sketches. A query touches a
//! few hundred short runs of sketches; only rows that pass are fetched. One index answers every radius: the bands
//! are fixed, their budgets are not, and where even that is dearer than comparing everything, it compares
//! everything.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::cost;
use super::cost::Work;
use super::flat;
use super::plan::{Band, Layout, Plan};
use crate::hash::Hash256;
use crate::hash::kernel::hamming::{Hamming, prefetch};
use crate::index::neighbor::Neighbor;

/// Radii with a plan; beyond, everything is compared.
const RADII: usize = 96;
/// Look-ups in flight: enough to hide memory, few enough to stay in the first-level cache.
const IN_FLIGHT: usize = 256;
/// Queries that one task of [`MihIndex::search_many`] takes.
const BATCH: usize = 256;

/// An exact index for large sets: some 130 bytes per hash. Equal hashes are compared one by one, so collapse them
/// first, as [`crate::index::radius::search::RadiusIndex`] does.
#[derive(Debug)]
pub struct MihIndex {
    kernel: Hamming,
    hashes: Vec<Hash256>,
    layout: Layout,
    tables: Vec<BandTable>,
    evenness: f64,
    plans: Vec<OnceLock<Option<Plan>>>,
}

/// One band's rows in key order.
#[derive(Debug)]
struct BandTable {
    /// Where each key's rows begin; one more entry than keys.
    starts: Vec<u32>,
    /// Rows, by key, then ascending.
    rows: Vec<u32>,
    /// The sketch of each of `rows`.
    sketches: Vec<u16>,
}

impl BandTable {
    fn new(hashes: &[Hash256], band: &Band) -> Self {
        let mut rows = vec![0; hashes.len()];
        let mut sketches = vec![0; hashes.len()];
        let starts = place_by_key(&[hashes], band, |place, row, hash| {
            rows[place] = row;
            sketches[place] = band.sketch(hash);
        });
        Self { starts, rows, sketches }
    }

    /// Places of one key's rows.
    #[inline]
    fn bucket(&self, key: u32) -> std::ops::Range<usize> {
        self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize
    }

    fn memory(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.rows) + size_of_val(&*self.sketches)
    }
}

/// Counting sort by the band's key: `put` gets place, row and hash of every row, which are numbered through all parts.
/// Where each key's places begin; one more entry than keys.
pub(crate) fn place_by_key(
    parts: &[&[Hash256]],
    band: &Band,
    mut put: impl FnMut(usize, u32, &Hash256),
) -> Vec<u32> {
    let mut starts = vec![0u32; (1 << band.width) + 1];
    for hash in parts.iter().copied().flatten() {
        starts[band.key(hash) as usize + 1] += 1;
    }
    for key in 1..starts.len() {
        starts[key] += starts[key - 1];
    }
    let mut next = starts.clone();
    for (row, hash) in (0..).zip(parts.iter().copied().flatten()) {
        let place = &mut next[band.key(hash) as usize];
        put(*place as usize, row, hash);
        *place += 1;
    }
    starts
}

/// A run of sketches still to be compared.
struct Probe {
    table: usize,
    begin: u32,
    end: u32,
    sketch: u16,
    limit: u16,
}

/// Buffers of one thread's queries.
#[derive(Default)]
struct Scratch {
    probes: Vec<Probe>,
    /// (table, place) that passed the sketch.
    passed: Vec<(u32, u32)>,
    /// (query, row) to verify; the query is always 0.
    candidates: Vec<(u32, u32)>,
}

impl MihIndex {
    /// An index whose bands are best for `radius`; other radii are as exact, only slower.
    pub fn new(hashes: Vec<Hash256>, radius: u32) -> Self {
        Self::with_kernel(hashes, radius, Hamming::best())
    }

    /// The same with a given set of instructions.
    pub fn with_kernel(hashes: Vec<Hash256>, radius: u32, kernel: Hamming) -> Self {
        let evenness = cost::evenness(&hashes);
        let plan = cost::best_plan(kernel, Work::Query, hashes.len(), radius, evenness);
        let layout = plan.map_or_else(|| Layout::new(16), |plan| plan.layout);
        Self::with_layout(hashes, layout, kernel, evenness)
    }

    pub(crate) fn with_layout(hashes: Vec<Hash256>, layout: Layout, kernel: Hamming, evenness: f64) -> Self {
        let tables = layout.bands.par_iter().map(|band| BandTable::new(&hashes, band)).collect();
        let plans = std::iter::repeat_with(OnceLock::new).take(RADII).collect();
        Self { kernel, hashes, layout, tables, evenness, plans }
    }

    /// The hash of every row, in order.
    pub fn hashes(&self) -> &[Hash256] {
        &self.hashes
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of bands.
    pub fn bands(&self) -> usize {
        self.layout.bands.len()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        size_of_val(&*self.hashes) + self.tables.iter().map(BandTable::memory).sum::<usize>()
    }

    /// Rows at most `radius` bits from `query`, nearest first, then by row.
    pub fn search(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        let flat = cost::flat_cost(self.kernel, Work::Query, self.hashes.len());
        match self.plan_cheaper_than(radius, flat) {
            Some(plan) => self.look_up(plan, query, radius, &mut Scratch::default()),
            None => self.compare_all(std::slice::from_ref(query), radius).pop().unwrap_or_default(),
        }
    }

    /// [`search`](Self::search) for many queries, on all threads.
    pub fn search_many(&self, queries: &[Hash256], radius: u32) -> Vec<Vec<Neighbor>> {
        let flat = cost::batched_flat_cost(self.kernel, self.hashes.len());
        let plan = self.plan_cheaper_than(radius, flat);
        let batch = |queries: &[Hash256]| match plan {
            Some(plan) => {
                let mut scratch = Scratch::default();
                queries.iter().map(|query| self.look_up(plan, query, radius, &mut scratch)).collect()
            }
            None => self.compare_all(queries, radius),
        };
        queries.par_chunks(BATCH).flat_map_iter(batch).collect()
    }

    fn plan_cheaper_than(&self, radius: u32, nanoseconds: f64) -> Option<&Plan> {
        let plan = self.plans.get(radius as usize)?;
        let plan = plan.get_or_init(|| Plan::new(self.layout.clone(), radius)).as_ref()?;
        let rows = self.hashes.len();
        (cost::plan_cost(self.kernel, Work::Query, plan, rows, self.evenness) < nanoseconds).then_some(plan)
    }

    fn compare_all(&self, queries: &[Hash256], radius: u32) -> Vec<Vec<Neighbor>> {
        let mut found = vec![Vec::new(); queries.len()];
        flat::scan_rows(self.kernel, queries, &self.hashes, radius, |query, row, distance| {
            found[query].push(Neighbor { distance, row: row as u32 });
        });
        found.iter_mut().for_each(|neighbors| neighbors.sort_unstable());
        found
    }

    fn look_up(&self, plan: &Plan, query: &Hash256, radius: u32, scratch: &mut Scratch) -> Vec<Neighbor> {
        scratch.candidates.clear();
        for start in &plan.starts {
            let (band, table) = (&plan.layout.bands[start.band], &self.tables[start.band]);
            let (key, sketch) = (band.key(query), band.sketch(query));
            start.flips.iter().for_each(|flip| prefetch(&table.starts, (key ^ flip) as usize));
            for &flip in &start.flips {
                let bucket = table.bucket(key ^ flip);
                if bucket.is_empty() {
                    continue;
                }
                prefetch(&table.sketches, bucket.start);
                prefetch(&table.sketches, bucket.end - 1);
                scratch.probes.push(Probe {
                    table: start.band,
                    begin: bucket.start as u32,
                    end: bucket.end as u32,
                    sketch,
                    limit: start.sketch_limit(flip),
                });
                if scratch.probes.len() == IN_FLIGHT {
                    self.compare_sketches(scratch);
                }
            }
        }
        self.compare_sketches(scratch);
        let mut found = Vec::new();
        let queries = std::slice::from_ref(query);
        self.kernel.compare(queries, &self.hashes, &scratch.candidates, |_, row, _, distance| {
            if distance <= radius {
                found.push(Neighbor { distance, row });
            }
        });
        // A near row is found at several bands.
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Turns pending probes into candidates.
    fn compare_sketches(&self, scratch: &mut Scratch) {
        let Scratch { probes, passed, candidates } = scratch;
        for probe in probes.drain(..) {
            let (table, range) = (&self.tables[probe.table], probe.begin as usize..probe.end as usize);
            self.kernel.sketches(&[[probe.sketch]], [&table.sketches], range, probe.limit, |_, place| {
                prefetch(&table.rows, place);
                passed.push((probe.table as u32, place as u32));
            });
        }
        for (table, place) in passed.drain(..) {
            let row = self.tables[table as usize].rows[place as usize];
            prefetch(&self.hashes, row as usize);
            candidates.push((0, row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::test_hashes;
    use proptest::prelude::*;

    proptest! {
        /// Every layout at every radius, whether or not the cost model would take it.
        #[test]
        fn every_layout_finds_what_flat_finds(
            hashes in test_hashes::families(80),
            count in Layout::COUNTS,
            radius in 0u32..64,
        ) {
            let Some(plan) = Plan::new(Layout::new(count), radius) else { return Ok(()) };
            // Tables of 2^20 keys and more for eighty rows would only be slow.
            prop_assume!(plan.layout.bands[0].width < 20);
            let exact = flat::FlatIndex::new(&hashes);
            for kernel in Hamming::available() {
                let index = MihIndex::with_layout(hashes.clone(), plan.layout.clone(), kernel, 1.0);
                for query in hashes.iter().take(12) {
                    let found = index.look_up(&plan, query, radius, &mut Scratch::default());
                    prop_assert_eq!(found, exact.search(query, radius));
                }
            }
        }

        #[test]
        fn one_index_answers_every_radius(hashes in test_hashes::families(60), radius in 0u32..=256) {
            let index = MihIndex::new(hashes.clone(), 31);
            let exact = flat::FlatIndex::new(&hashes);
            let wanted: Vec<_> = hashes.iter().map(|query| exact.search(query, radius)).collect();
            prop_assert_eq!(index.search_many(&hashes, radius), wanted.clone());
            let single: Vec<_> = hashes.iter().map(|query| index.search(query, radius)).collect();
            prop_assert_eq!(single, wanted);
        }
    }
}
