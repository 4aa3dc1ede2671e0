//! How one hash table reads codes: which bits of a code say where it falls.
//!
//! A code is first turned to a canonical orientation, the one that brings a chosen group of its bits to the front.
//! A turned copy's code ends up in the same place, so one look-up serves all eight turns. The trap: the choice can flip
//! with a bit; each table chooses by other weights. Tables in memory and on disk read alike.

use crate::features::code::Code;
use crate::hash::Dihedral;
use std::sync::LazyLock;

/// Tables of the index.
pub(crate) const TABLES: usize = 12;
/// Low bits of a tag: part of the canonical code, to drop chance company without touching the keypoint. The
/// three above hold the canonical turn.
pub(super) const TAG_BITS: u32 = 29;
/// Tags further apart than this belong to codes that are hardly within reach.
pub(super) const TAG_RADIUS: u32 = 8;
/// How many more bits of the code decide its bucket than number the buckets. A bucket holds several keys; the
/// more bits, the fewer codes meet by chance.
const EXTRA_KEY_BITS: usize = 1;

/// Where a code falls in one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodePlace {
    pub(crate) bucket: u32,
    pub(crate) tag: u32,
}

impl CodePlace {
    /// The turn of the code itself, as a group: what brings its chosen group to the front.
    pub(crate) fn front(self) -> u8 {
        (self.tag >> TAG_BITS) as u8
    }

    /// The turns of a code that falls here under which it looks like one of another front, by that front.
    pub(crate) fn turns(self) -> &'static [u8; 8] {
        &RELATIVE[usize::from(self.front())]
    }

    /// Whether the codes can be within reach, by their tags.
    pub(crate) fn is_near(self, other: Self) -> bool {
        ((self.tag ^ other.tag) << (32 - TAG_BITS)).count_ones() <= TAG_RADIUS
    }
}

/// How one table reads codes.
pub(crate) struct Reading {
    bucket_bits: u32,
    /// Weight of each value of a group's low and high byte.
    weights: [[i16; 256]; 2],
    /// All bits of a code in the order in which keys take them up.
    order: [u8; 128],
    /// The bits that make the key.
    masks: [u64; 2],
    /// First bit of the tag within word `tag_at.0`.
    tag_at: (usize, u32),
}

/// The turn that brings a group of bits to the front, by group.
pub(crate) const TURN_OF_GROUP: [Dihedral; 8] = [
    Dihedral::None,
    Dihedral::FlipY,
    Dihedral::FlipX,
    Dihedral::Rot180,
    Dihedral::FlipPlus1,
    Dihedral::Rot270,
    Dihedral::Rot90,
    Dihedral::FlipMinus1,
];

/// `RELATIVE[a][b]`: the turn, as a group, that equals turn `a` followed by the inverse of turn `b`.
static RELATIVE: LazyLock<[[u8; 8]; 8]> = LazyLock::new(|| {
    let probe = Code::from_words([0x0003_0002_0001_0000, 0x0007_0006_0005_0004]);
    std::array::from_fn(|a| {
        std::array::from_fn(|b| {
            let turned = probe.turned(TURN_OF_GROUP[a]).turned(TURN_OF_GROUP[b].inverse());
            // The probe's groups carry their numbers: the one in front names the turn.
            (turned.words()[0] & 7) as u8
        })
    })
});

/// A fixed sequence of well-mixed numbers (SplitMix64).
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Reading {
    /// How table `number` reads codes that fall into `2^bucket_bits` buckets.
    pub(crate) fn new(number: usize, bucket_bits: u32) -> Self {
        let draw = |i: u64| mix(1000 * number as u64 + i);
        // Near-equal weights of either sign: a flipped bit moves the sum a little, equal sums are rare.
        let of_bit: [i16; 16] = std::array::from_fn(|bit| {
            let random = draw(bit as u64);
            (100 + (random >> 8) as i16 % 6) * if random & 1 == 0 { 1 } else { -1 }
        });
        let of_byte = |byte: usize, half: usize| {
            (0..8).filter(|bit| byte >> bit & 1 == 1).map(|bit| of_bit[8 * half + bit]).sum()
        };
        let mut order: [u8; 128] = std::array::from_fn(|bit| bit as u8);
        order.sort_by_key(|&bit| draw(100 + u64::from(bit)));
        let mut reading = Self {
            bucket_bits,
            weights: std::array::from_fn(|half| std::array::from_fn(|byte| of_byte(byte, half))),
            order,
            masks: [0; 2],
            tag_at: (number % 2, (9 * number as u32) % (64 - TAG_BITS)),
        };
        reading.set_bucket_bits(bucket_bits);
        reading
    }

    pub(crate) fn bucket_bits(&self) -> u32 {
        self.bucket_bits
    }

    /// Chooses the number of buckets.
    pub(crate) fn set_bucket_bits(&mut self, bucket_bits: u32) {
        self.bucket_bits = bucket_bits;
        self.masks = [0; 2];
        for bit in &self.order[..bucket_bits as usize + EXTRA_KEY_BITS] {
            self.masks[*bit as usize / 64] |= 1 << (bit % 64);
        }
    }

    /// The group with the largest weight; of equals, the first.
    fn front(&self, code: Code) -> usize {
        let weights: [i16; 8] = std::array::from_fn(|group| {
            let bits = code.words()[group / 4] >> (16 * (group % 4));
            self.weights[0][bits as usize & 0xff] + self.weights[1][(bits >> 8) as usize & 0xff]
        });
        (1..8).fold(0, |best, group| if weights[group] > weights[best] { group } else { best })
    }

    /// Where a code falls.
    pub(crate) fn place(&self, code: Code) -> CodePlace {
        let front = self.front(code);
        self.place_turned(front, code.turned(TURN_OF_GROUP[front]))
    }

    /// Where a code falls that stands under all eight turns, in the order of [`TURN_OF_GROUP`].
    pub(crate) fn place_among(&self, turned: &[Code; 8]) -> CodePlace {
        let front = self.front(turned[0]);
        self.place_turned(front, turned[front])
    }

    fn place_turned(&self, front: usize, turned: Code) -> CodePlace {
        let Self { masks, tag_at: (word, shift), .. } = *self;
        let words = turned.words();
        let low = (words[0] & masks[0]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let high = (words[1] & masks[1]).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let key = (low ^ low >> 32).wrapping_add(high ^ high >> 32).wrapping_mul(0x94d0_49bb_1331_11eb);
        let tag = (words[word] >> shift) as u32 & ((1 << TAG_BITS) - 1);
        CodePlace { bucket: (key >> (64 - self.bucket_bits)) as u32, tag: tag | (front as u32) << TAG_BITS }
    }
}
