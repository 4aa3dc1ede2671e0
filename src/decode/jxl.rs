//! JPEG XL, from its bare stream or in a container.
//!
//! The trap: a header of a few bytes may ask for any size and any number of channels, and metadata beside the picture may
//! inflate to any length. So the header is parsed by itself and held to the limits before the decoder gets a byte; the decoder
//! is given the picture's stream alone, up to the first whole frame, and an account of memory that it may not overdraw.

use std::borrow::Cow;

use image::ColorType;
use image::metadata::Orientation;
use jxl_bitstream::{Bitstream, ContainerParser, ParseEvent};
use jxl_oxide::image::ImageHeader;
use jxl_oxide::{
    AllocTracker, EnumColourEncoding, ExtraChannelType, InitializeResult, JxlImage, JxlThreadPool,
    PixelFormat, Render, RenderingIntent,
};
use jxl_oxide_common::Bundle;

use super::StoredPicture;
use super::budget::{SLACK, too_large};
use super::limits::Limits;
use super::pixels::{Want, plane};
use crate::error::{ImageError, SkipReason};

/// Bytes a pixel that the decoder holds at a time for each channel: floats, and copies of them while filters run. Measured:
/// 9 in lossy pictures, 12 where grain is drawn over them, 4 in lossless ones.
const A_CHANNEL: u64 = 13;
/// Bytes of a colour profile; that of a printer has two million, and none is needed here.
const PROFILE: u64 = 4 << 20;
/// Frames that belong to the first one without being layers of it.
const HELPERS: u64 = 8;
/// Bytes given to the decoder at a time.
const STEP: usize = 1 << 16;

/// Decodes a JPEG XL picture, its first frame. All or nothing: a cut file is refused. The turn that the stream asks for
/// belongs to decoding; an EXIF turn beside it means nothing, as the format has it.
pub(super) fn read(bytes: &[u8], want: Want, limits: &Limits) -> Result<StoredPicture, ImageError> {
    let stream = stream_of(bytes)?;
    let claims = JxlClaims::of(&stream)?;
    let room = claims.check(want, limits)?;
    let mut image = first_frame(&stream, &claims, room, limits)?;
    let color = layout(&image)?;
    ask_for_srgb(&mut image);
    let render = image.render_frame(0).map_err(|error| refusal(&*error, limits))?;
    let pixels = samples(&render, claims.size, color)?;
    drop((render, image));
    let plane = plane(claims.size, color, pixels, want)
        .ok_or_else(|| ImageError::new(SkipReason::Unsupported, format!("pixels of the kind {color:?}")))?;
    Ok(StoredPicture { plane, orientation: Orientation::NoTransforms, caveat: None })
}

/// The picture's own stream, without the boxes around it.
fn stream_of(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ImageError> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for event in ContainerParser::new().feed_bytes(bytes) {
        if let ParseEvent::Codestream(part) = event.map_err(|error| refusal(&error, &Limits::default()))? {
            parts.push(part);
        }
    }
    match parts[..] {
        [] => Err(cut()),
        [whole] => Ok(Cow::Borrowed(whole)),
        _ => Ok(Cow::Owned(parts.concat())),
    }
}

/// What the stream says about itself.
struct JxlClaims {
    /// Width and height, upright.
    size: (u32, u32),
    channels: u64,
    /// Bytes of the colour profile, packed.
    profile: u64,
}

impl JxlClaims {
    fn of(stream: &[u8]) -> Result<Self, ImageError> {
        let mut bits = Bitstream::new(stream);
        let broken = |error: jxl_bitstream::Error| match error.unexpected_eof() {
            true => cut(),
            false => ImageError::new(SkipReason::Malformed, format!("JPEG XL header: {error}")),
        };
        let header = ImageHeader::parse(&mut bits, ()).map_err(broken)?;
        let metadata = &header.metadata;
        let colours = if metadata.grayscale() && !metadata.xyb_encoded { 1 } else { 3 };
        let profile = match metadata.colour_encoding.want_icc() {
            true => bits.read_u64().map_err(broken)?,
            false => 0,
        };
        Ok(Self {
            size: (header.width_with_orientation(), header.height_with_orientation()),
            channels: colours + metadata.ec_info.len() as u64,
            profile,
        })
    }

    /// Holds the claims to the limits; how many bytes the decoder may take.
    fn check(&self, want: Want, limits: &Limits) -> Result<u64, ImageError> {
        let (width, height) = self.size;
        if width == 0 || height == 0 {
            return Err(ImageError::new(SkipReason::Malformed, format!("{width} x {height} pixels")));
        }
        let decoder = A_CHANNEL * self.channels;
        // Packed pixels of up to four channels beside it; what becomes of them, once it is gone.
        limits.check_size(width, height, 4 + decoder.max(2 * want.bytes()))?;
        if self.profile > PROFILE {
            let profile = self.profile;
            return Err(too_large(format!("a colour profile of {profile} bytes, the limit is {PROFILE}")));
        }
        Ok(self.pixels() * decoder + SLACK / 2)
    }

    fn pixels(&self) -> u64 {
        u64::from(self.size.0) * u64::from(self.size.1)
    }
}

/// Feeds the decoder until it has all of the first frame that is shown.
fn first_frame(
    stream: &[u8],
    claims: &JxlClaims,
    room: u64,
    limits: &Limits,
) -> Result<JxlImage, ImageError> {
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let builder = JxlImage::builder().pool(JxlThreadPool::none());
    let mut waiting = builder.alloc_tracker(AllocTracker::with_limit(room)).build_uninit();
    let mut parts = stream.chunks(STEP);
    let mut image = loop {
        let part = parts.next().ok_or_else(cut)?;
        waiting.feed_bytes(part).map_err(|error| refusal(&*error, limits))?;
        match waiting.try_init().map_err(|error| refusal(&*error, limits))? {
            InitializeResult::Initialized(image) => break image,
            InitializeResult::NeedMoreData(again) => waiting = again,
        }
    };
    while image.num_loaded_keyframes() == 0 {
        check_layers(&image, claims, limits)?;
        let part = parts.next().ok_or_else(cut)?;
        image.feed_bytes(part).map_err(|error| refusal(&*error, limits))?;
    }
    check_layers(&image, claims, limits)?;
    Ok(image)
}

/// A frame may be laid over many others, each as large as the picture and a few bytes long.
fn check_layers(image: &JxlImage, claims: &JxlClaims, limits: &Limits) -> Result<(), ImageError> {
    let shown = image.frame_by_keyframe(0).map(|frame| frame.index() + 1);
    let frames = shown.unwrap_or_else(|| image.num_loaded_frames()) as u64;
    let most = HELPERS + limits.max_pixels / claims.pixels();
    match frames > most {
        true => Err(too_large(format!("JPEG XL of {frames} layers, the limit at this size is {most}"))),
        false => Ok(()),
    }
}

fn layout(image: &JxlImage) -> Result<ColorType, ImageError> {
    Ok(match image.pixel_format() {
        PixelFormat::Gray => ColorType::L8,
        PixelFormat::Graya => ColorType::La8,
        PixelFormat::Rgb => ColorType::Rgb8,
        PixelFormat::Rgba => ColorType::Rgba8,
        PixelFormat::Cmyk | PixelFormat::Cmyka => {
            return Err(ImageError::new(SkipReason::Unsupported, "JPEG XL in CMYK; convert it to PNG first"));
        }
    })
}

/// The stream's own colours are no viewer's; where they are stored plainly, they stay as they are.
fn ask_for_srgb(image: &mut JxlImage) {
    if !image.image_header().metadata.xyb_encoded {
        return;
    }
    let encoding = match image.pixel_format().is_grayscale() {
        true => EnumColourEncoding::gray_srgb(RenderingIntent::Relative),
        false => EnumColourEncoding::srgb(RenderingIntent::Relative),
    };
    image.request_color_encoding(encoding);
}

/// Channels of 8 bits, interleaved, alpha as a share of what is seen.
fn samples(render: &Render, size: (u32, u32), color: ColorType) -> Result<Vec<u8>, ImageError> {
    let channels = usize::from(color.channel_count());
    let mut stream = render.stream();
    let found = (stream.width(), stream.height());
    if found != size || stream.channels() as usize != channels {
        return Err(ImageError::new(
            SkipReason::Malformed,
            format!("a frame of {found:?} pixels in JPEG XL"),
        ));
    }
    let mut pixels = vec![0; size.0 as usize * size.1 as usize * channels];
    stream.write_to_buffer::<u8>(&mut pixels);
    if is_premultiplied(render) {
        pixels.chunks_exact_mut(channels).for_each(put_on_white);
    }
    Ok(pixels)
}

fn is_premultiplied(render: &Render) -> bool {
    let alpha = render.extra_channels().0.iter().find(|channel| channel.is_alpha());
    alpha.is_some_and(|alpha| matches!(alpha.ty(), ExtraChannelType::Alpha { alpha_associated: true }))
}

/// Colours that are multiplied by alpha already, which comes last.
fn put_on_white(pixel: &mut [u8]) {
    let Some((alpha, colours)) = pixel.split_last_mut() else { return };
    for level in colours {
        *level = level.saturating_add(255 - *alpha);
    }
    *alpha = 255;
}

fn cut() -> ImageError {
    ImageError::new(SkipReason::Truncated, "JPEG XL file cut off before the end of its picture")
}

fn refusal(error: &(dyn std::error::Error + Send + Sync + 'static), limits: &Limits) -> ImageError {
    let said = error.to_string();
    if said.contains("memory") || said.contains("allocat") {
        let limit = limits.max_memory;
        return too_large(format!("JPEG XL asks for more than the limit of {limit} bytes: {said}"));
    }
    ImageError::new(SkipReason::Malformed, format!("JPEG XL: {said}"))
}
