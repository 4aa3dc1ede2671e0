//! Which ads show which photos: the two-sided graph that networks are made from.
//!
//! Photos shown by a single ad tell nothing about links and are left out, but counted per ad: an ad that shows
//! many photos of its own and shares one is another matter than an ad with that one photo only. The trap: an
//! image can belong to several groups (a collage); it is one piece of evidence all the same.

use crate::corpus::{AdRow, HashClassRow, ImageRow, PhotoRow, Row, Rows, Snapshot};
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
    /// Ascending.
    pub(crate) ads: Vec<AdRow>,
}

/// One photo in one ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PhotoUse {
    /// Place in [`PhotoUses::photos`].
    pub(crate) photo: PhotoRow,
    /// The image that shows it.
    pub(crate) image: ImageRow,
}

/// SharedPhoto photos and the ads that show them.
pub(crate) struct PhotoUses {
    /// Sorted by first image.
    pub(crate) photos: Rows<PhotoRow, SharedPhoto>,
    /// Photo whose core a class is; [`Row::NONE`] when a single ad shows it.
    photo_of_class: Rows<HashClassRow, PhotoRow>,
    by_ad: Grouped<AdRow, PhotoUse>,
    /// Distinct images of each ad.
    images_of_ad: Rows<AdRow, u32>,
    seen: AdsOfImages,
}

impl PhotoUses {
    /// O(sightings log sightings).
    pub(crate) fn new(snapshot: &Snapshot, classes: &HashClasses, groups: &[Group]) -> Self {
        let _span = tracing::debug_span!("uses").entered();
        let seen = AdsOfImages::new(snapshot);
        let mut photos: Rows<PhotoRow, SharedPhoto> = Rows::default();
        let mut photo_of_class = Rows::filled(PhotoRow::NONE, classes.len());
        for group in groups {
            let images = sorted_distinct(
                group
                    .core
                    .iter()
                    .chain(&group.containers)
                    .flat_map(|&class| classes.images_of(class))
                    .copied(),
            );
            let ads = sorted_distinct(images.iter().flat_map(|&image| seen.of(image)).copied());
            if ads.len() > 1 {
                let first_image = classes.images_of(group.core[0])[0];
                let photo = photos.push(SharedPhoto { first_image, images, ads });
                group.core.iter().for_each(|&class| photo_of_class[class] = photo);
            }
        }
        Self::index(snapshot.ads.len(), seen, photos, photo_of_class)
    }

    /// The same photos as if some ads showed nothing.
    pub(crate) fn without(&self, left_out: &Rows<AdRow, bool>) -> Self {
        let stays = |ad: &AdRow| !left_out[*ad];
        let photos = self.photos.values().iter().map(|photo| SharedPhoto {
            ads: photo.ads.iter().copied().filter(stays).collect(),
            ..photo.clone()
        });
        let seen = self.seen.without(left_out);
        Self::index(left_out.len(), seen, photos.collect(), self.photo_of_class.clone())
    }

    fn index(
        ads: usize,
        seen: AdsOfImages,
        photos: Rows<PhotoRow, SharedPhoto>,
        photo_of_class: Rows<HashClassRow, PhotoRow>,
    ) -> Self {
        let mut all: Vec<(AdRow, PhotoUse)> = Vec::new();
        for (photo, shared) in photos.iter() {
            for &image in &shared.images {
                let photo_use = PhotoUse { photo, image };
                all.extend(seen.of(image).iter().map(|&ad| (ad, photo_use)));
            }
        }
        all.par_sort_unstable();
        let mut images_of_ad = Rows::filled(0, ads);
        seen.all().iter().for_each(|&ad| images_of_ad[ad] += 1);
        let by_ad = Grouped::sorted(ads, all);
        Self { photos, photo_of_class, by_ad, images_of_ad, seen }
    }

    /// The shared photo that a class shows as a whole, if two or more ads show it.
    pub(crate) fn photo_of_class(&self, class: HashClassRow) -> Option<PhotoRow> {
        self.photo_of_class[class].some()
    }

    /// SharedPhoto photos of an ad, sorted; a photo shown by two of its images stands here twice.
    pub(crate) fn of_ad(&self, ad: AdRow) -> &[PhotoUse] {
        self.by_ad.of(ad)
    }

    /// The ads in which an image was seen, ascending.
    pub(crate) fn ads_of_image(&self, image: ImageRow) -> &[AdRow] {
        self.seen.of(image)
    }

    /// Distinct images of an ad, shared or not.
    pub(crate) fn images_of_ad(&self, ad: AdRow) -> u32 {
        self.images_of_ad[ad]
    }
}

/// Photos of one ad that are paired; an ad that shows more is an album, and its first photos suffice.
pub(crate) const MAX_PHOTOS: usize = 48;

/// Which photos are shown together, in two images of one ad.
pub(crate) struct CoOccurrence(Grouped<PhotoRow, PhotoRow>);

impl CoOccurrence {
    pub(crate) fn new(uses: &PhotoUses, ads: usize) -> Self {
        let mut pairs: Vec<(PhotoRow, PhotoRow)> = Vec::new();
        for ad in AdRow::all(ads) {
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
    pub(crate) fn of(&self, photo: PhotoRow) -> &[PhotoRow] {
        self.0.of(photo)
    }
}
