//! The sites and their house styles: how each re-encodes and marks what is uploaded.
//!
//! Sites without a mark matter: a border that a poster added stays uniform only there.

use super::lettering::{self, Ink};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::imageops::{self, FilterType};
use image::{ImageEncoder, Rgb, RgbImage};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// With its quality.
    Jpeg(u8),
    /// In 16 levels a channel.
    Png,
    /// Lossless, in 16 levels a channel.
    Webp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    None,
    /// The site's name in the lower right corner.
    Corner,
    /// A disc with a letter in the upper left corner.
    Logo,
    /// The site's name, faint, across the middle.
    Faint,
}

pub(crate) struct Site {
    pub(crate) name: &'static str,
    /// First letter of its ad ids.
    pub(crate) letter: char,
    max_side: u32,
    format: Format,
    pub(crate) mark: Mark,
}

pub(crate) const SITES: [Site; 6] = [
    Site {
        name: "lakeside.example",
        letter: 'L',
        max_side: 400,
        format: Format::Jpeg(72),
        mark: Mark::Corner,
    },
    Site { name: "quickads.example", letter: 'Q', max_side: 320, format: Format::Jpeg(60), mark: Mark::None },
    Site {
        name: "noticewall.example",
        letter: 'N',
        max_side: 380,
        format: Format::Jpeg(66),
        mark: Mark::Logo,
    },
    Site { name: "swapcorner.example", letter: 'S', max_side: 200, format: Format::Png, mark: Mark::None },
    Site {
        name: "openboard.example",
        letter: 'O',
        max_side: 352,
        format: Format::Jpeg(64),
        mark: Mark::Faint,
    },
    Site { name: "town-post.example", letter: 'T', max_side: 200, format: Format::Webp, mark: Mark::None },
];

/// The site that shows a badge beside the photos of every ad, by its index.
pub(crate) const BADGE_SITE: usize = 2;

impl Site {
    pub(crate) fn extension(&self) -> &'static str {
        match self.format {
            Format::Jpeg(_) => "jpg",
            Format::Png => "png",
            Format::Webp => "webp",
        }
    }

    /// The file this site serves for an uploaded picture.
    pub(crate) fn publish(&self, upload: &RgbImage) -> Vec<u8> {
        let (width, height) = upload.dimensions();
        let longest = width.max(height);
        let mut picture = if longest > self.max_side {
            let side = |n: u32| (n * self.max_side).div_ceil(longest);
            imageops::resize(upload, side(width), side(height), FilterType::Triangle)
        } else {
            upload.clone()
        };
        self.sign(&mut picture);
        if !matches!(self.format, Format::Jpeg(_)) {
            posterise(&mut picture);
        }
        encode(&picture, self.format)
    }

    fn sign(&self, picture: &mut RgbImage) {
        let (width, height) = picture.dimensions();
        let name = self.name.trim_end_matches(".example");
        let white = |cover| Ink { colour: [255, 255, 255], cover };
        match self.mark {
            Mark::None => {}
            Mark::Corner => {
                let left = (width - 6).saturating_sub(lettering::width(name, 1));
                lettering::write(picture, name, (left, height - 13), 1, white(210));
            }
            Mark::Faint => {
                let scale = width / 160 + 1;
                let left = width.saturating_sub(lettering::width(name, scale)) / 2;
                lettering::write(picture, name, (left, height / 2 - 3 * scale), scale, white(60));
            }
            Mark::Logo => {
                let radius = width.min(height) / 20;
                let middle = (radius + 6, radius + 6);
                lettering::disc(picture, middle, radius, white(230));
                lettering::disc(picture, middle, radius - 2, Ink { colour: [196, 40, 64], cover: 240 });
                lettering::write(picture, "N", (middle.0 - 2, middle.1 - 3), 1, white(256));
            }
        }
    }
}

/// Drawn once by the site, the same file on all its ads.
pub(crate) fn badge() -> Vec<u8> {
    let mut picture = RgbImage::from_fn(180, 120, |x, y| {
        let shade = (x + 2 * y) as u8 / 6;
        Rgb([225 - shade, 232 - shade, 240 - shade / 2])
    });
    let (green, white) =
        (Ink { colour: [34, 120, 74], cover: 256 }, Ink { colour: [255, 255, 255], cover: 256 });
    lettering::disc(&mut picture, (48, 50), 36, white);
    lettering::disc(&mut picture, (48, 50), 32, green);
    for step in 0..14 {
        lettering::disc(&mut picture, (34 + step.min(10), 50 + step.min(10)), 4, white);
        lettering::disc(&mut picture, (44 + 2 * step, 60 - 2 * step), 4, white);
    }
    lettering::write(&mut picture, "KNOWN", (98, 30), 2, green);
    lettering::write(&mut picture, "MEMBER", (98, 52), 2, green);
    lettering::write(&mut picture, "NOTICEWALL", (50, 100), 2, Ink { colour: [60, 60, 70], cover: 256 });
    encode(&picture, Format::Png)
}

fn posterise(picture: &mut RgbImage) {
    for Rgb(pixel) in picture.pixels_mut() {
        *pixel = pixel.map(|v| (v & 0xf0) | (v >> 4));
    }
}

fn encode(picture: &RgbImage, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    let pixels = picture.as_raw();
    let colour = image::ExtendedColorType::Rgb8;
    match format {
        Format::Jpeg(quality) => {
            JpegEncoder::new_with_quality(&mut bytes, quality).write_image(pixels, width, height, colour)
        }
        Format::Png => PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, PngFilter::Adaptive)
            .write_image(pixels, width, height, colour),
        Format::Webp => WebPEncoder::new_lossless(&mut bytes).write_image(pixels, width, height, colour),
    }
    .expect("writing an 8-bit RGB picture to memory does not fail");
    bytes
}
