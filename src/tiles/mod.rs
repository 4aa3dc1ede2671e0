//! Hashes in files, pairs in files: the part of linking that any scheduler can run as jobs, tile by tile.
//!
//! `adlink hash --shard` writes hash files, [`join_tile`] finds the pairs of one file, or between two, and [`Components`]
//! puts together what the pairs of all tiles connect. All files are Parquet in one schema, which Spark and others read
//! and write as well. The trap: a pair here is two near hashes and no proof; what linking asks beyond that needs features
//! and pixels.

mod components;
mod hash_file;
mod join;
mod noted;
mod options;
mod pairs;
mod sorted_pairs;
mod task;

pub use components::{ComponentWriter, Components};
pub use hash_file::{HashFile, HashFileTally, RefusedRow};
pub use join::join_tile;
pub use noted::Noted;
pub use options::{TileMode, TileOptions};
pub use pairs::{IdPair, PAIRS, PairWriter};
pub use task::{JobTask, TASK, file_notes};
