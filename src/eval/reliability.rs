//! Whether scores and probabilities mean what they say: a reliability table.
//!
//! Pairs are put into ten bins; in each, what was promised stands beside what is true. The trap: bins of
//! probability are tenths of the scale and may be empty, bins of score are tenths of the pairs.

use super::pairs::PairFile;
use super::truth::Truth;

/// Pairs of like probability or score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// Least value in it.
    pub from: f64,
    /// Largest value in it; a bin of probability ends where the next begins.
    pub to: f64,
    /// Pairs.
    pub pairs: u64,
    /// Those that show the same photo.
    pub correct: u64,
    /// Mean of the values.
    pub mean: f64,
}

impl Bin {
    /// Share that shows the same photo; 0 when it is empty.
    pub fn true_share(&self) -> f64 {
        self.correct as f64 / self.pairs.max(1) as f64
    }

    fn of(from: f64, to: f64, members: &[(f64, bool)]) -> Self {
        let pairs = members.len() as u64;
        let sum: f64 = members.iter().map(|(value, _)| value).sum();
        let correct = members.iter().filter(|(_, same)| *same).count() as u64;
        Self { from, to, pairs, correct, mean: sum / members.len().max(1) as f64 }
    }
}

/// Ten bins of probability, 0 to 0.1 first; none when no judged pair has one.
pub fn by_probability(truth: &Truth, pairs: &PairFile) -> Vec<Bin> {
    let judged = judged(truth, pairs, |pair| pair.probability);
    if judged.is_empty() {
        return Vec::new();
    }
    let bin = |k: u32| {
        let within = |value: f64| (value * 10.0).floor().min(9.0) == f64::from(k);
        let members: Vec<_> = judged.iter().copied().filter(|&(value, _)| within(value)).collect();
        Bin::of(f64::from(k) / 10.0, f64::from(k + 1) / 10.0, &members)
    };
    (0..10).map(bin).collect()
}

/// Tenths of the judged pairs by score, the least first; none when no judged pair has one.
pub fn by_score(truth: &Truth, pairs: &PairFile) -> Vec<Bin> {
    let judged = judged(truth, pairs, |pair| pair.score);
    let n = judged.len();
    let tenths = (0..10).map(|k| &judged[n * k / 10..n * (k + 1) / 10]);
    tenths.filter_map(|members| Some(Bin::of(members.first()?.0, members.last()?.0, members))).collect()
}

/// Value and truth of every judged pair that has the value, sorted.
fn judged(
    truth: &Truth,
    pairs: &PairFile,
    value: impl Fn(&super::ReadPair) -> Option<f64>,
) -> Vec<(f64, bool)> {
    let one = |pair| -> Option<(f64, bool)> { Some((value(pair)?, truth.verdict(pair.a, pair.b)?)) };
    let mut found: Vec<_> = pairs.listed.iter().filter_map(one).collect();
    found.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
    found
}
