//! Photos inside designs: what pixels say of flyers, cards and pages that show one photo under several contacts.
//!
//! Where all else agrees as well they are one design, and copies of it with other words are a template. Where it does
//! not, each is a design of its own around a photo that anybody may have taken from anywhere. The trap: the hash of a
//! flyer is mostly that of its photo, so two that are near may have nothing else in common; pixels are asked.

use super::photo_uses::{PhotoUses, SharedPhoto};
use super::voices::Voices;
use crate::corpus::{AdRow, ImageRow, Rows};
use crate::link::pairs::Prover;

/// Images of one photo that are looked at, and designs that are told apart before each of the rest is taken for one.
const LOOKED_AT: (usize, usize) = (64, 6);

/// Share of a flyer that is ink, at the least, and continuous tone, at the most.
const FLYER: (f64, f64) = (0.08, 0.6);

/// What is known of photos inside designs.
pub(super) struct Flyers {
    /// Does an image show a photo inside a design of its own?
    own: Rows<ImageRow, bool>,
    /// Pairs of images that are one design with other words.
    pub(super) reworded: Vec<(ImageRow, ImageRow)>,
}

impl Flyers {
    /// Asks pixels. Nothing is known where there are none.
    pub(super) fn of(uses: &PhotoUses, voices: &Voices, prover: &mut Prover) -> Self {
        let _span = tracing::debug_span!("flyers").entered();
        let own = Rows::filled(false, prover.snapshot.images.len());
        let mut this = Self { own, reworded: Vec::new() };
        if prover.doubts.is_none() {
            return this;
        }
        let mut open: Vec<Vec<ImageRow>> =
            uses.photos.values().iter().filter_map(|photo| flyers_of(photo, voices, prover)).collect();
        for _ in 0..LOOKED_AT.1 {
            let asked: Vec<(ImageRow, ImageRow)> =
                open.iter().flat_map(|images| with_first(images)).collect();
            prover.ask_whole(&asked);
            open.iter_mut().for_each(|images| this.take_design(images, prover));
            open.retain(|images| !images.is_empty());
        }
        this
    }

    /// Does an image show its photo inside a design of its own?
    pub(super) fn is_own(&self, image: ImageRow) -> bool {
        self.own[image]
    }

    /// Takes the design of the first image out of those that are open.
    fn take_design(&mut self, open: &mut Vec<ImageRow>, prover: &Prover) {
        let first = open[0];
        let is_other = |image: ImageRow| image != first && prover.is_one_design(first, image) == Some(false);
        let (others, same): (Vec<ImageRow>, Vec<ImageRow>) = open.iter().partition(|image| is_other(**image));
        let not_alone = !others.is_empty() || self.own[first];
        same.iter().for_each(|&image| self.own[image] |= not_alone);
        // Whatever comes next is not alone either.
        others.iter().for_each(|&image| self.own[image] = true);
        self.reworded.extend(with_first(&same).filter(|&(a, b)| prover.is_reworded(a, b)));
        *open = others;
    }
}

/// Pairs of the first and each of the others.
pub(super) fn with_first(images: &[ImageRow]) -> impl Iterator<Item = (ImageRow, ImageRow)> + '_ {
    images.iter().skip(1).map(|&image| (images[0], image))
}

/// The images of a photo that show it inside a design, if most do and their ads say different things.
fn flyers_of(photo: &SharedPhoto, voices: &Voices, prover: &Prover) -> Option<Vec<ImageRow>> {
    let name = |ad: AdRow| voices.of_ad(ad).ok_or(ad);
    if photo.ads.iter().all(|&ad| name(ad) == name(photo.ads[0])) {
        return None;
    }
    let is_flyer = |image: &ImageRow| {
        let shares = prover.snapshot.features.texture(*image).shares();
        shares.design >= FLYER.0 && shares.photo <= FLYER.1
    };
    let flyers: Vec<ImageRow> = photo.images.iter().copied().filter(is_flyer).take(LOOKED_AT.0).collect();
    (flyers.len() > 1 && 2 * flyers.len() > photo.images.len().min(LOOKED_AT.0)).then_some(flyers)
}
