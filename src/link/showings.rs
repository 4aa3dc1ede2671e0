//! Which ads show which photos: the two-sided graph that networks are made from.
//!
//! Photos shown by a single ad tell nothing about links and are left out, but counted per ad: an ad that shows
//! many photos of its own and shares one is another matter than an ad with that one photo only. The trap: an
//! image can belong to several groups (a collage); it is one piece of evidence all the same.

use super::looks::Looks;
use super::photo_groups::Group;
use crate::case::Snapshot;

/// A photo that two or more ads show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shared {
    /// First image of its core: what its id is made from.
    pub(super) first_image: u32,
    /// Image rows, ascending.
    pub(super) images: Vec<u32>,
    /// Ad rows, ascending.
    pub(super) ads: Vec<u32>,
}

/// One photo in one ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Showing {
    /// Index of the photo in [`Showings::photos`].
    pub(super) photo: u32,
    /// The image that shows it.
    pub(super) image: u32,
}

/// Shared photos and the ads that show them.
pub(super) struct Showings {
    /// Sorted by first image.
    pub(super) photos: Vec<Shared>,
    starts: Vec<u32>,
    by_ad: Vec<Showing>,
    /// Distinct images of each ad.
    images_of_ad: Vec<u32>,
}

impl Showings {
    /// O(sightings log sightings).
    pub(super) fn new(snapshot: &Snapshot, looks: &Looks, groups: &[Group]) -> Self {
        let seen = SeenIn::new(snapshot);
        let mut photos = Vec::new();
        for group in groups {
            let mut images: Vec<u32> = group
                .core
                .iter()
                .chain(&group.holders)
                .flat_map(|&look| looks.images_of(look))
                .copied()
                .collect();
            images.sort_unstable();
            images.dedup();
            let mut ads: Vec<u32> = images.iter().flat_map(|&image| seen.ads(image)).copied().collect();
            ads.sort_unstable();
            ads.dedup();
            if ads.len() > 1 {
                photos.push(Shared { first_image: looks.images_of(group.core[0])[0], images, ads });
            }
        }
        Self::index(snapshot, &seen, photos)
    }

    fn index(snapshot: &Snapshot, seen: &SeenIn, photos: Vec<Shared>) -> Self {
        let mut all: Vec<(u32, Showing)> = Vec::new();
        for (photo, shared) in photos.iter().enumerate() {
            for &image in &shared.images {
                let showing = Showing { photo: photo as u32, image };
                all.extend(seen.ads(image).iter().map(|&ad| (ad, showing)));
            }
        }
        all.sort_unstable();
        let mut images_of_ad = vec![0; snapshot.ads.len()];
        seen.pairs.iter().for_each(|&(_, ad)| images_of_ad[ad as usize] += 1);
        let starts = starts(all.iter().map(|&(ad, _)| ad), snapshot.ads.len());
        Self { photos, starts, by_ad: all.into_iter().map(|(_, showing)| showing).collect(), images_of_ad }
    }

    /// Shared photos of an ad, sorted; a photo shown by two of its images stands here twice.
    pub(super) fn of_ad(&self, ad: u32) -> &[Showing] {
        let ad = ad as usize;
        &self.by_ad[self.starts[ad] as usize..self.starts[ad + 1] as usize]
    }

    /// Distinct images of an ad, shared or not.
    pub(super) fn images_of_ad(&self, ad: u32) -> u32 {
        self.images_of_ad[ad as usize]
    }
}

/// Ads of every image, without repeats.
pub(super) struct SeenIn {
    starts: Vec<u32>,
    /// (image, ad), sorted.
    pairs: Vec<(u32, u32)>,
    ads: Vec<u32>,
}

impl SeenIn {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let mut pairs: Vec<(u32, u32)> =
            snapshot.sightings.iter().map(|sighting| (sighting.image, sighting.ad)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let starts = starts(pairs.iter().map(|&(image, _)| image), snapshot.images.len());
        let ads = pairs.iter().map(|&(_, ad)| ad).collect();
        Self { starts, pairs, ads }
    }

    /// Ad rows in which an image was seen, ascending.
    pub(super) fn ads(&self, image: u32) -> &[u32] {
        let image = image as usize;
        &self.ads[self.starts[image] as usize..self.starts[image + 1] as usize]
    }
}

/// Where the entries of each of `0..n` start in a list sorted by these keys; one more entry for the end.
fn starts(keys: impl Iterator<Item = u32>, n: usize) -> Vec<u32> {
    let mut starts = vec![0; n + 1];
    keys.for_each(|key| starts[key as usize + 1] += 1);
    for k in 0..n {
        starts[k + 1] += starts[k];
    }
    starts
}
