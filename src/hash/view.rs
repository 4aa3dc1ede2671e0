//! What part of an image a hash describes.
//!
//! These are nouns of the hash floor because views are found and hashed here; the records above re-export them
//! beside the other nouns.

use super::Pdq;

/// Which part or form of an image a hash was computed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ViewKind {
    /// The whole picture.
    Whole,
    /// Without its uniform border.
    ContentBox,
    /// One picture of a page, screenshot or collage.
    Pane,
    /// A further frame of an animation.
    Frame,
    /// A small picture, without its border, hashed as if it had been enlarged: not PDQ to the bit, but closer to
    /// the PDQ of its large original.
    Enlarged,
    /// The middle square of a picture, without its border: what galleries and profile pages show of it.
    Square,
    /// The whole picture with dark and light exchanged: never stored, as its hash is the complement of the picture's own
    /// ([`Pdq::negative`]).
    Negative,
}

impl ViewKind {
    /// Name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::ContentBox => "content-box",
            Self::Pane => "pane",
            Self::Frame => "frame",
            Self::Enlarged => "enlarged",
            Self::Square => "square",
            Self::Negative => "negative",
        }
    }
}

/// A rectangle of an image in pixels, after EXIF orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Rect {
    /// Number of pixels.
    pub const fn area(&self) -> u64 {
        self.width as u64 * self.height as u64
    }
}

/// A PDQ hash of a part or form of an image other than the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Content box, pane or frame.
    pub kind: ViewKind,
    /// Where in the image.
    pub rect: Rect,
    /// Its hash in all orientations, and quality.
    pub pdq: Pdq,
}
