//! Inner loops of local features: Gaussian blur, extremum marks, code bits, nearest codes.
//!
//! Every kernel is one plain body in integer arithmetic, compiled once for any CPU and once more for AVX2: the
//! two are the same operations, so results are identical bit for bit on every machine. The trap: do not "improve"
//! a body with floats or with a second algorithm for one CPU; stored codes would no longer compare across
//! machines.

mod body;

/// Fixed-point units of one grey level in blurred planes. Two values below 255 levels must add up within `u16`,
/// with room for what rounding adds over many blurs.
pub const GREY: u16 = 120;

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
        /// Adds `weight` times a row of pixels to `sums`.
        add_weighted(row: &[u8], weight: u32, sums: &mut [u32])
    }

    kernel! {
        /// Blurs a plane of `width` columns with a symmetric kernel (`taps[0]` its centre, in 1/65536, all
        /// taps both sides adding up to 65536), edges clamped; writes the blurred plane and, in `difference`,
        /// blurred minus source. `scratch` is grown as needed.
        blur(
            source: &[u16],
            width: usize,
            taps: &[u16],
            scratch: &mut Vec<u16>,
            blurred: &mut [u16],
            difference: &mut [i16],
        )
    }

    kernel! {
        /// Marks (1, else 0) the columns whose value in the middle row of the middle plane is at least `floor`
        /// in size and not exceeded by its 26 neighbours towards its sign. `rows[plane][row]`; first and last
        /// column are never marked. `scratch` is grown as needed.
        mark_extrema(rows: &[[&[i16]; 3]; 3], floor: i16, scratch: &mut Vec<i16>, marks: &mut [u8])
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
        fn builds_agree(seed: u64, width in 3usize..70, height in 1usize..20) {
            let fast = FeatureKernel::detect();
            let plane: Vec<u16> = noise(seed, width * height).map(|v| (v % 256) as u16 * GREY).collect();
            let run = |kernel: FeatureKernel| {
                let (mut blurred, mut difference) = (vec![0; plane.len()], vec![0; plane.len()]);
                kernel.blur(&plane, width, &taps(), &mut Vec::new(), &mut blurred, &mut difference);
                let row = |y: usize| &difference[y.min(height - 1) * width..][..width];
                let rows = [[row(0), row(1), row(2)], [row(1), row(0), row(3)], [row(2), row(4), row(3)]];
                let mut marks = vec![9; width];
                kernel.mark_extrema(&rows, 100, &mut Vec::new(), &mut marks);
                (blurred, marks, difference.clone())
            };
            prop_assert_eq!(run(fast), run(FeatureKernel::SCALAR));
            let row: Vec<u8> = noise(seed, width).map(|v| v as u8).collect();
            let add = |kernel: FeatureKernel| {
                let mut sums = vec![7; width];
                kernel.add_weighted(&row, 16_384, &mut sums);
                sums
            };
            prop_assert_eq!(add(fast), row.iter().map(|&v| 7 + 16_384 * u32::from(v)).collect::<Vec<_>>());
            prop_assert_eq!(add(fast), add(FeatureKernel::SCALAR));
            let codes: Vec<CodeWords> =
                noise(seed, width).zip(noise(!seed, width)).map(|(a, b)| [a, b]).collect();
            let search = |kernel: FeatureKernel| {
                let (mut nearest, mut distances) = (Vec::new(), Vec::new());
                kernel.nearest_two(&codes, &codes[width / 2..], &mut nearest);
                kernel.distances(codes[0], &codes, &mut distances);
                (nearest, distances)
            };
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
        fn marks_are_extrema(seed: u64, width in 3usize..50) {
            let planes: Vec<Vec<i16>> =
                (0..9).map(|row| noise(seed ^ row, width).map(|v| (v % 41) as i16 - 20).collect()).collect();
            let rows: [[&[i16]; 3]; 3] =
                std::array::from_fn(|plane| std::array::from_fn(|row| planes[3 * plane + row].as_slice()));
            let mut marks = vec![7; width];
            FeatureKernel::detect().mark_extrema(&rows, 15, &mut Vec::new(), &mut marks);
            for x in 0..width {
                let value = rows[1][1][x];
                let around = || rows.iter().flatten().flat_map(|row| &row[x - 1..=x + 1]);
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
