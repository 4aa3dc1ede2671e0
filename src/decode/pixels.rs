//! From what decoders deliver (1 to 4 channels of 8 or 16 bits or floats) to 8-bit grey or RGB.
//!
//! The rules, once: 16-bit samples are scaled, round(v / 257), never cut to one byte; floats are 0 to 1; alpha is
//! laid over white, as a page shows it; luma is round(0.299 R + 0.587 G + 0.114 B), ties up, in integers.
//! The trap: transparent pixels carry hidden colours, so alpha comes before luma.

use image::ColorType;

use super::orient::Grid;
#[cfg(feature = "avif")]
use crate::error::{ImageError, SkipReason};

/// What the caller needs: colour is three times the memory, and hashing wants grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Luma,
    Colour,
}

impl Want {
    /// Bytes a pixel of the result.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::Luma => 1,
            Self::Colour => 3,
        }
    }
}

/// Grey stays grey, whatever was wanted.
#[derive(Debug)]
pub(super) enum PixelGrid {
    Grey(Grid<1>),
    Colour(Grid<3>),
}

/// Level of rows that are missing in a cut file: what browsers show, and flat, so that a content box trims it.
pub(super) const MISSING: u8 = 128;

impl PixelGrid {
    /// Paints the rows that the decoder never reached.
    pub(super) fn blank_missing(&mut self, decoded: &[bool]) {
        let (pixels, stride) = match self {
            Self::Grey(grid) => (&mut grid.pixels, grid.width as usize),
            Self::Colour(grid) => (&mut grid.pixels, grid.width as usize * 3),
        };
        for (row, _) in pixels.chunks_exact_mut(stride).zip(decoded).filter(|(_, decoded)| !**decoded) {
            row.fill(MISSING);
        }
    }

    /// As wanted: colour becomes luma where luma is all that is asked for.
    pub(super) fn reduced(self, want: Want) -> Self {
        match (self, want) {
            (Self::Colour(Grid { width, height, pixels }), Want::Luma) => {
                let pixels = map::<3, 1>(&pixels, |rgb| [luma(rgb)]);
                Self::Grey(Grid { width, height, pixels })
            }
            (plane, _) => plane,
        }
    }
}

/// round(0.299 R + 0.587 G + 0.114 B), ties up; exact.
pub(super) fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000) as u8
}

/// Pixels of the `image` crate (native byte order) as grey or colour; `None` for a layout it does not have.
pub(super) fn plane(
    (width, height): (u32, u32),
    color: ColorType,
    bytes: Vec<u8>,
    want: Want,
) -> Option<PixelGrid> {
    let grey = |pixels| PixelGrid::Grey(Grid { width, height, pixels });
    let colour = |pixels| PixelGrid::Colour(Grid { width, height, pixels }).reduced(want);
    Some(match (color, want) {
        (ColorType::L8, _) => grey(bytes),
        (ColorType::Rgb8, _) => colour(bytes),
        (ColorType::La8, _) => grey(map::<2, 1>(&bytes, |[v, a]| [over_white(v, a)])),
        (ColorType::L16, _) => grey(map::<2, 1>(&bytes, |v| [to_8(v)])),
        (ColorType::La16, _) => {
            grey(map::<4, 1>(&bytes, |[v, w, a, b]| [over_white(to_8([v, w]), to_8([a, b]))]))
        }
        // Straight to luma where that is enough: transparent pictures are large and common.
        (ColorType::Rgba8, Want::Luma) => grey(map::<4, 1>(&bytes, |pixel| [luma(flat(pixel))])),
        (ColorType::Rgba8, Want::Colour) => colour(map::<4, 3>(&bytes, flat)),
        (ColorType::Rgb16, _) => colour(map::<2, 1>(&bytes, |v| [to_8(v)])),
        (ColorType::Rgba16, _) => colour(map::<8, 3>(&bytes, |[r, s, g, h, b, c, a, d]| {
            flat([to_8([r, s]), to_8([g, h]), to_8([b, c]), to_8([a, d])])
        })),
        (ColorType::Rgb32F, _) => colour(map::<4, 1>(&bytes, |v| [from_float(v)])),
        (ColorType::Rgba32F, _) => {
            let bytes = map::<4, 1>(&bytes, |v| [from_float(v)]);
            colour(map::<4, 3>(&bytes, flat))
        }
        _ => return None,
    })
}

fn map<const FROM: usize, const TO: usize>(bytes: &[u8], pixel: impl Fn([u8; FROM]) -> [u8; TO]) -> Vec<u8> {
    let (pixels, _) = bytes.as_chunks::<FROM>();
    let mut out = vec![0; pixels.len() * TO];
    for (to, from) in out.as_chunks_mut::<TO>().0.iter_mut().zip(pixels) {
        *to = pixel(*from);
    }
    out
}

fn flat([r, g, b, a]: [u8; 4]) -> [u8; 3] {
    [over_white(r, a), over_white(g, a), over_white(b, a)]
}

/// Lays colours over white by an alpha plane of their own.
///
/// # Errors
/// `MALFORMED` when alpha has another size.
#[cfg(feature = "avif")]
pub(super) fn lay_over_white(
    colours: &mut PixelGrid,
    alpha: &Grid<1>,
    premultiplied: bool,
) -> Result<(), ImageError> {
    let (pixels, size, bytes) = match colours {
        PixelGrid::Grey(grid) => (&mut grid.pixels, (grid.width, grid.height), 1),
        PixelGrid::Colour(grid) => (&mut grid.pixels, (grid.width, grid.height), 3),
    };
    if size != (alpha.width, alpha.height) {
        return Err(ImageError::new(SkipReason::Malformed, "alpha has another size than its picture"));
    }
    for (pixel, &alpha) in pixels.chunks_exact_mut(bytes).zip(&alpha.pixels) {
        for level in pixel {
            *level =
                if premultiplied { level.saturating_add(255 - alpha) } else { over_white(*level, alpha) };
        }
    }
    Ok(())
}

/// round((v a + 255 (255 - a)) / 255).
fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

fn to_8(sample: [u8; 2]) -> u8 {
    ((u32::from(u16::from_ne_bytes(sample)) + 128) / 257) as u8
}

/// NaN becomes 0: a float to integer cast saturates.
fn from_float(sample: [u8; 4]) -> u8 {
    (f32::from_ne_bytes(sample) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_exact_over_the_whole_range() {
        for value in 0..=u16::MAX {
            assert_eq!(to_8(value.to_ne_bytes()), (f64::from(value) / 257.0).round() as u8, "{value}");
        }
        for value in 0..=255_u8 {
            assert_eq!(luma([value; 3]), value);
            for alpha in 0..=255_u8 {
                let exact = (f64::from(value) * f64::from(alpha) / 255.0) + 255.0 - f64::from(alpha);
                assert_eq!(over_white(value, alpha), exact.round() as u8, "{value} at {alpha}");
            }
        }
    }

    #[test]
    fn hidden_colour_under_transparency_is_white() {
        let hidden = vec![10, 200, 30, 0, 10, 200, 30, 255];
        let Some(PixelGrid::Grey(grey)) = plane((2, 1), ColorType::Rgba8, hidden, Want::Luma) else {
            panic!("RGBA reduces to grey")
        };
        assert_eq!(grey.pixels, [255, luma([10, 200, 30])]);
    }
}
