//! Made-up images and snapshots for the tests of this room: hashes without pixels.
//!
//! Hashes of different seeds are unrelated (about 128 bits apart in every orientation), and [`nudge`] moves one by
//! a known number of bits. Only the upright hash is meant; the turned ones are drawn at random.

use crate::codes::EnumSet;
use crate::hash::{Hash256, Pdq, Quality};
use crate::record::{Digests, Image, ImageId};
use std::ops::Range;

/// A well mixed number for every seed (SplitMix64).
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash unrelated to that of any other seed.
pub(super) fn hash(seed: u64) -> Hash256 {
    Hash256::from_words(std::array::from_fn(|word| mix(seed * 4 + word as u64)))
}

/// The hash with these bits flipped.
pub(super) fn nudge(hash: Hash256, bits: Range<usize>) -> Hash256 {
    let mut words = *hash.words();
    bits.for_each(|bit| words[bit % 256 / 64] ^= 1 << (bit % 64));
    Hash256::from_words(words)
}

/// An image with this upright hash; its turned hashes are unrelated to anything.
pub(super) fn image_with(upright: Hash256) -> Image {
    let [a, b, c, d] = *upright.words();
    let seed = mix(a ^ mix(b ^ mix(c ^ mix(d)))) >> 3;
    let pdq = Pdq::from_base([upright, hash(seed), hash(seed + 1), hash(seed + 2)], Quality::new(100));
    Image {
        digests: Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId([0; 32]) },
        bytes: 1000,
        format: "jpeg".into(),
        width: 640,
        height: 480,
        caveats: EnumSet::default(),
        pdq,
        views: Box::default(),
        second: None,
    }
}

/// An image of this seed.
pub(super) fn image(seed: u64) -> Image {
    image_with(hash(seed))
}

/// An image without structure: PDQ quality 0.
pub(super) fn flat() -> Image {
    let pdq = Pdq::from_base([Hash256::default(); 4], Quality::default());
    Image { pdq, ..image(0) }
}

/// Numbers the images in their order, so that rows are as given.
pub(super) fn give_ids(images: &mut [Image]) {
    for (row, image) in images.iter_mut().enumerate() {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(row as u64).to_be_bytes());
        image.digests.sha256 = ImageId(id);
    }
}
