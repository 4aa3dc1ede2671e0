//! Both pictures of a pair, small, for a report: what they share outlined, the second laid on the first.
//!
//! The trap: the outline is drawn after blurring, or nothing would be left of it. What is blurred holds no more than a
//! preview does: [`super::BLURRED_SIDE`] pixels along its longest side, whatever its size.

use super::rgb::Rgb;
use super::{Alignment, PanelStyle, Panels, PreviewForm, Start};
use crate::hash::Dihedral;
use crate::language::say;

/// Longest side of such a picture in pixels.
pub const PAIR_SIDE: u32 = 320;
/// Most bytes of such a picture.
pub const PAIR_BYTES: usize = 40_000;
/// JPEG qualities in the order in which they are tried; the last one keeps any picture of this size below the limit.
const QUALITIES: [u8; 4] = [70, 50, 30, 10];

/// Pictures of a pair as JPEG, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallPair {
    /// The first picture, the common part outlined.
    pub a: Vec<u8>,
    /// The second, likewise, turned as the first lies; `None` where both are one file.
    pub b: Option<Vec<u8>>,
    /// The second as the first shows it; `None` where nothing says how it lies.
    pub laid: Option<Vec<u8>>,
    /// How the two lie on each other, as a sentence, in the language of the thread that made it.
    pub words: String,
}

impl SmallPair {
    /// Of two images. About 100 ms.
    pub fn new(a: &Rgb, b: &Rgb, starts: &[Start], form: PreviewForm) -> Self {
        let alignment = Alignment::new(a, b, starts);
        let panels = Panels::new(a, b, alignment.as_ref(), style(form));
        let back = alignment.as_ref().map_or(Dihedral::None, |found| found.transform.inverse());
        Self {
            a: small(&panels.a_outlined()),
            b: Some(small(&panels.b_outlined().turned(back))),
            laid: panels.laid.as_ref().map(|laid| small(&laid.b_on_a)),
            words: words(alignment.as_ref(), &panels),
        }
    }

    /// Of one file that both ads show.
    pub fn of_one(a: &Rgb, form: PreviewForm) -> Self {
        let shown = Panels::new(a, a, None, style(form)).a;
        Self { a: small(&shown), b: None, laid: None, words: say!("Both ads show this very file.").into() }
    }

    /// How many pictures it holds.
    pub fn pictures(&self) -> usize {
        1 + usize::from(self.b.is_some()) + usize::from(self.laid.is_some())
    }
}

fn style(form: PreviewForm) -> PanelStyle {
    PanelStyle { side: PAIR_SIDE, blurred: form != PreviewForm::Clear, grey: form == PreviewForm::Grey }
}

fn words(alignment: Option<&Alignment>, panels: &Panels) -> String {
    match (alignment, &panels.laid) {
        (Some(alignment), Some(laid)) => say!(
            "Laid over each other: {how}; half of the pixels there differ by {levels} of 255 levels or less.",
            how = alignment.words(),
            levels = laid.median_difference,
        ),
        _ => say!("Not laid over each other: nothing says how.").into(),
    }
}

/// The best JPEG within the limit.
fn small(picture: &Rgb) -> Vec<u8> {
    let mut jpeg = Vec::new();
    for quality in QUALITIES {
        jpeg = picture.jpeg(quality).expect("a panel has pixels, and few of them");
        if jpeg.len() <= PAIR_BYTES {
            break;
        }
    }
    jpeg
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture that no JPEG makes small.
    fn noise(side: u32) -> Rgb {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let pixels = (0..side * side * 3).map(|_| next()).collect();
        Rgb::new(side, side, pixels).expect("three bytes a pixel")
    }

    #[test]
    fn no_picture_is_larger_than_the_limit() {
        let picture = noise(PAIR_SIDE + 80);
        for form in [PreviewForm::Blurred, PreviewForm::Grey, PreviewForm::Clear] {
            let pair = SmallPair::new(&picture, &picture, &[], form);
            assert_eq!((pair.pictures(), pair.laid.is_none()), (2, true));
            for jpeg in [&pair.a, pair.b.as_ref().expect("two pictures")] {
                assert!(jpeg.len() <= PAIR_BYTES, "{}: {}", form.name(), jpeg.len());
            }
        }
        assert_eq!(SmallPair::of_one(&picture, PreviewForm::Blurred).pictures(), 1);
    }
}
