//! The inverse transform of a JPEG's 8x8 blocks, to levels: whole, or as the means of 2x2, 4x4 or 8x8 pixels.
//!
//! One body of code, compiled once for any CPU and once for AVX2; integers throughout, so both give the same levels.
//! The whole transform is the one of stb_image and zune-jpeg, level for level. The trap: sums wrap on hostile
//! coefficients, which is defined and harmless; what comes out is clamped.

/// 64 dequantised coefficients, row-major (not in zigzag order).
pub(crate) type Block = [i32; 64];

/// A set of instructions this CPU is known to have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idct(IdctLevel);

#[derive(Debug, Clone, Copy)]
enum IdctLevel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Idct {
    /// Portable code.
    pub(crate) const fn scalar() -> Self {
        Self(IdctLevel::Scalar)
    }

    /// The fastest set this CPU has.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Self(IdctLevel::Avx2);
        }
        Self::scalar()
    }

    /// Levels of the 64 pixels, row-major.
    pub(crate) fn whole(self, block: &Block) -> [u8; 64] {
        match self.0 {
            IdctLevel::Scalar => whole(block),
            // SAFETY: `IdctLevel::Avx2` is made only where the feature was detected.
            #[cfg(target_arch = "x86_64")]
            IdctLevel::Avx2 => unsafe { whole_avx2(block) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn whole_avx2(block: &Block) -> [u8; 64] {
    whole(block)
}

/// Eight columns at a time; lane `k` is column `k`.
type Lanes = [i32; 8];

/// To 12 bits: cosines of the even and odd halves, as in the reference.
const EVEN: [i32; 3] = [2217, -7567, 3135];
const ODD: [i32; 4] = [1223, 8410, 12586, 6149];
const TURNS: [i32; 5] = [4816, -3685, -10497, -8034, -1597];

#[inline(always)]
fn whole(block: &Block) -> [u8; 64] {
    let rows: [Lanes; 8] = std::array::from_fn(|row| std::array::from_fn(|column| block[8 * row + column]));
    // The first pass keeps two bits more than it needs, the second rounds, and adds the middle level.
    let half = pass(&rows, 512, 10);
    let levels = transposed(&pass(&transposed(&half), 512 + 65_536 + (128 << 17), 17));
    let mut out = [0; 64];
    for (out, level) in out.iter_mut().zip(levels.as_flattened()) {
        *out = (*level).clamp(0, 255) as u8;
    }
    out
}

#[inline(always)]
fn transposed(rows: &[Lanes; 8]) -> [Lanes; 8] {
    std::array::from_fn(|row| std::array::from_fn(|column| rows[column][row]))
}

#[inline(always)]
fn each(lane: impl Fn(usize) -> i32) -> Lanes {
    std::array::from_fn(lane)
}

#[inline(always)]
fn plus(a: Lanes, b: Lanes) -> Lanes {
    each(|k| a[k].wrapping_add(b[k]))
}

#[inline(always)]
fn minus(a: Lanes, b: Lanes) -> Lanes {
    each(|k| a[k].wrapping_sub(b[k]))
}

#[inline(always)]
fn times(a: Lanes, by: i32) -> Lanes {
    each(|k| a[k].wrapping_mul(by))
}

/// One dimension of all columns: Loeffler, Ligtenberg and Moschytz's eleven multiplications, near enough.
#[inline(always)]
fn pass(rows: &[Lanes; 8], round: i32, shift: u32) -> [Lanes; 8] {
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
