//! What comparing the pixels of two images showed, kept because it is dear to find and originals do not stay.
//!
//! Opaque bytes here; who compared them decides what they say, and must be able to tell bytes of an older form. A
//! result has to follow from the two images alone, or name what else it rests on, so that it is found again only where that
//! still is so: that is why keeping it changes nothing but the time a run takes.

use crate::record::ImageId;

/// The result of one pair; of an image and itself, what is seen of it without its watermark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PixelCheck {
    /// The image with the smaller id.
    pub a: ImageId,
    /// The other.
    pub b: ImageId,
    /// What was found, from the first image's point of view.
    pub result: Vec<u8>,
}
