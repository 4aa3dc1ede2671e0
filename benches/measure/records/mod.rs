//! Made-up records of local features: the layout of one real picture, the codes of another, crossed.
//!
//! Each code is a crossing of a real code with the nearest of some others, so it is as common as real codes are. The trap:
//! copying real codes with a little noise would make each of them common, and everything slow and full of chance matches;
//! and whoever changes how many numbers one record draws changes every corpus.

use adlink::features::{Code, Features, Keypoint, STORED};

/// Pictures that the codes of a generated one come from: some of its codes are alike, as in real pictures.
const DONORS: usize = 1;
/// Codes that the nearest is chosen from to be crossed with.
const MATES: usize = 200;

/// Numbers without pattern, alike in every run (SplitMix64).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit
    }
}

/// A record of the distribution that real ones, which all have keypoints, are drawn from; the same for the same number.
pub(crate) fn generated(real: &[&Features], number: u64) -> Features {
    let mut draw = Draw(number << 20);
    let any = |draw: &mut Draw| real[draw.below(real.len())];
    let code =
        |features: &Features, draw: &mut Draw| features.keypoints[draw.below(features.keypoints.len())];
    let donors: Vec<&Features> = (0..DONORS).map(|_| any(&mut draw)).collect();
    let crossed = |place: &Keypoint| {
        let donor = donors[draw.below(DONORS)];
        let parent = code(donor, &mut draw);
        let one = parent.code;
        let other = (0..MATES)
            .map(|_| code(any(&mut draw), &mut draw).code)
            .filter(|mate| *mate != one)
            .min_by_key(|mate| mate.distance(&one))
            .unwrap_or(one);
        let (a, b) = (one.words(), other.words());
        let words = [0, 1].map(|word| a[word] ^ (a[word] ^ b[word]) & draw.next() & draw.next());
        Keypoint { code: Code::from_words(words), scale: parent.scale, ..*place }
    };
    let layout = any(&mut Draw(number << 20 | 1 << 19));
    let keypoints = layout.keypoints.iter().map(crossed).collect();
    Features { keypoints, ..layout.clone() }.prefix(STORED)
}
