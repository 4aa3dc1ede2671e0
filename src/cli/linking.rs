//! Flags that say how to link and where to put the result, shared by `link` and `report`, and the second half
//! of both: snapshot -> findings -> result folder -> summary.

use super::common_photos::CommonPhotos;
use super::inputs::RunInputs;
use super::progress::Display;
use super::terminal::{self, Talk, count};
use super::{Common, Exit};
use adlink::Error;
use adlink::case::Case;
use adlink::corpus::Reported;
use adlink::corpus::Snapshot;
use adlink::hash::Quality;
use adlink::language::{Language, in_language};
use adlink::link::{self, CandidateIndex, Effect, Findings, LinkOptions, Network, News, PairMode};
use adlink::link_case::{CaseToLink, LinkedCase};
use adlink::output;
use adlink::output::{Also, Guard, RunFacts, Written};
use adlink::picture::PreviewForm;
use adlink::report::Previews;
use adlink::verify::{RADIUS, Tier};
use adlink::view::{Figures, Joined};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::error::Error as _;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Instant;

/// What the help calls these flags.
pub(super) const HEADING: &str = "Linking";

/// How to link.
#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct Linking {
    /// What may prove that two images show one photo; without partial, crops, pages and collages are not found
    #[arg(
        long,
        value_enum,
        value_name = "TIER,TIER",
        value_delimiter = ',',
        default_value = "same-file,near-copy,transformed,partial"
    )]
    tiers: Vec<PhotoTier>,
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = RADIUS, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Least PDQ quality; below it only identical files are linked
    #[arg(long, value_name = "0-100", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    min_quality: u8,
    /// What proposes candidates; hnsw is approximate and only for measuring it against exact
    #[arg(long, value_enum, default_value_t = Index::Exact)]
    index: Index,
    /// Image pairs to list: all, or just enough to connect every photo group
    #[arg(long, value_enum, default_value_t = PairListing::All)]
    pairs: PairListing,
    /// Pairs listed of one photo group, at most
    #[arg(long, value_name = "N", default_value_t = LinkOptions::default().pair_cap)]
    pair_cap: u64,
    /// Link ads of different sites only
    #[arg(long)]
    cross_site_only: bool,
    /// Let a shared phone, poster or text join ads too (marked as such)
    #[arg(long)]
    corroborate: bool,
    /// Photos known to be common, such as stock pictures and logos: a picture, a folder, or a hash list (.csv, .jsonl,
    /// .txt); they weigh little and join no network by themselves
    #[arg(long = "common", value_name = "PATH")]
    common_photos: Vec<PathBuf>,
    /// Link in at most N sections, cut where nothing ties, one by one. The results are the same; memory is not less yet
    /// (docs/scale.md)
    #[arg(long, visible_alias = "parts", value_name = "N")]
    sections: Option<NonZeroUsize>,
    /// Also tell what is new since an earlier run on this case: its number, or `last`
    #[arg(long, value_name = "RUN")]
    since: Option<Since>,
}

/// An earlier run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    Last,
    Run(u64),
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "last" => Ok(Self::Last),
            _ => text.parse().map(Self::Run).map_err(|_| "expected the number of a run, or `last`"),
        }
    }
}

/// Tiers that prove the same photo.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PhotoTier {
    SameFile,
    NearCopy,
    Transformed,
    Partial,
}

impl From<PhotoTier> for Tier {
    fn from(tier: PhotoTier) -> Self {
        match tier {
            PhotoTier::SameFile => Self::SameFile,
            PhotoTier::NearCopy => Self::NearCopy,
            PhotoTier::Transformed => Self::Transformed,
            PhotoTier::Partial => Self::Partial,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PairListing {
    All,
    Forest,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Index {
    Exact,
    Hnsw,
}

impl Linking {
    /// What `--common` names.
    pub(super) fn common_photos(&self, talk: &Talk) -> adlink::Result<CommonPhotos> {
        CommonPhotos::read(&self.common_photos, talk)
    }

    pub(super) fn options(&self, common: &Common, photos: &CommonPhotos) -> LinkOptions {
        LinkOptions {
            tiers: self.tiers(),
            radius: self.radius,
            min_quality: Quality::new(self.min_quality),
            index: match self.index {
                Index::Exact => CandidateIndex::Exact,
                Index::Hnsw => CandidateIndex::Hnsw,
            },
            pairs: match self.pairs {
                PairListing::All => PairMode::All,
                PairListing::Forest => PairMode::Forest,
            },
            pair_cap: self.pair_cap,
            cross_site_only: self.cross_site_only,
            corroborate: self.corroborate,
            common_bank: photos.bank.clone(),
            sections: self.sections,
            threads: common.threads.map(usize::from),
        }
    }

    fn tiers(&self) -> BTreeSet<Tier> {
        self.tiers.iter().map(|&tier| tier.into()).collect()
    }

    /// What decides the findings, for `run.json` and the report: never paths, sections or threads.
    fn parameters(&self, options: &LinkOptions, photos: &CommonPhotos) -> Map<String, Value> {
        let mut parameters = options.parameters();
        if !self.common_photos.is_empty() {
            parameters.insert("common".into(), photos.in_words().into());
        }
        parameters
    }
}

/// What is written, and where.
#[derive(Args)]
#[command(next_help_heading = "Result")]
pub(super) struct ResultArgs {
    /// Result folder, created when it is not there
    #[arg(short, long, value_name = "DIR", default_value = "adlink-out")]
    pub(super) out: PathBuf,
    /// Small pictures of the shared photos in the report, made from the originals. Blurred beyond recognition, or so
    /// in grey; clear ones can be recognised and make the report as sensitive as the photos
    #[arg(long, value_enum, value_name = "KIND", default_value_t = PreviewKind::None)]
    previews: PreviewKind,
    /// Also a page to print on this network, networks/ID-brief.html: what it is, what holds it together, what speaks
    /// against it, what to check first. By its number in the report, its id, or `all`
    #[arg(long, value_name = "NETWORK")]
    brief: Vec<String>,
    /// Language of the report and its pages. Files that programs read stay in English
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = languages(), ignore_case = true)]
    lang: Language,
    /// Also the report as one zip: report.html, the pages of networks, a page to print on each, and the digests of these
    #[arg(long, value_name = "FILE.zip")]
    zip: Option<PathBuf>,
    /// Also every CSV file in the folder `spreadsheet`, in a form that spreadsheets do not change: a byte order mark, and a
    /// `'` before cells that they would turn into formulas, other numbers or dates
    #[arg(long)]
    spreadsheet: bool,
    /// Also graph_all.graphml and graph_all.gexf: the graph with the links that join nobody
    #[arg(long)]
    all_links: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PreviewKind {
    None,
    Blurred,
    Grey,
    Clear,
}

/// What `--lang` takes.
pub(super) fn languages() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::tag))
        .map(|tag| Language::of_tag(&tag).expect("clap lets no other tag pass"))
}

impl ResultArgs {
    /// Refuses a folder whose files are something that must not be replaced.
    pub(super) fn guard(
        &self,
        inputs: &[PathBuf],
        case: Option<&Case>,
        common: &Common,
        talk: &Talk,
    ) -> adlink::Result<()> {
        let guard = Guard::new(common.force).inputs(inputs.iter().cloned());
        let guard = match case {
            Some(case) => guard.case(case),
            None => guard,
        };
        let folder = guard.folder(&self.out, &output::file_names())?;
        let zip = match &self.zip {
            Some(zip) => output::check_zip_name(zip).and_then(|()| guard.file(zip))?,
            None => None,
        };
        for replaced in folder.into_iter().chain(zip) {
            talk.warn(&format!("replaces {replaced}"));
        }
        Ok(())
    }

    /// Previews are noted in the case, which must then be open for writing.
    pub(super) fn notes(&self) -> bool {
        self.form().is_some()
    }

    fn form(&self) -> Option<PreviewForm> {
        match self.previews {
            PreviewKind::None => None,
            PreviewKind::Blurred => Some(PreviewForm::Blurred),
            PreviewKind::Grey => Some(PreviewForm::Grey),
            PreviewKind::Clear => Some(PreviewForm::Clear),
        }
    }

    /// Numbers of the networks that get a page to print: in a zip, all.
    fn briefs(&self, findings: &Findings) -> adlink::Result<BTreeSet<u32>> {
        if self.zip.is_some() {
            return Ok(findings.networks.iter().map(|network| network.number).collect());
        }
        let numbers =
            self.brief.iter().map(|name| briefed(findings, name)).collect::<adlink::Result<Vec<_>>>()?;
        Ok(numbers.into_iter().flatten().collect())
    }

    /// The previews asked for, on record before they are in any file.
    fn previews(
        &self,
        case: &mut Case,
        snapshot: &Snapshot,
        findings: &Findings,
    ) -> adlink::Result<Previews> {
        let Some(form) = self.form() else { return Ok(Previews::default()) };
        in_language(self.lang, || output::noted_previews(case, snapshot, findings, form, &self.out))
    }
}

/// The networks that a name of `--brief` means.
fn briefed(findings: &Findings, name: &str) -> adlink::Result<Vec<u32>> {
    let means =
        |network: &&Network| name == "all" || name == network.id || name.parse() == Ok(network.number);
    let found: Vec<u32> = findings.networks.iter().filter(means).map(|network| network.number).collect();
    if found.is_empty() && name != "all" {
        return Err(Error::Parameter {
            name: "--brief",
            value: name.into(),
            expected: "the number or id of a network in the report, or all".into(),
        });
    }
    Ok(found)
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
    case: &mut Case,
    result: &ResultArgs,
    linking: &Linking,
    run: RunInputs,
    mut clock: Clock,
    common: &Common,
    talk: &Talk,
) -> adlink::Result<Exit> {
    let display = Display::new(common, talk);
    let skipped = run.skipped + run.photos.refused;
    let earlier = linking.since.map(|since| earlier(case, since)).transpose()?;
    let options = linking.options(common, &run.photos);
    let (snapshot, findings) = find(case, &options, &display, &mut clock)?;
    if let Some(recall) = findings.candidate_recall {
        talk.warn(&format!("approximate candidates: {:.2} % of the exact ones were found", 100.0 * recall));
    }
    let news = earlier.map(|(run, before)| link::news(&snapshot, &findings, run, &before));
    let briefs = result.briefs(&findings)?;
    if briefs.is_empty() && !result.brief.is_empty() {
        talk.warn("there is no network, so --brief writes no page");
    }
    let previews = result.previews(case, &snapshot, &findings)?;
    let facts = RunFacts {
        previews,
        briefs,
        language: result.lang,
        also: Also { all_links: result.all_links, spreadsheet: result.spreadsheet },
        version: env!("CARGO_PKG_VERSION").into(),
        parameters: linking.parameters(&options, &run.photos),
        case_id: case.id()?,
        inputs: run.inputs,
        ingest: run.counts,
        started_at: clock.started.to_string(),
        finished_at: Timestamp::now().to_string(),
        stages: clock.stages,
        threads: common.threads.map_or_else(available_threads, usize::from),
        news,
    };
    let joined = Joined::new(&snapshot, &findings);
    let figures = Figures::new(&joined);
    let mut written = output::write(&result.out, &joined, &figures, &facts)?;
    if let Some(zip) = &result.zip {
        output::zip_report(&mut written, zip)?;
    }
    let run = record(case, &snapshot, &findings, &facts, &written, talk);
    summarise(&findings, &figures, &written, &Told { run, news: facts.news.as_ref() }, common)?;
    Ok(if snapshot.skipped.is_empty() && skipped == 0 { Exit::Done } else { Exit::Skipped })
}

/// The whole case, and what linking finds in it; pixels compared are kept in a case that can be written.
pub(super) fn find(
    case: &mut Case,
    options: &LinkOptions,
    display: &Display,
    clock: &mut Clock,
) -> adlink::Result<(Snapshot, Findings)> {
    let read = CaseToLink::read(case, options)?;
    clock.lap("snapshot");
    let LinkedCase { snapshot, findings, .. } = read.link(case, options, display)?;
    clock.lap("link");
    Ok((snapshot, findings))
}

/// The run to compare with, and what it reported.
fn earlier(case: &Case, since: Since) -> adlink::Result<(u64, Reported)> {
    let run = match since {
        Since::Last => case.runs()?,
        Since::Run(run) => run,
    };
    Ok((run, case.reported(run)?))
}

/// Notes the run in the case; its number. A case that cannot be written now keeps no trace, and the user is told.
fn record(
    case: &Case,
    snapshot: &Snapshot,
    findings: &Findings,
    facts: &RunFacts,
    written: &Written,
    talk: &Talk,
) -> Option<u64> {
    match output::note_run(case, snapshot, findings, facts, written) {
        Ok(run) => Some(run),
        Err(error) => {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            talk.warn(&format!("the results are complete, but the case does not know of this run: {why}"));
            None
        }
    }
}

/// What is told of a run beside its figures.
struct Told<'a> {
    run: Option<u64>,
    news: Option<&'a News>,
}

impl Told<'_> {
    fn json(&self) -> Value {
        self.news.map_or(Value::Null, |news| {
            json!({
                "run": news.since,
                "links_new": news.links.len(),
                "links_gone": news.links_gone,
                "networks_new": news.networks_new(),
                "networks_grown": news.networks.len() - news.networks_new(),
            })
        })
    }

    fn text(&self) -> String {
        let n = |number: usize, one: &str| count(number as u64, one);
        let mut text = String::new();
        if let Some(news) = self.news {
            let grown = news.networks.len() - news.networks_new();
            text = format!(
                "new since run {}: {} and {}; {} grew; {} gone (see new.csv)\n",
                news.since,
                n(news.links.len(), "ad link"),
                n(news.networks_new(), "network"),
                n(grown, "network"),
                count(news.links_gone, "ad link"),
            );
        }
        if let Some(run) = self.run {
            text.push_str(&format!("run {run} of this case\n"));
        }
        text
    }
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn summarise(
    findings: &Findings,
    figures: &Figures,
    written: &Written,
    told: &Told<'_>,
    common: &Common,
) -> adlink::Result<()> {
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
            "decisions": findings.decisions.len(),
            "run": told.run,
            "since": told.json(),
            "out": written.folder.display().to_string(),
            "report": report.display().to_string(),
            "zip": written.zip.as_ref().map(|zip| &zip.name),
        });
        return terminal::data(&format!("{summary:#}\n"));
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
    if !findings.decisions.is_empty() {
        let applied = findings.decisions.iter().filter(|effect| **effect == Effect::Applied).count();
        text.push_str(&format!(
            "{} of {} by reviewers applied\n",
            applied,
            n(findings.decisions.len(), "decision")
        ));
    }
    if figures.skipped > 0 {
        let list = written.folder.join("skipped.csv");
        text.push_str(&format!(
            "{} skipped, with reasons in {}\n",
            n(figures.skipped, "input"),
            list.display()
        ));
    }
    text.push_str(&told.text());
    text.push_str(&format!("report: {}\n", report.display()));
    if let Some(zip) = &written.zip {
        text.push_str(&format!("zip: {} ({})\n", zip.name, count(zip.bytes, "byte")));
    }
    terminal::data(&terminal::printable(&text))
}
