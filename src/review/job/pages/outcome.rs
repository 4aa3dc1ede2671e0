//! What came of work, as pages tell it: a paragraph each.
//!
//! The trap: what errors and reasons of the program say has no translation; it stands in English on every page and is
//! marked so, for whoever has it read aloud.

use maud::Markup;
use std::path::PathBuf;

use super::parts::in_english;
use crate::case::Withdrawn;
use crate::ingest::IngestSummary;
use crate::language::{phrase, say};
use crate::report::shown;
use crate::review::job::outcome::{Failure, WorkOutcome};
use crate::view::words;

/// One step.
pub(super) fn told(outcome: &WorkOutcome) -> Vec<Markup> {
    match outcome {
        WorkOutcome::ReadIn(summary) => read_in(summary),
        WorkOutcome::Linked { networks: 0, .. } => {
            vec![line(say!("No two ads are linked by a photo that is not common."))]
        }
        WorkOutcome::Linked { networks, ads } => vec![line(&say!(
            "{networks} found, of {ads} in all.",
            networks = words::count(*networks, "network"),
            ads = words::count(*ads, "ad")
        ))],
        WorkOutcome::Report { page, networks, ads, files } => vec![
            line(&say!("The report is {file}.", file = page.display())),
            line(&say!(
                "{networks} in {ads}, {files} in the folder.",
                networks = words::count(*networks, "network"),
                ads = words::count(*ads, "ad"),
                files = words::count(*files, "file")
            )),
        ],
        WorkOutcome::HandedOut { file, bytes, profile } => vec![line(&say!(
            "{bytes} in {file}, profile {profile}. Recipient, purpose and digest are on record.",
            bytes = words::count(*bytes as usize, "byte"),
            file = file,
            profile = profile
        ))],
        WorkOutcome::Withdrawn(withdrawn) => taken_out(withdrawn),
        WorkOutcome::Elsewhere => vec![line(say!(
            "Result folders, exports and backups made earlier still hold it: see what left the case, below Hand out."
        ))],
        WorkOutcome::Failed(failure) => failed(failure),
        WorkOutcome::Fault => vec![line(say!(
            "adlink failed here by a fault of its own. What was committed to the case is kept; the same can be tried again."
        ))],
    }
}

/// An error with its causes and its remedy.
pub(super) fn failed(failure: &Failure) -> Vec<Markup> {
    let mut said = vec![in_english(&failure.what)];
    let causes = failure.causes.iter();
    said.extend(causes.map(|cause| phrase!("Caused by: {cause}", cause = in_english(cause))));
    let hint = failure.hint.iter();
    said.extend(hint.map(|hint| phrase!("What helps: {hint}", hint = in_english(hint))));
    said
}

fn line(text: &str) -> Markup {
    shown(text)
}

fn read_in(summary: &IngestSummary) -> Vec<Markup> {
    let (records, images) = (&summary.records, &summary.images);
    let mut said = vec![
        line(&say!(
            "{records} read: {used} used, {repeated} repeated, {bad} that could not be used.",
            records = words::count(records.read as usize, "record"),
            used = records.used,
            repeated = records.repeated,
            bad = records.malformed + records.withdrawn
        )),
        line(&say!(
            "{images} named: {hashed} hashed now, {known} known before or given by hash, {skipped} skipped.",
            images = words::count(images.references as usize, "image"),
            hashed = images.hashed,
            known = images.known + images.by_hash + images.frames,
            skipped = images.skipped.values().sum::<u64>()
        )),
    ];
    let skipped = images.skipped.iter();
    said.extend(skipped.map(|(reason, number)| line(&format!("{}: {number}.", say(reason.words())))));
    let unused = summary.unused.iter();
    said.extend(unused.map(|(kind, number)| {
        phrase!("Met and not used: {number} x {kind}.", number = number, kind = in_english(kind))
    }));
    if !summary.dropped_fields.is_empty() {
        let columns = summary.dropped_fields.join(", ");
        said.push(line(&say!("Columns about persons, left out: {columns}.", columns = columns)));
    }
    said
}

fn taken_out(withdrawn: &Withdrawn) -> Vec<Markup> {
    let removed = &withdrawn.removed;
    let mut said = vec![line(&if removed.sightings + removed.records == 0 {
        say!("The case held nothing of it. It is refused from now on.").to_string()
    } else {
        say!(
            "Withdrawn: {ads}, {records}, {images}, {decisions}, {notes}. It is refused from now on.",
            ads = words::count(removed.ads as usize, "ad"),
            records = words::count(removed.records as usize, "record"),
            images = words::count(removed.images as usize, "image"),
            decisions = words::count(removed.decisions as usize, "decision"),
            notes = words::count(removed.notes as usize, "note")
        )
    })];
    if !removed.overwritten {
        said.push(line(say!(
            "Another adlink that reads the case keeps the old bytes in its log; end it and withdraw again."
        )));
    }
    let there: Vec<&PathBuf> = withdrawn.originals.iter().filter(|path| path.exists()).collect();
    if !there.is_empty() {
        said.push(line(say!("adlink never changes originals. These files held it and are still there:")));
        said.extend(there.into_iter().map(|path| line(&path.display().to_string())));
    }
    said
}
