//! JPEG through zune-jpeg: the luma plane as stored, without ever making RGB, where the file has one.
//!
//! RGB, CMYK and YCCK files have no luma plane and go through RGB (ink is taken for inverted, as Adobe writes it and
//! every viewer assumes). A clean file is decoded exactly once, strictly.
//! Only when that fails is it decoded again leniently, and the rows that the decoder filled are counted. The trap:
//! zune-jpeg in its lenient (default) mode reports success on a cut file and fills the rest with level 128.

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::StoredPicture;
use super::damage::Damage;
use super::jpeg_survey::Survey;
use super::limits::Limits;
use super::orient::Grid;
use super::pixels::{MISSING, PixelGrid, Want};
use crate::error::{ImageError, SkipReason};

/// Decodes a JPEG.
pub(super) fn read(bytes: &[u8], want: Want, limits: &Limits) -> Result<StoredPicture, ImageError> {
    let survey = Survey::of(bytes)?;
    limits.check_size(survey.width, survey.height, bytes_per_pixel(&survey, want))?;
    let DecodedJpeg { pixels, space, decoded, damage } =
        if survey.has_end() { whole(bytes, &survey, want)? } else { cut(bytes, &survey, want)? };
    let caveat = damage.settle()?;
    let mut plane = plane(&survey, pixels, space);
    if let Some(decoded) = decoded {
        plane.blank_missing(&decoded);
    }
    let orientation = survey.exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    Ok(StoredPicture { plane: plane.reduced(want), orientation, caveat })
}

/// What came out of the decoder.
struct DecodedJpeg {
    pixels: Vec<u8>,
    space: ColorSpace,
    /// Which rows are real; `None`: all.
    decoded: Option<Vec<bool>>,
    damage: Damage,
}

fn whole(bytes: &[u8], survey: &Survey<'_>, want: Want) -> Result<DecodedJpeg, ImageError> {
    if let Ok((pixels, space)) = attempt(bytes, survey, want, true) {
        return Ok(DecodedJpeg { pixels, space, decoded: None, damage: Damage::None });
    }
    let (pixels, space) = lenient(bytes, survey, want, SkipReason::Malformed)?;
    let decoded = rows_decoded(&pixels, survey);
    Ok(DecodedJpeg { pixels, space, damage: Damage::wrong(&decoded), decoded: Some(decoded) })
}

/// A file without its end marker. Where the picture comes in several scans, the first complete one holds all
/// rows, coarsely, and the incomplete last one is left out; before that there is no picture. Where it comes in
/// one scan, the rows that were reached count.
fn cut(bytes: &[u8], survey: &Survey<'_>, want: Want) -> Result<DecodedJpeg, ImageError> {
    if survey.progressive || survey.separate_scans {
        let Some(complete) = survey.complete_scans(bytes) else {
            return Err(ImageError::new(SkipReason::Truncated, "JPEG cut off in its first scan"));
        };
        // Without the scans of colour there would be colour, but a wrong one.
        let want = if survey.separate_scans { Want::Luma } else { want };
        let (pixels, space) = lenient(&complete, survey, want, SkipReason::Truncated)?;
        let rows = survey.height as usize;
        return Ok(DecodedJpeg { pixels, space, decoded: None, damage: Damage::Cut { rows, of: rows } });
    }
    // A download cut off in a file of the full length ends in zeros, which would decode as picture.
    let bytes = without_zeros(bytes);
    let (pixels, space, decoded) = match attempt(bytes, survey, want, true) {
        Ok((pixels, space)) => (pixels, space, vec![true; survey.height as usize]),
        Err(_) => {
            let (pixels, space) = lenient(bytes, survey, want, SkipReason::Truncated)?;
            let decoded = rows_decoded(&pixels, survey);
            (pixels, space, decoded)
        }
    };
    Ok(DecodedJpeg { pixels, space, damage: Damage::cut(&decoded), decoded: Some(decoded) })
}

fn lenient(
    bytes: &[u8],
    survey: &Survey<'_>,
    want: Want,
    reason: SkipReason,
) -> Result<(Vec<u8>, ColorSpace), ImageError> {
    attempt(bytes, survey, want, false).map_err(|error| {
        let reason =
            if matches!(error, DecodeErrors::Unsupported(_)) { SkipReason::Unsupported } else { reason };
        ImageError::new(reason, format!("JPEG: {error}"))
    })
}

/// The most that is held at a time: output, its turned or reduced copy, and the coefficients of every component
/// where they have to wait for later scans (as `i16`; zune-jpeg doubles their rows for 1x2 sampling).
fn bytes_per_pixel(survey: &Survey<'_>, want: Want) -> u64 {
    let components = survey.sampling.len() as u64;
    let (h, v) = survey.full_sampling();
    let waiting = if survey.progressive || survey.separate_scans {
        2 * components * u64::from((v / h).max(1))
    } else {
        0
    };
    match want {
        Want::Luma if has_luma_plane(survey) => 2 + waiting,
        Want::Luma => 3 + 2 + waiting,
        Want::Colour => 3 + 3 + waiting,
    }
}

/// Whether zune-jpeg's way of decoding luma alone can be used; true colour models are its own to tell. It gives
/// wrong rows (and no error) for progressive files sampled 1x2.
fn has_luma_plane(survey: &Survey<'_>) -> bool {
    match survey.sampling.len() {
        1 => true,
        3 => !(survey.progressive && survey.full_sampling() == (1, 2)),
        _ => false,
    }
}

/// One decode; the pixels and their colour space.
fn attempt(
    bytes: &[u8],
    survey: &Survey<'_>,
    want: Want,
    strict: bool,
) -> Result<(Vec<u8>, ColorSpace), DecodeErrors> {
    // Both sides fit in 16 bits; the product was checked.
    let options = DecoderOptions::default().set_max_width(65_535).set_max_height(65_535);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options.set_strict_mode(false));
    // Headers are read leniently: stray bytes between segments say nothing about the picture.
    decoder.decode_headers()?;
    let space = output_space(decoder.input_colorspace(), survey, want);
    decoder.set_options(options.jpeg_set_out_colorspace(space).set_strict_mode(strict));
    let size = survey.width as usize * survey.height as usize * space.num_components();
    let mut pixels = vec![MISSING; size];
    decoder.decode_into(&mut pixels)?;
    Ok((pixels, space))
}

fn output_space(stored: Option<ColorSpace>, survey: &Survey<'_>, want: Want) -> ColorSpace {
    match (survey.sampling.len(), stored) {
        (1, _) => ColorSpace::Luma,
        // zune-jpeg calls Adobe's RGB "CMYK" until it counts the components.
        (3, Some(ColorSpace::YCbCr | ColorSpace::YCCK)) if want == Want::Luma && has_luma_plane(survey) => {
            ColorSpace::Luma
        }
        _ => ColorSpace::RGB,
    }
}

fn plane(survey: &Survey<'_>, pixels: Vec<u8>, space: ColorSpace) -> PixelGrid {
    let (width, height) = (survey.width, survey.height);
    match space {
        ColorSpace::Luma => PixelGrid::Grey(Grid { width, height, pixels }),
        _ => PixelGrid::Colour(Grid { width, height, pixels }),
    }
}

/// Rows above the filling, exact to one row of blocks. A picture that really ends in rows of that level counts as
/// shorter, which errs on the safe side.
fn rows_decoded(pixels: &[u8], survey: &Survey<'_>) -> Vec<bool> {
    let height = survey.height as usize;
    let stride = pixels.len() / height;
    let filled =
        pixels.rchunks_exact(stride).take_while(|row| row.iter().all(|&value| value == MISSING)).count();
    (0..height).map(|row| row < height - filled).collect()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}
