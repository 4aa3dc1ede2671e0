//! Not for users: parts that benchmarks, measuring programs and tests look at from outside.
//!
//! Nothing here is promised: it changes with any version. What a library user needs of it has a name at the root or in
//! a room of its own.

pub use crate::features::plane;
pub use crate::hash::kernel;
pub use crate::verify::{affine, dense, geometry, local, partial};
