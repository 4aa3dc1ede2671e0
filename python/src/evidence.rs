//! Whether two pictures show the same photo, and why.
//!
//! The trap: `same_photo` is the answer; `tier` may also name a lead (`same-scene`, `same-design`), which proves nothing.

use crate::errors::unusable;
use crate::hashes::Picture;
use adlink::analysis::Analysis;
use adlink::verify::{Comparison, LocalMatch, Strength, compare_within};
use adlink::{Tier, hash::Quality};
use pyo3::prelude::*;

/// What is known of two pictures. True in a condition when they show the same photo.
#[pyclass(frozen, get_all, module = "adlink")]
pub(crate) struct Evidence {
    /// Do they show the same photo?
    same_photo: bool,
    /// How it was proven, `same-file`, `near-copy`, `transformed` or `partial`; or a lead, `same-scene` or `same-design`; or
    /// None.
    tier: Option<&'static str>,
    /// PDQ bits between the views that won, of 256; None where only local features found it.
    distance: Option<u32>,
    /// The turn that brings the first picture on the second.
    transform: Option<&'static str>,
    /// Natural logarithm of how much likelier the evidence is if they show one photo. None where nothing is proven.
    score: Option<f64>,
    /// The score in words.
    strength: Option<&'static str>,
    /// Share of the first picture that the second shows, 0 to 1, and the other way round.
    overlap: Option<(f64, f64)>,
    /// 2x3 map (a, b, c, d, e, f) of working pixels of the first on the second where local features agree: x' = a x + b y + c.
    map: Option<[f64; 6]>,
    /// Share of the pixels that agree when laid over each other, 0 to 1; None where they were not.
    pixel_agreement: Option<f64>,
    /// How far from where the map puts them agreeing pixels lie, in pixels: copies of one shot within about a quarter.
    pixel_drift: Option<f64>,
}

#[pymethods]
impl Evidence {
    fn __bool__(&self) -> bool {
        self.same_photo
    }

    fn __repr__(&self) -> String {
        let same = if self.same_photo { "same photo" } else { "not the same photo" };
        let tier = self.tier.map_or(String::new(), |tier| format!(", {tier}"));
        let strength = self.strength.map_or(String::new(), |strength| format!(", {strength} evidence"));
        format!("Evidence({same}{tier}{strength})")
    }
}

impl From<Comparison> for Evidence {
    fn from(compared: Comparison) -> Self {
        let (proof, local) = (compared.proof.as_ref(), compared.local.as_ref());
        let pixels = local.and_then(|local| local.pixels.as_ref());
        let by_parts = local.filter(|local| proof.is_none() && local.tier == Some(Tier::Partial));
        let score = proof.map(|proof| proof.score).or(by_parts.map(LocalMatch::score));
        Self {
            same_photo: compared.is_same_photo(),
            tier: compared.tier().map(Tier::name),
            distance: proof.and_then(|proof| proof.distance),
            transform: proof
                .map(|proof| proof.transform.name())
                .or(local.map(|local| local.found.map.nearest_turn().name())),
            score,
            strength: score.zip(compared.tier()).map(|(score, tier)| Strength::of(tier, score).name()),
            overlap: proof
                .map(|proof| (proof.overlap_a, proof.overlap_b))
                .or(local.map(|local| (local.found.overlap.share_a, local.found.overlap.share_b))),
            map: local.map(|local| local.found.map.0),
            pixel_agreement: pixels.map(|pixels| pixels.agreement),
            pixel_drift: pixels.map(|pixels| pixels.drift),
        }
    }
}

/// Do two pictures show the same photo? Each is a path, bytes of an image file, or a numpy array, as for `hash`.
///
/// `radius` is the largest PDQ distance of one photo, of 256 bits; hashes below `min_quality` prove nothing.
/// Raises ImageError when one of them cannot be used.
#[pyfunction]
#[pyo3(signature = (a, b, *, radius=31, min_quality=50))]
pub(crate) fn compare(
    py: Python<'_>,
    a: &Bound<'_, PyAny>,
    b: &Bound<'_, PyAny>,
    radius: u32,
    min_quality: u8,
) -> PyResult<Evidence> {
    let (a, b) = (analysed(py, a)?, analysed(py, b)?);
    Ok(py.detach(|| compare_within(&a, &b, radius, Quality::new(min_quality))).into())
}

/// A picture with all that a comparison or a search needs of it.
pub(crate) fn analysed(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Analysis> {
    let picture = Picture::of(given)?;
    py.detach(|| picture.analyse()).map_err(|error| unusable(py, &error, picture.path().as_deref()))
}
