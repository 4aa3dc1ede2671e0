//! Decisions replayed: which of them are in force, what they name in this snapshot, and what they change.
//!
//! Only the last decision on a subject counts. A decision on a pair goes before one on a photo that holds both
//! images; otherwise what was rejected stays apart, and a confirmation that would bring it together is *overruled*
//! and says so. The trap: decisions name images and ads by content, and those need not be in this case; such a
//! decision is kept, does nothing, and is no error.

use super::candidates::hash_classes::Looks;
use super::candidates::join::Edge;
use super::findings::found::{CommonReason, Effect};
use super::options::LinkOptions;
use super::photos::constraints::{Bonds, Named};
use super::photos::groups::Group;
use super::posters::photo_uses::{Showings, sorted_distinct};
use crate::corpus::{Snapshot, standing};
use crate::record::{Ruling, Subject};
use crate::sets::Sets;
use std::collections::{BTreeMap, BTreeSet};

/// A decision in force about images that are here.
struct InForce {
    /// Place in [`Snapshot::decisions`].
    place: usize,
    ruling: Ruling,
    is_pair: bool,
    /// Rows of those of its images that are here, ascending.
    images: Vec<u32>,
}

/// The decisions of a snapshot.
pub(super) struct Replay {
    /// The latest first, those on pairs before those on photos.
    in_force: Vec<InForce>,
    /// Rows of ads that a reviewer calls copies of a mirror site.
    mirrors: Vec<u32>,
    /// By place of the decision.
    effects: Vec<Effect>,
    confirmed_pairs: BTreeSet<(u32, u32)>,
    /// Confirmed photos that an image is part of.
    confirmed_photos: BTreeMap<u32, Vec<usize>>,
    /// Looks that show a photo which a reviewer calls common.
    common: Vec<u32>,
}

impl Replay {
    /// Finds what the decisions of a snapshot name. O(d log n).
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut this = Self {
            in_force: Vec::new(),
            mirrors: Vec::new(),
            effects: vec![Effect::Superseded; snapshot.decisions.len()],
            confirmed_pairs: BTreeSet::new(),
            confirmed_photos: BTreeMap::new(),
            common: Vec::new(),
        };
        for stands in standing(&snapshot.decisions) {
            this.effects[stands.place] = this.take(snapshot, stands.place);
        }
        this.in_force.sort_by_key(|said| (!said.is_pair, std::cmp::Reverse(said.place)));
        this
    }

    /// What a decision does as far as the snapshot alone tells.
    fn take(&mut self, snapshot: &Snapshot, place: usize) -> Effect {
        let decision = &snapshot.decisions[place];
        let ruling = decision.ruling;
        let row =
            |id| snapshot.images.binary_search_by_key(id, |image| image.id()).ok().map(|row| row as u32);
        let (is_pair, images): (bool, Vec<u32>) = match &decision.subject {
            Subject::Pair(a, b) => (true, sorted_distinct([a, b].into_iter().filter_map(row))),
            Subject::Photo(images) => (false, sorted_distinct(images.iter().filter_map(row))),
            Subject::Ad(key) => {
                let Ok(ad) = snapshot.ads.binary_search_by(|ad| ad.key.cmp(key)) else {
                    return Effect::Absent;
                };
                if ruling != Ruling::Mirror {
                    return Effect::NoEffect;
                }
                self.mirrors.push(ad as u32);
                return Effect::Applied;
            }
        };
        let least = match ruling {
            Ruling::Common => 1,
            Ruling::Confirm | Ruling::Reject => 2,
            _ => usize::MAX,
        };
        let named = if let Subject::Photo(all) = &decision.subject { all.len() } else { 2 };
        if images.is_empty() || (images.len() < least && named >= least) {
            return Effect::Absent;
        }
        if images.len() < least {
            return Effect::NoEffect;
        }
        self.in_force.push(InForce { place, ruling, is_pair, images });
        Effect::Applied
    }

    /// Rows of images that must be looks of their own, since a reviewer tells them from others: sorted.
    pub(super) fn named_images(&self) -> Vec<u32> {
        let named = self.in_force.iter().filter(|said| said.ruling != Ruling::Common);
        sorted_distinct(named.flat_map(|said| said.images.iter().copied()))
    }

    /// The bonds that follow, among looks with these edges.
    pub(super) fn bonds(&mut self, looks: &Looks, edges: &[Edge], options: &LinkOptions) -> Bonds {
        if self.in_force.is_empty() {
            return Bonds::none();
        }
        let by_image = looks.by_image();
        let look_of = |image: &u32| by_image[*image as usize];
        let all = sorted_distinct(self.in_force.iter().flat_map(|said| said.images.iter().map(look_of)));
        let named = Named::new(&all, looks, edges, options.radius);
        let cast = |images: &[u32]| named.cast(&sorted_distinct(images.iter().map(look_of)));
        let classes = |said: &InForce| {
            let apart = self.classes(said);
            apart.into_iter().map(|images| images.iter().map(look_of).collect()).collect()
        };
        let rejections: Vec<Vec<Vec<u32>>> = self.ruled(Ruling::Reject).map(classes).collect();
        let mut bonds = Bonds::new(looks.len(), &rejections);
        let common = self.ruled(Ruling::Common).flat_map(|said| cast(&said.images).core);
        self.common = sorted_distinct(common);
        self.ruled(Ruling::Confirm).for_each(|said| bonds.confirm(&cast(&said.images)));
        self.note_confirmed();
        bonds
    }

    fn ruled(&self, ruling: Ruling) -> impl Iterator<Item = &InForce> {
        self.in_force.iter().filter(move |said| said.ruling == ruling)
    }

    /// The images of a rejected photo in sets that must stay apart: each alone, but for pairs that are confirmed.
    fn classes(&self, said: &InForce) -> Vec<Vec<u32>> {
        let place = |row: u32| said.images.binary_search(&row).ok().map(|place| place as u32);
        let mut sets = Sets::new(said.images.len());
        for pair in self.ruled(Ruling::Confirm).filter(|other| other.is_pair && !said.is_pair) {
            if let (Some(a), Some(b)) = (place(pair.images[0]), place(pair.images[1])) {
                sets.join(a, b);
            }
        }
        let mut by_root: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (place, &image) in (0..).zip(&said.images) {
            by_root.entry(sets.find(place)).or_default().push(image);
        }
        by_root.into_values().collect()
    }

    /// Overrules the confirmations whose images ended up in no common group.
    pub(super) fn settle(&mut self, looks: &Looks, groups: &[Group]) {
        let confirmed: Vec<&InForce> = self.ruled(Ruling::Confirm).collect();
        if confirmed.is_empty() {
            return;
        }
        let by_image = looks.by_image();
        let mut groups_of: BTreeMap<u32, BTreeSet<u32>> = confirmed
            .iter()
            .flat_map(|said| &said.images)
            .map(|&image| (by_image[image as usize], BTreeSet::new()))
            .collect();
        for (number, group) in (0..).zip(groups) {
            for look in group.core.iter().chain(&group.holders) {
                groups_of.entry(*look).and_modify(|groups| groups.extend([number]));
            }
        }
        let together = |said: &&&InForce| {
            let mut looks = said.images.iter().map(|&image| &groups_of[&by_image[image as usize]]);
            let first = looks.next().cloned().unwrap_or_default();
            !looks.fold(first, |common, groups| &common & groups).is_empty()
        };
        let overruled: Vec<usize> =
            confirmed.iter().filter(|said| !together(said)).map(|said| said.place).collect();
        overruled.into_iter().for_each(|place| self.effects[place] = Effect::Overruled);
    }

    fn note_confirmed(&mut self) {
        let (mut pairs, mut photos) = (BTreeSet::new(), BTreeMap::<u32, Vec<usize>>::new());
        for said in self.ruled(Ruling::Confirm) {
            if said.is_pair {
                pairs.insert((said.images[0], said.images[1]));
            } else {
                said.images.iter().for_each(|&image| photos.entry(image).or_default().push(said.place));
            }
        }
        (self.confirmed_pairs, self.confirmed_photos) = (pairs, photos);
    }

    /// Did a reviewer confirm that these two images show one photo?
    pub(super) fn confirmed(&self, a: u32, b: u32) -> bool {
        if a == b {
            return false;
        }
        let photos = |row| self.confirmed_photos.get(&row).map_or(&[][..], Vec::as_slice);
        self.confirmed_pairs.contains(&(a.min(b), a.max(b)))
            || photos(a).iter().any(|photo| photos(b).contains(photo))
    }

    /// Why each shared photo is common because somebody says so; the bank's word stands before the reviewer's.
    pub(super) fn common(&self, showings: &Showings, in_bank: &[bool]) -> Vec<Option<CommonReason>> {
        let bank = |named: &bool| named.then_some(CommonReason::Bank);
        let mut reasons: Vec<Option<CommonReason>> = in_bank.iter().map(bank).collect();
        for photo in self.common.iter().filter_map(|&look| showings.photo_of_look(look)) {
            reasons[photo as usize].get_or_insert(CommonReason::Reviewer);
        }
        reasons
    }

    /// Marks the ads that a reviewer calls copies.
    pub(super) fn mark_mirrors(&self, mirrored: &mut [bool]) {
        self.mirrors.iter().for_each(|&ad| mirrored[ad as usize] = true);
    }

    /// What became of each decision of the snapshot.
    pub(super) fn effects(&self) -> Vec<Effect> {
        self.effects.clone()
    }
}

#[cfg(test)]
mod parts;
#[cfg(test)]
mod tests;
