//! A query in words: which ads say all of it, and where.
//!
//! Every word must be found, each anywhere in the ad; words between quotation marks stand together. The trap: a phone
//! is written in many ways, so what looks like one is compared by its digits, and by its end, as many know no more than
//! that.

use crate::corpus::addresses;
use crate::language::{say, word};
use crate::record::Ad;
use crate::view::words;
use std::ops::Range;

/// Digits a phone query needs, or every ad would match.
const DIGITS: usize = 4;

/// A query, made ready.
pub(crate) struct TextQuery {
    /// In lower case.
    terms: Vec<String>,
    /// Of a query that looks like a phone as a whole; else empty.
    digits: String,
}

/// Where an ad says a term.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FoundIn {
    /// What is searched there.
    pub(crate) field: SearchedField,
    /// All of it.
    pub(crate) said: String,
    /// Bytes of the term in it.
    pub(crate) at: Range<usize>,
}

/// A field of an ad that is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SearchedField {
    /// One that adlink knows, by its name: `text`, `poster`.
    Known(&'static str),
    /// A column that was kept, by the name it has in the case.
    Column(String),
}

impl SearchedField {
    /// As pages call it.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Known(name) => say(name).to_string(),
            Self::Column(name) => name.clone(),
        }
    }

    /// Whether it is of those that name the ad.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self, Self::Known(AD_ID | SITE))
    }
}

const AD_ID: &str = word!("ad id");
const SITE: &str = word!("site");

impl TextQuery {
    pub(crate) fn new(query: &str) -> Self {
        let text = query.trim().to_lowercase();
        let digits = if is_phone(&text) { digits(&text) } else { String::new() };
        Self { terms: terms(&text), digits }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an ad says all of it.
    pub(crate) fn fits(&self, ad: &Ad) -> bool {
        if ad.phones.iter().any(|phone| end_alike(phone, &self.digits)) {
            return true;
        }
        let fields: Vec<String> = fields(ad).into_iter().map(|(_, said)| said.to_lowercase()).collect();
        let phone =
            |term: &str| is_phone(term) && ad.phones.iter().any(|phone| end_alike(phone, &digits(term)));
        !self.is_empty()
            && self.terms.iter().all(|term| fields.iter().any(|said| said.contains(term)) || phone(term))
    }

    /// Whether a text says all of it.
    pub(crate) fn fits_text(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        !self.is_empty() && self.terms.iter().all(|term| text.contains(term))
    }

    /// The first place of each term, one for each field that has any.
    pub(crate) fn found_in(&self, ad: &Ad) -> Vec<FoundIn> {
        let mut found: Vec<FoundIn> = Vec::new();
        for term in &self.terms {
            let place = fields(ad).into_iter().find_map(|(field, said)| {
                let at = find(&said, term)?;
                Some(FoundIn { field, said, at })
            });
            found.extend(place.filter(|place| found.iter().all(|other| other.field != place.field)));
        }
        found
    }
}

/// Words, and what stands between quotation marks as one.
fn terms(text: &str) -> Vec<String> {
    let parts = text.split('"').enumerate();
    let terms = parts.flat_map(|(place, part)| match place % 2 {
        0 => part.split_whitespace().map(str::to_string).collect::<Vec<_>>(),
        _ => vec![part.trim().to_string()],
    });
    terms.filter(|term| !term.is_empty()).collect()
}

/// All that an ad says, by field.
fn fields(ad: &Ad) -> Vec<(SearchedField, String)> {
    let own = [
        (AD_ID, &ad.key.ad_id),
        (SITE, &ad.key.site),
        (word!("title"), &ad.title),
        (word!("text"), &ad.text),
        (word!("place"), &ad.location),
        (word!("poster"), &ad.poster),
        (word!("category"), &ad.category),
        (word!("address"), &ad.url),
    ];
    let own = own.into_iter().map(|(name, said)| (name, said.clone()));
    let phones = ad.phones.iter().map(|phone| (word!("phone"), phone.clone()));
    let contacts = addresses(ad).into_iter().map(|contact| (word!("contact"), contact));
    let known = own.chain(phones).chain(contacts);
    let known = known.map(|(name, said)| (SearchedField::Known(name), said));
    let columns = words::kept(ad).into_iter().map(|(name, said)| (SearchedField::Column(name), said));
    known.chain(columns).filter(|(_, said)| !said.is_empty()).collect()
}

/// Where a text has a term, whatever the case of its letters.
pub(crate) fn find(text: &str, term: &str) -> Option<Range<usize>> {
    let wanted: Vec<char> = term.chars().collect();
    text.char_indices().find_map(|(start, _)| {
        let mut met = 0;
        for (at, c) in text[start..].char_indices() {
            for lower in c.to_lowercase() {
                if wanted.get(met) != Some(&lower) {
                    return None;
                }
                met += 1;
            }
            if met == wanted.len() {
                return Some(start..start + at + c.len_utf8());
            }
        }
        None
    })
}

fn is_phone(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c))
}

/// True when one of two numbers is the other, or its end: whoever searches may know no more than the last digits.
fn end_alike(a: &str, b: &str) -> bool {
    let (a, b) = (digits(a), digits(b));
    a.len().min(b.len()) >= DIGITS && (a.ends_with(&b) || b.ends_with(&a))
}

/// What a phone is compared and searched by.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::AdKey;
    use proptest::prelude::*;

    fn ad() -> Ad {
        let key = AdKey { site: "a.example".into(), ad_id: "L12".into() };
        Ad {
            title: "Room with a View".into(),
            text: "Near the Station. Mail Anna.B@Example.org, or \u{130}stanbul".into(),
            location: "City 4".into(),
            poster: "night_owl".into(),
            kept: r#"{"hair_salon":"Salon Nord"}"#.into(),
            ..Ad::blank(key)
        }
    }

    #[test]
    fn phones_are_found_however_they_are_written() {
        let fits =
            |query: &str, phone: &str| TextQuery::new(query).fits(&Ad { phones: vec![phone.into()], ..ad() });
        assert!(fits("000 555-0169", "+1 (000) 555-0169"));
        assert!(fits("+1 000 555 0169", "555-0169"));
        assert!(fits("station 555-0169", "+1 (000) 555-0169"), "a phone beside a word");
        assert!(!fits("169", "555-0168"));
        assert!(!fits("5550168", "555-0169"));
        assert!(fits("l12", ""));
        assert!(!fits("5550169", ""));
    }

    #[test]
    fn every_word_must_be_there_and_what_is_quoted_stands_together() {
        let fits = |query: &str| TextQuery::new(query).fits(&ad());
        for query in [
            "station",
            "STATION view",
            "city station",
            "\"near the\" l12",
            "owl nord",
            "anna.b@example.org",
            "a.example/",
            "4",
        ] {
            assert_eq!(fits(query), query != "a.example/", "{query}");
        }
        for query in ["harbour", "station harbour", "\"station near\"", "\"view a\""] {
            assert!(!fits(query), "{query}");
        }
        assert!(TextQuery::new(" \"\" ").is_empty());
    }

    #[test]
    fn it_is_told_where_each_word_stands() {
        let query = TextQuery::new("STATION nord city");
        let found = query.found_in(&ad());
        let told: Vec<(String, &str)> =
            found.iter().map(|place| (place.field.words(), &place.said[place.at.clone()])).collect();
        let expected = [("text", "Station"), ("hair_salon", "Nord"), ("place", "City")];
        assert_eq!(told, expected.map(|(field, said)| (field.to_string(), said)));
    }

    proptest! {
        #[test]
        fn a_term_is_found_where_lower_case_has_it(text in "[a-cA-C\u{130}\u{df} ]{0,9}", term in "[a-c]{1,3}") {
            let found = find(&text, &term);
            if let Some(at) = &found {
                prop_assert_eq!(text[at.clone()].to_lowercase(), &*term);
            }
            prop_assert_eq!(found.is_some(), text.to_lowercase().contains(&term));
        }
    }
}
