//! What is written out for x86-64, where the compiler spills sums, widens more than it must, or does not see vectors.

mod blur;
mod extrema;
mod reduce;

pub(super) use reduce::{mix_rows, mix_runs};

/// With AVX2.
pub(super) mod avx2 {
    pub(in super::super) use super::blur::avx2::blur_row;
    pub(in super::super) use super::extrema::avx2::extrema;
}

/// With AVX-512.
pub(super) mod avx512 {
    pub(in super::super) use super::blur::avx512::blur_row;
    pub(in super::super) use super::extrema::avx512::extrema;
}
