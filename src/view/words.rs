//! Findings in plain, neutral sentences, in the language of the page that is made.
//!
//! They speak of photos and ads, never of people, and say what speaks against a link in the same breath. Names
//! inside a sentence are as found and may be hostile: whoever prints one escapes it.

use super::joined::{Joined, ad_name};
use crate::codes::NamedCode;
use crate::hash::Dihedral;
use crate::language::{current, noun, say};
use crate::link::{Caveat, Link, PhotoGroup};
use crate::record::{Ad, ViewKind};
use crate::verify::{Proof, Strength, Tier};
use serde_json::Value;
use std::collections::BTreeMap;

/// From this share on, a part is said to be nearly all.
const NEARLY_ALL: f64 = 0.95;

/// `1 ad`, `2 ads`, `1,234 ads`; `one` is the noun for one.
pub fn count(number: usize, one: &str) -> String {
    format!("{} {}", thousands(number), noun(one, number))
}

/// `1,234,567`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push_str(current().thousands_mark());
        }
        text.push(digit);
    }
    text
}

/// `0.75`: a number for people, with so many decimals.
pub fn decimal(number: f64, decimals: usize) -> String {
    format!("{number:.decimals$}").replace('.', current().decimal_mark())
}

/// What a tier proves.
pub fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::SameFile => say!("the files are identical, byte for byte"),
        Tier::NearCopy => say!("the whole picture, upright: re-saved, resized or lightly edited"),
        Tier::Transformed => {
            say!("the same picture turned or mirrored, or with a border, page or frame around it")
        }
        Tier::Partial => say!("a part of one picture is found in the other"),
        Tier::Confirmed => say!("a reviewer says that both show the same photo; nothing else proves it"),
        Tier::SameScene => {
            say!("parts of the two agree, and nothing proves that they show one photo: a lead only")
        }
        Tier::SameDesign => say!("the same layout with other content: a lead only"),
    }
}

/// What was done to the first image to get the second; `None` when nothing was.
pub fn transform(transform: Dihedral) -> Option<&'static str> {
    match transform {
        Dihedral::None => None,
        Dihedral::Rot90 => Some(say!("turned a quarter counter-clockwise")),
        Dihedral::Rot180 => Some(say!("turned upside down")),
        Dihedral::Rot270 => Some(say!("turned a quarter clockwise")),
        Dihedral::FlipX => Some(say!("flipped top to bottom")),
        Dihedral::FlipY => Some(say!("mirrored")),
        Dihedral::FlipPlus1 => Some(say!("mirrored along its main diagonal")),
        Dihedral::FlipMinus1 => Some(say!("mirrored along its other diagonal")),
    }
}

/// Which part of an image was compared; `None` for the whole.
pub fn view(kind: ViewKind) -> Option<&'static str> {
    match kind {
        ViewKind::Whole => None,
        ViewKind::ContentBox => Some(say!("without its border")),
        ViewKind::Pane => Some(say!("as one picture inside a page or collage")),
        ViewKind::Frame => Some(say!("as a further frame of an animation")),
        ViewKind::Enlarged => Some(say!("as if enlarged")),
        ViewKind::Square => Some(say!("as its middle square")),
        ViewKind::Negative => Some(say!("with dark and light exchanged")),
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
    let shared = overlap(proof.overlap_a, proof.overlap_b);
    match proof.tier {
        Tier::SameFile => return tier(Tier::SameFile).into(),
        Tier::NearCopy => parts.push(say!("a copy of the whole picture").to_string()),
        Tier::Transformed => parts.push(say!("a copy").to_string()),
        Tier::Partial => parts.push(say!("a part in common ({part})", part = shared)),
        Tier::Confirmed => return tier(Tier::Confirmed).into(),
        Tier::SameScene => parts.push(say!(
            "parts agree ({part}): perhaps one photo, perhaps two of the same place",
            part = shared
        )),
        Tier::SameDesign => parts.push(say!("the same layout with other content").to_string()),
    }
    parts.extend(transform(proof.transform).map(String::from));
    let views = [view(proof.view_a), view(proof.view_b)];
    if let Some(shown) = views[0].or(views[1]) {
        parts.push(say!("compared {view}", view = shown));
    }
    parts.extend(proof.distance.map(|bits| say!("{bits} of 256 hash bits differ", bits = bits)));
    parts.push(evidence(joined.strength(proof)));
    parts.join(", ")
}

/// `strong evidence`.
pub fn evidence(strength: Strength) -> String {
    say!("{strength} evidence", strength = say(strength.name()))
}

/// How often a photo group occurs, as a clause.
pub fn rarity(group: &PhotoGroup) -> String {
    let rarity = &group.rarity;
    say!(
        "{ads} on {sites}, on {days}",
        ads = count(rarity.ads as usize, "ad"),
        sites = count(rarity.sites as usize, "site"),
        days = count(rarity.days as usize, "day"),
    )
}

/// `43%`; anything above nothing is at least `1%`.
pub fn percent(share: f64) -> String {
    let whole = (share * 100.0).round();
    if whole == 0.0 && share > 0.0 { say!("under 1%").into() } else { say!("{number}%", number = whole) }
}

/// How much of each of two images the part is that they have in common, as a clause.
pub fn overlap(a: f64, b: f64) -> String {
    let nearly_all = |share: f64| share >= NEARLY_ALL;
    match (nearly_all(a), nearly_all(b)) {
        (true, true) => say!("nearly all of both images").into(),
        (true, false) => say!("nearly all of one image, {share} of the other", share = percent(b)),
        (false, true) => say!("{share} of one image, nearly all of the other", share = percent(a)),
        (false, false) if percent(a) == percent(b) => say!("{share} of each image", share = percent(a)),
        (false, false) => say!("{a} of one image, {b} of the other", a = percent(a), b = percent(b)),
    }
}

/// The weight of a link in words. One photo that is sure and that nobody else shows weighs 1, or less where others show it,
/// too; several photos add up.
pub fn weight(weight: f64) -> &'static str {
    match weight {
        weight if weight >= 1.5 => say!("very heavy"),
        weight if weight >= 0.75 => say!("heavy"),
        weight if weight >= 0.4 => say!("of middling weight"),
        weight if weight >= 0.1 => say!("light"),
        _ => say!("very light"),
    }
}

/// A link in two to four sentences: what is shared, how rare it is, what else agrees, what speaks against it.
pub fn link(joined: &Joined<'_>, link: &Link) -> String {
    let mut said = vec![shared(joined, link)];
    said.extend(link.evidence.first().map(|first| how_rare(&joined.findings.groups[first.group])));
    let also = link.corroboration.iter().map(|shared| say(shared.words()).to_string());
    let also = also.reduce(|one, other| say!("{one} and {other}", one = one, other = other));
    said.extend(also.map(|shared| say!("They also share {shared}.", shared = shared)));
    if link.caveats.contains(Caveat::Confirmed) {
        said.push(say!("A reviewer confirmed the photo.").into());
    }
    let caveats = link.caveats.iter().filter(|&caveat| caveat != Caveat::Confirmed).map(NamedCode::words);
    let against = link.contradictions.iter().map(NamedCode::words).chain(caveats);
    let against: Vec<&str> = against.map(say).collect();
    if !against.is_empty() {
        said.push(say!("Against it: {reasons}.", reasons = against.join("; ")));
    }
    said.join(" ")
}

fn shared(joined: &Joined<'_>, link: &Link) -> String {
    let (a, b) = (ad_name(&joined.ad(link.a).key), ad_name(&joined.ad(link.b).key));
    match &*link.evidence {
        [] => say!("{a} and {b} show no photo in common.", a = a, b = b),
        [only] => {
            say!(
                "{a} and {b} show the same photo: {proof}.",
                a = a,
                b = b,
                proof = proof(joined, &only.proof)
            )
        }
        [first, ..] => say!(
            "{a} and {b} show {photos} in common; the strongest: {proof}.",
            a = a,
            b = b,
            photos = count(link.evidence.len(), "photo"),
            proof = proof(joined, &first.proof),
        ),
    }
}

fn how_rare(group: &PhotoGroup) -> String {
    let rarity = rarity(group);
    match group.common {
        None => say!("That photo is in {rarity}.", rarity = rarity),
        Some(reason) => {
            let reason = say(reason.words());
            say!("That photo is in {rarity}; it is common ({reason}).", rarity = rarity, reason = reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, in_language};

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1, "ad"), "1 ad");
        assert_eq!(count(0, "ad"), "0 ads");
        assert_eq!(count(1234, "ad"), "1,234 ads");
        assert_eq!(thousands(123), "123");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(percent(0.004), "under 1%");
        assert_eq!(percent(0.426), "43%");
        assert_eq!(decimal(-1234.567, 2), "-1234.57");
    }

    #[test]
    fn numbers_read_well_in_german() {
        let said = in_language(Language::German, || {
            [
                count(1, "ad"),
                count(1234, "ad"),
                thousands(1_234_567),
                decimal(0.75, 2),
                percent(0.004),
                percent(0.426),
            ]
        });
        let wanted = ["1 Anzeige", "1.234 Anzeigen", "1.234.567", "0,75", "unter 1\u{a0}%", "43\u{a0}%"];
        assert_eq!(said, wanted);
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
