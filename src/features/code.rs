//! The 128-bit code of a keypoint, and what a turn of the picture does to it.
//!
//! The code is closed under the eight symmetries: group `e` of 16 bits is the projection of the descriptor as it
//! would be seen under symmetry `e`, so turning the picture only swaps groups, exactly. A mirrored or quarter
//! turned copy is therefore found by permuting the query's codes; nothing is extracted or stored twice.

use super::extract::projection::{ROWS, THRESHOLDS};
use crate::hash::Dihedral;
use crate::hash::kernel::features::{CodeWords, FeatureKernel};
use std::sync::LazyLock;

/// Values of a descriptor: 4x4 cells of 8 directions, `(cell_y * 4 + cell_x) * 8 + direction`.
pub(super) type Descriptor = [i16; 128];

/// Code of a keypoint: bit `k` is bit `k % 64` of word `k / 64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Code(pub(super) CodeWords);

impl Code {
    /// From two words; word 0 holds bits 0 to 63.
    pub const fn from_words(words: CodeWords) -> Self {
        Self(words)
    }

    /// The two words; word 0 holds bits 0 to 63.
    pub const fn words(&self) -> &CodeWords {
        &self.0
    }

    /// Bits in which two codes differ, 0 to 128.
    #[inline]
    pub fn distance(&self, other: &Self) -> u32 {
        (self.0[0] ^ other.0[0]).count_ones() + (self.0[1] ^ other.0[1]).count_ones()
    }

    /// The code of the same point in the picture turned by `turn`. Exact.
    pub fn turned(&self, turn: Dihedral) -> Self {
        let source = &SYMMETRIES.groups[Symmetry::of(turn).0];
        let group = |e: usize| self.0[e / 4] >> (16 * (e % 4)) & 0xffff;
        let mut words = [0; 2];
        for (e, &from) in source.iter().enumerate() {
            words[e / 4] |= group(from) << (16 * (e % 4));
        }
        Self(words)
    }

    /// The code of a descriptor.
    pub(super) fn of(descriptor: &Descriptor, kernel: FeatureKernel) -> Self {
        Self(kernel.project(descriptor, &SYMMETRIES.rows, &SYMMETRIES.thresholds))
    }
}

/// A symmetry by what it does to positions: bit 2 transposes first, then bit 0 mirrors x and bit 1 mirrors y.
#[derive(Clone, Copy)]
struct Symmetry(usize);

impl Symmetry {
    const fn of(turn: Dihedral) -> Self {
        Self(match turn {
            Dihedral::None => 0,
            Dihedral::FlipY => 1,
            Dihedral::FlipX => 2,
            Dihedral::Rot180 => 3,
            Dihedral::FlipPlus1 => 4,
            Dihedral::Rot270 => 5,
            Dihedral::Rot90 => 6,
            Dihedral::FlipMinus1 => 7,
        })
    }

    /// For every bin of the turned descriptor, the bin of the original it comes from.
    fn bins(self) -> [usize; 128] {
        let mut from = [0; 128];
        for bin in 0..128 {
            let (mut y, mut x, mut direction) = (bin / 32, bin / 8 % 4, bin % 8);
            if self.0 & 4 != 0 {
                (x, y, direction) = (y, x, 10 - direction);
            }
            if self.0 & 1 != 0 {
                (x, direction) = (3 - x, 12 - direction % 8);
            }
            if self.0 & 2 != 0 {
                (y, direction) = (3 - y, 8 - direction % 8);
            }
            from[(y * 4 + x) * 8 + direction % 8] = bin;
        }
        from
    }
}

struct Symmetries {
    /// `groups[turn][e]`: which group of the old code becomes group `e`.
    groups: [[usize; 8]; 8],
    /// All 128 rows of the projection; row `16 e + b` reads the descriptor under symmetry `e`.
    rows: Box<[[i16; 128]; 128]>,
    thresholds: [i32; 128],
}

static SYMMETRIES: LazyLock<Symmetries> = LazyLock::new(|| {
    let bins: [[usize; 128]; 8] = std::array::from_fn(|e| Symmetry(e).bins());
    let groups = std::array::from_fn(|turn| {
        std::array::from_fn(|e| {
            // First the turn, then `e`: bin i of the result is bin turn[e[i]] of the original.
            let both: [usize; 128] = std::array::from_fn(|i| bins[turn][bins[e][i]]);
            bins.iter().position(|bins| *bins == both).expect("the eight symmetries are closed")
        })
    });
    let mut rows = Box::new([[0; 128]; 128]);
    for (k, row) in rows.iter_mut().enumerate() {
        for (i, &weight) in ROWS[k % 16].iter().enumerate() {
            row[bins[k / 16][i]] = weight;
        }
    }
    Symmetries { groups, rows, thresholds: std::array::from_fn(|k| THRESHOLDS[k % 16]) }
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turned(descriptor: &Descriptor, turn: Dihedral) -> Descriptor {
        let bins = Symmetry::of(turn).bins();
        std::array::from_fn(|i| descriptor[bins[i]])
    }

    proptest! {
        #[test]
        fn turning_the_descriptor_permutes_the_code(values in prop::collection::vec(0i16..256, 128)) {
            let descriptor: Descriptor = values.try_into().unwrap();
            let kernel = FeatureKernel::detect();
            let code = Code::of(&descriptor, kernel);
            prop_assert_eq!(code, Code::of(&descriptor, FeatureKernel::SCALAR));
            for turn in Dihedral::ALL {
                prop_assert_eq!(Code::of(&turned(&descriptor, turn), kernel), code.turned(turn));
                prop_assert_eq!(code.turned(turn).turned(turn.inverse()), code);
            }
        }
    }
}
