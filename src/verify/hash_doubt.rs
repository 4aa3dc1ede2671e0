//! Which near hashes want the pixels' word before they prove anything.
//!
//! PDQ sees 16 by 16 waves of light and dark. Of a photo they are as good as a fingerprint; of a page, a form or a code
//! they are the layout, and two of one make agree whatever is written in them. The trap: an image of which nothing is
//! known (its features are not stored) is taken for a photo, as a case without features has to live by hashes alone.

use super::ViewDistance;
pub use super::doubt::Doubt;
use crate::features::texture::{Shares, TextureMap};
use crate::hash::{Rect, ViewKind};
use crate::record::Image;

/// Bits from which two photos, too, want the pixels' word where they can be read: portraits of one person in one pose
/// and frames of one scene come that near.
pub const FAR: u32 = 17;
/// Continuous tone for each block of ink that makes a photo.
const TONE: f64 = 3.0;
/// Share of a photo that is continuous tone, at the least: the rest may be sky or wall.
const LEAST_TONE: f64 = 0.15;

/// What to think of two views that are near.
pub fn of_views(line: &ViewDistance, a: (&Image, &TextureMap), b: (&Image, &TextureMap)) -> Doubt {
    // Of further frames there is neither texture nor, later, a picture.
    if [line.view_a, line.view_b].contains(&ViewKind::Frame) {
        return Doubt::None;
    }
    if !is_photo(line.rect_a, a) || !is_photo(line.rect_b, b) {
        return Doubt::Design;
    }
    // Few pictures come as negatives; pages do that are read in the dark.
    if line.is_negative() || line.distance >= FAR { Doubt::Far } else { Doubt::None }
}

fn is_photo(rect: Rect, (image, texture): (&Image, &TextureMap)) -> bool {
    texture.is_empty() || is_mostly_photo(&texture.shares_in(fractions(rect, image)))
}

/// Is it a photo, and not a page, a code or a drawing?
pub fn is_mostly_photo(shares: &Shares) -> bool {
    shares.photo >= TONE * shares.design && shares.photo >= LEAST_TONE
}

/// Left, top, right and bottom of a rectangle as fractions of an image.
pub fn fractions(rect: Rect, image: &Image) -> [f64; 4] {
    let (width, height) = (f64::from(image.width.max(1)), f64::from(image.height.max(1)));
    let (x, y) = (f64::from(rect.x), f64::from(rect.y));
    [x / width, y / height, (x + f64::from(rect.width)) / width, (y + f64::from(rect.height)) / height]
}
