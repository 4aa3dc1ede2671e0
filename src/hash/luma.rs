//! A grey picture in memory: the only form in which pixels travel between rooms.
//!
//! Luma is 0.299 R + 0.587 G + 0.114 B. Rounded to 8 bits it moves one hash in ten by a bit pair or two, so a
//! picture that came from RGB also carries what the rounding took, in 256ths of a level. Formats that store
//! luma itself (JPEG, grey PNG) have nothing to carry.

use super::Rect;
use super::kernel::tent::PixelRows;

/// 8-bit luma, row-major, no padding. `pixels.len() == width * height` always holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Luma {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    /// What rounding took, in 256ths of a level, plus [`FINE_ZERO`]; as many as pixels.
    fine: Option<Vec<u8>>,
}

/// The value in the fine plane that stands for "exactly the pixel's value".
pub(super) const FINE_ZERO: u8 = 128;

impl Luma {
    /// A picture from its rows; `None` when the number of pixels does not fit the size.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        (pixels.len() as u64 == u64::from(width) * u64::from(height)).then_some(Self {
            width,
            height,
            pixels,
            fine: None,
        })
    }

    /// A picture from interleaved RGB rows; `None` when the number of bytes does not fit the size. Costs one
    /// more byte per pixel than a grey picture.
    pub fn from_rgb(width: u32, height: u32, rgb: &[u8]) -> Option<Self> {
        if rgb.len() as u64 != u64::from(width) * u64::from(height) * 3 {
            return None;
        }
        let mut pixels = vec![0; rgb.len() / 3];
        let mut fine = pixels.clone();
        for ((pixel, fine), rgb) in pixels.iter_mut().zip(&mut fine).zip(rgb.chunks_exact(3)) {
            (*pixel, *fine) = split_luma(rgb[0], rgb[1], rgb[2]);
        }
        Some(Self { width, height, pixels, fine: Some(fine) })
    }

    /// Pixels per row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// One row.
    pub fn row(&self, y: u32) -> &[u8] {
        let width = self.width as usize;
        &self.pixels[y as usize * width..][..width]
    }

    /// The picture with dark and light exchanged, to a whole grey level.
    pub fn negative(&self) -> Self {
        let pixels = self.pixels().iter().map(|grey| 255 - grey).collect();
        Self::new(self.width, self.height, pixels).expect("as many pixels as before")
    }

    /// The picture turned: EXIF orientation, and queries in all orientations.
    pub fn turned(&self, turn: super::Dihedral) -> Self {
        let (width, height) =
            if turn.transposes() { (self.height, self.width) } else { (self.width, self.height) };
        let turn_plane = |plane: &Vec<u8>| {
            let mut out = Vec::with_capacity(plane.len());
            for y in 0..height {
                for x in 0..width {
                    let (x, y) = turn.source(x, y, width, height);
                    out.push(plane[y as usize * self.width as usize + x as usize]);
                }
            }
            out
        };
        Self { width, height, pixels: turn_plane(&self.pixels), fine: self.fine.as_ref().map(turn_plane) }
    }

    /// A part of the picture; `None` when the rectangle reaches outside or is empty.
    pub fn part(&self, rect: Rect) -> Option<Self> {
        self.planes(rect)?;
        let (width, stride) = (rect.width as usize, self.width as usize);
        let cut = |plane: &Vec<u8>| -> Vec<u8> {
            let rows = plane.chunks_exact(stride).skip(rect.y as usize).take(rect.height as usize);
            rows.flat_map(|row| &row[rect.x as usize..][..width]).copied().collect()
        };
        (rect.area() > 0).then(|| Self {
            width: rect.width,
            height: rect.height,
            pixels: cut(&self.pixels),
            fine: self.fine.as_ref().map(cut),
        })
    }

    /// The whole picture as a rectangle.
    pub fn bounds(&self) -> Rect {
        Rect { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// The rectangle's pixels, and its fine plane when there is one; `None` when it reaches outside.
    pub(super) fn planes(&self, rect: Rect) -> Option<(SamplePlane<'_>, Option<SamplePlane<'_>>)> {
        let inside = u64::from(rect.x) + u64::from(rect.width) <= u64::from(self.width)
            && u64::from(rect.y) + u64::from(rect.height) <= u64::from(self.height);
        let plane = |bytes| SamplePlane { bytes, stride: self.width as usize, rect };
        inside.then(|| (plane(&self.pixels[..]), self.fine.as_deref().map(plane)))
    }
}

impl std::fmt::Debug for Luma {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Luma({}x{})", self.width, self.height)
    }
}

/// Luma rounded to 8 bits, and the rest in 256ths plus [`FINE_ZERO`].
fn split_luma(r: u8, g: u8, b: u8) -> (u8, u8) {
    /// 0.299, 0.587 and 0.114 in units of 2^-24; together exactly 1, so that grey stays grey.
    const WEIGHTS: [u32; 3] = [5_016_388, 9_848_226, 1_912_602];
    let luma = WEIGHTS[0] * u32::from(r) + WEIGHTS[1] * u32::from(g) + WEIGHTS[2] * u32::from(b);
    let in_256ths = (luma + (1 << 15)) >> 16;
    let [pixel, fine] = ((in_256ths + u32::from(FINE_ZERO)) as u16).to_be_bytes();
    (pixel, fine)
}

/// Rows of a rectangle of 8-bit samples.
#[derive(Clone, Copy)]
pub(super) struct SamplePlane<'a> {
    bytes: &'a [u8],
    stride: usize,
    rect: Rect,
}

impl<'a> SamplePlane<'a> {
    /// Rows of interleaved RGB, a sample a column; `None` when the number of bytes does not fit the size.
    pub(super) fn of_rgb(width: u32, height: u32, rgb: &'a [u8]) -> Option<Self> {
        let row = width.checked_mul(3)?;
        let rect = Rect { x: 0, y: 0, width: row, height };
        (rgb.len() as u64 == u64::from(row) * u64::from(height)).then_some(Self {
            bytes: rgb,
            stride: row as usize,
            rect,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.rect.width as usize
    }

    /// Rows `y` to `y + height`.
    pub(super) fn rows(&self, y: usize, height: usize) -> PixelRows<'a> {
        let start = (self.rect.y as usize + y) * self.stride + self.rect.x as usize;
        PixelRows::new(&self.bytes[start..], self.stride, self.width(), height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Dihedral;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn fine_luma_is_within_a_256th(r: u8, g: u8, b: u8) {
            let (pixel, fine) = split_luma(r, g, b);
            let split = f64::from(pixel) + (f64::from(fine) - f64::from(FINE_ZERO)) / 256.0;
            let exact = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
            prop_assert!((split - exact).abs() <= 1.001 / 512.0, "{split} {exact}");
            prop_assert_eq!(split_luma(g, g, g), (g, FINE_ZERO));
        }

        #[test]
        fn turning_back_restores(width in 1_u32..9, height in 1_u32..9, turn in 0_usize..8) {
            let rgb: Vec<u8> = (0..width * height * 3).map(|k| (k * 37) as u8).collect();
            let luma = Luma::from_rgb(width, height, &rgb).unwrap();
            let turn = Dihedral::ALL[turn];
            prop_assert_eq!(luma.turned(turn).turned(turn.inverse()), luma);
        }
    }

    #[test]
    fn a_quarter_turn_is_counter_clockwise() {
        let luma = Luma::new(3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(luma.turned(Dihedral::Rot90).pixels(), [3, 6, 2, 5, 1, 4]);
        assert_eq!(luma.turned(Dihedral::FlipX).pixels(), [4, 5, 6, 1, 2, 3]);
        assert_eq!(luma.turned(Dihedral::FlipPlus1).pixels(), [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        assert!(Luma::new(3, 2, vec![0; 5]).is_none());
        assert!(Luma::from_rgb(1, 2, &[0; 5]).is_none());
        let luma = Luma::new(3, 2, vec![0; 6]).unwrap();
        assert!(luma.planes(Rect { x: 1, y: 0, width: 3, height: 2 }).is_none());
        assert!(luma.planes(Rect { x: u32::MAX, y: 0, width: 1, height: 2 }).is_none());
    }
}
