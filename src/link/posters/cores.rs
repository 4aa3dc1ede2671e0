//! Ads that share two independent things: the firm ground that everything else about networks is judged from.
//!
//! One shared photo may be a stock picture or a badge; two photos by two images, or a photo and a voice, are hardly
//! ever shared by chance. Cores are the connected sets under that rule, and the ads of a photo that a reviewer
//! confirmed. The trap: two photos seen in *one* image (a collage) are one thing, not two.

use super::photo_uses::{MAX_PHOTOS, PhotoUses};
use super::verdict::Verdicts;
use super::voices::Voices;
use crate::corpus::{AdRow, ImageRow, Row};
use crate::sets::Sets;
use rayon::prelude::*;

/// Sets of ads.
pub(crate) type Cores = Sets<AdRow>;

/// A photo (with the image that shows it) or a voice, numbered apart.
type Thing = (u32, Option<ImageRow>);

/// Sets of ads that share two things, one of them a photo that is not common.
pub(crate) fn cores(uses: &PhotoUses, voices: &Voices, ads: usize, verdicts: &Verdicts) -> Cores {
    let mut pairs: Vec<((u32, u32), AdRow)> = Vec::new();
    for ad in AdRow::all(ads) {
        let things = things(uses, voices, ad, verdicts);
        for (k, &x) in things.iter().enumerate() {
            let others = things[k + 1..].iter().filter(|y| x.1.is_none() || y.1 != x.1);
            pairs.extend(others.filter(|y| x.0 != y.0).map(|y| ((x.0, y.0), ad)));
        }
    }
    pairs.par_sort_unstable();
    let mut sets = Sets::new(ads);
    for two in pairs.windows(2).filter(|two| two[0].0 == two[1].0) {
        sets.join(two[0].1, two[1].1);
    }
    for (_, photo) in uses.photos.iter().filter(|(photo, _)| verdicts[*photo].confirmed) {
        photo.ads.windows(2).for_each(|two| {
            sets.join(two[0], two[1]);
        });
    }
    sets
}

/// Photos first, in order, then the voice, numbered down from the top.
fn things(uses: &PhotoUses, voices: &Voices, ad: AdRow, verdicts: &Verdicts) -> Vec<Thing> {
    let photos = uses
        .of_ad(ad)
        .iter()
        .filter(|photo_use| verdicts[photo_use.photo].reason.is_none())
        .map(|photo_use| (photo_use.photo.0, Some(photo_use.image)));
    let mut things: Vec<Thing> = photos.take(MAX_PHOTOS).collect();
    if !things.is_empty() {
        things.extend(voices.of_ad(ad).map(|voice| (u32::MAX - voice.0.0, None)));
    }
    things
}
