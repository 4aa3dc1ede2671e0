//! Previews for the report, from the originals as they are now.
//!
//! Only where asked for: without it no result file holds a pixel. Each photo of a network has one, made from its
//! largest image of which a file with the same bytes is still there; where none is, the report says so.

use crate::analysis::{digest, read_file};
use crate::case::Case;
use crate::corpus::Snapshot;
use crate::decode::Limits;
use crate::error::Result;
use crate::link::Findings;
use crate::picture::{PreviewForm, preview};
use crate::report::Previews;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Makes the previews of all photos that hold networks together. Costs a decode in colour for each.
///
/// # Errors
/// When the case cannot be read; an original that cannot be is counted as missing.
pub fn previews(
    case: &Case,
    snapshot: &Snapshot,
    findings: &Findings,
    form: PreviewForm,
) -> Result<Previews> {
    let originals = case.all_originals(snapshot)?;
    let photos: BTreeSet<u32> =
        findings.networks.iter().flat_map(|network| network.groups.iter().copied()).collect();
    let limits = Limits::default();
    let made = |group: u32| {
        let mut images = findings.groups[group as usize].images.clone();
        images.sort_by_key(|&row| {
            let image = &snapshot.images[row as usize];
            (Reverse(u64::from(image.width) * u64::from(image.height)), row)
        });
        images.into_iter().find_map(|row| {
            let id = snapshot.images[row as usize].id();
            let read = originals.of(row).into_iter().filter_map(|path| read_file(&path, &limits).ok());
            let bytes = { read }.find(|bytes| digest(bytes).sha256 == id)?;
            preview(&bytes, &limits, form).ok()
        })
    };
    let all: Vec<(u32, Option<Vec<u8>>)> = photos.into_par_iter().map(|group| (group, made(group))).collect();
    let missing = all.iter().filter(|(_, jpeg)| jpeg.is_none()).count();
    let jpegs = all.into_iter().filter_map(|(group, jpeg)| Some((group, jpeg?))).collect();
    Ok(Previews { form: Some(form), jpegs, missing })
}
