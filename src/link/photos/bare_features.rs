//! The features of a picture without its watermark, and the bytes a case keeps of them: as long as those are there, pictures
//! whose originals are gone propose what they did.
//!
//! A digest of the watermark first, then the features as a case stores them. The trap: a corpus that has grown may see another
//! watermark; what was found under this one is good only as long as there are no pixels.

use crate::features::Features;

/// Of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BareFeatures {
    /// [Digest](crate::verify::watermark::Watermark::digest) of what was taken off.
    pub(super) taken_off: u32,
    pub(super) features: Features,
    /// Does no case keep it yet?
    pub(super) fresh: bool,
}

impl BareFeatures {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [&self.taken_off.to_le_bytes()[..], &self.features.to_bytes()].concat()
    }

    /// `None` for bytes that are damaged.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (digest, features) = bytes.split_first_chunk::<4>()?;
        let features = Features::from_bytes(features)?;
        Some(Self { taken_off: u32::from_le_bytes(*digest), features, fresh: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let features = Features { width: 40, height: 30, ..Features::default() };
        let bare = BareFeatures { taken_off: 0xfeed_beef, features, fresh: false };
        assert_eq!(BareFeatures::from_bytes(&bare.to_bytes()), Some(bare.clone()));
        assert_eq!(BareFeatures::from_bytes(&bare.to_bytes()[..3]), None);
    }
}
