//! The second hash: a witness that owes nothing to PDQ's frequencies.
//!
//! A gradient hash (dHash) of 16x16 bits says for each point whether the picture gets brighter to its right. The
//! crate img_hash computes it. It is given our 64x64 reduction rather than the picture: its own scaling of a
//! large picture costs more than decoding it. The linear filter keeps the result free of platform-dependent
//! functions.

use super::pdq::reduced;
use super::{Hash256, Luma};
use img_hash::{FilterType, HashAlg, Hasher, HasherConfig};
use std::sync::LazyLock;

static HASHER: LazyLock<Hasher<[u8; 32]>> = LazyLock::new(|| {
    HasherConfig::with_bytes_type::<[u8; 32]>()
        .hash_size(16, 16)
        .hash_alg(HashAlg::Gradient)
        .resize_filter(FilterType::Triangle)
        .to_hasher()
});

/// Gradient hash of the whole picture, 256 bits; `None` for a picture too small for PDQ. Its distances are of
/// the same kind as PDQ's but not of the same scale.
pub fn second_hash(luma: &Luma) -> Option<Hash256> {
    let buffer = reduced(luma, luma.bounds())?;
    let pixels = buffer.iter().map(|level| level.round() as u8).collect();
    let picture = image::GrayImage::from_raw(64, 64, pixels)?;
    let hash = HASHER.hash_image(&picture).into_inner();
    let (words, _) = hash.as_chunks::<8>();
    Some(Hash256::from_words(std::array::from_fn(|k| u64::from_le_bytes(words[k]))))
}
