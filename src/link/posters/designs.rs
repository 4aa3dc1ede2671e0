//! Designs that fill pictures: whole flyers with another phone or city in them, which make networks as photos do.
//!
//! Two pictures that are one design over most of both are one template. Where ads on one site only show it, under several
//! contacts and on a large share of that site's ads, the site may have made it for everybody: then it joins nobody and is
//! listed. The trap: a logo or a frame is a design, too, but covers little; pairs of such are no templates and do not come
//! here.

use super::communities::named;
use super::facts::Facts;
use super::flyers::with_first;
use super::photo_uses::{PhotoUses, SharedPhoto};
use super::verdict::Verdicts;
use super::voices::Voices;
use crate::corpus::{AdRow, CommunityRow, ImageRow, Row, Rows, Snapshot};
use crate::link::findings::Design;
use crate::link::pairs::Prover;
use crate::sets::Sets;
use crate::sets::sorted_distinct;

/// Voices on one site from which a design there may be the site's, and share of its ads.
const SITES_OWN: (usize, f64) = (4, 0.5);

/// One design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// Ascending.
    pub(crate) images: Vec<ImageRow>,
    /// Ascending.
    pub(crate) ads: Vec<AdRow>,
    /// Does it join its ads?
    pub(crate) joins: bool,
}

impl Template {
    /// Does it join all of these ads?
    pub(crate) fn explains(&self, ads: &[AdRow]) -> bool {
        self.joins && ads.iter().all(|ad| self.ads.binary_search(ad).is_ok())
    }

    /// As findings list it.
    pub(crate) fn design(self) -> Design {
        Design { images: self.images, ads: self.ads, joins: self.joins }
    }
}

/// The templates of two ads or more, by their first images, from `pairs` of images that are one design over most of
/// both. O(p log p).
pub(crate) fn templates(
    snapshot: &Snapshot,
    facts: &Facts,
    uses: &PhotoUses,
    voices: &Voices,
    pairs: &[(ImageRow, ImageRow)],
) -> Vec<Template> {
    let rows = sorted_distinct(pairs.iter().flat_map(|&(a, b)| [a, b]));
    let place = |image: ImageRow| rows.binary_search(&image).map_or(0, u32::of);
    let mut sets = Sets::new(rows.len());
    for &(a, b) in pairs {
        sets.join(place(a), place(b));
    }
    let templates = sets.of_two_or_more().into_iter().map(|places| {
        let images: Vec<ImageRow> = places.into_iter().map(|place| rows[place.index()]).collect();
        let ads = sorted_distinct(images.iter().flat_map(|&image| uses.ads_of_image(image)).copied());
        // What nobody gives a contact with is a form or a page for all one knows.
        let joins = ads.iter().all(|&ad| voices.of_ad(ad).is_some())
            && !may_be_the_sites(snapshot, facts, voices, &ads);
        Template { images, ads, joins }
    });
    templates.filter(|template| template.ads.len() > 1).collect()
}

/// Images of one photo that are looked at.
const LOOKED_AT: usize = 64;

/// Among the images of a photo that many contacts show, those of which one is another with some words changed. Nothing
/// where pixels are not asked, and nothing is asked of images without ink.
pub(crate) fn reworded(
    uses: &PhotoUses,
    verdicts: &Verdicts,
    prover: &mut Prover,
) -> Vec<(ImageRow, ImageRow)> {
    if prover.doubts.is_none() {
        return Vec::new();
    }
    let has_ink = |image: &ImageRow| {
        let texture = prover.snapshot.features.texture(*image);
        texture.is_empty() || texture.shares().design > 0.0
    };
    let photos = uses.photos.iter().filter(|(photo, _)| verdicts[*photo].many_contacts);
    let pairs = |photo: &SharedPhoto| {
        let images: Vec<ImageRow> = photo.images.iter().copied().filter(has_ink).take(LOOKED_AT).collect();
        with_first(&images).chain(images.windows(2).skip(1).map(|two| (two[0], two[1]))).collect::<Vec<_>>()
    };
    let mut asked: Vec<(ImageRow, ImageRow)> = photos.flat_map(|(_, photo)| pairs(photo)).collect();
    prover.ask_whole(&asked);
    asked.retain(|&(a, b)| prover.is_reworded(a, b));
    asked
}

/// Is it on a large share of the ads of one site, under several voices?
fn may_be_the_sites(snapshot: &Snapshot, facts: &Facts, voices: &Voices, ads: &[AdRow]) -> bool {
    let site = |ad: AdRow| snapshot.ads[ad].key.site.as_str();
    if ads.iter().any(|&ad| site(ad) != site(ads[0])) {
        return false;
    }
    let of_site = facts.ads_of_site(site(ads[0]));
    let contacts = sorted_distinct(ads.iter().filter_map(|&ad| voices.of_ad(ad)));
    contacts.len() >= SITES_OWN.0 && ads.len() as f64 >= SITES_OWN.1 * of_site as f64
}

/// A photo that a template explains is no longer one picture with many contacts.
pub(crate) fn settle(uses: &PhotoUses, templates: &[Template], verdicts: &mut Verdicts) {
    for (photo, verdict) in verdicts.iter_mut().filter(|(_, verdict)| verdict.many_contacts) {
        let ads = &uses.photos[photo].ads;
        verdict.many_contacts = !templates.iter().any(|template| template.explains(ads));
    }
}

/// The community of each ad once templates join theirs: by its first ad, as before.
pub(crate) fn joined(
    community: Rows<AdRow, CommunityRow>,
    templates: &[Template],
) -> Rows<AdRow, CommunityRow> {
    let joining = || templates.iter().filter(|template| template.joins);
    if joining().next().is_none() {
        return community;
    }
    let mut sets = Sets::new(community.len());
    for (ad, name) in community.iter() {
        sets.join(ad, AdRow(name.0));
    }
    for template in joining() {
        template.ads.windows(2).for_each(|two| {
            sets.join(two[0], two[1]);
        });
    }
    named(&sets, community.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_joins_the_communities_of_its_ads_and_no_others() {
        let template =
            |ads: [u32; 2], joins| Template { images: vec![], ads: ads.map(AdRow).to_vec(), joins };
        let communities = |of_ads: [u32; 6]| -> Rows<AdRow, CommunityRow> {
            of_ads.map(CommunityRow).into_iter().collect()
        };
        let before = communities([0, 0, 2, 3, 4, 4]);
        let after = joined(before.clone(), &[template([1, 2], true), template([3, 4], false)]);
        assert_eq!(after, communities([0, 0, 0, 3, 4, 4]));
        assert_eq!(joined(before.clone(), &[]), before);
    }
}
