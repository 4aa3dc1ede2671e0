//! `adlink eval`: a run's pairs and networks against a truth. Reads, compares, prints; it judges nothing itself.

use super::sink::OutputSink;
use super::terminal::{self, Talk, count, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::eval::{
    Agreement, Bin, Clustering, LabelRecall, NetworkFigures, PairFigures, PairFile, Recall, Truth,
};
use adlink::eval::{by_probability, by_score};
use adlink::output::Guard;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Precision and recall of a run on labelled images
#[derive(Args)]
#[command(after_long_help = "\
TRUTH is a CSV file with the columns image,photo_id,edit,family,ad_id and, where they apply, site, network_id and \
also_photo_ids (other photos that the image shows, separated by ;). Two images match when they share a photo. If \
an image has the edit `original`, only pairs of an original and a copy count; else, all pairs of different ads. \
Images of the family `furniture` never count.

Examples:
  adlink eval truth.csv result/pairs.csv
  adlink eval truth.csv result/pairs.csv --clusters result/networks.csv --json
  adlink eval truth.csv result/pairs.csv --show-false 10 --per-edit recall.csv")]
pub(super) struct EvalArgs {
    /// Which photo every image shows
    #[arg(value_name = "TRUTH")]
    truth: PathBuf,
    /// Pairs to judge: pairs.csv, or any CSV with image_a and image_b
    #[arg(value_name = "PAIRS")]
    pairs: PathBuf,
    /// Networks to judge: networks.csv, or any CSV with ad_id and network_id or cluster_id
    #[arg(long, value_name = "NETWORKS")]
    clusters: Option<PathBuf>,
    /// The true networks, when they stand in another file than TRUTH
    #[arg(long, value_name = "FILE", requires = "clusters")]
    true_networks: Option<PathBuf>,
    /// Show the N surest pairs that do not show the same photo
    #[arg(long, value_name = "N", default_value_t = 0)]
    show_false: usize,
    /// Write recall by edit to a CSV file; `-` for standard output
    #[arg(long, value_name = "FILE")]
    per_edit: Option<PathBuf>,
}

/// Everything that is printed.
struct Evaluation<'t> {
    pairs: PairFigures<'t>,
    unknown: u64,
    recall: Recall<'t>,
    by_probability: Vec<Bin>,
    by_score: Vec<Bin>,
    networks: Option<NetworkFigures>,
}

pub(super) fn run(args: &EvalArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let truth = Truth::read(&args.truth)?;
    let pairs = PairFile::read(&args.pairs, &truth)?;
    let judged = Evaluation {
        pairs: PairFigures::new(&truth, &pairs),
        unknown: pairs.unknown,
        recall: Recall::new(&truth, &pairs),
        by_probability: by_probability(&truth, &pairs),
        by_score: by_score(&truth, &pairs),
        networks: networks(args, &truth)?,
    };
    if let Some(path) = &args.per_edit {
        let read =
            [Some(&args.truth), Some(&args.pairs), args.clusters.as_ref(), args.true_networks.as_ref()];
        let guard = Guard::new(common.force).inputs(read.into_iter().flatten().cloned());
        let sink = OutputSink::open(Some(path), &guard, talk)?;
        judged.recall.write(sink.writer()?).map_err(|error| Error::io("write", path, error))?;
        sink.keep()?;
    }
    if judged.unknown > 0 {
        let rows = count(judged.unknown, "row");
        talk.warn(&format!(
            "{rows} of {} not judged: the truth does not know the image",
            args.pairs.display()
        ));
    }
    if common.json {
        terminal::data(&format!("{:#}\n", value(&judged, args.show_false)))?;
    } else if !common.quiet {
        terminal::data(&printable(&words(&judged, args.show_false)))?;
    }
    Ok(Exit::Done)
}

fn networks(args: &EvalArgs, truth: &Truth) -> adlink::Result<Option<NetworkFigures>> {
    let Some(path) = &args.clusters else { return Ok(None) };
    let known = args.true_networks.as_ref().map_or_else(
        || Ok(Clustering::of_truth(truth)),
        |path| Clustering::read(path).map(|named| Clustering::of_truth(truth).relabelled(&named)),
    )?;
    Ok(Some(NetworkFigures::new(&known, &Clustering::read(path)?)))
}

fn words(judged: &Evaluation<'_>, show_false: usize) -> String {
    let pairs = &judged.pairs;
    let mut text = format!(
        "matching pairs {}, non-matching pairs {}\nlinks {}  true {}  false {}  precision {:.5}  recall {:.4}  fpr {:.2e}\n",
        pairs.positives,
        pairs.negatives,
        pairs.links(),
        pairs.correct,
        pairs.wrong.len(),
        pairs.precision(),
        pairs.recall(),
        pairs.false_positive_rate()
    );
    if pairs.not_counted > 0 {
        let _ = writeln!(text, "not counted {} (inside one ad, furniture, or two copies)", pairs.not_counted);
    }
    if pairs.tiers.keys().any(|tier| !tier.is_empty()) {
        text += "\ntier              true   false\n";
        for (tier, figures) in &pairs.tiers {
            let _ = writeln!(text, "{tier:14} {:7} {:7}", figures.correct, figures.wrong);
        }
    }
    text += "\nrecall, %                      found    of\n";
    for (family, booked) in &judged.recall.families {
        text += &recall_line("", family, 24, *booked);
        for ((_, edit), booked) in
            judged.recall.edits.range((*family, "")..).take_while(|(label, _)| label.0 == *family)
        {
            text += &recall_line("  ", edit, 22, *booked);
        }
    }
    text += &reliability("probability", &judged.by_probability);
    text += &reliability("score", &judged.by_score);
    if show_false > 0 && !pairs.wrong.is_empty() {
        text += "\nsurest false pairs\n";
    }
    for wrong in pairs.wrong.iter().take(show_false) {
        let mark = wrong.pair.score.or(wrong.pair.distance).map_or(String::new(), |mark| mark.to_string());
        let _ = writeln!(text, "{mark:>9}  {}  {}", wrong.image_a, wrong.image_b);
    }
    if let Some(networks) = &judged.networks {
        let _ = writeln!(
            text,
            "\nads in {} networks (truth {}); networks that mix true ones: {}",
            networks.found, networks.true_networks, networks.mixed
        );
        for (name, figures) in [("pairwise", networks.pairwise), ("B-cubed", networks.b_cubed)] {
            let Agreement { precision, recall } = figures;
            let f1 = figures.f1();
            let _ = writeln!(text, "{name:9} precision {precision:.4}  recall {recall:.4}  F1 {f1:.4}");
        }
    }
    text
}

fn recall_line(indent: &str, label: &str, width: usize, booked: LabelRecall) -> String {
    let LabelRecall { found, of } = booked;
    format!("{indent}{label:width$} {:6.1} {found:7} {of:6}\n", 100.0 * booked.share())
}

fn reliability(name: &str, bins: &[Bin]) -> String {
    if bins.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{name:>11}                pairs    mean   true share\n");
    for bin in bins.iter().filter(|bin| bin.pairs > 0) {
        let share = bin.true_share();
        let _ = writeln!(
            text,
            "{:11.4} to {:8.4} {:9} {:7.4} {share:12.4}",
            bin.from, bin.to, bin.pairs, bin.mean
        );
    }
    text
}

fn value(judged: &Evaluation<'_>, show_false: usize) -> Value {
    let pairs = &judged.pairs;
    let found =
        |booked: &LabelRecall| json!({ "found": booked.found, "of": booked.of, "recall": booked.share() });
    let tiers: serde_json::Map<String, Value> = pairs
        .tiers
        .iter()
        .map(|(tier, figures)| (tier.to_string(), json!({ "true": figures.correct, "false": figures.wrong })))
        .collect();
    let edits: Vec<Value> = judged
        .recall
        .edits
        .iter()
        .map(|((family, edit), booked)| {
            json!({ "family": family, "edit": edit, "found": booked.found, "of": booked.of, "recall": booked.share() })
        })
        .collect();
    let families: serde_json::Map<String, Value> =
        judged.recall.families.iter().map(|(family, booked)| (family.to_string(), found(booked))).collect();
    let false_pairs: Vec<Value> = pairs
        .wrong
        .iter()
        .take(show_false)
        .map(|wrong| {
            let pair = wrong.pair;
            json!({
                "image_a": wrong.image_a, "image_b": wrong.image_b, "tier": pair.tier,
                "distance": pair.distance, "score": pair.score, "probability": pair.probability,
            })
        })
        .collect();
    json!({
        "positives": pairs.positives,
        "negatives": pairs.negatives,
        "links": pairs.links(),
        "true": pairs.correct,
        "false": pairs.wrong.len(),
        "precision": pairs.precision(),
        "recall": pairs.recall(),
        "false_positive_rate": pairs.false_positive_rate(),
        "not_counted": pairs.not_counted,
        "unknown_image_rows": judged.unknown,
        "tiers": tiers,
        "families": families,
        "edits": edits,
        "by_probability": bins(&judged.by_probability),
        "by_score": bins(&judged.by_score),
        "networks": judged.networks.map(network_value),
        "surest_false_pairs": false_pairs,
    })
}

fn bins(bins: &[Bin]) -> Vec<Value> {
    let one = |bin: &Bin| {
        json!({
            "from": bin.from, "to": bin.to, "pairs": bin.pairs, "mean": bin.mean, "true": bin.correct,
            "true_share": bin.true_share(),
        })
    };
    bins.iter().map(one).collect()
}

fn network_value(networks: NetworkFigures) -> Value {
    let agreement = |figures: Agreement| json!({ "precision": figures.precision, "recall": figures.recall, "f1": figures.f1() });
    json!({
        "ads": networks.ads,
        "found": networks.found,
        "true": networks.true_networks,
        "mixed": networks.mixed,
        "unknown_ads": networks.unknown,
        "pairwise": agreement(networks.pairwise),
        "b_cubed": agreement(networks.b_cubed),
    })
}
