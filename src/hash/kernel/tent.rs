//! Weighted sums of rows, the inner loop of PDQ's fast form: each pixel of a picture passes through here once.
//!
//! [`Tent::best`] looks at the CPU; the value it returns is the proof that the instructions exist. `scalar`
//! defines the results, which are exact integers. The trap: `whole` takes small weights only (see
//! [`LARGEST_WEIGHT`]), because the fast forms add up in 16 bits before they widen.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

/// The largest weight that [`Tent::whole`] takes. Two neighbouring weights of a tent then stay under 128, so
/// that two weighted pixels fit a signed 16-bit number.
pub(crate) const LARGEST_WEIGHT: u8 = 64;

/// Weights may add up to this before 255 times their sum leaves 16 bits.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const SUM_IN_16_BITS: u32 = 257;

/// Rows of pixels in memory, `stride` apart.
#[derive(Clone, Copy)]
pub(crate) struct PixelRows<'a> {
    bytes: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
}

impl<'a> PixelRows<'a> {
    /// `height` rows of `width` pixels; panics when `bytes` does not hold them.
    pub(crate) fn new(bytes: &'a [u8], stride: usize, width: usize, height: usize) -> Self {
        assert!(height == 0 || bytes.len() >= (height - 1) * stride + width, "rows lie within the bytes");
        Self { bytes, stride, width, height }
    }

    fn row(&self, y: usize) -> &'a [u8] {
        &self.bytes[y * self.stride..][..self.width]
    }
}

/// A set of instructions this CPU is known to have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tent(TentLevel);

#[derive(Debug, Clone, Copy)]
enum TentLevel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::TentAvx2),
    #[cfg(target_arch = "aarch64")]
    Neon(neon::TentNeon),
}

impl Tent {
    /// Portable code: the definition.
    pub(crate) const fn scalar() -> Self {
        Self(TentLevel::Scalar)
    }

    /// The fastest set this CPU has.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = avx2::TentAvx2::new() {
            return Self(TentLevel::Avx2(level));
        }
        #[cfg(target_arch = "aarch64")]
        if let Some(level) = neon::TentNeon::new() {
            return Self(TentLevel::Neon(level));
        }
        Self::scalar()
    }

    /// `sums[x]` = sum over `y` of `weights[y]` times pixel (x, y): one weight per row, none above
    /// [`LARGEST_WEIGHT`], no two neighbours above 127 together; one sum per column.
    pub(crate) fn whole(self, rows: PixelRows<'_>, weights: &[u8], sums: &mut [u32]) {
        assert_eq!(
            (rows.width, rows.height),
            (sums.len(), weights.len()),
            "a sum per column, a weight per row"
        );
        match self.0 {
            TentLevel::Scalar => scalar::whole(rows, weights, sums),
            #[cfg(target_arch = "x86_64")]
            TentLevel::Avx2(level) => level.whole(rows, weights, sums),
            #[cfg(target_arch = "aarch64")]
            TentLevel::Neon(level) => level.whole(rows, weights, sums),
        }
    }

    /// The same with 32-bit weights; 255 times their sum must fit 32 bits. Slower, for the few rows at the ends.
    pub(crate) fn fractional(self, rows: PixelRows<'_>, weights: &[u32], sums: &mut [u32]) {
        assert_eq!(
            (rows.width, rows.height),
            (sums.len(), weights.len()),
            "a sum per column, a weight per row"
        );
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            TentLevel::Avx2(level) => level.fractional(rows, weights, sums),
            _ => scalar::fractional(rows, weights, sums),
        }
    }

    /// `out[i]` = sum over `k` of `weights[k]` times `sums[starts[i] + k]`, modulo 2^32. The weights come in
    /// eights, padded with zeros; so must the sums, far enough that all of them have a partner.
    pub(crate) fn along(self, sums: &[u32], starts: &[usize], weights: &[[u32; 8]], out: &mut [u32]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            TentLevel::Avx2(level) => level.along(sums, starts, weights, out),
            _ => scalar::along(sums, starts, weights, out),
        }
    }
}

/// Splits weights into runs that add up in 16 bits, in whole pairs of rows.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn runs(weights: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let (mut end, mut sum) = (start, 0);
        for pair in weights[start..].chunks(2) {
            sum += pair.iter().map(|&weight| u32::from(weight)).sum::<u32>();
            if sum > SUM_IN_16_BITS {
                break;
            }
            end += pair.len();
        }
        let run = start..end;
        start = end;
        (!run.is_empty()).then_some(run)
    })
}
