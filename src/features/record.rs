//! The stored form of features: a header (working width and height, 4 bytes), what each block shows (2 bits each, up to
//! 256 bytes), and 20 bytes a keypoint.
//!
//! All little-endian. A keypoint is its code (16 bytes), then 32 bits: x and y in half pixels (10 bits each),
//! scale (6), repeats less one (3), three bits zero. The trap: older cases hold features without the blocks; the top bit
//! of the width tells.

use super::code::Code;
use super::texture::{BLOCK, TextureMap};
use super::{Features, Keypoint, SHORTEST_SIDE, WORKING_SIDE};

/// Bytes before the blocks.
const HEADER_BYTES: usize = 4;
/// Bytes of a keypoint.
pub const KEYPOINT_BYTES: usize = 20;
/// Set in the width of features with blocks.
const WITH_BLOCKS: u16 = 0x8000;

/// How many keypoints a stored form holds, by its length alone.
pub fn stored_keypoints(bytes: &[u8]) -> usize {
    let header = bytes.split_first_chunk::<HEADER_BYTES>().map_or(0, |(header, _)| before_keypoints(header));
    bytes.len().saturating_sub(header) / KEYPOINT_BYTES
}

/// What each block shows, without reading the keypoints; empty where that is not known.
pub fn stored_texture(bytes: &[u8]) -> TextureMap {
    let read = || {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let (width, height, blocks) = sizes(header);
        texture(width, height, rest.get(..TextureMap::bytes_of(blocks?))?)
    };
    read().unwrap_or_default()
}

/// Width, height and number of blocks, if they are known.
fn sizes(header: &[u8; HEADER_BYTES]) -> (u16, u16, Option<usize>) {
    let tagged = u16::from_le_bytes([header[0], header[1]]);
    let (width, height) = (tagged & !WITH_BLOCKS, u16::from_le_bytes([header[2], header[3]]));
    let blocks = usize::from(width) / BLOCK * (usize::from(height) / BLOCK);
    (width, height, (tagged != width).then_some(blocks))
}

/// Bytes of the header and the blocks.
fn before_keypoints(header: &[u8; HEADER_BYTES]) -> usize {
    HEADER_BYTES + sizes(header).2.map_or(0, TextureMap::bytes_of)
}

fn texture(width: u16, height: u16, bytes: &[u8]) -> Option<TextureMap> {
    TextureMap::from_bytes(usize::from(width) / BLOCK, usize::from(height) / BLOCK, bytes)
}

/// A stored form in two: all but the blocks, and the blocks. A case keeps them apart, since two records of a hundred
/// keypoints fill a page of its file.
#[cfg(feature = "case")]
pub(crate) fn parted(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let header = bytes.split_first_chunk::<HEADER_BYTES>().map_or(0, |(header, _)| before_keypoints(header));
    let (header, keypoints) = bytes.split_at(header.min(bytes.len()));
    let (sizes, blocks) = header.split_at(HEADER_BYTES.min(header.len()));
    ([sizes, keypoints].concat(), blocks)
}

/// The stored form from what [`parted`] gave.
#[cfg(feature = "case")]
pub(crate) fn joined(rest: &[u8], blocks: &[u8]) -> Vec<u8> {
    let (sizes, keypoints) = rest.split_at(HEADER_BYTES.min(rest.len()));
    [sizes, blocks, keypoints].concat()
}

impl Features {
    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let blocks = self.texture.to_bytes();
        let mut bytes =
            Vec::with_capacity(HEADER_BYTES + blocks.len() + KEYPOINT_BYTES * self.keypoints.len());
        let tag = if self.texture.is_empty() { 0 } else { WITH_BLOCKS };
        bytes.extend((self.width | tag).to_le_bytes());
        bytes.extend(self.height.to_le_bytes());
        bytes.extend(blocks);
        for keypoint in &self.keypoints {
            bytes.extend(packed(keypoint));
        }
        bytes
    }

    /// From the stored form; `None` for bytes that [`to_bytes`](Self::to_bytes) does not write.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (width, height, blocks, records) = parts(bytes)?;
        let texture = texture(width, height, blocks)?;
        let keypoints =
            records.iter().map(|record| keypoint(record, width, height)).collect::<Option<_>>()?;
        Some(Self { width, height, keypoints, texture })
    }

    /// What [`from_bytes`](Self::from_bytes) would give, in outline.
    pub(crate) fn outline(bytes: &[u8]) -> Option<Outline> {
        let (width, height, blocks, records) = parts(bytes)?;
        texture(width, height, blocks)?;
        let sound = records.iter().all(|record| keypoint(record, width, height).is_some());
        sound.then_some(Outline { width, height, keypoints: records.len() })
    }
}

/// Size of the working image, and how many keypoints there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) keypoints: usize,
}

/// Width, height, blocks and the records of keypoints.
type Parts<'a> = (u16, u16, &'a [u8], &'a [[u8; KEYPOINT_BYTES]]);

fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let (width, height, blocks) = sizes(header);
    let (blocks, records) = rest.split_at_checked(blocks.map_or(0, TextureMap::bytes_of))?;
    let sides = SHORTEST_SIDE as u16..=WORKING_SIDE as u16;
    let usual = sides.contains(&width) && sides.contains(&height);
    let empty = records.is_empty() && width.max(height) <= WORKING_SIDE as u16;
    let (records, rest) = records.as_chunks::<KEYPOINT_BYTES>();
    ((usual || empty) && rest.is_empty()).then_some((width, height, blocks, records))
}

fn keypoint(record: &[u8; KEYPOINT_BYTES], width: u16, height: u16) -> Option<Keypoint> {
    unpacked(record).filter(|keypoint| keypoint.x < 2 * width && keypoint.y < 2 * height)
}

/// A keypoint as it is stored.
pub(super) fn packed(keypoint: &Keypoint) -> [u8; KEYPOINT_BYTES] {
    let place = u32::from(keypoint.x) | u32::from(keypoint.y) << 10;
    let size = u32::from(keypoint.scale) << 20 | u32::from(keypoint.repeats - 1) << 26;
    let mut record = [0; KEYPOINT_BYTES];
    for (bytes, word) in record.as_chunks_mut::<8>().0.iter_mut().zip(keypoint.code.words()) {
        *bytes = word.to_le_bytes();
    }
    record[16..].copy_from_slice(&(place | size).to_le_bytes());
    record
}

/// A stored keypoint, wherever in a picture; `None` for bytes that [`packed`] does not write.
pub(super) fn unpacked(record: &[u8; KEYPOINT_BYTES]) -> Option<Keypoint> {
    let (words, place) = record.split_first_chunk::<16>()?;
    let code = u128::from_le_bytes(*words);
    let packed = u32::from_le_bytes(place.try_into().ok()?);
    let (x, y) = ((packed & 0x3ff) as u16, (packed >> 10 & 0x3ff) as u16);
    let keypoint = Keypoint {
        code: Code::from_words([code as u64, (code >> 64) as u64]),
        x,
        y,
        scale: (packed >> 20 & 0x3f) as u8,
        repeats: (packed >> 26 & 7) as u8 + 1,
    };
    (packed >> 29 == 0).then_some(keypoint)
}

#[cfg(test)]
mod tests {
    use super::super::texture::Texture;
    use super::*;
    use proptest::prelude::*;

    fn any_texture(width: u16, height: u16) -> impl Strategy<Value = TextureMap> {
        let (across, down) = (usize::from(width) / BLOCK, usize::from(height) / BLOCK);
        let kind = prop_oneof![Just(Texture::Flat), Just(Texture::Design), Just(Texture::Photo)];
        let map = prop::collection::vec(kind, across * down);
        prop_oneof![Just(TextureMap::default()), map.prop_map(move |kinds| TextureMap::new(across, kinds))]
    }

    fn any_features() -> impl Strategy<Value = Features> {
        (32u16..=512, 32u16..=512).prop_flat_map(|(width, height)| {
            let keypoint = (any::<[u64; 2]>(), 0..2 * width, 0..2 * height, 0u8..64, 1u8..=8).prop_map(
                |(words, x, y, scale, repeats)| Keypoint {
                    code: Code::from_words(words),
                    x,
                    y,
                    scale,
                    repeats,
                },
            );
            (prop::collection::vec(keypoint, 0..20), any_texture(width, height))
                .prop_map(move |(keypoints, texture)| Features { width, height, keypoints, texture })
        })
    }

    proptest! {
        #[test]
        fn stored_form_round_trips(features in any_features()) {
            let bytes = features.to_bytes();
            prop_assert_eq!(stored_keypoints(&bytes), features.keypoints.len());
            prop_assert_eq!(stored_texture(&bytes), features.texture.clone());
            #[cfg(feature = "case")]
            {
                let (rest, blocks) = parted(&bytes);
                prop_assert_eq!(blocks, features.texture.to_bytes());
                prop_assert_eq!(joined(&rest, blocks), bytes.clone());
            }
            prop_assert_eq!(Features::from_bytes(&bytes), Some(features));
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_as_other_features(
            features in any_features(), cut in 0usize..400, flip in 0usize..3200
        ) {
            let mut bytes = features.to_bytes();
            let header = HEADER_BYTES + features.texture.to_bytes().len();
            let whole = cut.checked_sub(header).is_some_and(|rest| rest.is_multiple_of(KEYPOINT_BYTES));
            if cut < bytes.len() {
                prop_assert_eq!(Features::from_bytes(&bytes[..cut]).is_some(), whole);
                prop_assert_eq!(Features::outline(&bytes[..cut]).is_some(), whole);
            }
            let bit = flip % (8 * bytes.len());
            bytes[bit / 8] ^= 1 << (bit % 8);
            let outline = |read: &Features| Outline {
                width: read.width, height: read.height, keypoints: read.keypoints.len()
            };
            prop_assert_eq!(Features::outline(&bytes), Features::from_bytes(&bytes).as_ref().map(outline));
            if let Some(read) = Features::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }
    }
}
