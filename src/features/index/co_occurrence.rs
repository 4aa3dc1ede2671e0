//! Which near codes can be part of a candidate at all: those with others of the same picture beside them.
//!
//! In a large index nearly every near code is the only one of its picture, and reading its keypoint would wait for
//! memory in vain. Keypoints of one picture stand together, so counting near codes by block of places tells most of
//! them. The trap: counts stand for several blocks each and so are upper bounds; they may only ever rule out.

use super::near::Near;

/// Counts; a power of two.
const SLOTS: usize = 1 << 17;

/// Near codes by turn and block of entries.
pub(crate) struct Company {
    counts: Vec<u8>,
    block_bits: u32,
}

impl Company {
    /// Counts near codes, no two of which are the same; no picture has more than `longest` entries.
    pub(crate) fn of(near: &[Near], longest: usize) -> Self {
        let mut company =
            Self { counts: vec![0; SLOTS], block_bits: longest.max(1).next_power_of_two().ilog2() };
        for near in near {
            let slot = company.slot(near, 1);
            company.counts[slot] = company.counts[slot].saturating_add(1);
        }
        company
    }

    /// At least as many as there are of this one's picture and turn, itself among them; 255 and more are one.
    pub(crate) fn around(&self, near: &Near) -> u32 {
        // A picture's entries lie in one block or in two neighbours.
        [0, 1, 2].into_iter().map(|shift| u32::from(self.counts[self.slot(near, shift)])).sum()
    }

    /// The slot of the block before, the same or the one after, by `shift`.
    fn slot(&self, near: &Near, shift: usize) -> usize {
        let block = (near.entry() >> self.block_bits) as usize + shift;
        (8 * block + usize::from(near.turn())) % SLOTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn company_is_never_counted_short(
            near in prop::collection::btree_set((0u16..40, 0u32..4_000_000, 0u8..8), 1..300), longest in 1usize..300
        ) {
            // Some more of the same pictures, which are `longest` entries each.
            let all: BTreeSet<(u16, u32, u8)> =
                near.iter().flat_map(|&(number, entry, turn)| [(number, entry, turn), (number, entry ^ 1, turn)]).collect();
            let near: Vec<Near> = all.iter().map(|&(number, entry, turn)| Near::new(number, entry, turn)).collect();
            let company = Company::of(&near, longest);
            let picture = |near: &Near| (near.entry() as usize / longest, near.turn());
            for one in &near {
                let alike = near.iter().filter(|other| picture(other) == picture(one)).count();
                prop_assert!(company.around(one) as usize >= alike.min(255));
            }
        }
    }
}
