//! Decisions about pictures that only local features find: made-up pictures whose hashes have nothing in common.
//!
//! Whoever shows picture 0 or 1 has the features of that picture; whether the pixels bear the match out is up to the
//! test. The trap: without any decision the copies must be found, or nothing that holds here would mean anything.

use super::decisions::{any_decision, groups, kept_apart, pair, pairs, said, snapshot};
use super::sections::{in_sections, words};
use crate::corpus::{ImageRow, Snapshot};
use crate::features::{STORED, extract};
use crate::hash::Luma;
use crate::link::LinkOptions;
use crate::link::findings::Findings;
use crate::link::link_with;
use crate::link::photos::{Pixels, Sources};
use crate::link::sample;
use crate::progress::Silent;
use crate::record::{Decision, Ruling};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

const SIZE: (u32, u32) = (256, 192);

/// Discs of many sizes on grey: as many keypoints as a photo has.
fn picture(seed: u64) -> Luma {
    let (width, height) = SIZE;
    let mut pixels = vec![128_u8; (width * height) as usize];
    for k in 0..240 {
        let drawn = sample::mix(sample::mix(seed) ^ k);
        let (x, y) = ((drawn % 256) as i32, (drawn >> 8) as i32 % 192);
        let (radius, level) = (3 + (drawn >> 32) as i32 % 12, (drawn >> 48) as u8);
        for v in (y - radius).max(0)..(y + radius).min(height as i32) {
            for u in (x - radius).max(0)..(x + radius).min(width as i32) {
                if (u - x).pow(2) + (v - y).pow(2) < radius * radius {
                    pixels[(v * width as i32 + u) as usize] = level;
                }
            }
        }
    }
    Luma::new(width, height, pixels).expect("as many pixels as the size says")
}

static PICTURES: LazyLock<[(Arc<Luma>, Vec<u8>); 2]> = LazyLock::new(|| {
    [1, 2].map(picture).map(|luma| {
        let features = extract(&luma, STORED).to_bytes();
        (Arc::new(luma), features)
    })
});

/// Gives the pixels that the features are of, or others for every row.
struct Originals<'a> {
    shown: &'a [usize],
    alike: bool,
}

impl Pixels for Originals<'_> {
    fn luma(&self, row: ImageRow) -> Option<Arc<Luma>> {
        let shown = self.shown[row.index()];
        Some(if self.alike { PICTURES[shown].0.clone() } else { Arc::new(picture(100 + u64::from(row.0))) })
    }
}

/// Image row `k`, in an ad of its own, shows picture `shown[k]`.
fn linked(shown: &[usize], alike: bool, decisions: Vec<Decision>) -> (Snapshot, Findings) {
    let images = (0..shown.len() as u64).map(|row| sample::image(500 + row)).collect();
    let ads: Vec<u32> = (0..shown.len() as u32).collect();
    let mut snapshot = snapshot(images, &ads, decisions);
    shown.iter().for_each(|&picture| snapshot.features.push(Some(&PICTURES[picture].1)));
    let sources = Sources { pixels: &Originals { shown, alike }, pixel_checks: &[] };
    let options = LinkOptions::default();
    let found = link_with(&snapshot, &sources, &options, &Silent).expect("nobody interrupts");
    for section_of in [&|place| place, &|place| place % 2] as [&(dyn Fn(usize) -> usize + Sync); 2] {
        let cut = in_sections(&snapshot, &sources, &options, section_of);
        assert_eq!(words(&cut), words(&found), "section by section");
    }
    (snapshot, found)
}

fn leads(findings: &Findings) -> Vec<(u32, u32)> {
    findings.leads.iter().map(|lead| (lead.a.0, lead.b.0)).collect()
}

#[test]
fn copies_found_by_features_alone_are_apart_when_rejected() {
    let (_, found) = linked(&[0, 1, 0], true, vec![]);
    assert_eq!((groups(&found), pairs(&found)), (vec![vec![0, 2]], vec![(0, 2)]));
    let (_, found) = linked(&[0, 1, 0], true, vec![said(Ruling::Reject, pair(0, 2))]);
    assert!(found.groups.is_empty() && found.pairs.is_empty() && found.links.is_empty());
}

#[test]
fn a_rejected_pair_is_no_lead() {
    let (_, found) = linked(&[0, 1, 0], false, vec![]);
    assert_eq!((leads(&found), pairs(&found)), (vec![(0, 2)], vec![]));
    let (_, found) = linked(&[0, 1, 0], false, vec![said(Ruling::Reject, pair(0, 2))]);
    assert_eq!((leads(&found), pairs(&found)), (vec![], vec![]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_rejected_never_meets_by_features(
        shown in prop::collection::vec(0..2_usize, 2..8),
        alike: bool,
        decisions in prop::collection::vec(any_decision(8), 0..6),
    ) {
        let (world, found) = linked(&shown, alike, decisions);
        for (a, b) in kept_apart(&world) {
            prop_assert!(!found.groups.iter().any(|group| group.images.contains(&ImageRow(a)) && group.images.contains(&ImageRow(b))));
            prop_assert!(!pairs(&found).contains(&(a, b)) && !leads(&found).contains(&(a, b)));
            let evidence = found.links.iter().flat_map(|link| &link.evidence);
            for item in evidence {
                prop_assert!((item.image_a.min(item.image_b).0, item.image_a.max(item.image_b).0) != (a, b));
            }
        }
    }
}
