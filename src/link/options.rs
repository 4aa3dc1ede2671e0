//! What a user can set about linking. The defaults are those of the command line.

use crate::hash::{Hash256, Quality};
use crate::record::ImageId;
use crate::verify::{RADIUS, Tier};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// Which image pairs findings list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PairMode {
    /// Every pair, up to [`LinkOptions::pair_cap`] in a photo group.
    #[default]
    All,
    /// A spanning forest: enough to connect every photo group, nearest first.
    Forest,
}

/// What proposes candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CandidateIndex {
    /// Exact radius search: nothing within the radius is missed.
    #[default]
    Exact,
    /// HNSW: approximate, and not the same from run to run; its recall against exact search is measured and stands
    /// in [`Findings::candidate_recall`](crate::link::findings::Findings::candidate_recall).
    Hnsw,
}

/// Photos that the user knows to be common: stock pictures, logos, placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommonBank {
    /// PDQ hashes; a photo within the radius under any turn is common.
    pub hashes: Vec<Hash256>,
    /// Files.
    pub images: Vec<ImageId>,
}

/// Parameters of [`link_with`](crate::link::link_with).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOptions {
    /// What may prove a pair. Without [`Tier::Partial`] features are not looked at.
    pub tiers: BTreeSet<Tier>,
    /// PDQ bits within which two views show the same photo.
    pub radius: u32,
    /// PDQ quality below which a view is not used.
    pub min_quality: Quality,
    /// What proposes candidates.
    pub index: CandidateIndex,
    /// Which pairs are listed.
    pub pairs: PairMode,
    /// Pairs of one photo group beyond which only a forest is listed.
    pub pair_cap: u64,
    /// Count only what ties ads of different sites.
    pub cross_site_only: bool,
    /// Photos that are common because the user says so.
    pub common_bank: CommonBank,
    /// Let a shared phone, poster or text join ads to a network too. Off: they corroborate, and nothing more.
    pub corroborate: bool,
    /// Link the corpus in at most so many sections, cut where nothing ties, one by one: the findings are the same. Not
    /// with [`CandidateIndex::Hnsw`].
    pub sections: Option<NonZeroUsize>,
    /// Threads; `None` takes rayon's current pool.
    pub threads: Option<usize>,
}

impl LinkOptions {
    /// What decides the findings, as reports and `run.json` say it: never paths or threads. What photos the user knows to be
    /// common is left to whoever knows where they came from.
    pub fn parameters(&self) -> Map<String, Value> {
        let tiers: Vec<&str> = self.tiers.iter().copied().map(Tier::name).collect();
        [
            ("tiers", json!(tiers)),
            ("radius", json!(self.radius)),
            ("min_quality", json!(self.min_quality.get())),
            ("index", json!(if self.index == CandidateIndex::Exact { "exact" } else { "hnsw" })),
            ("pairs", json!(if self.pairs == PairMode::All { "all" } else { "forest" })),
            ("pair_cap", json!(self.pair_cap)),
            ("cross_site_only", json!(self.cross_site_only)),
            ("corroborate", json!(self.corroborate)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect()
    }
}

impl Default for LinkOptions {
    fn default() -> Self {
        Self {
            tiers: Tier::PHOTO.into_iter().collect(),
            radius: RADIUS,
            min_quality: Quality::USABLE,
            index: CandidateIndex::Exact,
            pairs: PairMode::All,
            pair_cap: 100_000,
            cross_site_only: false,
            common_bank: CommonBank::default(),
            corroborate: false,
            sections: None,
            threads: None,
        }
    }
}
