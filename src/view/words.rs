//! Findings in plain, neutral sentences.
//!
//! They speak of photos and ads, never of people, and say what speaks against a link in the same breath. Names
//! inside a sentence are as found and may be hostile: whoever prints one escapes it.

use super::joined::{Joined, ad_name};
use crate::codes::NamedCode;
use crate::hash::Dihedral;
use crate::link::{Caveat, Link, PhotoGroup};
use crate::record::{Ad, ViewKind};
use crate::verify::{Proof, Tier};
use serde_json::Value;
use std::collections::BTreeMap;

/// From this share on, a part is said to be nearly all.
const NEARLY_ALL: f64 = 0.95;

/// `1 ad`, `2 ads`, `1,234 ads`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// `1,234,567`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a tier proves.
pub const fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::SameFile => "the files are identical, byte for byte",
        Tier::NearCopy => "the whole picture, upright: re-saved, resized or lightly edited",
        Tier::Transformed => "the same picture turned or mirrored, or with a border, page or frame around it",
        Tier::Partial => "a part of one picture is found in the other",
        Tier::Confirmed => "a reviewer says that both show the same photo; nothing else proves it",
        Tier::SameScene => "parts of the two agree, and nothing proves that they show one photo: a lead only",
        Tier::SameDesign => "the same layout with other content: a lead only",
    }
}

/// What was done to the first image to get the second; `None` when nothing was.
pub const fn transform(transform: Dihedral) -> Option<&'static str> {
    match transform {
        Dihedral::None => None,
        Dihedral::Rot90 => Some("turned a quarter counter-clockwise"),
        Dihedral::Rot180 => Some("turned upside down"),
        Dihedral::Rot270 => Some("turned a quarter clockwise"),
        Dihedral::FlipX => Some("flipped top to bottom"),
        Dihedral::FlipY => Some("mirrored"),
        Dihedral::FlipPlus1 => Some("mirrored along its main diagonal"),
        Dihedral::FlipMinus1 => Some("mirrored along its other diagonal"),
    }
}

/// Which part of an image was compared; `None` for the whole.
pub const fn view(kind: ViewKind) -> Option<&'static str> {
    match kind {
        ViewKind::Whole => None,
        ViewKind::ContentBox => Some("without its border"),
        ViewKind::Pane => Some("as one picture inside a page or collage"),
        ViewKind::Frame => Some("as a further frame of an animation"),
        ViewKind::Enlarged => Some("as if enlarged"),
        ViewKind::Square => Some("as its middle square"),
        ViewKind::Negative => Some("with dark and light exchanged"),
    }
}

/// Columns that an ad keeps on request, by name; values that are no text as JSON.
pub fn kept(ad: &Ad) -> Vec<(String, String)> {
    let columns: BTreeMap<String, Value> = serde_json::from_str(&ad.kept).unwrap_or_default();
    let plain = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    columns.into_iter().map(|(name, value)| (name, plain(value))).collect()
}

/// Why two images show the same photo, as a clause.
pub fn proof(joined: &Joined<'_>, proof: &Proof) -> String {
    let mut parts = Vec::new();
    match proof.tier {
        Tier::SameFile => return tier(Tier::SameFile).into(),
        Tier::NearCopy => parts.push("a copy of the whole picture".to_string()),
        Tier::Transformed => parts.push("a copy".to_string()),
        Tier::Partial => {
            parts.push(format!("a part in common ({})", overlap(proof.overlap_a, proof.overlap_b)));
        }
        Tier::Confirmed => return tier(Tier::Confirmed).into(),
        Tier::SameScene => parts.push(format!(
            "parts agree ({}): perhaps one photo, perhaps two of the same place",
            overlap(proof.overlap_a, proof.overlap_b)
        )),
        Tier::SameDesign => parts.push("the same layout with other content".to_string()),
    }
    parts.extend(transform(proof.transform).map(String::from));
    let views = [view(proof.view_a), view(proof.view_b)];
    if let Some(shown) = views[0].or(views[1]) {
        parts.push(format!("compared {shown}"));
    }
    parts.extend(proof.distance.map(|bits| format!("{bits} of 256 hash bits differ")));
    parts.push(format!("{} evidence", joined.strength(proof)));
    parts.join(", ")
}

/// How often a photo group occurs, as a clause.
pub fn rarity(group: &PhotoGroup) -> String {
    let rarity = &group.rarity;
    format!(
        "{} on {}, on {}",
        count(rarity.ads as usize, "ad"),
        count(rarity.sites as usize, "site"),
        count(rarity.days as usize, "day")
    )
}

/// `43%`; anything above nothing is at least `1%`.
pub fn percent(share: f64) -> String {
    let whole = (share * 100.0).round();
    if whole == 0.0 && share > 0.0 { "under 1%".into() } else { format!("{whole}%") }
}

/// How much of each of two images the part is that they have in common, as a clause.
pub fn overlap(a: f64, b: f64) -> String {
    let nearly_all = |share: f64| share >= NEARLY_ALL;
    match (nearly_all(a), nearly_all(b)) {
        (true, true) => "nearly all of both images".into(),
        (true, false) => format!("nearly all of one image, {} of the other", percent(b)),
        (false, true) => format!("{} of one image, nearly all of the other", percent(a)),
        (false, false) if percent(a) == percent(b) => format!("{} of each image", percent(a)),
        (false, false) => format!("{} of one image, {} of the other", percent(a), percent(b)),
    }
}

/// The weight of a link in words. One photo that is sure and that nobody else shows weighs 1, or less where others show it,
/// too; several photos add up.
pub fn weight(weight: f64) -> &'static str {
    match weight {
        weight if weight >= 1.5 => "very heavy",
        weight if weight >= 0.75 => "heavy",
        weight if weight >= 0.4 => "of middling weight",
        weight if weight >= 0.1 => "light",
        _ => "very light",
    }
}

/// A link in two to four sentences: what is shared, how rare it is, what else agrees, what speaks against it.
pub fn link(joined: &Joined<'_>, link: &Link) -> String {
    let mut text =
        format!("{} and {} show ", ad_name(&joined.ad(link.a).key), ad_name(&joined.ad(link.b).key));
    match &*link.evidence {
        [] => text.push_str("no photo in common."),
        [only] => text.push_str(&format!("the same photo: {}.", proof(joined, &only.proof))),
        [first, ..] => text.push_str(&format!(
            "{} in common; the strongest: {}.",
            count(link.evidence.len(), "photo"),
            proof(joined, &first.proof)
        )),
    }
    if let Some(first) = link.evidence.first() {
        let group = &joined.findings.groups[first.group];
        text.push_str(&format!(" That photo is in {}", rarity(group)));
        if let Some(reason) = group.common {
            text.push_str(&format!("; it is common ({})", reason.words()));
        }
        text.push('.');
    }
    if !link.corroboration.is_empty() {
        let shared: Vec<&str> = link.corroboration.iter().map(NamedCode::words).collect();
        text.push_str(&format!(" They also share {}.", shared.join(" and ")));
    }
    if link.caveats.contains(Caveat::Confirmed) {
        text.push_str(" A reviewer confirmed the photo.");
    }
    let caveats = link.caveats.iter().filter(|&caveat| caveat != Caveat::Confirmed).map(NamedCode::words);
    let against: Vec<&str> = link.contradictions.iter().map(NamedCode::words).chain(caveats).collect();
    if !against.is_empty() {
        text.push_str(&format!(" Against it: {}.", against.join("; ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1, "ad"), "1 ad");
        assert_eq!(count(0, "ad"), "0 ads");
        assert_eq!(count(1234, "ad"), "1,234 ads");
        assert_eq!(thousands(123), "123");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(percent(0.004), "under 1%");
        assert_eq!(percent(0.426), "43%");
    }

    #[test]
    fn shares_become_words_where_they_are_nearly_all() {
        for (a, b, words) in [
            (1.0, 0.996, "nearly all of both images"),
            (0.97, 0.426, "nearly all of one image, 43% of the other"),
            (0.3, 1.0, "30% of one image, nearly all of the other"),
            (0.501, 0.499, "50% of each image"),
            (0.3, 0.4, "30% of one image, 40% of the other"),
        ] {
            assert_eq!(overlap(a, b), words);
        }
    }

    #[test]
    fn weights_become_words() {
        let said = [2.0, 1.0, 0.5, 0.2, 0.01].map(weight);
        assert_eq!(said, ["very heavy", "heavy", "of middling weight", "light", "very light"]);
    }
}
