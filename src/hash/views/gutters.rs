//! Gutters: the thin lines between the pictures of a grid, as profile pages, galleries and collages have them.
//!
//! A gap of three pixels in a saved page is no longer of one colour: coarse JPEG lets the pictures on both sides ring into
//! it. So a gutter is told by what it is *not*: over all of its length it keeps near one colour, and what lies beside it, on
//! both sides, mostly does not. The trap: a single cell may well begin as bright as the gutter, so lines are judged across
//! the whole grid and never cell by cell.

use super::super::{Luma, Rect};
use super::lines::{Line, Side};
use std::ops::Range;

/// Levels by which ringing moves the pixels of a gutter.
const RINGING: u8 = 40;
/// Share of its pixels that may be further off: where rounded corners meet.
const STRAY: f32 = 0.06;
/// Lines beyond a gutter at which the pictures are looked at: past the blur of scaling.
const BESIDE: u32 = 4;
/// Share of the lines on either side that must be of other colours.
const CONTRAST: f32 = 0.4;
/// A wider gap is ground, and found as such; one part in this many of the region, and these lines at the least.
const WIDEST: (u32, u32) = (30, 6);

/// The parts between the gutters parallel to `side`; the whole depth where there is none.
pub(super) fn between(luma: &Luma, region: Rect, side: Side) -> Vec<Range<u32>> {
    let depth = side.depth(region);
    let widest = (depth / WIDEST.0).max(WIDEST.1);
    let colours: Vec<Option<u8>> =
        (0..depth).map(|n| Line::new(luma, region, side, n).nearly_uniform(RINGING, STRAY)).collect();
    let (mut parts, mut start, mut n) = (Vec::new(), 0, 0);
    while n < depth {
        let Some(colour) = colours[n as usize] else {
            n += 1;
            continue;
        };
        let like = |line: &&Option<u8>| line.is_some_and(|other| other.abs_diff(colour) <= RINGING);
        let end = n + colours[n as usize..].iter().take_while(like).count() as u32;
        if end - n <= widest && differs_beside(luma, region, side, n..end, colour) {
            parts.push(start..n);
            start = end;
        }
        n = end;
    }
    parts.push(start..depth);
    parts
}

/// Do the lines before and after a gutter show something else?
fn differs_beside(luma: &Luma, region: Rect, side: Side, gutter: Range<u32>, colour: u8) -> bool {
    let (before, after) = (gutter.start.checked_sub(BESIDE), gutter.end - 1 + BESIDE);
    let differs = |n: u32| Line::new(luma, region, side, n).share_beyond(colour, RINGING) >= CONTRAST;
    before.is_some_and(differs) && after < side.depth(region) && differs(after)
}
