//! A pair that shares local features, as JSON: the same for `compare` and `search`.

use adlink::verify::Tier;
use adlink::verify::{Count, LocalMatch};
use serde_json::{Value, json};

/// All that was found, the first image being `a`.
pub(super) fn as_json(LocalMatch { found, pixels, tier }: &LocalMatch) -> Value {
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
