//! How many false pairs to expect: doubts of the steps that hold listed images together, each counted once.
//!
//! Of a group's n (n - 1) / 2 pairs, n - 1 hold it together and all others follow. Were their doubts added up, one
//! doubtful step into a large group would count once for every image of it, and a group of a thousand would expect
//! thousands of accidents where one at most can have happened. The trap: the other way round, one false step may make
//! many listed pairs false, so the figure counts accidents, not rows.

use crate::link::findings::Pair;
use crate::sets::Sets;
use rayon::prelude::*;

/// Sum of the doubts, 1 - [probability](crate::verify::Proof::probability), of the pairs in a spanning forest of
/// those listed, the surest first: a pair whose two images surer pairs already connect adds none. O(n log n).
pub(crate) fn expected_false_pairs(pairs: &[Pair], images: usize) -> f64 {
    let pair = |row: u32| &pairs[row as usize];
    let mut surest: Vec<u32> = (0..pairs.len() as u32).filter(|&row| pair(row).a != pair(row).b).collect();
    surest.par_sort_unstable_by(|&x, &y| {
        let (x, y) = (pair(x), pair(y));
        y.proof.score.total_cmp(&x.proof.score).then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
    });
    let mut sets = Sets::new(images);
    let steps = surest.into_iter().map(pair).filter(|pair| sets.join(pair.a, pair.b).is_some());
    let doubts = steps.map(|pair| 1.0 - pair.proof.probability(images));
    // The sum of nothing is -0.
    doubts.sum::<f64>() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Proof, Tier};
    use proptest::prelude::*;
    use std::sync::Arc;

    const IMAGES: usize = 12;

    fn pair(a: u32, b: u32, score: f64) -> Pair {
        let proof = Proof { tier: Tier::NearCopy, score, ..Proof::confirmed(None) };
        Pair { a, b, proof: Arc::new(proof) }
    }

    fn doubt(score: f64) -> f64 {
        1.0 - pair(0, 1, score).proof.probability(IMAGES)
    }

    #[test]
    fn only_the_steps_that_hold_a_group_together_count() {
        let triangle = [pair(0, 1, 6.0), pair(0, 2, 5.0), pair(1, 2, 1.0)];
        let found = expected_false_pairs(&triangle, IMAGES);
        assert!((found - doubt(6.0) - doubt(5.0)).abs() < 1e-12, "{found}");
        assert_eq!(expected_false_pairs(&[pair(3, 3, 1.0)], IMAGES).to_string(), "0");
    }

    proptest! {
        /// Against the slow way: of each pair, ask whether surer ones connect its images.
        #[test]
        fn a_pair_counts_if_no_surer_ones_connect_its_images(
            drawn in prop::collection::btree_map((0..12_u32, 0..12_u32), 0..8_u32, 0..30)
        ) {
            let pairs: Vec<Pair> = drawn.iter().filter(|((a, b), _)| a < b)
                .map(|(&(a, b), &score)| pair(a, b, f64::from(score))).collect();
            let surer = |x: &Pair, y: &Pair| (y.proof.score, (x.a, x.b)) < (x.proof.score, (y.a, y.b));
            let mut sum = 0.0;
            for pair in &pairs {
                let mut reached = vec![pair.a];
                let mut next = 0;
                while let Some(&at) = reached.get(next) {
                    next += 1;
                    for other in pairs.iter().filter(|other| surer(other, pair)) {
                        let to = if other.a == at { other.b } else if other.b == at { other.a } else { continue };
                        if !reached.contains(&to) { reached.push(to) }
                    }
                }
                if !reached.contains(&pair.b) { sum += doubt(pair.proof.score) }
            }
            prop_assert!((sum - expected_false_pairs(&pairs, IMAGES)).abs() < 1e-9);
        }
    }
}
