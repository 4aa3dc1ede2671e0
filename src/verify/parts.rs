//! Parts of two pictures laid over each other: what near hashes of two views are asked to bear out.
//!
//! Only the parts are compared, at the resolution at hand: two collages with one photo agree in that photo and nowhere
//! else. The trap: a part is given in fractions, since linking keeps pictures smaller than the files are.

use super::affine::Affine;
use super::dense::{DenseCheck, check};
use super::hash_doubt::fractions;
use super::projective::Projective;
use crate::features::WORKING_SIDE;
use crate::features::plane::reduced_size;
use crate::hash::{Dihedral, Luma, Rect};
use crate::record::Image;

/// A part of an image: left, top, width and height as fractions of its size.
pub type Part = [f64; 4];

/// Shorter sides of a part, in pixels at hand, are too short to compare.
const LEAST_SIDE: u32 = 32;

/// The part that a rectangle of an image is.
pub fn of_rect(rect: Rect, image: &Image) -> Part {
    let [left, top, right, bottom] = fractions(rect, image);
    [left, top, right - left, bottom - top]
}

/// Compares the pixels of a part of one picture, turned, with those of a part of another; `None` for too little
/// structure. Costs what [`check`] costs.
pub fn check_parts(a: (&Luma, &Part), b: (&Luma, &Part), turn: Dihedral) -> Option<DenseCheck> {
    let (a, b) = (cut(a.0, a.1)?, cut(b.0, b.1)?);
    check(&a, &b, &on_each_other(&a, &b, turn))
}

fn cut(luma: &Luma, [left, top, width, height]: &Part) -> Option<Luma> {
    let pixels = |share: f64, of: u32| (share * f64::from(of)).round() as u32;
    let (x, y) = (pixels(*left, luma.width()), pixels(*top, luma.height()));
    let width = pixels(*width, luma.width()).min(luma.width().saturating_sub(x));
    let height = pixels(*height, luma.height()).min(luma.height().saturating_sub(y));
    (width.min(height) >= LEAST_SIDE).then(|| luma.part(Rect { x, y, width, height })).flatten()
}

/// The map between working pixels of two pictures that lays a rectangle of one, turned, on a rectangle of the other. Each is
/// given with the width and height of its picture.
pub fn along_rects(a: (Rect, (u32, u32)), b: (Rect, (u32, u32)), turn: Dihedral) -> Projective {
    let ([left, top, width, height], to) = (in_working_pixels(a), in_working_pixels(b));
    let turned = if turn.transposes() { (height, width) } else { (width, height) };
    let (across, down) = (to[2] / turned.0, to[3] / turned.1);
    let shift = |x: f64, y: f64| Affine([1.0, 0.0, x, 0.0, 1.0, y]);
    let stretch = Affine::of_resizing(across, down);
    let turned = shift(-left, -top).then(&Affine::of_turn(turn, width, height));
    Projective::from_affine(&turned.then(&stretch).then(&shift(to[0], to[1])))
}

/// Left, top, width and height.
fn in_working_pixels((rect, (width, height)): (Rect, (u32, u32))) -> [f64; 4] {
    let working = reduced_size(width, height, WORKING_SIDE);
    let across = f64::from(working.0) / f64::from(width.max(1));
    let down = f64::from(working.1) / f64::from(height.max(1));
    let (wide, high) = (f64::from(rect.width.max(1)), f64::from(rect.height.max(1)));
    [f64::from(rect.x) * across, f64::from(rect.y) * down, wide * across, high * down]
}

/// The map between working pixels that lays all of one picture, turned, on all of another.
fn on_each_other(a: &Luma, b: &Luma, turn: Dihedral) -> Projective {
    let size = |luma: &Luma| {
        let (width, height) = reduced_size(luma.width(), luma.height(), WORKING_SIDE);
        (f64::from(width), f64::from(height))
    };
    let (from, to) = (size(a), size(b));
    let turned = if turn.transposes() { (from.1, from.0) } else { from };
    Projective::from_affine(&Affine::of_turn(turn, from.0, from.1))
        .to_resized(to.0 / turned.0, to.1 / turned.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_falls_on_the_other_corner_by_corner() {
        let rect = |x, y, width, height| Rect { x, y, width, height };
        let (a, b) = ((rect(10, 20, 40, 20), (100, 80)), (rect(5, 30, 20, 40), (60, 120)));
        let map = along_rects(a, b, Dihedral::Rot90);
        // Outer edges, half a pixel beyond the centres: top right goes to top left.
        let near = |got: (f64, f64), want: (f64, f64)| (got.0 - want.0).abs() + (got.1 - want.1).abs() < 1e-9;
        assert!(near(map.apply((49.5, 19.5)), (4.5, 29.5)), "{:?}", map.apply((49.5, 19.5)));
        assert!(near(map.apply((9.5, 39.5)), (24.5, 69.5)), "{:?}", map.apply((9.5, 39.5)));
    }
}
