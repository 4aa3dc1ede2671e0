//! What one file may cost, and the checks that hold it to that.
//!
//! Every check runs on numbers read from a header, before the memory they ask for is taken. The trap: a format's
//! header is only a claim, so a decoder that allocates while it is *opened* needs its own cap
//! ([`Limits::for_image_crate`]), not just the check afterwards.

use super::budget::{SLACK, room_for_pixels, too_large};
use crate::error::ImageError;

/// What one file may cost. Checked before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, in bytes.
    pub max_bytes: u64,
    /// Width times height.
    pub max_pixels: u64,
    /// Frames kept of an animation, the first included; at most eight times as many are looked at.
    pub max_frames: u32,
    /// Memory that decoding one file may take beyond the file itself, in bytes.
    pub max_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 256 << 20, max_pixels: 200_000_000, max_frames: 8, max_memory: 1 << 30 }
    }
}

/// Bytes a pixel that hashing and local features take of what was decoded.
const AFTERWARDS: u64 = 6;

impl Limits {
    pub(super) fn check_bytes(&self, bytes: usize) -> Result<(), ImageError> {
        let bytes = bytes as u64;
        if bytes <= self.max_bytes {
            return Ok(());
        }
        Err(too_large(format!("{bytes} bytes, the limit is {} bytes", self.max_bytes)))
    }

    /// Checks a claimed size. `bytes_per_pixel`: the most the decoder and what follows it hold at a time.
    pub(super) fn check_size(&self, width: u32, height: u32, bytes_per_pixel: u64) -> Result<(), ImageError> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.max_pixels {
            let limit = self.max_pixels;
            return Err(too_large(format!("{width} x {height} = {pixels} pixels, the limit is {limit}")));
        }
        let memory = pixels.saturating_mul(bytes_per_pixel);
        if memory > self.max_memory {
            let limit = self.max_memory;
            return Err(too_large(format!(
                "{width} x {height} pixels at {bytes_per_pixel} bytes each need {memory} bytes of memory, the limit is {limit}"
            )));
        }
        room_for_pixels(memory.max(pixels.saturating_mul(AFTERWARDS)))
    }

    /// The cap handed to decoders of the `image` crate for what they take besides the pixels asked for.
    pub(super) fn for_image_crate(&self, bytes: u64) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(bytes.saturating_add(SLACK).min(self.max_memory.saturating_add(SLACK)));
        limits
    }
}
