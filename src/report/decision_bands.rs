//! How reviewers ruled on pairs of images, by how strong the evidence for one photo is.
//!
//! Decisions in force, on pairs alone: a decision on a whole photo or an ad is about no one score. The trap: a rejected
//! pair is among the findings no more, so what its hashes say is measured again.

use crate::hash::Quality;
use crate::language::{say, word};
use crate::link::{Effect, Pair};
use crate::record::{ImageId, Ruling, Subject};
use crate::verify::{RADIUS, Strength, Tier, verify};
use crate::view::{Joined, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Confirmed and rejected pairs, by band; the weakest first, those that nothing measured before all.
type ByBand = BTreeMap<Option<Strength>, [usize; 2]>;

pub(super) fn bands(joined: &Joined<'_>) -> Markup {
    let counts = count(joined);
    html! {
        @if !counts.is_empty() {
            p {
                (say!(
                    "On pairs of images, by how strong the evidence is that they show one photo. Where reviewers reject \
                     what is strong, or confirm what is weak, look again."
                ))
            }
            section.scroll tabindex="0" aria-label=(say!("Table of decisions by strength of evidence")) {
                table.bands {
                    thead { tr {
                        th scope="col" { (say!("Evidence")) }
                        th.number scope="col" { (say!("Pairs confirmed")) } th.number scope="col" { (say!("Pairs rejected")) }
                    } }
                    tbody {
                        @for (band, [confirmed, rejected]) in counts.iter().rev() {
                            tr {
                                th scope="row" { (say(name(*band))) }
                                td.number { (words::thousands(*confirmed)) } td.number { (words::thousands(*rejected)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn name(band: Option<Strength>) -> &'static str {
    match band {
        Some(Strength::Identical) => word!("the same file"),
        Some(strength) => strength.name(),
        None => word!("none that adlink sees"),
    }
}

fn count(joined: &Joined<'_>) -> ByBand {
    let mut counts = ByBand::new();
    for (decision, effect) in joined.snapshot.decisions.iter().zip(&joined.findings.decisions) {
        let column = match decision.ruling {
            Ruling::Confirm => 0,
            Ruling::Reject => 1,
            _ => continue,
        };
        if let (Subject::Pair(a, b), Effect::Applied | Effect::Overruled | Effect::NoEffect) =
            (&decision.subject, effect)
        {
            counts.entry(strength(joined, a, b)).or_default()[column] += 1;
        }
    }
    counts
}

/// What is measured of two images, whatever reviewers say of them.
fn strength(joined: &Joined<'_>, a: &ImageId, b: &ImageId) -> Option<Strength> {
    let (a, b) = (joined.snapshot.image_row(a)?, joined.snapshot.image_row(b)?);
    let these = |pair: &&Pair| (pair.a, pair.b) == (a.min(b), a.max(b)) && pair.proof.tier != Tier::Confirmed;
    let pairs = joined.pairs_of_image(a).iter().map(|&row| &joined.findings.pairs[row]);
    let known = pairs.chain(&joined.findings.leads).find(these).map(|pair| joined.strength(&pair.proof));
    let measured = || verify(joined.image(a), joined.image(b), RADIUS, Quality::USABLE);
    known.or_else(|| measured().map(|proof| joined.strength(&proof)))
}
