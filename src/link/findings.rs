//! What linking found, as plain data. Rows refer to the snapshot it was computed from.
//!
//! Ids (`group`, `link`, `network`) are derived from content, so the same photos keep theirs across runs and
//! machines; rows are not ids.

use crate::verify::Proof;

/// Two images of different ads that show the same photo. `a < b` as rows, hence as SHA-256.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Row of the first image.
    pub a: u32,
    /// Row of the second image; equal to `a` when one file was seen in several ads.
    pub b: u32,
    /// Why.
    pub proof: Proof,
}

/// In how many places a photo group occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rarity {
    /// Distinct ads.
    pub ads: u32,
    /// Distinct sites.
    pub sites: u32,
    /// Distinct days on which it was posted (or collected, where that is all we know).
    pub days: u32,
    /// Groups of ads that have nothing in common but this photo.
    pub unrelated_posters: u32,
}

/// Why a photo group is common: shown, weighed down, never glue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CommonReason {
    /// Part of a site: same file, on a large share of the ads of one site.
    SiteFurniture,
    /// Used by many posters who share nothing else.
    Stock,
    /// In a bank of common photos that the user named.
    Bank,
    /// A reviewer said so.
    Reviewer,
}

impl CommonReason {
    /// Name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SiteFurniture => "site-furniture",
            Self::Stock => "stock",
            Self::Bank => "bank",
            Self::Reviewer => "reviewer",
        }
    }
}

/// Images that show the same photo, verified.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoGroup {
    /// Stable id: `p-` and 16 hex digits.
    pub id: String,
    /// Image rows, ascending. One row when a single file was seen in several ads.
    pub images: Vec<u32>,
    /// Ad rows, ascending.
    pub ads: Vec<u32>,
    /// How often it occurs.
    pub rarity: Rarity,
    /// Set when it is weighed down.
    pub common: Option<CommonReason>,
}

/// One photo shared by two ads.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Index into [`Findings::groups`].
    pub group: u32,
    /// Row of the image in the link's ad `a`.
    pub image_a: u32,
    /// Row of the image in the link's ad `b`.
    pub image_b: u32,
    /// Why these two images show the same photo. For images joined only through a third one, the weakest step.
    pub proof: Proof,
    /// What this photo adds to the link's weight.
    pub weight: f64,
}

/// What two linked ads share beside the photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Corroboration {
    /// The same phone number, however it is written.
    Phone,
    /// The same poster handle.
    Poster,
    /// Nearly the same text.
    Text,
}

/// What speaks against one poster being behind both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Contradiction {
    /// Both give phones and none is shared.
    Phone,
    /// Different places on the same day.
    Place,
}

/// Two ads that share at least one photo. `a < b` as rows, hence as keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Stable id: `l-` and 16 hex digits.
    pub id: String,
    /// Row of the first ad.
    pub a: u32,
    /// Row of the second ad.
    pub b: u32,
    /// Sum of the evidence's weights; larger is stronger.
    pub weight: f64,
    /// Shared photos, strongest first.
    pub evidence: Vec<Evidence>,
    /// Sorted.
    pub corroboration: Vec<Corroboration>,
    /// Sorted.
    pub contradictions: Vec<Contradiction>,
    /// Earliest time of the two ads; empty when unknown.
    pub first_seen: String,
    /// Latest time of the two ads.
    pub last_seen: String,
    /// Codes: `COMMON_IMAGE`, `CONFIRMED` (a reviewer said that two of the images show one photo), `INDIRECT` (joined through other images only), `LOW_QUALITY`, `MIRROR_SITE`,
    /// `NEAR_THRESHOLD`, `NO_PHOTO` (joined by phone, poster or text because the user asked), `SMALL_IMAGE`; sorted.
    pub caveats: Vec<&'static str>,
    /// Index into [`Findings::networks`] when the link holds one together.
    pub network: Option<u32>,
}

/// Ads held together by links.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Stable id: `n-` and 16 hex digits.
    pub id: String,
    /// Ad rows, ascending; two or more.
    pub ads: Vec<u32>,
    /// Indices of its links, ascending.
    pub links: Vec<u32>,
    /// Indices of the photo groups that hold it together, ascending.
    pub groups: Vec<u32>,
    /// Indices of common photos its ads show, which were left out.
    pub common: Vec<u32>,
}

/// A link that exists as evidence but was not allowed to join networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Removed {
    /// Index into [`Findings::links`].
    pub link: u32,
    /// Stable code: `COMMON_IMAGE`, `MIRROR_SITE`, `BRIDGE` (across two communities), `WEAK_PAIR` (two images that
    /// agree with each other but not with each other's photo group).
    pub reason: &'static str,
}

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// It holds in these findings.
    Applied,
    /// A confirmation against which a rejection stands: two decisions in force contradict each other.
    Overruled,
    /// What it is about is not in this case, or too little of it.
    Absent,
    /// It changes nothing: the ruling says nothing about such a subject, or settles nothing.
    NoEffect,
    /// A later decision on the same subject took its place.
    Superseded,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Applied, Self::Overruled, Self::Absent, Self::NoEffect, Self::Superseded];

    /// Name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Overruled => "overruled",
            Self::Absent => "absent",
            Self::NoEffect => "none",
            Self::Superseded => "superseded",
        }
    }
}

/// Everything linking found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Sorted by rows.
    pub pairs: Vec<Pair>,
    /// Sorted by id. Only groups seen in two or more ads.
    pub groups: Vec<PhotoGroup>,
    /// Sorted by rows.
    pub links: Vec<Link>,
    /// Largest first, then by id.
    pub networks: Vec<Network>,
    /// Links that do not count towards networks, by index.
    pub removed: Vec<Removed>,
    /// Expected number of false pairs among [`Self::pairs`] at this corpus size.
    pub expected_false_pairs: f64,
    /// Share of the exact candidates that an approximate index proposed; `None` after exact search.
    pub candidate_recall: Option<f64>,
    /// What became of each of the snapshot's decisions, in their order.
    pub decisions: Vec<Effect>,
    /// Pairs left out of [`Self::pairs`] because a group is larger than the cap.
    pub pairs_over_cap: u64,
}
