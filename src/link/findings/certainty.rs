//! How far the pairs of one corpus are to be believed: what each says of itself, and what the look-alikes beside it say.
//!
//! Each pair is judged alone, but how many such judgements go wrong depends on what is there to be judged. Of photographs of
//! all kinds hardly one in a million does; of till receipts of one shop or overlapping aerial shots, one in fifty of those
//! that nearly agree. The corpus tells which it is by its leads: look-alikes that were seen and refused. The trap: a score is
//! about one pair and stays what it is wherever the pair is met; certainty is about a pair of this corpus.

use crate::verify::{Proof, Strength, Tier, hash_doubt};

/// How many look-alikes are taken for the same photo, for each that is refused, at the most. On fifteen public sets of
/// different photos and two corpora of look-alikes, 5,233 and 864 pictures, 23 were against 1,553 refused, each counted
/// where it joins what nothing else joins (`benches/real_pictures.py`); 2 % is about the bound that holds in 19 of 20 such trials.
const TAKEN: f64 = 0.02;
/// Of those, share of pairs whose hashes are near enough not to be doubted, against all others: 1 of the 23, though half
/// of all true pairs are of that kind.
const UNDOUBTED: f64 = 0.1;
/// A lead is at most as likely as not.
const LEAD: f64 = 0.5;

/// What a corpus lets its pairs be believed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Certainty {
    images: usize,
    /// Share of the doubtful pairs that are false, as the leads have it.
    false_share: f64,
}

impl Certainty {
    /// For `images` images; `refused` leads and the pairs whose proofs are `taken`, of either only those that connect what
    /// surer ones do not.
    pub fn new<'a>(images: usize, refused: usize, taken: impl Iterator<Item = &'a Proof>) -> Self {
        let accidents = TAKEN * refused as f64;
        // Were all of those taken true, the accidents would stand beside them: the share that assumes least.
        let chances: f64 = taken.map(weight).sum();
        let all = accidents + chances;
        Self { images, false_share: if all > 0.0 { accidents / all } else { 0.0 } }
    }

    /// Probability that the pair shows the same photo; 1 for the same bytes, and for a reviewer's word.
    pub fn probability(&self, proof: &Proof) -> f64 {
        let alone = proof.probability(self.images);
        let here = alone.min(1.0 - self.false_share * weight(proof));
        if proof.tier.is_same_photo() { here } else { here.min(LEAD) }
    }

    /// The proof in words: those of its score, as far as the probability bears them out.
    pub fn strength(&self, proof: &Proof) -> Strength {
        let probability = self.probability(proof);
        let most = match probability {
            p if p < 0.9 => Strength::Weak,
            p if p < 0.99 => Strength::Moderate,
            _ => Strength::Identical,
        };
        proof.strength().min(most)
    }
}

/// How much a pair partakes in what may be false.
fn weight(proof: &Proof) -> f64 {
    let by_hash = matches!(proof.tier, Tier::NearCopy | Tier::Transformed);
    let near = proof.distance.is_some_and(|bits| bits < hash_doubt::FAR);
    match proof {
        _ if proof.is_certain() => 0.0,
        _ if by_hash && near => UNDOUBTED,
        _ => 1.0,
    }
}
