//! Tests of all stages together, on made-up images: what decisions change.
//!
//! What one stage does alone is tested beside it.

mod decisions;
mod parts;
mod sections;
