//! What linking found, as plain data. Rows refer to the snapshot it was computed from.
//!
//! Ids (`group`, `link`, `network`) are derived from content, so the same photos keep theirs across runs and
//! machines; rows are not ids.

use super::caveats::Caveat;
use super::certainty::Certainty;
use super::evidence_run::EvidenceRun;
use crate::codes::{EnumSet, codes};
use crate::corpus::{AdRow, ImageRow, LinkRow, PairRow, PhotoRow, PixelCheck};
use crate::language::word;
use crate::verify::Proof;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Index;
use std::sync::Arc;

/// Two images of different ads that show the same photo. `a < b` as rows, hence as SHA-256.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Row of the first image.
    pub a: ImageRow,
    /// Row of the second image; equal to `a` when one file was seen in several ads.
    pub b: ImageRow,
    /// Why. Shared with all that say the same: there are millions of pairs.
    pub proof: Arc<Proof>,
}

impl Pair {
    pub(in crate::link) fn of(a: ImageRow, b: ImageRow, proof: Arc<Proof>) -> Self {
        Self { a, b, proof }
    }

    pub(in crate::link) fn images(&self) -> (ImageRow, ImageRow) {
        (self.a, self.b)
    }
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

codes! {
    /// Why a photo group is common: shown, weighed down, never glue.
    pub enum CommonReason: u8 {
        /// Part of a site: same file, on a large share of the ads of one site.
        SiteFurniture => "site-furniture", "part of a site: the same file on a large share of its ads";
        /// Used by many posters who share nothing else.
        Stock => "stock", "used by many posters who share nothing else";
        /// In a bank of common photos that the user named.
        Bank => "bank", "listed in a bank of common photos";
        /// A reviewer said so.
        Reviewer => "reviewer", "a reviewer calls it common";
    }
}

/// Images that show the same photo, verified.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoGroup {
    /// Stable id: `p-` and 16 hex digits.
    pub id: String,
    /// Image rows, ascending. One row when a single file was seen in several ads.
    pub images: Vec<ImageRow>,
    /// Ad rows, ascending.
    pub ads: Vec<AdRow>,
    /// How often it occurs.
    pub rarity: Rarity,
    /// Set when it is weighed down.
    pub common: Option<CommonReason>,
    /// Neither common nor glue: its ads give contacts that differ and have nothing else in common.
    pub many_contacts: bool,
}

/// A design that fills pictures, with other words in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    /// Image rows, ascending.
    pub images: Vec<ImageRow>,
    /// Ad rows, ascending.
    pub ads: Vec<AdRow>,
    /// Does it join its ads? Otherwise a site may have made it for everybody.
    pub joins: bool,
}

codes! {
    /// What two linked ads share beside the photo.
    pub enum Corroboration: u8 {
        /// The same mail address, or the same name on a messenger.
        Address => "SAME_ADDRESS", "the same mail address or messenger name";
        /// One design over most of their pictures, with other words in it.
        Design => "SAME_DESIGN", "the same design with other words in it";
        /// The same phone number, however it is written.
        Phone => "SAME_PHONE", "the same phone number";
        /// The same poster handle.
        Poster => "SAME_POSTER", "the same poster name";
        /// Nearly the same text.
        Text => "SAME_TEXT", "nearly the same text";
    }
}

codes! {
    /// What speaks against one poster being behind both.
    pub enum Contradiction: u8 {
        /// Both give phones and none is shared.
        Phone => "DIFFERENT_PHONE", "both give phone numbers and none is shared";
        /// Different places on the same day.
        Place => "DIFFERENT_PLACE", "they name different places on the same day";
    }
}

codes! {
    /// Why a link is evidence, but was not allowed to join networks.
    pub enum LeftOut: u8 {
        /// Its ads are of two communities.
        Bridge => "BRIDGE", "it would join two groups of ads that otherwise have too little in common";
        /// Every photo it shares is common.
        CommonImage => "COMMON_IMAGE", "the photo is common, so it ties nobody together";
        /// Nothing but a photo that many contacts show, and no more in common.
        ManyContacts => "MANY_CONTACTS", "nothing but a photo that many show";
        /// One of its ads is a mirror site's copy.
        MirrorSite => "MIRROR_SITE", "one site seems to copy the other's ads";
        /// Two images that agree with each other but not with each other's photo group.
        WeakPair => "WEAK_PAIR", "the images are alike, but not enough to count as one photo";
    }
}

/// Stable id of a link, made from its two ads: `l-` and 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "l-{:016x}", self.0)
    }
}

/// Two ads that share at least one photo. `a < b` as rows, hence as keys. There are millions in a large case: what
/// follows from an ad alone stands in [`Findings`].
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Stable.
    pub id: LinkId,
    /// Row of the first ad.
    pub a: AdRow,
    /// Row of the second ad.
    pub b: AdRow,
    /// Shared photos, strongest first.
    pub evidence: EvidenceRun,
    /// What else they share.
    pub corroboration: EnumSet<Corroboration>,
    /// What speaks against one poster.
    pub contradictions: EnumSet<Contradiction>,
    /// What a reader should know.
    pub caveats: EnumSet<Caveat>,
    /// Place in [`Findings::networks`] when the link holds one together.
    pub network: Option<NetworkRow>,
}

impl Link {
    pub(in crate::link) fn ads(&self) -> (AdRow, AdRow) {
        (self.a, self.b)
    }

    /// Sum of the evidence's weights; larger is stronger.
    pub fn weight(&self) -> f64 {
        // The sum of nothing is -0.
        self.evidence.iter().map(|item| item.weight).sum::<f64>() + 0.0
    }
}

/// Index into [`Findings::networks`], in four bytes even where there may be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkRow(NonZeroU32);

impl NetworkRow {
    /// That of an index; there are fewer than 2^32 - 1 networks.
    pub fn new(index: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index))
    }

    /// The index.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

codes! {
    /// What holds a network together.
    pub enum NetworkKind: u8 {
        /// Shared contacts alone, because the user asked.
        Contact => "contact", "its ads share contacts and no photo";
        /// Shared photos.
        Photo => "photo", "its ads share photos";
        /// A design that fills their pictures, with other words in it.
        Template => "template", "its ads show one design with other words in it";
    }
}

/// Ads held together by links.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Stable id: `n-` and 16 hex digits.
    pub id: String,
    /// From 1. Within a case the same from run to run, see [`number_networks`](super::number_networks); else by size.
    pub number: u32,
    /// What holds it together.
    pub kind: NetworkKind,
    /// Ad rows, ascending; two or more.
    pub ads: Vec<AdRow>,
    /// Indices of its links, ascending.
    pub links: Vec<LinkRow>,
    /// Indices of the photo groups that hold it together, ascending.
    pub groups: Vec<PhotoRow>,
    /// Indices of common photos its ads show, which were left out.
    pub common: Vec<PhotoRow>,
}

/// A link that exists as evidence but was not allowed to join networks.
#[derive(Debug, Clone, PartialEq)]
pub struct RemovedLink {
    /// Index into [`Findings::links`].
    pub link: LinkRow,
    /// Why.
    pub reason: LeftOut,
}

/// Lists of findings are read by the rows of their own kind.
macro_rules! read_by_row {
    ($($row:ty => $item:ty)*) => { $(
        impl Index<$row> for Vec<$item> {
            type Output = $item;

            fn index(&self, row: $row) -> &$item {
                &self[row.index()]
            }
        }
    )* };
}

read_by_row! {
    PairRow => Pair
    PhotoRow => PhotoGroup
    LinkRow => Link
    NetworkRow => Network
    AdRow => Seen
}

/// Between which times an ad is known to have been there. Many ads share their times, so these are shared, too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Earliest time; empty when unknown.
    pub first: Arc<str>,
    /// Latest time; empty when unknown.
    pub last: Arc<str>,
}

/// How much work the local features were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartialWork {
    /// Pictures in the feature index: one for each photo that the hashes told apart.
    pub indexed: u64,
    /// Pairs of pictures that the index proposed, all of them verified.
    pub candidates: u64,
    /// Of these, how many agree well enough to look at the pixels.
    pub agreeing: u64,
    /// Pairs laid over each other.
    pub compared: u64,
    /// Pairs that should have been, where an original could not be read.
    pub not_compared: u64,
    /// Pairs of images of one photo whose pixels were not compared because their group is large.
    pub over_cap: u64,
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

    /// What it means, in a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Applied => word!("it holds"),
            Self::Overruled => word!("a rejection stands against it"),
            Self::Absent => word!("what it is about is not in this case, or too little of it"),
            Self::NoEffect => word!("it changes nothing"),
            Self::Superseded => word!("a later decision took its place"),
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
    /// Designs that fill pictures of two ads or more, by their first images.
    pub designs: Vec<Design>,
    /// Sorted by rows.
    pub links: Vec<Link>,
    /// Of every ad, by row.
    pub seen: Vec<Seen>,
    /// Largest first, then by id.
    pub networks: Vec<Network>,
    /// Links that do not count towards networks, by index.
    pub removed: Vec<RemovedLink>,
    /// What the pairs of this corpus may be believed.
    pub certainty: Certainty,
    /// Expected number of false pairs among those of [`Self::pairs`] that hold its images together: the sum of what each
    /// lacks in [probability](Certainty::probability), over a spanning forest of the listed pairs, the surest first. A pair whose images surer pairs already connect follows from them and adds
    /// none, so this counts accidents: one false pair between two groups counts once, however many listed pairs
    /// are false because of it. An upper estimate: no pair but the same file is taken for surer than the pairs of
    /// the calibration can show.
    pub expected_false_pairs: f64,
    /// Share of the exact candidates that an approximate index proposed; `None` after exact search.
    pub candidate_recall: Option<f64>,
    /// Hashes in dense clusters of thousands of near copies that were compared with a few hundred representatives of their
    /// cluster instead of all of it. Their photo group is whole; the nearest pair of each that is listed may be another.
    pub cluster_members: u64,
    /// What became of each of the snapshot's decisions, in their order.
    pub decisions: Vec<Effect>,
    /// Pairs left out of [`Self::pairs`] because a group is larger than the cap.
    pub pairs_over_cap: u64,
    /// Parts agree, and nothing proves one photo: worth a look, never a photo link. Sorted by rows; none of them is
    /// among [`Self::pairs`], in a group, or behind a link.
    pub leads: Vec<Pair>,
    /// What the local features cost; all zero without that tier.
    pub partial: PartialWork,
    /// Results of laying images over each other that the sources did not know: to be kept in the case.
    pub pixel_checks: Vec<PixelCheck>,
}

impl Findings {
    /// Earliest time of the two ads of a link; empty when unknown.
    pub fn first_seen(&self, link: &Link) -> &str {
        let times = [link.a, link.b].map(|ad| self.seen.get(ad.index()).map_or("", |seen| &*seen.first));
        times.into_iter().filter(|time| !time.is_empty()).min().unwrap_or("")
    }

    /// Latest time of the two ads of a link; empty when unknown.
    pub fn last_seen(&self, link: &Link) -> &str {
        let times = [link.a, link.b].map(|ad| self.seen.get(ad.index()).map_or("", |seen| &*seen.last));
        times.into_iter().max().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_small_and_its_network_is_the_one_it_was_given() {
        assert!(size_of::<Link>() <= 40, "there are ten million in a large case");
        for index in [0, 1, 7, u32::MAX - 1] {
            assert_eq!(NetworkRow::new(index).index(), index as usize);
        }
    }
}
