//! `pairs.csv` and `leads.csv`: image pairs between different ads, verified or of one scene, as rows of paths.
//!
//! A pair is two images; a row is two *paths* under which they were seen. An image that a hundred ads use makes
//! thousands of rows out of one pair, so a pair with more than [`ROWS_PER_PAIR`] rows is written as a star: the
//! first path with each of the others, which still connects them all. `run.json` says how many were left out.

use super::{Content, Export, RowCounts, table};
use crate::corpus::{AdRow, ImageRow, PairRow, Row};
use crate::link::Pair;
use crate::view::{Joined, bits};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Rows one image pair may have before it is written as a star.
pub const ROWS_PER_PAIR: usize = 20_000;

pub(super) struct PairsCsv;

/// `leads.csv`: parts agree, and nothing proves that the two show one photo. The columns of `pairs.csv`; never photo links.
pub(super) struct Leads;

const HEADING: [&str; 13] = [
    "image_a",
    "image_b",
    "tier",
    "distance",
    "transform",
    "overlap_a",
    "overlap_b",
    "score",
    "quality_a",
    "quality_b",
    "sha256_a",
    "sha256_b",
    "probability",
];

impl Export for PairsCsv {
    fn file_name(&self) -> &'static str {
        "pairs.csv"
    }

    fn content(&self) -> Content {
        Content::ImagePairs
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        write(joined, &joined.findings.pairs, out)
    }
}

impl Export for Leads {
    fn file_name(&self) -> &'static str {
        "leads.csv"
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        write(joined, &joined.findings.leads, out)
    }
}

fn write(joined: &Joined<'_>, pairs: &[Pair], out: &mut dyn Write) -> io::Result<RowCounts> {
    let mut csv = table::csv_with(&HEADING, out)?;
    let (rows, left_out) = path_rows(joined, pairs);
    for row in &rows {
        let pair = &pairs[row.pair.index()];
        let proof = &pair.proof;
        let (a, b) = (joined.image(pair.a), joined.image(pair.b));
        csv.write_record([
            row.image_a,
            row.image_b,
            proof.tier.name(),
            &bits(proof).map(|bits| bits.to_string()).unwrap_or_default(),
            proof.transform.name(),
            &table::number(proof.overlap_a),
            &table::number(proof.overlap_b),
            &table::number(proof.score),
            &a.pdq.quality.to_string(),
            &b.pdq.quality.to_string(),
            &a.id().to_string(),
            &b.id().to_string(),
            &table::number(joined.probability(proof)),
        ])?;
    }
    csv.flush()?;
    Ok(RowCounts { written: rows.len() as u64, left_out })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct PathRow<'a> {
    image_a: &'a str,
    image_b: &'a str,
    pair: PairRow,
}

/// One row for each (path, path) of a pair seen in different ads, sorted; and how many the cap left out.
fn path_rows<'a>(joined: &Joined<'a>, pairs: &[Pair]) -> (Vec<PathRow<'a>>, u64) {
    let mut rows = Vec::new();
    let mut left_out = 0;
    for (number, pair) in PairRow::all(pairs.len()).zip(pairs) {
        let before = rows.len();
        let (a, b) = (Paths::of(joined, pair.a), Paths::of(joined, pair.b));
        let one_image = pair.a == pair.b;
        let total = if one_image { a.combinations_with_itself() } else { a.combinations(&b) };
        let whole = total <= ROWS_PER_PAIR as u64;
        for (i, path_a) in a.0.iter().enumerate() {
            let start = if one_image { i } else { 0 };
            let end = if whole || i == 0 { b.0.len() } else { (start + 1).min(b.0.len()) };
            // One file under two paths has no first and second: the paths' own order decides, and `a` is sorted.
            for path_b in b.0.get(start..end).unwrap_or_default() {
                if path_a.in_another_ad(path_b) {
                    rows.push(PathRow { image_a: path_a.path, image_b: path_b.path, pair: number });
                }
            }
        }
        left_out += total - (rows.len() - before) as u64;
    }
    rows.sort_unstable();
    (rows, left_out)
}

/// A path under which an image was seen, and the ads that gave it.
struct SeenAt<'a> {
    path: &'a str,
    ads: Vec<AdRow>,
}

impl SeenAt<'_> {
    fn only_ad(&self) -> Option<AdRow> {
        (self.ads.len() == 1).then(|| self.ads[0])
    }

    /// True unless both were seen in one and the same ad only.
    fn in_another_ad(&self, other: &Self) -> bool {
        self.only_ad().is_none() || self.only_ad() != other.only_ad()
    }
}

/// Everywhere one image was seen, by path.
struct Paths<'a>(Vec<SeenAt<'a>>);

impl<'a> Paths<'a> {
    fn of(joined: &Joined<'a>, image: ImageRow) -> Self {
        let mut by_path: BTreeMap<&str, Vec<AdRow>> = BTreeMap::new();
        for seen in joined.sightings_of_image(image) {
            let ads = by_path.entry(&seen.path).or_default();
            if ads.last() != Some(&seen.ad) {
                ads.push(seen.ad);
            }
        }
        Self(by_path.into_iter().map(|(path, ads)| SeenAt { path, ads }).collect())
    }

    /// How many paths were seen in one ad only, by that ad.
    fn per_only_ad(&self) -> BTreeMap<AdRow, u64> {
        let mut counts = BTreeMap::new();
        for ad in self.0.iter().filter_map(SeenAt::only_ad) {
            *counts.entry(ad).or_insert(0) += 1;
        }
        counts
    }

    /// Number of rows with another image's paths, counted without making them.
    fn combinations(&self, other: &Self) -> u64 {
        let theirs = other.per_only_ad();
        let inside: u64 =
            self.per_only_ad().iter().map(|(ad, ours)| ours * theirs.get(ad).copied().unwrap_or(0)).sum();
        self.0.len() as u64 * other.0.len() as u64 - inside
    }

    /// Number of rows of an image with itself, each unordered pair of paths once.
    fn combinations_with_itself(&self) -> u64 {
        let all = |paths: u64| paths * (paths + 1) / 2;
        all(self.0.len() as u64) - self.per_only_ad().into_values().map(all).sum::<u64>()
    }
}
