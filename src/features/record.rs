//! The stored form of features: a header of 4 bytes (working width and height) and 20 bytes a keypoint.
//!
//! All little-endian. A keypoint is its code (16 bytes), then 32 bits: x and y in half pixels (10 bits each),
//! scale (6), repeats less one (3), three bits zero.

use super::code::Code;
use super::{Features, Keypoint, SHORTEST_SIDE, WORKING_SIDE};

/// Bytes before the first keypoint.
pub const HEADER_BYTES: usize = 4;
/// Bytes of a keypoint.
pub const KEYPOINT_BYTES: usize = 20;

impl Features {
    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + KEYPOINT_BYTES * self.keypoints.len());
        bytes.extend(self.width.to_le_bytes());
        bytes.extend(self.height.to_le_bytes());
        for keypoint in &self.keypoints {
            for word in keypoint.code.words() {
                bytes.extend(word.to_le_bytes());
            }
            let place = u32::from(keypoint.x) | u32::from(keypoint.y) << 10;
            let size = u32::from(keypoint.scale) << 20 | u32::from(keypoint.repeats - 1) << 26;
            bytes.extend((place | size).to_le_bytes());
        }
        bytes
    }

    /// From the stored form; `None` for bytes that [`to_bytes`](Self::to_bytes) does not write.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (width, height, records) = parts(bytes)?;
        let keypoints =
            records.iter().map(|record| keypoint(record, width, height)).collect::<Option<_>>()?;
        Some(Self { width, height, keypoints })
    }

    /// What [`from_bytes`](Self::from_bytes) would give, in outline.
    pub(crate) fn outline(bytes: &[u8]) -> Option<Outline> {
        let (width, height, records) = parts(bytes)?;
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

/// Width, height and the records of keypoints.
fn parts(bytes: &[u8]) -> Option<(u16, u16, &[[u8; KEYPOINT_BYTES]])> {
    let (header, records) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let width = u16::from_le_bytes([header[0], header[1]]);
    let height = u16::from_le_bytes([header[2], header[3]]);
    let sides = SHORTEST_SIDE as u16..=WORKING_SIDE as u16;
    let usual = sides.contains(&width) && sides.contains(&height);
    let empty = records.is_empty() && width.max(height) <= WORKING_SIDE as u16;
    let (records, rest) = records.as_chunks::<KEYPOINT_BYTES>();
    ((usual || empty) && rest.is_empty()).then_some((width, height, records))
}

fn keypoint(record: &[u8; KEYPOINT_BYTES], width: u16, height: u16) -> Option<Keypoint> {
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
    (packed >> 29 == 0 && x < 2 * width && y < 2 * height).then_some(keypoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
            prop::collection::vec(keypoint, 0..20).prop_map(move |keypoints| Features {
                width,
                height,
                keypoints,
            })
        })
    }

    proptest! {
        #[test]
        fn stored_form_round_trips(features in any_features()) {
            let bytes = features.to_bytes();
            prop_assert_eq!(bytes.len(), HEADER_BYTES + KEYPOINT_BYTES * features.keypoints.len());
            prop_assert_eq!(Features::from_bytes(&bytes), Some(features));
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_as_other_features(
            features in any_features(), cut in 0usize..400, flip in 0usize..3200
        ) {
            let mut bytes = features.to_bytes();
            let whole = cut.checked_sub(HEADER_BYTES).is_some_and(|rest| rest.is_multiple_of(KEYPOINT_BYTES));
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
