//! From stored hashes and features to networks: indexes against the slow obvious search, verification, linking.
//!
//! Suites of indexes and of made-up graphs need no file; `composites`, `degenerate`, `flyers` and `watermarks` paint pictures and
//! read them in.

mod composites;
mod degenerate;
mod evidence;
mod feature_index;
mod flyers;
mod hashes;
mod index_agreement;
#[allow(dead_code, reason = "shared with tests that use more of it")]
#[path = "../scene/mod.rs"]
mod scene;
mod watermarks;
mod worlds;
