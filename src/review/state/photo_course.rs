//! Photos that are judged at once: all copies of one beside each other, before any of their pairs is looked at alone.
//!
//! A photo of several files holds many pairs, and one look at all of them settles the most. Those come first that have
//! most pairs open. The trap: what is open is asked of the ledger each time, for a pair may have been decided meanwhile.

use super::ledger::{DecisionState, Ledger};
use super::model::CaseState;
use crate::corpus::{ImageRow, PhotoRow};
use crate::link::PhotoGroup;
use std::cmp::Reverse;

/// Files from which on a photo is worth a look of its own: of two there is one pair.
const SEVERAL: usize = 3;

/// A photo that has pairs open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenPhoto {
    /// Row of its group.
    pub(crate) group: PhotoRow,
    /// Pairs of its images that nobody decided.
    pub(crate) pairs: usize,
}

/// Photos of several files that are not common and have pairs open, those first that have most.
pub(crate) fn open_photos(case: &CaseState<'_>, ledger: &Ledger) -> Vec<OpenPhoto> {
    let groups = case.joined.findings.groups.iter().zip((0..).map(PhotoRow));
    let several = groups.filter(|(group, _)| group.images.len() >= SEVERAL && group.common.is_none());
    let mut photos: Vec<OpenPhoto> = several
        .map(|(group, row)| OpenPhoto { group: row, pairs: open_pairs(case, ledger, group) })
        .filter(|photo| photo.pairs > 0)
        .collect();
    photos.sort_by_key(|photo| (Reverse(photo.pairs), photo.group));
    photos
}

fn open_pairs(case: &CaseState<'_>, ledger: &Ledger, group: &PhotoGroup) -> usize {
    let id = |row: ImageRow| case.joined.image(row).id();
    let of_image =
        |&image: &ImageRow| case.joined.pairs_of_image(image).iter().map(move |&pair| (image, pair));
    let pairs = group.images.iter().flat_map(of_image).filter_map(|(image, pair)| {
        let pair = &case.joined.findings.pairs[pair];
        (pair.a == image && pair.b != image && group.images.binary_search(&pair.b).is_ok())
            .then_some((pair.a, pair.b))
    });
    pairs
        .filter(|&(a, b)| {
            let (a, b) = (id(a), id(b));
            ledger.state(&(a.min(b), a.max(b))) == DecisionState::Open
        })
        .count()
}

/// The image of a photo of several that is tied least to the others, with the score of its surest tie; `None` where two
/// are tied equally little, so that none is odder than another.
pub(crate) fn odd_one_out(case: &CaseState<'_>, group: &PhotoGroup) -> Option<(ImageRow, f64)> {
    if group.images.len() < SEVERAL {
        return None;
    }
    let surest = |image: ImageRow| {
        let pairs = case.joined.pairs_of_image(image).iter();
        let scores = pairs.filter_map(|&pair| {
            let pair = &case.joined.findings.pairs[pair];
            let other = if pair.a == image { pair.b } else { pair.a };
            (other != image && group.images.binary_search(&other).is_ok()).then_some(pair.proof.score)
        });
        scores.fold(f64::NEG_INFINITY, f64::max)
    };
    let mut ties: Vec<(ImageRow, f64)> = group.images.iter().map(|&image| (image, surest(image))).collect();
    ties.sort_by(|x, y| x.1.total_cmp(&y.1).then(x.0.cmp(&y.0)));
    let (least, next) = (ties[0], ties[1]);
    (least.1.is_finite() && least.1 < next.1).then_some(least)
}
