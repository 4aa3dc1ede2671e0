//! What posters do to a photo before they upload it.
//!
//! `needs` says what a matcher must be able to do: `pdq` is PDQ of the whole picture in eight orientations at
//! distance 31, `content-box` is PDQ of the picture without its uniform border.

use super::lettering::{self, Ink};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

pub(crate) struct Edit {
    pub(crate) name: &'static str,
    pub(crate) family: &'static str,
    pub(crate) needs: &'static str,
    apply: fn(&RgbImage) -> RgbImage,
}

impl Edit {
    pub(crate) fn apply(&self, photo: &RgbImage) -> RgbImage {
        (self.apply)(photo)
    }
}

/// The upload as it is: only the site's own re-encoding follows.
pub(crate) const AS_IS: Edit =
    Edit { name: "as_is", family: "recompress", needs: "pdq", apply: |photo| photo.clone() };

pub(crate) const COMMON: [Edit; 11] = [
    AS_IS,
    Edit { name: "resize_75", family: "resize", needs: "pdq", apply: |photo| resized(photo, 75) },
    Edit { name: "resize_50", family: "resize", needs: "pdq", apply: |photo| resized(photo, 50) },
    Edit { name: "resize_130", family: "resize", needs: "pdq", apply: |photo| resized(photo, 130) },
    Edit { name: "own_watermark", family: "watermark", needs: "pdq", apply: watermarked },
    Edit { name: "mirror", family: "orientation", needs: "pdq", apply: imageops::flip_horizontal },
    Edit { name: "quarter_turn", family: "orientation", needs: "pdq", apply: imageops::rotate90 },
    Edit { name: "half_turn", family: "orientation", needs: "pdq", apply: imageops::rotate180 },
    Edit { name: "brighter", family: "tone", needs: "pdq", apply: |photo| toned(photo, 290, 12) },
    Edit { name: "darker", family: "tone", needs: "pdq", apply: |photo| toned(photo, 205, -4) },
    Edit {
        name: "mirror_watermark",
        family: "combo",
        needs: "pdq",
        apply: |photo| watermarked(&imageops::flip_horizontal(photo)),
    },
];

pub(crate) const BORDERED: [Edit; 3] = [
    Edit {
        name: "frame_white_8",
        family: "border",
        needs: "content-box",
        apply: |photo| framed(photo, 8, 8, 255),
    },
    Edit {
        name: "bars_black_12",
        family: "border",
        needs: "content-box",
        apply: |photo| framed(photo, 0, 12, 0),
    },
    Edit {
        name: "sides_grey_15",
        family: "border",
        needs: "content-box",
        apply: |photo| framed(photo, 15, 0, 60),
    },
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
fn framed(photo: &RgbImage, across: u32, down: u32, grey: u8) -> RgbImage {
    let (left, top) = (photo.width() * across / 100, photo.height() * down / 100);
    let mut sheet =
        RgbImage::from_pixel(photo.width() + 2 * left, photo.height() + 2 * top, Rgb([grey, grey, grey]));
    imageops::replace(&mut sheet, photo, i64::from(left), i64::from(top));
    sheet
}
