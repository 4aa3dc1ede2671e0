//! What decisions change, on made-up hashes: first small worlds that say what they are, then any.
//!
//! Every image is shown by an ad of its own unless said otherwise, so each image pair is an ad pair too.

use crate::corpus::{AdRow, ImageRow, SeenIn, Snapshot, standing};
use crate::hash::{Hash256, Rect, View, ViewKind};
use crate::link::findings::Caveat;
use crate::link::findings::{CommonReason, Effect, Findings, LeftOut, PhotoGroup};
use crate::link::link_without_pixels;
use crate::link::options::{LinkOptions, PairMode};
use crate::link::sample::{self, nudge};
use crate::progress::Silent;
use crate::record::{Ad, AdKey, Decision, Image, ImageId, Ruling, Subject};
use crate::sets::Sets;
use crate::verify::Tier;
use proptest::prelude::*;

/// A snapshot whose image row `k` is shown by ad row `ads[k]`.
pub(super) fn snapshot(mut images: Vec<Image>, ads: &[u32], decisions: Vec<Decision>) -> Snapshot {
    sample::give_ids(&mut images);
    let ad = |row: u32| Ad::blank(AdKey { site: format!("{row:03}.example"), ad_id: "1".into() });
    let mut sightings: Vec<SeenIn> = (0..)
        .zip(ads)
        .map(|(image, &ad)| SeenIn {
            ad: AdRow(ad),
            position: image,
            image: ImageRow(image),
            path: format!("{image}.jpg").into(),
            collected_at: "".into(),
        })
        .collect();
    sightings.sort();
    let ads = (0..=ads.iter().copied().max().unwrap_or(0)).map(ad).collect();
    Snapshot { images, ads, sightings, decisions, ..Snapshot::default() }
}

fn one_ad_each(hashes: &[Hash256], decisions: Vec<Decision>) -> Snapshot {
    let images = hashes.iter().map(|&hash| sample::image_with(hash)).collect();
    snapshot(images, &(0..hashes.len() as u32).collect::<Vec<_>>(), decisions)
}

fn id(row: u32) -> ImageId {
    let mut images: Vec<Image> = (0..=row).map(|_| sample::flat()).collect();
    sample::give_ids(&mut images);
    images[row as usize].id()
}

pub(super) fn said(ruling: Ruling, subject: Subject) -> Decision {
    let (reviewer, at) = ("a".into(), "2024-01-01T00:00:00.000000Z".into());
    Decision { subject, ruling, reviewer, at, reason: String::new(), shown: String::new() }
}

pub(super) fn pair(a: u32, b: u32) -> Subject {
    Subject::Pair(id(a.min(b)), id(a.max(b)))
}

fn photo(rows: &[u32]) -> Subject {
    Subject::Photo(rows.iter().map(|&row| id(row)).collect())
}

fn linked(snapshot: &Snapshot) -> Findings {
    link_without_pixels(snapshot, &LinkOptions::default(), &Silent).unwrap()
}

pub(super) fn groups(findings: &Findings) -> Vec<Vec<u32>> {
    let rows = |group: &PhotoGroup| group.images.iter().map(|row| row.0).collect();
    let mut groups: Vec<Vec<u32>> = findings.groups.iter().map(rows).collect();
    groups.sort_unstable();
    groups
}

pub(super) fn pairs(findings: &Findings) -> Vec<(u32, u32)> {
    findings.pairs.iter().map(|pair| (pair.a.0, pair.b.0)).collect()
}

#[test]
fn a_rejected_pair_does_not_meet_through_a_third_image() {
    // 1 lies between 0 and 2 and nearer to 2.
    let start = sample::hash(1);
    let hashes = [start, nudge(start, 0..12), nudge(start, 0..20)];
    assert_eq!(groups(&linked(&one_ad_each(&hashes, vec![]))), [[0, 1, 2]]);
    let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Reject, pair(0, 2))]));
    assert_eq!(groups(&found), [[1, 2]]);
    assert_eq!(pairs(&found), [(1, 2)]);
    assert_eq!(found.links.len(), 1);
    assert_eq!(found.decisions, [Effect::Applied]);
}

#[test]
fn images_with_equal_hashes_can_be_told_apart() {
    let hashes = [sample::hash(1); 3];
    let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Reject, pair(0, 2))]));
    assert_eq!(pairs(&found), [(0, 1)]);
    let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Reject, photo(&[0, 1, 2]))]));
    assert!(found.pairs.is_empty() && found.groups.is_empty() && found.links.is_empty());
}

#[test]
fn a_confirmed_pair_joins_what_no_tier_joins() {
    let hashes =
        [sample::hash(1), nudge(sample::hash(1), 0..9), sample::hash(2), nudge(sample::hash(2), 0..9)];
    let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Confirm, pair(1, 2))]));
    assert_eq!(groups(&found), [[0, 1, 2, 3]]);
    assert_eq!(pairs(&found), [(0, 1), (1, 2), (2, 3)]);
    assert_eq!((found.pairs[1].proof.tier, found.pairs[1].proof.distance), (Tier::Confirmed, None));
    assert!(found.pairs[1].proof.score > found.pairs[0].proof.score);
    assert_eq!(found.networks.len(), 1);
    let caveats = |a, b| &found.links.iter().find(|link| (link.a.0, link.b.0) == (a, b)).unwrap().caveats;
    assert!(caveats(1, 2).contains(Caveat::Confirmed) && !caveats(0, 1).contains(Caveat::Confirmed));
    assert!(caveats(0, 3).contains(Caveat::Indirect));
}

#[test]
fn a_confirmed_pair_is_listed_when_only_a_forest_is() {
    let hashes = [sample::hash(1), sample::hash(2), sample::hash(3)];
    let snapshot = one_ad_each(&hashes, vec![said(Ruling::Confirm, photo(&[0, 1, 2]))]);
    let options = LinkOptions { pairs: PairMode::Forest, ..LinkOptions::default() };
    let found = link_without_pixels(&snapshot, &options, &Silent).unwrap();
    assert_eq!(pairs(&found), [(0, 1), (0, 2)]);
}

#[test]
fn a_measured_pair_keeps_its_tier_when_confirmed() {
    let hashes = [sample::hash(1), nudge(sample::hash(1), 0..9)];
    let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Confirm, pair(0, 1))]));
    assert_eq!((found.pairs[0].proof.tier, found.pairs[0].proof.distance), (Tier::NearCopy, Some(9)));
}

#[test]
fn contradictory_decisions_are_told_and_the_rejection_stands() {
    let hashes = [sample::hash(1), sample::hash(2), sample::hash(3)];
    let decisions = vec![
        said(Ruling::Confirm, pair(0, 1)),
        said(Ruling::Reject, pair(0, 2)),
        said(Ruling::Confirm, pair(1, 2)),
    ];
    let found = linked(&one_ad_each(&hashes, decisions));
    assert_eq!(pairs(&found), [(1, 2)], "what was confirmed last holds");
    assert_eq!(found.decisions, [Effect::Overruled, Effect::Applied, Effect::Applied]);
}

#[test]
fn within_a_rejected_photo_a_confirmed_pair_stays_together() {
    let hashes: Vec<Hash256> = (0..4).map(|k| nudge(sample::hash(1), 0..3 * k)).collect();
    let decisions = vec![said(Ruling::Confirm, pair(1, 3)), said(Ruling::Reject, photo(&[0, 1, 2, 3]))];
    let found = linked(&one_ad_each(&hashes, decisions));
    assert_eq!(pairs(&found), [(1, 3)]);
    assert_eq!(found.decisions, [Effect::Applied, Effect::Applied]);
}

#[test]
fn a_confirmed_collage_holds_its_photos_and_does_not_make_them_one() {
    let pane = |seed| View {
        kind: ViewKind::Pane,
        rect: Rect { x: 0, y: 0, width: 99, height: 99 },
        pdq: sample::image(seed).pdq,
    };
    let collage = Image { views: vec![pane(1), pane(2)].into(), ..sample::image(9) };
    let images = vec![sample::image(1), sample::image(2), collage];
    let decisions = vec![said(Ruling::Confirm, pair(0, 2)), said(Ruling::Confirm, pair(1, 2))];
    let found = linked(&snapshot(images.clone(), &[0, 1, 2], decisions));
    assert_eq!(groups(&found), [[0, 2], [1, 2]]);
    let found = linked(&snapshot(images, &[0, 1, 2], vec![said(Ruling::Reject, pair(0, 2))]));
    assert_eq!(groups(&found), [[1, 2]]);
    assert_eq!(pairs(&found), [(1, 2)]);
}

#[test]
fn a_common_photo_is_shown_and_joins_nobody() {
    let hashes = [sample::hash(1), nudge(sample::hash(1), 0..9)];
    for subject in [photo(&[0, 1]), pair(0, 1), photo(&[1])] {
        let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Common, subject)]));
        assert_eq!(found.groups[0].common, Some(CommonReason::Reviewer));
        assert!(found.networks.is_empty() && found.links[0].caveats.contains(Caveat::CommonImage));
    }
}

#[test]
fn a_mirrored_ad_makes_no_network() {
    let hashes = [sample::hash(1), nudge(sample::hash(1), 0..9), nudge(sample::hash(1), 9..18)];
    let ad = Subject::Ad(AdKey { site: "001.example".into(), ad_id: "1".into() });
    let found = linked(&one_ad_each(&hashes, vec![said(Ruling::Mirror, ad)]));
    assert_eq!(
        found.networks.iter().map(|network| &network.ads[..]).collect::<Vec<_>>(),
        [[AdRow(0), AdRow(2)]]
    );
    assert_eq!(found.removed.iter().filter(|removed| removed.reason == LeftOut::MirrorSite).count(), 2);
}

#[test]
fn what_settles_nothing_here_changes_nothing() {
    let hashes: Vec<Hash256> = (0..4).map(|k| nudge(sample::hash(1), 0..6 * k)).collect();
    let elsewhere = Subject::Pair(ImageId([7; 32]), ImageId([8; 32]));
    let no_ad = Subject::Ad(AdKey { site: "x".into(), ad_id: "x".into() });
    let decisions = vec![
        said(Ruling::Reject, pair(0, 1)),
        said(Ruling::Unsure, pair(0, 1)),
        said(Ruling::Reject, elsewhere),
        said(Ruling::Mirror, no_ad),
        said(Ruling::Mirror, pair(0, 2)),
    ];
    let (plain, decided) = (linked(&one_ad_each(&hashes, vec![])), linked(&one_ad_each(&hashes, decisions)));
    let told = [Effect::Superseded, Effect::NoEffect, Effect::Absent, Effect::Absent, Effect::NoEffect];
    assert_eq!(decided.decisions, told);
    assert_eq!(format!("{:?}", Findings { decisions: vec![], ..decided }), format!("{plain:?}"));
}

#[test]
fn confirming_a_photo_by_one_of_its_files_applies_to_all_of_it() {
    let hashes: Vec<Hash256> = (0..4).map(|k| nudge(sample::hash(1), 0..6 * k)).collect();
    let plain = linked(&one_ad_each(&hashes, vec![]));
    let decided = linked(&one_ad_each(&hashes, vec![said(Ruling::Confirm, photo(&[2]))]));
    assert_eq!(decided.decisions, [Effect::Applied]);
    assert_eq!((&decided.networks, &decided.pairs), (&plain.networks, &plain.pairs));
    // It cannot be taken for a common photo any more, so its links weigh more.
    assert!(decided.links.iter().zip(&plain.links).all(|(now, then)| now.weight() > then.weight()));
}

/// Images around few photos, so that chains, bridges and copies beyond the radius occur; some contain another photo.
fn any_image() -> impl Strategy<Value = Image> {
    let near = (1..4_u64, 0..40_usize, 0..24_usize);
    (near, prop::option::weighted(0.3, 1..4_u64)).prop_map(|((seed, from, bits), pane)| {
        let image = sample::image_with(nudge(sample::hash(seed), from..from + bits));
        let rect = Rect { x: 0, y: 0, width: 320, height: 300 };
        let pane = pane.map(|seed| View { kind: ViewKind::Pane, rect, pdq: sample::image(seed).pdq });
        Image { views: pane.into_iter().collect(), ..image }
    })
}

/// About images of the first `rows` rows.
pub(super) fn any_decision(rows: u32) -> impl Strategy<Value = Decision> {
    let rows = move || 0..rows;
    let subject = prop_oneof![
        4 => (rows(), rows()).prop_filter("two", |(a, b)| a != b).prop_map(|(a, b)| pair(a, b)),
        1 => prop::collection::btree_set(rows(), 1..5).prop_map(|rows| photo(&rows.into_iter().collect::<Vec<_>>())),
        1 => rows().prop_map(|row| Subject::Ad(AdKey { site: format!("{row:03}.example"), ad_id: "1".into() })),
    ];
    (subject, prop::sample::select(&Ruling::ALL)).prop_map(|(subject, ruling)| said(ruling, subject))
}

fn any_world() -> impl Strategy<Value = Snapshot> {
    let images = prop::collection::vec((any_image(), 0..10_u32), 2..12);
    // Three rows more than there may be images: some decisions name what is not here.
    (images, prop::collection::vec(any_decision(14), 0..8)).prop_map(|(images, decisions)| {
        let (images, ads): (Vec<Image>, Vec<u32>) = images.into_iter().unzip();
        snapshot(images, &ads, decisions)
    })
}

/// Image pairs that the decisions in force keep apart, found the slow way.
pub(super) fn kept_apart(snapshot: &Snapshot) -> Vec<(u32, u32)> {
    let standing = standing(&snapshot.decisions);
    let n = snapshot.images.len() as u32;
    let rows = |subject: &Subject| -> Vec<u32> {
        let named = |image: ImageId| match subject {
            Subject::Pair(a, b) => image == *a || image == *b,
            Subject::Photo(images) => images.contains(&image),
            Subject::Ad(_) => false,
        };
        (0..n).filter(|&row| named(id(row))).collect()
    };
    let is_pair = |subject: &Subject| matches!(subject, Subject::Pair(..));
    let ruled =
        |ruling| standing.iter().map(|stands| stands.decision).filter(move |said| said.ruling == ruling);
    let mut apart = Vec::new();
    for rejected in ruled(Ruling::Reject) {
        let rows_rejected = rows(&rejected.subject);
        let mut together = Sets::new(n as usize);
        for confirmed in
            ruled(Ruling::Confirm).filter(|said| is_pair(&said.subject) && !is_pair(&rejected.subject))
        {
            if let &[a, b] = &rows(&confirmed.subject)[..]
                && rows_rejected.contains(&a)
                && rows_rejected.contains(&b)
            {
                together.join(a, b);
            }
        }
        let pairs = rows_rejected.iter().flat_map(|&a| rows_rejected.iter().map(move |&b| (a, b)));
        apart.extend(pairs.filter(|&(a, b)| a < b && together.find(a) != together.find(b)));
    }
    apart
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_rejected_stays_apart_and_what_is_confirmed_together(world in any_world(), forest: bool, cap in 0..9_u64) {
        let pairs = if forest { PairMode::Forest } else { PairMode::All };
        let options = LinkOptions { pairs, pair_cap: if forest { 100 } else { cap * cap }, ..LinkOptions::default() };
        let found = link_without_pixels(&world, &options, &Silent).unwrap();
        for (a, b) in kept_apart(&world) {
            prop_assert!(!found.groups.iter().any(|group| group.images.contains(&ImageRow(a)) && group.images.contains(&ImageRow(b))));
            prop_assert!(!found.pairs.iter().any(|pair| (pair.a.0, pair.b.0) == (a, b)));
            let evidence = found.links.iter().flat_map(|link| &link.evidence);
            for item in evidence {
                prop_assert!((item.image_a.min(item.image_b).0, item.image_a.max(item.image_b).0) != (a, b));
            }
        }
        for (decision, effect) in world.decisions.iter().zip(&found.decisions) {
            if let (Subject::Pair(a, b), Ruling::Confirm, Effect::Applied) = (&decision.subject, decision.ruling, effect) {
                let row = |image: &ImageId| world.images.iter().position(|one| one.id() == *image).unwrap() as u32;
                let (a, b) = (row(a), row(b));
                let ad = |row: u32| world.sightings.iter().find(|seen| seen.image.0 == row).unwrap().ad;
                if ad(a) != ad(b) {
                    prop_assert!(found.groups.iter().any(|group| group.images.contains(&ImageRow(a)) && group.images.contains(&ImageRow(b))));
                    if !forest && cap == 8 {
                        prop_assert!(found.pairs.iter().any(|pair| (pair.a.0, pair.b.0) == (a, b)));
                    }
                }
            }
        }
    }

    #[test]
    fn threads_do_not_matter(world in any_world()) {
        let run = |threads| {
            let options = LinkOptions { threads: Some(threads), ..LinkOptions::default() };
            format!("{:?}", link_without_pixels(&world, &options, &Silent).unwrap())
        };
        prop_assert_eq!(run(1), run(3));
    }
}
