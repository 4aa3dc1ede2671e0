//! Every format but JPEG, through the decoders of the `image` crate.
//!
//! Those decoders say *that* a broken file ended early, not where. So after an error it is decoded twice more,
//! over a buffer of zeros and one of ones: rows that come out equal were written, the others never reached. The trap
//! is the reader: `read_exact` of a slice delivers nothing when it cannot deliver all, see [`Bytes`].

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use image::codecs::{bmp, gif, png, pnm, tiff, webp};
use image::metadata::Orientation;
use image::{AnimationDecoder, ColorType, Frames, ImageDecoder, ImageResult};

use super::StoredPicture;
use super::claims::{Claims, check_tiff_directory};
use super::damage::{Damage, ran_out, refusal};
use super::limits::Limits;
use super::pixels::{PixelGrid, Want, plane};
use super::sniff::FileFormat;
use crate::error::{ImageError, SkipReason};

/// A still picture or the first frame, and the frames of an animation, which begin with the first one again.
pub(super) struct Raster<'a> {
    pub(super) first: StoredPicture,
    pub(super) frames: Option<Frames<'a>>,
}

/// Decodes anything but JPEG.
pub(super) fn read<'a>(
    format: FileFormat,
    bytes: &'a [u8],
    want: Want,
    limits: &Limits,
) -> Result<Raster<'a>, ImageError> {
    let still = |first| Raster { first, frames: None };
    let job = Job { bytes, want, limits };
    match format {
        FileFormat::Png => read_png(&job),
        FileFormat::WebP => read_webp(&job),
        FileFormat::Gif => read_gif(&job),
        FileFormat::Bmp => job.still(bmp::BmpDecoder::new, &Claims::default()).map(still),
        FileFormat::Tiff => read_tiff(&job).map(still),
        FileFormat::Pnm => read_pnm(&job).map(still),
        #[cfg(feature = "avif")]
        FileFormat::Avif => super::avif::read(bytes, want, limits).map(still),
        #[cfg(not(feature = "avif"))]
        FileFormat::Avif => Err(super::sniff::not_built("an AVIF picture", "avif")),
        #[cfg(feature = "jxl")]
        FileFormat::Jxl => super::jxl::read(bytes, want, limits).map(still),
        #[cfg(not(feature = "jxl"))]
        FileFormat::Jxl => Err(super::sniff::not_built("a JPEG XL picture", "jxl")),
        FileFormat::Jpeg => super::jpeg::read(bytes, want, limits).map(still),
    }
}

fn read_png<'a>(job: &Job<'a, '_>) -> Result<Raster<'a>, ImageError> {
    let claims = Claims::of_png(job.bytes);
    claims.check(job.limits, 1)?;
    // The decoder's own cap, which stops swollen metadata, must leave room for rows of the full width.
    let cap = job.limits.for_image_crate(u64::from(claims.width()) * 32);
    let open = |reader| png::PngDecoder::with_limits(reader, cap.clone());
    let first = job.still(open, &claims)?;
    // Three RGBA pictures while frames are laid over each other; too large for that is still a picture.
    let canvas = claims.pixels().saturating_mul(12);
    let frames = match claims.animated && canvas <= job.limits.max_memory {
        true => open(job.reader())
            .and_then(|mut decoder| {
                decoder.set_limits(job.limits.for_image_crate(canvas))?;
                decoder.apng()
            })
            .ok()
            .map(AnimationDecoder::into_frames),
        false => None,
    };
    Ok(Raster { first, frames })
}

fn read_webp<'a>(job: &Job<'a, '_>) -> Result<Raster<'a>, ImageError> {
    // Beside the result: planes or packed pixels, the frame, and the canvas of an animation.
    const WORKSPACE: u64 = 16;
    let claims = Claims::of_webp(job.bytes);
    claims.check(job.limits, WORKSPACE + 2 * job.want.bytes())?;
    let first = job.still(webp::WebPDecoder::new, &claims)?;
    let frames = match claims.animated {
        true => webp::WebPDecoder::new(job.reader()).ok().map(AnimationDecoder::into_frames),
        false => None,
    };
    Ok(Raster { first, frames })
}

fn read_gif<'a>(job: &Job<'a, '_>) -> Result<Raster<'a>, ImageError> {
    // Beside the result: three RGBA pictures while frames are laid over each other.
    const WORKSPACE: u64 = 12;
    let claims = Claims::of_gif(job.bytes);
    claims.check(job.limits, WORKSPACE + 2 * job.want.bytes())?;
    let first = job.still(gif::GifDecoder::new, &claims)?;
    let frames = match claims.animated {
        true => gif::GifDecoder::new(job.reader()).ok().map(AnimationDecoder::into_frames),
        false => None,
    };
    Ok(Raster { first, frames })
}

fn read_tiff(job: &Job<'_, '_>) -> Result<StoredPicture, ImageError> {
    check_tiff_directory(job.bytes)?;
    job.still(tiff::TiffDecoder::new, &Claims::default())
}

fn read_pnm(job: &Job<'_, '_>) -> Result<StoredPicture, ImageError> {
    let stored = job.still(pnm::PnmDecoder::new, &Claims::default())?;
    let header = pnm::PnmDecoder::new(job.reader()).map_err(|error| job.refusal(&error))?.into_inner().1;
    // Samples of another range are scaled at the very end, which a cut file never reaches.
    if stored.caveat.is_some() && !matches!(header.maximal_sample(), 1 | 255 | 65_535) {
        return Err(ImageError::new(SkipReason::Truncated, "PNM of an unusual range cut off"));
    }
    Ok(stored)
}

struct Job<'a, 'l> {
    bytes: &'a [u8],
    want: Want,
    limits: &'l Limits,
}

impl<'a> Job<'a, '_> {
    fn reader(&self) -> Bytes<'a> {
        Bytes(Cursor::new(self.bytes))
    }

    /// One picture.
    fn still<D: ImageDecoder>(
        &self,
        open: impl Fn(Bytes<'a>) -> ImageResult<D>,
        claims: &Claims<'_>,
    ) -> Result<StoredPicture, ImageError> {
        let mut decoder = open(self.reader()).map_err(|error| self.refusal_of(&error, claims.cut))?;
        let (size, color) = (decoder.dimensions(), decoder.color_type());
        self.check(size, color)?;
        let orientation = match claims.exif {
            Some(exif) => Orientation::from_exif_chunk(exif),
            None => decoder.orientation().ok(),
        };
        self.set_limits(&mut decoder)?;
        let mut pixels = vec![0; decoder.total_bytes() as usize];
        let mut decoded = vec![true; size.1 as usize];
        let mut damage = if claims.cut { Damage::cut(&decoded) } else { Damage::None };
        if let Err(error) = decoder.read_image(&mut pixels) {
            decoded = self.salvage(&open, &error, &mut pixels, size.1, color)?;
            if decoded.iter().all(|decoded| !decoded) {
                return Err(self.refusal_of(&error, claims.cut));
            }
            let cut = claims.cut || ran_out(&error);
            damage = if cut { Damage::cut(&decoded) } else { Damage::wrong(&decoded) };
        }
        let caveat = damage.settle()?;
        let mut plane = self.plane(size, color, pixels)?;
        plane.blank_missing(&decoded);
        Ok(StoredPicture { plane, orientation: orientation.unwrap_or(Orientation::NoTransforms), caveat })
    }

    fn set_limits(&self, decoder: &mut impl ImageDecoder) -> Result<(), ImageError> {
        let limits = self.limits.for_image_crate(2 * decoder.total_bytes());
        decoder.set_limits(limits).map_err(|error| self.refusal(&error))
    }

    /// The most held at a time: two buffers of the decoder's own layout when damage is located (TIFF has one
    /// more), result and turned result.
    fn check(&self, (width, height): (u32, u32), color: ColorType) -> Result<(), ImageError> {
        if width == 0 || height == 0 {
            return Err(ImageError::new(SkipReason::Malformed, format!("{width} x {height} pixels")));
        }
        let stored = u64::from(color.bytes_per_pixel());
        self.limits.check_size(width, height, 3 * stored + 2 * self.want.bytes())
    }

    fn plane(&self, size: (u32, u32), color: ColorType, pixels: Vec<u8>) -> Result<PixelGrid, ImageError> {
        plane(size, color, pixels, self.want)
            .ok_or_else(|| ImageError::new(SkipReason::Unsupported, format!("pixels of the kind {color:?}")))
    }

    fn refusal(&self, error: &image::ImageError) -> ImageError {
        refusal(error, self.limits)
    }

    /// Also for a file known to be cut, where the decoder may only see nonsense.
    fn refusal_of(&self, error: &image::ImageError, cut: bool) -> ImageError {
        let mut refused = self.refusal(error);
        if cut && refused.reason == SkipReason::Malformed {
            refused.reason = SkipReason::Truncated;
        }
        refused
    }

    /// Which rows a failing decode still writes; leaves them in `pixels`.
    fn salvage<D: ImageDecoder>(
        &self,
        open: impl Fn(Bytes<'a>) -> ImageResult<D>,
        error: &image::ImageError,
        pixels: &mut [u8],
        height: u32,
        color: ColorType,
    ) -> Result<Vec<bool>, ImageError> {
        if matches!(error, image::ImageError::Limits(_) | image::ImageError::Unsupported(_)) {
            return Err(self.refusal(error));
        }
        let again = |pixels: &mut [u8]| -> Result<(), ImageError> {
            let mut decoder = open(self.reader()).map_err(|error| self.refusal(&error))?;
            self.set_limits(&mut decoder)?;
            // It fails as it did before; what it wrote until then is what counts.
            let _ = decoder.read_image(pixels);
            Ok(())
        };
        let mut ones = vec![0xff; pixels.len()];
        pixels.fill(0);
        again(pixels)?;
        again(&mut ones)?;
        let stride = pixels.len() / height as usize;
        let decoded =
            pixels.chunks_exact(stride).zip(ones.chunks_exact(stride)).map(|(a, b)| a == b).collect();
        if matches!(color, ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16) {
            // PNG and PNM store the high byte first, and are put in order only at the very end.
            for sample in pixels.as_chunks_mut::<2>().0 {
                *sample = u16::from_be_bytes(*sample).to_ne_bytes();
            }
        }
        Ok(decoded)
    }
}

/// A file in memory as the decoders read it. Deliberately without `read_exact` of its own: the one a slice has
/// delivers nothing at all when the file is too short, and then the last rows of a cut file would be lost.
struct Bytes<'a>(Cursor<&'a [u8]>);

impl Read for Bytes<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl BufRead for Bytes<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Seek for Bytes<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
