//! How the networks of a run agree with the true ones: pairwise and B-cubed figures over ads.
//!
//! An ad that no network names is one of its own, on either side. The trap: where the truth has no sites, ads are
//! known by their id alone.

use super::table::CsvTable;
use super::truth::Truth;
use crate::error::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Which ads belong together: a label for each ad; ads without a label are alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clustering {
    /// Label by (site, ad id); the site is empty where it is not said.
    pub label: BTreeMap<(String, String), String>,
    has_sites: bool,
}

impl Clustering {
    /// The true networks of every ad that has images in the truth.
    pub fn of_truth(truth: &Truth) -> Self {
        let in_ads = || truth.images().iter().filter(|image| !image.ad_id.is_empty());
        let label = in_ads()
            .map(|image| ((image.site.clone(), image.ad_id.clone()), image.network.clone()))
            .collect();
        Self { label, has_sites: in_ads().any(|image| !image.site.is_empty()) }
    }

    /// Reads `ad_id` and `network_id` (or `cluster_id`), and `site` when it is there.
    ///
    /// # Errors
    /// [`Error::Io`](crate::error::Error::Io), or [`Error::Table`](crate::error::Error::Table) with the line.
    pub fn read(path: &Path) -> Result<Self> {
        let mut table = CsvTable::open(path, &["ad_id"])?;
        let column =
            if table.has("cluster_id") && !table.has("network_id") { "cluster_id" } else { "network_id" };
        let mut found = Self { label: BTreeMap::new(), has_sites: table.has("site") };
        if !table.has(column) {
            table = CsvTable::open(path, &[column])?;
        }
        table.for_each(|row| {
            let ad = (row.text("site").to_string(), row.text("ad_id").to_string());
            found.label.insert(ad, row.text(column).to_string());
            Ok(())
        })?;
        Ok(found)
    }

    /// The same ads with the labels that another grouping gives them, and with the ads that only it knows.
    #[must_use]
    pub fn relabelled(mut self, other: &Self) -> Self {
        self.label.values_mut().for_each(String::clear);
        self.label.extend(other.label.iter().map(|(ad, label)| (ad.clone(), label.clone())));
        Self { has_sites: self.has_sites && other.has_sites, ..self }
    }

    /// Without sites, for a counterpart that has none.
    fn by_id_alone(&self) -> BTreeMap<(String, String), &str> {
        self.label.iter().map(|((_, ad), label)| ((String::new(), ad.clone()), label.as_str())).collect()
    }

    fn by_site_and_id(&self) -> BTreeMap<(String, String), &str> {
        self.label.iter().map(|(ad, label)| (ad.clone(), label.as_str())).collect()
    }
}

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Agreement {
    /// Of what is put together, how much belongs together.
    pub precision: f64,
    /// Of what belongs together, how much is put together.
    pub recall: f64,
}

impl Agreement {
    /// Harmonic mean of precision and recall; 0 when both are 0.
    pub fn f1(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}

/// How two groupings of the same ads agree.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NetworkFigures {
    /// Ads compared: those of the truth.
    pub ads: u64,
    /// Networks found, ads alone included.
    pub found: u64,
    /// Networks of the truth, ads alone included.
    pub true_networks: u64,
    /// Networks found that hold ads of several true ones.
    pub mixed: u64,
    /// Labelled ads that the truth does not know.
    pub unknown: u64,
    /// Over pairs of ads.
    pub pairwise: Agreement,
    /// Over ads.
    pub b_cubed: Agreement,
}

impl NetworkFigures {
    /// Compares a run's networks with the true ones. O(n log n) for n ads.
    pub fn new(truth: &Clustering, found: &Clustering) -> Self {
        let with_sites = truth.has_sites && found.has_sites;
        let keyed = |grouping: &Clustering| -> Vec<((String, String), String)> {
            let map = if with_sites { grouping.by_site_and_id() } else { grouping.by_id_alone() };
            map.into_iter().map(|(ad, label)| (ad, label.to_string())).collect()
        };
        let (truth, found) = (keyed(truth), keyed(found));
        let known: BTreeMap<_, _> = found.iter().map(|(ad, label)| (ad, label.as_str())).collect();
        let ads: BTreeSet<_> = truth.iter().map(|(ad, _)| ad).collect();
        let unknown = known.keys().filter(|ad| !ads.contains(*ad)).count() as u64;
        let label = |ad, label| if str::is_empty(label) { Label::Alone(ad) } else { Label::Of(label) };
        let pairs: Vec<_> = truth
            .iter()
            .map(|(ad, own)| (label(ad, own), label(ad, known.get(ad).copied().unwrap_or_default())))
            .collect();
        Self { unknown, ..agreement(&pairs) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Label<'t, A> {
    Of(&'t str),
    Alone(A),
}

/// Figures of (true label, found label) of every ad.
fn agreement<T: Ord + Copy, F: Ord + Copy>(ads: &[(T, F)]) -> NetworkFigures {
    let (of_truth, of_found) = (counts(ads.iter().map(|ad| ad.0)), counts(ads.iter().map(|ad| ad.1)));
    let both = counts(ads.iter().copied());
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let together: u64 = both.values().map(|&n| pairs(n)).sum();
    let share = |whole: u64| if whole == 0 { 1.0 } else { together as f64 / whole as f64 };
    let mean = |whole: &dyn Fn(&(T, F)) -> u64| {
        let sum: f64 = both.iter().map(|(labels, &n)| (n * n) as f64 / whole(labels) as f64).sum();
        if ads.is_empty() { 1.0 } else { sum / ads.len() as f64 }
    };
    let mut true_in: BTreeMap<F, u64> = BTreeMap::new();
    both.keys().for_each(|labels| *true_in.entry(labels.1).or_default() += 1);
    NetworkFigures {
        ads: ads.len() as u64,
        found: of_found.len() as u64,
        true_networks: of_truth.len() as u64,
        mixed: true_in.values().filter(|&&networks| networks > 1).count() as u64,
        unknown: 0,
        pairwise: Agreement {
            precision: share(of_found.values().map(|&n| pairs(n)).sum()),
            recall: share(of_truth.values().map(|&n| pairs(n)).sum()),
        },
        b_cubed: Agreement {
            precision: mean(&|labels| of_found[&labels.1]),
            recall: mean(&|labels| of_truth[&labels.0]),
        },
    }
}

fn counts<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Straight from the definitions: over all pairs of ads, and ad by ad.
    fn slow(ads: &[(u8, u8)]) -> (Agreement, Agreement) {
        let n = ads.len();
        let share = |hit: usize, of: usize| if of == 0 { 1.0 } else { hit as f64 / of as f64 };
        let all: Vec<(usize, usize)> = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect();
        let same_truth = |&(i, j): &(usize, usize)| ads[i].0 == ads[j].0;
        let same_found = |&(i, j): &(usize, usize)| ads[i].1 == ads[j].1;
        let both = all.iter().filter(|pair| same_truth(pair) && same_found(pair)).count();
        let pairwise = Agreement {
            precision: share(both, all.iter().filter(|pair| same_found(pair)).count()),
            recall: share(both, all.iter().filter(|pair| same_truth(pair)).count()),
        };
        let mean = |of: &dyn Fn(usize, usize) -> bool| {
            let one = |i: usize| {
                let members: Vec<usize> = (0..n).filter(|&j| of(i, j)).collect();
                let right = members.iter().filter(|&&j| ads[i] == ads[j]).count();
                right as f64 / members.len() as f64
            };
            if n == 0 { 1.0 } else { (0..n).map(one).sum::<f64>() / n as f64 }
        };
        let b_cubed = Agreement {
            precision: mean(&|i, j| ads[i].1 == ads[j].1),
            recall: mean(&|i, j| ads[i].0 == ads[j].0),
        };
        (pairwise, b_cubed)
    }

    const PERFECT: Agreement = Agreement { precision: 1.0, recall: 1.0 };

    fn near(x: Agreement, y: Agreement) -> bool {
        (x.precision - y.precision).abs() < 1e-12 && (x.recall - y.recall).abs() < 1e-12
    }

    proptest! {
        #[test]
        fn figures_are_those_of_the_definitions(ads in prop::collection::vec((0..5_u8, 0..5_u8), 0..40)) {
            let fast = agreement(&ads);
            let (pairwise, b_cubed) = slow(&ads);
            prop_assert!(near(fast.pairwise, pairwise), "{:?} {:?}", fast.pairwise, pairwise);
            prop_assert!(near(fast.b_cubed, b_cubed), "{:?} {:?}", fast.b_cubed, b_cubed);
        }

        #[test]
        fn order_and_names_do_not_matter(ads in prop::collection::vec((0..5_u8, 0..5_u8), 0..40), shift in 0..5_u8) {
            let mut other: Vec<(u8, u8)> = ads.iter().map(|&(t, f)| ((t + shift) % 5, 4 - f)).collect();
            other.reverse();
            let (x, y) = (agreement(&ads), agreement(&other));
            prop_assert!(near(x.pairwise, y.pairwise) && near(x.b_cubed, y.b_cubed));
            prop_assert_eq!((x.found, x.true_networks, x.mixed), (y.found, y.true_networks, y.mixed));
        }

        #[test]
        fn exchanging_truth_and_run_exchanges_precision_and_recall(ads in prop::collection::vec((0..5_u8, 0..5_u8), 0..40)) {
            let exchanged: Vec<(u8, u8)> = ads.iter().map(|&(t, f)| (f, t)).collect();
            let (x, y) = (agreement(&ads), agreement(&exchanged));
            let swap = |a: Agreement| Agreement { precision: a.recall, recall: a.precision };
            prop_assert!(near(x.pairwise, swap(y.pairwise)) && near(x.b_cubed, swap(y.b_cubed)));
        }

        #[test]
        fn the_truth_itself_is_perfect(labels in prop::collection::vec(0..5_u8, 1..40)) {
            let figures = agreement(&labels.iter().map(|&label| (label, label)).collect::<Vec<_>>());
            prop_assert!(near(figures.pairwise, PERFECT) && near(figures.b_cubed, PERFECT));
            prop_assert_eq!(figures.mixed, 0);
        }
    }

    /// Two true networks of 3 and 2; found: everybody alone, then everybody together.
    #[test]
    fn alone_is_precise_and_together_is_complete() {
        let truth = [0, 0, 0, 1, 1];
        let alone = agreement(&truth.iter().zip(0..5).map(|(&t, f)| (t, f)).collect::<Vec<_>>());
        assert!(near(alone.pairwise, Agreement { precision: 1.0, recall: 0.0 }));
        assert!(near(alone.b_cubed, Agreement { precision: 1.0, recall: 2.0 / 5.0 }));
        let together = agreement(&truth.iter().map(|&t| (t, 0)).collect::<Vec<_>>());
        // 3 + 1 of 10 pairs belong together; (3 * 3/5 + 2 * 2/5) / 5 = 13/25.
        assert!(near(together.pairwise, Agreement { precision: 0.4, recall: 1.0 }));
        assert!(near(together.b_cubed, Agreement { precision: 0.52, recall: 1.0 }));
        assert_eq!((together.found, together.true_networks, together.mixed), (1, 2, 1));
    }
}
