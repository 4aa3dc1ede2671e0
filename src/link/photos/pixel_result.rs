//! One pixel check: along what two images were laid over each other, what came of it, and the bytes a case keeps of both.
//!
//! Everything is little-endian f64, a version first. The trap: bytes of a version that saw less are no result at all, not
//! even where the originals are gone. It did not tell photos from the pages around them, and the pair is better judged by
//! its features than by that.

use crate::hash::{Dihedral, Luma};
use crate::verify::dense::{self, DenseCheck};
use crate::verify::parts::{Part, check_parts};
use crate::verify::{Count, Projective};

/// Version of the bytes.
const VERSION: f64 = 5.0;

/// How two images are laid over each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// Along a map from working pixels of the first to those of the second.
    Map(Projective),
    /// A part of one on a part of the other, and nothing else of them; the first turned.
    Parts {
        /// Of the first image.
        a: Part,
        /// Of the second.
        b: Part,
        /// What maps the first part on the second.
        turn: Dihedral,
        /// Is the second compared with dark and light exchanged?
        negative: bool,
    },
}

/// Numbers of a map, and of parts; a watermark taken off adds two.
const MAP: usize = 8;
const PARTS: usize = 9;

impl Way {
    /// Is it of parts and not along a map?
    pub(crate) fn is_of_parts(&self) -> bool {
        matches!(self, Self::Parts { .. })
    }

    /// Compares the pixels; `None` for too little structure.
    pub(crate) fn compare(&self, a: &Luma, b: &Luma) -> Option<DenseCheck> {
        match self {
            Self::Map(map) => dense::check(a, b, map),
            Self::Parts { a: part_a, b: part_b, turn, negative: false } => {
                check_parts((a, part_a), (b, part_b), *turn)
            }
            Self::Parts { a: part_a, b: part_b, turn, negative: true } => {
                check_parts((a, part_a), (&b.negative(), part_b), *turn)
            }
        }
    }

    fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Map(map) => map.numbers().to_vec(),
            Self::Parts { a, b, turn, negative } => {
                let turn = Dihedral::ALL.iter().position(|one| one == turn).unwrap_or_default();
                let turn = if *negative { turn + Dihedral::ALL.len() } else { turn };
                a.iter().chain(b).copied().chain([turn as f64]).collect()
            }
        }
    }

    /// From the numbers and how many of them there are.
    fn from_numbers(numbers: &[f64]) -> Option<Self> {
        if let Ok(map) = <[f64; 8]>::try_from(numbers) {
            return Some(Self::Map(Projective::from_numbers(map)));
        }
        let (turn, parts) = numbers.split_last()?;
        let (a, b) = parts.split_first_chunk::<4>()?;
        let both = [false, true].into_iter().flat_map(|negative| Dihedral::ALL.map(|turn| (turn, negative)));
        let (turn, negative) = both.zip(0..).find(|(_, place)| f64::from(*place) == *turn)?.0;
        Some(Self::Parts { a: *a, b: b.try_into().ok()?, turn, negative })
    }
}

/// One result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AlignedCheck {
    /// From the image with the smaller id.
    pub(crate) way: Way,
    /// What was taken off each before: [digests of watermarks](crate::verify::watermark::Watermark::digest), 0 for nothing.
    pub(crate) taken_off: [u32; 2],
    /// `None`: too little structure to compare.
    pub(crate) check: Option<DenseCheck>,
}

impl AlignedCheck {
    /// What a case keeps of two images: a version, then for each result how many numbers its way and its check have, and
    /// these.
    pub(crate) fn to_bytes(results: &[Self]) -> Vec<u8> {
        let numbers = results.iter().flat_map(|result| {
            let mut way = result.way.numbers();
            if result.taken_off != [0; 2] {
                way.extend(result.taken_off.map(f64::from));
            }
            let check: Vec<f64> = result.check.iter().flat_map(check_numbers).collect();
            [way.len() as f64, check.len() as f64].into_iter().chain(way).chain(check)
        });
        std::iter::once(VERSION).chain(numbers).flat_map(f64::to_le_bytes).collect()
    }

    /// Nothing for bytes that this version did not write.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let values: Vec<f64> = numbers.iter().map(|number| f64::from_le_bytes(*number)).collect();
        let usual = rest.is_empty() && values.iter().all(|value| value.is_finite());
        let results = match values.split_first() {
            Some((&version, values)) if usual && version == VERSION => Self::all(values),
            _ => None,
        };
        results.unwrap_or_default()
    }

    fn all(mut values: &[f64]) -> Option<Vec<Self>> {
        let mut results = Vec::new();
        while let Some((&[way, check], rest)) = values.split_first_chunk::<2>() {
            let (way, rest) = rest.split_at_checked(way as usize)?;
            let (check, rest) = rest.split_at_checked(check as usize)?;
            let check = if check.is_empty() { None } else { Some(check_from(check)?) };
            let (way, taken_off) = way.split_at_checked(if way.len() % 2 == 0 { MAP } else { PARTS })?;
            let taken_off = match taken_off {
                [] => [0; 2],
                [a, b] => [*a as u32, *b as u32],
                _ => return None,
            };
            results.push(Self { way: Way::from_numbers(way)?, taken_off, check });
            values = rest;
        }
        values.is_empty().then_some(results)
    }
}

fn check_numbers(check: &DenseCheck) -> [f64; 19] {
    let DenseCheck { compared, agreement, exactness, covered, grain, photo, mixed, design, around, .. } =
        *check;
    let [a, b, c, d] = [photo.agree, photo.differ, mixed.agree, mixed.differ].map(f64::from);
    let [e, f, g, h] = [design.agree, design.differ, around.agree, around.differ].map(f64::from);
    let enlarged = f64::from(u8::from(check.enlarged));
    [
        compared as f64,
        agreement,
        exactness,
        covered,
        grain,
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        check.fine,
        check.photo_area,
        enlarged,
        check.drift,
        check.correlation[0],
        check.correlation[1],
    ]
}

fn check_from(numbers: &[f64]) -> Option<DenseCheck> {
    let (counts, rest) = numbers.split_first_chunk::<13>()?;
    let &[compared, agreement, exactness, covered, grain, a, b, c, d, e, f, g, h] = counts;
    let &[fine, photo_area, enlarged, drift, full, half] = <&[f64; 6]>::try_from(rest).ok()?;
    let count = |agree: f64, differ: f64| Count { agree: agree as u32, differ: differ as u32 };
    Some(DenseCheck {
        compared: compared as usize,
        agreement,
        exactness,
        covered,
        grain,
        photo: count(a, b),
        mixed: count(c, d),
        design: count(e, f),
        around: count(g, h),
        fine,
        photo_area,
        drift,
        correlation: [full, half],
        enlarged: enlarged != 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn way() -> impl Strategy<Value = Way> {
        let map = prop::array::uniform8(-9.0f64..9.0).prop_map(|map| Way::Map(Projective::from_numbers(map)));
        let part = || prop::array::uniform4(0.0f64..1.0);
        let parts = (part(), part(), 0usize..8, any::<bool>());
        let parts =
            parts.prop_map(|(a, b, turn, negative)| Way::Parts { a, b, turn: Dihedral::ALL[turn], negative });
        prop_oneof![map, parts]
    }

    fn check() -> impl Strategy<Value = DenseCheck> {
        let count = || (0u32..999, 0u32..999).prop_map(|(agree, differ)| Count { agree, differ });
        let counts = [count(), count(), count(), count()];
        (prop::array::uniform9(0.0f64..1.0), counts, any::<bool>(), 0usize..9999).prop_map(
            |(shares, [photo, mixed, design, around], enlarged, compared)| {
                let [agreement, exactness, covered, grain, fine, photo_area, drift, full, half] = shares;
                DenseCheck {
                    compared,
                    agreement,
                    exactness,
                    covered,
                    grain,
                    photo,
                    mixed,
                    design,
                    around,
                    fine,
                    photo_area,
                    drift,
                    correlation: [full, half],
                    enlarged,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn bytes_round_trip_and_damage_is_no_other_result(
            all in prop::collection::vec((way(), any::<[u32; 2]>(), prop::option::of(check())), 1..3), cut in 0usize..300
        ) {
            let result = |(way, taken_off, check)| AlignedCheck { way, taken_off, check };
            let all: Vec<AlignedCheck> = all.into_iter().map(result).collect();
            let bytes = AlignedCheck::to_bytes(&all);
            prop_assert_eq!(AlignedCheck::from_bytes(&bytes), all.clone());
            let read = AlignedCheck::from_bytes(&bytes[..cut.min(bytes.len() - 1)]);
            prop_assert!(read.len() < all.len() && read == all[..read.len()]);
        }
    }

    #[test]
    fn results_of_the_first_versions_are_none() {
        for numbers in [6, 10, 11] {
            assert_eq!(AlignedCheck::from_bytes(&0.5f64.to_le_bytes().repeat(numbers)), []);
        }
    }
}
