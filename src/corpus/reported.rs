//! What a run reported, as ids only: enough to say later what is new, and nothing to those who cannot guess the ads.

use crate::record::{AdKey, ImageId};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// First eight bytes of the digest that an id is made from.
pub type ShortId = [u8; 8];

/// What ads are remembered by: of one ad, and in their order of the ads of a link. Says nothing to those who cannot
/// guess the ads.
pub fn short_id(ads: &[&AdKey]) -> ShortId {
    let mut hasher = Sha256::new();
    for part in ads.iter().flat_map(|key| [&key.site, &key.ad_id]) {
        // The length first, so that no two lists of parts read alike.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    std::array::from_fn(|place| digest[place])
}

/// What a run reported, as ids. Sorted, without repeats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reported {
    /// Links, each with its two ads; zeros in place of those where an older adlink reported it.
    pub links: Vec<(ShortId, [ShortId; 2])>,
    /// Ads in networks, each with its network.
    pub members: Vec<(ShortId, ShortId)>,
    /// Photo groups with their images. A case keeps those of the latest run only, for decisions on them.
    pub photos: Vec<(ShortId, Vec<ImageId>)>,
    /// Networks with their numbers. A case keeps those of all runs together, see [`NetworkNumbers`].
    pub networks: Vec<(ShortId, u32)>,
}

/// By what numbers a case knows its networks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkNumbers {
    /// Of every network that a run reported and whose number no other took over.
    pub numbers: BTreeMap<ShortId, u32>,
    /// Of every ad in a network of the latest run, that network.
    pub members: BTreeMap<ShortId, ShortId>,
}
