//! Dense clusters: thousands of hashes so near one of them that every two lie within the radius of each other.
//!
//! A photo in twenty thousand ads, each time as a slightly different file, is two hundred million pairs that all say
//! the same. Whoever joins them need not: comparing each with the *representatives* of its cluster ties the cluster
//! together at a cost that grows with its size, not with the square. The trap: which hashes form a cluster decides
//! what is compared, so it follows from the set of hashes alone, never from an index or a number of threads.

use crate::hash::Hash256;
use crate::index::radius::flat::FlatIndex;
use crate::index::radius::plan::window;
use std::cmp::Reverse;

/// Fewest hashes of a cluster: as many are joined with each other in no time.
const LEAST: usize = 2_048;

/// Representatives of a cluster: half of them the nearest to its leader, which for most are the nearest of all, and
/// half spread evenly over the others.
const REPRESENTATIVES: usize = 256;

/// Bits whose equality makes two hashes neighbours for the count that finds leaders.
const KEY: u32 = 16;

/// Bands that the members of a cluster share on average at the least; unrelated hashes share none.
const SHARED_BANDS: usize = 4;

/// Hashes that may prove no leaders before the search ends: those with most neighbours are asked first.
const MOST_FAILURES: usize = 64;

/// Hashes within half a radius of one of them, by their rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenseCluster {
    /// The row that all others are near to; one of the representatives.
    pub leader: u32,
    /// Rows to compare in place of all, by their distance to the leader.
    pub representatives: Vec<u32>,
    /// All other rows, ascending.
    pub members: Vec<u32>,
}

/// Finds the dense clusters among distinct hashes; no row is in two. The result depends on the order of rows only where two
/// rows have equally many neighbours, so give them sorted.
///
/// Cost: some 100 ns a hash, and the distances from every leader to all hashes of dense places.
pub fn dense_clusters(hashes: &[Hash256], radius: u32) -> Vec<DenseCluster> {
    let mut clusters = Vec::new();
    let mut open = dense(hashes);
    let mut failures = 0;
    // Rows too lonely to lead.
    let mut asked = vec![false; open.len()];
    let mut index = FlatIndex::new(&of(hashes, &open));
    while open.len() >= LEAST && failures < MOST_FAILURES {
        let Some(first) = asked.iter().position(|asked| !asked) else { break };
        let near = index.search(&hashes[open[first] as usize], radius / 2);
        if near.len() < LEAST {
            near.iter().for_each(|near| asked[near.row as usize] = true);
            failures += 1;
            continue;
        }
        let mut rows: Vec<(u32, u32)> =
            near.iter().map(|near| (near.distance, open[near.row as usize])).collect();
        rows.sort_unstable();
        clusters.push(DenseCluster::new(open[first], rows.into_iter().map(|(_, row)| row).collect()));
        let mut stays = vec![true; open.len()];
        near.iter().for_each(|near| stays[near.row as usize] = false);
        keep(&mut open, &stays);
        keep(&mut asked, &stays);
        index = FlatIndex::new(&of(hashes, &open));
    }
    clusters
}

fn of(hashes: &[Hash256], rows: &[u32]) -> Vec<Hash256> {
    rows.iter().map(|&row| hashes[row as usize]).collect()
}

fn keep<T>(list: &mut Vec<T>, stays: &[bool]) {
    let mut stays = stays.iter();
    list.retain(|_| stays.next() == Some(&true));
}

impl DenseCluster {
    /// From its rows, nearest first.
    fn new(leader: u32, rows: Vec<u32>) -> Self {
        let (nearest, others) = rows.split_at(REPRESENTATIVES / 2);
        let spread = REPRESENTATIVES - nearest.len();
        let place = |k: usize| k * others.len() / spread;
        let chosen = (0..spread).map(|k| others[place(k)]);
        let representatives: Vec<u32> = nearest.iter().copied().chain(chosen).collect();
        let mut next = (0..spread).map(place).peekable();
        let stays = |k: &usize| next.next_if_eq(k).is_none();
        let mut members: Vec<u32> = (0..others.len()).filter(stays).map(|k| others[k]).collect();
        members.sort_unstable();
        Self { leader, representatives, members }
    }
}

/// Rows with thousands of neighbours, most first. Two rows count as neighbours once for each band of [`KEY`] bits
/// in which they are equal.
fn dense(hashes: &[Hash256]) -> Vec<u32> {
    let mut neighbours = vec![0_u32; hashes.len()];
    if hashes.len() >= LEAST {
        let mut counts = vec![0_u32; 1 << KEY];
        for first in (0..256).step_by(KEY as usize) {
            counts.fill(0);
            hashes.iter().for_each(|hash| counts[window(hash, first, KEY) as usize] += 1);
            for (sum, hash) in neighbours.iter_mut().zip(hashes) {
                *sum = sum.saturating_add(counts[window(hash, first, KEY) as usize]);
            }
        }
    }
    let enough = (SHARED_BANDS * LEAST) as u32;
    let mut rows: Vec<u32> =
        (0..hashes.len() as u32).filter(|&row| neighbours[row as usize] >= enough).collect();
    rows.sort_unstable_by_key(|&row| (Reverse(neighbours[row as usize]), row));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::test_hashes;

    /// Two photos with thousands of near copies, one with hundreds, and what is unrelated.
    fn corpus() -> Vec<Hash256> {
        let photo = |seed: u64, copies, flips| {
            test_hashes::around([seed, !seed, seed << 7, seed >> 3], copies, flips)
        };
        let unrelated =
            |k: u64| [1, 3, 5, 7].map(|odd| (k + 1).wrapping_mul(odd).wrapping_mul(0xd6e8_feb8_6659_fd93));
        let alone = (0..500_u64).map(|k| Hash256::from_words(unrelated(k)));
        let seeds = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];
        let copies = [photo(seeds[0], 3_000, 10), photo(seeds[1], 5_000, 8), photo(seeds[2], 900, 4)];
        let mut all: Vec<Hash256> = copies.into_iter().flatten().chain(alone).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn a_dense_cluster_is_whole_and_all_of_it_is_near() {
        let hashes = corpus();
        let found = dense_clusters(&hashes, 31);
        assert_eq!(found.len(), 2);
        let mut seen = vec![false; hashes.len()];
        for cluster in &found {
            let rows: Vec<u32> = cluster.representatives.iter().chain(&cluster.members).copied().collect();
            let leader = &hashes[cluster.leader as usize];
            assert_eq!(cluster.representatives.len(), REPRESENTATIVES);
            assert!(cluster.representatives.contains(&cluster.leader) && cluster.members.is_sorted());
            for &row in &rows {
                assert!(!std::mem::replace(&mut seen[row as usize], true), "no row twice");
                assert!(hashes[row as usize].distance(leader) <= 15);
            }
            let near = hashes.iter().filter(|hash| hash.distance(leader) <= 15).count();
            assert_eq!(rows.len(), near, "no member is left out");
        }
    }

    #[test]
    fn few_hashes_are_no_crowd() {
        assert_eq!(dense_clusters(&[], 31), []);
        assert_eq!(dense_clusters(&corpus()[..LEAST - 1], 31), []);
        assert_eq!(dense_clusters(&test_hashes::around([5; 4], LEAST / 2, 6), 31), []);
    }
}
