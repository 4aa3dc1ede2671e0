//! Linking on made-up graphs: hashes without pixels, so that each structure is exactly what it says.
//!
//! The structures are those on which duplicate finders and link charts are known to fail: a bridge, a hub, a chain,
//! one photo reposted a thousand times, a site that copies another. The trap: unrelated photos must be unrelated in
//! all eight orientations, so hashes are drawn, never counted up.

use adlink::codes::EnumSet;
use adlink::corpus::{AdRow, ImageRow, Row, SeenIn, Snapshot};
use adlink::hash::{Hash256, Pdq, Quality};
use adlink::link::{
    Caveat, CommonBank, CommonReason, Findings, LeftOut, LinkOptions, PairMode, link_without_pixels,
};
use adlink::progress::Silent;
use adlink::record::{Ad, AdKey, Digests, Image, ImageId};
use adlink::verify::Tier;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A well mixed number for every seed (SplitMix64).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn drawn(seed: u64) -> Hash256 {
    Hash256::from_words(std::array::from_fn(|word| mix(mix(seed) ^ word as u64)))
}

/// The hash with `bits` bits flipped from bit `from` on.
fn nudged(hash: Hash256, from: usize, bits: usize) -> Hash256 {
    let mut words = *hash.words();
    (from..from + bits).for_each(|bit| words[bit % 256 / 64] ^= 1 << (bit % 64));
    Hash256::from_words(words)
}

/// A file: its upright hash, and what tells it from other files with the same hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct File(Hash256, u64);

/// Photo `photo`, saved anew: another file, a few bits off.
fn saved(photo: u64, copy: u64) -> File {
    File(nudged(drawn(photo), (mix(copy) % 250) as usize, 4), copy)
}

fn image(File(upright, copy): File) -> Image {
    let mut hasher = Sha256::new();
    hasher.update(upright.to_bytes());
    hasher.update(copy.to_be_bytes());
    let id: [u8; 32] = hasher.finalize().into();
    let seed = u64::from_be_bytes(id[..8].try_into().unwrap());
    let turned = |k| drawn(seed ^ k);
    Image {
        digests: Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId(id) },
        bytes: 1000,
        format: "jpeg".into(),
        width: 640,
        height: 480,
        caveats: EnumSet::default(),
        pdq: Pdq::from_base([upright, turned(1), turned(2), turned(3)], Quality::new(100)),
        views: Box::default(),
        second: None,
    }
}

#[derive(Debug, Clone, Default)]
struct Post {
    site: String,
    id: String,
    day: u32,
    phone: String,
    files: Vec<File>,
}

fn post(site: &str, id: usize, files: &[File]) -> Post {
    Post { site: site.into(), id: format!("{id:05}"), files: files.to_vec(), ..Post::default() }
}

impl Post {
    fn phone(mut self, phone: &str) -> Self {
        self.phone = phone.into();
        self
    }

    fn day(mut self, day: usize) -> Self {
        self.day = day as u32;
        self
    }

    fn ad(&self) -> Ad {
        let posted_at = match self.day {
            0 => String::new(),
            day => format!("2024-{:02}-{:02}", 1 + (day - 1) / 28 % 12, 1 + (day - 1) % 28),
        };
        Ad {
            key: AdKey { site: self.site.clone(), ad_id: self.id.clone() },
            url: String::new(),
            posted_at,
            collected_at: String::new(),
            title: String::new(),
            text: String::new(),
            phones: Some(self.phone.clone()).filter(|phone| !phone.is_empty()).into_iter().collect(),
            poster: String::new(),
            location: String::new(),
            category: String::new(),
            kept: String::new(),
        }
    }
}

fn snapshot(posts: &[Post]) -> Snapshot {
    let images: BTreeMap<ImageId, Image> = posts
        .iter()
        .flat_map(|post| &post.files)
        .map(|&file| image(file))
        .map(|image| (image.id(), image))
        .collect();
    let ids: Vec<ImageId> = images.keys().copied().collect();
    let mut posts: Vec<&Post> = posts.iter().collect();
    posts.sort_by_key(|post| post.ad().key);
    let mut sightings = Vec::new();
    for (ad, post) in posts.iter().enumerate() {
        for (position, &file) in post.files.iter().enumerate() {
            let row = ids.binary_search(&image(file).id()).expect("every file is an image");
            sightings.push(SeenIn {
                ad: AdRow::of(ad),
                position: position as u32,
                image: ImageRow::of(row),
                path: format!("{}/{}_{position}.jpg", post.site, post.id).into(),
                collected_at: "".into(),
            });
        }
    }
    sightings.sort();
    Snapshot {
        images: images.into_values().collect(),
        ads: posts.iter().map(|post| post.ad()).collect(),
        sightings,
        skipped: Vec::new(),
        ..Snapshot::default()
    }
}

fn run(posts: &[Post]) -> Findings {
    run_with(posts, &LinkOptions::default())
}

fn run_with(posts: &[Post], options: &LinkOptions) -> Findings {
    let findings = link_without_pixels(&snapshot(posts), options, &Silent).expect("linking does not fail");
    check(&findings);
    findings
}

/// What holds for all findings: sorted, every network connected by links that are listed, every link accounted for.
fn check(findings: &Findings) {
    assert!(findings.pairs.is_sorted_by_key(|pair| (pair.a, pair.b)));
    assert!(findings.groups.is_sorted_by(|a, b| a.id < b.id));
    assert!(findings.links.is_sorted_by(|a, b| (a.a, a.b) < (b.a, b.b)));
    for link in &findings.links {
        assert!(link.a < link.b && link.weight().is_finite());
    }
    let held: usize = findings.networks.iter().map(|network| network.links.len()).sum();
    assert_eq!(held + findings.removed.len(), findings.links.len());
    for network in &findings.networks {
        let mut reached = vec![network.ads[0]];
        let mut next = 0;
        let ends: Vec<(AdRow, AdRow)> =
            network.links.iter().map(|&k| &findings.links[k]).map(|link| (link.a, link.b)).collect();
        while next < reached.len() {
            let from = reached[next];
            for &(a, b) in ends.iter().filter(|(a, b)| *a == from || *b == from) {
                let other = if a == from { b } else { a };
                if !reached.contains(&other) {
                    reached.push(other);
                }
            }
            next += 1;
        }
        assert_eq!(reached.len(), network.ads.len(), "a network hangs together by its links");
    }
}

fn sizes(findings: &Findings) -> Vec<usize> {
    findings.networks.iter().map(|network| network.ads.len()).collect()
}

/// `n` ads of one poster who shows one photo, saved anew each time.
fn clique(site: &str, photo: u64, n: usize) -> Vec<Post> {
    (0..n).map(|k| post(site, 1000 * photo as usize + k, &[saved(photo, 1000 * photo + k as u64)])).collect()
}

#[test]
fn nothing_comes_of_nothing() {
    for posts in [vec![], clique("a.example", 1, 1), vec![post("a.example", 1, &[])]] {
        let findings = run(&posts);
        assert!(findings.pairs.is_empty() && findings.links.is_empty() && findings.networks.is_empty());
    }
    assert_eq!(sizes(&run(&clique("a.example", 1, 2))), [2]);
}

#[test]
fn two_cliques_with_one_shared_photo_stay_two_networks() {
    let mut posts = [clique("a.example", 1, 30), clique("b.example", 2, 30)].concat();
    posts[0].files.push(saved(3, 1));
    posts[30].files.push(File(nudged(saved(3, 1).0, 40, 30), 2));
    let findings = run(&posts);
    assert_eq!(sizes(&findings), [30, 30]);
    assert!(findings.removed.iter().any(|removed| removed.reason == LeftOut::Bridge));
}

#[test]
fn two_cliques_with_one_near_pair_of_images_stay_two_networks() {
    let dense = |site: &str, from: Hash256, id: usize| -> Vec<Post> {
        let file = |k: usize| File(nudged(from, 100 + 2 * k, 2), (id + k) as u64);
        (0..30).map(|k| post(site, id + k, &[file(k)])).collect()
    };
    let (left, right) = (drawn(1), nudged(drawn(1), 0, 60));
    let mut posts = [dense("a.example", left, 0), dense("b.example", right, 100)].concat();
    posts.push(post("a.example", 200, &[File(nudged(left, 0, 16), 200)]));
    posts.push(post("b.example", 201, &[File(nudged(left, 0, 44), 201)]));
    let findings = run(&posts);
    assert_eq!(sizes(&findings), [31, 31]);
    assert_eq!(findings.removed.len(), 1);
    assert!(findings.pairs.iter().any(|pair| pair.proof.distance == Some(28)), "the pair stays evidence");
}

#[test]
fn a_hub_photo_makes_no_network() {
    let own = |k: usize| [saved(1, k as u64), saved(100 + k as u64, 7)];
    let silent: Vec<Post> = (0..200).map(|k| post("a.example", k, &own(k))).collect();
    let with_phones: Vec<Post> = silent
        .iter()
        .enumerate()
        .map(|(k, post)| post.clone().phone(&format!("555 0{:05}", k * 37 + 11)))
        .collect();
    for posts in [silent, with_phones] {
        let findings = run(&posts);
        assert_eq!(sizes(&findings), [0; 0]);
        assert_eq!(findings.groups[0].common, Some(CommonReason::Stock));
        assert_eq!(findings.groups[0].rarity.unrelated_posters, 200);
        assert!(findings.removed.iter().all(|removed| removed.reason == LeftOut::CommonImage));
    }
}

#[test]
fn a_photo_under_many_phones_and_nothing_else_is_neither_common_nor_glue() {
    let posts: Vec<Post> = (0..200)
        .map(|k| post("a.example", k, &[saved(1, k as u64)]).phone(&format!("555 0{:05}", k * 37 + 11)))
        .collect();
    let findings = run(&posts);
    assert_eq!(sizes(&findings), [0; 0]);
    assert_eq!((findings.groups[0].common, findings.groups[0].many_contacts), (None, true));
    assert!(findings.removed.iter().all(|removed| removed.reason == LeftOut::ManyContacts));
}

/// Under rotating phones and under none, whoever repeats one photo and nothing else is one poster.
#[test]
fn one_photo_over_and_over_is_one_network_whatever_the_phones() {
    let rotating: Vec<Post> = (0..1500)
        .map(|k| post("a.example", k, &[saved(1, k as u64)]).phone(&format!("555 0100 2{:02}", k % 12)))
        .collect();
    for posts in [rotating, clique("a.example", 1, 1500)] {
        assert_eq!(sizes(&run(&posts)), [1500]);
    }
}

#[test]
fn one_photo_reposted_by_one_poster_is_one_network() {
    let posts: Vec<Post> = (0..1500)
        .map(|k| {
            let site = ["a.example", "b.example", "c.example"][k % 3];
            post(site, k, &[saved(1, k as u64)]).phone(["+1 555 010 0200", "(555) 010-0200"][k % 2])
        })
        .collect();
    let findings = run(&posts);
    assert_eq!(sizes(&findings), [1500]);
    assert!(findings.links.len() < 6000, "{} links", findings.links.len());
    assert!(findings.pairs.len() <= 100_000 && findings.pairs_over_cap > 1_000_000);
    let across = LinkOptions { cross_site_only: true, ..LinkOptions::default() };
    assert_eq!(sizes(&run_with(&posts, &across)), [1500]);
}

/// Posters of one to five ads, all with a borrowed photo that some unrelated ads show too: two shared photos then
/// connect everybody as soon as one photo is on every ad.
fn small_posters() -> Vec<Post> {
    (0..1500_u64)
        .map(|k| {
            let poster = mix(k) % 600;
            let own = [saved(1000 + 2 * poster + mix(k ^ 5) % 2, k), saved(10_000 + k, k)];
            let borrowed = saved(5000 + mix(k ^ 7) % 500, k);
            post("a.example", k as usize, &[own[0], own[1], borrowed])
        })
        .collect()
}

fn with_photo(posts: &[Post], photo: u64) -> Vec<Post> {
    let shown = |k: u64, post: &Post| [post.files.clone(), vec![saved(photo, k)]].concat();
    (0..).zip(posts).map(|(k, post)| Post { files: shown(k, post), ..post.clone() }).collect()
}

#[test]
fn a_photo_on_every_ad_changes_nothing_for_the_others() {
    let posts = small_posters();
    let ads = |findings: &Findings| -> Vec<Vec<AdRow>> {
        findings.networks.iter().map(|network| network.ads.clone()).collect()
    };
    let (without, with) = (run(&posts), run(&with_photo(&posts, 1)));
    assert!(sizes(&without)[0] < posts.len() / 10, "{:?}", sizes(&without)[0]);
    assert_eq!(ads(&with), ads(&without));
    let everywhere = with.groups.iter().find(|group| group.ads.len() == posts.len());
    assert_eq!(everywhere.and_then(|group| group.common), Some(CommonReason::Stock));
}

#[test]
fn a_posters_photo_on_every_ad_stays_theirs() {
    let pairs: Vec<(u64, u64)> = (0..8).flat_map(|x| (x + 1..8).map(move |y| (x, y))).collect();
    let varied: Vec<Post> = (0..112)
        .map(|k| (pairs[k % 28], k))
        .map(|((x, y), k)| post("a.example", k, &[saved(10 + x, k as u64), saved(10 + y, k as u64)]))
        .collect();
    let with_phone: Vec<Post> =
        (0..112).map(|k| post("a.example", k, &[saved(100 + k as u64, 0)]).phone("555 0100 200")).collect();
    for posts in [varied, with_phone] {
        let posts: Vec<Post> =
            (0..).zip(posts).map(|(k, one)| Post { id: format!("{k:05}"), ..one }).collect();
        assert_eq!(sizes(&run(&with_photo(&posts, 1))), [112]);
    }
}

#[test]
fn a_chain_of_near_misses_is_no_photo_group() {
    let posts: Vec<Post> =
        (0..12).map(|k| post("a.example", k, &[File(nudged(drawn(1), 0, 20 * k), k as u64)])).collect();
    let findings = run(&posts);
    assert!(findings.groups.iter().all(|group| group.images.len() <= 3));
    assert!(sizes(&findings).iter().all(|&ads| ads <= 3));
    assert_eq!(findings.pairs.len(), 11);
    assert!(findings.removed.iter().any(|removed| removed.reason == LeftOut::WeakPair));
}

/// Three hundred ads of ninety posters on two sites, two photos each.
fn originals() -> Vec<Post> {
    (0..300)
        .map(|k| {
            let (poster, site) = ((k / 4) as u64, ["a.example", "b.example"][k % 2]);
            let photos = [poster * 10 + (k % 3) as u64, poster * 10 + 5];
            let files = photos.map(|photo| saved(1000 + photo, k as u64));
            post(site, k, &files).day(1 + k)
        })
        .collect()
}

#[test]
fn a_mirror_site_changes_nothing_for_the_originals() {
    let originals = originals();
    let copies = originals.iter().map(|original| Post {
        site: "mirror.example".into(),
        files: original
            .files
            .iter()
            .map(|&File(hash, copy)| File(nudged(hash, 9, 6), copy + 10_000))
            .collect(),
        day: original.day + 3,
        ..original.clone()
    });
    let with_mirror: Vec<Post> = originals.iter().cloned().chain(copies).collect();
    let (before, after) = (run(&originals), run(&with_mirror));
    // The mirror sorts last, so the rows of the originals stay.
    let ads = |findings: &Findings| -> Vec<Vec<AdRow>> {
        findings.networks.iter().map(|network| network.ads.clone()).collect()
    };
    assert!(!before.networks.is_empty());
    assert_eq!(ads(&before), ads(&after));
    let marked = after.removed.iter().filter(|removed| removed.reason == LeftOut::MirrorSite).count();
    assert!(marked >= 300, "{marked}");
    assert!(after.links.iter().any(|link| link.caveats.contains(Caveat::MirrorSite)));
}

/// Every poster shows two of eight photos at a time, on one site after the other.
#[test]
fn a_poster_on_two_sites_is_no_mirror() {
    let pairs: Vec<(u64, u64)> = (0..8).flat_map(|x| (x + 1..8).map(move |y| (x, y))).collect();
    for rounds in [1, 2, 5] {
        let posts: Vec<Post> = (0..pairs.len() * rounds)
            .map(|k| {
                let (x, y) = pairs[k % pairs.len()];
                post(["a.example", "b.example"][k % 2], k, &[saved(x, k as u64), saved(y, k as u64)])
                    .day(1 + k)
            })
            .collect();
        let findings = run(&posts);
        assert_eq!(sizes(&findings), [posts.len()], "{rounds} ads of each pair");
    }
}

#[test]
fn site_furniture_is_found_even_in_sets() {
    let badges = [File(drawn(1), 1), File(drawn(2), 1)];
    let posts: Vec<Post> = (0..40)
        .map(|k| {
            let poster = (k / 4) as u64;
            let own = [saved(100 + poster * 2, k as u64), saved(101 + poster * 2, k as u64)];
            post("a.example", k, &[own[0], own[1], badges[0], badges[1]])
        })
        .collect();
    let findings = run(&posts);
    assert_eq!(sizes(&findings), [4; 10]);
    let furniture = findings.groups.iter().filter(|group| group.common == Some(CommonReason::SiteFurniture));
    assert_eq!(furniture.map(|group| group.ads.len()).collect::<Vec<_>>(), [40, 40]);
}

/// Thousands of ads on a few sites with badges, stock pictures everywhere, posters of all sizes.
#[test]
fn nothing_swallows_a_large_corpus() {
    let sites = ["a.example", "b.example", "c.example", "d.example"];
    let (mut posts, mut posters) = (Vec::new(), Vec::new());
    let mut largest = 0;
    for poster in 0..600_u64 {
        let n = if mix(poster) % 10 < 6 { 2 + mix(poster ^ 9) % 30 } else { 1 };
        largest = largest.max(n as usize);
        for _ in 0..n {
            let k = posts.len() as u64;
            let site = ((poster + mix(k) % 2) % 4) as usize;
            let shown = (0..1 + mix(k) % 4).map(|j| poster * 8 + mix(k ^ j) % (3 + mix(poster) % 5));
            let mut files: Vec<File> = shown.map(|photo| saved(photo, k)).collect();
            if k.is_multiple_of(30) {
                files.push(saved(1_000_000 + mix(k) % 12, k));
            }
            if site < 2 {
                files.push(File(drawn(2_000_000 + site as u64), 0));
            }
            posts.push(post(sites[site], k as usize, &files));
            posters.push(poster);
        }
    }
    let findings = run(&posts);
    assert_eq!(sizes(&findings)[0], largest);
    let mut order: Vec<usize> = (0..posts.len()).collect();
    order.sort_by_key(|&k| posts[k].ad().key);
    let of = |ad: &AdRow| posters[order[ad.index()]];
    let mixed =
        findings.networks.iter().filter(|network| network.ads.iter().any(|ad| of(ad) != of(&network.ads[0])));
    assert_eq!(mixed.count(), 0);
}

#[test]
fn the_users_bank_makes_a_photo_common() {
    let posts = clique("a.example", 1, 5);
    let hashes = LinkOptions {
        common_bank: CommonBank { hashes: vec![nudged(drawn(1), 3, 8)], images: vec![] },
        ..LinkOptions::default()
    };
    let findings = run_with(&posts, &hashes);
    assert_eq!(findings.groups[0].common, Some(CommonReason::Bank));
    assert!(findings.networks.is_empty());
}

#[test]
fn a_shared_phone_joins_only_when_asked() {
    let posts = [
        post("a.example", 1, &[saved(1, 1)]).phone("555 0100 200"),
        post("b.example", 2, &[saved(2, 1)]).phone("+1 5550100200"),
    ];
    assert!(run(&posts).links.is_empty());
    let findings = run_with(&posts, &LinkOptions { corroborate: true, ..LinkOptions::default() });
    assert_eq!(sizes(&findings), [2]);
    assert_eq!(findings.links[0].caveats.names(), ["NO_PHOTO"]);
}

#[test]
fn quality_gates_hashes_and_not_files() {
    let low = |file: File| {
        let image = image(file);
        Image { pdq: Pdq::from_base(*image.pdq.base(), Quality::new(49)), ..image }
    };
    let posts = [post("a.example", 1, &[File(drawn(1), 1)]), post("b.example", 2, &[File(drawn(1), 2)])];
    let mut flat = snapshot(&posts);
    flat.images =
        flat.images.iter().map(|_| ()).zip([1, 2]).map(|((), copy)| low(File(drawn(1), copy))).collect();
    flat.images.sort_by_key(Image::id);
    let findings = link_without_pixels(&flat, &LinkOptions::default(), &Silent).unwrap();
    assert!(findings.pairs.is_empty());
    flat.sightings.iter_mut().for_each(|sighting| sighting.image = ImageRow(0));
    let findings = link_without_pixels(&flat, &LinkOptions::default(), &Silent).unwrap();
    assert_eq!(findings.pairs.len(), 1);
    assert_eq!(findings.pairs[0].proof.tier, Tier::SameFile);
    assert_eq!(sizes(&findings), [2]);
}

#[test]
fn forest_mode_lists_enough_to_connect() {
    let posts = clique("a.example", 1, 20);
    let findings = run_with(&posts, &LinkOptions { pairs: PairMode::Forest, ..LinkOptions::default() });
    assert_eq!(findings.pairs.len(), 19);
    assert_eq!(findings.pairs_over_cap, 171);
    assert_eq!(sizes(&findings), [20]);
}

/// A small corpus with everything in it: posters, a stock picture, near misses.
fn corpus() -> impl Strategy<Value = Vec<Post>> {
    let shown = prop::collection::vec((0..25_u64, 0..4_u64), 0..4);
    let ad = (0..3_usize, 0..3_usize, 0..60_usize, shown);
    prop::collection::vec(ad, 0..40).prop_map(|ads| {
        let mut posts = Vec::new();
        for (id, (site, phone, day, shown)) in ads.into_iter().enumerate() {
            let files: Vec<File> = shown.into_iter().map(|(photo, copy)| saved(photo, copy * 29)).collect();
            let post = post(["a.example", "b.example", "c.example"][site], id, &files);
            posts.push(post.phone(["", "555 0100 201", "555 0100 202"][phone]).day(day));
        }
        posts
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_ads_and_the_number_of_threads_change_nothing(posts in corpus(), seed: u64) {
        let mut shuffled = posts.clone();
        shuffled.sort_by_key(|post| mix(seed ^ post.id.parse::<u64>().unwrap()));
        let one = run_with(&posts, &LinkOptions { threads: Some(1), ..LinkOptions::default() });
        let two = run_with(&shuffled, &LinkOptions { threads: Some(3), ..LinkOptions::default() });
        prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
    }

    #[test]
    fn pairs_are_those_of_comparing_everything(posts in corpus()) {
        let snapshot = snapshot(&posts);
        let findings = link_without_pixels(&snapshot, &LinkOptions::default(), &Silent).unwrap();
        let ads_of = |image: usize| -> Vec<AdRow> {
            snapshot.sightings.iter().filter(|s| s.image == ImageRow::of(image)).map(|s| s.ad).collect()
        };
        let mut slow = Vec::new();
        for a in 0..snapshot.images.len() {
            for b in a..snapshot.images.len() {
                let near = snapshot.images[a].pdq.hash().distance(&snapshot.images[b].pdq.hash()) <= 31;
                let apart = ads_of(a).iter().any(|x| ads_of(b).iter().any(|y| x != y));
                if near && apart {
                    slow.push((a as u32, b as u32));
                }
            }
        }
        let fast: Vec<(u32, u32)> = findings.pairs.iter().map(|pair| (pair.a.0, pair.b.0)).collect();
        prop_assert_eq!(fast, slow);
    }
}
