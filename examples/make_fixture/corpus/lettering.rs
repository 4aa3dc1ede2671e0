//! A 5x7 dot font and the drawing of text, for watermarks and captions.
//!
//! Integer arithmetic throughout. Characters that have no glyph leave a gap.

use image::{Rgb, RgbImage};

/// Five columns a character, lowest bit at the top.
const GLYPHS: [(char, [u8; 5]); 38] = [
    ('0', [0x3e, 0x51, 0x49, 0x45, 0x3e]),
    ('1', [0x00, 0x42, 0x7f, 0x40, 0x00]),
    ('2', [0x42, 0x61, 0x51, 0x49, 0x46]),
    ('3', [0x21, 0x41, 0x45, 0x4b, 0x31]),
    ('4', [0x18, 0x14, 0x12, 0x7f, 0x10]),
    ('5', [0x27, 0x45, 0x45, 0x45, 0x39]),
    ('6', [0x3c, 0x4a, 0x49, 0x49, 0x30]),
    ('7', [0x01, 0x71, 0x09, 0x05, 0x03]),
    ('8', [0x36, 0x49, 0x49, 0x49, 0x36]),
    ('9', [0x06, 0x49, 0x49, 0x29, 0x1e]),
    ('A', [0x7e, 0x11, 0x11, 0x11, 0x7e]),
    ('B', [0x7f, 0x49, 0x49, 0x49, 0x36]),
    ('C', [0x3e, 0x41, 0x41, 0x41, 0x22]),
    ('D', [0x7f, 0x41, 0x41, 0x22, 0x1c]),
    ('E', [0x7f, 0x49, 0x49, 0x49, 0x41]),
    ('F', [0x7f, 0x09, 0x09, 0x09, 0x01]),
    ('G', [0x3e, 0x41, 0x49, 0x49, 0x7a]),
    ('H', [0x7f, 0x08, 0x08, 0x08, 0x7f]),
    ('I', [0x00, 0x41, 0x7f, 0x41, 0x00]),
    ('J', [0x20, 0x40, 0x41, 0x3f, 0x01]),
    ('K', [0x7f, 0x08, 0x14, 0x22, 0x41]),
    ('L', [0x7f, 0x40, 0x40, 0x40, 0x40]),
    ('M', [0x7f, 0x02, 0x0c, 0x02, 0x7f]),
    ('N', [0x7f, 0x04, 0x08, 0x10, 0x7f]),
    ('O', [0x3e, 0x41, 0x41, 0x41, 0x3e]),
    ('P', [0x7f, 0x09, 0x09, 0x09, 0x06]),
    ('Q', [0x3e, 0x41, 0x51, 0x21, 0x5e]),
    ('R', [0x7f, 0x09, 0x19, 0x29, 0x46]),
    ('S', [0x46, 0x49, 0x49, 0x49, 0x31]),
    ('T', [0x01, 0x01, 0x7f, 0x01, 0x01]),
    ('U', [0x3f, 0x40, 0x40, 0x40, 0x3f]),
    ('V', [0x1f, 0x20, 0x40, 0x20, 0x1f]),
    ('W', [0x3f, 0x40, 0x38, 0x40, 0x3f]),
    ('X', [0x63, 0x14, 0x08, 0x14, 0x63]),
    ('Y', [0x07, 0x08, 0x70, 0x08, 0x07]),
    ('Z', [0x61, 0x51, 0x49, 0x45, 0x43]),
    ('.', [0x00, 0x60, 0x60, 0x00, 0x00]),
    ('-', [0x08, 0x08, 0x08, 0x08, 0x08]),
];

/// Colour of ink and how much of it covers the picture, of 256.
#[derive(Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) colour: [u8; 3],
    pub(crate) cover: u32,
}

/// Width of a text in pixels at `scale` pixels a dot.
pub(crate) fn width(text: &str, scale: u32) -> u32 {
    text.chars().count() as u32 * 6 * scale
}

/// Draws `text` (in capitals) with its top left corner at (x, y); what falls outside is cut.
pub(crate) fn write(picture: &mut RgbImage, text: &str, (x, y): (u32, u32), scale: u32, ink: Ink) {
    for (place, letter) in text.to_uppercase().chars().enumerate() {
        let Some((_, columns)) = GLYPHS.iter().find(|(glyph, _)| *glyph == letter) else { continue };
        for (column, bits) in columns.iter().enumerate() {
            for row in (0..7).filter(|row| bits >> row & 1 == 1) {
                let left = x + (place as u32 * 6 + column as u32) * scale;
                fill(picture, (left, y + row * scale), (scale, scale), ink);
            }
        }
    }
}

/// Fills a rectangle.
pub(crate) fn fill(picture: &mut RgbImage, (x, y): (u32, u32), (w, h): (u32, u32), ink: Ink) {
    for py in y..(y + h).min(picture.height()) {
        for px in x..(x + w).min(picture.width()) {
            blend(picture, px, py, ink);
        }
    }
}

/// Fills a disc.
pub(crate) fn disc(picture: &mut RgbImage, (x, y): (u32, u32), radius: u32, ink: Ink) {
    for py in y.saturating_sub(radius)..(y + radius + 1).min(picture.height()) {
        for px in x.saturating_sub(radius)..(x + radius + 1).min(picture.width()) {
            if px.abs_diff(x).pow(2) + py.abs_diff(y).pow(2) <= radius * radius {
                blend(picture, px, py, ink);
            }
        }
    }
}

fn blend(picture: &mut RgbImage, x: u32, y: u32, ink: Ink) {
    let Rgb(under) = *picture.get_pixel(x, y);
    let mix = |k: usize| {
        ((u32::from(under[k]) * (256 - ink.cover) + u32::from(ink.colour[k]) * ink.cover) / 256) as u8
    };
    picture.put_pixel(x, y, Rgb([mix(0), mix(1), mix(2)]));
}
