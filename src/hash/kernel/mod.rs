//! The only room with `unsafe`: SIMD kernels, each with a safe scalar twin that defines it.
//!
//! Detection happens once, outside the loops; a kernel value can only be made on a CPU that has the feature, so
//! holding it is the proof its SAFETY comments refer to.

#[allow(unsafe_code)]
pub(crate) mod dct;
pub mod features;
#[allow(unsafe_code)]
pub mod hamming;
#[allow(unsafe_code)]
pub mod idct;
#[allow(unsafe_code)]
pub(crate) mod tent;
