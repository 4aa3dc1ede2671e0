//! Images that hash alike in every view are one *hash class*: what the search and the grouping work on.
//!
//! A photo saved a thousand times with the same hashes is one class with a thousand images; without this step it
//! would be half a million pairs. Views below the quality limit are no part of a class, and an image without any
//! usable view is a class of its own: the trap is to take two flat pictures for one because their hashes agree.

use crate::corpus::{HashClassRow, ImageRow, Row, Rows};
use crate::grouped::Grouped;
use crate::hash::{Dihedral, Hash256, Pdq, Quality};
use crate::record::{Image, ViewKind};
use crate::verify;
use crate::verify::Proof;
use rayon::prelude::*;
#[cfg(feature = "case")]
use sha2::{Digest, Sha256};

/// The classes of a snapshot, in the order of their first images.
pub(crate) struct HashClasses<'a> {
    images: &'a [Image],
    min_quality: Quality,
    /// Images of each class, ascending.
    rows: Grouped<HashClassRow, ImageRow>,
}

impl<'a> HashClasses<'a> {
    #[cfg(test)]
    pub(crate) fn of(images: &'a [Image], min_quality: Quality) -> Self {
        Self::with_alone(images, min_quality, &[])
    }

    /// Sorts the images by their usable hashes; the rows in `alone` (sorted) are classes of their own whatever their
    /// hashes. O(n log n).
    pub(crate) fn with_alone(images: &'a [Image], min_quality: Quality, alone: &[ImageRow]) -> Self {
        let _span = tracing::debug_span!("hash classes").entered();
        let key = |row: ImageRow| usable_views(&images[row.index()], min_quality);
        // Where equal hashes do not prove one picture, the second must be equal, too.
        let witness = |row: ImageRow| {
            let image = &images[row.index()];
            (!image.pdq.stands_alone()).then_some(image.second)
        };
        let apart = |row: ImageRow| alone.binary_search(&row).is_ok();
        // Any order will do that puts the same keys side by side; the first word nearly always decides.
        let word = |row: ImageRow| key(row).next().map_or(0, |(_, base)| base[0].words()[0]);
        let mut order: Vec<(u64, ImageRow)> =
            ImageRow::all(images.len()).map(|row| (word(row), row)).collect();
        order.par_sort_unstable_by(|&(x, a), &(y, b)| {
            let views =
                || key(a).cmp(key(b)).then_with(|| witness(a).cmp(&witness(b))).then(apart(a).cmp(&apart(b)));
            x.cmp(&y).then_with(views).then(a.cmp(&b))
        });
        let order: Vec<ImageRow> = order.into_iter().map(|(_, row)| row).collect();
        let alike = |a: ImageRow, b: ImageRow| {
            key(a).next().is_some() && !apart(b) && key(a).eq(key(b)) && witness(a) == witness(b)
        };
        let mut runs: Vec<&[ImageRow]> = order.chunk_by(|&a, &b| alike(a, b)).collect();
        runs.sort_unstable_by_key(|run| run[0]);
        let mut rows = Grouped::with_capacity(runs.len(), images.len());
        runs.into_iter().for_each(|run| rows.push(run.iter().copied()));
        Self { images, min_quality, rows }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All of them.
    pub(crate) fn rows(
        &self,
    ) -> impl DoubleEndedIterator<Item = HashClassRow> + ExactSizeIterator + Clone + use<> {
        HashClassRow::all(self.len())
    }

    /// The images of a class, ascending.
    pub(crate) fn images_of(&self, class: HashClassRow) -> &[ImageRow] {
        self.rows.of(class)
    }

    /// The class of every image.
    pub(crate) fn by_image(&self) -> Rows<ImageRow, HashClassRow> {
        let mut classes = Rows::filled(HashClassRow::default(), self.images.len());
        for class in self.rows() {
            self.images_of(class).iter().for_each(|&image| classes[image] = class);
        }
        classes
    }

    /// The image that stands for a class: its first.
    pub(crate) fn image(&self, class: HashClassRow) -> &'a Image {
        &self.images[self.images_of(class)[0].index()]
    }

    /// Its usable hashes under one turn.
    pub(crate) fn hashes(
        &self,
        class: HashClassRow,
        turn: Dihedral,
    ) -> impl Iterator<Item = (ViewKind, Hash256)> + 'a {
        self.views_of(class).map(move |(kind, pdq)| (kind, pdq.oriented(turn)))
    }

    /// Its usable views.
    pub(crate) fn views_of(&self, class: HashClassRow) -> impl Iterator<Item = (ViewKind, &'a Pdq)> + 'a {
        views(self.image(class), self.min_quality)
    }

    /// Are the whole pictures of two classes near as they are? Then nothing else would be the better
    /// [proof](Self::verify), and most that agree are.
    pub(crate) fn are_near(&self, a: HashClassRow, b: HashClassRow, radius: u32) -> bool {
        verify::are_near_copies(self.image(a), self.image(b), radius, self.min_quality)
    }

    /// Do all hashes of a class stand alone? Else what is near by hash is not always proven.
    pub(crate) fn stands_alone(&self, class: HashClassRow) -> bool {
        self.views_of(class).all(|(_, pdq)| pdq.stands_alone())
    }

    /// Why two classes show the same photo, if they do.
    pub(crate) fn verify(&self, a: HashClassRow, b: HashClassRow, radius: u32) -> Option<Proof> {
        verify::verify(self.image(a), self.image(b), radius, self.min_quality)
    }
}

/// The whole picture and its views, where PDQ can tell them apart.
pub(crate) fn views(image: &Image, min_quality: Quality) -> impl Iterator<Item = (ViewKind, &Pdq)> {
    std::iter::once((ViewKind::Whole, &image.pdq))
        .chain(image.views.iter().map(|view| (view.kind, &view.pdq)))
        .filter(move |(_, pdq)| pdq.is_usable(min_quality))
}

/// What images of one hash class have in common and others have not: for those who gather classes one image at a time.
/// `None` for an image that is a class of its own.
#[cfg(feature = "case")]
pub(crate) fn class_digest(image: &Image, min_quality: Quality) -> Option<[u8; 32]> {
    usable_views(image, min_quality).next()?;
    let mut digest = Sha256::new();
    for (kind, base) in usable_views(image, min_quality) {
        digest.update([kind as u8]);
        base.iter().for_each(|hash| digest.update(hash.to_bytes()));
    }
    // Where equal hashes do not prove one picture, the second must be equal, too.
    if !image.pdq.stands_alone() {
        digest.update([u8::from(image.second.is_some())]);
        digest.update(image.second.map(|hash| hash.to_bytes()).unwrap_or_default());
    }
    Some(digest.finalize().into())
}

fn usable_views(image: &Image, min_quality: Quality) -> impl Iterator<Item = (ViewKind, &[Hash256; 4])> {
    views(image, min_quality).map(|(kind, pdq)| (kind, pdq.base()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::sample;

    #[test]
    fn alike_images_share_a_class_and_flat_ones_do_not() {
        let mut images: Vec<Image> = [7, 7, 9].iter().map(|&seed| sample::image(seed)).collect();
        images.extend((0..2).map(|_| sample::flat()));
        sample::give_ids(&mut images);
        let classes = HashClasses::of(&images, Quality::USABLE);
        let found: Vec<Vec<u32>> =
            classes.rows().map(|class| classes.images_of(class).iter().map(|row| row.0).collect()).collect();
        assert_eq!(found, [&[0, 1][..], &[2], &[3], &[4]]);
    }
}
