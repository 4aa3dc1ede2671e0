//! The proof of a pair, by the cheapest tier that has one: hashes, features, what follows from both.
//!
//! Pairs, links and everything that is listed get their proofs here, so that they tell one story. The trap: being in
//! one group is not a proof. Two parts of a photo may not even overlap, and two collages with one photo in common
//! share just that.

use super::same_proofs::SameProofs;
use super::together::Together;
use crate::corpus::Snapshot;
use crate::link::decisions::Replay;
use crate::link::options::LinkOptions;
use crate::link::photos::frames;
use crate::link::photos::frames::{Place, Places};
use crate::link::photos::path_support::Footing;
use crate::link::photos::hash_gate::Doubts;
use crate::link::photos::pixel_checks::{Ask, Overlays};
use crate::link::photos::pixel_result::Overlay;
use crate::record::ViewKind;
use crate::verify;
use crate::verify::affine::{Affine, Overlap};
use crate::verify::geometry::GeometricMatch;
use crate::verify::hash_doubt::Doubt;
use crate::verify::verdict::{self, Shared};
use crate::verify::{Local, Projective, Proof, Tier, partial, partial_score};

/// Proves pairs of image rows.
pub(crate) struct Prover<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) options: &'a LinkOptions,
    pub(crate) replay: &'a Replay,
    /// `None` without the partial tier.
    pub(crate) places: Option<Places>,
    pub(crate) overlays: Overlays<'a>,
    /// `None` where near hashes have to do.
    pub(crate) doubts: Option<&'a Doubts<'a>>,
    pub(crate) together: Together,
    pub(crate) proofs: SameProofs,
}

/// What is known of a pair before its pixels are asked.
pub(crate) enum Known {
    Proven(Proof),
    /// The two should show the same, as each lies in the photo of one group; it wants the pixels' yes.
    Follows(Following),
    Nothing,
}

/// A map that follows from two others.
#[derive(Debug, Clone)]
pub(crate) struct Following {
    pub(crate) group: u32,
    map: Affine,
    share_a: f64,
    share_b: f64,
    /// What bears out the steps by which the two came into the group.
    footing: Footing,
    /// Do the two match with each other, though what matches lies elsewhere than the map says?
    pub(crate) strays: bool,
    /// That match where it spans much: then it is the map, of rough steps, that strays. It is judged as that of any two
    /// photos; a sticker that both bear is not, and the map is asked.
    clear: Option<Box<GeometricMatch>>,
}

impl Following {
    /// The question to the pixels of the two, the smaller row first.
    pub(crate) fn ask(&self, a: u32, b: u32) -> Ask {
        let map = self.clear.as_ref().map_or_else(|| Projective::from_affine(&self.map), |found| found.plane);
        Ask::along(a, b, map)
    }

    /// The score of the two, whose own evidence is `own`: they are as sure as the surer of the ways that connect them.
    fn surest(&self, own: f64) -> f64 {
        own.max(self.footing.score)
    }
}

impl Prover<'_> {
    /// By hashes, as far as pixels do not speak against them: those of the two where they were asked, else those by which
    /// the two came into one group.
    pub(crate) fn by_hash(&self, a: u32, b: u32) -> Option<Proof> {
        let proof = self.near(a, b)?;
        let Some(doubts) = self.doubts.filter(|_| a != b) else { return Some(proof) };
        let near = doubts.of(a, b)?;
        let (answer, grouped) = (self.overlays.of_parts(a, b), self.together.are(a, b));
        let stands = match (near.doubt, answer) {
            (Doubt::None, _) => true,
            (_, Some(Some(Overlay { check: Some(check), .. }))) => verdict::by_kind(check) == Shared::Photo,
            (Doubt::Far, _) => true,
            (Doubt::Design, Some(_)) => return Some(proof.at_most_moderate()),
            (Doubt::Design, None) => grouped,
        };
        stands.then_some(proof)
    }

    /// What hashes alone say.
    fn near(&self, a: u32, b: u32) -> Option<Proof> {
        let (x, y) = (&self.snapshot.images[a as usize], &self.snapshot.images[b as usize]);
        verify::verify(x, y, self.options.radius, self.options.min_quality)
            .filter(|proof| self.options.tiers.contains(&proof.tier))
    }

    /// That two images whose hashes are near share a design and no photo.
    pub(crate) fn same_design(&self, a: u32, b: u32) -> Option<Proof> {
        self.near(a, b).map(|proof| Proof { tier: Tier::SameDesign, ..proof })
    }

    /// The proof of a pair, from the first image's point of view.
    pub(crate) fn prove(&self, a: u32, b: u32) -> Option<Proof> {
        if a > b {
            return self.prove(b, a).map(Proof::reversed);
        }
        match self.examine(a, b) {
            Known::Proven(proof) => Some(proof),
            Known::Follows(following) => self.conclude(a, b, &following),
            Known::Nothing => None,
        }
    }

    /// All but what laying pixels over each other may yet show. What a reviewer confirmed needs no more. `a <= b`.
    pub(crate) fn examine(&self, a: u32, b: u32) -> Known {
        if self.replay.confirmed(a, b) {
            return Known::Proven(Proof::confirmed(self.by_hash(a, b)));
        }
        if let Some(proof) = self.by_hash(a, b) {
            return Known::Proven(proof);
        }
        let Some(places) = &self.places else { return Known::Nothing };
        let mut follows = Known::Nothing;
        for x in places.of(a) {
            let in_common = places.of(b).iter().filter(|y| y.group == x.group);
            for y in in_common {
                let Some(following) = self.following(a, b, x, y, places) else { continue };
                let found = frames::matched(self.snapshot, a, b, &following.map);
                let strays = found.is_some();
                let clear = match found {
                    Some(found) if frames::is_borne_out(self.snapshot, a, b, &found, &following.map) => {
                        return Known::Proven(self.direct(a, b, &found, &following));
                    }
                    found => found.filter(partial::is_clear).map(Box::new),
                };
                follows = Known::Follows(Following { strays, clear, ..following });
            }
        }
        follows
    }

    /// What the pixels, if they were asked, make of a map that follows.
    pub(crate) fn conclude(&self, a: u32, b: u32, following: &Following) -> Option<Proof> {
        let check = self.overlays.get(a, b)?.check?;
        if let Some(found) = &following.clear {
            let is_proof = partial::tier(found, Some(&check)) == Some(Tier::Partial);
            return is_proof.then(|| self.direct(a, b, found, following));
        }
        if !partial::agrees(&check) {
            return None;
        }
        let Following { map, share_a, share_b, .. } = *following;
        let sameness = Some(check.sameness());
        let local = Local { map, direct: false, sameness, compared: true };
        Some(proof(local, share_a, share_b, following.surest(partial_score(None, sameness))))
    }

    /// That two images show one scene or one design, as `found` and their pixels say.
    pub(crate) fn lead(&self, a: u32, b: u32, tier: Tier, found: &GeometricMatch) -> Proof {
        let sameness = self.overlays.get(a, b).and_then(|laid| laid.check).map(|check| check.sameness());
        let local = Local { map: found.map, direct: true, sameness, compared: sameness.is_some() };
        let score = partial_score(Some(found.score), sameness);
        Proof { tier, ..proof(local, found.overlap.share_a, found.overlap.share_b, score) }
    }

    fn following(&self, a: u32, b: u32, x: &Place, y: &Place, places: &Places) -> Option<Following> {
        let size = |row: u32| crate::link::photos::joining::size(self.snapshot, row);
        let map = x.map.then(&y.map.inverse()?);
        let overlap = Overlap::of(&map, size(a)?, size(b)?)?;
        // Two pictures that hold the photo share the photo, whatever else falls on each other.
        let (share_a, share_b) = if x.core || y.core {
            (overlap.share_a, overlap.share_b)
        } else {
            let frame = size(places.frames[x.group as usize]?)?;
            let held = |place: &Place, row: u32| Some(Overlap::of(&place.map, size(row)?, frame)?.share_a);
            (overlap.share_a.min(held(x, a)?), overlap.share_b.min(held(y, b)?))
        };
        let overlap = Overlap { share_a, share_b, polygon_a: Vec::new(), polygon_b: Vec::new() };
        let footing = x.footing.and(y.footing);
        partial::follows(&overlap, None).then_some(Following {
            group: x.group,
            map,
            share_a,
            share_b,
            footing,
            strays: false,
            clear: None,
        })
    }

    /// The two matched with each other, and found what follows anyway.
    fn direct(&self, a: u32, b: u32, found: &GeometricMatch, following: &Following) -> Proof {
        let sameness = self.overlays.get(a, b).and_then(|laid| laid.check).map(|check| check.sameness());
        let compared = following.footing.seen || sameness.is_some();
        let local = Local { map: found.map, direct: true, sameness, compared };
        let (share_a, share_b) = (found.overlap.share_a, found.overlap.share_b);
        proof(local, share_a, share_b, following.surest(partial_score(Some(found.score), sameness)))
    }
}

/// The proof by features.
pub(crate) fn proof(local: Local, overlap_a: f64, overlap_b: f64, score: f64) -> Proof {
    Proof {
        tier: Tier::Partial,
        distance: None,
        transform: local.map.nearest_turn(),
        view_a: ViewKind::Whole,
        view_b: ViewKind::Whole,
        overlap_a,
        overlap_b,
        second_distance: None,
        score,
        local: Some(Box::new(local)),
    }
}
