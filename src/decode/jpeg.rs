//! JPEG: the luma plane as stored, without ever making RGB, where the file has one.
//!
//! [`jpeg_planes`] reads it and says which rows are there; where colour is asked for, zune-jpeg gives it. RGB, CMYK and
//! YCCK files have no luma plane and go through zune-jpeg's RGB (ink is taken for inverted, as Adobe writes it and every
//! viewer assumes): strictly first, and only when that fails leniently, and the rows that the decoder filled are counted.
//! The trap: in its lenient mode it reports success on a cut file and fills the rest with level 128.

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::StoredPicture;
use super::damage::Damage;
use super::jpeg_planes::{self, DecodedPlanes};
use super::jpeg_survey::Survey;
use super::limits::Limits;
use super::orient::Grid;
use super::pixels::{MISSING, PixelGrid, Want};
use crate::error::{ImageError, SkipReason};
use crate::record::ImageCaveat;

/// Decodes a JPEG.
pub(super) fn read(bytes: &[u8], want: Want, limits: &Limits) -> Result<StoredPicture, ImageError> {
    let survey = Survey::of(bytes)?;
    limits.check_size(survey.width, survey.height, bytes_per_pixel(&survey, want))?;
    let (plane, caveat) = match survey.has_luma() {
        true => of_planes(bytes, &survey, want)?,
        false => of_colour(bytes, &survey)?,
    };
    let orientation = survey.exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    Ok(StoredPicture { plane: plane.reduced(want), orientation, caveat })
}

/// Luma is what the plane holds; colour is asked of zune-jpeg where it can be trusted.
fn of_planes(
    bytes: &[u8],
    survey: &Survey<'_>,
    want: Want,
) -> Result<(PixelGrid, Option<ImageCaveat>), ImageError> {
    let (width, height) = (survey.width, survey.height);
    let DecodedPlanes { mut planes, rows, damage } = luma(bytes, survey)?;
    let caveat = damage.settle()?;
    let mut plane = if want == Want::Luma || survey.sampling.len() == 1 {
        let luma = planes.swap_remove(0).ok_or_else(unreadable)?;
        PixelGrid::Grey(Grid { width, height, pixels: luma.samples })
    } else {
        drop(planes);
        // Without the scans of colour it would give colour, but a wrong one.
        let trusted = survey.is_general() && !(survey.separate_scans && damage != Damage::None);
        match trusted.then(|| attempt(bytes, survey, false)) {
            Some(Ok((pixels, space))) => self::plane(survey, pixels, space),
            _ => PixelGrid::Colour(Grid { width, height, pixels: colour(bytes, survey)? }),
        }
    };
    plane.blank_missing(&rows);
    Ok((plane, caveat))
}

/// The luma plane and what is missing of it.
fn luma(bytes: &[u8], survey: &Survey<'_>) -> Result<DecodedPlanes, ImageError> {
    let ended = survey.has_end();
    // A download cut off in a file of the full length ends in zeros, which would decode as picture.
    let Some(mut planes) = jpeg_planes::read(if ended { bytes } else { without_zeros(bytes) }, 1) else {
        let reason = if ended { SkipReason::Malformed } else { SkipReason::Truncated };
        return Err(ImageError::new(reason, "JPEG without the tables or the scan that its picture needs"));
    };
    if ended && !planes.rows.contains(&true) {
        planes.damage = Damage::wrong(&planes.rows);
    } else if !ended && planes.damage == Damage::None {
        planes.damage = Damage::cut(&planes.rows);
    }
    Ok(planes)
}

/// RGB of planes read here.
fn colour(bytes: &[u8], survey: &Survey<'_>) -> Result<Vec<u8>, ImageError> {
    let planes = jpeg_planes::read(bytes, 3);
    let pixels = planes.and_then(|planes| planes.to_rgb(survey.width as usize, survey.height as usize));
    pixels.ok_or_else(unreadable)
}

fn unreadable() -> ImageError {
    ImageError::new(SkipReason::Malformed, "JPEG whose components cannot be read")
}

/// A picture without a luma plane: RGB as stored, or ink.
fn of_colour(bytes: &[u8], survey: &Survey<'_>) -> Result<(PixelGrid, Option<ImageCaveat>), ImageError> {
    if !survey.is_general() {
        return Err(ImageError::new(
            SkipReason::Unsupported,
            "JPEG with an odd sampling of a colour model without luma, which adlink does not decode",
        ));
    }
    let DecodedJpeg { pixels, space, decoded, damage } =
        if survey.has_end() { whole(bytes, survey)? } else { cut(bytes, survey)? };
    let caveat = damage.settle()?;
    let mut plane = plane(survey, pixels, space);
    if let Some(decoded) = decoded {
        plane.blank_missing(&decoded);
    }
    Ok((plane, caveat))
}

/// What came out of the decoder.
struct DecodedJpeg {
    pixels: Vec<u8>,
    space: ColorSpace,
    /// Which rows are real; `None`: all.
    decoded: Option<Vec<bool>>,
    damage: Damage,
}

fn whole(bytes: &[u8], survey: &Survey<'_>) -> Result<DecodedJpeg, ImageError> {
    if let Ok((pixels, space)) = attempt(bytes, survey, true) {
        return Ok(DecodedJpeg { pixels, space, decoded: None, damage: Damage::None });
    }
    let (pixels, space) = lenient(bytes, survey, SkipReason::Malformed)?;
    let decoded = rows_decoded(&pixels, survey);
    Ok(DecodedJpeg { pixels, space, damage: Damage::wrong(&decoded), decoded: Some(decoded) })
}

/// A file without its end marker. Where the picture comes in several scans, the first complete one holds all
/// rows, coarsely, and the incomplete last one is left out; before that there is no picture. Where it comes in
/// one scan, the rows that were reached count.
fn cut(bytes: &[u8], survey: &Survey<'_>) -> Result<DecodedJpeg, ImageError> {
    if survey.progressive || survey.separate_scans {
        let Some(complete) = survey.complete_scans(bytes) else {
            return Err(ImageError::new(SkipReason::Truncated, "JPEG cut off in its first scan"));
        };
        let (pixels, space) = lenient(&complete, survey, SkipReason::Truncated)?;
        let rows = survey.height as usize;
        return Ok(DecodedJpeg { pixels, space, decoded: None, damage: Damage::Cut { rows, of: rows } });
    }
    // A download cut off in a file of the full length ends in zeros, which would decode as picture.
    let bytes = without_zeros(bytes);
    let (pixels, space, decoded) = match attempt(bytes, survey, true) {
        Ok((pixels, space)) => (pixels, space, vec![true; survey.height as usize]),
        Err(_) => {
            let (pixels, space) = lenient(bytes, survey, SkipReason::Truncated)?;
            let decoded = rows_decoded(&pixels, survey);
            (pixels, space, decoded)
        }
    };
    Ok(DecodedJpeg { pixels, space, damage: Damage::cut(&decoded), decoded: Some(decoded) })
}

fn lenient(
    bytes: &[u8],
    survey: &Survey<'_>,
    reason: SkipReason,
) -> Result<(Vec<u8>, ColorSpace), ImageError> {
    attempt(bytes, survey, false).map_err(|error| {
        let reason =
            if matches!(error, DecodeErrors::Unsupported(_)) { SkipReason::Unsupported } else { reason };
        ImageError::new(reason, format!("JPEG: {error}"))
    })
}

/// The most that is held at a time: output, its turned or reduced copy, and coefficients where they have to wait for later
/// scans (as `i16`): of luma alone, or of every component (zune-jpeg doubles their rows for 1x2 sampling).
fn bytes_per_pixel(survey: &Survey<'_>, want: Want) -> u64 {
    let (h, v) = survey.full_sampling();
    let waits = survey.progressive || survey.separate_scans;
    let of_all = 2 * survey.sampling.len() as u64 * u64::from((v / h).max(1));
    match want {
        Want::Luma if survey.has_luma() => 2 + if survey.progressive { 2 } else { 0 },
        Want::Luma => 3 + 2 + if waits { of_all } else { 0 },
        Want::Colour => 3 + 3 + if waits { of_all } else { 0 },
    }
}

/// One decode; the pixels and their colour space.
fn attempt(bytes: &[u8], survey: &Survey<'_>, strict: bool) -> Result<(Vec<u8>, ColorSpace), DecodeErrors> {
    // Both sides fit in 16 bits; the product was checked.
    let options = DecoderOptions::default().set_max_width(65_535).set_max_height(65_535);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options.set_strict_mode(false));
    // Headers are read leniently: stray bytes between segments say nothing about the picture.
    decoder.decode_headers()?;
    let space = if survey.sampling.len() == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(options.jpeg_set_out_colorspace(space).set_strict_mode(strict));
    let size = survey.width as usize * survey.height as usize * space.num_components();
    let mut pixels = vec![MISSING; size];
    decoder.decode_into(&mut pixels)?;
    Ok((pixels, space))
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
