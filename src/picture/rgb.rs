//! Colour pixels in memory, how they leave as PNG and JPEG, and what is taken from them before someone looks.
//!
//! The trap: a blur can be undone in part, a reduction cannot. [`Rgb::blurred`] therefore goes through a picture of
//! [`BLURRED_SIDE`] pixels, and nothing finer than that is left in what it gives.

use crate::decode::DecodedPicture;
use crate::hash::{Dihedral, Luma};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use std::io;

/// Longest side, in pixels, of what is left of a blurred picture.
pub const BLURRED_SIDE: u32 = 20;

/// Red, green, blue; row by row, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Rgb {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
}

impl From<DecodedPicture> for Rgb {
    fn from(picture: DecodedPicture) -> Self {
        match picture {
            DecodedPicture::Rgb { width, height, pixels } => Self { width, height, pixels },
            DecodedPicture::Grey(luma) => Self {
                width: luma.width(),
                height: luma.height(),
                pixels: luma.pixels().iter().flat_map(|&value| [value; 3]).collect(),
            },
        }
    }
}

impl Rgb {
    /// A picture from its rows; `None` when the number of bytes does not fit the size.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let bytes = u64::from(width) * u64::from(height) * 3;
        (pixels.len() as u64 == bytes).then_some(Self { width, height, pixels })
    }

    /// A picture of one colour.
    pub(super) fn flat(width: u32, height: u32, colour: [u8; 3]) -> Self {
        let pixels = colour.repeat(width as usize * height as usize);
        Self { width, height, pixels }
    }

    /// Pixels per row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All bytes, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub(super) fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let start = 3 * (y as usize * self.width as usize + x as usize);
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }

    pub(super) fn set(&mut self, x: u32, y: u32, colour: [u8; 3]) {
        let start = 3 * (y as usize * self.width as usize + x as usize);
        self.pixels[start..start + 3].copy_from_slice(&colour);
    }

    /// Its luma.
    pub fn luma(&self) -> Luma {
        Luma::from_rgb(self.width, self.height, &self.pixels).expect("three bytes a pixel")
    }

    /// Without colour.
    #[must_use]
    pub fn grey(self) -> Self {
        DecodedPicture::Grey(self.luma()).into()
    }

    /// Turned or mirrored.
    #[must_use]
    pub fn turned(&self, turn: Dihedral) -> Self {
        let (width, height) =
            if turn.transposes() { (self.height, self.width) } else { (self.width, self.height) };
        let mut turned = Self::flat(width, height, [0; 3]);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let (from_x, from_y) = turn.source(x, y, width, height);
            turned.set(x, y, self.at(from_x, from_y));
        }
        turned
    }

    /// With its longest side at most `longest`; never enlarged.
    #[must_use]
    pub fn reduced(&self, longest: u32) -> Self {
        let (width, height) = crate::features::plane::reduced_size(self.width, self.height, longest.max(1));
        if (width, height) == (self.width, self.height) { self.clone() } else { self.resized(width, height) }
    }

    /// So that a reader sees colours and masses, and no face. At most [`BLURRED_SIDE`] squared pixels are left.
    #[must_use]
    pub fn blurred(&self) -> Self {
        self.reduced(BLURRED_SIDE).resized(self.width, self.height)
    }

    fn resized(&self, width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let whole = RgbImage::from_raw(self.width, self.height, self.pixels.clone());
        let resized = resize(&whole.expect("three bytes a pixel"), width, height, FilterType::Triangle);
        Self { width, height, pixels: resized.into_raw() }
    }

    /// As PNG, with `text` (keyword of 1 to 79 Latin-1 characters, value) in its metadata. Deterministic.
    ///
    /// # Errors
    /// When the picture has no pixels, or a keyword is none.
    pub fn png(&self, text: &[(&str, String)]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        for (keyword, value) in text {
            encoder.add_itxt_chunk((*keyword).to_string(), value.clone())?;
        }
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }

    /// As baseline JPEG of this quality, 1 to 100, without metadata. Deterministic.
    ///
    /// # Errors
    /// When the picture has no pixels, or a side over 65,535.
    pub fn jpeg(&self, quality: u8) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100))
            .write_image(&self.pixels, self.width, self.height, ExtendedColorType::Rgb8)
            .map_err(io::Error::other)?;
        Ok(bytes)
    }
}

impl std::fmt::Debug for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rgb({}x{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_turned_is_turned_back_by_the_inverse() {
        let picture = Rgb::new(3, 2, (0..18).collect()).expect("three bytes a pixel");
        for turn in Dihedral::ALL {
            let turned = picture.turned(turn);
            assert_eq!(turned == picture, turn == Dihedral::None, "{turn}");
            assert!(turned.turned(turn.inverse()) == picture, "{turn}");
        }
        let mirrored = picture.turned(Dihedral::FlipY);
        assert_eq!((mirrored.at(0, 0), mirrored.at(2, 1)), (picture.at(2, 0), picture.at(0, 1)));
    }
}
