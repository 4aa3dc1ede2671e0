//! The inverse transform of a JPEG's 8x8 blocks, to levels.
//!
//! A scalar form that defines it, and AVX2; integers throughout, so both give the same levels. It is the transform of
//! stb_image and zune-jpeg, level for level. The trap: sums wrap on hostile coefficients, which is defined and harmless;
//! what comes out is clamped.

/// 64 dequantised coefficients, row-major (not in zigzag order).
pub type DctBlock = [i32; 64];

/// A set of instructions this CPU is known to have.
#[derive(Debug, Clone, Copy)]
pub struct Idct(IdctLevel);

#[derive(Debug, Clone, Copy)]
enum IdctLevel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Idct {
    /// Portable code.
    pub const fn scalar() -> Self {
        Self(IdctLevel::Scalar)
    }

    /// The fastest set this CPU has.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Self(IdctLevel::Avx2);
        }
        Self::scalar()
    }

    /// Levels of the 64 pixels, row-major.
    pub fn whole(self, block: &DctBlock) -> [u8; 64] {
        match self.0 {
            IdctLevel::Scalar => whole(block),
            // SAFETY: `IdctLevel::Avx2` is made only where the feature was detected.
            #[cfg(target_arch = "x86_64")]
            IdctLevel::Avx2 => unsafe { avx2::whole(block) },
        }
    }
}

/// The level of all pixels of a block that has a mean and nothing else: what the whole transform gives.
pub fn level_of(mean: i32) -> u8 {
    (mean.wrapping_add(4 + 1024) >> 3).clamp(0, 255) as u8
}

/// Eight columns at a time; lane `k` is column `k`.
type EightColumns = [i32; 8];

/// To 12 bits: cosines of the even and odd halves, as in the reference.
const EVEN: [i32; 3] = [2217, -7567, 3135];
const ODD: [i32; 4] = [1223, 8410, 12586, 6149];
const TURNS: [i32; 5] = [4816, -3685, -10497, -8034, -1597];

fn whole(block: &DctBlock) -> [u8; 64] {
    let rows: [EightColumns; 8] =
        std::array::from_fn(|row| std::array::from_fn(|column| block[8 * row + column]));
    // The first pass keeps two bits more than it needs, the second rounds, and adds the middle level.
    let half = pass(&rows, 512, 10);
    let levels = transposed(&pass(&transposed(&half), 512 + 65_536 + (128 << 17), 17));
    let mut out = [0; 64];
    for (out, level) in out.iter_mut().zip(levels.as_flattened()) {
        *out = (*level).clamp(0, 255) as u8;
    }
    out
}

fn transposed(rows: &[EightColumns; 8]) -> [EightColumns; 8] {
    std::array::from_fn(|row| std::array::from_fn(|column| rows[column][row]))
}

fn each(lane: impl Fn(usize) -> i32) -> EightColumns {
    std::array::from_fn(lane)
}

fn plus(a: EightColumns, b: EightColumns) -> EightColumns {
    each(|k| a[k].wrapping_add(b[k]))
}

fn minus(a: EightColumns, b: EightColumns) -> EightColumns {
    each(|k| a[k].wrapping_sub(b[k]))
}

fn times(a: EightColumns, by: i32) -> EightColumns {
    each(|k| a[k].wrapping_mul(by))
}

/// One dimension of all columns: Loeffler, Ligtenberg and Moschytz's eleven multiplications, near enough.
fn pass(rows: &[EightColumns; 8], round: i32, shift: u32) -> [EightColumns; 8] {
    let turned = times(plus(rows[2], rows[6]), EVEN[0]);
    let low = plus(turned, times(rows[6], EVEN[1]));
    let high = plus(turned, times(rows[2], EVEN[2]));
    let sum = each(|k| rows[0][k].wrapping_add(rows[4][k]).wrapping_shl(12).wrapping_add(round));
    let difference = each(|k| rows[0][k].wrapping_sub(rows[4][k]).wrapping_shl(12).wrapping_add(round));
    let even = [plus(sum, high), plus(difference, low), minus(difference, low), minus(sum, high)];

    let [t0, t1, t2, t3] = [rows[7], rows[5], rows[3], rows[1]];
    let both = times(plus(plus(t0, t2), plus(t1, t3)), TURNS[0]);
    let p1 = plus(both, times(plus(t0, t3), TURNS[1]));
    let p2 = plus(both, times(plus(t1, t2), TURNS[2]));
    let p3 = times(plus(t0, t2), TURNS[3]);
    let p4 = times(plus(t1, t3), TURNS[4]);
    let odd = [
        plus(times(t3, ODD[3]), plus(p1, p4)),
        plus(times(t2, ODD[2]), plus(p2, p3)),
        plus(times(t1, ODD[1]), plus(p2, p4)),
        plus(times(t0, ODD[0]), plus(p1, p3)),
    ];

    std::array::from_fn(|row| {
        let sums = if row < 4 { plus(even[row], odd[row]) } else { minus(even[7 - row], odd[7 - row]) };
        each(|k| sums[k] >> shift)
    })
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{DctBlock, EVEN, ODD, TURNS};
    use std::arch::x86_64::*;

    type Rows = [__m256i; 8];

    #[target_feature(enable = "avx2")]
    pub(super) fn whole(block: &DctBlock) -> [u8; 64] {
        let rows: Rows = std::array::from_fn(|row| load(block, row));
        let half = pass::<10>(&rows, 512);
        let levels = transposed(&pass::<17>(&transposed(&half), 512 + 65_536 + (128 << 17)));
        let mut out = [0; 64];
        for (out, rows) in out.as_chunks_mut::<32>().0.iter_mut().zip(levels.as_chunks::<4>().0) {
            *out = bytes(rows);
        }
        out
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(block: &DctBlock, row: usize) -> __m256i {
        let row: &[i32; 8] = &block.as_chunks::<8>().0[row];
        // SAFETY: eight numbers lie there, and the load needs no alignment.
        unsafe { _mm256_loadu_si256(std::ptr::from_ref(row).cast()) }
    }

    /// Four rows of levels, clamped to bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn bytes(rows: &[__m256i; 4]) -> [u8; 32] {
        // Packing works on halves; the order is put right at the end.
        let first = _mm256_packs_epi32(rows[0], rows[1]);
        let second = _mm256_packs_epi32(rows[2], rows[3]);
        let packed = _mm256_packus_epi16(first, second);
        let packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        let mut out = [0; 32];
        // SAFETY: 32 bytes lie there, and the store needs no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), packed) };
        out
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn times(a: __m256i, by: i32) -> __m256i {
        _mm256_mullo_epi32(a, _mm256_set1_epi32(by))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn plus(a: __m256i, b: __m256i) -> __m256i {
        _mm256_add_epi32(a, b)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn minus(a: __m256i, b: __m256i) -> __m256i {
        _mm256_sub_epi32(a, b)
    }

    /// As [`super::pass`], step by step.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn pass<const SHIFT: i32>(rows: &Rows, round: i32) -> Rows {
        let round = _mm256_set1_epi32(round);
        let turned = times(plus(rows[2], rows[6]), EVEN[0]);
        let low = plus(turned, times(rows[6], EVEN[1]));
        let high = plus(turned, times(rows[2], EVEN[2]));
        let sum = plus(_mm256_slli_epi32(plus(rows[0], rows[4]), 12), round);
        let difference = plus(_mm256_slli_epi32(minus(rows[0], rows[4]), 12), round);
        let even = [plus(sum, high), plus(difference, low), minus(difference, low), minus(sum, high)];

        let [t0, t1, t2, t3] = [rows[7], rows[5], rows[3], rows[1]];
        let both = times(plus(plus(t0, t2), plus(t1, t3)), TURNS[0]);
        let p1 = plus(both, times(plus(t0, t3), TURNS[1]));
        let p2 = plus(both, times(plus(t1, t2), TURNS[2]));
        let p3 = times(plus(t0, t2), TURNS[3]);
        let p4 = times(plus(t1, t3), TURNS[4]);
        let odd = [
            plus(times(t3, ODD[3]), plus(p1, p4)),
            plus(times(t2, ODD[2]), plus(p2, p3)),
            plus(times(t1, ODD[1]), plus(p2, p4)),
            plus(times(t0, ODD[0]), plus(p1, p3)),
        ];
        let mut out = *rows;
        for k in 0..4 {
            out[k] = _mm256_srai_epi32::<SHIFT>(plus(even[k], odd[k]));
            out[7 - k] = _mm256_srai_epi32::<SHIFT>(minus(even[k], odd[k]));
        }
        out
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn transposed(rows: &Rows) -> Rows {
        let [a, b, c, d, e, f, g, h] = *rows;
        let (ab, cd) = (
            [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)],
            [_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d)],
        );
        let (ef, gh) = (
            [_mm256_unpacklo_epi32(e, f), _mm256_unpackhi_epi32(e, f)],
            [_mm256_unpacklo_epi32(g, h), _mm256_unpackhi_epi32(g, h)],
        );
        let first = [
            _mm256_unpacklo_epi64(ab[0], cd[0]),
            _mm256_unpackhi_epi64(ab[0], cd[0]),
            _mm256_unpacklo_epi64(ab[1], cd[1]),
            _mm256_unpackhi_epi64(ab[1], cd[1]),
        ];
        let second = [
            _mm256_unpacklo_epi64(ef[0], gh[0]),
            _mm256_unpackhi_epi64(ef[0], gh[0]),
            _mm256_unpacklo_epi64(ef[1], gh[1]),
            _mm256_unpackhi_epi64(ef[1], gh[1]),
        ];
        let mut out = *rows;
        for k in 0..4 {
            out[k] = _mm256_permute2x128_si256::<0x20>(first[k], second[k]);
            out[4 + k] = _mm256_permute2x128_si256::<0x31>(first[k], second[k]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn instruction_sets_agree_on_anything(block in proptest::collection::vec(any::<i32>(), 64)) {
            let block: DctBlock = block.try_into().unwrap();
            prop_assert_eq!(Idct::best().whole(&block), Idct::scalar().whole(&block));
        }

        #[test]
        fn a_mean_alone_is_one_level(mean in -40_000_i32..40_000) {
            let mut block: DctBlock = [0; 64];
            block[0] = mean;
            prop_assert_eq!(Idct::best().whole(&block), [level_of(mean); 64]);
        }

        #[test]
        fn levels_are_those_of_the_transform_as_defined(block in proptest::collection::vec(-200_i32..200, 64), mean in -900_i32..900) {
            let mut block: DctBlock = block.try_into().unwrap();
            block[0] = mean;
            let found = Idct::best().whole(&block);
            for (at, &level) in found.iter().enumerate() {
                let exact = (defined(&block, at % 8, at / 8) + 128.0).clamp(0.0, 255.0);
                prop_assert!((f64::from(level) - exact).abs() < 1.5, "{} for {}", level, exact);
            }
        }
    }

    /// The standard's sum.
    fn defined(block: &DctBlock, x: usize, y: usize) -> f64 {
        let share = |place: usize, frequency: usize| {
            let scale = if frequency == 0 { (0.5_f64).sqrt() } else { 1.0 };
            scale * ((2 * place + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0).cos() / 2.0
        };
        let term = |(at, &value): (usize, &i32)| f64::from(value) * share(x, at % 8) * share(y, at / 8);
        block.iter().enumerate().map(term).sum()
    }
}
