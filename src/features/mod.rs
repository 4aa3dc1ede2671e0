//! Local features: a hundred or two keypoints of 20 bytes that find a photo again in a crop, a page or a collage.
//!
//! The recipe: difference-of-Gauss keypoints, upright SIFT-like descriptors, a learned 128-bit code closed under
//! the eight symmetries. What newcomers get wrong: there is no orientation and no separate "mirrored" features.
//! A turned copy is found by [`Features::turned`] on one side; positions are in pixels of the *working image*
//! (longest side at most [`WORKING_SIDE`]), not of the file.

mod code;
mod disk;
mod extract;
mod index;
mod record;
pub mod texture;

pub use code::Code;
pub use disk::{DiskFeatureIndex, MergedSegment, SegmentMerge};
#[doc(hidden)]
pub use extract::plane;
pub use index::search::{CANDIDATES, Candidate, FeatureIndex, MOST_FREQUENT};
pub(crate) use record::Outline;
pub use record::{KEYPOINT_BYTES, stored_keypoints, stored_texture};
#[cfg(feature = "case")]
pub(crate) use record::{joined, parted};

use crate::hash::kernel::features::FeatureKernel;
use crate::hash::{Dihedral, Luma};
use extract::detect::{Extremum, Scan};
use extract::pyramid::{self, Pyramid};
use extract::{descriptor, select};
use std::cell::RefCell;
use texture::{Texture, TextureMap};

/// Longest side of the working image.
pub const WORKING_SIDE: u32 = 512;
/// Pictures with a shorter side than this have no features.
pub const SHORTEST_SIDE: u32 = 32;
/// Keypoints stored by default: 4,000 bytes, a page of a case.
pub const STORED: usize = 200;
/// Of [`STORED`] keypoints, how many are looked at in a corpus of more than [`MANY`] images: the index of all takes memory.
pub const STORED_OF_MANY: usize = 100;
/// See [`STORED_OF_MANY`].
pub const MANY: usize = 20_000;
/// Keypoints of a picture searched for: more find more, and cost nothing in the case.
pub const QUERY: usize = 250;
/// Codes of one picture at most this far apart look the same to the eye of the index.
const SIMILAR: u8 = 38;

/// One keypoint as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keypoint {
    /// What the neighbourhood looks like.
    pub code: Code,
    /// Column in half pixels of the working image.
    pub x: u16,
    /// Row in half pixels of the working image.
    pub y: u16,
    /// Scale: log2 of the blur's sigma in working pixels, in eighths.
    pub scale: u8,
    /// 1 plus the number of other keypoints of the picture that look the same, at most 8.
    pub repeats: u8,
}

impl Keypoint {
    /// Position in pixels of the working image.
    pub fn position(&self) -> (f32, f32) {
        (f32::from(self.x) / 2.0, f32::from(self.y) / 2.0)
    }

    /// Sigma in pixels of the working image.
    pub fn sigma(&self) -> f32 {
        descriptor::exp2(f32::from(self.scale) / 8.0)
    }
}

/// The features of one picture, best keypoints first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features {
    /// Width of the working image.
    pub width: u16,
    /// Height of the working image.
    pub height: u16,
    /// In order of merit: every prefix is a valid smaller set, see [`Features::prefix`].
    pub keypoints: Vec<Keypoint>,
    /// Photo or design, block by block; empty where that is not known: of features that an older version stored.
    pub texture: TextureMap,
}

impl Features {
    /// The `count` best keypoints: what extraction with that limit gives.
    pub fn prefix(&self, count: usize) -> Self {
        let keypoints = self.keypoints[..count.min(self.keypoints.len())].to_vec();
        let mut features = Self { keypoints, texture: self.texture.clone(), ..*self };
        features.count_repeats();
        features
    }

    /// The features of the picture turned by `turn`.
    pub fn turned(&self, turn: Dihedral) -> Self {
        let (right, bottom) = (2 * self.width.max(1) - 2, 2 * self.height.max(1) - 2);
        // A keypoint may sit up to half a pixel beyond the last pixel's centre.
        let (mirror_x, mirror_y) = (|x: u16| right.saturating_sub(x), |y: u16| bottom.saturating_sub(y));
        let place = |x: u16, y: u16| match turn {
            Dihedral::None => (x, y),
            Dihedral::Rot90 => (y, mirror_x(x)),
            Dihedral::Rot180 => (mirror_x(x), mirror_y(y)),
            Dihedral::Rot270 => (mirror_y(y), x),
            Dihedral::FlipX => (x, mirror_y(y)),
            Dihedral::FlipY => (mirror_x(x), y),
            Dihedral::FlipPlus1 => (y, x),
            Dihedral::FlipMinus1 => (mirror_y(y), mirror_x(x)),
        };
        let (width, height) = match turn {
            Dihedral::None | Dihedral::Rot180 | Dihedral::FlipX | Dihedral::FlipY => {
                (self.width, self.height)
            }
            _ => (self.height, self.width),
        };
        let turned = |keypoint: &Keypoint| {
            let (x, y) = place(keypoint.x, keypoint.y);
            Keypoint { code: keypoint.code.turned(turn), x, y, ..*keypoint }
        };
        let keypoints = self.keypoints.iter().map(turned).collect();
        Self { width, height, keypoints, texture: self.texture.turned(turn) }
    }

    /// What kind of thing a keypoint is of; continuous tone where that is not known.
    pub fn texture_of(&self, keypoint: &Keypoint) -> Texture {
        match self.texture.is_empty() {
            true => Texture::Photo,
            false => {
                let size = (usize::from(self.width), usize::from(self.height));
                self.texture.at((usize::from(keypoint.x / 2), usize::from(keypoint.y / 2)), size)
            }
        }
    }

    fn count_repeats(&mut self) {
        let kernel = FeatureKernel::detect();
        let codes: Vec<_> = self.keypoints.iter().map(|keypoint| *keypoint.code.words()).collect();
        let places: Vec<_> = self.keypoints.iter().map(Keypoint::position).collect();
        let mut distances = Vec::with_capacity(codes.len());
        for (i, keypoint) in self.keypoints.iter_mut().enumerate() {
            distances.clear();
            kernel.distances(codes[i], &codes, &mut distances);
            let reach = 1.5 * keypoint.sigma();
            let far = |j: usize| {
                let (dx, dy) = (places[j].0 - places[i].0, places[j].1 - places[i].1);
                dx * dx + dy * dy > reach * reach
            };
            let same = (0..codes.len()).filter(|&j| distances[j] <= SIMILAR && far(j)).count();
            keypoint.repeats = 1 + same.min(7) as u8;
        }
    }
}

/// The `limit` best keypoints of a picture: [`STORED`] to keep, [`QUERY`] to search with. None at all when the
/// picture is flat or shorter than [`SHORTEST_SIDE`]. The cost hardly depends on the limit; it is that of
/// blurring a picture of [`WORKING_SIDE`].
pub fn extract(luma: &Luma, limit: usize) -> Features {
    thread_local! {
        static WORKSPACE: RefCell<Workspace> = RefCell::default();
    }
    WORKSPACE.with_borrow_mut(|workspace| workspace.extract(luma, limit, FeatureKernel::detect()))
}

/// Descriptors behind the codes of [`extract()`], with their keypoints: what the projection is learned from.
pub fn descriptors(luma: &Luma, limit: usize) -> Vec<(Keypoint, [i16; 128])> {
    let mut workspace = Workspace::default();
    let features = workspace.extract(luma, limit, FeatureKernel::detect());
    let size = (usize::from(features.width), usize::from(features.height));
    let chosen = select::select(&workspace.scan, features.keypoints.len(), (&features.texture, size));
    let described = |extremum: &Extremum| {
        let octave = &workspace.pyramid.octaves()[extremum.octave];
        descriptor::describe(octave, extremum, FeatureKernel::detect())
    };
    features.keypoints.iter().copied().zip(chosen.iter().map(described)).collect()
}

/// Buffers that outlive a picture.
#[derive(Default)]
struct Workspace {
    pyramid: Pyramid,
    scan: Scan,
}

impl Workspace {
    fn extract(&mut self, luma: &Luma, limit: usize, kernel: FeatureKernel) -> Features {
        let (width, height) = plane::reduced_size(luma.width(), luma.height(), WORKING_SIDE);
        let size = (width as u16, height as u16);
        if width.min(height) < SHORTEST_SIDE {
            return Features { width: size.0, height: size.1, ..Features::default() };
        }
        self.scan.clear();
        let image = plane::reduce(luma, WORKING_SIDE);
        self.pyramid.build(&image, kernel, |octave, level, y, rows| {
            self.scan.row(octave, level, y, rows, kernel);
        });
        let texture = TextureMap::of(&image);
        let keypoints = select::select(&self.scan, limit, (&texture, (width as usize, height as usize)))
            .iter()
            .map(|extremum| self.keypoint(extremum, size, kernel))
            .collect();
        let mut features = Features { width: size.0, height: size.1, keypoints, texture };
        features.count_repeats();
        features
    }

    fn keypoint(&self, extremum: &Extremum, (width, height): (u16, u16), kernel: FeatureKernel) -> Keypoint {
        let descriptor = descriptor::describe(&self.pyramid.octaves()[extremum.octave], extremum, kernel);
        let doubled = (2u32 << extremum.octave) as f32;
        let half_pixels = |at: f32, side: u16| ((doubled * at + 0.5) as u16).min(2 * side - 1);
        let eighths =
            8.0 * (LOG2_BASE_SIGMA + extremum.octave as f32 + extremum.level / pyramid::INTERVALS as f32);
        Keypoint {
            code: Code::of(&descriptor, kernel),
            x: half_pixels(extremum.x, width),
            y: half_pixels(extremum.y, height),
            scale: (eighths + 0.5) as u8,
            repeats: 1,
        }
    }
}

/// log2 of the first plane's blur, 1.6.
const LOG2_BASE_SIGMA: f32 = 0.678_071_9;
