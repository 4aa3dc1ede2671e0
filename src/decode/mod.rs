//! File bytes to [`Luma`], under [`Limits`]. Whatever is wrong with one file stays with that file.
//!
//! The one thing a newcomer would get wrong: the pixels are what a *viewer* shows (upright, transparency on
//! white), not what lies in the file; tools that hash the stored pixels differ on such files on purpose.
//!
//! # Decode policy
//!
//! | matter | rule |
//! |---|---|
//! | format | by content, never by extension; what cannot be decoded is named in the skip |
//! | JPEG | baseline, extended and progressive; the stored luma plane is used as it is, without making RGB. RGB, CMYK and YCCK files go through RGB; ink is inverted, as Adobe stores it and viewers assume. Files without Huffman tables have the standard ones; segments of an impossible length are stepped over. 12-bit, lossless, hierarchical and arithmetic coding, DNL, luma sampled more coarsely than colour: `UNSUPPORTED` |
//! | PNG | 1 to 16 bits, palette, grey, RGB, alpha, interlaced, animated (APNG) |
//! | WebP | lossy, lossless, alpha, animated |
//! | GIF, BMP, TIFF, PNM | all that the `image` crate decodes; only the first page of a TIFF |
//! | AVIF | with the cargo feature `avif`, else `UNSUPPORTED`: the still picture, of several frames the first, 8 to 12 bits, every sampling of colour; turned by `irot` and `imir`, never by EXIF; cropping (`clap`) is not applied; tiles are `UNSUPPORTED` |
//! | JPEG XL | with the cargo feature `jxl`, else `UNSUPPORTED`: the first frame with all its layers, together no more pixels than `max_pixels`; turned as its stream says, never by EXIF; CMYK is `UNSUPPORTED` |
//! | HEIC, JPEG 2000, SVG, PSD, icons | `UNSUPPORTED`, named |
//! | web page, PDF, archive, video, text | `NOT_AN_IMAGE`, named |
//! | 16 bits | round(v / 257) |
//! | transparency | laid over white |
//! | luma of colour | 0.299 R + 0.587 G + 0.114 B in integers, to 1/256 of a level; further frames to a whole level; colour profiles are ignored |
//! | orientation | EXIF 1 to 8 applied in JPEG, PNG, WebP, TIFF; a broken EXIF is ignored |
//! | animation | the first frame, and up to `max_frames` - 1 further ones that differ from all before by 8 levels on average over a 16 x 16 grid; 8 times as many are looked at, and together no more pixels than `max_pixels` |
//! | cut file | at least half of the rows decoded: hashed, caveat `TRUNCATED`, missing rows at level 128; else skipped as `TRUNCATED`. Rows are counted exactly in PNG, BMP, PNM, GIF, to one row of blocks in JPEG, also between restart markers; a JPEG of several scans has all rows, coarsely, once its first scan is complete; WebP, TIFF, AVIF, JPEG XL are all or nothing |
//! | damaged bytes | likewise: caveat `DAMAGED`, or skipped as `MALFORMED`. Wrong bits that still decode cannot be seen, unless a picture ends early or late for them, as it nearly always does in JPEG; what touches the colour of a JPEG alone is not told |
//! | limits | file size, pixels, frames, memory; read from headers before allocation; `TOO_LARGE` with the numbers |
//! | memory | bytes a pixel: JPEG 2, progressive 4, without a luma plane 5 and in several scans 13; 8-bit RGB PNG 11; GIF and WebP 18; JPEG XL 43, and 13 for each channel beyond three; AVIF 20; worst case 56 (float TIFF in colour). Never more than `max_memory` + 32 MiB + one copy of the file |
//! | zero bytes | `EMPTY` |
//! | panic in a decoder | caught, `DECODER_PANIC` |
//! | 1 x 1, 1 x N | decoded; PDQ gives them quality 0 |

mod animation;
#[cfg(feature = "avif")]
mod avif;
mod budget;
mod claims;
mod contain;
mod damage;
#[cfg(feature = "avif")]
mod heif;
mod jpeg;
mod jpeg_planes;
mod jpeg_survey;
#[cfg(feature = "jxl")]
mod jxl;
mod limits;
mod orient;
mod pixels;
mod png_text;
mod raster;
mod sniff;
#[cfg(feature = "avif")]
mod yuv;

use image::metadata::Orientation;

pub use self::budget::{Reservation, Scope, half_of_the_machine, limit_memory, memory_limit, room_for_file};
pub use self::limits::Limits;

use self::contain::contained;
use self::orient::Grid;
use self::pixels::{PixelGrid, Want};
use self::raster::Raster;
use self::sniff::FileFormat;
use crate::codes::EnumSet;
use crate::error::ImageError;
use crate::hash::Luma;
use crate::record::ImageCaveat;

/// A decoded file.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Format by content: `jpeg`, `png`, `webp`, `gif`, `bmp`, `tiff`, `pnm`, `avif`, `jxl`.
    pub format: &'static str,
    /// The first frame, upright.
    pub luma: Luma,
    /// Further distinct frames of an animation, upright.
    pub frames: Vec<Luma>,
    /// What a reader should know.
    pub caveats: EnumSet<ImageCaveat>,
    /// The EXIF orientation that was applied, 1 (none) to 8.
    pub orientation: u8,
}

/// Upright pixels in colour where the file has colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodedPicture {
    /// A picture stored without colour.
    Grey(Luma),
    /// A picture stored with colour (it may still look grey).
    Rgb {
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
        /// Red, green, blue; row by row, no padding.
        pixels: Vec<u8>,
    },
}

/// Decodes one file to luma. Never panics, whatever the bytes.
///
/// # Errors
/// The reason why this file cannot be hashed, for `skipped.csv`.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, ImageError> {
    limits.check_bytes(bytes.len())?;
    let format = sniff::sniff(bytes)?;
    let _scope = Scope::open();
    let bytes = &*png_text::without(format, bytes);
    contained(|| {
        // JPEG stores luma. From the others colour is kept until luma can be made without rounding.
        let want = if format == FileFormat::Jpeg { Want::Luma } else { Want::Colour };
        let Raster { first, frames } = raster::read(format, bytes, want, limits)?;
        let StoredPicture { plane, orientation, mut caveat } = first;
        let first = match plane {
            PixelGrid::Grey(grid) => luma(grid.upright(orientation)),
            PixelGrid::Colour(grid) => luma_of_colour(&grid.upright(orientation)),
        };
        let (frames, cut) = match frames {
            Some(frames) => animation::distinct(frames, &first, orientation, limits),
            None => (Vec::new(), None),
        };
        caveat = caveat.or(cut);
        Ok(Decoded {
            format: format.name(),
            luma: first,
            frames: frames.into_iter().map(luma).collect(),
            caveats: caveat.into_iter().collect(),
            orientation: orientation.to_exif(),
        })
    })
}

/// True when a file that begins with these bytes is of a format that some build decodes. 64 bytes are enough.
pub fn is_image(head: &[u8]) -> bool {
    sniff::sniff(head).is_ok()
}

/// Decodes the first frame in colour: for the exact hash, which starts from RGB, and for pictures of evidence.
/// Three times the memory of [`decode`]; the same files are refused for the same reasons.
///
/// # Errors
/// The reason why this file cannot be decoded.
pub fn decode_rgb(bytes: &[u8], limits: &Limits) -> Result<DecodedPicture, ImageError> {
    colour(bytes, limits, |stored| stored.orientation)
}

/// As [`decode_rgb`], but the pixels as they lie in the file, without EXIF orientation: what the reference's
/// file reader hashes.
///
/// # Errors
/// The reason why this file cannot be decoded.
pub fn decode_stored(bytes: &[u8], limits: &Limits) -> Result<DecodedPicture, ImageError> {
    colour(bytes, limits, |_| Orientation::NoTransforms)
}

fn colour(
    bytes: &[u8],
    limits: &Limits,
    orientation: impl FnOnce(&StoredPicture) -> Orientation,
) -> Result<DecodedPicture, ImageError> {
    limits.check_bytes(bytes.len())?;
    let format = sniff::sniff(bytes)?;
    let _scope = Scope::open();
    let bytes = &*png_text::without(format, bytes);
    contained(|| {
        let stored = raster::read(format, bytes, Want::Colour, limits)?.first;
        let turn = orientation(&stored);
        Ok(match stored.plane {
            PixelGrid::Grey(grid) => DecodedPicture::Grey(luma(grid.upright(turn))),
            PixelGrid::Colour(grid) => {
                let Grid { width, height, pixels } = grid.upright(turn);
                DecodedPicture::Rgb { width, height, pixels }
            }
        })
    })
}

/// A picture as it lies in the file, with what has to be done about it.
#[derive(Debug)]
struct StoredPicture {
    plane: PixelGrid,
    orientation: Orientation,
    caveat: Option<ImageCaveat>,
}

fn luma_of_colour(grid: &Grid<3>) -> Luma {
    Luma::from_rgb(grid.width, grid.height, &grid.pixels).expect("a colour grid has three bytes a pixel")
}

fn luma(Grid { width, height, pixels }: Grid<1>) -> Luma {
    Luma::new(width, height, pixels).expect("a grid has width times height pixels")
}
