//! PDQ: picture to 64x64 buffer to 16x16 frequencies to 256 bits, with quality and all orientations.
//!
//! Two ways lead to the buffer. [`pdq`] sums pixels under tents in integers: the default, and what makes hashing
//! vanish beside decoding. [`pdq_exact`] repeats the reference's f32 operations one by one. They part only where
//! the reference's own rounding decides a bit: flat pictures, gradients along one axis, perfect checkerboards,
//! all of quality near 0 or with frequencies that are 0.

mod dct;
mod exact;
mod smooth;
mod tent;

use super::kernel::dct::{Buffer, SIDE};
use super::kernel::tent::Tent as Kernel;
use super::luma::SamplePlane;
use super::{Hash256, Luma, Pdq, Quality, Rect};
pub use exact::{LumaF32, pdq_exact};

/// The least width and height that PDQ hashes.
const LEAST_SIDE: u32 = 5;

/// Stands for pictures too small to hash: zero bits, quality 0.
pub(super) const TOO_SMALL: Pdq = Pdq::from_base([Hash256::from_words([0; 4]); 4], Quality::ZERO);

/// PDQ of a picture in all orientations, from its full-size pixels. Below 5 pixels a side it is all zero, with
/// quality 0. Costs well under 1 ns per pixel plus some 10 us.
pub fn pdq(luma: &Luma) -> Pdq {
    pdq_of(luma, luma.bounds()).expect("a picture lies within its own bounds")
}

/// PDQ of a rectangle, as if it had been cut out; `None` when it reaches outside the picture.
pub fn pdq_of(luma: &Luma, rect: Rect) -> Option<Pdq> {
    luma.planes(rect)?;
    Some(reduced(luma, rect).map_or(TOO_SMALL, |buffer| dct::from_buffer(&buffer)))
}

/// PDQ of interleaved RGB rows; `None` when the number of bytes does not fit the size. What [`pdq`] says of
/// [`Luma::from_rgb`], at a third of the cost.
pub fn pdq_of_rgb(width: u32, height: u32, rgb: &[u8]) -> Option<Pdq> {
    let rows = SamplePlane::of_rgb(width, height, rgb)?;
    if width.min(height) < LEAST_SIDE {
        return Some(TOO_SMALL);
    }
    let [across, down] = [width, height].map(|n| tent::Axis::new(n as usize));
    Some(dct::from_buffer(&tent::reduce_rgb(rows, &across, &down, Kernel::best())))
}

/// PDQ of a rectangle as if it had been enlarged first; `None` when it reaches outside the picture or is too
/// small. For the small ones alone: elsewhere it says the same as PDQ and is slower.
pub(super) fn pdq_enlarged(luma: &Luma, rect: Rect) -> Option<Pdq> {
    reduced_by(luma, rect, smooth::axis).map(|buffer| dct::from_buffer(&buffer))
}

/// PDQ of a 64x64 buffer with its margin; see [`super::WholeHashes::margin`].
pub(super) fn of_buffer(buffer: &Buffer) -> (Pdq, f32) {
    dct::with_margin(buffer)
}

/// The rectangle reduced to 64x64 levels; `None` when it reaches outside the picture or is too small to hash.
pub(super) fn reduced(luma: &Luma, rect: Rect) -> Option<Buffer> {
    reduced_by(luma, rect, tent::Axis::new)
}

fn reduced_by(luma: &Luma, rect: Rect, axis: impl Fn(usize) -> tent::Axis) -> Option<Buffer> {
    let planes = luma.planes(rect)?;
    let large_enough = rect.width.min(rect.height) >= LEAST_SIDE;
    large_enough.then(|| {
        tent::reduce(planes, &axis(rect.width as usize), &axis(rect.height as usize), Kernel::best())
    })
}
