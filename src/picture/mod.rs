//! Pictures of evidence: two images side by side, what they share outlined, one laid over the other, what differs.
//!
//! Made from the originals when someone looks, and kept nowhere. The order: originals to [`Rgb`], a [`Start`] from
//! what proved the pair, [`Alignment`] to the pixel, [`Panels`] to look at, a sheet of them to hand on. The trap: a
//! proof between two hashes or features says *roughly* where; only the alignment may be drawn.

mod align;
mod font;
mod lay;
mod outline;
mod preview;
mod rgb;
mod sheet;
mod small_pair;
mod starts;

pub use align::{Alignment, Start};
pub use preview::{COPY_SIDE, PREVIEW_SIDE, PreviewForm, preview};
pub use rgb::{BLURRED_SIDE, Rgb};
pub use sheet::Sheet;
pub use small_pair::{PAIR_BYTES, PAIR_SIDE, SmallPair};

use crate::verify::affine::Point;
use lay::{SharedArea, scales, shown, shown_size};

/// How much of the pictures is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelStyle {
    /// Longest side of a panel in pixels.
    pub side: u32,
    /// Leave masses and colours only; see [`Rgb::blurred`].
    pub blurred: bool,
    /// Without colour.
    pub grey: bool,
}

impl Default for PanelStyle {
    fn default() -> Self {
        Self { side: 640, blurred: false, grey: false }
    }
}

/// Two images, shown so that what they share is equally large in both.
#[derive(Debug, Clone)]
pub struct Panels {
    /// The first image.
    pub a: Rgb,
    /// The second image.
    pub b: Rgb,
    /// The two laid over each other; `None` where no alignment is known.
    pub laid: Option<Overlay>,
}

/// What an alignment shows.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// The second image as the first shows it, on the grid of panel `a`; grey where it shows nothing.
    pub b_on_a: Rgb,
    /// Twice the difference of `a` and `b_on_a`, colour by colour: black where they agree, grey where only one of
    /// them shows anything.
    pub difference: Rgb,
    /// Median difference over the shared part, in levels of 255, before any blurring, at the resolution of the
    /// coarser image.
    pub median_difference: u8,
    /// The shared part in pixels of panel `a`.
    pub outline_a: Vec<Point>,
    /// The shared part in pixels of panel `b`.
    pub outline_b: Vec<Point>,
}

impl Panels {
    /// The panels of two images. About 100 ms at the default size.
    pub fn new(a: &Rgb, b: &Rgb, alignment: Option<&Alignment>, style: PanelStyle) -> Self {
        let growth = alignment.map_or(1.0, Alignment::growth);
        let scale = match alignment {
            Some(_) => scales(a, b, growth, style.side),
            // Nothing is known to be shared: each as large as there is room.
            None => (scales(a, a, 1.0, style.side).0, scales(b, b, 1.0, style.side).0),
        };
        let styled = |picture: Rgb| {
            let picture = if style.grey { picture.grey() } else { picture };
            if style.blurred { picture.blurred() } else { picture }
        };
        let b_shown = shown(b, shown_size(b, scale.1));
        let Some(alignment) = alignment else {
            let a_shown = shown(a, shown_size(a, scale.0));
            return Self { a: styled(a_shown), b: styled(b_shown), laid: None };
        };
        let shared = SharedArea::of(a, b, &alignment.laying(), style.side);
        let (difference, median_difference) = shared.difference();
        let outline = |polygon: &[Point], panel: &Rgb| {
            let (width, height) = (f64::from(panel.width), f64::from(panel.height));
            polygon.iter().map(|(x, y)| (x * width - 0.5, y * height - 0.5)).collect()
        };
        let laid = Overlay {
            outline_a: outline(&alignment.overlap.polygon_a, &shared.a),
            outline_b: outline(&alignment.overlap.polygon_b, &b_shown),
            b_on_a: styled(shared.laid),
            difference: styled(difference),
            median_difference,
        };
        Self { a: styled(shared.a), b: styled(b_shown), laid: Some(laid) }
    }

    /// The first image with the shared part outlined.
    pub fn a_outlined(&self) -> Rgb {
        outline::outlined(&self.a, self.laid.as_ref().map_or(&[], |laid| &laid.outline_a))
    }

    /// The second image with the shared part outlined.
    pub fn b_outlined(&self) -> Rgb {
        outline::outlined(&self.b, self.laid.as_ref().map_or(&[], |laid| &laid.outline_b))
    }
}
