//! When two groups agree well enough to become one: the figures that grouping by hashes and by features share.
//!
//! The trap: members are asked by sample, so that the cost of a join does not grow with the groups.

use crate::corpus::Row;

/// Share of pairs across two groups that must agree before the groups become one.
pub(super) const AGREEMENT: f64 = 0.4;

/// At most `most` members, evenly spread.
pub(super) fn spread<K: Row>(members: &[K], most: usize) -> impl Iterator<Item = K> + '_ {
    let n = members.len().min(most);
    (0..n).map(move |k| members[k * members.len() / n])
}

/// Share of those that agreed; of none, all.
pub(super) fn share(agreed: impl Iterator<Item = bool>) -> f64 {
    let (yes, all) = agreed.fold((0, 0), |(yes, all), agreed| (yes + u32::from(agreed), all + 1));
    if all == 0 { 1.0 } else { f64::from(yes) / f64::from(all) }
}
