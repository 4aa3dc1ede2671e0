//! AVIF: one AV1 picture in a container of boxes, and perhaps a second one that is its alpha.
//!
//! The trap: the decoder makes room by what the AV1 stream says, not by what the container says. So the container's size
//! is held to the limits first, and is then the most that the stream may ask for, in each of its frames.

use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings};

use super::StoredPicture;
use super::heif::{HeifItem, HeifPicture};
use super::limits::Limits;
use super::orient::Grid;
use super::pixels::{PixelGrid, Want, lay_over_white};
use super::yuv::{ColourPlanes, StoredPlane, YuvMatrix, YuvPicture};
use crate::error::{ImageError, SkipReason};

/// Bytes a pixel of a frame: three planes of up to 16 bits, and what the decoder notes of blocks.
const A_FRAME: u64 = 9;

/// Decodes an AVIF picture. All or nothing: a cut file is refused.
pub(super) fn read(bytes: &[u8], want: Want, limits: &Limits) -> Result<StoredPicture, ImageError> {
    let HeifPicture { colour, alpha, premultiplied } = HeifPicture::find(bytes)?;
    let orientation = colour.orientation;
    let mut plane = pixels_of(colour, want, limits)?;
    if let Some(alpha) = alpha {
        let alpha = alpha_of(alpha, want, limits)?;
        lay_over_white(&mut plane, &alpha, premultiplied)?;
    }
    Ok(StoredPicture { plane: plane.reduced(want), orientation, caveat: None })
}

fn alpha_of(item: HeifItem, want: Want, limits: &Limits) -> Result<Grid<1>, ImageError> {
    let (picture, _) = decoded(item, want, limits)?;
    let grey = with_planes(&picture, (2, picture.color_range() == YUVRange::Full), |yuv| Some(yuv.grey()))?;
    Ok(Grid { width: picture.width(), height: picture.height(), pixels: grey })
}

fn pixels_of(item: HeifItem, want: Want, limits: &Limits) -> Result<PixelGrid, ImageError> {
    let (picture, said) = decoded(item, want, limits)?;
    let meaning = said.unwrap_or_else(|| meaning_in(&picture));
    let (width, height) = (picture.width(), picture.height());
    Ok(match picture.pixel_layout() {
        PixelLayout::I400 => {
            let pixels = with_planes(&picture, (2, meaning.1), |yuv| Some(yuv.grey()))?;
            PixelGrid::Grey(Grid { width, height, pixels })
        }
        _ => {
            let pixels = with_planes(&picture, meaning, |yuv| yuv.rgb())?;
            PixelGrid::Colour(Grid { width, height, pixels })
        }
    })
}

/// Matrix (CICP) and range, as the stream has them.
fn meaning_in(picture: &Picture) -> (u16, bool) {
    let matrix = match picture.matrix_coefficients() {
        MatrixCoefficients::Identity => 0,
        MatrixCoefficients::BT709 => 1,
        MatrixCoefficients::Unspecified | MatrixCoefficients::BT470BG | MatrixCoefficients::ST170M => 2,
        MatrixCoefficients::BT470M => 4,
        MatrixCoefficients::ST240M => 7,
        MatrixCoefficients::BT2020NonConstantLuminance => 9,
        _ => u16::MAX,
    };
    (matrix, picture.color_range() == YUVRange::Full)
}

fn with_planes<T>(
    picture: &Picture,
    (cicp, full_range): (u16, bool),
    make: impl FnOnce(&YuvPicture<'_>) -> Option<T>,
) -> Result<T, ImageError> {
    let unsupported = |what: &str| ImageError::new(SkipReason::Unsupported, format!("AVIF with {what}"));
    let matrix = YuvMatrix::of_cicp(cicp).ok_or_else(|| unsupported("a colour matrix of a rare kind"))?;
    let bits = picture.bits_per_component().ok_or_else(|| unsupported("samples of a rare depth"))?.0 as u32;
    let layout = picture.pixel_layout();
    let luma = picture.plane(PlanarImageComponent::Y);
    let colour = (layout != PixelLayout::I400)
        .then(|| (picture.plane(PlanarImageComponent::U), picture.plane(PlanarImageComponent::V)));
    let stored = |bytes, which| StoredPlane { bytes, stride: picture.stride(which) as usize };
    let colour = colour.as_ref().map(|(blue, red)| ColourPlanes {
        blue: stored(blue, PlanarImageComponent::U),
        red: stored(red, PlanarImageComponent::V),
        wide: layout != PixelLayout::I444,
        high: layout == PixelLayout::I420,
    });
    let luma = stored(&luma, PlanarImageComponent::Y);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    make(&YuvPicture { width, height, bits, full_range, matrix, luma, colour })
        .ok_or_else(|| unsupported("no colour planes"))
}

/// The picture in an item, of the size that the item has.
fn decoded(
    item: HeifItem,
    want: Want,
    limits: &Limits,
) -> Result<(Picture, Option<(u16, bool)>), ImageError> {
    let HeifItem { mut stream, size, colour, .. } = item;
    check_size(size, want, limits)?;
    stream.truncate(end_of_first_frame(&stream));
    let picture = first_frame(stream, size)?;
    let found = (picture.width(), picture.height());
    if found != size {
        let what = format!("AVIF picture of {found:?} pixels in a container that says {size:?}");
        return Err(ImageError::new(SkipReason::Malformed, what));
    }
    Ok((picture, colour))
}

/// Room for the frame, for RGB before alpha, and for the result turned.
fn check_size((width, height): (u32, u32), want: Want, limits: &Limits) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::new(SkipReason::Malformed, format!("{width} x {height} pixels")));
    }
    limits.check_size(width, height, A_FRAME + 5 + 2 * want.bytes())
}

fn first_frame(stream: Vec<u8>, (width, height): (u32, u32)) -> Result<Picture, ImageError> {
    let mut settings = Settings::new();
    // Many pictures are decoded at once already; a thread of the decoder's own would outlive a refusal.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(width.saturating_mul(height));
    let mut decoder = Decoder::with_settings(&settings).map_err(refusal)?;
    match decoder.send_data(stream, None, None, None) {
        Ok(()) | Err(Error::Again) => decoder.get_picture().map_err(refusal),
        Err(error) => Err(refusal(error)),
    }
}

fn refusal(error: Error) -> ImageError {
    match error {
        Error::Again => ImageError::new(SkipReason::Malformed, "AVIF without a whole frame"),
        Error::UnsupportedBitstream => {
            ImageError::new(SkipReason::Unsupported, "AV1 of a profile that is not decoded")
        }
        error => ImageError::new(SkipReason::Malformed, format!("AV1 stream: {error}")),
    }
}

/// Where the second frame of a stream begins, or its end: what is shown is the first, and frames that are made of others
/// would be the larger part of what a hostile file can ask for.
fn end_of_first_frame(stream: &[u8]) -> usize {
    const HEADER: u8 = 3;
    const FRAME: u8 = 6;
    let mut rest = stream;
    let mut frames = 0;
    while let Some((&head, after)) = rest.split_first() {
        frames += u32::from(matches!(head >> 3 & 15, HEADER | FRAME));
        if frames > 1 {
            return stream.len() - rest.len();
        }
        let extension = usize::from(head & 4 != 0);
        // Without a size the unit is the last.
        let Some((length, after)) = after.get(extension..).filter(|_| head & 2 != 0).and_then(leb128) else {
            break;
        };
        rest = after.get(length..).unwrap_or_default();
    }
    stream.len()
}

/// A number of seven bits a byte, the lowest first, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(8).position(|byte| byte & 0x80 == 0)? + 1;
    let (number, rest) = bytes.split_at(end);
    let number = number.iter().rev().fold(0_u64, |number, &byte| number << 7 | u64::from(byte & 0x7f));
    Some((usize::try_from(number).unwrap_or(usize::MAX), rest))
}
