//! What a reader of a link or pair should know first.
//!
//! Which caveats follow from two images and their proof is said here once: a link has those that hold for all of
//! its evidence, and the desk shows those of the pair in front of the reviewer. The trap: a confirmation by a reviewer
//! is a caveat too, though it speaks for the link.

use crate::codes::{EnumSet, codes};
use crate::hash::Quality;
use crate::record::Image;
use crate::verify::{Proof, Tier};

codes! {
    /// What a reader should know.
    pub enum Caveat: u16 {
        /// Only common photos are shared.
        CommonImage => "COMMON_IMAGE", "the photo is common, so it ties nobody together";
        /// A reviewer said that two of the images show one photo.
        Confirmed => "CONFIRMED", "a reviewer confirmed that the images show the same photo";
        /// Joined through other images only.
        Indirect => "INDIRECT", "the two images were not proven directly, only through a third";
        /// Little to hash.
        LowQuality => "LOW_QUALITY", "one of the images is nearly plain, so its hash says little";
        /// An ad copied by a mirror site.
        MirrorSite => "MIRROR_SITE", "one site seems to copy the other's ads";
        /// Near the limit of what counts as the same.
        NearThreshold => "NEAR_THRESHOLD", "the distance is close to the limit";
        /// Found by local features alone.
        NotCompared => "NOT_COMPARED", "only local features agree; the pixels could not be compared";
        /// Joined by phone, poster or text because the user asked.
        NoPhoto => "NO_PHOTO", "no photo is shared; only the ads' other particulars agree";
        /// Small images.
        SmallImage => "SMALL_IMAGE", "one of the images is very small";
        /// Of an image only the hash is known that its source gave.
        SourceHashOnly => "SOURCE_HASH_ONLY", "one hash came from the source; the file itself was not read";
    }
}

/// A distance this near the radius deserves a second look.
const NEAR_THRESHOLD_BITS: u32 = 6;

/// Quality this little above the least usable one is low.
const LOW_QUALITY_MARGIN: u8 = 10;

/// Shorter side below which a picture shows little.
const SMALL_SIDE: u32 = 120;

/// What counts as the same photo in a run, as far as caveats ask.
#[derive(Debug, Clone, Copy)]
pub struct CaveatLimits {
    /// Largest distance of two hashes of one photo, in bits.
    pub radius: u32,
    /// Least usable quality of a hash.
    pub min_quality: Quality,
}

impl CaveatLimits {
    /// What to know of two images that some proof joins, or that were only laid side by side.
    pub fn caveats(&self, a: &Image, b: &Image, proof: Option<&Proof>) -> EnumSet<Caveat> {
        let usable = Quality::new(self.min_quality.get().saturating_add(LOW_QUALITY_MARGIN));
        let near = self.radius.saturating_sub(NEAR_THRESHOLD_BITS);
        let is_near = |proof: &Proof| {
            proof.tier != Tier::SameFile && proof.distance.is_some_and(|distance| distance >= near)
        };
        let not_compared = |proof: &Proof| proof.local.as_ref().is_some_and(|local| !local.compared);
        let either = |test: fn(&Image) -> u32, least: u32| test(a).min(test(b)) < least;
        let shorter =
            |image: &Image| if image.is_hash_only() { SMALL_SIDE } else { image.width.min(image.height) };
        let caveats = [
            either(|image| image.pdq.quality.get().into(), usable.get().into()).then_some(Caveat::LowQuality),
            proof.is_some_and(is_near).then_some(Caveat::NearThreshold),
            proof.is_some_and(not_compared).then_some(Caveat::NotCompared),
            (shorter(a).min(shorter(b)) < SMALL_SIDE).then_some(Caveat::SmallImage),
            (a.is_hash_only() || b.is_hash_only()).then_some(Caveat::SourceHashOnly),
        ];
        caveats.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::NamedCode;
    use crate::link::sample;

    #[test]
    fn files_list_caveats_sorted() {
        assert!(Caveat::ALL.iter().map(|caveat| caveat.name()).is_sorted());
    }

    #[test]
    fn the_limits_are_where_they_say() {
        let limits = CaveatLimits { radius: 31, min_quality: Quality::USABLE };
        let proof = |tier, distance| Proof { tier, distance, ..Proof::confirmed(None) };
        let image = |side, quality: u8| {
            let mut image = sample::image(1);
            (image.width, image.height) = (4 * side, side);
            image.pdq.quality = Quality::new(quality);
            image
        };
        let of = |side, quality, proof: Proof| {
            limits.caveats(&image(side, quality), &image(200, 100), Some(&proof)).names()
        };
        let plain = || proof(Tier::NearCopy, Some(24));
        assert!(of(120, 60, plain()).is_empty());
        assert_eq!(of(119, 60, plain()), ["SMALL_IMAGE"]);
        assert_eq!(of(120, 59, plain()), ["LOW_QUALITY"]);
        assert_eq!(of(120, 60, proof(Tier::NearCopy, Some(25))), ["NEAR_THRESHOLD"]);
        assert!(of(120, 60, proof(Tier::Partial, None)).is_empty());
    }
}
