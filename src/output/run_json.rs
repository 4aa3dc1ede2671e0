//! `run.json`: the record of a run, and the only result file that differs between equal runs.
//!
//! Keys keep this order. `counts` are of the whole case, so they add up whatever a resumed run found already
//! done: ads in networks and outside make all ads; images in photo groups and alone make all images; links in
//! networks, left out and neither make all links.

use super::formats;
use super::{ResultFile, RunFacts};
use crate::corpus::standing;
use crate::link::{Effect, News, PartialWork};
use crate::picture::PreviewForm;
use crate::view::{Figures, Joined, share};
use serde_json::{Map, Value, json};
use std::time::Duration;

pub(crate) fn value(
    joined: &Joined<'_>,
    figures: &Figures,
    facts: &RunFacts,
    files: &[ResultFile],
    writing: Duration,
) -> Value {
    let inputs: Vec<Value> = facts
        .inputs
        .iter()
        .map(|input| json!({ "path": input.path, "sha256": input.sha256, "bytes": input.bytes }))
        .collect();
    json!({
        "adlink": facts.version,
        "started_at": facts.started_at,
        "finished_at": facts.finished_at,
        "threads": facts.threads,
        "seconds": seconds(facts, writing),
        "parameters": facts.parameters,
        "inputs": inputs,
        "case": header(joined),
        "case_id": facts.case_id,
        "ingest": facts.ingest,
        "counts": counts(figures),
        "skipped_by_reason": tally(figures.skipped_by_reason.iter().map(|(reason, n)| (reason.name(), *n))),
        "pairs_by_tier": tally(figures.pairs_by_tier.iter().map(|(tier, n)| (tier.name(), *n))),
        "links_left_out_by_reason": tally(figures.left_out_by_reason.iter().map(|(reason, n)| (reason.name(), *n))),
        "decisions": decisions(joined),
        "since": facts.news.as_ref().map(since),
        "largest_network": {
            "ads": figures.largest_network,
            "share_of_all_ads": rounded(share(figures.largest_network, figures.ads)),
            "share_of_ads_in_networks": rounded(share(figures.largest_network, figures.ads_in_networks)),
        },
        "photo_reuse": reuse(figures),
        "expected_false_pairs": joined.findings.expected_false_pairs,
        "leads": joined.findings.leads.len(),
        "partial": partial(&joined.findings.partial),
        "pair_cap": pair_cap(joined, files),
        "previews": {
            "kind": facts.previews.form.map_or("none", PreviewForm::name),
            "embedded": facts.previews.embedded(),
            "originals_missing": facts.previews.missing,
        },
        "report_language": facts.language.tag(),
        "files": files.iter().filter(|file| !is_page(file)).map(file).collect::<Map<_, _>>(),
        "network_pages": files.iter().filter(|file| is_page(file)).count(),
    })
}

/// Why the case is held; `null` where nobody said.
fn header(joined: &Joined<'_>) -> Value {
    let header = &joined.snapshot.header;
    let said = || header.said().map(|(name, value)| (name.to_string(), value.into())).collect();
    if header.is_empty() { Value::Null } else { Value::Object(said()) }
}

/// What local features cost: what was looked at, and what was not.
fn partial(work: &PartialWork) -> Value {
    json!({
        "photos_indexed": work.indexed,
        "candidates_verified": work.candidates,
        "candidates_agreeing": work.agreeing,
        "pixels_compared": work.compared,
        "pixels_not_compared": work.not_compared,
        "pairs_following_and_not_compared": work.over_cap,
    })
}

fn counts(figures: &Figures) -> Value {
    json!({
        "sites": figures.sites,
        "ads": figures.ads,
        "ads_in_networks": figures.ads_in_networks,
        "ads_outside_networks": figures.ads - figures.ads_in_networks,
        "ads_without_images": figures.ads_without_images,
        "sightings": figures.sightings,
        "images": figures.images,
        "images_in_photo_groups": figures.images_in_groups,
        "images_alone": figures.images - figures.images_in_groups,
        "images_too_plain_for_pdq": figures.images_too_plain,
        "skipped": figures.skipped,
        "pairs": figures.pairs,
        "photo_groups": figures.photo_groups,
        "photo_groups_common": figures.common,
        "links": figures.links,
        "links_in_networks": figures.links_in_networks,
        "links_left_out": figures.links_left_out,
        "links_across_sites": figures.links_across_sites,
        "networks": figures.networks,
        "networks_across_sites": figures.networks_across_sites,
    })
}

/// Decisions of reviewers: how many there are, and what became of them.
fn decisions(joined: &Joined<'_>) -> Value {
    let disputed = standing(&joined.snapshot.decisions).iter().filter(|stands| stands.is_disputed()).count();
    let effects = &joined.findings.decisions;
    let of = |effect: &Effect| (effect.name(), effects.iter().filter(|other| *other == effect).count());
    json!({
        "made": effects.len(),
        "subjects_disputed": disputed,
        "by_effect": tally(Effect::ALL.iter().map(of)),
    })
}

fn since(news: &News) -> Value {
    let networks_new = news.networks_new();
    json!({
        "run": news.since,
        "links_new": news.links.len(),
        "links_gone": news.links_gone,
        "networks_new": networks_new,
        "networks_grown": news.networks.len() - networks_new,
    })
}

fn reuse(figures: &Figures) -> Value {
    let entry = |images: usize| json!({ "images": images, "share": rounded(share(images, figures.images)) });
    json!({
        "in_several_ads": entry(figures.reuse.ads),
        "on_several_sites": entry(figures.reuse.sites),
        "in_several_places": entry(figures.reuse.places),
    })
}

fn pair_cap(joined: &Joined<'_>, files: &[ResultFile]) -> Value {
    let rows_left_out: u64 = files.iter().filter_map(|file| file.rows).map(|rows| rows.left_out).sum();
    json!({
        "pairs_left_out": joined.findings.pairs_over_cap,
        "hashes_compared_with_representatives": joined.findings.cluster_members,
        "rows_per_pair": formats::ROWS_PER_PAIR,
        "rows_left_out": rows_left_out,
    })
}

fn seconds(facts: &RunFacts, writing: Duration) -> Value {
    let stages = facts.stages.iter().map(|(name, seconds)| (name.clone(), *seconds));
    let all: Vec<(String, f64)> = stages.chain([("writing".into(), writing.as_secs_f64())]).collect();
    let total = all.iter().map(|(_, seconds)| seconds).sum();
    all.into_iter().chain([("total".into(), total)]).map(|(name, s)| (name, json!(rounded(s)))).collect()
}

/// Pages of single networks may be thousands; the manifest holds their digests.
fn is_page(file: &ResultFile) -> bool {
    file.name.contains('/')
}

fn file(file: &ResultFile) -> (String, Value) {
    let mut value = json!({ "sha256": file.sha256, "bytes": file.bytes });
    if let Some(rows) = file.rows {
        value["rows"] = json!(rows.written);
    }
    (file.name.clone(), value)
}

fn tally<'k>(counts: impl Iterator<Item = (&'k str, usize)>) -> Value {
    counts.map(|(key, count)| (key.to_string(), json!(count))).collect()
}

fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
