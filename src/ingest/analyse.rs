//! One file's bytes to everything adlink computes from them. Knows no files and no case.

use crate::decode::{self, Limits};
use crate::error::{ImageError, SkipReason};
use crate::hash;
use crate::record::{Digests, Image, ImageId};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// MD5, SHA-1 and SHA-256 of some bytes, in one pass that stays in the cache.
pub fn digest(bytes: &[u8]) -> Digests {
    let (mut md5, mut sha1, mut sha256) = (Md5::new(), Sha1::new(), Sha256::new());
    for block in bytes.chunks(32 << 10) {
        md5.update(block);
        sha1.update(block);
        sha256.update(block);
    }
    Digests {
        md5: md5.finalize().into(),
        sha1: sha1.finalize().into(),
        sha256: ImageId(sha256.finalize().into()),
    }
}

/// Digests, decodes and hashes one file. Never panics, whatever the bytes.
pub fn analyse(bytes: &[u8], limits: &Limits) -> Result<Image, ImageError> {
    analyse_digested(digest(bytes), bytes, limits)
}

/// As [`analyse`], with digests that are known already.
pub(super) fn analyse_digested(digests: Digests, bytes: &[u8], limits: &Limits) -> Result<Image, ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::new(SkipReason::Empty, "zero bytes"));
    }
    let decoded = decode::decode(bytes, limits)?;
    Ok(Image {
        digests,
        bytes: bytes.len() as u64,
        format: decoded.format.to_string(),
        width: decoded.luma.width(),
        height: decoded.luma.height(),
        caveats: decoded.caveats.iter().map(|code| code.to_string()).collect(),
        pdq: hash::pdq(&decoded.luma),
        views: Vec::new(),
        second: None,
    })
}
