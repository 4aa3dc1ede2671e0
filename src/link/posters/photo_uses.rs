//! Which ads show which photos: the two-sided graph that networks are made from.
//!
//! Photos shown by a single ad tell nothing about links and are left out, but counted per ad: an ad that shows
//! many photos of its own and shares one is another matter than an ad with that one photo only. The trap: an
//! image can belong to several groups (a collage); it is one piece of evidence all the same.

use crate::corpus::{AdRow, HashClassRow, ImageRow, Rows, Snapshot};
use crate::grouped::Grouped;
use crate::link::ads_of_images::AdsOfImages;
use crate::link::candidates::HashClasses;
use crate::link::photos::Group;
use crate::sets::sorted_distinct;
use rayon::prelude::*;

/// A photo that two or more ads show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedPhoto {
    /// First image of its core: what its id is made from.
    pub(crate) first_image: ImageRow,
    /// Ascending.
    pub(crate) images: Vec<ImageRow>,
    /// Ad rows, ascending.
    pub(crate) ads: Vec<u32>,
}

/// One photo in one ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PhotoUse {
    /// Index of the photo in [`PhotoUses::photos`].
    pub(crate) photo: u32,
    /// The image that shows it.
    pub(crate) image: ImageRow,
}

/// SharedPhoto photos and the ads that show them.
pub(crate) struct PhotoUses {
    /// Sorted by first image.
    pub(crate) photos: Vec<SharedPhoto>,
    /// Photo whose core a class is; `u32::MAX` when a single ad shows it.
    photo_of_class: Rows<HashClassRow, u32>,
    by_ad: Grouped<u32, PhotoUse>,
    /// Distinct images of each ad.
    images_of_ad: Vec<u32>,
    seen: AdsOfImages,
}

impl PhotoUses {
    /// O(sightings log sightings).
    pub(crate) fn new(snapshot: &Snapshot, classes: &HashClasses, groups: &[Group]) -> Self {
        let _span = tracing::debug_span!("uses").entered();
        let seen = AdsOfImages::new(snapshot);
        let mut photos = Vec::new();
        let mut photo_of_class = Rows::filled(u32::MAX, classes.len());
        for group in groups {
            let images = sorted_distinct(
                group
                    .core
                    .iter()
                    .chain(&group.containers)
                    .flat_map(|&class| classes.images_of(class))
                    .copied(),
            );
            let ads = sorted_distinct(images.iter().flat_map(|&image| seen.of(image)).map(|ad| ad.0));
            if ads.len() > 1 {
                group.core.iter().for_each(|&class| photo_of_class[class] = photos.len() as u32);
                photos.push(SharedPhoto { first_image: classes.images_of(group.core[0])[0], images, ads });
            }
        }
        Self::index(snapshot.ads.len(), seen, photos, photo_of_class)
    }

    /// The same photos as if some ads showed nothing.
    pub(crate) fn without(&self, left_out: &[bool]) -> Self {
        let stays = |ad: &u32| !left_out[*ad as usize];
        let photos = self.photos.iter().map(|photo| SharedPhoto {
            ads: photo.ads.iter().copied().filter(stays).collect(),
            ..photo.clone()
        });
        let seen = self.seen.without(left_out);
        Self::index(left_out.len(), seen, photos.collect(), self.photo_of_class.clone())
    }

    fn index(
        ads: usize,
        seen: AdsOfImages,
        photos: Vec<SharedPhoto>,
        photo_of_class: Rows<HashClassRow, u32>,
    ) -> Self {
        let mut all: Vec<(u32, PhotoUse)> = Vec::new();
        for (photo, shared) in photos.iter().enumerate() {
            for &image in &shared.images {
                let photo_use = PhotoUse { photo: photo as u32, image };
                all.extend(seen.of(image).iter().map(|&ad| (ad.0, photo_use)));
            }
        }
        all.par_sort_unstable();
        let mut images_of_ad = vec![0; ads];
        seen.all().iter().for_each(|&ad| images_of_ad[ad.index()] += 1);
        let by_ad = Grouped::sorted(ads, all);
        Self { photos, photo_of_class, by_ad, images_of_ad, seen }
    }

    /// The shared photo that a class shows as a whole, if two or more ads show it.
    pub(crate) fn photo_of_class(&self, class: HashClassRow) -> Option<u32> {
        Some(self.photo_of_class[class]).filter(|&photo| photo != u32::MAX)
    }

    /// SharedPhoto photos of an ad, sorted; a photo shown by two of its images stands here twice.
    pub(crate) fn of_ad(&self, ad: u32) -> &[PhotoUse] {
        self.by_ad.of(ad)
    }

    /// The ads in which an image was seen, ascending.
    pub(crate) fn ads_of_image(&self, image: ImageRow) -> &[AdRow] {
        self.seen.of(image)
    }

    /// Distinct images of an ad, shared or not.
    pub(crate) fn images_of_ad(&self, ad: u32) -> u32 {
        self.images_of_ad[ad as usize]
    }
}

/// Photos of one ad that are paired; an ad that shows more is an album, and its first photos suffice.
pub(crate) const MAX_PHOTOS: usize = 48;

/// Which photos are shown together, in two images of one ad.
pub(crate) struct CoOccurrence(Grouped<u32, u32>);

impl CoOccurrence {
    pub(crate) fn new(uses: &PhotoUses, ads: usize) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for ad in 0..ads as u32 {
            let shown = &uses.of_ad(ad)[..uses.of_ad(ad).len().min(MAX_PHOTOS)];
            let apart = |x: &PhotoUse, y: &PhotoUse| x.photo != y.photo && x.image != y.image;
            let beside =
                |x: PhotoUse| shown.iter().filter(move |y| apart(&x, y)).map(move |y| (x.photo, y.photo));
            pairs.extend(shown.iter().flat_map(|&x| beside(x)));
        }
        pairs.par_sort_unstable();
        pairs.dedup();
        Self(Grouped::sorted(uses.photos.len(), pairs))
    }

    /// Photos shown beside this one, ascending.
    pub(crate) fn of(&self, photo: u32) -> &[u32] {
        self.0.of(photo)
    }
}
