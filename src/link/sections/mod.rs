//! Linking section by section: a corpus cut where nothing ties, each section linked from its rows and a few facts about the
//! whole, with the findings of the whole at once.
//!
//! # What linking asks of the whole corpus
//!
//! | step | asked | how a section knows |
//! |---|---|---|
//! | candidates | which hashes are near: an index, and dense clusters of thousands | found once; a section gets its edges |
//! | photos | which pixels are asked about in passing | of edges that are tied to each other only ([`lanes`](super::photos)) |
//! | photos | which pictures match: buckets of the feature index are read up to a cap, and the evidence wanted grows with the number of pictures | found once; a section gets the matches that held |
//! | photos | in how many photos a keypoint occurs | photos that may become one with the picture's are counted in the section, the others are one number a keypoint |
//! | pairs | how sure a pair is, given how many images and how many refused look-alikes there are | nothing rests on it but two figures of the findings: from all pairs and leads, in the end |
//! | posters | whose country code a number without one has; which texts are near-same; sizes of sites | worked out once for all ads, a section gets its own |
//! | posters | how much cores show again; whether a hub photo was found anywhere; what sites show of each other | sums over sections, question by question ([`Totals`](crate::link::posters::Totals)) |
//! | networks | their numbers, by size | in the end |
//!
//! A *section* is closed: an ad with all of its images, images with all that edges or matches tie to them, and with all that
//! a decision names; ads with all that share a phone, a handle, an address or a text. So nothing else crosses its border.
//! What approximate candidates (HNSW) find is not the same from run to run, and neither then are sections.
//!
//! The trap: rows of a section are not rows of the corpus, but they are in the same order, on which ties are decided.

mod cut;
mod facts;
mod merge;

pub(super) use cut::{SectionRows, Ties, cut};
#[cfg(test)]
pub(super) use cut::{components, together};
pub(super) use facts::{CorpusFacts, Section, SectionPlaces};
pub(super) use merge::merge;
