//! How a tile is joined.
//!
//! The trap: tiles that are to be put together must be joined alike; files of pairs say how they were.

use crate::hash::Quality;
use std::path::PathBuf;

/// Which pairs a tile lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileMode {
    /// Every pair within the radius.
    All,
    /// A spanning forest: as few as connect what is within the radius of each other, nearest first. Two images are
    /// connected by pairs of at most `t` bits exactly if the forest connects them so, for every `t`.
    Forest,
}

impl TileMode {
    /// Name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Forest => "forest",
        }
    }
}

/// How a tile is joined.
#[derive(Debug, Clone)]
pub struct TileOptions {
    /// Bits within which two hashes are near.
    pub radius: u32,
    /// Quality below which a hash is left out.
    pub min_quality: Quality,
    /// Look at hashes as they are only: a quarter of the work, and no turned or mirrored copies.
    pub upright: bool,
    /// Which pairs are listed.
    pub mode: TileMode,
    /// Where pairs are laid aside that do not fit into memory.
    pub spill: PathBuf,
}
