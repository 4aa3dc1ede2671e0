//! Views: parts of an image that are hashed beside the whole, because others show just that part.
//!
//! The content box ([`border`]) and panes ([`panes`]) are found by the straight edges between a plain surface and
//! a picture; a photo without them, as most are, has neither. Small pictures are also hashed in a second form,
//! because PDQ depends on size just where thumbnails are.

mod border;
mod gutters;
mod lines;
mod panes;

use super::pdq::pdq_enlarged;
use super::{Luma, Pdq, Quality, Rect, View, ViewKind, pdq_of};

/// Smaller pictures have no views.
const LEAST_SIDE: u32 = 64;

/// Pictures with a shorter side are thumbnails themselves, and have no square.
const LEAST_SQUARE: u32 = 160;
/// How many times as long as wide a picture is whose square is worth a hash: below, it is the picture itself; above, no gallery
/// shows the middle of it.
const SQUARED: std::ops::RangeInclusive<f64> = 1.1..=2.4;

/// With a side up to this many pixels, PDQ's own tents stand visibly off; see [`pdq_enlarged`].
const SMALL: u32 = 256;

/// The content box and the panes of a picture, content box first, then panes by size; then, where the picture or
/// its content box is small, that once more as if enlarged, and where it is no thumbnail and not nearly square, its middle
/// square. Views without enough gradient to link by
/// ([`Quality::USABLE`]) are left out.
///
/// Costs little for a photo, whose lines are mostly told from a few samples; hashing a view costs as much as
/// hashing a picture of its size.
pub fn views(luma: &Luma) -> Vec<View> {
    if luma.width().min(luma.height()) < LEAST_SIDE {
        return Vec::new();
    }
    let content_box = border::content_box(luma);
    let mut views: Vec<(ViewKind, Rect, Option<Pdq>)> = Vec::new();
    views.extend(content_box.map(|rect| (ViewKind::ContentBox, rect, pdq_of(luma, rect))));
    let panes = panes::panes(luma).into_iter().filter(|pane| content_box != Some(*pane));
    views.extend(panes.map(|rect| (ViewKind::Pane, rect, pdq_of(luma, rect))));
    let picture = content_box.unwrap_or(luma.bounds());
    if picture.width.min(picture.height) <= SMALL {
        views.push((ViewKind::Enlarged, picture, pdq_enlarged(luma, picture)));
    }
    views.extend(middle_square(picture).map(|rect| (ViewKind::Square, rect, pdq_of(luma, rect))));
    let usable = |(kind, rect, pdq): (ViewKind, Rect, Option<Pdq>)| {
        Some(View { kind, rect, pdq: pdq.filter(|pdq| pdq.is_usable(Quality::USABLE))? })
    };
    views.into_iter().filter_map(usable).collect()
}

/// The middle square of a part of a picture, if galleries would show it as such.
fn middle_square(picture: Rect) -> Option<Rect> {
    let (short, long) = (picture.width.min(picture.height), picture.width.max(picture.height));
    let worth = short >= LEAST_SQUARE && SQUARED.contains(&(f64::from(long) / f64::from(short)));
    let (x, y) = (picture.x + (picture.width - short) / 2, picture.y + (picture.height - short) / 2);
    worth.then_some(Rect { x, y, width: short, height: short })
}
