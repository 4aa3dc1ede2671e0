//! A query on the banks, as `adlink bank match` asks them.
//!
//! The trap: banks hold hashes and digests, no features. What they cannot find, parts and, where an entry has digests
//! alone, every copy but the very file, is said.

use super::match_options::MatchOptions;
use super::undone::Undone;
use crate::api::state::service::Service;
use crate::bank::{BankMatch, BankMatcher};
use crate::case::Case;
use crate::error::Result;
use crate::record::Image;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Hits in banks.
#[derive(Default)]
pub(super) struct BankFindings {
    /// All of them.
    pub(super) found: usize,
    /// Those that are listed.
    pub(super) hits: Vec<BankMatch>,
    left_out: Vec<Value>,
}

impl BankFindings {
    pub(super) fn json(&self) -> Value {
        json!({
            "found": self.found,
            "hits": self.hits.iter().map(entry_json).collect::<Vec<_>>(),
            "truncated": self.found > self.hits.len(),
            "left_out": self.left_out,
        })
    }
}

/// Asks the banks, unless none of them is to be asked.
pub(super) fn in_banks(
    service: &Service,
    case: &Case,
    image: &Image,
    options: &MatchOptions,
    not_done: &mut Vec<Undone>,
) -> Result<BankFindings> {
    let filter = options.filter();
    let asked = service.banks.index.banks().into_iter().filter(|bank| filter.asks(bank)).count();
    if asked == 0 {
        let why = if options.banks.is_some() { "`banks` names none" } else { "there are no banks" };
        not_done.push(Undone::new("banks", why));
        return Ok(BankFindings::default());
    }
    not_done.extend(beyond_banks(service, image, options));
    let now = Timestamp::now().as_second();
    let matcher = BankMatcher { case, index: &service.banks.index, filter, radius: options.radius, now };
    let answer = matcher.find(image)?;
    let wanted = answer.found.iter().filter(|found| options.wants(Some(found.tier)));
    let left_out = answer.left_out.words().into_iter();
    Ok(BankFindings {
        found: wanted.clone().count(),
        // What an entry says is read only of those that are listed.
        hits: wanted
            .take(options.limit)
            .filter_map(|found| matcher.read(found).transpose())
            .collect::<Result<_>>()?,
        left_out: left_out.map(|(count, why)| json!({ "entries": count, "why": why })).collect(),
    })
}

/// What no bank, or not every entry, can be asked.
fn beyond_banks(service: &Service, image: &Image, options: &MatchOptions) -> Vec<Undone> {
    let filter = options.filter();
    let asked = service.banks.index.banks().into_iter().filter(|bank| filter.asks(bank));
    let without_hash: u64 = asked.map(|bank| service.banks.without_hash(bank.id)).sum();
    let mut not_done = Vec::new();
    match (without_hash, image.is_hash_only()) {
        (0, _) => {}
        (count, true) => {
            let why = format!(
                "of {count} entries of banks only digests are known: a hash alone cannot be held against them"
            );
            not_done.push(Undone::new("digests", why));
        }
        (count, false) => {
            let why =
                format!("of {count} entries of banks only digests are known: they find the very file alone");
            not_done.push(Undone::new("hashes", why));
        }
    }
    if !image.is_hash_only() && options.tiers.contains(&crate::verify::Tier::Partial) {
        let why = "banks hold hashes: parts, crops and tilts of their photos are not found";
        not_done.push(Undone::new("partial", why));
    }
    not_done
}

fn entry_json(found: &BankMatch) -> Value {
    let (bank, content) = (&found.bank, &found.entry.content);
    json!({
        "bank": bank.name(),
        "kind": bank.facts.kind.name(),
        "source": bank.facts.source,
        "handling": bank.facts.handling,
        "version": bank.version,
        "entry": found.entry.id.0,
        "outside_id": content.outside_id,
        "labels": content.labels,
        "note": content.note,
        "same_photo": true,
        "tier": found.tier.name(),
        "distance": found.distance,
        "transform": found.turn.name(),
        "view": found.view.name(),
        "score": found.score,
        "strength": found.strength().name(),
        "regular": found.is_regular,
    })
}
