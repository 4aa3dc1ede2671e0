//! The second hash: a witness that owes nothing to PDQ's frequencies.
//!
//! A gradient hash (dHash) of 16x16 bits says for each point whether the picture gets brighter to its right. The
//! crate img_hash computes it. It is given our 64x64 reduction rather than the picture: its own scaling of a
//! large picture costs more than decoding it. The linear filter keeps the result free of platform-dependent
//! functions.

use super::kernel::dct::Buffer;
use super::pdq::{TOO_SMALL, of_buffer, reduced};
use super::{Hash256, Luma, Pdq};
use img_hash::{FilterType, HashAlg, Hasher, HasherConfig};
use std::sync::LazyLock;

static HASHER: LazyLock<Hasher<[u8; 32]>> = LazyLock::new(|| {
    HasherConfig::with_bytes_type::<[u8; 32]>()
        .hash_size(16, 16)
        .hash_alg(HashAlg::Gradient)
        .resize_filter(FilterType::Triangle)
        .to_hasher()
});

/// The hashes of a whole picture, all from one reduction to 64x64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WholeHashes {
    /// What [`super::pdq()`] returns.
    pub pdq: Pdq,
    /// What [`second_hash`] returns.
    pub second: Option<Hash256>,
    /// How far apart the two frequencies on either side of PDQ's median are, in PDQ's own unit. Rounding of the pixels
    /// moves frequencies by some 0.2 to 0.5: a hash whose margin is below hangs on it.
    pub margin: f32,
}

/// PDQ and second hash of a picture. Costs what PDQ alone costs, and some 20 us.
pub fn whole_hashes(luma: &Luma) -> WholeHashes {
    let Some(buffer) = reduced(luma, luma.bounds()) else {
        return WholeHashes { pdq: TOO_SMALL, second: None, margin: f32::INFINITY };
    };
    let (pdq, margin) = of_buffer(&buffer);
    WholeHashes { pdq, second: gradient(&buffer), margin }
}

/// Gradient hash of the whole picture, 256 bits; `None` for a picture too small for PDQ. Its distances are of
/// the same kind as PDQ's but not of the same scale.
pub fn second_hash(luma: &Luma) -> Option<Hash256> {
    gradient(&reduced(luma, luma.bounds())?)
}

fn gradient(buffer: &Buffer) -> Option<Hash256> {
    let pixels = buffer.iter().map(|level| level.round() as u8).collect();
    let picture = image::GrayImage::from_raw(64, 64, pixels)?;
    let hash = HASHER.hash_image(&picture).into_inner();
    let (words, _) = hash.as_chunks::<8>();
    Some(Hash256::from_words(std::array::from_fn(|k| u64::from_le_bytes(words[k]))))
}
