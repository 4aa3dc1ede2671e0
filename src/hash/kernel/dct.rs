//! Products of small f32 matrices and sums of steps: what PDQ does with its 64x64 buffer.
//!
//! There is one body of code, compiled once for any CPU and once for AVX2. Each f32 sum runs over its terms in
//! the reference's order and vectors run across sums, so both give the same bits; nothing is fused, because the
//! compiler may not fuse on its own. The trap: writing a sum as a vector reduction would change hashes.

/// Side of the buffer.
pub(crate) const SIDE: usize = 64;

/// Frequencies per axis.
pub(crate) const FREQUENCIES: usize = 16;

/// The picture reduced to 64x64, row-major, in luma levels.
pub(crate) type Buffer = [f32; SIDE * SIDE];

/// 16x16 coefficients, row-major.
pub(crate) type Coefficients = [f32; FREQUENCIES * FREQUENCIES];

/// Weights by position and frequency: `[j][i]` is that of row or column `j` in frequency `i + 1`.
pub(crate) type Cosines = [[f32; FREQUENCIES]; SIDE];

/// A set of instructions this CPU is known to have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dct(DctLevel);

#[derive(Debug, Clone, Copy)]
enum DctLevel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Dct {
    /// Portable code.
    pub(crate) const fn scalar() -> Self {
        Self(DctLevel::Scalar)
    }

    /// The fastest set this CPU has.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Self(DctLevel::Avx2);
        }
        Self::scalar()
    }

    /// `D A D^T` for the buffer `A` and the transposed `D` given; columns are transformed first.
    pub(crate) fn transform(self, buffer: &Buffer, cosines: &Cosines) -> Coefficients {
        match self.0 {
            DctLevel::Scalar => transform(buffer, cosines),
            // SAFETY: `DctLevel::Avx2` is made only where the feature was detected.
            #[cfg(target_arch = "x86_64")]
            DctLevel::Avx2 => unsafe { transform_avx2(buffer, cosines) },
        }
    }

    /// Sum over all neighbours, down and across, of their difference in whole percent of 255.
    pub(crate) fn steps(self, buffer: &Buffer) -> i32 {
        match self.0 {
            DctLevel::Scalar => steps(buffer),
            // SAFETY: `DctLevel::Avx2` is made only where the feature was detected.
            #[cfg(target_arch = "x86_64")]
            DctLevel::Avx2 => unsafe { steps_avx2(buffer) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn transform_avx2(buffer: &Buffer, cosines: &Cosines) -> Coefficients {
    transform(buffer, cosines)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn steps_avx2(buffer: &Buffer) -> i32 {
    steps(buffer)
}

#[inline(always)]
fn transform(buffer: &Buffer, cosines: &Cosines) -> Coefficients {
    /// Sums held in registers at a time: so many columns for so many frequencies.
    const COLUMNS: usize = 16;
    const TOGETHER: usize = 4;
    // Transposed (column, frequency), so that the second product reads it in order.
    let mut half = [[0.0_f32; FREQUENCIES]; SIDE];
    for column in (0..SIDE).step_by(COLUMNS) {
        for frequency in (0..FREQUENCIES).step_by(TOGETHER) {
            let mut sums = [[0.0_f32; COLUMNS]; TOGETHER];
            for (row, cosines) in buffer.chunks_exact(SIDE).zip(cosines) {
                for (sums, cosine) in sums.iter_mut().zip(&cosines[frequency..frequency + TOGETHER]) {
                    let values = &row[column..column + COLUMNS];
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += cosine * value);
                }
            }
            for (i, sums) in sums.iter().enumerate() {
                sums.iter().enumerate().for_each(|(x, sum)| half[column + x][frequency + i] = *sum);
            }
        }
    }
    let mut block = [0.0_f32; FREQUENCIES * FREQUENCIES];
    for (i, row) in block.chunks_exact_mut(FREQUENCIES).enumerate() {
        let mut sums = [0.0_f32; FREQUENCIES];
        for (half, cosines) in half.iter().zip(cosines) {
            sums.iter_mut().zip(cosines).for_each(|(sum, cosine)| *sum += half[i] * cosine);
        }
        row.copy_from_slice(&sums);
    }
    block
}

#[inline(always)]
fn steps(buffer: &Buffer) -> i32 {
    let down = steps_between(&buffer[..SIDE * (SIDE - 1)], &buffer[SIDE..]);
    let across: i32 = buffer.chunks_exact(SIDE).map(|row| steps_between(&row[..SIDE - 1], &row[1..])).sum();
    down + across
}

#[inline(always)]
fn steps_between(a: &[f32], b: &[f32]) -> i32 {
    let percent = |u: f32, v: f32| {
        // No step between levels exceeds 100; the limits only tell the conversion so.
        #[allow(clippy::manual_clamp, reason = "`clamp` would let NaN through, `max` does not")]
        let percent = ((u - v) * 100.0 / 255.0).max(-100.0).min(100.0);
        // SAFETY: a number between -100 and 100. `as` would check again, which keeps the loop from vectorising.
        unsafe { percent.to_int_unchecked::<i32>() }
    };
    a.iter().zip(b).map(|(&u, &v)| percent(u, v).abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn instruction_sets_agree_and_sums_run_in_order(values in proptest::collection::vec(0.0_f32..255.0, SIDE * SIDE)) {
            let buffer: Buffer = values.try_into().unwrap();
            let cosines: Cosines = std::array::from_fn(|j| std::array::from_fn(|i| ((i + 1) * (j + 3)) as f32).map(f32::cos));
            let block = Dct::best().transform(&buffer, &cosines);
            prop_assert_eq!(block, Dct::scalar().transform(&buffer, &cosines));
            prop_assert_eq!(Dct::best().steps(&buffer), Dct::scalar().steps(&buffer));
            for (i, j) in [(0, 0), (3, 15), (15, 2)] {
                let half = |x: usize| (0..SIDE).fold(0.0_f32, |sum, y| sum + cosines[y][i] * buffer[y * SIDE + x]);
                let slow = (0..SIDE).fold(0.0_f32, |sum, x| sum + half(x) * cosines[x][j]);
                prop_assert_eq!(block[i * FREQUENCIES + j], slow);
            }
        }
    }
}
