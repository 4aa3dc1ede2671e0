//! The front door of exact search: duplicates collapsed, and the cheaper engine chosen for what is left.

use super::cost;
use super::cost::Work;
use super::flat::FlatIndex;
use super::mih::MihIndex;
use super::unique::Groups;
use super::unique::Unique;
use crate::hash::Hash256;
use crate::hash::kernel::hamming::Hamming;
use crate::index::neighbor::Neighbor;

/// Exact radius search over any hashes, equal ones compared once.
#[derive(Debug)]
pub struct RadiusIndex {
    groups: Groups,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    Flat(FlatIndex),
    Mih(MihIndex),
}

impl RadiusIndex {
    /// Builds for single queries at about `radius`; every radius is answered exactly.
    pub fn new(hashes: &[Hash256], radius: u32) -> Self {
        Self::with_kernel(hashes, radius, Hamming::best())
    }

    /// Builds for about so many queries altogether. Where they are too few to pay for sorting the hashes into bands,
    /// nothing is built and every query is compared with every row; the answers are the same. Not for
    /// [`nearest`](Self::nearest), which counts equal hashes as one only where they were collapsed.
    ///
    /// # Panics
    /// With 2^32 rows or more: rows are numbered by `u32`.
    pub fn for_queries(hashes: &[Hash256], radius: u32, queries: usize) -> Self {
        let kernel = Hamming::best();
        if cost::building_pays(kernel, hashes.len(), radius, queries) {
            return Self::with_kernel(hashes, radius, kernel);
        }
        let rows = u32::try_from(hashes.len()).expect("rows are numbered by u32");
        Self { groups: Groups::apart(rows), engine: Engine::Flat(FlatIndex::with_kernel(hashes, kernel)) }
    }

    /// The same with a given set of instructions.
    pub fn with_kernel(hashes: &[Hash256], radius: u32, kernel: Hamming) -> Self {
        Self::of(hashes.to_vec(), radius, kernel)
    }

    /// The same of hashes that nobody needs any more: at no time are they held twice.
    pub(crate) fn of(hashes: Vec<Hash256>, radius: u32, kernel: Hamming) -> Self {
        let (hashes, groups) = Unique::of(hashes).into_parts();
        let evenness = cost::evenness(&hashes);
        let engine = match cost::best_plan(kernel, Work::Query, hashes.len(), radius, evenness) {
            Some(plan) => Engine::Mih(MihIndex::with_layout(hashes, plan.layout, kernel, evenness)),
            None => Engine::Flat(FlatIndex::with_kernel(&hashes, kernel)),
        };
        Self { groups, engine }
    }

    /// Rows at most `radius` bits from `query`, nearest first, then by row.
    pub fn search(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        self.groups.expand(self.distinct(query, radius))
    }

    /// [`search`](Self::search) for many queries, on all threads.
    pub fn search_many(&self, queries: &[Hash256], radius: u32) -> Vec<Vec<Neighbor>> {
        let found = match &self.engine {
            Engine::Flat(index) => index.search_many(queries, radius),
            Engine::Mih(index) => index.search_many(queries, radius),
        };
        found.into_iter().map(|neighbors| self.groups.expand(neighbors)).collect()
    }

    /// The rows of the `k` nearest distinct hashes, nearest first, then by row. Exact: the radius is widened until
    /// there are enough, at worst to comparing everything.
    pub fn nearest(&self, query: &Hash256, k: usize) -> Vec<Neighbor> {
        let mut found = Vec::new();
        for radius in [31, 63, 95, 256] {
            found = self.distinct(query, radius);
            if found.len() >= k {
                break;
            }
        }
        found.truncate(k);
        self.groups.expand(found)
    }

    fn distinct(&self, query: &Hash256, radius: u32) -> Vec<Neighbor> {
        match &self.engine {
            Engine::Flat(index) => index.search(query, radius),
            Engine::Mih(index) => index.search(query, radius),
        }
    }

    /// The hash of every row, in order.
    pub fn hashes(&self) -> Vec<Hash256> {
        match &self.engine {
            Engine::Flat(index) => self.groups.spread(index.hashes()),
            Engine::Mih(index) => self.groups.spread(index.hashes().iter().copied()),
        }
    }

    /// Number of rows, duplicates counted.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What searches: `flat`, or `mih` with the number of bands.
    pub fn engine(&self) -> String {
        match &self.engine {
            Engine::Flat(_) => "flat".into(),
            Engine::Mih(index) => format!("mih-{}", index.bands()),
        }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.groups.memory()
            + match &self.engine {
                Engine::Flat(index) => index.memory(),
                Engine::Mih(index) => index.memory(),
            }
    }
}
