//! adlink finds the ads that show the same photo, across sites, and links them into networks with evidence.
//!
//! Photos, not people: it compares pictures by perceptual hash (PDQ first), verifies what it finds, and says
//! why. The rooms stand in the order of the data: file bytes -> [`decode`] -> [`hash`] -> [`case`] -> [`corpus`] ->
//! [`link`] -> [`view`] -> [`report`] and [`output`].

pub mod case;
pub mod corpus;
pub mod decode;
pub mod error;
pub mod eval;
pub mod features;
pub mod hash;
pub mod hashlist;
pub mod index;
pub mod ingest;
pub mod link;
pub mod output;
pub mod picture;
pub mod progress;
pub mod record;
pub mod report;
#[cfg(feature = "serve")]
pub mod review;
pub mod search;
mod sets;
pub mod share;
mod source;
pub mod verify;
pub mod view;

pub use error::{Error, ImageError, Result, SkipReason};
