//! What is known of the whole corpus, and what of it a section is given.
//!
//! The trap: everything a section is given speaks of its own rows; they are translated once, here.

use super::cut::SectionRows;
use crate::corpus::{HashClassRow, ImageRow, PixelCheck, Row, Rows, Snapshot};
use crate::hash::Luma;
use crate::link::candidates::{HashClasses, HashEdge};
use crate::link::photos::{Bearers, Commonness, FeatureEdges, FoundMatch, PixelChecks, Pixels, Sources};
use crate::link::posters::Facts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Facts about the whole corpus, by its rows.
pub(crate) struct CorpusFacts<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) sources: &'a Sources<'a>,
    pub(crate) classes: HashClasses<'a>,
    /// Near hash classes.
    pub(crate) edges: Vec<HashEdge>,
    /// What features found; `None` without that tier.
    pub(crate) features: Option<FeatureEdges>,
    /// What is known of contacts, texts and sites.
    pub(crate) posters: Facts<'a>,
    /// Pixels asked about so far.
    pub(crate) pixel_checks: PixelChecks<'a>,
    /// The place of each image and hash class in its section.
    pub(crate) places: SectionPlaces,
}

/// The place of each row in its section.
pub(crate) struct SectionPlaces {
    /// Of images.
    pub(crate) images: Rows<ImageRow, u32>,
    classes: Rows<HashClassRow, u32>,
    section: Rows<ImageRow, u32>,
}

impl SectionPlaces {
    /// Of the rows of these sections.
    pub(crate) fn new(classes: &HashClasses, images: usize, sections: &[SectionRows]) -> Self {
        let (mut places, mut section) = (Rows::filled(0, images), Rows::filled(0, images));
        for (number, rows) in (0..).zip(sections) {
            for (place, &image) in (0..).zip(&rows.images) {
                places[image] = place;
                section[image] = number;
            }
        }
        // Classes are in the order of their first images, in a section as in the corpus.
        let mut next = vec![0_u32; sections.len()];
        let place = |class: HashClassRow| {
            let next = &mut next[section[classes.images_of(class)[0]].index()];
            *next += 1;
            *next - 1
        };
        let of_classes = classes.rows().map(place).collect();
        Self { images: places, classes: of_classes, section }
    }
}

/// A section: its rows as a corpus of their own, and what the whole one says of them.
pub(crate) struct Section<'a> {
    pub(crate) rows: &'a SectionRows,
    pub(crate) snapshot: Snapshot,
    pub(crate) pixels: SectionPixels<'a>,
}

/// The pixels of a section.
pub(crate) struct SectionPixels<'a> {
    of_whole: &'a dyn Pixels,
    images: &'a [ImageRow],
}

impl Pixels for SectionPixels<'_> {
    fn luma(&self, row: ImageRow) -> Option<Arc<Luma>> {
        self.of_whole.luma(*self.images.get(row.index())?)
    }
}

impl<'a> CorpusFacts<'a> {
    /// A section of these rows.
    pub(crate) fn section(&self, rows: &'a SectionRows) -> Section<'a> {
        let snapshot = self.snapshot.section(&rows.images, &rows.ads, &self.places.images);
        Section {
            rows,
            snapshot,
            pixels: SectionPixels { of_whole: self.sources.pixels, images: &rows.images },
        }
    }

    /// The edges and matches of every section, by its rows; each of them has both ends in one.
    pub(crate) fn shared_out(&self, sections: usize) -> (Vec<Vec<HashEdge>>, Vec<Vec<FoundMatch>>) {
        let SectionPlaces { images, classes, section } = &self.places;
        let mut edges = vec![Vec::new(); sections];
        for edge in &self.edges {
            let class = |class| HashClassRow(classes[class]);
            edges[section[self.classes.images_of(edge.a)[0]].index()].push(HashEdge {
                a: class(edge.a),
                b: class(edge.b),
                ..*edge
            });
        }
        let mut matches = vec![Vec::new(); sections];
        for found in self.features.iter().flat_map(|features| &features.edges) {
            let image = |image| ImageRow(images[image]);
            matches[section[found.a].index()].push(FoundMatch {
                a: image(found.a),
                b: image(found.b),
                found: found.found.clone(),
            });
        }
        (edges, matches)
    }

    /// How common the keypoints of a section's pictures are, as far as it may be asked: of those that match another.
    pub(crate) fn commonness(&self, rows: &SectionRows, matches: &[FoundMatch]) -> Commonness {
        let Some(features) = &self.features else { return Commonness::default() };
        let image = |image| ImageRow(self.places.images[image]);
        let mut known: BTreeMap<ImageRow, Vec<Bearers>> = BTreeMap::new();
        for place in matches.iter().flat_map(|found| [found.a, found.b]) {
            known.entry(place).or_insert_with(|| {
                let mut bearers = features.bearers(rows.images[place.index()]);
                let near = bearers.iter_mut().flat_map(|bearers| &mut bearers.near);
                near.for_each(|other| *other = image(*other));
                bearers
            });
        }
        Commonness::Known(known)
    }

    /// What pixels said already of a section's images.
    pub(crate) fn pixel_checks<'s>(&'s self, section: &'s Section<'_>) -> PixelChecks<'s> {
        let known: &[PixelCheck] = self.sources.pixel_checks;
        self.pixel_checks.section(&section.snapshot, &section.pixels, known, &section.rows.images)
    }
}
