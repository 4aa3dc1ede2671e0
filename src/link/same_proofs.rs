//! Proofs that say the same, kept once.
//!
//! A case of a million ads has tens of millions of pairs and some thousands of different proofs by hashes: near
//! copies differ in distance, quality and little else. The trap: proofs by local features hold a map of their own and
//! are hardly ever equal, so they are not looked for.

use crate::hash::Dihedral;
use crate::record::ViewKind;
use crate::verify::{Proof, Tier};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// All that a proof by hashes says; numbers by their bits.
type Words = (Tier, Dihedral, [ViewKind; 2], [Option<u32>; 2], [u64; 3]);

/// The proofs so far. Which of two equal ones is kept depends on threads; what they say does not.
#[derive(Default)]
pub(super) struct SameProofs {
    known: Mutex<HashMap<Words, Arc<Proof>>>,
}

impl SameProofs {
    /// This proof, or an equal one from before.
    pub(super) fn share(&self, proof: Proof) -> Arc<Proof> {
        if proof.local.is_some() {
            return Arc::new(proof);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(words(&proof)).or_insert_with(|| Arc::new(proof)))
    }
}

fn words(proof: &Proof) -> Words {
    let Proof {
        tier, distance, transform, view_a, view_b, overlap_a, overlap_b, second_distance, score, ..
    } = *proof;
    let numbers = [overlap_a, overlap_b, score].map(f64::to_bits);
    (tier, transform, [view_a, view_b], [distance, second_distance], numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_proofs_are_one_and_others_keep_apart() {
        let proofs = SameProofs::default();
        let sure = || Proof::confirmed(None);
        let unsure = Proof { score: 1.0, ..sure() };
        let (first, again, other) =
            (proofs.share(sure()), proofs.share(sure()), proofs.share(unsure.clone()));
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!((&*first, &*other), (&sure(), &unsure));
    }
}
