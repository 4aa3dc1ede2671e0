//! What posters do to a photo before they upload it.
//!
//! `needs` says what a matcher must be able to do: `pdq` is PDQ of the whole picture in eight orientations at
//! distance 31, `content-box` is PDQ of the picture without its uniform border.

use super::lettering::{self, Ink};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

#[derive(Clone, Copy)]
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    pub(crate) family: &'static str,
    /// Width of a border left and right, and above and below, in percent of the photo.
    pub(crate) border: (u32, u32),
    apply: fn(&RgbImage) -> RgbImage,
}

impl Edit {
    pub(crate) fn apply(&self, photo: &RgbImage) -> RgbImage {
        (self.apply)(photo)
    }

    pub(crate) fn needs(&self) -> &'static str {
        if self.border == (0, 0) { "pdq" } else { "content-box" }
    }
}

/// The upload as it is: only the site's own re-encoding follows.
pub(crate) const AS_IS: Edit =
    Edit { name: "as_is", family: "recompress", border: (0, 0), apply: |photo| photo.clone() };

const RESIZED: Edit = Edit { family: "resize", ..AS_IS };
const TURNED: Edit = Edit { family: "orientation", ..AS_IS };
const TONED: Edit = Edit { family: "tone", ..AS_IS };
const FRAMED: Edit = Edit { family: "border", ..AS_IS };

pub(crate) const COMMON: [Edit; 11] = [
    AS_IS,
    Edit { name: "resize_75", apply: |photo| resized(photo, 75), ..RESIZED },
    Edit { name: "resize_50", apply: |photo| resized(photo, 50), ..RESIZED },
    Edit { name: "resize_130", apply: |photo| resized(photo, 130), ..RESIZED },
    Edit { name: "own_watermark", family: "watermark", apply: watermarked, ..AS_IS },
    Edit { name: "mirror", apply: imageops::flip_horizontal, ..TURNED },
    Edit { name: "quarter_turn", apply: imageops::rotate90, ..TURNED },
    Edit { name: "half_turn", apply: imageops::rotate180, ..TURNED },
    Edit { name: "brighter", apply: |photo| toned(photo, 290, 12), ..TONED },
    Edit { name: "darker", apply: |photo| toned(photo, 205, -4), ..TONED },
    Edit {
        name: "mirror_watermark",
        family: "combo",
        apply: |photo| watermarked(&imageops::flip_horizontal(photo)),
        ..AS_IS
    },
];

pub(crate) const BORDERED: [Edit; 3] = [
    Edit { name: "frame_white_8", border: (8, 8), apply: |photo| framed(photo, (8, 8), 255), ..FRAMED },
    Edit { name: "bars_black_12", border: (0, 12), apply: |photo| framed(photo, (0, 12), 0), ..FRAMED },
    Edit { name: "sides_grey_15", border: (15, 0), apply: |photo| framed(photo, (15, 0), 225), ..FRAMED },
];

fn resized(photo: &RgbImage, percent: u32) -> RgbImage {
    let side = |n: u32| (n * percent).div_ceil(100);
    imageops::resize(photo, side(photo.width()), side(photo.height()), FilterType::Triangle)
}

fn watermarked(photo: &RgbImage) -> RgbImage {
    let mut marked = photo.clone();
    let scale = photo.height() / 260 + 1;
    let place = (photo.width() / 20, photo.height() - 12 * scale);
    lettering::write(&mut marked, "CALL 555-0100", place, scale, Ink { colour: [255, 255, 255], cover: 200 });
    marked
}

/// Contrast in 256ths about the middle, then an offset.
fn toned(photo: &RgbImage, contrast: i32, offset: i32) -> RgbImage {
    let mut toned = photo.clone();
    for Rgb(pixel) in toned.pixels_mut() {
        *pixel = pixel.map(|v| (128 + (i32::from(v) - 128) * contrast / 256 + offset).clamp(0, 255) as u8);
    }
    toned
}

/// A border of so many percent of the width left and right, and of the height above and below.
fn framed(photo: &RgbImage, (across, down): (u32, u32), grey: u8) -> RgbImage {
    let (left, top) = (photo.width() * across / 100, photo.height() * down / 100);
    let mut sheet =
        RgbImage::from_pixel(photo.width() + 2 * left, photo.height() + 2 * top, Rgb([grey, grey, grey]));
    imageops::replace(&mut sheet, photo, i64::from(left), i64::from(top));
    sheet
}
