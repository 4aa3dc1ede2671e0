//! The proof of a pair, by the cheapest tier that has one: hashes, features, what follows from both.
//!
//! Pairs, links and everything that is listed get their proofs here, so that they tell one story. The trap: being in
//! one group is not a proof. Two parts of a photo may not even overlap, and two collages with one photo in common
//! share just that.

use super::same_proofs::SameProofs;
use super::together::Together;
use crate::corpus::{GroupRow, ImageRow, Snapshot};
use crate::link::decisions::Decisions;
use crate::link::options::LinkOptions;
use crate::link::photos;
use crate::link::photos::{AlignedCheck, Ask, Doubts, PathSupport, PixelChecks, Placement, Placements};
use crate::record::ViewKind;
use crate::verify;
use crate::verify::affine::{Affine, Overlap};
use crate::verify::geometry::GeometricMatch;
use crate::verify::hash_doubt::Doubt;
use crate::verify::parts::along_rects;
use crate::verify::verdict::{self, Shared};
use crate::verify::{Local, Projective, Proof, Tier, partial, partial_score};
use rayon::prelude::*;
use std::cell::LazyCell;

/// Proves pairs of images.
pub(crate) struct Prover<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) options: &'a LinkOptions,
    pub(crate) decisions: &'a Decisions,
    /// `None` without the partial tier.
    pub(crate) placements: Option<Placements>,
    pub(crate) pixel_checks: PixelChecks<'a>,
    /// What near hashes are worth; `None` where they have to do.
    pub(crate) doubts: Option<Doubts<'a>>,
    pub(crate) together: Together,
    pub(crate) proofs: SameProofs,
}

/// What is known of a pair before its pixels are asked.
pub(crate) enum Examined {
    Proven(Proof),
    /// The two should show the same, as each lies in the photo of one group; it wants the pixels' yes.
    Follows(Following),
    Nothing,
}

/// A map that follows from two others.
#[derive(Debug, Clone)]
pub(crate) struct Following {
    pub(crate) group: GroupRow,
    map: Affine,
    share_a: f64,
    share_b: f64,
    /// What bears out the steps by which the two came into the group.
    support: PathSupport,
    /// Do the two match with each other, though what matches lies elsewhere than the map says?
    pub(crate) strays: bool,
    /// That match where it spans much: then it is the map, of rough steps, that strays. It is judged as that of any two
    /// photos; a sticker that both bear is not, and the map is asked.
    clear: Option<Box<GeometricMatch>>,
}

impl Following {
    /// The question to the pixels of the two, the smaller row first.
    pub(crate) fn ask(&self, a: ImageRow, b: ImageRow) -> Ask {
        let map = self.clear.as_ref().map_or_else(|| Projective::from_affine(&self.map), |found| found.plane);
        Ask::along(a, b, map)
    }

    /// The score of the two, whose own evidence is `own`: they are as sure as the surer of the ways that connect them.
    fn surest(&self, own: f64) -> f64 {
        own.max(self.support.score)
    }
}

impl Prover<'_> {
    /// By hashes, as far as pixels do not speak against them: those of the two where they were asked, else those by which
    /// the two came into one group.
    pub(crate) fn by_hash(&self, a: ImageRow, b: ImageRow) -> Option<Proof> {
        let proof = self.near(a, b)?;
        let Some(doubts) = self.doubts.as_ref().filter(|_| a != b) else { return Some(proof) };
        let doubt = doubts.of(a, b)?.doubt;
        let stands = match (doubt, self.pixel_checks.of_parts(a, b)) {
            (Doubt::None, _) => true,
            (_, Some(Some(AlignedCheck { check: Some(check), .. }))) => {
                verdict::by_hashes(check, doubt) == Shared::Photo
            }
            (Doubt::Far, _) => true,
            (Doubt::Design, Some(_)) => return Some(proof.at_most_moderate()),
            (Doubt::Design, None) => self.together.are(a, b),
        };
        stands.then_some(proof)
    }

    /// That two images whose hashes are near share a design and no photo.
    pub(crate) fn same_design(&self, a: ImageRow, b: ImageRow) -> Option<Proof> {
        self.near(a, b).map(|proof| Proof { tier: Tier::SameDesign, ..proof })
    }

    /// Whether one image is the other with some words changed, as far as their pixels were asked.
    pub(crate) fn is_reworded(&self, a: ImageRow, b: ImageRow) -> bool {
        let of_parts = self.pixel_checks.of_parts(a, b).flatten();
        let answers = of_parts.into_iter().chain(self.pixel_checks.get(a, b));
        answers.filter_map(|answer| answer.check.as_ref()).any(verdict::is_reworded)
    }

    /// Whether all of one image is what the other is, words apart; `None` where their pixels cannot tell.
    pub(crate) fn is_one_design(&self, a: ImageRow, b: ImageRow) -> Option<bool> {
        self.pixel_checks.get(a, b)?.check.as_ref().map(verdict::is_one_design)
    }

    /// Asks the pixels about all of two images of one photo, the smaller row first, laid on each other as the photo lies.
    pub(crate) fn ask_whole(&mut self, pairs: &[(ImageRow, ImageRow)]) {
        let ask = |&(a, b): &(ImageRow, ImageRow)| Some(Ask::along(a, b, self.laid(a, b)?));
        let asks: Vec<Ask> = pairs.par_iter().filter_map(ask).collect();
        self.pixel_checks.ask(&asks);
    }

    /// How one image lies on another that shows the same photo, between their working pixels.
    fn laid(&self, a: ImageRow, b: ImageRow) -> Option<Projective> {
        if let Some(local) = self.prove(a, b)?.local {
            return Some(Projective::from_affine(&local.map));
        }
        let line = self.doubts.as_ref()?.of(a, b)?.line;
        let size = |row: ImageRow| {
            let image = &self.snapshot.images[row];
            (image.width, image.height)
        };
        Some(along_rects((line.rect_a, size(a)), (line.rect_b, size(b)), line.transform))
    }

    /// What hashes alone say.
    fn near(&self, a: ImageRow, b: ImageRow) -> Option<Proof> {
        let (x, y) = (&self.snapshot.images[a], &self.snapshot.images[b]);
        verify::verify(x, y, self.options.radius, self.options.min_quality)
            .filter(|proof| self.options.tiers.contains(&proof.tier))
    }

    /// The proof of a pair, from the first image's point of view.
    pub(crate) fn prove(&self, a: ImageRow, b: ImageRow) -> Option<Proof> {
        if a > b {
            return self.prove(b, a).map(Proof::reversed);
        }
        match self.examine(a, b) {
            Examined::Proven(proof) => Some(proof),
            Examined::Follows(following) => self.conclude(a, b, &following),
            Examined::Nothing => None,
        }
    }

    /// All but what laying pixels over each other may yet show. What a reviewer confirmed needs no more. `a <= b`.
    pub(crate) fn examine(&self, a: ImageRow, b: ImageRow) -> Examined {
        if self.decisions.confirmed(a, b) {
            return Examined::Proven(Proof::confirmed(self.by_hash(a, b)));
        }
        if let Some(proof) = self.by_hash(a, b) {
            return Examined::Proven(proof);
        }
        let Some(placements) = &self.placements else { return Examined::Nothing };
        let sides = LazyCell::new(|| self.snapshot.features.get(a).zip(self.snapshot.features.get(b)));
        let mut follows = Examined::Nothing;
        for x in placements.of(a) {
            let in_common = placements.of(b).iter().filter(|y| y.group == x.group);
            for y in in_common {
                let Some(following) = self.following(a, b, x, y, placements) else { continue };
                let Some((of_a, of_b)) = &*sides else { continue };
                let found = photos::matched(of_a, of_b, &following.map);
                let strays = found.is_some();
                let clear = match found {
                    Some(found) if photos::is_borne_out(of_a, of_b, &found, &following.map) => {
                        return Examined::Proven(self.direct(a, b, &found, &following));
                    }
                    found => found.filter(partial::is_clear).map(Box::new),
                };
                follows = Examined::Follows(Following { strays, clear, ..following });
            }
        }
        follows
    }

    /// What the pixels, if they were asked, make of a map that follows.
    pub(crate) fn conclude(&self, a: ImageRow, b: ImageRow, following: &Following) -> Option<Proof> {
        let check = self.pixel_checks.get(a, b)?.check?;
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
    pub(crate) fn lead(&self, a: ImageRow, b: ImageRow, tier: Tier, found: &GeometricMatch) -> Proof {
        let sameness =
            self.pixel_checks.get(a, b).and_then(|checked| checked.check).map(|check| check.sameness());
        let local = Local { map: found.map, direct: true, sameness, compared: sameness.is_some() };
        let score = partial_score(Some(found.score), sameness);
        Proof { tier, ..proof(local, found.overlap.share_a, found.overlap.share_b, score) }
    }

    fn following(
        &self,
        a: ImageRow,
        b: ImageRow,
        x: &Placement,
        y: &Placement,
        placements: &Placements,
    ) -> Option<Following> {
        let size = |row: ImageRow| {
            let outline = self.snapshot.features.outline(row)?;
            Some((f64::from(outline.width), f64::from(outline.height)))
        };
        let map = x.map.then(&y.map.inverse()?);
        let overlap = Overlap::of(&map, size(a)?, size(b)?)?;
        // Two pictures that hold the photo share the photo, whatever else falls on each other.
        let (share_a, share_b) = if x.core || y.core {
            (overlap.share_a, overlap.share_b)
        } else {
            let frame = size(placements.frames[x.group]?)?;
            let held =
                |place: &Placement, row: ImageRow| Some(Overlap::of(&place.map, size(row)?, frame)?.share_a);
            (overlap.share_a.min(held(x, a)?), overlap.share_b.min(held(y, b)?))
        };
        let overlap = Overlap { share_a, share_b, polygon_a: Vec::new(), polygon_b: Vec::new() };
        let support = x.support.and(y.support);
        partial::follows(&overlap, None).then_some(Following {
            group: x.group,
            map,
            share_a,
            share_b,
            support,
            strays: false,
            clear: None,
        })
    }

    /// The two matched with each other, and found what follows anyway.
    fn direct(&self, a: ImageRow, b: ImageRow, found: &GeometricMatch, following: &Following) -> Proof {
        let sameness =
            self.pixel_checks.get(a, b).and_then(|checked| checked.check).map(|check| check.sameness());
        let compared = following.support.seen || sameness.is_some();
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
