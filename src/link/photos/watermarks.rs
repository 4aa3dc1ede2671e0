//! Which images bear a site's watermark: pictures of one site and size whose photos differ and that have the same keypoints
//! at the same places.
//!
//! Keypoints say who bears one, pixels what it covers ([`Watermark`]). It is taken off before features of the picture propose
//! candidates, as half of them are of its letters, and before one image is laid over another: letters all over a photo disagree
//! with the photo, and agree with the letters on another. The trap: hashes see it, too. Two photos under one may be near, so
//! that such two always want the pixels' word.

use super::pixels::Pixels;
use crate::corpus::{ImageRow, Row, Snapshot};
use crate::features::{Features, Keypoint};
use crate::hash::Luma;
use crate::sets::Sets;
use crate::verify::watermark::{FEWEST, GreyEdges, Watermark, alike};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Images of one site and size that are looked at, out of so many.
const SAMPLE: usize = 32;
const EXAMINED: usize = 256;
/// Bits up to which two are taken for copies: different photos under one dark watermark have 15 and more.
const COPY: u32 = 12;
/// Keypoints that two pictures with one watermark share at one place, at the least.
const SHARED: usize = 2;
/// Keypoints of a watermark that show that one more picture bears it.
const BORNE: usize = 2;
/// Half pixels by which a keypoint may be off, and eighths of an octave.
const OFF: (u16, u8) = (3, 3);
/// Bits of the code that what lies around may change.
const CHANGED: u32 = 48;

/// All watermarks of a corpus.
#[derive(Default)]
pub(crate) struct Watermarks {
    /// `None`: one that cannot be seen any more, as there are no pixels.
    marks: Arc<Vec<Option<Watermark>>>,
    /// Place in `marks`.
    of_image: BTreeMap<ImageRow, usize>,
}

impl Watermarks {
    /// Asks for the pixels of up to [`SAMPLE`] images of each site and size that seem to have one, and none of the others.
    pub(crate) fn of(snapshot: &Snapshot, pixels: &dyn Pixels) -> Self {
        let series: Vec<Series> = series(snapshot);
        let found: Vec<Vec<Borne>> =
            series.par_iter().map(|series| series.watermarks(snapshot, pixels)).collect();
        let (mut marks, mut of_image) = (Vec::new(), BTreeMap::new());
        for Borne { mark, images } in found.into_iter().flatten() {
            images.into_iter().for_each(|image| {
                of_image.entry(image).or_insert(marks.len());
            });
            marks.push(mark);
        }
        Self { marks: Arc::new(marks), of_image }
    }

    /// Those of the images of a section, whose rows are the places in `rows`.
    pub(crate) fn section(&self, rows: &[ImageRow]) -> Self {
        let row = |image: &ImageRow| rows.binary_search(image).ok().map(ImageRow::of);
        let of_image =
            self.of_image.iter().filter_map(|(image, &place)| Some((row(image)?, place))).collect();
        Self { marks: Arc::clone(&self.marks), of_image }
    }

    /// Does an image bear one? The one, if it can be seen.
    pub(crate) fn on(&self, image: ImageRow) -> Option<Option<&Watermark>> {
        self.of_image.get(&image).map(|&place| self.marks[place].as_ref())
    }

    /// Do two images bear the same one?
    pub(crate) fn are_under_one(&self, a: ImageRow, b: ImageRow) -> bool {
        let place = self.of_image.get(&a);
        place.is_some() && place == self.of_image.get(&b)
    }
}

/// One of a sample.
type SampledImage<'f> = &'f (ImageRow, Features);

/// A watermark, and who bears it.
struct Borne {
    mark: Option<Watermark>,
    /// Ascending.
    images: Vec<ImageRow>,
}

/// Images of one site and size.
struct Series {
    /// Ascending.
    images: Vec<ImageRow>,
    /// See [`sampled`].
    sample: Vec<ImageRow>,
}

/// Those of pictures enough.
fn series(snapshot: &Snapshot) -> Vec<Series> {
    let mut by_size: BTreeMap<(&str, u32, u32), Vec<ImageRow>> = BTreeMap::new();
    for seen in &snapshot.sightings {
        let (image, site) = (&snapshot.images[seen.image], &*snapshot.ads[seen.ad].key.site);
        by_size.entry((site, image.width, image.height)).or_default().push(seen.image);
    }
    let enough = |mut images: Vec<ImageRow>| {
        images.sort_unstable();
        images.dedup();
        let sample = sampled(snapshot, &images);
        (sample.len() >= FEWEST).then_some(Series { images, sample })
    };
    by_size.into_values().filter_map(enough).collect()
}

/// Up to [`SAMPLE`] of these that are no copies of each other, from all over the list.
fn sampled(snapshot: &Snapshot, images: &[ImageRow]) -> Vec<ImageRow> {
    let hash = |image: ImageRow| snapshot.images[image].pdq.hash();
    let mut sample: Vec<ImageRow> = Vec::new();
    for &image in images.iter().step_by(images.len().div_ceil(EXAMINED).max(1)) {
        if sample.iter().all(|&other| hash(image).distance(&hash(other)) > COPY) {
            sample.push(image);
        }
    }
    let step = sample.len().div_ceil(SAMPLE).max(1);
    sample.into_iter().step_by(step).collect()
}

impl Series {
    /// Watermarks of this series, with the images that bear each.
    fn watermarks(&self, snapshot: &Snapshot, pixels: &dyn Pixels) -> Vec<Borne> {
        let features = |&image: &ImageRow| Some((image, snapshot.features.get(image)?));
        let features: Vec<(ImageRow, Features)> = self.sample.iter().filter_map(features).collect();
        let mut sets = Sets::new(features.len());
        for (a, (_, one)) in features.iter().enumerate() {
            for (b, (_, other)) in features.iter().enumerate().skip(a + 1) {
                if in_place(&one.keypoints, &other.keypoints).count() >= SHARED {
                    sets.join(a as u32, b as u32);
                }
            }
        }
        let large = sets.of_two_or_more().into_iter().filter(|set| set.len() >= FEWEST);
        large
            .flat_map(|set| {
                let members: Vec<SampledImage> = set.iter().map(|&place| &features[place as usize]).collect();
                self.among(&members, snapshot, pixels)
            })
            .collect()
    }

    /// Watermarks of pictures that share keypoints; one that cannot be seen where too few can be read.
    fn among(&self, members: &[SampledImage], snapshot: &Snapshot, pixels: &dyn Pixels) -> Vec<Borne> {
        let seen = members.iter().filter_map(|&member| Some((member, pixels.luma(member.0)?)));
        let (seen, pictures): (Vec<SampledImage>, Vec<Arc<Luma>>) = seen.unzip();
        if seen.len() < FEWEST {
            return vec![Borne { mark: None, images: self.bearers(members, snapshot) }];
        }
        let edges: Vec<GreyEdges> = pictures.iter().map(|luma| GreyEdges::of(luma)).collect();
        let one = |set: Vec<u32>| {
            let places = || set.iter().map(|&place| place as usize);
            let mark = Watermark::of(&places().map(|at| (&*pictures[at], &edges[at])).collect::<Vec<_>>())?;
            let members: Vec<SampledImage> = places().map(|at| seen[at]).collect();
            Some(Borne { mark: Some(mark), images: self.bearers(&members, snapshot) })
        };
        alike(&edges).into_iter().filter_map(one).collect()
    }

    /// These and all others with their keypoints.
    fn bearers(&self, members: &[SampledImage], snapshot: &Snapshot) -> Vec<ImageRow> {
        let printed = printed(members);
        let bears = |image: &ImageRow| {
            let features = || snapshot.features.get(*image);
            members.iter().any(|member| member.0 == *image)
                || features().is_some_and(|features| in_place(&printed, &features.keypoints).count() >= BORNE)
        };
        self.images.iter().copied().filter(bears).collect()
    }
}

/// Keypoints that half of the pictures of a set have at one place.
fn printed(members: &[SampledImage]) -> Vec<Keypoint> {
    let mut printed: Vec<Keypoint> = Vec::new();
    for (_, features) in members {
        for keypoint in &features.keypoints {
            let one = std::slice::from_ref(keypoint);
            let borne = members.iter().filter(|(_, other)| in_place(one, &other.keypoints).next().is_some());
            if 2 * borne.count() >= members.len() && in_place(one, &printed).next().is_none() {
                printed.push(*keypoint);
            }
        }
    }
    printed
}

/// Keypoints of one picture that another has at the same place, too.
fn in_place<'k>(one: &'k [Keypoint], other: &'k [Keypoint]) -> impl Iterator<Item = &'k Keypoint> {
    one.iter().filter(|keypoint| {
        other.iter().any(|at| {
            at.x.abs_diff(keypoint.x) <= OFF.0
                && at.y.abs_diff(keypoint.y) <= OFF.0
                && at.scale.abs_diff(keypoint.scale) <= OFF.1
                && at.code.distance(&keypoint.code) <= CHANGED
        })
    })
}
