//! Answers of a search as JSON: the same from the program, the service and for library users.
//!
//! The trap: everything an ad says comes out as it is. Whoever shows it escapes it.

use super::hashes::Hit;
use super::parts::PartHit;
use super::searcher::Answer;
use crate::corpus::{ImageRow, SeenIn, Snapshot};
use crate::grouped::Grouped;
use crate::verify::{Count, LocalMatch, Tier};
use serde_json::{Value, json};

/// All hits of an answer, those by hashes first; rows are of this snapshot.
pub fn hits_json(snapshot: &Snapshot, answer: &Answer) -> Vec<Value> {
    let told = HitsJson::new(snapshot);
    let hits = answer.hits.iter().map(|hit| told.hit(hit));
    hits.chain(answer.parts.iter().map(|hit| told.part(hit))).collect()
}

/// Tells hits whose rows are of one snapshot. Sightings are sorted out once: a photo that thousands of ads show would
/// else be looked for among all of them for every hit.
pub struct HitsJson<'a> {
    snapshot: &'a Snapshot,
    sightings_of: Grouped<ImageRow, u32>,
}

impl<'a> HitsJson<'a> {
    /// Of a snapshot.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let sightings = (0..).zip(&snapshot.sightings).map(|(row, seen)| (seen.image, row));
        Self { snapshot, sightings_of: Grouped::counted(snapshot.images.len(), sightings) }
    }

    /// Where an image row was seen.
    pub fn seen(&self, image: ImageRow) -> impl Iterator<Item = &'a SeenIn> {
        let sightings = &self.snapshot.sightings;
        self.sightings_of.of(image).iter().map(move |&row| &sightings[row as usize])
    }

    /// A hit by hashes.
    pub fn hit(&self, hit: &Hit) -> Value {
        self.with_ads(self.hit_alone(hit), hit.image)
    }

    /// A hit by local features.
    pub fn part(&self, hit: &PartHit) -> Value {
        self.with_ads(self.part_alone(hit), hit.image)
    }

    /// A hit by hashes, without the ads that show it.
    pub fn hit_alone(&self, hit: &Hit) -> Value {
        json!({
            "sha256": self.sha256(hit.image),
            "distance": hit.distance,
            "same_photo": hit.proof.is_some(),
            "tier": hit.proof.as_ref().map(|proof| proof.tier.name()),
            "transform": hit.proof.as_ref().map(|proof| proof.transform.name()),
            "score": hit.proof.as_ref().map(|proof| proof.score),
            "strength": hit.proof.as_ref().map(|proof| proof.strength().name()),
            "overlap_query": hit.proof.as_ref().map(|proof| proof.overlap_a),
            "overlap_image": hit.proof.as_ref().map(|proof| proof.overlap_b),
        })
    }

    /// A hit by local features, without the ads that show it.
    pub fn part_alone(&self, PartHit { image, local }: &PartHit) -> Value {
        let found = &local.found;
        json!({
            "sha256": self.sha256(*image),
            "distance": Value::Null,
            "same_photo": local.is_same_photo(),
            "tier": local.tier.map(Tier::name),
            "transform": found.turn.name(),
            "score": found.score,
            "overlap_query": found.overlap.share_a,
            "overlap_image": found.overlap.share_b,
            "words": found.words(),
            "local": local_json(local),
        })
    }

    fn sha256(&self, image: ImageRow) -> String {
        self.snapshot.images[image].id().to_string()
    }

    fn with_ads(&self, mut hit: Value, image: ImageRow) -> Value {
        hit["ads"] = self.seen(image).map(|seen| self.ad(seen)).collect();
        hit
    }

    fn ad(&self, seen: &SeenIn) -> Value {
        let ad = &self.snapshot.ads[seen.ad];
        json!({
            "site": ad.key.site,
            "ad_id": ad.key.ad_id,
            "url": ad.url,
            "posted_at": ad.posted_at,
            "position": seen.position,
            "path": seen.path,
            "collected_at": &*seen.collected_at,
        })
    }
}

/// All that was found, the first image being `a`.
pub fn local_json(LocalMatch { found, pixels, tier }: &LocalMatch) -> Value {
    json!({
        "tier": tier.map(Tier::name),
        "score": found.score,
        "inliers": found.inliers.len(),
        "words": found.words(),
        "map": found.map.0,
        "overlap_a": found.overlap.share_a,
        "overlap_b": found.overlap.share_b,
        "polygon_a": found.overlap.polygon_a,
        "polygon_b": found.overlap.polygon_b,
        "coverage": found.coverage,
        "pixel_agreement": pixels.map(|pixels| pixels.agreement),
        "pixel_exactness": pixels.map(|pixels| pixels.exactness),
        "pixel_drift": pixels.map(|pixels| pixels.drift),
        "patches": pixels.map(|pixels| json!({
            "photo": patches(pixels.photo),
            "mixed": patches(pixels.mixed),
            "design": patches(pixels.design),
            "around": patches(pixels.around),
        })),
    })
}

/// How many patches of one kind agree and differ.
fn patches(count: Count) -> Value {
    json!({ "agree": count.agree, "differ": count.differ })
}
