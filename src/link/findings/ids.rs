//! Stable ids from content: the same photos, ads and networks keep theirs across runs and machines.
//!
//! Eight bytes as 16 hex digits. The trap: rows are not content; an id made from one would change with every ad
//! that is added.

use super::found::LinkId;
use crate::corpus::{ShortId, short_id};
use crate::record::{Ad, ImageId, hex};

/// A photo group is named after its smallest image, whose file digest begins the same way.
pub(crate) fn photo_group_id(first: ImageId) -> String {
    format!("p-{}", head(&first.0))
}

/// The id of a design, `d-` and 16 hex digits: named after its smallest image, all bits turned over, as the image may be that
/// of a photo group, too.
pub fn design_id(first: ImageId) -> String {
    format!("d-{}", head(&first.0.map(|byte| !byte)))
}

/// A link is named after its two ads.
pub(crate) fn link_id(a: &Ad, b: &Ad) -> LinkId {
    LinkId(u64::from_be_bytes(of_ads(&[a, b])))
}

/// A network is named after its earliest ad, which stays the earliest when ads are added day by day.
pub(crate) fn network_id(earliest: &Ad) -> String {
    format!("n-{}", head(&of_ads(&[earliest])))
}

/// What the id of a link between two ads says, or that of a network of which one ad is the earliest.
pub(crate) fn of_ads(ads: &[&Ad]) -> ShortId {
    short_id(&ads.iter().map(|ad| &ad.key).collect::<Vec<_>>())
}

/// The eight bytes that an id spells.
pub(crate) fn short(id: &str) -> ShortId {
    let digits = id.rsplit('-').next().unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or_default().to_be_bytes()
}

/// The first eight bytes.
fn head(bytes: &[u8]) -> String {
    hex(&bytes[..8])
}
