//! A small picture to recognise a photo by, for a report: blurred, unless somebody insists.

use super::rgb::Rgb;
use crate::decode::{Limits, decode_rgb};
use crate::error::ImageError;
use crate::language::word;

/// Longest side of a preview in pixels.
pub const PREVIEW_SIDE: u32 = 160;
/// Longest side of one in a strip of many.
pub const COPY_SIDE: u32 = 88;
/// JPEG quality: nothing fine is left to keep in most of them.
const QUALITY: u8 = 60;

/// How much of a preview is left to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewForm {
    /// Colours and masses; see [`Rgb::blurred`].
    Blurred,
    /// Masses only: blurred, and without colour.
    Grey,
    /// Everything that the size leaves.
    Clear,
}

impl PreviewForm {
    /// Name in files, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blurred => word!("blurred"),
            Self::Grey => word!("grey"),
            Self::Clear => word!("clear"),
        }
    }
}

/// The preview of a file, its longest side at most `side`, as JPEG: the same bytes for the same file, without metadata.
///
/// # Errors
/// The reason why the file cannot be decoded.
pub fn preview(file: &[u8], limits: &Limits, form: PreviewForm, side: u32) -> Result<Vec<u8>, ImageError> {
    let small = Rgb::from(decode_rgb(file, limits)?).reduced(side);
    let shown = match form {
        PreviewForm::Blurred => small.blurred(),
        PreviewForm::Grey => small.blurred().grey(),
        PreviewForm::Clear => small,
    };
    Ok(shown.jpeg(QUALITY).expect("a decoded picture has pixels, and few of them"))
}
