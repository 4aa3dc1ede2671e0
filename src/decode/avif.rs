//! AVIF, where the cargo feature `avif` brought the system's decoder (dav1d).
//!
//! The trap: that decoder decodes while it is opened, so the size must be known before. It is read from the
//! `ispe` properties of the container; all of them, as the largest one may belong to the picture.

use super::StoredPicture;
use super::limits::Limits;
use super::pixels::Want;
use crate::error::ImageError;

/// Refuses, and names the feature that would help.
#[cfg(not(feature = "avif"))]
pub(super) fn read(_: &[u8], _: Want, _: &Limits) -> Result<StoredPicture, ImageError> {
    Err(super::sniff::avif_not_built())
}

/// Decodes an AVIF picture. All or nothing: a cut file is refused.
#[cfg(feature = "avif")]
pub(super) fn read(bytes: &[u8], want: Want, limits: &Limits) -> Result<StoredPicture, ImageError> {
    use super::damage::refusal;
    use super::pixels::plane;
    use crate::error::SkipReason;
    use image::ImageDecoder;
    use image::metadata::Orientation;

    // Planes of up to 16 bits with alpha, packed RGBA of 16 bits, result and turned result.
    const WORKSPACE: u64 = 16;
    for (width, height) in declared_sizes(bytes) {
        limits.check_size(width, height, WORKSPACE + 2 * want.bytes())?;
    }
    let mut decoder =
        image::codecs::avif::AvifDecoder::new(bytes).map_err(|error| refusal(&error, limits))?;
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height, WORKSPACE + 2 * want.bytes())?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let color = decoder.color_type();
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(|error| refusal(&error, limits))?;
    let plane = plane((width, height), color, pixels, want)
        .ok_or_else(|| ImageError::new(SkipReason::Unsupported, format!("pixels of the kind {color:?}")))?;
    Ok(StoredPicture { plane, orientation, caveat: None })
}

/// Sizes of all `ispe` boxes: four bytes of version and flags, then width and height.
#[cfg(feature = "avif")]
fn declared_sizes(bytes: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let number = |at: &[u8]| u32::from_be_bytes([at[0], at[1], at[2], at[3]]);
    bytes
        .windows(16)
        .filter(|window| window.starts_with(b"ispe"))
        .map(move |window| (number(&window[8..12]), number(&window[12..16])))
}
