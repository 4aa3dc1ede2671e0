//! Extrema with AVX2 and AVX-512: what [`body`] finds, a register of columns at a glance.
//!
//! Most glances end at the first question (is anything as strong as the floor?) or the second (is it beyond its
//! neighbours in its own plane?).

use super::super::body;
use std::arch::x86_64::*;

/// Declares a way to find extrema in registers of `$lanes` columns, which needs `$features`; `$narrow` does what is
/// narrower than a register. `$beyond` marks the lanes of values above a highest or below a lowest by `$bits` bits each.
macro_rules! glances {
    ($name:ident, $narrow:path, $features:literal, $lanes:literal, $register:ty, $spread:ident, $max:ident, $min:ident,
     $load:ident, $bits:literal, |$values:ident, $highest:ident, $lowest:ident| $beyond:expr) => {
        pub(in super::super) mod $name {
            use super::*;

            #[target_feature(enable = $features)]
            pub(in super::super::super) fn extrema(
                planes: &[[&[i16]; 3]; 3],
                floor: i16,
                found: &mut Vec<usize>,
            ) {
                let Some(last) = planes[1][1].len().checked_sub($lanes + 2) else {
                    return $narrow(planes, floor, found);
                };
                for start in (0..last).step_by($lanes).chain([last]) {
                    let mut marks = glance(planes, start, floor);
                    // The last glance begins among columns that the one before it saw.
                    if start % $lanes != 0 {
                        marks &= u32::MAX << ($bits * ($lanes - start % $lanes));
                    }
                    while marks != 0 {
                        let lane = marks.trailing_zeros() / $bits;
                        found.push(start + 1 + lane as usize);
                        marks &= !(((1 << $bits) - 1) << ($bits * lane));
                    }
                }
            }

            /// The columns from `start + 1` on that are extrema.
            #[target_feature(enable = $features)]
            fn glance(planes: &[[&[i16]; 3]; 3], start: usize, floor: i16) -> u32 {
                let [above, here, below] = planes[1];
                let centre = load(here, start + 1);
                let mut usual = ($spread(floor - 1), $spread(1 - floor));
                if beyond(centre, usual) == 0 {
                    return 0;
                }
                usual = include(usual, load(here, start));
                usual = include(usual, load(here, start + 2));
                usual = include_three(include_three(usual, above, start), below, start);
                if beyond(centre, usual) == 0 {
                    return 0;
                }
                for plane in [&planes[0], &planes[2]] {
                    for row in plane {
                        usual = include_three(usual, row, start);
                    }
                }
                beyond(centre, usual)
            }

            /// What a peak has to exceed, and a pit to fall below, with one neighbour more.
            #[target_feature(enable = $features)]
            fn include(usual: ($register, $register), neighbour: $register) -> ($register, $register) {
                ($max(usual.0, neighbour), $min(usual.1, neighbour))
            }

            #[target_feature(enable = $features)]
            fn include_three(
                usual: ($register, $register),
                row: &[i16],
                start: usize,
            ) -> ($register, $register) {
                include(include(include(usual, load(row, start)), load(row, start + 1)), load(row, start + 2))
            }

            #[target_feature(enable = $features)]
            fn beyond($values: $register, ($highest, $lowest): ($register, $register)) -> u32 {
                $beyond
            }

            #[target_feature(enable = $features)]
            fn load(row: &[i16], start: usize) -> $register {
                let columns: &[i16; $lanes] =
                    row[start..].first_chunk().expect("a glance ends inside the row");
                // SAFETY: an array is as large as a register; unaligned loads are allowed.
                #[allow(unsafe_code)]
                unsafe {
                    $load(columns.as_ptr().cast())
                }
            }
        }
    };
}

glances!(
    avx2,
    body::extrema,
    "avx2,popcnt",
    16,
    __m256i,
    _mm256_set1_epi16,
    _mm256_max_epi16,
    _mm256_min_epi16,
    _mm256_loadu_si256,
    2,
    |values, highest, lowest| {
        let (above, below) = (_mm256_cmpgt_epi16(values, highest), _mm256_cmpgt_epi16(lowest, values));
        _mm256_movemask_epi8(_mm256_or_si256(above, below)).cast_unsigned()
    }
);
glances!(
    avx512,
    super::avx2::extrema,
    "avx512f,avx512bw,avx512vl,avx2,popcnt",
    32,
    __m512i,
    _mm512_set1_epi16,
    _mm512_max_epi16,
    _mm512_min_epi16,
    _mm512_loadu_si512,
    1,
    |values, highest, lowest| {
        _mm512_cmpgt_epi16_mask(values, highest) | _mm512_cmpgt_epi16_mask(lowest, values)
    }
);
