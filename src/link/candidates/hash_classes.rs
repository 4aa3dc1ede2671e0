//! Images that hash alike in every view are one *look*: what the search and the grouping work on.
//!
//! A photo saved a thousand times with the same hashes is one look with a thousand images; without this step it
//! would be half a million pairs. Views below the quality limit are no part of a look, and an image without any
//! usable view is a look of its own: the trap is to take two flat pictures for one because their hashes agree.

use crate::hash::{Dihedral, Hash256, Pdq, Quality};
use crate::record::{Image, ViewKind};
use crate::verify;
use crate::verify::Proof;
use rayon::prelude::*;

/// The looks of a snapshot, in the order of their first images.
pub(crate) struct Looks<'a> {
    images: &'a [Image],
    min_quality: Quality,
    /// Images of look `k`: `rows[starts[k]..starts[k + 1]]`, ascending.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl<'a> Looks<'a> {
    #[cfg(test)]
    pub(crate) fn of(images: &'a [Image], min_quality: Quality) -> Self {
        Self::with_alone(images, min_quality, &[])
    }

    /// Sorts the images by their usable hashes; the rows in `alone` (sorted) are looks of their own whatever their
    /// hashes. O(n log n).
    pub(crate) fn with_alone(images: &'a [Image], min_quality: Quality, alone: &[u32]) -> Self {
        let _span = tracing::debug_span!("looks").entered();
        let key = |row: u32| usable_views(&images[row as usize], min_quality);
        // Where equal hashes do not prove one picture, the second must be equal, too.
        let witness = |row: u32| {
            let image = &images[row as usize];
            (!image.pdq.stands_alone()).then_some(image.second)
        };
        let apart = |row: u32| alone.binary_search(&row).is_ok();
        // Any order will do that puts the same keys side by side; the first word nearly always decides.
        let word = |row: u32| key(row).next().map_or(0, |(_, base)| base[0].words()[0]);
        let mut order: Vec<(u64, u32)> = (0..images.len() as u32).map(|row| (word(row), row)).collect();
        order.par_sort_unstable_by(|&(x, a), &(y, b)| {
            let views =
                || key(a).cmp(key(b)).then_with(|| witness(a).cmp(&witness(b))).then(apart(a).cmp(&apart(b)));
            x.cmp(&y).then_with(views).then(a.cmp(&b))
        });
        let order: Vec<u32> = order.into_iter().map(|(_, row)| row).collect();
        let alike = |a: u32, b: u32| {
            key(a).next().is_some() && !apart(b) && key(a).eq(key(b)) && witness(a) == witness(b)
        };
        let mut runs: Vec<&[u32]> = order.chunk_by(|&a, &b| alike(a, b)).collect();
        runs.sort_unstable_by_key(|run| run[0]);
        let mut starts = vec![0];
        let mut rows = Vec::with_capacity(images.len());
        for run in runs {
            rows.extend_from_slice(run);
            starts.push(rows.len() as u32);
        }
        Self { images, min_quality, starts, rows }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Image rows of a look, ascending.
    pub(crate) fn images_of(&self, look: u32) -> &[u32] {
        let look = look as usize;
        &self.rows[self.starts[look] as usize..self.starts[look + 1] as usize]
    }

    /// The look of every image.
    pub(crate) fn by_image(&self) -> Vec<u32> {
        let mut looks = vec![0; self.rows.len()];
        for look in 0..self.len() as u32 {
            self.images_of(look).iter().for_each(|&image| looks[image as usize] = look);
        }
        looks
    }

    /// The image that stands for a look: its first.
    pub(crate) fn image(&self, look: u32) -> &'a Image {
        &self.images[self.images_of(look)[0] as usize]
    }

    /// Its usable hashes under one turn.
    pub(crate) fn hashes(&self, look: u32, turn: Dihedral) -> impl Iterator<Item = (ViewKind, Hash256)> + 'a {
        self.views_of(look).map(move |(kind, pdq)| (kind, pdq.oriented(turn)))
    }

    /// Its usable views.
    pub(crate) fn views_of(&self, look: u32) -> impl Iterator<Item = (ViewKind, &'a Pdq)> + 'a {
        views(self.image(look), self.min_quality)
    }

    /// Are the whole pictures of two looks near as they are? Then nothing else would be the better
    /// [proof](Self::verify), and most that agree are.
    pub(crate) fn are_near(&self, a: u32, b: u32, radius: u32) -> bool {
        verify::are_near_copies(self.image(a), self.image(b), radius, self.min_quality)
    }

    /// Do all hashes of a look stand alone? Else what is near by hash is not always proven.
    pub(crate) fn stands_alone(&self, look: u32) -> bool {
        self.views_of(look).all(|(_, pdq)| pdq.stands_alone())
    }

    /// Why two looks show the same photo, if they do.
    pub(crate) fn verify(&self, a: u32, b: u32, radius: u32) -> Option<Proof> {
        verify::verify(self.image(a), self.image(b), radius, self.min_quality)
    }
}

/// The whole picture and its views, where PDQ can tell them apart.
pub(crate) fn views(image: &Image, min_quality: Quality) -> impl Iterator<Item = (ViewKind, &Pdq)> {
    std::iter::once((ViewKind::Whole, &image.pdq))
        .chain(image.views.iter().map(|view| (view.kind, &view.pdq)))
        .filter(move |(_, pdq)| pdq.is_usable(min_quality))
}

fn usable_views(image: &Image, min_quality: Quality) -> impl Iterator<Item = (ViewKind, &[Hash256; 4])> {
    views(image, min_quality).map(|(kind, pdq)| (kind, pdq.base()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::sample;

    #[test]
    fn alike_images_share_a_look_and_flat_ones_do_not() {
        let mut images: Vec<Image> = [7, 7, 9].iter().map(|&seed| sample::image(seed)).collect();
        images.extend((0..2).map(|_| sample::flat()));
        sample::give_ids(&mut images);
        let looks = Looks::of(&images, Quality::USABLE);
        let found: Vec<&[u32]> = (0..looks.len() as u32).map(|look| looks.images_of(look)).collect();
        assert_eq!(found, [&[0, 1][..], &[2], &[3], &[4]]);
    }
}
