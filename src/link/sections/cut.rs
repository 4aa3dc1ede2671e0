//! Where nothing ties: the connected components of images and ads, put together to as many sections as asked.
//!
//! The largest come first and each goes to the smallest section so far. The trap: a hotline or a text of a site ties all
//! its ads, whatever becomes of it later; such a component is as large as it is and stays whole.

use crate::corpus::{AdRow, ImageRow, Row, Snapshot};
use crate::link::candidates::{HashClasses, HashEdge};
use crate::link::decisions::Decisions;
use crate::link::photos::FeatureEdge;
use crate::link::posters::Facts;
use crate::sets::Roots;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Images and ads of one section, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SectionRows {
    pub(crate) images: Vec<ImageRow>,
    pub(crate) ads: Vec<AdRow>,
}

/// What ties images and ads.
pub(crate) struct Ties<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) classes: &'a HashClasses<'a>,
    pub(crate) edges: &'a [HashEdge],
    pub(crate) matches: &'a [FeatureEdge],
    pub(crate) decisions: &'a Decisions,
    pub(crate) facts: &'a Facts<'a>,
}

/// Cuts a corpus into at most so many sections, none of them empty.
pub(crate) fn cut(ties: &Ties, sections: usize) -> Vec<SectionRows> {
    let components = components(ties);
    let mut order: Vec<usize> = (0..components.len()).collect();
    order.sort_by_key(|&place| (Reverse(size(&components[place])), place));
    let mut smallest: BinaryHeap<Reverse<(usize, usize)>> =
        (0..sections.clamp(1, components.len().max(1))).map(|section| Reverse((0, section))).collect();
    let mut section_of = vec![0; components.len()];
    for place in order {
        let Some(Reverse((rows, section))) = smallest.pop() else { break };
        section_of[place] = section;
        smallest.push(Reverse((rows + size(&components[place]), section)));
    }
    together(components, &section_of)
}

fn size(component: &SectionRows) -> usize {
    component.images.len() + component.ads.len()
}

/// The sections to which components are assigned.
pub(crate) fn together(components: Vec<SectionRows>, section_of: &[usize]) -> Vec<SectionRows> {
    let count = section_of.iter().max().map_or(0, |last| last + 1);
    let mut sections = vec![SectionRows::default(); count];
    for (component, &section) in components.into_iter().zip(section_of) {
        sections[section].images.extend(component.images);
        sections[section].ads.extend(component.ads);
    }
    sections.iter_mut().for_each(|section| {
        section.images.sort_unstable();
        section.ads.sort_unstable();
    });
    sections.retain(|section| size(section) > 0);
    sections
}

/// The connected components, by their first images, then ads. O(n log n).
pub(crate) fn components(ties: &Ties) -> Vec<SectionRows> {
    let images = ties.snapshot.images.len();
    let mut sets = Roots::<u32>::new(images + ties.snapshot.ads.len());
    let of_ad = |ad: AdRow| u32::of(images + ad.index());
    for seen in &ties.snapshot.sightings {
        sets.join(seen.image.0, of_ad(seen.ad));
    }
    let first = |class| ties.classes.images_of(class)[0].0;
    for class in ties.classes.rows() {
        ties.classes.images_of(class).windows(2).for_each(|two| {
            sets.join(two[0].0, two[1].0);
        });
    }
    for edge in ties.edges {
        sets.join(first(edge.a), first(edge.b));
    }
    for found in ties.matches {
        sets.join(found.a.0, found.b.0);
    }
    for said in ties.decisions.in_force() {
        said.images.windows(2).for_each(|two| {
            sets.join(two[0].0, two[1].0);
        });
    }
    let shared = ties.facts.ties_with_ads();
    for two in shared.windows(2).filter(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1)) {
        sets.join(of_ad(two[0].2), of_ad(two[1].2));
    }
    named(&sets.labels(), images)
}

/// Components by the label of each image, then of each ad.
fn named(labels: &[u32], images: usize) -> Vec<SectionRows> {
    let mut place = vec![u32::NONE; labels.len()];
    let mut components: Vec<SectionRows> = Vec::new();
    for (row, &label) in labels.iter().enumerate() {
        let at = &mut place[label as usize];
        if *at == u32::NONE {
            *at = u32::of(components.len());
            components.push(SectionRows::default());
        }
        let component = &mut components[at.index()];
        match row.checked_sub(images) {
            None => component.images.push(ImageRow::of(row)),
            Some(ad) => component.ads.push(AdRow::of(ad)),
        }
    }
    components
}
