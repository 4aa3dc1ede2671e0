//! Inner loops of local features: Gaussian blur, extremum marks, code bits, nearest codes.
//!
//! Every kernel is one plain body, compiled once for any CPU, once more for AVX2 and once for AVX-512; only sums that
//! the compiler does badly are written out. The same operations either way, so results are identical bit for bit
//! on every machine. The trap: do not "improve" a body with other arithmetic for one CPU; stored codes would no longer
//! compare across machines.

mod body;
mod patch;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use patch::{SIDE, Samples};

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
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Declares a method that runs a body in the build that `self` stands for, or what is written out for that build.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)?, $body:path) => {
        kernel! { $(#[$doc])* $name($($argument: $kind),*) $(-> $result)?, $body, $body, $body }
    };
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)?,
     $body:path, $avx2:path, $avx512:path) => {
        $(#[$doc])*
        pub fn $name(self, $($argument: $kind),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,popcnt")]
            fn avx2($($argument: $kind),*) $(-> $result)? {
                $avx2($($argument),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2,popcnt")]
            fn avx512($($argument: $kind),*) $(-> $result)? {
                $avx512($($argument),*)
            }
            match self.0 {
                Build::Scalar => $body($($argument),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: this build is only ever named after detection found AVX2 and POPCNT.
                #[allow(unsafe_code)]
                Build::Avx2 => unsafe { avx2($($argument),*) },
                #[cfg(target_arch = "x86_64")]
                // SAFETY: this build is only ever named after detection found AVX-512 F, BW and VL, too.
                #[allow(unsafe_code)]
                Build::Avx512 => unsafe { avx512($($argument),*) },
            }
        }
    };
}

impl FeatureKernel {
    /// Runs anywhere; defines the results.
    pub const SCALAR: Self = Self(Build::Scalar);

    /// The fastest build this CPU can run.
    pub fn detect() -> Self {
        Self::all().last().unwrap_or(Self::SCALAR)
    }

    /// All builds this CPU can run, the fastest last.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let faster = {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            [avx2.then_some(Self(Build::Avx2)), avx512.then_some(Self(Build::Avx512))]
        };
        #[cfg(not(target_arch = "x86_64"))]
        let faster: [Option<Self>; 0] = [];
        [Self::SCALAR].into_iter().chain(faster.into_iter().flatten())
    }

    kernel! {
        /// Weighted mean of rows of pixels, in 1/[`GREY`] levels. Weights are not negative and add up to [`ONE`]; no row
        /// is shorter than `into`.
        mix_rows(rows: &[(&[u8], i16)], into: &mut [i16]), body::mix_rows, x86::mix_rows, x86::mix_rows
    }

    kernel! {
        /// Weighted means of runs of `values`, which are not negative: run `i` begins at `starts[i]` and has the
        /// `i`th part of `weights`, a multiple of [`RUN`], adding up to [`ONE`].
        mix_runs(values: &[i16], starts: &[usize], weights: &[i16], into: &mut [u16]),
        body::mix_runs, x86::mix_runs, x86::mix_runs
    }

    kernel! {
        /// Row `y` of a plane of `width` columns blurred with a symmetric kernel (`taps[0]` its centre, in 1/65536, all
        /// taps both sides adding up to 65536), edges clamped, up to 16 taps a side. `scratch` is grown as needed.
        blur_row(
            source: &[u16], width: usize, y: usize, taps: &[u16], scratch: &mut Vec<u16>, blurred: &mut [u16],
        ),
        body::blur_row::<body::Plain>, x86::avx2::blur_row, x86::avx512::blur_row
    }

    kernel! {
        /// `from` minus `value`, wrapping around.
        subtract(from: &[u16], value: &[u16], into: &mut [i16]), body::subtract
    }

    kernel! {
        /// Columns of the middle row of the middle plane whose value is at least `floor`, above zero, in size and
        /// beyond all its 26 neighbours towards its sign; appended in order. Of each plane the row above, the row and
        /// the row below, all of one length. Never the first or last column.
        extrema(planes: &[[&[i16]; 3]; 3], floor: i16, found: &mut Vec<usize>),
        body::extrema, x86::avx2::extrema, x86::avx512::extrema
    }

    kernel! {
        /// Upright SIFT-like descriptor of samples of a plane of `width` columns, `(cell_y * 4 + cell_x) * 8 +
        /// direction`; all zero where the samples are flat.
        describe(level: &[u16], width: usize, columns: &Samples, rows: &Samples) -> [i16; 128], patch::describe
    }

    kernel! {
        /// Bit `k` of the code: whether row `k` of the projection, dotted with the descriptor, exceeds
        /// `thresholds[k]`.
        project(descriptor: &[i16; 128], rows: &[[i16; 128]; 128], thresholds: &[i32; 128]) -> CodeWords,
        body::project
    }

    kernel! {
        /// The two nearest of `stored` for each of `queries`, appended to `found`. Distances above 128 mean
        /// that there was none.
        nearest_two(queries: &[CodeWords], stored: &[CodeWords], found: &mut Vec<Nearest>), body::nearest_two
    }

    kernel! {
        /// Distance of `query` to each of `stored`, appended to `found`.
        distances(query: CodeWords, stored: &[CodeWords], found: &mut Vec<u8>), body::distances
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

    fn blurred(kernel: FeatureKernel, plane: &[u16], width: usize) -> Vec<u16> {
        let mut blurred = vec![0; plane.len()];
        for (y, row) in blurred.chunks_exact_mut(width).enumerate() {
            kernel.blur_row(plane, width, y, &taps(), &mut Vec::new(), row);
        }
        blurred
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn builds_agree(seed: u64, width in 3usize..150, height in 1usize..20) {
            let plane: Vec<u16> = noise(seed, width * height).map(|v| (v % 256) as u16 * GREY).collect();
            let blur = |kernel: FeatureKernel| blurred(kernel, &plane, width);
            let row = |y: usize| &plane[y.min(height - 1) * width..][..width];
            let subtract = |kernel: FeatureKernel| {
                let mut difference = vec![0; width];
                kernel.subtract(row(0), row(1), &mut difference);
                difference
            };
            let samples = |length: usize| Samples {
                low: std::array::from_fn(|i| (i * 5 + seed as usize % 7) % length),
                share: std::array::from_fn(|i| i as f32 / SIDE as f32),
                inside: std::array::from_fn(|i| i % 11 != 0),
            };
            let describe =
                |kernel: FeatureKernel| kernel.describe(&plane, width, &samples(width), &samples(height));
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
            for fast in FeatureKernel::all().skip(1) {
                prop_assert_eq!(blur(fast), blur(FeatureKernel::SCALAR));
                prop_assert_eq!(subtract(fast), subtract(FeatureKernel::SCALAR));
                prop_assert_eq!(describe(fast), describe(FeatureKernel::SCALAR));
                prop_assert_eq!(mix(fast), mix(FeatureKernel::SCALAR));
                prop_assert_eq!(search(fast), search(FeatureKernel::SCALAR));
            }
        }

        #[test]
        fn blur_is_close_to_the_sum_it_stands_for(seed: u64, width in 1usize..40, height in 1usize..12) {
            let plane: Vec<u16> = noise(seed, width * height).map(|v| (v % 256) as u16 * GREY).collect();
            let blurred = blurred(FeatureKernel::detect(), &plane, width);
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
            }
        }

        #[test]
        fn extrema_are_beyond_all_neighbours(seed: u64, width in 1usize..90, peaks in 2u64..40) {
            let rows: Vec<Vec<i16>> = (0..9)
                .map(|row| noise(seed ^ row, width).map(|v| (v % peaks) as i16 - (peaks / 2) as i16).collect())
                .collect();
            let planes = [0, 3, 6].map(|plane| [&rows[plane][..], &rows[plane + 1], &rows[plane + 2]]);
            let expected: Vec<usize> = (1..width.max(2) - 1)
                .filter(|&x| {
                    let value = rows[4][x];
                    let around = |row: usize| (x - 1..=x + 1).filter(move |&at| (row, at) != (4, x));
                    let beyond = |exceeds: fn(i16, i16) -> bool| {
                        (0..9).all(|row| around(row).all(|at| exceeds(value, rows[row][at])))
                    };
                    (value >= 3 && beyond(|a, b| a > b)) || (value <= -3 && beyond(|a, b| a < b))
                })
                .collect();
            for kernel in FeatureKernel::all() {
                let mut found = Vec::new();
                kernel.extrema(&planes, 3, &mut found);
                prop_assert_eq!(&found, &expected);
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
