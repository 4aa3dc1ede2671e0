//! stub
use super::showings::Showings;
use super::union_find::Sets;

pub(super) fn find(showings: &Showings, common: &[bool], ads: usize) -> Vec<u32> {
    let mut sets = Sets::new(ads);
    for (k, photo) in showings.photos.iter().enumerate().filter(|(k, _)| !common[*k]) {
        for two in photo.ads.windows(2) {
            sets.join(two[0], two[1]);
        }
    }
    (0..ads as u32).map(|ad| sets.find(ad)).collect()
}
