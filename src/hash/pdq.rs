//! PDQ from luma, in the reference's own order of f32 operations: slow, obvious, and the oracle of faster forms.

use super::{Hash256, Luma, Pdq, Quality};

const SIDE: usize = 64;

/// PDQ of a picture in all orientations. Pictures under 5 pixels on a side hash to zero with quality 0.
pub fn pdq(luma: &Luma) -> Pdq {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    if width < 5 || height < 5 {
        return Pdq::from_base([Hash256::default(); 4], Quality::default());
    }
    let mut plane: Vec<f32> = luma.pixels().iter().map(|&value| f32::from(value)).collect();
    if (width, height) != (SIDE, SIDE) {
        let (wide, high) = (width.div_ceil(128), height.div_ceil(128));
        for _ in 0..2 {
            for row in plane.chunks_exact_mut(width) {
                let source = row.to_vec();
                box_filter(&source, wide, |i, value| row[i] = value);
            }
            for x in 0..width {
                let source: Vec<f32> = (0..height).map(|y| plane[y * width + x]).collect();
                box_filter(&source, high, |y, value| plane[y * width + x] = value);
            }
        }
    }
    let at = |i: usize, n: usize| ((i as f64 + 0.5) * n as f64 / SIDE as f64) as usize;
    let buffer: Vec<f32> =
        (0..SIDE * SIDE).map(|k| plane[at(k / SIDE, height) * width + at(k % SIDE, width)]).collect();
    let block = dct(&buffer);
    Pdq::from_base(
        [
            bits(&block, |_, _| false),
            bits(&block, |i, _| i % 2 == 0),
            bits(&block, |_, j| j % 2 == 0),
            bits(&block, |i, j| (i + j) % 2 == 1),
        ],
        quality(&buffer),
    )
}

/// Running box mean; even windows reach one further forward; at the edges the mean of what is there.
fn box_filter(source: &[f32], window: usize, mut put: impl FnMut(usize, f32)) {
    let ahead = (window + 2) / 2;
    let behind = window - ahead;
    let (mut sum, mut count) = (0.0_f32, 0_usize);
    for &value in &source[..(ahead - 1).min(source.len())] {
        sum += value;
        count += 1;
    }
    for i in 0..source.len() {
        if let Some(&entering) = source.get(i + ahead - 1) {
            sum += entering;
            count += 1;
        }
        if i > behind {
            sum -= source[i - behind - 1];
            count -= 1;
        }
        put(i, sum / count as f32);
    }
}

fn dct(buffer: &[f32]) -> [f32; 256] {
    let cosine = |i: usize, j: usize| {
        (2.0_f64 / 64.0).sqrt()
            * (std::f64::consts::PI / 128.0 * (i as f64 + 1.0) * (2.0 * j as f64 + 1.0)).cos()
    };
    let mut half = [0.0_f64; 16 * SIDE];
    for i in 0..16 {
        for column in 0..SIDE {
            half[i * SIDE + column] =
                (0..SIDE).map(|k| cosine(i, k) * f64::from(buffer[k * SIDE + column])).sum();
        }
    }
    std::array::from_fn(|k| {
        let (i, j) = (k / 16, k % 16);
        (0..SIDE).map(|column| half[i * SIDE + column] * cosine(j, column)).sum::<f64>() as f32
    })
}

fn bits(block: &[f32; 256], negate: impl Fn(usize, usize) -> bool) -> Hash256 {
    let values: [f32; 256] =
        std::array::from_fn(|k| if negate(k / 16, k % 16) { -block[k] } else { block[k] });
    let mut sorted = values;
    sorted.sort_by(f32::total_cmp);
    let mut words = [0_u64; 4];
    for (k, value) in values.iter().enumerate() {
        words[k / 64] |= u64::from(*value > sorted[127]) << (k % 64);
    }
    Hash256::from_words(words)
}

fn quality(buffer: &[f32]) -> Quality {
    let step = |u: f32, v: f32| (((u - v) * 100.0) / 255.0) as i32;
    let mut sum = 0;
    for y in 0..SIDE {
        for x in 0..SIDE {
            if y + 1 < SIDE {
                sum += step(buffer[y * SIDE + x], buffer[(y + 1) * SIDE + x]).abs();
            }
            if x + 1 < SIDE {
                sum += step(buffer[y * SIDE + x], buffer[y * SIDE + x + 1]).abs();
            }
        }
    }
    Quality::new((sum / 90).min(100) as u8)
}
