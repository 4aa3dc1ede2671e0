//! Step 4: which ads belong together, and whose photos are: judged from who shows what, and what else they say.
//!
//! Voices from contacts, then for each photo a ballot of its ads, then communities along photos that are glue. The
//! trap: copies made by a mirror site say nothing about posters, so they are found last and everything is judged
//! again without them.

pub(crate) mod ballot;
pub(crate) mod bank;
pub(crate) mod common;
mod communities;
mod cores;
pub(crate) mod designs;
pub(crate) mod facts;
mod hub_photos;
mod mirror;
pub(crate) mod photo_uses;
mod voices;

use crate::corpus::Snapshot;
use common::{Judged, Said, Verdict};
use communities::Communities;
use designs::Template;
use facts::Facts;
use photo_uses::PhotoUses;
use voices::Voices;

/// What posters are told from.
pub(crate) struct Corpus<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) facts: &'a Facts<'a>,
    /// Pairs of images that are one design over most of both.
    pub(crate) designs: &'a [(u32, u32)],
    /// Do contacts join ads that share no photo?
    pub(crate) corroborate: bool,
}

/// What is known about photos and ads before links are listed.
pub(crate) struct Posters {
    /// Of each photo.
    pub(crate) verdicts: Vec<Verdict>,
    /// Of each ad, by the first ad of its community.
    pub(crate) community: Vec<u32>,
    /// Was the ad copied by a mirror site?
    pub(crate) mirrored: Vec<bool>,
    /// Designs that fill pictures.
    pub(crate) templates: Vec<Template>,
}

impl Corpus<'_> {
    /// Judges photos and ads. `said` is what somebody said about each photo; `also_mirrored` marks the ads that are
    /// known to be copies.
    pub(crate) fn posters(
        &self,
        uses: &PhotoUses,
        said: &[Said],
        also_mirrored: impl Fn(&mut [bool]),
    ) -> Posters {
        let voices = Voices::of(self.facts, self.snapshot.ads.len());
        let templates = designs::templates(self.snapshot, uses, &voices, self.designs);
        let (verdicts, community) = self.judge(uses, &voices, said);
        let mut mirrored = mirror::copied_ads(self.snapshot, uses, self.facts, &verdicts, &community);
        also_mirrored(&mut mirrored);
        if mirrored.contains(&true) {
            let (verdicts, community) = self.judge(&uses.without(&mirrored), &voices, said);
            let community = designs::joined(&community, &templates);
            return Posters { verdicts, community, mirrored, templates };
        }
        let community = designs::joined(&community, &templates);
        Posters { verdicts, community, mirrored, templates }
    }

    /// Verdicts on photos, and the community of each ad; hub photos found on the way are common, and all is judged
    /// anew.
    fn judge(&self, uses: &PhotoUses, voices: &Voices, said: &[Said]) -> (Vec<Verdict>, Vec<u32>) {
        let mut said = said.to_vec();
        loop {
            let Judged { verdicts, cores } = common::judge(self.snapshot, uses, self.facts, voices, &said);
            let communities = Communities::new(uses, &verdicts, voices, cores, self.snapshot.ads.len());
            let community =
                if self.corroborate { communities.find_with(self.facts) } else { communities.find() };
            let hubs = hub_photos::common(uses, voices, &verdicts, &community);
            if hubs.is_empty() {
                return (verdicts, community);
            }
            hub_photos::note(&mut said, &hubs);
        }
    }
}
