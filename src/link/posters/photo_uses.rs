//! Which ads show which photos: the two-sided graph that networks are made from.
//!
//! Photos shown by a single ad tell nothing about links and are left out, but counted per ad: an ad that shows
//! many photos of its own and shares one is another matter than an ad with that one photo only. The trap: an
//! image can belong to several groups (a collage); it is one piece of evidence all the same.

use crate::corpus::Snapshot;
use crate::link::candidates::hash_classes::Looks;
use crate::link::photos::groups::Group;
use rayon::prelude::*;

/// A photo that two or more ads show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shared {
    /// First image of its core: what its id is made from.
    pub(crate) first_image: u32,
    /// Image rows, ascending.
    pub(crate) images: Vec<u32>,
    /// Ad rows, ascending.
    pub(crate) ads: Vec<u32>,
}

/// One photo in one ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Showing {
    /// Index of the photo in [`Showings::photos`].
    pub(crate) photo: u32,
    /// The image that shows it.
    pub(crate) image: u32,
}

/// Shared photos and the ads that show them.
pub(crate) struct Showings {
    /// Sorted by first image.
    pub(crate) photos: Vec<Shared>,
    /// Photo whose core a look is; `u32::MAX` when a single ad shows it.
    photo_of_look: Vec<u32>,
    starts: Vec<u32>,
    by_ad: Vec<Showing>,
    /// Distinct images of each ad.
    images_of_ad: Vec<u32>,
    seen: SeenIn,
}

impl Showings {
    /// O(sightings log sightings).
    pub(crate) fn new(snapshot: &Snapshot, looks: &Looks, groups: &[Group]) -> Self {
        let _span = tracing::debug_span!("showings").entered();
        let seen = SeenIn::new(snapshot);
        let mut photos = Vec::new();
        let mut photo_of_look = vec![u32::MAX; looks.len()];
        for group in groups {
            let images = sorted_distinct(
                group.core.iter().chain(&group.holders).flat_map(|&look| looks.images_of(look)).copied(),
            );
            let ads = sorted_distinct(images.iter().flat_map(|&image| seen.ads(image)).copied());
            if ads.len() > 1 {
                group.core.iter().for_each(|&look| photo_of_look[look as usize] = photos.len() as u32);
                photos.push(Shared { first_image: looks.images_of(group.core[0])[0], images, ads });
            }
        }
        Self::index(snapshot.ads.len(), seen, photos, photo_of_look)
    }

    /// The same photos as if some ads showed nothing.
    pub(crate) fn without(&self, left_out: &[bool]) -> Self {
        let stays = |ad: &u32| !left_out[*ad as usize];
        let photos = self
            .photos
            .iter()
            .map(|photo| Shared { ads: photo.ads.iter().copied().filter(stays).collect(), ..photo.clone() });
        let images = self.seen.starts.len() - 1;
        let still =
            |image: u32| self.seen.ads(image).iter().filter(|ad| stays(ad)).map(move |&ad| (image, ad));
        let seen = SeenIn::of_pairs(&(0..images as u32).flat_map(still).collect::<Vec<_>>(), images);
        Self::index(left_out.len(), seen, photos.collect(), self.photo_of_look.clone())
    }

    fn index(ads: usize, seen: SeenIn, photos: Vec<Shared>, photo_of_look: Vec<u32>) -> Self {
        let mut all: Vec<(u32, Showing)> = Vec::new();
        for (photo, shared) in photos.iter().enumerate() {
            for &image in &shared.images {
                let showing = Showing { photo: photo as u32, image };
                all.extend(seen.ads(image).iter().map(|&ad| (ad, showing)));
            }
        }
        all.par_sort_unstable();
        let mut images_of_ad = vec![0; ads];
        seen.ads.iter().for_each(|&ad| images_of_ad[ad as usize] += 1);
        let starts = starts(all.iter().map(|&(ad, _)| ad), ads);
        let by_ad = all.into_iter().map(|(_, showing)| showing).collect();
        Self { photos, photo_of_look, starts, by_ad, images_of_ad, seen }
    }

    /// The shared photo that a look shows as a whole, if two or more ads show it.
    pub(crate) fn photo_of_look(&self, look: u32) -> Option<u32> {
        Some(self.photo_of_look[look as usize]).filter(|&photo| photo != u32::MAX)
    }

    /// Shared photos of an ad, sorted; a photo shown by two of its images stands here twice.
    pub(crate) fn of_ad(&self, ad: u32) -> &[Showing] {
        let ad = ad as usize;
        &self.by_ad[self.starts[ad] as usize..self.starts[ad + 1] as usize]
    }

    /// Ad rows in which an image was seen, ascending.
    pub(crate) fn ads_of_image(&self, image: u32) -> &[u32] {
        self.seen.ads(image)
    }

    /// Distinct images of an ad, shared or not.
    pub(crate) fn images_of_ad(&self, ad: u32) -> u32 {
        self.images_of_ad[ad as usize]
    }
}

/// Photos of one ad that are paired; an ad that shows more is an album, and its first photos suffice.
pub(crate) const MAX_PHOTOS: usize = 48;

/// Which photos are shown together, in two images of one ad.
pub(crate) struct Together {
    starts: Vec<u32>,
    others: Vec<u32>,
}

impl Together {
    pub(crate) fn new(showings: &Showings, ads: usize) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for ad in 0..ads as u32 {
            let shown = &showings.of_ad(ad)[..showings.of_ad(ad).len().min(MAX_PHOTOS)];
            let apart = |x: &Showing, y: &Showing| x.photo != y.photo && x.image != y.image;
            let beside =
                |x: Showing| shown.iter().filter(move |y| apart(&x, y)).map(move |y| (x.photo, y.photo));
            pairs.extend(shown.iter().flat_map(|&x| beside(x)));
        }
        pairs.par_sort_unstable();
        pairs.dedup();
        let starts = starts(pairs.iter().map(|&(photo, _)| photo), showings.photos.len());
        Self { starts, others: pairs.into_iter().map(|(_, other)| other).collect() }
    }

    /// Photos shown beside this one, ascending.
    pub(crate) fn of(&self, photo: u32) -> &[u32] {
        let photo = photo as usize;
        &self.others[self.starts[photo] as usize..self.starts[photo + 1] as usize]
    }
}

/// Ads of every image, without repeats.
pub(crate) struct SeenIn {
    starts: Vec<u32>,
    ads: Vec<u32>,
}

impl SeenIn {
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let pairs = sorted_distinct(snapshot.sightings.iter().map(|sighting| (sighting.image, sighting.ad)));
        Self::of_pairs(&pairs, snapshot.images.len())
    }

    /// From (image, ad), sorted.
    fn of_pairs(pairs: &[(u32, u32)], images: usize) -> Self {
        let starts = starts(pairs.iter().map(|&(image, _)| image), images);
        Self { starts, ads: pairs.iter().map(|&(_, ad)| ad).collect() }
    }

    /// Ad rows in which an image was seen, ascending.
    pub(crate) fn ads(&self, image: u32) -> &[u32] {
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

pub(crate) fn sorted_distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = values.collect();
    all.sort_unstable();
    all.dedup();
    all
}
