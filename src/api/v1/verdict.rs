//! One query answered from banks and posts, with what was not done and why.
//!
//! The trap: leads (another photo of one scene, one design with other content) are hits with `same_photo: false`, and
//! never make a verdict of `match`.

use super::in_banks::in_banks;
use super::in_posts::{PostFindings, in_posts};
use super::match_options::MatchOptions;
use super::undone::{Undone, of_query};
use crate::api::http::access::Caller;
use crate::api::state::service::Service;
use crate::case::Case;
use crate::error::Result;
use crate::search::SearchQuery;
use serde_json::{Value, json};

/// Answers a query.
pub(crate) fn verdict(
    service: &Service,
    case: &Case,
    query: SearchQuery<'_>,
    options: &MatchOptions,
    by: &Caller,
) -> Result<Value> {
    let mut not_done = of_query(query);
    options.leave_out(&mut not_done);
    let banks = in_banks(service, case, query.image(), options, &mut not_done)?;
    let posts = match options.posts {
        true => in_posts(service, case, query, options, &mut not_done)?,
        false => PostFindings::default(),
    };
    let entries = banks.hits.iter().map(|hit| (hit.bank.id, hit.entry.id));
    service.disclosures.note(by, "POST /v1/match", entries, posts.found().min(options.limit));
    let verdict = match (banks.found > 0 || posts.same_photo(), posts.found()) {
        (true, _) => "match",
        (false, 0) => "no-match",
        (false, _) => "leads",
    };
    Ok(json!({
        "verdict": verdict,
        "banks": banks.json(),
        "posts": posts.json(options.limit),
        "not_done": not_done.iter().map(Undone::json).collect::<Vec<_>>(),
    }))
}
