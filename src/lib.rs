//! adlink finds the ads that show the same photo, across sites, and links them into networks with evidence.
//!
//! Photos, not people: it compares pictures by perceptual hash (PDQ first), verifies what it finds, and says
//! why. The rooms stand in the order of the data: file bytes -> [`decode`] -> [`hash`] -> [`case`] ->
//! [`link`] -> [`report`] and [`export`].

pub mod case;
pub mod decode;
pub mod disclosure;
pub mod error;
pub mod eval;
pub mod evidence;
pub mod exchange;
pub mod explain;
pub mod export;
pub mod features;
pub mod hash;
pub mod index;
pub mod ingest;
pub mod link;
pub mod progress;
pub mod record;
pub mod report;
pub mod results;
#[cfg(feature = "serve")]
pub mod serve;
pub(crate) mod source;
pub mod verify;

pub use error::{Error, ImageError, Result, SkipReason};
