//! Which way of searching is cheapest: the bands of a [`Plan`], or comparing everything.
//!
//! Costs are nanoseconds of one core, measured on a Sapphire Rapids server and only ever compared with each
//! other; a wrong figure costs time, never a pair. Buckets of real hashes are fuller than those of random ones,
//! so the model is told how much of each bit counts ([`evenness`]).

use super::plan::{Layout, Plan, window};
use crate::hash::Hash256;
use crate::hash::kernel::hamming::Hamming;

/// What the work consists of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Work {
    /// One query at a time against an index in memory.
    Query,
    /// All rows against all, sorted band by band.
    SelfJoin,
    /// Each row of one side against the other side, of which this many rows fall to each of the first.
    Join {
        /// Rows of the second side per row of the first.
        share: f64,
    },
}

/// From here on an index outgrows the second-level cache.
const LARGE: usize = 1 << 16;
/// Most bands of an index that large: each takes six bytes a row.
const BANDS_OF_LARGE: usize = 18;

/// Nanoseconds of the steps.
struct Prices {
    probe: f64,
    /// One vector of sketches.
    vector: f64,
    verify: f64,
    /// Sorting one row into one band.
    sort: f64,
    /// One whole hash compared, in a tile.
    flat: f64,
    /// One whole hash compared, streaming from memory for a single query.
    flat_alone: f64,
    /// Sketches per vector.
    lanes: f64,
    /// Collecting and sorting what one query found, near rows several times.
    answer: f64,
}

fn prices(kernel: Hamming, work: Work, rows: usize) -> Prices {
    let (lanes, vector, flat) = match kernel.name() {
        "avx512" => (32.0, 1.2, 0.25),
        "avx2" => (16.0, 2.5, 0.5),
        "neon" => (8.0, 2.0, 0.8),
        _ => (1.0, 1.5, 3.0),
    };
    // What outgrows the second-level cache is fetched from beyond it by every query: a line per look-up, a stream
    // per comparison of everything.
    let (far_probe, stream, far_vector) =
        if rows < LARGE { (12.0, 0.06, 0.0) } else { (70.0, 0.65, 0.16 * lanes) };
    let (probe, vector, verify, sort, answer) = match work {
        Work::Query => (far_probe, vector + far_vector, 12.0, 0.0, 3000.0),
        Work::SelfJoin | Work::Join { .. } => (5.0, vector, 6.0, 25.0, 0.0),
    };
    Prices { probe, vector, verify, sort, flat, flat_alone: flat + stream, lanes, answer }
}

/// The cheapest plan for one query (or one row of a join) among `rows`, and its cost; `None` if comparing
/// everything is cheaper.
pub(crate) fn best_plan(
    kernel: Hamming,
    work: Work,
    rows: usize,
    radius: u32,
    evenness: f64,
) -> Option<Plan> {
    let flat = flat_cost(kernel, work, rows);
    Layout::COUNTS
        .filter_map(|count| Plan::new(Layout::new(count), radius))
        .filter(|plan| affordable(&plan.layout, rows))
        .map(|plan| (plan_cost(kernel, work, &plan, rows, evenness), plan))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(cost, _)| *cost < flat)
        .map(|(_, plan)| plan)
}

/// Whether the tables are in proportion to the rows. Sixteen bands of 16 bits, 4 MB, are always allowed to a large
/// index.
fn affordable(layout: &Layout, rows: usize) -> bool {
    let tables = 8 * rows as u64;
    if rows < LARGE {
        layout.table_bytes() <= tables.max(1 << 16)
    } else {
        layout.table_bytes() <= tables.max(5 << 20) && layout.bands.len() <= BANDS_OF_LARGE
    }
}

/// Nanoseconds for one query (one row of a join) by `plan`.
pub(crate) fn plan_cost(kernel: Hamming, work: Work, plan: &Plan, rows: usize, evenness: f64) -> f64 {
    let prices = prices(kernel, work, rows);
    let (compared, passed) = plan.expected(rows as f64, evenness, work != Work::Query);
    let probes = plan.probes() as f64;
    // A bucket ends somewhere within its last vector: on average half a vector is wasted.
    let vectors = compared / prices.lanes + probes / 2.0;
    // Joins verify sixteen bands of 16 bits in one go, other layouts band by band.
    let by_band = if work == Work::Query || plan.bands16.is_some() { 1.0 } else { 4.0 };
    let lookups = probes * prices.probe + vectors * prices.vector + passed * prices.verify * by_band;
    match work {
        Work::Query => lookups + prices.answer,
        // Each pair of buckets is visited once, not from both sides.
        Work::SelfJoin => lookups / 2.0 + plan.starts.len() as f64 * prices.sort,
        Work::Join { share } => lookups + plan.starts.len() as f64 * prices.sort * (1.0 + share),
    }
}

/// Nanoseconds for one query (one row of a join) by comparing everything.
pub(crate) fn flat_cost(kernel: Hamming, work: Work, rows: usize) -> f64 {
    let prices = prices(kernel, work, rows);
    match work {
        Work::Query => rows as f64 * prices.flat_alone,
        Work::SelfJoin => rows as f64 * prices.flat / 2.0,
        Work::Join { .. } => rows as f64 * prices.flat,
    }
}

/// Whether so many queries, one after the other, win back what building an index takes: finding equal hashes, and a
/// sort of all rows for every band.
pub(crate) fn building_pays(kernel: Hamming, rows: usize, radius: u32, queries: usize) -> bool {
    const COLLAPSE: f64 = 150.0;
    // Evenness is known of a built index only; that of photos is near 0.7.
    let Some(plan) = best_plan(kernel, Work::Query, rows, radius, 0.7) else { return false };
    let sort = prices(kernel, Work::SelfJoin, rows).sort * plan.layout.bands.len() as f64;
    let build = rows as f64 * (COLLAPSE + sort);
    let saved = flat_cost(kernel, Work::Query, rows) - plan_cost(kernel, Work::Query, &plan, rows, 0.7);
    queries as f64 * saved > build
}

/// Nanoseconds for one of many queries compared with everything in tiles.
pub(crate) fn batched_flat_cost(kernel: Hamming, rows: usize) -> f64 {
    rows as f64 * prices(kernel, Work::Query, rows).flat
}

/// Share of each bit that counts, 1 for uniform hashes: from how often two rows of a sample of different hashes
/// share a 16-bit key, over all 16 such keys. Bits that lean to one side or follow each other lower it.
pub(crate) fn evenness(hashes: &[Hash256]) -> f64 {
    const SAMPLE: usize = 1 << 15;
    let step = hashes.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<&Hash256> = hashes.iter().step_by(step).collect();
    if sample.len() < 2 {
        return 1.0;
    }
    let mut shared = 0u64;
    let mut counts = vec![0u32; 1 << 16];
    for first in (0..256).step_by(16) {
        counts.fill(0);
        for hash in &sample {
            let count = &mut counts[window(hash, first, 16) as usize];
            shared += u64::from(*count);
            *count += 1;
        }
    }
    let pairs = 16.0 * sample.len() as f64 * (sample.len() - 1) as f64 / 2.0;
    // At most 1 in 65536 is even; never below a quarter, so that a family of near copies in the sample does not
    // pass for useless bits.
    let share = (shared as f64 / pairs).max(1.0 / 65536.0);
    (-share.log2() / 16.0).max(0.25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_compared_flat_and_many_are_not() {
        for kernel in Hamming::available() {
            assert!(best_plan(kernel, Work::SelfJoin, 100, 31, 1.0).is_none());
            assert!(best_plan(kernel, Work::SelfJoin, 1_000_000, 31, 1.0).is_some());
            assert!(best_plan(kernel, Work::Query, 100_000, 31, 1.0).is_some());
            assert!(best_plan(kernel, Work::Query, 1_000_000, 47, 1.0).is_some());
            assert!(best_plan(kernel, Work::Query, 1_000_000, 200, 1.0).is_none());
        }
    }

    #[test]
    fn an_index_is_built_for_many_queries_only() {
        for kernel in Hamming::available() {
            for rows in [100_000, 2_000_000] {
                assert!(!building_pays(kernel, rows, 31, 16));
                assert!(building_pays(kernel, rows, 31, 100_000));
            }
            assert!(!building_pays(kernel, 100, 31, 100_000));
        }
    }

    #[test]
    fn more_rows_make_wider_bands() {
        let width = |rows| {
            let plan = best_plan(Hamming::scalar(), Work::Query, rows, 31, 1.0).unwrap();
            plan.layout.bands[0].width
        };
        assert!(width(100_000_000) > width(100_000));
    }

    #[test]
    fn constant_bits_lower_evenness() {
        let spread = |mask: u64| -> Vec<Hash256> {
            let mut state = 1u64;
            let mut next = || {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                (state ^ state >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask
            };
            (0..20_000).map(|_| Hash256::from_words(std::array::from_fn(|_| next()))).collect()
        };
        let (even, uneven) = (evenness(&spread(u64::MAX)), evenness(&spread(0x0fff_0fff_0fff_0fff)));
        assert!(even > 0.98, "{even}");
        assert!((uneven - 0.75).abs() < 0.03, "{uneven}");
    }
}
