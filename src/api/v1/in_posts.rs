//! A query on the posts, by hashes and by local features.
//!
//! The trap: rows of what is found are rows of its own small snapshot, which goes along with it.

use super::match_options::MatchOptions;
use super::undone::Undone;
use crate::api::state::service::Service;
use crate::case::Case;
use crate::corpus::Snapshot;
use crate::error::Result;
use crate::search::{Hit, HitsJson, PartHit, SearchQuery};
use crate::verify::Tier;
use serde_json::{Value, json};

/// Hits in posts.
#[derive(Default)]
pub(super) struct PostFindings {
    pub(super) snapshot: Snapshot,
    pub(super) hits: Vec<Hit>,
    pub(super) parts: Vec<PartHit>,
}

impl PostFindings {
    pub(super) fn found(&self) -> usize {
        self.hits.len() + self.parts.len()
    }

    /// Whether some hit shows the same photo, rather than a lead.
    pub(super) fn same_photo(&self) -> bool {
        !self.hits.is_empty() || self.parts.iter().any(|hit| hit.local.tier.is_some_and(Tier::is_same_photo))
    }

    pub(super) fn json(&self, limit: usize) -> Value {
        let told = HitsJson::new(&self.snapshot);
        let hits = self.hits.iter().map(|hit| told.hit(hit));
        let all = hits.chain(self.parts.iter().map(|hit| told.part(hit)));
        json!({
            "found": self.found(),
            "hits": all.take(limit).collect::<Vec<_>>(),
            "truncated": self.found() > limit,
        })
    }
}

pub(super) fn in_posts(
    service: &Service,
    case: &Case,
    query: SearchQuery<'_>,
    options: &MatchOptions,
    not_done: &mut Vec<Undone>,
) -> Result<PostFindings> {
    if service.search.ads() == 0 {
        not_done.push(Undone::new("posts", "there are no posts"));
        return Ok(PostFindings::default());
    }
    let wanted = options.tiers.contains(&Tier::Partial);
    match query {
        SearchQuery::Picture(picture) if wanted && picture.features.keypoints.is_empty() => {
            not_done.push(Undone::new("partial", "the picture has no local features"));
        }
        SearchQuery::Picture(_) if wanted && !service.search.finds_parts() => {
            not_done.push(Undone::new("partial", "no local features are held of the posts"));
        }
        _ => {}
    }
    let found = service.search.find(case, query, options.radius, wanted)?;
    let (mut hits, mut parts) = (found.answer.hits, found.answer.parts);
    let unseen = parts.iter().filter(|hit| hit.local.pixels.is_none()).count();
    if unseen > 0 {
        let why = format!(
            "of {unseen} images with features in common the files could not be read; their score decides"
        );
        not_done.push(Undone::new("pixels", why));
    }
    hits.retain(|hit| options.wants(hit.proof.as_ref().map(|proof| proof.tier)));
    parts.retain(|hit| options.wants(hit.local.tier));
    Ok(PostFindings { snapshot: found.snapshot, hits, parts })
}
