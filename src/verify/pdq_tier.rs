//! The hash tiers: same file, PDQ as it is, PDQ turned or of a part.
//!
//! Every view of one image is compared with every view of the other under all eight turns. Turning the first
//! image and turning the second back are two measurements of one thing that differ by a few bits (see
//! [`Dihedral`]); the smaller counts. The trap: ties are broken from the side of the smaller image id, so that
//! `verify(a, b)` and `verify(b, a)` always tell the same story.

use super::{HashEvidence, Proof, Tier, score};
use crate::hash::{Dihedral, Pdq, Quality};
use crate::record::{Image, Rect, ViewKind};

/// One line of an explanation: two views, a turn, and how far apart they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewDistance {
    /// View of the first image.
    pub view_a: ViewKind,
    /// Where it is in the first image.
    pub rect_a: Rect,
    /// PDQ quality of that view.
    pub quality_a: Quality,
    /// View of the second image.
    pub view_b: ViewKind,
    /// Where it is in the second image.
    pub rect_b: Rect,
    /// PDQ quality of that view.
    pub quality_b: Quality,
    /// The turn that maps the first view on the second.
    pub transform: Dihedral,
    /// PDQ bits between the two.
    pub distance: u32,
}

impl ViewDistance {
    /// What this would prove if it is near enough.
    pub fn tier(&self) -> Tier {
        let whole = self.view_a == ViewKind::Whole && self.view_b == ViewKind::Whole;
        if whole && self.transform == Dihedral::None { Tier::NearCopy } else { Tier::Transformed }
    }

    /// Is one near the other with dark and light exchanged?
    pub fn is_negative(&self) -> bool {
        [self.view_a, self.view_b].contains(&ViewKind::Negative)
    }

    /// What wins when several views are near: the plainest story first.
    fn rank(&self) -> (Tier, bool, u32, Dihedral, ViewKind, ViewKind, Rect, Rect) {
        // The middle of a picture says less of it than all of it does.
        let cut = [self.view_a, self.view_b].contains(&ViewKind::Square);
        (self.tier(), cut, self.distance, self.transform, self.view_a, self.view_b, self.rect_a, self.rect_b)
    }
}

/// Bits between second hashes up to which they bear out what PDQ says. Of 193,000 pairs of copies within 31 bits of PDQ,
/// one in a thousand has more; unrelated pictures are about 128 apart, and two checkerboards with near hashes 118 and more.
const MOST_SECOND: u32 = 96;

/// Every view of one image against every view of the other under every turn, whatever the quality.
/// About 10 ns an entry; an entry for each view of `a`, view of `b` and turn, in that order, and one for the first picture's
/// [negative](ViewKind::Negative).
pub fn distances(a: &Image, b: &Image) -> Vec<ViewDistance> {
    measured(a, b, |_| true).collect()
}

/// The best proof that two images show the same photo, or `None` when no view of one lies within `radius` bits of
/// a view of the other, both [usable](Pdq::is_usable). Hashes that do not [stand alone](Pdq::stands_alone) prove a near copy
/// where the second hashes do not speak against it, and nothing else: there is no second hash of turns and parts.
///
/// Symmetric: `verify(b, a)` is the [reverse](Proof::reversed) of `verify(a, b)`.
pub fn verify(a: &Image, b: &Image, radius: u32, min_quality: Quality) -> Option<Proof> {
    if a.id() == b.id() {
        return Some(same_file(a.second.is_some()));
    }
    if a.id() > b.id() {
        return verify(b, a, radius, min_quality).map(Proof::reversed);
    }
    if let Some(plain) = upright(a, b, radius, min_quality) {
        return Some(proof(a, b, &plain));
    }
    near_views(a, b, radius, min_quality).first().map(|best| proof(a, b, best))
}

/// All that [`verify`] could prove a pair by, the plainest story first: views of two images within `radius` bits of each
/// other. The first is the one it takes. Empty for an image and itself.
pub fn near_views(a: &Image, b: &Image, radius: u32, min_quality: Quality) -> Vec<ViewDistance> {
    let upright = upright(a, b, radius, min_quality);
    let alone = |pdq: &Pdq| pdq.is_usable(min_quality) && pdq.stands_alone();
    let mut near: Vec<ViewDistance> = measured(a, b, alone)
        .filter(|line| line.distance <= radius && upright.is_none_or(|upright| *line != upright))
        .collect();
    near.sort_by_key(ViewDistance::rank);
    upright.into_iter().chain(near).collect()
}

/// The two whole pictures as they are, if that proves it: nothing else ranks before a near copy, so nothing else
/// needs to be measured. Most pairs are of this kind.
fn upright(a: &Image, b: &Image, radius: u32, min_quality: Quality) -> Option<ViewDistance> {
    let ((view_a, rect_a, pdq_a), (view_b, rect_b, pdq_b)) = (views(a).next()?, views(b).next()?);
    let distance = pdq_a.hash().distance(&pdq_b.hash());
    let near = distance <= radius && pdq_a.is_usable(min_quality) && pdq_b.is_usable(min_quality);
    let near = near && (pdq_a.stands_alone() && pdq_b.stands_alone() || is_witnessed(a, b));
    let (quality_a, quality_b) = (pdq_a.quality, pdq_b.quality);
    let transform = Dihedral::None;
    near.then_some(ViewDistance { view_a, rect_a, quality_a, view_b, rect_b, quality_b, transform, distance })
}

/// Are the whole pictures near as they are, so that this proves one photo?
pub(crate) fn are_near_copies(a: &Image, b: &Image, radius: u32, min_quality: Quality) -> bool {
    upright(a, b, radius, min_quality).is_some()
}

/// Do the second hashes say the same?
fn is_witnessed(a: &Image, b: &Image) -> bool {
    a.second.zip(b.second).is_some_and(|(x, y)| x.distance(&y) <= MOST_SECOND)
}

/// Byte-identical files: nothing to measure.
fn same_file(has_second: bool) -> Proof {
    Proof {
        tier: Tier::SameFile,
        distance: Some(0),
        transform: Dihedral::None,
        view_a: ViewKind::Whole,
        view_b: ViewKind::Whole,
        overlap_a: 1.0,
        overlap_b: 1.0,
        second_distance: has_second.then_some(0),
        score: score::SAME_FILE,
        local: None,
    }
}

fn proof(a: &Image, b: &Image, best: &ViewDistance) -> Proof {
    let tier = best.tier();
    let second_distance = match (tier, a.second, b.second) {
        (Tier::NearCopy, Some(x), Some(y)) => Some(x.distance(&y)),
        _ => None,
    };
    let (overlap_a, overlap_b) = (share(best.rect_a, a), share(best.rect_b, b));
    let evidence = HashEvidence {
        tier,
        distance: best.distance,
        quality: best.quality_a.min(best.quality_b),
        overlap: overlap_a.min(overlap_b),
        second: second_distance,
    };
    Proof {
        tier,
        distance: Some(best.distance),
        transform: best.transform,
        view_a: best.view_a,
        view_b: best.view_b,
        overlap_a,
        overlap_b,
        second_distance,
        score: score::pdq_score(&evidence),
        local: None,
    }
}

fn share(rect: Rect, image: &Image) -> f64 {
    let whole = u64::from(image.width) * u64::from(image.height);
    if whole == 0 { 1.0 } else { (rect.area() as f64 / whole as f64).min(1.0) }
}

/// Views of an image, the whole first.
fn views(image: &Image) -> impl Iterator<Item = (ViewKind, Rect, &Pdq)> {
    let whole = Rect { x: 0, y: 0, width: image.width, height: image.height };
    std::iter::once((ViewKind::Whole, whole, &image.pdq))
        .chain(image.views.iter().map(|view| (view.kind, view.rect, &view.pdq)))
}

/// Views that are `wanted` of one image against those of the other, and all of one against all of the other with dark and
/// light exchanged.
fn measured<'a>(
    a: &'a Image,
    b: &'a Image,
    wanted: impl Fn(&Pdq) -> bool + Copy + 'a,
) -> impl Iterator<Item = ViewDistance> + 'a {
    turned(a, b, wanted).chain(negative(a, b).filter(move |_| wanted(&a.pdq) && wanted(&b.pdq)))
}

/// One whole picture with dark and light exchanged against the other as it is.
fn negative(a: &Image, b: &Image) -> Option<ViewDistance> {
    let ((_, rect_a, pdq_a), (view_b, rect_b, pdq_b)) = (views(a).next()?, views(b).next()?);
    Some(ViewDistance {
        view_a: ViewKind::Negative,
        rect_a,
        quality_a: pdq_a.quality,
        view_b,
        rect_b,
        quality_b: pdq_b.quality,
        transform: Dihedral::None,
        distance: pdq_a.negative().hash().distance(&pdq_b.hash()),
    })
}

fn turned<'a>(
    a: &'a Image,
    b: &'a Image,
    wanted: impl Fn(&Pdq) -> bool + Copy + 'a,
) -> impl Iterator<Item = ViewDistance> + 'a {
    let wanted = move |view: &(ViewKind, Rect, &Pdq)| wanted(view.2);
    views(a).filter(wanted).flat_map(move |(view_a, rect_a, pdq_a)| {
        views(b).filter(wanted).flat_map(move |(view_b, rect_b, pdq_b)| {
            let turns = Dihedral::ALL.into_iter().zip(turned_distances(pdq_a, pdq_b));
            turns.map(move |(transform, distance)| ViewDistance {
                view_a,
                rect_a,
                quality_a: pdq_a.quality,
                view_b,
                rect_b,
                quality_b: pdq_b.quality,
                transform,
                distance,
            })
        })
    })
}

/// Bits between `a` turned and `b`, for each turn: the smaller of turning `a` and of turning `b` back.
///
/// Transposing both sides changes no distance, so the four transposed turns need one transposed hash of each side.
fn turned_distances(a: &Pdq, b: &Pdq) -> [u32; 8] {
    let transposed = [a.oriented(Dihedral::FlipPlus1), b.oriented(Dihedral::FlipPlus1)];
    let base = |pdq: &Pdq, turn: Dihedral| match turn {
        Dihedral::None | Dihedral::FlipPlus1 => (pdq.base()[0], turn == Dihedral::FlipPlus1),
        Dihedral::FlipX | Dihedral::Rot270 => (pdq.base()[1], turn == Dihedral::Rot270),
        Dihedral::FlipY | Dihedral::Rot90 => (pdq.base()[2], turn == Dihedral::Rot90),
        Dihedral::Rot180 | Dihedral::FlipMinus1 => (pdq.base()[3], turn == Dihedral::FlipMinus1),
    };
    Dihedral::ALL.map(|turn| {
        let (turned_a, across) = base(a, turn);
        let (turned_b, _) = base(b, turn.inverse());
        let (upright_a, upright_b) = if across { transposed.into() } else { (a.hash(), b.hash()) };
        turned_a.distance(&upright_b).min(upright_a.distance(&turned_b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::EnumSet;
    use crate::hash::{Hash256, View};
    use crate::record::{Digests, ImageId};
    use proptest::prelude::*;

    fn image(id: u8, whole: [Hash256; 4], pane: Option<[Hash256; 4]>) -> Image {
        let view = |base| View {
            kind: ViewKind::Pane,
            rect: Rect { x: 0, y: 0, width: 50, height: 40 },
            pdq: Pdq::from_base(base, Quality::new(90)),
        };
        Image {
            digests: Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId([id; 32]) },
            bytes: 1,
            format: "png".into(),
            width: 100,
            height: 80,
            caveats: EnumSet::default(),
            pdq: Pdq::from_base(whole, Quality::new(90)),
            views: pane.map(view).into_iter().collect(),
            second: Some(whole[0]),
        }
    }

    fn base() -> impl Strategy<Value = [Hash256; 4]> {
        any::<[[u64; 4]; 4]>().prop_map(|words| words.map(Hash256::from_words))
    }

    proptest! {
        #[test]
        fn both_directions_tell_one_story(x in base(), y in base(), pane in base(), radius in 90..200_u32) {
            let (a, b) = (image(1, x, Some(pane)), image(2, y, None));
            let (forth, back) = (verify(&a, &b, radius, Quality::USABLE), verify(&b, &a, radius, Quality::USABLE));
            prop_assert_eq!(forth, back.map(Proof::reversed));
        }

        #[test]
        fn distances_are_those_of_turning_either_side(x in base(), y in base()) {
            let (a, b) = (image(1, x, None), image(2, y, None));
            let lines = distances(&a, &b);
            let (negative, turned) = lines.split_last().expect("eight turns and a negative");
            prop_assert!(negative.is_negative());
            prop_assert_eq!(negative.distance, 256 - a.pdq.hash().distance(&b.pdq.hash()));
            for line in turned {
                let forth = a.pdq.oriented(line.transform).distance(&b.pdq.hash());
                let back = a.pdq.hash().distance(&b.pdq.oriented(line.transform.inverse()));
                prop_assert_eq!(line.distance, forth.min(back));
            }
        }

        #[test]
        fn a_turned_copy_is_found_with_its_turn(x in base(), y in base(), turn in 0..8_usize) {
            let turn = Dihedral::ALL[turn];
            let a = image(2, x, None);
            let turned = [Dihedral::None, Dihedral::FlipX, Dihedral::FlipY, Dihedral::Rot180]
                .map(|then| if then == Dihedral::None { a.pdq.oriented(turn) } else { y[then as usize % 4] });
            let b = image(1, turned, None);
            let proof = verify(&a, &b, 31, Quality::USABLE).expect("a copy");
            prop_assert_eq!((proof.transform, proof.distance), (turn, Some(0)));
            prop_assert_eq!(proof.tier == Tier::NearCopy, turn == Dihedral::None);
            prop_assert!(distances(&a, &b).iter().any(|line| line.distance == 0 && line.transform == turn));
        }
    }

    #[test]
    fn a_pane_covers_part_of_its_page_and_all_of_the_photo() {
        let word = |number: u64| {
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0x94d0_49bb_1331_11eb)
        };
        let hash = |seed: u64| Hash256::from_words(std::array::from_fn(|place| word(seed + place as u64)));
        let hashes = |seed: u64| std::array::from_fn(|turn| hash(seed + 4 * turn as u64));
        let (page, photo) = (image(1, hashes(100), Some(hashes(200))), image(2, hashes(200), None));
        let proof = verify(&page, &photo, 31, Quality::USABLE).expect("the pane is the photo");
        assert_eq!((proof.view_a, proof.view_b), (ViewKind::Pane, ViewKind::Whole));
        assert_eq!((proof.overlap_a, proof.overlap_b), (0.25, 1.0));
        assert_eq!((proof.tier, proof.second_distance), (Tier::Transformed, None));
    }

    #[test]
    fn flat_pictures_are_not_compared_but_equal_files_are() {
        let flat = |id| Image {
            pdq: Pdq::from_base([Hash256::default(); 4], Quality::new(49)),
            ..image(id, [Hash256::default(); 4], None)
        };
        assert_eq!(verify(&flat(1), &flat(2), 31, Quality::USABLE), None);
        let same = verify(&flat(1), &flat(1), 31, Quality::USABLE).expect("the same bytes");
        assert_eq!(
            (same.tier, same.distance, same.strength()),
            (Tier::SameFile, Some(0), crate::verify::Strength::Identical)
        );
    }
}
