//! The one written form of a decision: bounds of every field, times to the microsecond, images in order.
//!
//! What a reviewer writes is data: nothing but the name is cleaned, and what no form would accept is refused.

use crate::error::{Error, Result};
use crate::record::{AdKey, Decision, Subject};
use jiff::Timestamp;

/// Characters of a reviewer's name.
const MAX_REVIEWER: usize = 200;
/// Characters of a reason.
const MAX_REASON: usize = 4000;
/// Characters of what was shown.
const MAX_SHOWN: usize = 500;
/// Characters of a site, and of an ad's id.
const MAX_KEY: usize = 4096;
/// Images of a photo group. Of a larger one, those that were looked at are enough: see [`Subject::Photo`].
const MAX_IMAGES: usize = 10_000;

/// Microseconds, always: texts of one length sort as the times do.
pub(crate) const TIME: &str = "%Y-%m-%dT%H:%M:%S.%6fZ";

/// The decision in its one written form, or which field cannot be.
pub(crate) fn checked(decision: &Decision) -> Result<Decision> {
    let line = |c: char| c.is_control();
    let text = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let reviewer = reviewer_name(&decision.reviewer)?;
    limited("reason", &decision.reason, 0, MAX_REASON, text)?;
    limited("shown", &decision.shown, 0, MAX_SHOWN, line)?;
    Ok(Decision {
        subject: checked_subject(&decision.subject)?,
        at: checked_time(&decision.at)?,
        reviewer,
        ..decision.clone()
    })
}

/// A reviewer's name as it is accepted: see [`cleaned`].
///
/// # Errors
/// When nothing is left of it, or too much.
pub(crate) fn reviewer_name(name: &str) -> Result<String> {
    let name = cleaned(name);
    limited("reviewer", &name, 1, MAX_REVIEWER, |_| false).map(|()| name)
}

/// The name of a person as one line without control characters, marks that reorder or hide text, and spaces that nobody
/// sees. It stands in audit entries, tables and pages, where one name must not look like another.
pub(crate) fn cleaned(name: &str) -> String {
    let unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2060}'..='\u{206f}').contains(&c)
            || ('\u{e0000}'..='\u{e007f}').contains(&c)
    };
    let gap = |c: char| c.is_control() || c.is_whitespace();
    let plain: String = name.chars().filter(|c| !unseen(*c)).map(|c| if gap(c) { ' ' } else { c }).collect();
    plain.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// As [`checked`]; a decision without a time is refused.
#[cfg(feature = "case")]
pub(crate) fn checked_with_time(decision: &Decision) -> Result<Decision> {
    if decision.at.is_empty() {
        return Err(refused("at", "", "a time such as 2024-01-03T04:05:06Z".into()));
    }
    checked(decision)
}

fn checked_time(at: &str) -> Result<String> {
    if at.is_empty() {
        return Ok(String::new());
    }
    match at.parse::<Timestamp>() {
        Ok(time) => Ok(time.strftime(TIME).to_string()),
        Err(_) => Err(refused("at", at, "a time such as 2024-01-03T04:05:06Z".into())),
    }
}

fn checked_subject(subject: &Subject) -> Result<Subject> {
    match subject {
        Subject::Pair(a, b) if a == b => {
            Err(refused("pair", &a.to_string(), "two different images; a file is always itself".into()))
        }
        Subject::Pair(a, b) => Ok(Subject::Pair(*a.min(b), *a.max(b))),
        Subject::Photo(images) => {
            let mut images = images.clone();
            images.sort_unstable();
            images.dedup();
            if images.is_empty() || images.len() > MAX_IMAGES {
                let expected = format!("1 to {MAX_IMAGES} images");
                return Err(refused("photo", &format!("{} images", images.len()), expected));
            }
            Ok(Subject::Photo(images))
        }
        Subject::Ad(AdKey { site, ad_id }) => {
            // Any character: the key must be that of an ad as it was found.
            limited("site", site, 0, MAX_KEY, |_| false)?;
            limited("ad_id", ad_id, 1, MAX_KEY, |_| false)?;
            Ok(subject.clone())
        }
    }
}

pub(super) fn limited(
    name: &'static str,
    value: &str,
    least: usize,
    most: usize,
    forbidden: impl Fn(char) -> bool,
) -> Result<()> {
    let length = value.chars().count();
    if length < least || length > most {
        return Err(refused(name, value, format!("{least} to {most} characters, not {length}")));
    }
    if value.contains(forbidden) {
        return Err(refused(name, value, "text without control characters".into()));
    }
    Ok(())
}

pub(crate) fn refused(name: &'static str, value: &str, expected: String) -> Error {
    let shown = match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_string(),
    };
    Error::Parameter { name, value: shown, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_one_plain_line() {
        for (given, expected) in [
            ("R. One", "R. One"),
            ("  a\tb\n\nc ", "a b c"),
            ("\u{202e}nna\u{202c}", "nna"),
            ("an\u{200b}n\u{feff}", "ann"),
            ("\u{1b}[31mred", "[31mred"),
            ("M\u{fc}ller \u{5d0}", "M\u{fc}ller \u{5d0}"),
            ("\u{2066}\u{2069} \u{a0}", ""),
        ] {
            assert_eq!(cleaned(given), expected, "{given:?}");
        }
        assert!(reviewer_name("\u{202e}\n").is_err() && reviewer_name(&"x".repeat(201)).is_err());
    }
}
