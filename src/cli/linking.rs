//! Flags that say how to link and where to put the result, shared by `link` and `report`, and the second half
//! of both: snapshot -> findings -> result folder -> summary.

use super::inputs::RunInputs;
use super::output::{self, Talk, count};
use super::progress::Display;
use super::{Common, Exit};
use adlink::case::{Case, Snapshot};
use adlink::explain::{Figures, Joined};
use adlink::hash::Quality;
use adlink::link::{CandidateIndex, Findings, LinkOptions, PairMode};
use adlink::results::{self, RunFacts, Written};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Instant;

/// How to link.
#[derive(Args)]
#[command(next_help_heading = "Linking")]
pub(super) struct Linking {
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = 31, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Least PDQ quality; below it only identical files are linked
    #[arg(long, value_name = "0-100", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    min_quality: u8,
    /// What proposes candidates; hnsw is approximate and only for measuring it against exact
    #[arg(long, value_enum, default_value_t = Index::Exact)]
    index: Index,
    /// Image pairs to list: all, or just enough to connect every photo group
    #[arg(long, value_enum, default_value_t = Pairs::All)]
    pairs: Pairs,
    /// Pairs listed of one photo group, at most
    #[arg(long, value_name = "N", default_value_t = LinkOptions::default().pair_cap)]
    pair_cap: u64,
    /// Link ads of different sites only
    #[arg(long)]
    cross_site_only: bool,
    /// Let a shared phone, poster or text join ads too (marked as such)
    #[arg(long)]
    corroborate: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Pairs {
    All,
    Forest,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Index {
    Exact,
    Hnsw,
}

impl Linking {
    pub(super) fn options(&self, common: &Common) -> LinkOptions {
        LinkOptions {
            radius: self.radius,
            min_quality: Quality::new(self.min_quality),
            index: match self.index {
                Index::Exact => CandidateIndex::Exact,
                Index::Hnsw => CandidateIndex::Hnsw,
            },
            pairs: match self.pairs {
                Pairs::All => PairMode::All,
                Pairs::Forest => PairMode::Forest,
            },
            pair_cap: self.pair_cap,
            cross_site_only: self.cross_site_only,
            corroborate: self.corroborate,
            threads: common.threads.map(usize::from),
            ..LinkOptions::default()
        }
    }

    /// What decides the findings, for `run.json` and the report: never paths or threads.
    fn parameters(&self) -> Map<String, Value> {
        let pairs = if self.pairs == Pairs::All { "all" } else { "forest" };
        let parameters = json!({
            "radius": self.radius,
            "min_quality": self.min_quality,
            "index": if self.index == Index::Exact { "exact" } else { "hnsw" },
            "pairs": pairs,
            "pair_cap": self.pair_cap,
            "cross_site_only": self.cross_site_only,
            "corroborate": self.corroborate,
        });
        match parameters {
            Value::Object(map) => map,
            _ => unreachable!("the literal above is an object"),
        }
    }
}

/// A run so far, timed.
pub(super) struct Clock {
    started: Timestamp,
    lap: Instant,
    stages: Vec<(String, f64)>,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { started: Timestamp::now(), lap: Instant::now(), stages: Vec::new() }
    }

    pub(super) fn lap(&mut self, stage: &str) {
        self.stages.push((stage.into(), self.lap.elapsed().as_secs_f64()));
        self.lap = Instant::now();
    }
}

/// Links what the case holds and writes the result folder.
pub(super) fn link_and_write(
    case: &Case,
    out: &Path,
    linking: &Linking,
    run: RunInputs,
    mut clock: Clock,
    common: &Common,
    talk: &Talk,
) -> adlink::Result<Exit> {
    let display = Display::new(common, talk);
    let snapshot = case.snapshot()?;
    clock.lap("snapshot");
    let findings = adlink::link::link(&snapshot, &linking.options(common), &display)?;
    clock.lap("link");
    if let Some(recall) = findings.candidate_recall {
        talk.warn(&format!("approximate candidates: {:.2} % of the exact ones were found", 100.0 * recall));
    }
    let facts = RunFacts {
        version: env!("CARGO_PKG_VERSION").into(),
        parameters: linking.parameters(),
        inputs: run.inputs,
        ingest: run.counts,
        started_at: clock.started.to_string(),
        finished_at: Timestamp::now().to_string(),
        stages: clock.stages,
        threads: common.threads.map_or_else(available_threads, usize::from),
    };
    let written = results::write(out, &snapshot, &findings, &facts)?;
    summarise(&snapshot, &findings, &written, common)?;
    Ok(if snapshot.skipped.is_empty() { Exit::Done } else { Exit::Skipped })
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn summarise(
    snapshot: &Snapshot,
    findings: &Findings,
    written: &Written,
    common: &Common,
) -> adlink::Result<()> {
    let figures = Figures::new(&Joined::new(snapshot, findings));
    let report = written.folder.join("report.html");
    if common.json {
        let summary = json!({
            "ads": figures.ads,
            "sites": figures.sites,
            "images": figures.images,
            "pairs": figures.pairs,
            "photo_groups": figures.photo_groups,
            "common_photos": figures.common,
            "links": figures.links,
            "networks": figures.networks,
            "ads_in_networks": figures.ads_in_networks,
            "largest_network": figures.largest_network,
            "skipped": figures.skipped,
            "expected_false_pairs": findings.expected_false_pairs,
            "candidate_recall": findings.candidate_recall,
            "out": written.folder.display().to_string(),
            "report": report.display().to_string(),
        });
        return output::data(&format!("{summary:#}\n"));
    }
    if common.quiet {
        return Ok(());
    }
    let n = |number: usize, one: &str| count(number as u64, one);
    let mut text = format!(
        "{} on {}, {}\n{} join {}; the largest holds {}\n{} behind {} and {}; {} left out\n",
        n(figures.ads, "ad"),
        n(figures.sites, "site"),
        n(figures.images, "image"),
        n(figures.networks, "network"),
        n(figures.ads_in_networks, "ad"),
        figures.largest_network,
        n(figures.photo_groups, "shared photo"),
        n(figures.pairs, "image pair"),
        n(figures.links, "ad link"),
        n(figures.common, "common photo"),
    );
    if figures.skipped > 0 {
        let list = written.folder.join("skipped.csv");
        text.push_str(&format!(
            "{} skipped, with reasons in {}\n",
            n(figures.skipped, "input"),
            list.display()
        ));
    }
    text.push_str(&format!("report: {}\n", report.display()));
    output::data(&output::printable(&text))
}
