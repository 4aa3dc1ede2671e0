//! Inner loops of local features: Gaussian blur, extremum marks, code bits, nearest codes.
//!
//! Every kernel is one plain body in integer arithmetic, compiled once for any CPU and once more for AVX2: the
//! two are the same operations, so results are identical bit for bit on every machine. The trap: do not "improve"
//! a body with floats or with a second algorithm for one CPU; stored codes would no longer compare across
//! machines.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod body;

/// Fixed-point units of one grey level in blurred planes. Two values below 255 levels must add up within `u16`,
/// with room for what rounding adds over many blurs.
pub const GREY: u16 = 120;

/// A weight of 1 in [`FeatureKernel::mix_rows`] and [`FeatureKernel::mix_runs`].
pub const ONE: i16 = 1 << 14;

/// Weights of a run come in multiples of this.
pub const RUN: usize = 8;

/// A 128-bit code as two words.
pub type CodeWords = [u64; 2];

/// Stored codes nearest to one query code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nearest {
    /// Distance and row of the nearest code; of equals, the lowest row.
    pub first: (u32, u32),
    /// The same for the runner-up.
    pub second: (u32, u32),
}

/// Which build of the bodies runs. A value other than [`FeatureKernel::SCALAR`] exists only where the CPU has
/// what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureKernel(Build);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// Declares a method that runs `body::NAME` in the build that `self` stands for.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)?) => {
        $(#[$doc])*
        pub fn $name(self, $($argument: $kind),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,popcnt")]
            fn avx2($($argument: $kind),*) $(-> $result)? {
                body::$name($($argument),*)
            }
            match self.0 {
                Build::Scalar => body::$name($($argument),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: this build is only ever named after detection found AVX2 and POPCNT.
                #[allow(unsafe_code)]
                Build::Avx2 => unsafe { avx2($($argument),*) },
            }
        }
    };
}

impl FeatureKernel {
    /// Runs anywhere; defines the results.
    pub const SCALAR: Self = Self(Build::Scalar);

    /// The fastest build this CPU can run.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            return Self(Build::Avx2);
        }
        Self::SCALAR
    }

    kernel! {
        /// Weighted mean of rows of pixels, in 1/[`GREY`] levels. Weights are not negative and add up to [`ONE`].
        mix_rows(rows: &[(&[u8], i16)], into: &mut [i16])
    }

    kernel! {
        /// Weighted means of runs of `values`, which are not negative: run `i` begins at `starts[i]` and has the
        /// `i`th part of `weights`, a multiple of [`RUN`], adding up to [`ONE`].
        mix_runs(values: &[i16], starts: &[usize], weights: &[i16], into: &mut [u16])
    }

    /// Blurs a plane of `width` columns with a symmetric kernel (`taps[0]` its centre, in 1/65536, all taps both sides
    /// adding up to 65536), edges clamped; writes the blurred plane and, in `difference`, blurred minus source.
    /// `scratch` is grown as needed.
    pub fn blur(
        self,
        source: &[u16],
        width: usize,
        taps: &[u16],
        scratch: &mut Vec<u16>,
        blurred: &mut [u16],
        difference: &mut [i16],
    ) {
        match self.0 {
            Build::Scalar => body::blur::<body::Plain>(source, width, taps, scratch, blurred, difference),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this build is only ever named after detection found AVX2 and POPCNT.
            #[allow(unsafe_code)]
            Build::Avx2 => unsafe { avx2::blur(source, width, taps, scratch, blurred, difference) },
        }
    }

    kernel! {
        /// Marks (1, else 0) the columns whose value in the middle row is at least `floor` in size and not exceeded by
        /// its 8 neighbours towards its sign. First and last column are never marked.
        mark_extrema(rows: [&[i16]; 3], floor: i16, marks: &mut [u8])
    }

    kernel! {
        /// Bit `k` of the code: whether row `k` of the projection, dotted with the descriptor, exceeds
        /// `thresholds[k]`.
        project(descriptor: &[i16; 128], rows: &[[i16; 128]; 128], thresholds: &[i32; 128]) -> CodeWords
    }

    kernel! {
        /// The two nearest of `stored` for each of `queries`, appended to `found`. Distances above 128 mean
        /// that there was none.
        nearest_two(queries: &[CodeWords], stored: &[CodeWords], found: &mut Vec<Nearest>)
    }

    kernel! {
        /// Distance of `query` to each of `stored`, appended to `found`.
        distances(query: CodeWords, stored: &[CodeWords], found: &mut Vec<u8>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(seed: u64, len: usize) -> impl Iterator<Item = u64> {
        (0..len as u64).map(move |i| (i + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ seed)
    }

    fn taps() -> Vec<u16> {
        vec![65536u32 - 2 * (14000 + 8000 + 3000 + 700), 14000, 8000, 3000, 700]
            .into_iter()
            .map(|tap| tap as u16)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn builds_agree(seed: u64, width in 3usize..150, height in 1usize..20) {
            let plane: Vec<u16> = noise(seed, width * height).map(|v| (v % 256) as u16 * GREY).collect();
            let run = |kernel: FeatureKernel| {
                let (mut blurred, mut difference) = (vec![0; plane.len()], vec![0; plane.len()]);
                kernel.blur(&plane, width, &taps(), &mut Vec::new(), &mut blurred, &mut difference);
                let row = |y: usize| &difference[y.min(height - 1) * width..][..width];
                let mut marks = vec![9; width];
                kernel.mark_extrema([row(1), row(0), row(2)], 100, &mut marks);
                (blurred, marks, difference.clone())
            };
            let pixels: Vec<Vec<u8>> =
                (0..3).map(|row| noise(seed ^ row, width).map(|v| v as u8).collect()).collect();
            let rows: Vec<(&[u8], i16)> =
                pixels.iter().map(Vec::as_slice).zip([ONE / 4, ONE / 2, ONE / 4]).collect();
            let mix = |kernel: FeatureKernel| {
                let mut mixed = vec![0; width + RUN];
                kernel.mix_rows(&rows, &mut mixed[..width]);
                let starts: Vec<usize> = (0..width).rev().collect();
                let weights: Vec<i16> = (0..RUN * width).map(|i| if i % RUN < 4 { ONE / 4 } else { 0 }).collect();
                let mut runs = vec![0; width];
                kernel.mix_runs(&mixed, &starts, &weights, &mut runs);
                (mixed, runs)
            };
            let codes: Vec<CodeWords> =
                noise(seed, width).zip(noise(!seed, width)).map(|(a, b)| [a, b]).collect();
            let search = |kernel: FeatureKernel| {
                let (mut nearest, mut distances) = (Vec::new(), Vec::new());
                kernel.nearest_two(&codes, &codes[width / 2..], &mut nearest);
                kernel.distances(codes[0], &codes, &mut distances);
                (nearest, distances)
            };
            let (mixed, runs) = mix(FeatureKernel::SCALAR);
            for x in 0..width {
                let [above, here, below] = [0, 1, 2].map(|row| u32::from(pixels[row][x]));
                prop_assert_eq!(mixed[x] as u32, (above + 2 * here + below) * u32::from(GREY) / 4);
                prop_assert_eq!(runs[width - 1 - x], (mixed[x..x + 4].iter().map(|&v| v as u32).sum::<u32>() / 4) as u16);
            }
            let fast = FeatureKernel::detect();
            prop_assert_eq!(run(fast), run(FeatureKernel::SCALAR));
            prop_assert_eq!(mix(fast), mix(FeatureKernel::SCALAR));
            prop_assert_eq!(search(fast), search(FeatureKernel::SCALAR));
        }

        #[test]
        fn blur_is_close_to_the_sum_it_stands_for(seed: u64, width in 1usize..40, height in 1usize..12) {
            let plane: Vec<u16> = noise(seed, width * height).map(|v| (v % 256) as u16 * GREY).collect();
            let (mut blurred, mut difference) = (vec![0; plane.len()], vec![0; plane.len()]);
            FeatureKernel::detect().blur(&plane, width, &taps(), &mut Vec::new(), &mut blurred, &mut difference);
            let weight = |k: i64| f64::from(taps()[k.unsigned_abs() as usize]) / 65536.0;
            let clamp = |at: i64, len: usize| at.clamp(0, len as i64 - 1) as usize;
            for (i, &value) in blurred.iter().enumerate() {
                let (x, y) = ((i % width) as i64, (i / width) as i64);
                let mut sum = 0.0;
                for dy in -4..=4 {
                    for dx in -4..=4 {
                        let at = clamp(y + dy, height) * width + clamp(x + dx, width);
                        sum += weight(dx) * weight(dy) * f64::from(plane[at]);
                    }
                }
                prop_assert!((sum - f64::from(value)).abs() <= 6.0, "{} for {}", value, sum);
                prop_assert_eq!(i32::from(difference[i]), i32::from(value) - i32::from(plane[i]));
            }
        }

        #[test]
        fn marks_are_extrema(seed: u64, width in 1usize..90) {
            let rows: Vec<Vec<i16>> =
                (0..3).map(|row| noise(seed ^ row, width).map(|v| (v % 41) as i16 - 20).collect()).collect();
            let mut marks = vec![7; width];
            FeatureKernel::detect().mark_extrema([&rows[0], &rows[1], &rows[2]], 15, &mut marks);
            for x in 0..width {
                let value = rows[1][x];
                let around = || rows.iter().flat_map(|row| &row[x - 1..=x + 1]);
                let expected = x > 0
                    && x + 1 < width
                    && ((value >= 15 && around().all(|&v| v <= value))
                        || (value <= -15 && around().all(|&v| v >= value)));
                prop_assert_eq!(marks[x], u8::from(expected));
            }
        }

        #[test]
        fn nearest_two_sorts_by_distance_then_row(seed: u64, count in 0usize..30) {
            let codes: Vec<CodeWords> = noise(seed, count).map(|v| [v & 0x0f0f, 0]).collect();
            let query = [seed & 0x0f0f, 1];
            let mut found = Vec::new();
            FeatureKernel::detect().nearest_two(&[query], &codes, &mut found);
            let mut slow: Vec<(u32, u32)> = codes
                .iter()
                .enumerate()
                .map(|(row, code)| ((code[0] ^ query[0]).count_ones() + 1, row as u32))
                .collect();
            slow.sort();
            for (place, pair) in [found[0].first, found[0].second].into_iter().enumerate() {
                match slow.get(place) {
                    Some(&expected) => prop_assert_eq!(pair, expected),
                    None => prop_assert!(pair.0 > 128),
                }
            }
        }
    }
}
