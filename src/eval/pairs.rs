//! The pairs that a run listed, and which of them are true.
//!
//! A pair that is listed for several places of the same two images counts once, by its surest row. The trap: images
//! that the truth does not know are counted, not judged; precision says nothing about them.

use super::table::{CsvTable, TableRow};
use super::truth::Truth;
use crate::error::Result;
use std::collections::BTreeMap;
use std::path::Path;

/// One pair as listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadPair {
    /// Row of one image in the truth; the smaller.
    pub a: u32,
    /// Row of the other.
    pub b: u32,
    /// How it was proven; empty when the file does not say.
    pub tier: String,
    /// PDQ bits.
    pub distance: Option<f64>,
    /// Strength of evidence; larger is surer.
    pub score: Option<f64>,
    /// That it shows the same photo, 0 to 1.
    pub probability: Option<f64>,
}

impl ReadPair {
    /// Order from sure to unsure: by score, else by distance; what says neither comes last.
    fn doubt(&self) -> (f64, f64) {
        let last = f64::INFINITY;
        (self.score.map_or(last, |score| -score), self.distance.unwrap_or(last))
    }

    fn is_surer_than(&self, other: &Self) -> bool {
        let ((x, y), (u, v)) = (self.doubt(), other.doubt());
        x.total_cmp(&u).then(y.total_cmp(&v)).is_lt()
    }
}

/// A file of pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairFile {
    /// Each pair of images once, sorted by rows.
    pub listed: Vec<ReadPair>,
    /// Rows that name an image the truth does not know.
    pub unknown: u64,
}

impl PairFile {
    /// Reads `image_a,image_b` and, where they are there, `tier,distance,score,probability`; paths as in the truth.
    ///
    /// # Errors
    /// [`Error::Io`](crate::error::Error::Io), or [`Error::Table`](crate::error::Error::Table) with the line.
    pub fn read(path: &Path, truth: &Truth) -> Result<Self> {
        let mut table = CsvTable::open(path, &["image_a", "image_b"])?;
        let mut kept: BTreeMap<(u32, u32), ReadPair> = BTreeMap::new();
        let mut unknown = 0;
        table.for_each(|row| {
            let (Some(a), Some(b)) = (truth.row(row.text("image_a")), truth.row(row.text("image_b"))) else {
                unknown += 1;
                return Ok(());
            };
            if a != b {
                let pair = read(row, a.min(b), a.max(b))?;
                let known = kept.entry((pair.a, pair.b)).or_insert_with(|| pair.clone());
                if pair.is_surer_than(known) {
                    *known = pair;
                }
            }
            Ok(())
        })?;
        Ok(Self { listed: kept.into_values().collect(), unknown })
    }
}

fn read(row: &TableRow<'_>, a: u32, b: u32) -> Result<ReadPair> {
    let probability = row.number("probability")?;
    if probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
        return Err(row.wrong(format!("`probability` is `{}`, expected 0 to 1", row.text("probability"))));
    }
    let (distance, score) = (row.number("distance")?, row.number("score")?);
    Ok(ReadPair { a, b, tier: row.text("tier").into(), distance, score, probability })
}

/// Pairs of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TierFigures {
    /// That show the same photo.
    pub correct: u64,
    /// That do not.
    pub wrong: u64,
}

/// A pair that does not show the same photo.
#[derive(Debug, Clone, PartialEq)]
pub struct FalsePair<'t> {
    /// Path of one image.
    pub image_a: &'t str,
    /// Path of the other.
    pub image_b: &'t str,
    /// The pair as listed.
    pub pair: &'t ReadPair,
}

/// How the listed pairs fare.
#[derive(Debug, Clone, PartialEq)]
pub struct PairFigures<'t> {
    /// Pairs of the truth that show the same photo.
    pub positives: u64,
    /// Pairs of the truth that do not.
    pub negatives: u64,
    /// Listed pairs that show the same photo.
    pub correct: u64,
    /// Listed pairs that do not, the surest first.
    pub wrong: Vec<FalsePair<'t>>,
    /// Listed pairs that the truth does not judge: inside one ad, furniture, two copies.
    pub not_counted: u64,
    /// By tier, where the file says it.
    pub tiers: BTreeMap<&'t str, TierFigures>,
}

impl<'t> PairFigures<'t> {
    /// Judges every pair.
    pub fn new(truth: &'t Truth, pairs: &'t PairFile) -> Self {
        let negatives = truth.negatives();
        let mut figures = Self {
            positives: truth.positives().len() as u64,
            negatives,
            correct: 0,
            wrong: Vec::new(),
            not_counted: 0,
            tiers: BTreeMap::new(),
        };
        for pair in &pairs.listed {
            let Some(same) = truth.verdict(pair.a, pair.b) else {
                figures.not_counted += 1;
                continue;
            };
            let tier = figures.tiers.entry(&pair.tier).or_default();
            if same {
                figures.correct += 1;
                tier.correct += 1;
            } else {
                tier.wrong += 1;
                let path = |row: u32| truth.images()[row as usize].path.as_str();
                figures.wrong.push(FalsePair { image_a: path(pair.a), image_b: path(pair.b), pair });
            }
        }
        figures.wrong.sort_by(|x, y| {
            let ((s, d), (t, e)) = (x.pair.doubt(), y.pair.doubt());
            s.total_cmp(&t).then(d.total_cmp(&e)).then((x.image_a, x.image_b).cmp(&(y.image_a, y.image_b)))
        });
        figures
    }

    /// Pairs judged.
    pub fn links(&self) -> u64 {
        self.correct + self.wrong.len() as u64
    }

    /// Share of judged pairs that are true; 1 when there are none.
    pub fn precision(&self) -> f64 {
        if self.links() == 0 { 1.0 } else { self.correct as f64 / self.links() as f64 }
    }

    /// Share of the true pairs that are listed; 0 when there are none.
    pub fn recall(&self) -> f64 {
        if self.positives == 0 { 0.0 } else { self.correct as f64 / self.positives as f64 }
    }

    /// Share of the pairs that do not match that are listed.
    pub fn false_positive_rate(&self) -> f64 {
        self.wrong.len() as f64 / self.negatives.max(1) as f64
    }
}
