//! The bodies of the feature kernels: safe, integer, written so that the compiler turns the inner loops into vector
//! code. They are inlined into every build of [`super::FeatureKernel`] and define what is written out for one;
//! nothing here is called directly.

use super::{CodeWords, GREY, Nearest, ONE, RUN};

/// High half of the product: a weight in 1/65536 applied to a value.
#[inline(always)]
fn weigh(value: u16, weight: u16) -> u16 {
    ((u32::from(value) * u32::from(weight)) >> 16) as u16
}

/// `into += weight * (left + right)`, element by element.
#[inline(always)]
fn add_pair(into: &mut [u16], left: &[u16], right: &[u16], weight: u16) {
    for ((sum, &a), &b) in into.iter_mut().zip(left).zip(right) {
        *sum = sum.wrapping_add(weigh(a.wrapping_add(b), weight));
    }
}

/// Two [`add_pair`]s in one sweep, which halves the traffic of the sums.
#[inline(always)]
fn add_two_pairs(into: &mut [u16], near: [&[u16]; 2], near_weight: u16, far: [&[u16]; 2], far_weight: u16) {
    let pairs = near[0].iter().zip(near[1]).zip(far[0].iter().zip(far[1]));
    for (sum, ((&a, &b), (&c, &d))) in into.iter_mut().zip(pairs) {
        let both = weigh(a.wrapping_add(b), near_weight).wrapping_add(weigh(c.wrapping_add(d), far_weight));
        *sum = sum.wrapping_add(both);
    }
}

/// Sum of `taps` over the slices that `at(offset)` yields, with half a unit per tap against truncation.
#[inline(always)]
pub(super) fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]) {
    let bias = taps.len().div_ceil(2) as u16;
    for (sum, &value) in into.iter_mut().zip(at(0)) {
        *sum = weigh(value, taps[0]) + bias;
    }
    for (pair, weights) in taps[1..].chunks(2).enumerate() {
        let k = 2 * pair as isize + 1;
        match *weights {
            [near, far] => {
                add_two_pairs(into, [at(-k), at(k)], near, [at(-k - 1), at(k + 1)], far);
            }
            [last] => add_pair(into, at(-k), at(k), last),
            _ => {}
        }
    }
}

/// Columns summed at once.
const COLUMNS: usize = 32;

#[inline(always)]
pub(super) fn mix_rows(rows: &[(&[u8], i16)], into: &mut [i16]) {
    let grey = |sum: i32| ((sum * i32::from(GREY / 2)) >> (ONE.ilog2() - 1)) as i16;
    let whole = into.len() - into.len() % COLUMNS;
    for start in (0..whole).step_by(COLUMNS) {
        let mut sums = [0i32; COLUMNS];
        for (row, weight) in rows {
            let row = &row[start..][..COLUMNS];
            for i in 0..COLUMNS {
                sums[i] += i32::from(row[i]) * i32::from(*weight);
            }
        }
        let into = &mut into[start..][..COLUMNS];
        for i in 0..COLUMNS {
            into[i] = grey(sums[i]);
        }
    }
    for (x, into) in into.iter_mut().enumerate().skip(whole) {
        *into = grey(rows.iter().map(|(row, weight)| i32::from(row[x]) * i32::from(*weight)).sum());
    }
}

#[inline(always)]
pub(super) fn mix_runs(values: &[i16], starts: &[usize], weights: &[i16], into: &mut [u16]) {
    let taps = weights.len() / starts.len().max(1);
    for ((&start, weights), into) in starts.iter().zip(weights.chunks_exact(taps.max(1))).zip(into) {
        let (weights, _) = weights.as_chunks::<RUN>();
        let (values, _) = values[start..][..taps].as_chunks::<RUN>();
        let mut sums = [0i32; RUN];
        for (weights, values) in weights.iter().zip(values) {
            for i in 0..RUN {
                sums[i] += i32::from(weights[i]) * i32::from(values[i]);
            }
        }
        *into = (sums.iter().sum::<i32>() >> ONE.ilog2()) as u16;
    }
}

/// A way to sum taps over the slices that `at(offset)` yields.
pub(super) trait Convolve {
    fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]);
}

/// The way for any CPU.
pub(super) struct Plain;

impl Convolve for Plain {
    #[inline(always)]
    fn convolve<'a>(into: &mut [u16], taps: &[u16], at: impl Fn(isize) -> &'a [u16]) {
        convolve(into, taps, at);
    }
}

#[inline(always)]
pub(super) fn blur_row<C: Convolve>(
    source: &[u16],
    width: usize,
    y: usize,
    taps: &[u16],
    scratch: &mut Vec<u16>,
    blurred: &mut [u16],
) {
    let (height, radius) = (source.len() / width, taps.len() - 1);
    scratch.resize(scratch.len().max(width + 2 * radius), 0);
    let padded = &mut scratch[..width + 2 * radius];
    let row = |offset: isize| {
        let y = (y as isize + offset).clamp(0, height as isize - 1) as usize;
        &source[y * width..][..width]
    };
    C::convolve(&mut padded[radius..][..width], taps, row);
    let (first, last) = (padded[radius], padded[radius + width - 1]);
    padded[..radius].fill(first);
    padded[radius + width..].fill(last);
    let padded = &*padded;
    C::convolve(blurred, taps, |offset| &padded[(radius as isize + offset) as usize..][..width]);
}

#[inline(always)]
pub(super) fn subtract(from: &[u16], value: &[u16], into: &mut [i16]) {
    for ((into, &from), &value) in into.iter_mut().zip(from).zip(value) {
        *into = from.wrapping_sub(value).cast_signed();
    }
}

#[inline(always)]
pub(super) fn extrema(planes: &[[&[i16]; 3]; 3], floor: i16, found: &mut Vec<usize>) {
    let [above, here, below] = planes[1];
    for (x, around) in here.windows(3).enumerate() {
        let centre = around[1];
        if (-floor < centre && centre < floor) || !beyond(centre, [around[0], around[2]]) {
            continue;
        }
        let rows = [above, below].into_iter().chain(planes[0]).chain(planes[2]);
        if rows.into_iter().all(|row| beyond(centre, [row[x], row[x + 1], row[x + 2]])) {
            found.push(x + 1);
        }
    }
}

/// Does the value, which is not zero, exceed all others in its direction?
#[inline(always)]
fn beyond<const N: usize>(value: i16, others: [i16; N]) -> bool {
    others.into_iter().all(|other| if value > 0 { other < value } else { other > value })
}

#[inline(always)]
pub(super) fn project(
    descriptor: &[i16; 128],
    rows: &[[i16; 128]; 128],
    thresholds: &[i32; 128],
) -> CodeWords {
    let mut code = [0; 2];
    for (k, (row, &threshold)) in rows.iter().zip(thresholds).enumerate() {
        let sum: i32 = row.iter().zip(descriptor).map(|(&w, &v)| i32::from(w) * i32::from(v)).sum();
        code[k / 64] |= u64::from(sum > threshold) << (k % 64);
    }
    code
}

#[inline(always)]
fn distance(a: CodeWords, b: CodeWords) -> u32 {
    (a[0] ^ b[0]).count_ones() + (a[1] ^ b[1]).count_ones()
}

#[inline(always)]
pub(super) fn nearest_two(queries: &[CodeWords], stored: &[CodeWords], found: &mut Vec<Nearest>) {
    const NONE: u32 = 255 << 24;
    for &query in queries {
        // Distance and row in one word, so that the smallest is the nearest and, of equals, the lowest row.
        let (mut first, mut second) = (NONE, NONE);
        for (row, &code) in stored.iter().enumerate() {
            let packed = distance(query, code) << 24 | row as u32;
            second = second.min(first.max(packed));
            first = first.min(packed);
        }
        let unpack = |packed: u32| (packed >> 24, packed & 0x00ff_ffff);
        found.push(Nearest { first: unpack(first), second: unpack(second) });
    }
}

#[inline(always)]
pub(super) fn distances(query: CodeWords, stored: &[CodeWords], found: &mut Vec<u8>) {
    found.extend(stored.iter().map(|&code| distance(query, code) as u8));
}
