//! JPEG XL, from its bare stream or in a container.
//!
//! The trap: a header of a few bytes may ask for any size and any number of channels, and the decoder makes room when it
//! renders. So the size is checked once the header is read, before frames are; and what the decoder takes is counted.

use image::ColorType;
use image::metadata::Orientation;
use jxl_oxide::{
    AllocTracker, EnumColourEncoding, InitializeResult, JxlImage, JxlThreadPool, PixelFormat, RenderingIntent,
};

use super::StoredPicture;
use super::budget::{SLACK, too_large};
use super::limits::Limits;
use super::pixels::{Want, plane};
use crate::error::{ImageError, SkipReason};

/// Channels of floats, a few copies of them while filters run, packed pixels of the result.
const WORKSPACE: u64 = 48;

/// Decodes a JPEG XL picture, its first frame. All or nothing: a cut file is refused. The turn that the stream asks for
/// belongs to decoding; an EXIF turn beside it means nothing, as the format has it.
pub(super) fn read(bytes: &[u8], want: Want, limits: &Limits) -> Result<StoredPicture, ImageError> {
    let (mut image, fed) = opened(bytes, limits)?;
    let (width, height) = (image.width(), image.height());
    limits.check_size(width, height, WORKSPACE + 2 * want.bytes())?;
    image.feed_bytes(&bytes[fed..]).map_err(|error| refusal(&*error, limits))?;
    let color = layout(&image)?;
    whole(&image)?;
    ask_for_srgb(&mut image);
    let render = image.render_frame(0).map_err(|error| refusal(&*error, limits))?;
    let mut stream = render.stream();
    let size = (stream.width(), stream.height());
    if size != (width, height) || stream.channels() != u32::from(color.channel_count()) {
        return Err(ImageError::new(SkipReason::Malformed, format!("a frame of {size:?} pixels in JPEG XL")));
    }
    let mut pixels = vec![0; width as usize * height as usize * usize::from(color.channel_count())];
    stream.write_to_buffer::<u8>(&mut pixels);
    let plane = plane(size, color, pixels, want)
        .ok_or_else(|| ImageError::new(SkipReason::Unsupported, format!("pixels of the kind {color:?}")))?;
    Ok(StoredPicture { plane, orientation: Orientation::NoTransforms, caveat: None })
}

/// Reads as little as the header takes; also says how many bytes that was.
fn opened(bytes: &[u8], limits: &Limits) -> Result<(JxlImage, usize), ImageError> {
    let room = usize::try_from(limits.max_memory.saturating_add(SLACK)).unwrap_or(usize::MAX);
    let mut waiting = JxlImage::builder()
        .pool(JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(room))
        .build_uninit();
    // Each time as much again: a header is parsed from its start every time.
    let (mut fed, mut step) = (0, 256);
    while fed < bytes.len() {
        let part = &bytes[fed..bytes.len().min(fed + step)];
        fed += waiting.feed_bytes(part).map_err(|error| refusal(&*error, limits))?;
        match waiting.try_init().map_err(|error| refusal(&*error, limits))? {
            InitializeResult::Initialized(image) => return Ok((image, fed)),
            InitializeResult::NeedMoreData(again) => waiting = again,
        }
        step *= 2;
    }
    Err(cut())
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

/// Refuses what has no whole first frame.
fn whole(image: &JxlImage) -> Result<(), ImageError> {
    if image.num_loaded_keyframes() == 0 { Err(cut()) } else { Ok(()) }
}

/// The stream's own colours are no viewer's; where they are stored plainly, they stay as they are.
fn ask_for_srgb(image: &mut JxlImage) {
    let header = &image.image_header().metadata;
    if !header.xyb_encoded {
        return;
    }
    let encoding = match image.pixel_format().is_grayscale() {
        true => EnumColourEncoding::gray_srgb(RenderingIntent::Relative),
        false => EnumColourEncoding::srgb(RenderingIntent::Relative),
    };
    image.request_color_encoding(encoding);
}

fn cut() -> ImageError {
    ImageError::new(SkipReason::Truncated, "JPEG XL file cut off before the end of its picture")
}

fn refusal(error: &(dyn std::error::Error + Send + Sync + 'static), limits: &Limits) -> ImageError {
    let said = error.to_string();
    if said.contains("memory") {
        let limit = limits.max_memory;
        return too_large(format!("JPEG XL asks for more than the limit of {limit} bytes: {said}"));
    }
    ImageError::new(SkipReason::Malformed, format!("JPEG XL: {said}"))
}
