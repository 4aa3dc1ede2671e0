//! In which ads every image was seen, without repeats: what turns image pairs into ad pairs.
//!
//! One image may be in an ad several times; here it counts once. The trap: this is by image, not by photo; the ads
//! of a photo are those of all its images.

use crate::corpus::{AdRow, ImageRow, Rows, Snapshot};
use crate::grouped::Grouped;
use crate::link::options::LinkOptions;
use crate::sets::sorted_distinct;

/// Ads of every image, without repeats.
pub(crate) struct AdsOfImages(Grouped<ImageRow, AdRow>);

impl AdsOfImages {
    /// O(sightings log sightings).
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let seen = snapshot.sightings.iter().map(|sighting| (sighting.image, sighting.ad));
        let pairs = sorted_distinct(seen);
        Self(Grouped::sorted(snapshot.images.len(), pairs))
    }

    /// The same as if some ads did not exist.
    pub(crate) fn without(&self, left_out: &Rows<AdRow, bool>) -> Self {
        let mut still = Grouped::with_capacity(self.0.len(), self.0.values().len());
        for image in self.0.rows() {
            still.push(self.of(image).iter().copied().filter(|&ad| !left_out[ad]));
        }
        Self(still)
    }

    /// The ads in which an image was seen, ascending.
    pub(crate) fn of(&self, image: ImageRow) -> &[AdRow] {
        self.0.of(image)
    }

    /// The ads of all images, one after the other.
    pub(crate) fn all(&self) -> &[AdRow] {
        self.0.values()
    }

    /// Is there an ad with `a` and another one (of another site, if that is asked) with `b`?
    pub(crate) fn are_in_two(
        &self,
        a: ImageRow,
        b: ImageRow,
        snapshot: &Snapshot,
        options: &LinkOptions,
    ) -> bool {
        let (first, second) = (self.of(a), self.of(b));
        let site = |ad: AdRow| &snapshot.ads[ad].key.site;
        let differ = |x: AdRow, y: AdRow| x != y && (!options.cross_site_only || site(x) != site(y));
        // Whoever differs from one ad of `a` settles it; only if nobody does, another ad of `a` may.
        let Some(&x) = first.first() else { return false };
        second.iter().any(|&y| differ(x, y))
            || second.first().is_some_and(|&y| first.iter().any(|&x| differ(x, y)))
    }
}
