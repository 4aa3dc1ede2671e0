//! How many false pairs to expect: doubts of the steps that hold listed images together, each counted once.
//!
//! Of a group's n (n - 1) / 2 pairs, n - 1 hold it together and all others follow. Were their doubts added up, one
//! doubtful step into a large group would count once for every image of it, and a group of a thousand would expect
//! thousands of accidents where one at most can have happened. The trap: the other way round, one false step may make
//! many listed pairs false, so the figure counts accidents, not rows.

use crate::corpus::ImageRow;
use crate::link::findings::{Certainty, Pair};
use crate::sets::Sets;
use rayon::prelude::*;

/// What the listed pairs are to be believed, and the sum of their doubts, 1 - [probability](Certainty::probability), over a
/// spanning forest of them, the surest first: a pair whose two images surer pairs already connect adds none. A lead counts
/// likewise, where it would join what neither pairs nor other leads join. O(n log n).
pub(crate) fn of_pairs(pairs: &[Pair], leads: &[Pair], images: usize) -> (Certainty, f64) {
    let mut sets = Sets::new(images);
    let steps = forest(pairs, &mut sets);
    let refused = forest(leads, &mut sets).len();
    let certainty = Certainty::new(images, refused, steps.iter().map(|step| &*step.proof));
    let doubts = steps.iter().map(|step| 1.0 - certainty.probability(&step.proof));
    // The sum of nothing is -0.
    (certainty, doubts.sum::<f64>() + 0.0)
}

/// Those that join two sets, the surest first.
fn forest<'p>(pairs: &'p [Pair], sets: &mut Sets<ImageRow>) -> Vec<&'p Pair> {
    let mut surest: Vec<&Pair> = pairs.iter().filter(|pair| pair.a != pair.b).collect();
    surest.par_sort_unstable_by(|x, y| {
        y.proof.score.total_cmp(&x.proof.score).then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
    });
    surest.retain(|pair| sets.join(pair.a, pair.b).is_some());
    surest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Proof, Strength, Tier};
    use proptest::prelude::*;
    use std::sync::Arc;

    const IMAGES: usize = 12;

    fn pair(a: u32, b: u32, score: f64) -> Pair {
        let proof = Proof { tier: Tier::NearCopy, score, ..Proof::confirmed(None) };
        Pair { a: ImageRow(a), b: ImageRow(b), proof: Arc::new(proof) }
    }

    fn doubt(score: f64) -> f64 {
        1.0 - pair(0, 1, score).proof.probability(IMAGES)
    }

    fn expected(pairs: &[Pair]) -> f64 {
        of_pairs(pairs, &[], IMAGES).1
    }

    fn lead(a: u32, b: u32) -> Pair {
        let proof = Proof { tier: Tier::SameScene, score: 12.0, ..Proof::confirmed(None) };
        Pair { a: ImageRow(a), b: ImageRow(b), proof: Arc::new(proof) }
    }

    #[test]
    fn only_the_steps_that_hold_a_group_together_count() {
        let triangle = [pair(0, 1, 6.0), pair(0, 2, 5.0), pair(1, 2, 1.0)];
        let found = expected(&triangle);
        assert!((found - doubt(6.0) - doubt(5.0)).abs() < 1e-12, "{found}");
        assert_eq!(expected(&[pair(3, 3, 1.0)]).to_string(), "0");
    }

    #[test]
    fn refused_look_alikes_make_the_pairs_beside_them_doubtful() {
        let taken = pair(0, 1, 20.0);
        let (alone, _) = of_pairs(std::slice::from_ref(&taken), &[], IMAGES);
        let leads: Vec<Pair> = (2..IMAGES as u32).map(|row| lead(0, row)).collect();
        let (among, expected) = of_pairs(std::slice::from_ref(&taken), &leads, IMAGES);
        assert!(alone.probability(&taken.proof) > 0.999);
        assert!(among.probability(&taken.proof) < 0.9, "{among:?}");
        assert!((expected - 1.0 + among.probability(&taken.proof)).abs() < 1e-12);
        assert!(
            alone.strength(&taken.proof) > Strength::Moderate
                && among.strength(&taken.proof) == Strength::Weak
        );

        // The same look-alikes again, along other ways, are no more of them; nor are those between images of one photo.
        let again: Vec<Pair> =
            leads.iter().cloned().chain((3..IMAGES as u32).map(|row| lead(1, row))).collect();
        assert_eq!(of_pairs(std::slice::from_ref(&taken), &again, IMAGES).0, among);
        let many: Vec<Pair> = (1..IMAGES as u32).map(|row| pair(0, row, 20.0)).collect();
        assert_eq!(of_pairs(&many, &leads, IMAGES).0, of_pairs(&many, &[], IMAGES).0);
    }

    #[test]
    fn what_is_certain_stays_so_and_a_lead_is_never_likelier_than_not() {
        let leads: Vec<Pair> = (1..IMAGES as u32).map(|row| lead(0, row)).collect();
        let (among, _) = of_pairs(&[pair(0, 1, 9.0)], &leads, IMAGES);
        assert_eq!(among.probability(&Proof::confirmed(None)).to_string(), "1");
        assert!(among.probability(&leads[0].proof) <= 0.5);
    }

    #[test]
    fn near_hashes_suffer_least() {
        let near = |distance| Proof {
            distance: Some(distance),
            score: 18.0,
            tier: Tier::NearCopy,
            ..Proof::confirmed(None)
        };
        let leads: Vec<Pair> = (2..IMAGES as u32).map(|row| lead(0, row)).collect();
        let (among, _) = of_pairs(&[pair(0, 1, 18.0)], &leads, IMAGES);
        assert!(among.probability(&near(16)) > among.probability(&near(17)));
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
            prop_assert!((sum - expected(&pairs)).abs() < 1e-9);
        }
    }
}
