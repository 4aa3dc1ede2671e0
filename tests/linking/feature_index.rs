//! The feature index from outside: answers depend on what is in it, not on how it came there.

use adlink::features::{CANDIDATES, Code, FeatureIndex, Features, Keypoint, MOST_FREQUENT};
use adlink::hash::Dihedral;
use proptest::prelude::*;

/// Numbers without pattern, alike in every run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 8) % limit
    }

    fn picture(&mut self, keypoints: usize) -> Features {
        let keypoints = (0..keypoints)
            .map(|_| Keypoint {
                code: Code::from_words([self.next(), self.next()]),
                x: self.below(600) as u16,
                y: self.below(800) as u16,
                scale: 8 + self.below(20) as u8,
                repeats: 1,
            })
            .collect();
        Features { width: 384, height: 512, keypoints, ..Features::default() }
    }

    /// The picture with some bits flipped and part of it replaced by another.
    fn copy(&mut self, picture: &Features, kept: usize, flips: u64) -> Features {
        let mut copy = self.picture(picture.keypoints.len());
        for (into, from) in copy.keypoints.iter_mut().zip(&picture.keypoints).take(kept) {
            let mut words = *from.code.words();
            for _ in 0..flips {
                let bit = self.below(128);
                words[bit as usize / 64] ^= 1 << (bit % 64);
            }
            *into = Keypoint { code: Code::from_words(words), ..*from };
        }
        copy
    }
}

#[test]
fn finds_copies_under_every_turn() {
    let mut draw = Draw(3);
    let pictures: Vec<Features> = (0..300).map(|_| draw.picture(100)).collect();
    let index = FeatureIndex::build((0..).zip(&pictures));
    for (row, picture) in pictures.iter().enumerate().step_by(7) {
        let turn = Dihedral::ALL[row % 8];
        let copy = draw.copy(picture, 25, 8).turned(turn.inverse());
        let first = index.candidates(&copy, CANDIDATES).first().copied();
        assert_eq!(first.map(|found| (found.row, found.turn)), Some((row as u32, turn)));
    }
}

#[test]
fn frequency_counts_photo_groups_not_images() {
    let mut draw = Draw(4);
    let logo = draw.picture(5);
    // Rows 0..40 share the logo; rows 0..20 are copies of one photo.
    let photo = draw.picture(50);
    let with_logo = |mut features: Features| {
        features.keypoints.splice(0..5, logo.keypoints.iter().copied());
        features
    };
    let pictures: Vec<Features> = (0..40)
        .map(|row| with_logo(if row < 20 { draw.copy(&photo, 50, 4) } else { draw.picture(50) }))
        .collect();
    let index = FeatureIndex::build((0..).zip(&pictures));
    let frequencies = index.frequencies(0, &|row| row.saturating_sub(19));
    assert_eq!(frequencies.len(), 50);
    assert!(frequencies[..5].iter().all(|&count| count >= 18), "logo: {frequencies:?}");
    assert!(frequencies[5..].iter().all(|&count| count <= 1), "photo: {frequencies:?}");
    let singles = index.frequencies(0, &|row| row);
    assert!(singles[5..].iter().filter(|&&count| count > 5).count() > 30, "{singles:?}");
    assert!(singles.iter().all(|&count| count <= MOST_FREQUENT));
    assert!(index.frequencies(99, &|row| row).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn answers_do_not_depend_on_history(seed: u64, count in 1usize..160) {
        let mut draw = Draw(seed);
        let originals: Vec<Features> = (0..8).map(|_| draw.picture(100)).collect();
        let pictures: Vec<Features> =
            (0..count).map(|i| draw.copy(&originals[i % 8], i % 70, 6)).collect();
        let built = FeatureIndex::build((0..).zip(&pictures));

        let mut grown = FeatureIndex::default();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_cached_key(|_| draw.next());
        for &row in &order {
            grown.insert(row as u32, &draw.picture(60));
            grown.insert(1000 + row as u32, &pictures[row]);
            grown.insert(row as u32, &pictures[row]);
        }
        for &row in order.iter().rev() {
            prop_assert!(grown.remove(1000 + row as u32));
            prop_assert!(!grown.remove(1000 + row as u32));
        }
        prop_assert_eq!(grown.len(), count);
        for (row, picture) in originals.iter().chain(&pictures).enumerate().step_by(5) {
            prop_assert_eq!(built.candidates(picture, 50), grown.candidates(picture, 50));
            let group = |row: u32| row % 11;
            prop_assert_eq!(built.frequencies(row as u32, &group), grown.frequencies(row as u32, &group));
        }
    }
}

#[test]
fn an_empty_index_finds_nothing() {
    let index = FeatureIndex::default();
    assert!(index.is_empty());
    assert!(index.candidates(&Draw(1).picture(30), 9).is_empty());
    assert!(FeatureIndex::build([(3, &Features::default())]).candidates(&Features::default(), 9).is_empty());
}
