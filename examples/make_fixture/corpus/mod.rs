//! The fixture as data: every file with its bytes, and the truth about them.
//!
//! `main` writes it, `tests/fixture.rs` compares it with what is committed. Nothing here reads a clock, the
//! environment or a file, and threads only render: order is fixed by the plan.

mod check;
mod edit;
mod flat;
mod indoors;
mod lettering;
mod manifest;
mod math;
mod outdoors;
mod photo;
mod plan;
mod ray;
mod site;
mod skin;
mod street;

pub(crate) use check::check;
use image::RgbImage;
use plan::Plan;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A published copy of a photo.
pub(crate) struct Published {
    /// Path below `images/`.
    pub(crate) path: String,
    pub(crate) photo_id: String,
    pub(crate) ad_id: String,
    /// Of the edit: percent of the photo left and right, above and below.
    pub(crate) border: (u32, u32),
}

/// The whole fixture.
pub(crate) struct Corpus {
    /// Photos as rendered, with their ids.
    pub(crate) photos: Vec<(String, RgbImage)>,
    pub(crate) published: Vec<Published>,
    /// Contents by path below the fixture's folder.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Renders, edits, publishes and describes everything. About fifteen seconds of one core.
pub(crate) fn build() -> Corpus {
    let mut plan = Plan::new();
    let photos: Vec<_> =
        plan.shots.par_iter().map(|shot| (shot.id.clone(), photo::render(shot.kind, shot.seed))).collect();
    let jobs: Vec<_> = plan.ads.iter().flat_map(|ad| ad.copies.iter().map(move |copy| (ad, copy))).collect();
    let mut files: BTreeMap<String, Vec<u8>> = jobs
        .par_iter()
        .map(|(ad, copy)| {
            let upload = copy.edit.apply(&photos[copy.shot].1);
            (format!("images/{}", copy.path), site::SITES[ad.site].publish(&upload))
        })
        .collect();
    let published = jobs
        .iter()
        .map(|(ad, copy)| Published {
            path: copy.path.clone(),
            photo_id: plan.shots[copy.shot].id.clone(),
            ad_id: ad.ad_id.clone(),
            border: copy.edit.border,
        })
        .collect();
    files.insert(format!("images/{}", plan::badge_path()), site::badge());
    let skipped = manifest::add_broken_files(&mut plan, &mut files);
    manifest::write(&plan, &skipped, &mut files);
    Corpus { photos, published, files }
}
