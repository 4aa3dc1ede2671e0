//! Stable ids from content: the same photos, ads and networks keep theirs across runs and machines.
//!
//! Eight bytes as 16 hex digits. The trap: rows are not content; an id made from one would change with every ad
//! that is added.

use super::LinkId;
use crate::case::ShortId;
use crate::record::{Ad, ImageId};
use sha2::{Digest, Sha256};

/// A photo group is named after its smallest image, whose file digest begins the same way.
pub(super) fn photo_group(first: ImageId) -> String {
    format!("p-{}", hex(&first.0))
}

/// A link is named after its two ads.
pub(super) fn link(a: &Ad, b: &Ad) -> LinkId {
    let digest = digest(&[a, b]);
    LinkId(digest[..8].iter().fold(0, |id, &byte| id << 8 | u64::from(byte)))
}

/// A network is named after its earliest ad, which stays the earliest when ads are added day by day.
pub(super) fn network(earliest: &Ad) -> String {
    format!("n-{}", hex(&digest(&[earliest])))
}

/// What the id of a link between two ads says, or that of a network of which one ad is the earliest.
pub(super) fn of_ads(ads: &[&Ad]) -> ShortId {
    let digest = digest(ads);
    std::array::from_fn(|place| digest[place])
}

/// The eight bytes that an id spells.
pub(super) fn short(id: &str) -> ShortId {
    let digits = id.rsplit('-').next().unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or_default().to_be_bytes()
}

fn digest(ads: &[&Ad]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in ads.iter().flat_map(|ad| [&ad.key.site, &ad.key.ad_id]) {
        // The length first, so that no two lists of parts read alike.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
