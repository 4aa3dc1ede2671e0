//! What was not looked for, or not in everything, and why: an empty list of hits alone would be taken for an all-clear.

use crate::hash::Quality;
use crate::search::SearchQuery;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Something that was not looked for.
pub(super) struct Undone {
    what: &'static str,
    why: Cow<'static, str>,
}

impl Undone {
    pub(super) fn new(what: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self { what, why: why.into() }
    }

    pub(super) fn json(&self) -> Value {
        json!({ "what": self.what, "why": self.why })
    }
}

/// What cannot be done for this query, whatever is looked through.
pub(super) fn of_query(query: SearchQuery<'_>) -> Vec<Undone> {
    let mut not_done = Vec::new();
    let pdq = &query.image().pdq;
    if pdq.quality < Quality::USABLE {
        let why = format!(
            "PDQ quality {} is under {}: too plain, hashes find identical files only",
            pdq.quality,
            Quality::USABLE
        );
        not_done.push(Undone::new("hashes", why));
    } else if !pdq.is_usable(Quality::USABLE) {
        let why = "the hash is that of a regular pattern, which many pictures share";
        not_done.push(Undone::new("hashes", why));
    }
    if matches!(query, SearchQuery::Hashes(_)) {
        let why = "only a hash was given: parts, crops and tilts need the picture";
        not_done.push(Undone::new("partial", why));
    }
    not_done
}
