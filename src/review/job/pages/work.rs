//! Checking what was understood, and the run: started, watched, stopped.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::path::PathBuf;

use super::parts::{NO_CASE, WorkResult, WorkplaceState, blocking, framed, secret, text, to};
use crate::ingest::{AdPer, ColumnFound, ColumnUse, InputPreview, PreviewedAd, field_names, preview};
use crate::report::{moment, path as path_shown, shortened, shown};
use crate::review::http::access::Session;
use crate::review::http::guard::{FormFields, Who};
use crate::review::job::plan::{DATES, RunPlan};
use crate::review::job::run::{Ending, Run};
use crate::review::job::tasks;
use crate::view::{ad_time, words};

/// Inputs looked at for one page.
const MOST_INPUTS: usize = 12;
/// Images named of an ad.
const MOST_IMAGES: usize = 4;

/// What an input was understood to be, or why it cannot be read.
type LookedInput = (PathBuf, Result<InputPreview, Vec<String>>);

pub(crate) async fn check(State(place): WorkplaceState, Who(session): Who) -> WorkResult {
    let plan = place.plan();
    if plan.case.is_none() || plan.inputs.is_empty() {
        return Ok(to("/start"));
    }
    let asked = plan.clone();
    let looked = blocking(move || look(&asked)).await?;
    let body = html! {
        h1 { "What will be read" }
        p.minor { "From a look at the first records. Nothing is stored yet." }
        @for one in &looked { (input(one)) }
        @if plan.inputs.len() > MOST_INPUTS { p { (words::count(plan.inputs.len() - MOST_INPUTS, "more input")) " will be read, too." } }
        (how_read(&session, &plan, &looked))
        form.run method="post" action="/start/run" {
            (secret(&session))
            p.begin { button.first data-key="S" aria-keyshortcuts="S" { "Read in and link" kbd { "S" } } " " a.button href="/start" { "Back" } }
        }
    };
    Ok(framed(&place, &session, "Check", &body))
}

fn look(plan: &RunPlan) -> Vec<LookedInput> {
    let options = plan.options(None);
    let one = |path: &PathBuf| {
        let understood = preview(path, &options).map_err(|error| Ending::failed(&error).words);
        (path.clone(), understood)
    };
    plan.inputs.iter().take(MOST_INPUTS).map(one).collect()
}

fn input((path, understood): &LookedInput) -> Markup {
    html! {
        section.input {
            h2 { (path_shown(&text(path))) }
            @match understood {
                Err(why) => div.disputed role="note" { strong { "It cannot be read." } @for line in why { p { (shown(line)) } } },
                Ok(seen) => {
                    p { "Taken for " strong { (seen.layout) } ". " (amount(seen)) }
                    (found_images(seen))
                    @for note in &seen.notes { p.minor { (shown(note)) } }
                    (faults(seen))
                    (first_ads(seen))
                },
            }
        }
    }
}

fn amount(seen: &InputPreview) -> String {
    let looked = words::count(seen.records as usize, "record");
    let more = if seen.more { ", and there are more" } else { ", and that is all" };
    format!("{looked} looked at{more}.")
}

fn found_images(seen: &InputPreview) -> Markup {
    let lost = seen.images - seen.images_found;
    html! {
        @if seen.images == 0 {
            p.disputed role="note" { strong { "No image is named. " } "Say below which column holds the paths of images." }
        } @else if lost == 0 {
            p { (words::count(seen.images as usize, "image")) " named, and every file is there." }
        } @else {
            div.disputed role="note" {
                p { strong { (words::thousands(lost as usize)) " of " (words::count(seen.images as usize, "image")) " named are not there. " }
                    a href="/start/folder?what=images" { "Say where paths of images start" } }
                @if let Some(why) = &seen.missing { p.minor { (shown(why)) } }
            }
        }
    }
}

fn faults(seen: &InputPreview) -> Markup {
    html! {
        @if seen.bad > 0 {
            p { strong { (words::count(seen.bad as usize, "record")) " cannot be used:" } }
            ul { @for (line, why) in &seen.faults { li { @if *line > 0 { "line " (line) ": " } (shown(why)) } } }
        }
        @if !seen.unused.is_empty() {
            p.minor { "Met and not used: "
                @for (place, (kind, number)) in seen.unused.iter().enumerate() { @if place > 0 { ", " } (number) " x " (shown(kind)) } }
        }
    }
}

fn first_ads(seen: &InputPreview) -> Markup {
    html! {
        @if !seen.ads.is_empty() {
            h3 { "The first ads" }
            ul.ad-lines { @for ad in &seen.ads { li { (first_ad(ad)) } } }
        }
    }
}

fn first_ad(PreviewedAd { ad, images }: &PreviewedAd) -> Markup {
    html! {
        p.ad-name { strong { (shown(&ad.key.site)) } " " (shown(&ad.key.ad_id)) " " (moment(ad_time(ad))) }
        @if !ad.title.is_empty() { p { (shortened(&ad.title, 120)) } }
        p.minor {
            @for phone in &ad.phones { (shown(phone)) " " }
            (shown(&ad.location)) " "
            @if images.is_empty() { "no image" }
            @for (name, found) in images.iter().take(MOST_IMAGES) { (path_shown(name)) @if !found { " (not there)" } " " }
            @if images.len() > MOST_IMAGES { "and " (images.len() - MOST_IMAGES) " more" }
        }
    }
}

/// Columns and what they are read as, with a choice for each; and what holds for all records.
fn how_read(session: &Session, plan: &RunPlan, looked: &[LookedInput]) -> Markup {
    let mut met = BTreeSet::new();
    let seen = looked.iter().filter_map(|(_, understood)| understood.as_ref().ok());
    let columns: Vec<&ColumnFound> =
        seen.flat_map(|seen| &seen.columns).filter(|column| met.insert(&column.name)).collect();
    html! {
        section aria-labelledby="read-title" {
            h2 #read-title { "How it is read" }
            form method="post" action="/start/check" {
                (secret(session))
                @if !columns.is_empty() {
                    div.scroll tabindex="0" role="region" aria-label="Columns" {
                        table.columns-read {
                            thead { tr { th scope="col" { "Column" } th scope="col" { "Such as" } th scope="col" { "Read as" } } }
                            tbody { @for column in columns { (column_row(plan, column)) } }
                        }
                    }
                }
                div.settings {
                    label { "Site, where a record names none " input name="site" value=(plan.site) maxlength="200"; }
                    label { "Dates such as 02/01/2024 " select name="dates" {
                        option value="" { "as the whole column allows" }
                        @for (name, order, words) in DATES { option value=(name) selected[plan.dates == Some(order)] { (words) } }
                    } }
                    label { "In a folder an ad is " select name="ad_per" {
                        option value="folder" { "each folder of images" }
                        option value="image" selected[plan.ad_per == AdPer::Image] { "each image" }
                    } }
                    button { "Look again" }
                }
            }
        }
    }
}

fn column_row(plan: &RunPlan, column: &ColumnFound) -> Markup {
    let said = plan.map.iter().find(|(_, name)| *name == column.name).map(|(field, _)| &**field);
    let understood = match column.used {
        _ if said.is_some() => "as adlink understands it".to_string(),
        ColumnUse::Field(name) => name.replace('_', " "),
        ColumnUse::Kept => "kept as it is".into(),
        ColumnUse::Dropped => "left out: it says something of a person".into(),
        ColumnUse::Unknown => "left out: not understood".into(),
    };
    html! {
        tr {
            th scope="row" { (shown(&column.name)) }
            td { (shortened(&column.example, 60)) }
            td {
                input type="hidden" name="column" value=(column.name);
                select name="field" aria-label=(format!("Read column {} as", crate::report::visible(&column.name))) {
                    option value="" { (understood) }
                    @for field in field_names() { option value=(field) selected[said == Some(field)] { (field.replace('_', " ")) } }
                }
            }
        }
    }
}

pub(crate) async fn mapping(State(place): WorkplaceState, fields: FormFields) -> WorkResult {
    place.change_plan(|plan| plan.take(&fields));
    Ok(to("/start/check"))
}

pub(crate) async fn run(State(place): WorkplaceState, fields: FormFields) -> WorkResult {
    let plan = place.plan();
    let case = plan.case.clone().ok_or(NO_CASE)?;
    let who = fields.session.reviewer.clone();
    let title = if plan.inputs.is_empty() { "Opening the case" } else { "Reading in and linking" };
    place.start(title, move |place, run| tasks::take_in(place, run, &plan, &case, &who))?;
    Ok(to("/start/progress"))
}

pub(crate) async fn stop(State(place): WorkplaceState, _: FormFields) -> WorkResult {
    place.stop();
    Ok(to("/start/progress"))
}

pub(crate) async fn state(State(place): WorkplaceState, _: Who) -> Response {
    place.run().map_or(StatusCode::NOT_FOUND.into_response(), |run| Json(run.state()).into_response())
}

pub(crate) async fn progress(State(place): WorkplaceState, Who(session): Who) -> WorkResult {
    let Some(run) = place.run() else { return Ok(to("/start")) };
    let body = match run.ending() {
        Some(ending) => ended(&run, &ending, place.open_case().is_some()),
        None => going_on(&run, &session),
    };
    Ok(framed(&place, &session, run.title, &body))
}

fn going_on(run: &Run, session: &Session) -> Markup {
    html! {
        h1 { (run.title) }
        div.run data-run="/start/state" {
            progress #run-bar aria-label=(run.title) {}
            p #run-words role="status" { (run.words()) }
        }
        form method="post" action="/start/stop" { (secret(session)) p.begin { button { "Stop at the next safe point" } " " a.button href="/start/progress" { "Look again" } } }
        p.minor { "What is hashed is kept: after a stop the same ads go on from there. This window may be closed meanwhile; adlink goes on." }
    }
}

fn ended(run: &Run, ending: &Ending, open: bool) -> Markup {
    let warnings = run.warnings();
    html! {
        h1 { (run.title) @if ending.ok { ": done" } @else { ": not done" } }
        div.outcome.disputed[!ending.ok] role="status" { @for line in &ending.words { p { (shown(line)) } } }
        p.begin {
            @if open && ending.ok {
                a.button.first href="/" data-key="N" aria-keyshortcuts="N" { "To the desk" kbd { "N" } } " "
                a.button href="/networks" { "Networks" } " " a.button href="/hand-out" { "Hand out" }
            } @else {
                a.button.first href="/start" { "Back to case and ads" }
            }
        }
        @if !warnings.is_empty() {
            section aria-labelledby="warnings-title" {
                h2 #warnings-title { "What was said on the way" }
                ul { @for line in &warnings { li { (shown(line)) } } }
            }
        }
    }
}
