//! stub
use super::CommonReason;
use super::showings::Showings;

pub(super) fn find(showings: &Showings) -> Vec<(Option<CommonReason>, u32)> {
    showings.photos.iter().map(|_| (None, 1)).collect()
}
