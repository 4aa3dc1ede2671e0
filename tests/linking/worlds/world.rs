//! One small world of ads without pixels, and what is expected of it.
//!
//! Photos are drawn hashes; another file of the same photo is a few bits off. The trap: `together`, `apart` and
//! `alone` hold numbers of ads as they were posted, not rows of the snapshot, which sorts them by key.

use adlink::corpus::{AdRow, ImageRow, Row, SeenIn, Snapshot};
use adlink::hash::{Hash256, Pdq, Quality};
use adlink::link::{Findings, LinkOptions, link_without_pixels};
use adlink::progress::Silent;
use adlink::record::{Ad, AdKey, Digests, Image, ImageId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A well mixed number for every seed (SplitMix64).
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Texts of the trade, too short to name a poster.
pub(super) const PHRASES: [&str; 8] = [
    "New in town, call me any time",
    "Sweet and discreet, no rush",
    "Real photos, real me, visit me today",
    "Private flat, easy parking, all day",
    "Only serious callers please",
    "Upscale company for gentlemen",
    "First time here, just this week",
    "Relaxing evening, hotel visits too",
];

/// A file: the photo it shows and which of its files it is.
pub(super) type File = (u64, u64);

/// One ad.
#[derive(Debug, Clone, Default)]
pub(super) struct Post {
    pub(super) site: usize,
    pub(super) files: Vec<File>,
    pub(super) phones: Vec<String>,
    pub(super) text: String,
    pub(super) poster: String,
    pub(super) place: String,
    pub(super) day: u64,
}

/// Ads and what should come of them.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    seed: u64,
    drawn: u64,
    pub(super) posts: Vec<Post>,
    pub(super) together: Vec<Vec<usize>>,
    pub(super) apart: Vec<Vec<usize>>,
    pub(super) alone: Vec<usize>,
    /// Photos that may be called common.
    pub(super) common: Vec<u64>,
    /// Photos that must be listed as one picture with many contacts, or be called common.
    pub(super) shown: Vec<Vec<usize>>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed: mix(seed), ..Self::default() }
    }

    /// A number below `n`, another one each time.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.drawn += 1;
        mix(self.seed ^ mix(self.drawn)) % n
    }

    /// A photo that nobody else in this world shows.
    pub(super) fn photo(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed ^ self.drawn) >> 8
    }

    /// Another file of a photo.
    pub(super) fn copy(&mut self, photo: u64) -> File {
        (photo, 1 + self.below(1 << 40))
    }

    pub(super) fn phone(&mut self) -> String {
        self.drawn += 1;
        format!("+49 170 {:07}", (self.seed % 1_000_000 + self.drawn) % 10_000_000)
    }

    pub(super) fn phrase(&mut self) -> String {
        let which = self.below(8) as usize;
        format!("{} {}", PHRASES[which], self.below(1_000_000))
    }

    pub(super) fn post(&mut self, post: Post) -> usize {
        let day = if post.day == 0 { 1 + self.below(300) } else { post.day };
        let place = if post.place.is_empty() { "City 1".into() } else { post.place.clone() };
        self.posts.push(Post { day, place, ..post });
        self.posts.len() - 1
    }

    /// Unrelated ads: each its own photo, phone and text.
    pub(super) fn background(&mut self, count: usize, sites: usize) {
        for k in 0..count {
            let (photo, phone, text) = (self.photo(), self.phone(), self.phrase());
            let ad = self.post(Post {
                site: k % sites,
                files: vec![(photo, 0)],
                phones: vec![phone],
                text,
                ..Post::default()
            });
            self.alone.push(ad);
        }
    }

    /// The whole corpus as a snapshot, and the row of every ad.
    pub(super) fn snapshot(&self) -> (Snapshot, Vec<u32>) {
        let files: BTreeSet<File> = self.posts.iter().flat_map(|post| post.files.iter().copied()).collect();
        let images: BTreeMap<ImageId, Image> =
            files.into_iter().map(image).map(|image| (image.id(), image)).collect();
        let ids: Vec<ImageId> = images.keys().copied().collect();
        let mut order: Vec<(AdKey, usize)> =
            self.posts.iter().enumerate().map(|(k, post)| (key(k, post), k)).collect();
        order.sort();
        let (mut rows, mut sightings) = (vec![0; order.len()], Vec::new());
        for (row, (_, k)) in (0..).zip(&order) {
            rows[*k] = row;
            for (position, &file) in (0..).zip(&self.posts[*k].files) {
                let id = image(file).id();
                sightings.push(SeenIn {
                    ad: AdRow(row),
                    position,
                    image: ImageRow::of(ids.binary_search(&id).expect("every file is an image")),
                    path: format!("{k}_{position}.jpg").into(),
                    collected_at: "".into(),
                });
            }
        }
        sightings.sort();
        let ads = order.into_iter().map(|(key, k)| ad(key, &self.posts[k])).collect();
        (Snapshot { images: images.into_values().collect(), ads, sightings, ..Snapshot::default() }, rows)
    }

    pub(super) fn linked(&self) -> (Snapshot, Vec<u32>, Findings) {
        let (snapshot, rows) = self.snapshot();
        let findings =
            link_without_pixels(&snapshot, &LinkOptions::default(), &Silent).expect("linking does not fail");
        (snapshot, rows, findings)
    }

    /// What comes of it, in words: networks, and what was called common or left to a reviewer.
    pub(super) fn answer(&self) -> String {
        let findings = self.linked().2;
        let networks = match &findings.networks[..] {
            [] => "no network".to_string(),
            [one] if one.ads.len() == self.posts.len() => "one network of all".to_string(),
            many => format!("{} networks", many.len()),
        };
        let common = findings.groups.iter().any(|group| group.common.is_some());
        let many = findings.groups.iter().any(|group| group.many_contacts);
        let said = [(common, ", a common photo"), (many, ", a photo with many contacts")];
        said.iter().filter(|(holds, _)| *holds).fold(networks, |text, (_, said)| text + said)
    }

    /// What is wrong with the findings; nothing when all is as expected.
    pub(super) fn faults(&self) -> Vec<String> {
        let (snapshot, rows, findings) = self.linked();
        let mut network = vec![None; rows.len()];
        for (k, found) in findings.networks.iter().enumerate() {
            found.ads.iter().for_each(|&ad| network[ad.index()] = Some(k));
        }
        let of = |ads: &[usize]| -> BTreeSet<Option<usize>> {
            ads.iter().map(|&ad| network[rows[ad] as usize]).collect()
        };
        let mut faults = Vec::new();
        for ads in &self.together {
            let found = of(ads);
            if found.len() > 1 || found.contains(&None) {
                let none = ads.iter().filter(|&&ad| network[rows[ad] as usize].is_none()).count();
                faults.push(format!(
                    "{} ads should be one network: {} sets, {none} in none",
                    ads.len(),
                    found.len()
                ));
            }
        }
        for (k, ads) in self.apart.iter().enumerate() {
            let met =
                |other: &&Vec<usize>| of(ads).iter().flatten().any(|one| of(other).contains(&Some(*one)));
            let others = self.apart[..k].iter().filter(met).count();
            if others > 0 {
                faults.push(format!("group {k} meets {others} others"));
            }
        }
        let bad = self.alone.iter().filter(|&&ad| network[rows[ad] as usize].is_some()).count();
        if bad > 0 {
            faults.push(format!("{bad} unrelated ads are in networks"));
        }
        let may_be: BTreeSet<ImageId> = self
            .posts
            .iter()
            .flat_map(|post| &post.files)
            .filter(|(photo, _)| self.common.contains(photo))
            .map(|&file| image(file).id())
            .collect();
        for group in findings.groups.iter().filter(|group| group.common.is_some()) {
            if !may_be.contains(&snapshot.images[group.images[0]].id()) {
                faults.push(format!(
                    "a photo on {} ads is wrongly common: {:?}",
                    group.ads.len(),
                    group.common
                ));
            }
        }
        for ads in &self.shown {
            let holds = |group: &[AdRow]| ads.iter().all(|&ad| group.contains(&AdRow(rows[ad])));
            if !findings.groups.iter().any(|group| holds(&group.ads)) {
                faults.push("ads with one photo are in no photo group".into());
            }
        }
        faults
    }
}

fn key(k: usize, post: &Post) -> AdKey {
    AdKey { site: format!("site-{}.example", post.site), ad_id: format!("{k:05}") }
}

fn ad(key: AdKey, post: &Post) -> Ad {
    let day = post.day - 1;
    Ad {
        posted_at: format!("2024-{:02}-{:02}", 1 + day / 28 % 12, 1 + day % 28),
        title: post.text.clone(),
        text: post.text.clone(),
        phones: post.phones.clone(),
        poster: post.poster.clone(),
        location: post.place.clone(),
        ..Ad::blank(key)
    }
}

fn image((photo, copy): File) -> Image {
    let drawn = |seed: u64| Hash256::from_words(std::array::from_fn(|word| mix(mix(seed) ^ word as u64)));
    let mut words = *drawn(photo).words();
    if copy > 0 {
        for flip in 0..6 {
            let bit = mix(copy ^ flip) % 256;
            words[(bit / 64) as usize] ^= 1 << (bit % 64);
        }
    }
    let mut hasher = Sha256::new();
    hasher.update(photo.to_be_bytes());
    hasher.update(copy.to_be_bytes());
    let id: [u8; 32] = hasher.finalize().into();
    let turned = |k: u64| drawn(mix(photo ^ mix(copy)) ^ k);
    Image {
        digests: Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId(id) },
        bytes: 1000,
        format: "jpeg".into(),
        width: 640,
        height: 480,
        caveats: Default::default(),
        pdq: Pdq::from_base([Hash256::from_words(words), turned(1), turned(2), turned(3)], Quality::new(100)),
        views: Box::default(),
        second: None,
    }
}
