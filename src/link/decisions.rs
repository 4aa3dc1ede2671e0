//! Decisions in force: what they name in this snapshot, and what became of each.
//!
//! Only the last decision on a subject counts. What follows from them is told where it matters: which images stay
//! apart in `photos`, what is common in `posters`. The trap: decisions name images and ads by content, and those
//! need not be in this case; such a decision is kept, does nothing, and is no error.

use super::findings::Effect;
use crate::corpus::{AdRow, ImageRow, Row, Rows, Snapshot, standing};
use crate::record::{Ruling, Subject};
use crate::sets::sorted_distinct;
use std::collections::{BTreeMap, BTreeSet};

/// A decision in force about images that are here.
pub(crate) struct InForce {
    /// Place in [`Snapshot::decisions`].
    pub(crate) place: usize,
    pub(crate) ruling: Ruling,
    pub(crate) is_pair: bool,
    /// Those of its images that are here, ascending.
    pub(crate) images: Vec<ImageRow>,
}

/// The decisions of a snapshot.
pub(crate) struct Decisions {
    /// The latest first, those on pairs before those on photos.
    in_force: Vec<InForce>,
    /// Ads that a reviewer calls copies of a mirror site.
    mirrors: Vec<AdRow>,
    /// By place of the decision.
    effects: Vec<Effect>,
    confirmed_pairs: BTreeSet<(ImageRow, ImageRow)>,
    /// Confirmed photos that an image is part of.
    confirmed_photos: BTreeMap<ImageRow, Vec<usize>>,
}

impl Decisions {
    /// Finds what the decisions of a snapshot name. O(d log n).
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut this = Self {
            in_force: Vec::new(),
            mirrors: Vec::new(),
            effects: vec![Effect::Superseded; snapshot.decisions.len()],
            confirmed_pairs: BTreeSet::new(),
            confirmed_photos: BTreeMap::new(),
        };
        for stands in standing(&snapshot.decisions) {
            this.effects[stands.place] = this.take(snapshot, stands.place);
        }
        this.in_force.sort_by_key(|said| (!said.is_pair, std::cmp::Reverse(said.place)));
        this.note_confirmed();
        this
    }

    /// What a decision does as far as the snapshot alone tells.
    fn take(&mut self, snapshot: &Snapshot, place: usize) -> Effect {
        let decision = &snapshot.decisions[place];
        let ruling = decision.ruling;
        let row = |id| snapshot.image_row(id);
        let (is_pair, images): (bool, Vec<ImageRow>) = match &decision.subject {
            Subject::Pair(a, b) => (true, sorted_distinct([a, b].into_iter().filter_map(row))),
            Subject::Photo(images) => (false, sorted_distinct(images.iter().filter_map(row))),
            Subject::Ad(key) => {
                let Ok(ad) = snapshot.ads.binary_search_by(|ad| ad.key.cmp(key)) else {
                    return Effect::Absent;
                };
                if ruling != Ruling::Mirror {
                    return Effect::NoEffect;
                }
                self.mirrors.push(AdRow::of(ad));
                return Effect::Applied;
            }
        };
        let least = match ruling {
            Ruling::Common => 1,
            // A photo may be one file on many ads.
            Ruling::Confirm if !is_pair => 1,
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

    /// Images that must be classes of their own, since a reviewer tells them from others: sorted.
    pub(crate) fn named_images(&self) -> Vec<ImageRow> {
        let named = self.in_force.iter().filter(|said| said.ruling != Ruling::Common);
        sorted_distinct(named.flat_map(|said| said.images.iter().copied()))
    }

    /// All in force about images, the latest first, those on pairs before those on photos.
    pub(crate) fn in_force(&self) -> &[InForce] {
        &self.in_force
    }

    /// Those in force of one ruling.
    pub(crate) fn ruled(&self, ruling: Ruling) -> impl Iterator<Item = &InForce> {
        self.in_force.iter().filter(move |said| said.ruling == ruling)
    }

    /// Who was confirmed to show one photo.
    fn note_confirmed(&mut self) {
        let (mut pairs, mut photos) = (BTreeSet::new(), BTreeMap::<ImageRow, Vec<usize>>::new());
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
    pub(crate) fn confirmed(&self, a: ImageRow, b: ImageRow) -> bool {
        if a == b {
            return false;
        }
        let photos = |row| self.confirmed_photos.get(&row).map_or(&[][..], Vec::as_slice);
        self.confirmed_pairs.contains(&(a.min(b), a.max(b)))
            || photos(a).iter().any(|photo| photos(b).contains(photo))
    }

    /// Marks the ads that a reviewer calls copies.
    pub(crate) fn mark_mirrors(&self, mirrored: &mut Rows<AdRow, bool>) {
        self.mirrors.iter().for_each(|&ad| mirrored[ad] = true);
    }

    /// Notes that a decision could not be followed.
    pub(crate) fn overrule(&mut self, place: usize) {
        self.effects[place] = Effect::Overruled;
    }

    /// Is a decision followed, as far as is known by now?
    pub(crate) fn holds(&self, place: usize) -> bool {
        self.effects[place] == Effect::Applied
    }

    /// What became of each decision of the snapshot.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        self.effects.clone()
    }
}
