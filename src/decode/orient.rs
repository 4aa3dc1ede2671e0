//! The eight EXIF orientations, applied to rows of one or three bytes a pixel.
//!
//! EXIF numbers say where the *stored* first row and column belong: 6 means "turn a quarter clockwise to see it
//! upright". Flips and the half turn work in place; the four that swap the sides write into one new buffer, so
//! an upright picture costs nothing.

use image::metadata::Orientation;

/// Pixels of `N` bytes, row-major, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid<const N: usize> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
}

impl<const N: usize> Grid<N> {
    /// The picture as a viewer shows it.
    pub(super) fn upright(mut self, orientation: Orientation) -> Self {
        match orientation {
            Orientation::NoTransforms => self,
            Orientation::Rotate180 => {
                reverse::<N>(&mut self.pixels);
                self
            }
            Orientation::FlipHorizontal => {
                self.pixels.chunks_exact_mut(self.width as usize * N).for_each(reverse::<N>);
                self
            }
            Orientation::FlipVertical => {
                self.flip_rows();
                self
            }
            Orientation::Rotate90FlipH => self.turned(false, false),
            Orientation::Rotate90 => self.turned(true, false),
            Orientation::Rotate270FlipH => self.turned(true, true),
            Orientation::Rotate270 => self.turned(false, true),
        }
    }

    fn flip_rows(&mut self) {
        let stride = self.width as usize * N;
        let (top, bottom) = self.pixels.split_at_mut(self.height as usize / 2 * stride);
        for (upper, lower) in top.chunks_exact_mut(stride).zip(bottom.rchunks_exact_mut(stride)) {
            upper.swap_with_slice(lower);
        }
    }

    /// Rows become columns. `from_bottom`: an output row starts at the stored bottom; `from_right`: the first
    /// output row is the stored right edge. Goes by square tiles, because either side of a transposition
    /// jumps a whole row per pixel and a tile keeps those rows in cache.
    fn turned(&self, from_bottom: bool, from_right: bool) -> Self {
        const TILE: usize = 32;
        let (width, height) = (self.width as usize, self.height as usize);
        let mut pixels = vec![0; self.pixels.len()];
        for top in (0..height).step_by(TILE) {
            for left in (0..width).step_by(TILE) {
                for y in top..height.min(top + TILE) {
                    let column = if from_bottom { height - 1 - y } else { y };
                    for x in left..width.min(left + TILE) {
                        let row = if from_right { width - 1 - x } else { x };
                        let (to, from) = ((row * height + column) * N, (y * width + x) * N);
                        pixels[to..to + N].copy_from_slice(&self.pixels[from..from + N]);
                    }
                }
            }
        }
        Self { width: self.height, height: self.width, pixels }
    }
}

fn reverse<const N: usize>(pixels: &mut [u8]) {
    pixels.reverse();
    if N > 1 {
        pixels.chunks_exact_mut(N).for_each(<[u8]>::reverse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a stored pixel is seen, straight from the EXIF table.
    fn seen_at(exif: u8, (x, y): (u32, u32), (width, height): (u32, u32)) -> (u32, u32) {
        match exif {
            1 => (x, y),
            2 => (width - 1 - x, y),
            3 => (width - 1 - x, height - 1 - y),
            4 => (x, height - 1 - y),
            5 => (y, x),
            6 => (height - 1 - y, x),
            7 => (height - 1 - y, width - 1 - x),
            _ => (y, width - 1 - x),
        }
    }

    fn check<const N: usize>(width: u32, height: u32) {
        let pixels: Vec<u8> = (0..width * height * N as u32).map(|i| (i * 37 % 251) as u8).collect();
        let stored = Grid::<N> { width, height, pixels };
        for exif in 1..=8 {
            let upright = stored.clone().upright(Orientation::from_exif(exif).expect("1 to 8"));
            for y in 0..height {
                for x in 0..width {
                    let (to_x, to_y) = seen_at(exif, (x, y), (width, height));
                    let from = ((y * width + x) as usize) * N;
                    let to = ((to_y * upright.width + to_x) as usize) * N;
                    assert_eq!(
                        upright.pixels[to..to + N],
                        stored.pixels[from..from + N],
                        "{exif} at {x},{y}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_pixel_goes_where_the_exif_table_says() {
        for (width, height) in [(1, 1), (1, 7), (7, 1), (3, 5), (40, 33), (64, 65)] {
            check::<1>(width, height);
            check::<3>(width, height);
        }
    }
}
