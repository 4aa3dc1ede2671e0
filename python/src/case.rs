//! A case: ads in, links out, photos looked for, decisions made.
//!
//! The trap: a case open for writing is locked for every other program; `close` it, or use it in a `with` block.

use crate::errors::{AdlinkError, failed};
use crate::evidence::analysed;
use crate::linked::Linked;
use crate::work::beside;
use adlink::analysis::Analysis;
use adlink::corpus::ImageRow;
use adlink::ingest::{AdPer, IngestOptions, IngestSummary, Input};
use adlink::link::LinkOptions;
use adlink::link_case::CaseToLink;
use adlink::record::{Decision, ImageId, Ruling, Subject};
use adlink::search::{Answer, SearchOptions, SearchedCase};
use adlink::verify::Strength;
use adlink::{Progress, Snapshot, Tier, hash::Quality};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// One SQLite file that holds ads, hashes of their images, and what was decided.
///
/// Case(path): opens it, or makes it where there is none; `Case(path, read_only=True)` changes nothing and does not stand in
/// the way of others.
#[pyclass(frozen, module = "adlink")]
pub(crate) struct Case {
    path: PathBuf,
    case: Mutex<Option<adlink::Case>>,
}

#[pymethods]
impl Case {
    #[new]
    #[pyo3(signature = (path, *, read_only=false))]
    fn new(py: Python<'_>, path: PathBuf, read_only: bool) -> PyResult<Self> {
        let open = |path: &Path| match read_only {
            true => adlink::Case::open_read(path),
            false => adlink::Case::open_or_create(path),
        };
        let case = py.detach(|| open(&path)).map_err(|error| failed(&error))?;
        Ok(Self { path, case: Mutex::new(Some(case)) })
    }

    /// Reads ads in: manifests, folders and archives, as `adlink ingest` takes them. Bad lines and images are counted and kept
    /// and end nothing; what is in the case already is not hashed again. After Ctrl-C the same call goes on from there.
    ///
    /// `ad_per` is "folder" or "image", `map` renames columns ({adlink's: theirs}), `features` is the number of keypoints kept
    /// an image (0 for hashes alone). `analysed` names Parquet files, or folders of them, of rows that `adlink.analyse` or
    /// `adlink hash --analyses` made: such images are not decoded here, and those whose files are not here are taken by their
    /// names. A dictionary of counts.
    #[pyo3(signature = (*inputs, images=None, ad_per="folder", map=None, site=None, features=None, analysed=None, threads=None, progress=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn ingest<'py>(
        &self,
        py: Python<'py>,
        inputs: Vec<PathBuf>,
        images: Option<PathBuf>,
        ad_per: &str,
        map: Option<std::collections::BTreeMap<String, String>>,
        site: Option<String>,
        features: Option<u16>,
        analysed: Option<Vec<PathBuf>>,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let ad_per = match ad_per {
            "folder" => AdPer::Folder,
            "image" => AdPer::Image,
            other => {
                return Err(PyValueError::new_err(format!("ad_per is `{other}`, expected folder or image")));
            }
        };
        let usual = IngestOptions::default();
        let options = IngestOptions {
            images,
            ad_per,
            map: map.unwrap_or_default().into_iter().collect(),
            site,
            features: features.unwrap_or(usual.features),
            analysed: analysed.unwrap_or_default(),
            threads,
            ..usual
        };
        let inputs: Vec<Input> = inputs.into_iter().map(Input::from).collect();
        let summary =
            self.with(py, progress.as_ref(), |case, told| adlink::ingest(case, &inputs, &options, told))?;
        counts(py, &summary)
    }

    /// Links all ads of the case by the photos they share.
    ///
    /// `tiers` names what may prove a pair (same-file, near-copy, transformed, partial; all by default), `radius` the largest
    /// PDQ distance of one photo, `cross_site_only` counts only what ties ads of different sites. With `sections` it is done section
    /// by section, with the same tables. `originals` is a folder of files named by their SHA-256 in hex, in which pixels are
    /// looked for as well: `Linked.lacking` says which are wanted there.
    #[pyo3(signature = (*, tiers=None, radius=None, min_quality=None, cross_site_only=false, corroborate=false, sections=None, originals=None, threads=None, progress=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn link(
        &self,
        py: Python<'_>,
        tiers: Option<Vec<String>>,
        radius: Option<u32>,
        min_quality: Option<u8>,
        cross_site_only: bool,
        corroborate: bool,
        sections: Option<NonZeroUsize>,
        originals: Option<PathBuf>,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Linked> {
        let usual = LinkOptions::default();
        let tiers =
            tiers.map(|names| names.iter().map(|name| tier(name)).collect::<PyResult<_>>()).transpose()?;
        let options = LinkOptions {
            tiers: tiers.unwrap_or(usual.tiers),
            radius: radius.unwrap_or(usual.radius),
            min_quality: min_quality.map_or(usual.min_quality, Quality::new),
            cross_site_only,
            corroborate,
            sections,
            threads,
            ..usual
        };
        self.with(py, progress.as_ref(), |case, told| {
            let to_link = CaseToLink::read(case, &options)?;
            let to_link = match originals {
                Some(folder) => to_link.with_copies(folder),
                None => to_link,
            };
            Linked::new(to_link.link(case, &options, told)?, &options, case)
        })
    }

    /// Images of the case that show the photo of each picture, or a part of it: a list for every picture, of dictionaries with
    /// `sha256`, `tier`, `distance`, `score`, `strength`, `same_photo` and `ads` (dictionaries with `site`, `ad_id`, `path`).
    /// A picture is a path, bytes or an array; several at once are cheaper.
    #[pyo3(signature = (*pictures, radius=None, parts=true))]
    fn search<'py>(
        &self,
        py: Python<'py>,
        pictures: Vec<Bound<'py, PyAny>>,
        radius: Option<u32>,
        parts: bool,
    ) -> PyResult<Bound<'py, PyList>> {
        let queries: Vec<Analysis> =
            pictures.iter().map(|picture| analysed(py, picture)).collect::<PyResult<_>>()?;
        let usual = SearchOptions::default();
        let options =
            SearchOptions { radius: radius.unwrap_or(usual.radius), parts, queries: queries.len(), ..usual };
        let (answers, snapshot) = self.with(py, None, |case, _| {
            let searched = SearchedCase::read(case, &options)?;
            let searcher = searched.searcher()?;
            let found = searcher.find(&queries.iter().collect::<Vec<_>>())?;
            Ok((found.answers, found.snapshot.into_owned()))
        })?;
        let list = PyList::empty(py);
        for answer in &answers {
            list.append(hits(py, answer, &snapshot)?)?;
        }
        Ok(list)
    }

    /// Notes a reviewer's decision on two images by their SHA-256: `ruling` is confirm, reject or unsure. Durable when this
    /// returns; the next `link` follows it. The number of the decision.
    #[pyo3(signature = (a, b, ruling, *, reviewer, reason=""))]
    fn decide(
        &self,
        py: Python<'_>,
        a: &str,
        b: &str,
        ruling: &str,
        reviewer: String,
        reason: &str,
    ) -> PyResult<u64> {
        let id = |text: &str| {
            ImageId::parse(text)
                .ok_or_else(|| PyValueError::new_err(format!("`{text}` is no SHA-256 in hex")))
        };
        let of_pairs = [Ruling::Confirm, Ruling::Reject, Ruling::Unsure];
        let ruling = of_pairs.into_iter().find(|known| known.name() == ruling).ok_or_else(|| {
            PyValueError::new_err(format!("ruling is `{ruling}`, expected confirm, reject or unsure"))
        })?;
        let (a, b) = (id(a)?, id(b)?);
        let decision = Decision {
            subject: Subject::Pair(a.min(b), a.max(b)),
            ruling,
            reviewer,
            at: String::new(),
            reason: reason.into(),
            shown: format!("python {}", env!("CARGO_PKG_VERSION")),
        };
        self.with(py, None, |case, _| case.decide(&decision))
    }

    /// Lets go of the file, after whatever another thread is doing with it.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.case.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()));
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*_raised))]
    fn __exit__(&self, py: Python<'_>, _raised: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("Case({:?})", self.path.display().to_string())
    }
}

impl Case {
    /// Does something with the case beside the interpreter; one at a time.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        progress: Option<&Py<PyAny>>,
        work: impl FnOnce(&mut adlink::Case, &dyn Progress) -> adlink::Result<T> + Send,
    ) -> PyResult<T> {
        let done = beside(py, progress, |told| {
            let mut case = self.case.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            case.as_mut().map(|case| work(case, told))
        })?;
        let closed = || AdlinkError::new_err(format!("{} was closed", self.path.display()));
        done.ok_or_else(closed)?.map_err(|error| failed(&error))
    }
}

fn tier(name: &str) -> PyResult<Tier> {
    Tier::PHOTO.into_iter().find(|tier| tier.name() == name).ok_or_else(|| {
        let known = Tier::PHOTO.map(Tier::name).join(", ");
        PyValueError::new_err(format!("`{name}` is no tier, expected one of {known}"))
    })
}

fn counts<'py>(py: Python<'py>, summary: &IngestSummary) -> PyResult<Bound<'py, PyDict>> {
    let (records, images) = (&summary.records, &summary.images);
    let counts = PyDict::new(py);
    for (name, count) in [
        ("records", records.read),
        ("records_used", records.used),
        ("records_repeated", records.repeated),
        ("records_malformed", records.malformed),
        ("records_withdrawn", records.withdrawn),
        ("images", images.references),
        ("images_hashed", images.hashed),
        ("images_taken", images.taken),
        ("images_known", images.known),
        ("images_by_hash", images.by_hash),
        ("analyses_refused", summary.analyses.refused),
    ] {
        counts.set_item(name, count)?;
    }
    let skipped = PyDict::new(py);
    for (reason, count) in &images.skipped {
        skipped.set_item(reason.name(), count)?;
    }
    counts.set_item("images_skipped", skipped)?;
    Ok(counts)
}

fn hits<'py>(py: Python<'py>, answer: &Answer, snapshot: &Snapshot) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for hit in &answer.hits {
        let proof = hit.proof.as_ref();
        let one = shown(py, snapshot, hit.image)?;
        one.set_item("same_photo", proof.is_some())?;
        one.set_item("tier", proof.map(|proof| proof.tier.name()))?;
        one.set_item("distance", hit.distance)?;
        one.set_item("score", proof.map(|proof| proof.score))?;
        one.set_item("strength", proof.map(|proof| proof.strength().name()))?;
        list.append(one)?;
    }
    for part in &answer.parts {
        let one = shown(py, snapshot, part.image)?;
        let (tier, score) = (part.local.tier, part.local.score());
        one.set_item("same_photo", part.local.is_same_photo())?;
        one.set_item("tier", tier.map(Tier::name))?;
        one.set_item("distance", py.None())?;
        one.set_item("score", score)?;
        one.set_item("strength", tier.map(|tier| Strength::of(tier, score).name()))?;
        list.append(one)?;
    }
    Ok(list)
}

/// An image of the case and where it was seen.
fn shown<'py>(py: Python<'py>, snapshot: &Snapshot, image: ImageRow) -> PyResult<Bound<'py, PyDict>> {
    let one = PyDict::new(py);
    one.set_item("sha256", snapshot.images[image].id().to_string())?;
    let ads = PyList::empty(py);
    for seen in snapshot.sightings.iter().filter(|seen| seen.image == image) {
        let ad = PyDict::new(py);
        let key = &snapshot.ads[seen.ad].key;
        ad.set_item("site", &key.site)?;
        ad.set_item("ad_id", &key.ad_id)?;
        ad.set_item("path", &*seen.path)?;
        ads.append(ad)?;
    }
    one.set_item("ads", ads)?;
    Ok(one)
}
