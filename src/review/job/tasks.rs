//! The pieces of work: reading in and linking, a report, an export, a withdrawal.
//!
//! Each is what the command of that name does, by the same calls, with its progress shown in the browser. The trap: the
//! case is opened for writing by each for itself, so that a reviewer can decide before and after.

use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::plan::RunPlan;
use super::run::Run;
use super::workplace::Workplace;
use crate::case::{Case, Withdrawal};
use crate::error::Result;
use crate::ingest::{IngestSummary, Input, ingest};
use crate::link_case::{LinkedCase, link_case};
use crate::output::{self, Guard, InputFile, RunFacts};
use crate::picture::PreviewForm;
use crate::progress::{Progress, Stage};
use crate::review::state::desk::VERSION;
use crate::share::{Order, Target, disclose};
use crate::view::{Figures, Joined, words};

/// Reads the inputs of a plan in, then links everything.
pub(super) fn take_in(
    place: &Workplace,
    run: &Run,
    plan: &RunPlan,
    case: &Path,
    who: &str,
) -> Result<Vec<String>> {
    let mut opened = acting(Case::open_or_create(case)?, who);
    let before = opened.counts()?;
    let mut said = Vec::new();
    if !plan.inputs.is_empty() {
        let inputs: Vec<Input> = plan.inputs.iter().cloned().map(Input::Path).collect();
        let options = plan.options(opened.feature_limit()?);
        let summary = ingest(&mut opened, &inputs, &options, run)?;
        if let Some(error) = summary.fruitless(before.images) {
            return Err(error);
        }
        said = told(&summary);
    }
    drop(opened);
    said.push(place.put_up(case, run)?);
    place.change_plan(|plan| *plan = RunPlan { case: Some(case.to_path_buf()), ..RunPlan::default() });
    Ok(said)
}

/// What came of reading in.
fn told(summary: &IngestSummary) -> Vec<String> {
    let (records, images) = (&summary.records, &summary.images);
    let n = |number: u64, one: &str| words::count(number as usize, one);
    let mut said = vec![
        format!(
            "{} read: {} used, {} repeated, {} that could not be used.",
            n(records.read, "record"),
            records.used,
            records.repeated,
            records.malformed + records.withdrawn
        ),
        format!(
            "{} named: {} hashed now, {} known before or given by hash, {} skipped.",
            n(images.references, "image"),
            images.hashed,
            images.known + images.by_hash + images.frames,
            images.skipped.values().sum::<u64>()
        ),
    ];
    said.extend(images.skipped.iter().map(|(reason, number)| format!("{}: {number}.", reason.words())));
    let unused = summary.unused.iter().map(|(kind, number)| format!("Met and not used: {number} x {kind}."));
    said.extend(unused);
    if !summary.dropped_fields.is_empty() {
        said.push(format!("Columns about persons, left out: {}.", summary.dropped_fields.join(", ")));
    }
    said
}

/// Writes the result folder.
pub(super) fn report(
    place: &Workplace,
    run: &Run,
    case: &Path,
    out: &Path,
    form: Option<PreviewForm>,
    who: &str,
) -> Result<Vec<String>> {
    let mut case = acting(Case::open(case)?, who);
    Guard::new(false).case(&case).folder(out, &output::file_names())?;
    let (started, clock) = (Timestamp::now(), Instant::now());
    let LinkedCase { snapshot, findings, .. } = link_case(&mut case, &place.options, run)?;
    run.start(Stage::Writing, None);
    let previews = form.map(|form| output::noted_previews(&mut case, &snapshot, &findings, form, out));
    let facts = RunFacts {
        version: VERSION.into(),
        parameters: place.options.parameters(),
        case_id: case.id()?,
        inputs: Vec::<InputFile>::new(),
        started_at: started.to_string(),
        finished_at: Timestamp::now().to_string(),
        stages: vec![("link".into(), clock.elapsed().as_secs_f64())],
        threads: thread_count(),
        previews: previews.transpose()?.unwrap_or_default(),
        ..RunFacts::default()
    };
    let joined = Joined::new(&snapshot, &findings);
    let figures = Figures::new(&joined);
    let written = output::write(out, &joined, &figures, &facts)?;
    output::note_run(&case, &snapshot, &findings, &facts, &written)?;
    Ok(vec![
        format!("The report is {}.", written.folder.join("report.html").display()),
        format!(
            "{} in {}, {} in the folder.",
            words::count(figures.networks, "network"),
            words::count(figures.ads, "ad"),
            words::count(written.files.len(), "file")
        ),
    ])
}

fn thread_count() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Writes one file for somebody else.
pub(super) fn export(
    place: &Workplace,
    run: &Run,
    case: &Path,
    out: &Path,
    order: &Order,
    who: &str,
) -> Result<Vec<String>> {
    let mut case = acting(Case::open(case)?, who);
    Guard::new(false).case(&case).file(out)?;
    let LinkedCase { snapshot, findings, .. } = link_case(&mut case, &place.options, run)?;
    run.start(Stage::Writing, None);
    let file = disclose(&mut case, &snapshot, &findings, order, Target::File(out))?;
    Ok(vec![format!(
        "{} in {}, profile {}. Recipient, purpose and digest are on record.",
        words::count(file.bytes as usize, "byte"),
        file.name,
        order.profile.name()
    )])
}

/// Takes an image or ad out of the case for good, then links what is left.
pub(super) fn withdraw(
    place: &Workplace,
    run: &Run,
    case: &Path,
    what: &Withdrawal,
    reason: &str,
    who: &str,
) -> Result<Vec<String>> {
    let mut opened = acting(Case::open(case)?, who);
    let withdrawn = opened.withdraw(what, reason)?;
    drop(opened);
    let found = place.put_up(case, run)?;
    let removed = &withdrawn.removed;
    let mut said = vec![if removed.sightings + removed.records == 0 {
        "The case held nothing of it. It is refused from now on.".to_string()
    } else {
        format!(
            "Withdrawn: {}, {}, {}, {}, {}. It is refused from now on.",
            words::count(removed.ads as usize, "ad"),
            words::count(removed.records as usize, "record"),
            words::count(removed.images as usize, "image"),
            words::count(removed.decisions as usize, "decision"),
            words::count(removed.notes as usize, "note")
        )
    }];
    if !removed.overwritten {
        said.push(
            "Another adlink that reads the case keeps the old bytes in its log; end it and withdraw again."
                .into(),
        );
    }
    let there: Vec<&PathBuf> = withdrawn.originals.iter().filter(|path| path.exists()).collect();
    if !there.is_empty() {
        said.push("adlink never changes originals. These files held it and are still there:".into());
        said.extend(there.into_iter().map(|path| path.display().to_string()));
    }
    said.push(found);
    said.push("Result folders, exports and backups made earlier still hold it: see what left the case, below Hand out.".into());
    Ok(said)
}

fn acting(mut case: Case, who: &str) -> Case {
    case.act_as(who);
    case
}
