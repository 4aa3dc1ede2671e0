//! Proofs that say the same, kept once.
//!
//! A case of a million ads has tens of millions of pairs and some thousands of different proofs by hashes: near
//! copies differ in distance, quality and little else. The trap: proofs by local features hold a map of their own and
//! are hardly ever equal, so they are not looked for.

use crate::hash::Dihedral;
use crate::record::ViewKind;
use crate::verify::{Proof, Tier};
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// All that a proof by hashes says; numbers by their bits.
type Words = (Tier, Dihedral, [ViewKind; 2], [Option<u32>; 2], [u64; 3]);

/// Proofs by what they say.
type ProofTable = HashMap<Words, Arc<Proof>, BuildHasherDefault<Mixer>>;

/// Parts of the list, so that threads rarely wait for each other.
const PARTS: usize = 32;

/// The proofs so far. Which of two equal ones is kept depends on threads; what they say does not.
#[derive(Default)]
pub(crate) struct SameProofs {
    known: [Mutex<ProofTable>; PARTS],
}

impl SameProofs {
    /// This proof, or an equal one from before.
    pub(crate) fn share(&self, proof: Proof) -> Arc<Proof> {
        if proof.local.is_some() {
            return Arc::new(proof);
        }
        let words = words(&proof);
        // Bits that the table itself does not look at first.
        let part = (BuildHasherDefault::<Mixer>::default().hash_one(words) >> 32) as usize % PARTS;
        let mut known = self.known[part].lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(words).or_insert_with(|| Arc::new(proof)))
    }
}

/// Multiplies and rotates: tens of millions of proofs are looked up, and nobody chooses them to collide.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
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
