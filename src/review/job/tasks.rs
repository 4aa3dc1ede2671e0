//! The pieces of work: reading in and linking, a report, an export, a withdrawal.
//!
//! Each is what the command of that name does, by the same calls, with its progress shown in the browser. The trap: the
//! case is opened for writing by each for itself, so that a reviewer can decide before and after.

use jiff::Timestamp;
use std::path::Path;
use std::time::Instant;

use super::outcome::WorkOutcome;
use super::plan::RunPlan;
use super::run::Run;
use super::workplace::Workplace;
use crate::case::{Case, Withdrawal};
use crate::error::Result;
use crate::ingest::{Input, ingest};
use crate::language::{Language, in_language};
use crate::link_case::{LinkedCase, link_case};
use crate::output::{self, Guard, InputFile, RunFacts};
use crate::picture::PreviewForm;
use crate::progress::{Progress, Stage};
use crate::review::state::desk::VERSION;
use crate::share::{Order, Target, disclose};
use crate::view::{Figures, Joined};

/// Reads the inputs of a plan in, then links everything.
pub(super) fn take_in(
    place: &Workplace,
    run: &Run,
    plan: &RunPlan,
    case: &Path,
    who: &str,
) -> Result<Vec<WorkOutcome>> {
    let mut opened = acting(Case::open_or_create(case)?, who);
    let before = opened.counts()?;
    let mut done = Vec::new();
    if !plan.inputs.is_empty() {
        let inputs: Vec<Input> = plan.inputs.iter().cloned().map(Input::Path).collect();
        let options = plan.options(opened.feature_limit()?);
        let summary = ingest(&mut opened, &inputs, &options, run)?;
        if let Some(error) = summary.fruitless(before.images) {
            return Err(error);
        }
        done.push(WorkOutcome::ReadIn(Box::new(summary)));
    }
    drop(opened);
    done.push(place.put_up(case, run)?);
    place.change_plan(|plan| *plan = RunPlan { case: Some(case.to_path_buf()), ..RunPlan::default() });
    Ok(done)
}

/// Writes the result folder, with pictures in that form and pages in that language.
pub(super) fn report(
    place: &Workplace,
    run: &Run,
    case: &Path,
    out: &Path,
    (form, language): (Option<PreviewForm>, Language),
    who: &str,
) -> Result<Vec<WorkOutcome>> {
    let mut case = acting(Case::open(case)?, who);
    Guard::new(false).case(&case).folder(out, &output::file_names())?;
    let (started, clock) = (Timestamp::now(), Instant::now());
    let LinkedCase { snapshot, findings, .. } = link_case(&mut case, &place.options, run)?;
    run.start(Stage::Writing, None);
    let previews = form.map(|form| {
        in_language(language, || output::noted_previews(&mut case, &snapshot, &findings, form, out))
    });
    let facts = RunFacts {
        version: VERSION.into(),
        parameters: place.options.parameters(),
        case_id: case.id()?,
        inputs: Vec::<InputFile>::new(),
        started_at: started.to_string(),
        finished_at: Timestamp::now().to_string(),
        stages: vec![("link".into(), clock.elapsed().as_secs_f64())],
        threads: thread_count(),
        language,
        previews: previews.transpose()?.unwrap_or_default(),
        ..RunFacts::default()
    };
    let joined = Joined::new(&snapshot, &findings);
    let figures = Figures::new(&joined);
    let written = output::write(out, &joined, &figures, &facts)?;
    output::note_run(&case, &snapshot, &findings, &facts, &written)?;
    Ok(vec![WorkOutcome::Report {
        page: written.folder.join("report.html"),
        networks: figures.networks,
        ads: figures.ads,
        files: written.files.len(),
    }])
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
) -> Result<Vec<WorkOutcome>> {
    let mut case = acting(Case::open(case)?, who);
    Guard::new(false).case(&case).file(out)?;
    let LinkedCase { snapshot, findings, .. } = link_case(&mut case, &place.options, run)?;
    run.start(Stage::Writing, None);
    let file = disclose(&mut case, &snapshot, &findings, order, Target::File(out))?;
    Ok(vec![WorkOutcome::HandedOut { file: file.name, bytes: file.bytes, profile: order.profile.name() }])
}

/// Takes an image or ad out of the case for good, then links what is left.
pub(super) fn withdraw(
    place: &Workplace,
    run: &Run,
    case: &Path,
    what: &Withdrawal,
    reason: &str,
    who: &str,
) -> Result<Vec<WorkOutcome>> {
    let mut opened = acting(Case::open(case)?, who);
    let withdrawn = opened.withdraw(what, reason)?;
    drop(opened);
    let linked = place.put_up(case, run)?;
    Ok(vec![WorkOutcome::Withdrawn(Box::new(withdrawn)), linked, WorkOutcome::Elsewhere])
}

fn acting(mut case: Case, who: &str) -> Case {
    case.act_as(who);
    case
}
