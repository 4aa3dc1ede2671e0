//! How long work reports itself and learns that it should stop.
//!
//! The library never draws or prints: it calls this trait, and the program decides what a person sees.
//! `stop_requested` is polled between images and between batches, never inside a kernel.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set once somebody wants this process to stop.
static STOP: AtomicBool = AtomicBool::new(false);

/// Asks all work of this process to stop at the next safe point, and readers of pipes at once. True when that was asked
/// before.
pub fn request_stop() -> bool {
    STOP.swap(true, Ordering::SeqCst)
}

/// True once [`request_stop`] was called.
pub fn stop_requested() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// What is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading manifests and folders.
    Reading,
    /// Decoding and hashing images.
    Hashing,
    /// Searching for pairs of hashes.
    Matching,
    /// Looking for pictures of which parts agree.
    Parts,
    /// Laying pictures over each other.
    Comparing,
    /// Photo groups, ad links, networks.
    Linking,
    /// Writing results.
    Writing,
}

impl Stage {
    /// Name beside a bar, and for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Hashing => "hashing",
            Self::Matching => "matching",
            Self::Parts => "parts",
            Self::Comparing => "comparing",
            Self::Linking => "linking",
            Self::Writing => "writing",
        }
    }
}

/// Receives progress; every method has a silent default. Called from many threads.
pub trait Progress: Sync {
    /// A stage begins; `total` in units of the stage (images, pairs, files) when known.
    fn start(&self, _stage: Stage, _total: Option<u64>) {}
    /// `count` more units are done.
    fn advance(&self, _count: u64) {}
    /// The stage is over.
    fn finish(&self) {}
    /// Something worth telling while the run goes on.
    fn warn(&self, _message: &str) {}
    /// True once the user wants to stop.
    fn stop_requested(&self) -> bool {
        false
    }
}

/// Reports nothing and never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
