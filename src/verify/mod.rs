//! From a candidate to a proven pair: which tier, which transform, how much of each image, how sure.
//!
//! Cheap to dear: same file, PDQ as it is, PDQ turned, local features, pixels. A candidate that no tier proves is not a pair. The
//! trap: a distance is between the *views that won*, not between the whole images, so never compare it with a
//! threshold again further on; the tier already says what it proves.

#[doc(hidden)]
pub mod affine;
mod calibration;
mod comparison;
#[doc(hidden)]
pub mod dense;
mod doubt;
#[doc(hidden)]
pub mod geometry;
pub mod hash_doubt;
#[doc(hidden)]
pub mod local;
#[doc(hidden)]
pub mod partial;
pub mod parts;
mod patch_search;
mod pdq_tier;
mod picture;
mod projective;
mod score;
mod tally;
pub mod tilt;
pub mod verdict;
pub mod watermark;

pub use comparison::{Comparison, compare, compare_within};
pub use local::LocalMatch;
pub(crate) use pdq_tier::are_near_copies;
pub use pdq_tier::{ViewDistance, distances, near_views, verify};
pub use projective::Projective;
#[cfg(feature = "case")]
pub(crate) use score::SAME_FILE;
pub use score::{HashEvidence, Strength, partial_score, pdq_score, probability};
pub use tally::Count;

use crate::hash::Dihedral;
use crate::record::ViewKind;
use affine::Affine;
use std::fmt;

/// Hamming distance, of 256 bits, within which two PDQ hashes are those of one photo: what PDQ's authors advise.
pub const RADIUS: u32 = 31;

/// How a pair was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// Byte-identical files.
    SameFile,
    /// PDQ of the whole images, upright.
    NearCopy,
    /// PDQ after a turn, or of a content box or pane.
    Transformed,
    /// Local features agree on a part.
    Partial,
    /// A reviewer says so, and nothing else proves it.
    Confirmed,
    /// Parts agree, and pixels do not prove one photo, as of one place taken twice: a lead, never a photo link.
    SameScene,
    /// The same layout with other content: a lead, never a photo link.
    SameDesign,
}

impl Tier {
    /// The tiers that prove the same photo, from cheap to dear.
    pub const PHOTO: [Self; 4] = [Self::SameFile, Self::NearCopy, Self::Transformed, Self::Partial];

    /// Name in files, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameFile => "same-file",
            Self::NearCopy => "near-copy",
            Self::Transformed => "transformed",
            Self::Partial => "partial",
            Self::Confirmed => "confirmed",
            Self::SameScene => "same-scene",
            Self::SameDesign => "same-design",
        }
    }

    /// True when the pair shows the same photo; false for leads.
    pub const fn is_same_photo(self) -> bool {
        !matches!(self, Self::SameScene | Self::SameDesign)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why two images show the same photo, from the first image's point of view.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The first tier that proves it.
    pub tier: Tier,
    /// PDQ bits between the views that won; `None` where only local features found it.
    pub distance: Option<u32>,
    /// The turn that maps the first image on the second.
    pub transform: Dihedral,
    /// View of the first image that won.
    pub view_a: ViewKind,
    /// View of the second image that won.
    pub view_b: ViewKind,
    /// Share of the first image covered by the match, 0 to 1.
    pub overlap_a: f64,
    /// Share of the second image.
    pub overlap_b: f64,
    /// Bits between the second hashes, when both exist and the pair is upright.
    pub second_distance: Option<u32>,
    /// Larger is surer, comparable across tiers. Of images of one photo group, the surer of what the two show of each
    /// other and of the weakest step by which they came into it.
    pub score: f64,
    /// What local features say; `None` for a proof by hashes. Boxed: there are millions of proofs, most by hashes.
    pub local: Option<Box<Local>>,
}

/// The part of a proof by local features that hashes do not have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Local {
    /// From working pixels of the first image to those of the second (see [`crate::features::WORKING_SIDE`]).
    pub map: Affine,
    /// Were these two images matched with each other? Else the map follows from how each matched a third.
    pub direct: bool,
    /// How alike the pixels are, 0 to 1; `None` when these two were not laid over each other.
    pub sameness: Option<f64>,
    /// Were pixels compared at all, of these two or of those through which they belong together?
    pub compared: bool,
}

impl Proof {
    /// The same proof from the second image's point of view.
    #[must_use]
    pub fn reversed(self) -> Self {
        let back = |local: Box<Local>| local.map.inverse().map(|map| Box::new(Local { map, ..*local }));
        Self {
            local: self.local.and_then(back),
            transform: self.transform.inverse(),
            view_a: self.view_b,
            view_b: self.view_a,
            overlap_a: self.overlap_b,
            overlap_b: self.overlap_a,
            ..self
        }
    }

    /// What a reviewer's word makes of a measured proof, or of none: as sure as can be, the rest as measured.
    #[must_use]
    pub fn confirmed(measured: Option<Self>) -> Self {
        let unmeasured = Self {
            tier: Tier::Confirmed,
            distance: None,
            transform: Dihedral::None,
            view_a: ViewKind::Whole,
            view_b: ViewKind::Whole,
            overlap_a: 1.0,
            overlap_b: 1.0,
            second_distance: None,
            score: score::SAME_FILE,
            local: None,
        };
        Self { score: score::SAME_FILE, ..measured.unwrap_or(unmeasured) }
    }

    /// The same, no surer than [`Strength::Moderate`]: what it rests on was not looked at, or is a small part.
    #[must_use]
    pub fn at_most_moderate(self) -> Self {
        Self { score: self.score.min(score::MOST_MODERATE), ..self }
    }

    /// Are they the same bytes, or is it a reviewer's word?
    pub fn is_certain(&self) -> bool {
        self.score >= score::SAME_FILE
    }

    /// Probability of the same photo in a corpus of `images` images of which nothing more is known; 1 for the same bytes, and
    /// for a reviewer's word. Where a corpus was linked, ask its [`Certainty`](crate::link::Certainty).
    pub fn probability(&self, images: usize) -> f64 {
        if self.is_certain() { 1.0 } else { probability(self.score, images) }
    }

    /// The score in words.
    pub fn strength(&self) -> Strength {
        Strength::of(self.tier, self.score)
    }
}
