//! The further frames of an animation: only those that show something else.
//!
//! Ads animate slide shows of photos, and each photo must be found. The trap: most frames repeat the one before
//! with a small change, and a cross-fade makes dozens of near-copies, so a frame counts only when it differs from
//! every frame kept so far.

use image::Frames;
use image::metadata::Orientation;

use super::damage::ran_out;
use super::limits::Limits;
use super::orient::Grid;
use super::pixels::{PixelGrid, Want, plane};
use crate::hash::Luma;
use crate::record::ImageCaveat;

/// Side of the thumbnail by which frames are compared.
const SIDE: usize = 16;
/// Mean difference in levels from which on a frame shows something else. Unrelated photos differ by 40 and more,
/// a moving detail or a caption by less than 5.
const DISTINCT: u32 = 8;
/// Frames looked at for each frame kept at most.
const LOOKED_AT: u32 = 8;

/// Frames beyond the first that differ from all before them, upright, and a caveat when the file ended early.
pub(super) fn distinct(
    frames: Frames<'_>,
    first: &Luma,
    orientation: Orientation,
    limits: &Limits,
) -> (Vec<Grid<1>>, Option<ImageCaveat>) {
    let keep = limits.max_frames.saturating_sub(1) as usize;
    let pixels = u64::from(first.width()) * u64::from(first.height());
    let most = u64::from(limits.max_frames.saturating_mul(LOOKED_AT)).min(limits.max_pixels / pixels.max(1));
    let mut seen = vec![thumbnail(first.width(), first.height(), first.pixels())];
    let mut kept = Vec::new();
    for frame in frames.take(most as usize).skip(1) {
        if kept.len() == keep {
            break;
        }
        let buffer = match frame {
            Ok(frame) => frame.into_buffer(),
            Err(error) => {
                return (
                    kept,
                    Some(if ran_out(&error) { ImageCaveat::Truncated } else { ImageCaveat::Damaged }),
                );
            }
        };
        let size = buffer.dimensions();
        let Some(PixelGrid::Grey(grey)) = plane(size, image::ColorType::Rgba8, buffer.into_raw(), Want::Luma)
        else {
            continue;
        };
        let grey = grey.upright(orientation);
        let small = thumbnail(grey.width, grey.height, &grey.pixels);
        if seen.iter().all(|other| difference(other, &small) >= DISTINCT) {
            seen.push(small);
            kept.push(grey);
        }
    }
    (kept, None)
}

/// Mean level of each cell of a 16 x 16 grid over the picture.
fn thumbnail(width: u32, height: u32, pixels: &[u8]) -> [u8; SIDE * SIDE] {
    let (width, height) = (width as usize, height as usize);
    std::array::from_fn(|cell| {
        let span = |i: usize, n: usize| (i * n / SIDE, ((i + 1) * n / SIDE).max(i * n / SIDE + 1));
        let (top, bottom) = span(cell / SIDE, height);
        let (left, right) = span(cell % SIDE, width);
        let rows = pixels.chunks_exact(width).take(bottom).skip(top);
        let sum: u64 = rows.flat_map(|row| &row[left..right]).map(|&value| u64::from(value)).sum();
        (sum / ((bottom - top) * (right - left)) as u64) as u8
    })
}

fn difference(a: &[u8], b: &[u8]) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() / a.len() as u32
}
