//! Frames of a video, by the `ffmpeg` that the user has: the first, and one for every cut, as pictures in memory.
//!
//! `ffmpeg` is how it is called, `supervised` keeps it within its limits, `talk` is what it says and `ppm` what it shows.
//! The trap: a video may be a list of other files in disguise, and would then show what lies on this machine; so formats
//! that name files are not among those it may read.

mod ffmpeg;
mod ppm;
mod supervised;
mod talk;
#[cfg(all(test, unix))]
mod tests;

use crate::analysis::{Analysed, analyse_for_case};
use crate::codes::EnumSet;
use crate::decode::Limits;
use crate::record::{Image, ImageCaveat};
use std::time::Duration;

pub(in crate::ingest) use ffmpeg::frames;

/// Frames of one video.
const MOST: usize = 60;

/// The longest side of a frame: as large as pictures in ads are.
const SIDE: usize = 1280;

/// What one video may cost.
#[derive(Debug, Clone, Copy)]
pub(in crate::ingest) struct VideoLimits {
    /// For all of its frames.
    pub(in crate::ingest) time: Duration,
    /// In bytes, of all that the program starts.
    pub(in crate::ingest) memory: u64,
}

impl Default for VideoLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(180), memory: 2 << 30 }
    }
}

/// A frame.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ingest) struct VideoFrame {
    /// When it is shown, in seconds, as `12.4`.
    pub(in crate::ingest) at: String,
    /// As a PPM file.
    pub(in crate::ingest) picture: Vec<u8>,
}

/// Why there are no more frames of a video.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ingest) enum VideoFault {
    /// What is wrong and what helps, in words.
    Said(String),
    /// The user wants to stop: what came of the video is not all of it.
    Stopped,
}

/// What a case holds of a frame.
pub(in crate::ingest) fn analysed(picture: &[u8], limits: &Limits, keypoints: usize) -> Analysed {
    let analysed = analyse_for_case(picture, limits, keypoints);
    let as_frame = |image: Image| {
        let caveats = image.caveats.union(EnumSet::from_iter([ImageCaveat::VideoFrame]));
        Image { format: "video".into(), caveats, ..image }
    };
    Analysed { outcome: analysed.outcome.map(as_frame), ..analysed }
}
