//! Body of the descriptor: samples around a keypoint to 4x4 cells of 8 gradient directions.
//!
//! The one body with floats: in a fixed order of sums, products, quotients and square roots, which every machine
//! rounds alike. The trap: no fused multiply-add and no other order of a sum; stored codes would change.

/// Samples per side; gradients are taken on the inner 16.
pub const SIDE: usize = 18;
const INNER: usize = 16;
/// [`SIDE`] rounded up to whole vectors.
const ROOM: usize = 24;
/// `exp(-u^2 / 8)` at a distance of `u = 1/8, 3/8, ...` cells from the centre.
const FADE: [f32; 8] =
    [0.998_048_8, 0.982_575_5, 0.952_344_8, 0.908_733_8, 0.853_676_4, 0.789_521_6, 0.718_867_6, 0.644_388_7];

/// Where the columns or the rows of samples fall between two pixels each.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// The pixels before; those after are the next, as far as there are any.
    pub low: [usize; SIDE],
    /// The share of the pixel after.
    pub share: [f32; SIDE],
    /// Whether the sample lies inside the picture.
    pub inside: [bool; SIDE],
}

#[inline(always)]
pub(super) fn describe(level: &[u16], width: usize, columns: &Samples, rows: &Samples) -> [i16; 128] {
    let patch = sample(level, width, columns, rows);
    let fades = |samples: &Samples| -> [f32; INNER] {
        std::array::from_fn(|i| if samples.inside[i + 1] { FADE[(2 * i).abs_diff(15) / 2] } else { 0.0 })
    };
    let (fades_x, fades_y) = (fades(columns), fades(rows));
    // By direction, then cell: one row of cells more on each side takes what falls outside; direction 8 is direction 0.
    let mut bins = [[0.0f32; 4 * 6]; 9];
    for (row, (cell_y, share_y)) in CELLS.into_iter().enumerate() {
        let (sizes, directions) = gradients(&patch, row, fades_y[row], &fades_x);
        let (upper, lower) = (sizes.map(|size| size * share_y), sizes.map(|size| size * (1.0 - share_y)));
        for i in 0..INNER {
            let direction = (directions[i] as usize).min(7);
            let next = directions[i] - direction as f32;
            let parts: [f32; 8] =
                std::array::from_fn(|k| if k < 4 { upper[i] } else { lower[i] } * ACROSS[i][k % 4]);
            for (bin, share) in [(direction, 1.0 - next), (direction + 1, next)] {
                let cells: &mut [f32; 8] =
                    bins[bin][4 * cell_y..].first_chunk_mut().expect("two rows of cells");
                for k in 0..8 {
                    cells[k] += parts[k] * share;
                }
            }
        }
    }
    let mut values = [0.0; 128];
    for (cell, into) in values.chunks_exact_mut(8).enumerate() {
        for (direction, into) in into.iter_mut().enumerate() {
            *into = bins[direction][cell + 4];
        }
        into[0] += bins[8][cell + 4];
    }
    normalise(&values)
}

/// The values at the samples, row by row.
#[inline(always)]
fn sample(level: &[u16], width: usize, columns: &Samples, rows: &Samples) -> [[f32; ROOM]; SIDE] {
    let last = level.len() / width - 1;
    let mut values = [[0.0; ROOM]; SIDE];
    for (y, values) in values.iter_mut().enumerate() {
        let row = |y: usize| &level[y * width..][..width];
        let above = sample_row(row(rows.low[y]), columns);
        let below = sample_row(row((rows.low[y] + 1).min(last)), columns);
        for i in 0..ROOM {
            values[i] = above[i] + rows.share[y] * (below[i] - above[i]);
        }
    }
    values
}

#[inline(always)]
fn sample_row(pixels: &[u16], columns: &Samples) -> [f32; ROOM] {
    let (mut before, mut after, mut share) = ([0u16; ROOM], [0u16; ROOM], [0.0; ROOM]);
    for i in 0..SIDE {
        let low = columns.low[i];
        (before[i], after[i]) = (pixels[low], pixels[(low + 1).min(pixels.len() - 1)]);
    }
    share[..SIDE].copy_from_slice(&columns.share);
    let mut values = [0.0; ROOM];
    for i in 0..ROOM {
        let (a, b) = (f32::from(before[i]), f32::from(after[i]));
        values[i] = a + share[i] * (b - a);
    }
    values
}

/// Weighted size and direction (0 to 8) of the gradients of one inner row.
#[inline(always)]
fn gradients(
    patch: &[[f32; ROOM]; SIDE],
    row: usize,
    fade: f32,
    fades: &[f32; INNER],
) -> ([f32; INNER], [f32; INNER]) {
    let (above, here, below) = (&patch[row], &patch[row + 1], &patch[row + 2]);
    let (mut sizes, mut directions) = ([0.0; INNER], [0.0; INNER]);
    for i in 0..INNER {
        let (dx, dy) = (here[i + 2] - here[i], below[i + 1] - above[i + 1]);
        sizes[i] = (dx * dx + dy * dy).sqrt() * fade * fades[i];
        directions[i] = eighths(dx, dy);
    }
    (sizes, directions)
}

/// Direction of a vector in eighths of a turn, 0 up to but not including 8.
#[inline(always)]
fn eighths(dx: f32, dy: f32) -> f32 {
    let (ax, ay) = (dx.abs(), dy.abs());
    let ratio = ax.min(ay) / ax.max(ay).max(1e-9);
    let s = ratio * ratio;
    // Odd polynomial for atan on [0, 1], scaled to eighths of a turn.
    let octant = ratio
        * (1.273_21 + s * (-0.423_51 + s * (0.246_43 + s * (-0.148_25 + s * (0.067_04 - s * 0.014_92)))));
    let quarter = if ay > ax { 2.0 - octant } else { octant };
    let half = if dx < 0.0 { 4.0 - quarter } else { quarter };
    if dy < 0.0 && half > 0.0 { 8.0 - half } else { half }
}

/// The two cells an inner row or column falls into, and its share in the first. Cell 0 and cell 5 lie outside.
const CELLS: [(usize, f32); INNER] = {
    let mut cells = [(0, 0.0); INNER];
    let mut i = 0;
    while i < INNER {
        // Positions are eighths of a cell: sample i lies at (2 i - 15) / 8 cells from the centre.
        let eighths = 2 * i + 5;
        cells[i] = (eighths / 8, 1.0 - (eighths % 8) as f32 / 8.0);
        i += 1;
    }
    cells
};

/// The shares of an inner column in the four cells across.
const ACROSS: [[f32; 4]; INNER] = {
    let mut across = [[0.0; 4]; INNER];
    let mut i = 0;
    while i < INNER {
        let (cell, share) = CELLS[i];
        if cell >= 1 {
            across[i][cell - 1] = share;
        }
        if cell < 4 {
            across[i][cell] = 1.0 - share;
        }
        i += 1;
    }
    across
};

/// Unit length, no value above 0.2, then square roots of shares (Arandjelovic and Zisserman, 2012) in 1/512.
#[inline(always)]
fn normalise(values: &[f32; 128]) -> [i16; 128] {
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length <= 0.0 {
        return [0; 128];
    }
    let clipped = values.map(|value| (value / length).min(0.2));
    let total: f32 = clipped.iter().sum();
    clipped.map(|value| ((value / total).sqrt() * 512.0 + 0.5).min(255.0) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn direction_is_the_angle(dx in -500.0f32..500.0, dy in -500.0f32..500.0) {
            prop_assume!(dx.abs() + dy.abs() > 1e-3);
            let angle = f64::from(dy).atan2(f64::from(dx)).rem_euclid(std::f64::consts::TAU);
            let error = (f64::from(eighths(dx, dy)) - angle * 4.0 / std::f64::consts::PI).abs();
            prop_assert!(error.min(8.0 - error) < 1e-3, "off by {}", error);
        }
    }
}
