//! Checking what was understood, and the run: started, watched, stopped.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::path::PathBuf;

use super::outcome::{failed, told};
use super::parts::{NO_CASE, WorkResult, WorkplaceState, blocking, framed, in_english, secret, text, to};
use crate::ingest::{AdPer, ColumnFound, ColumnUse, InputPreview, PreviewedAd, field_names, preview};
use crate::language::{phrase, say, word};
use crate::report::{moment, path as path_shown, shortened, shown, visible};
use crate::review::http::access::Session;
use crate::review::http::guard::{FormFields, Who};
use crate::review::job::outcome::Failure;
use crate::review::job::plan::{DATES, RunPlan};
use crate::review::job::run::{Ending, Run};
use crate::review::job::tasks;
use crate::view::{ad_time, words};

/// Inputs looked at for one page.
const MOST_INPUTS: usize = 12;
/// Images named of an ad.
const MOST_IMAGES: usize = 4;

/// What an input was understood to be, or why it cannot be read.
type LookedInput = (PathBuf, Result<InputPreview, Failure>);

pub(crate) async fn check(State(place): WorkplaceState, Who(session): Who) -> WorkResult {
    let plan = place.plan();
    if plan.case.is_none() || plan.inputs.is_empty() {
        return Ok(to("/start"));
    }
    let asked = plan.clone();
    let looked = blocking(move || look(&asked)).await?;
    let body = html! {
        h1 { (say!("What will be read")) }
        p.minor { (say!("From a look at the first records. Nothing is stored yet.")) }
        @for one in &looked { (input(one)) }
        @if plan.inputs.len() > MOST_INPUTS { p { (say!("{inputs} will be read, too.", inputs = words::count(plan.inputs.len() - MOST_INPUTS, "more input"))) } }
        (how_read(&session, &plan, &looked))
        form.run method="post" action="/start/run" {
            (secret(&session))
            p.begin { button.first data-key="S" aria-keyshortcuts="S" { (say!("Read in and link")) kbd { "S" } } " " a.button href="/start" { (say!("Back")) } }
        }
    };
    Ok(framed(&place, &session, say!("Check"), &body))
}

fn look(plan: &RunPlan) -> Vec<LookedInput> {
    let options = plan.options(None);
    let one = |path: &PathBuf| {
        let understood = preview(path, &options).map_err(|error| Failure::of(&error));
        (path.clone(), understood)
    };
    plan.inputs.iter().take(MOST_INPUTS).map(one).collect()
}

fn input((path, understood): &LookedInput) -> Markup {
    html! {
        section.input {
            h2 { (path_shown(&text(path))) }
            @match understood {
                Err(why) => div.disputed role="note" { strong { (say!("It cannot be read.")) } @for line in failed(why) { p { (line) } } },
                Ok(seen) => {
                    p { (phrase!("Taken for {layout}.", layout = html! { strong { (say(seen.layout)) } })) " " (amount(seen)) }
                    (found_images(seen))
                    @for note in &seen.notes { p.minor { (in_english(note)) } }
                    (faults(seen))
                    (first_ads(seen))
                },
            }
        }
    }
}

fn amount(seen: &InputPreview) -> String {
    let looked = words::count(seen.records as usize, "record");
    match seen.more {
        true => say!("{records} looked at, and there are more.", records = looked),
        false => say!("{records} looked at, and that is all.", records = looked),
    }
}

fn found_images(seen: &InputPreview) -> Markup {
    let lost = seen.images - seen.images_found;
    html! {
        @if seen.images == 0 {
            p.disputed role="note" { strong { (say!("No image is named.")) " " } (say!("Say below which column holds the paths of images.")) }
        } @else if lost == 0 {
            p { (say!("{images} named, and every file is there.", images = words::count(seen.images as usize, "image"))) }
        } @else {
            div.disputed role="note" {
                p { strong { (say!(
                        "{number} of {images} named are not there.",
                        number = words::thousands(lost as usize),
                        images = words::count(seen.images as usize, "image")
                    )) " " }
                    a href="/start/folder?what=images" { (say!("Say where paths of images start")) } }
                @if let Some(why) = &seen.missing { p.minor { (in_english(why)) } }
            }
        }
    }
}

fn faults(seen: &InputPreview) -> Markup {
    html! {
        @if seen.bad > 0 {
            p { strong { (say!("{records} cannot be used:", records = words::count(seen.bad as usize, "record"))) } }
            ul { @for (line, why) in &seen.faults { li { @if *line > 0 { (say!("line {number}:", number = line)) " " } (in_english(why)) } } }
        }
        @if !seen.unused.is_empty() {
            p.minor { (say!("Met and not used:")) " "
                @for (place, (kind, number)) in seen.unused.iter().enumerate() { @if place > 0 { ", " } (number) " x " (in_english(kind)) } }
        }
    }
}

fn first_ads(seen: &InputPreview) -> Markup {
    html! {
        @if !seen.ads.is_empty() {
            h3 { (say!("The first ads")) }
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
            @if images.is_empty() { (say!("no image")) }
            @for (name, found) in images.iter().take(MOST_IMAGES) { (path_shown(name)) @if !found { " " (say!("(not there)")) } " " }
            @if images.len() > MOST_IMAGES { (say!("and {number} more", number = images.len() - MOST_IMAGES)) }
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
            h2 #read-title { (say!("How it is read")) }
            form method="post" action="/start/check" {
                (secret(session))
                @if !columns.is_empty() {
                    div.scroll tabindex="0" role="region" aria-label=(say!("Columns")) {
                        table.columns-read {
                            thead { tr { th scope="col" { (say!("Column")) } th scope="col" { (say!("Such as")) } th scope="col" { (say!("Read as")) } } }
                            tbody { @for column in columns { (column_row(plan, column)) } }
                        }
                    }
                }
                div.settings {
                    label { (say!("Site, where a record names none")) " " input name="site" value=(plan.site) maxlength="200"; }
                    label { (say!("Dates such as 02/01/2024")) " " select name="dates" {
                        option value="" { (say!("as the whole column allows")) }
                        @for (name, order, words) in DATES { option value=(name) selected[plan.dates == Some(order)] { (say(words)) } }
                    } }
                    label { (say!("In a folder an ad is")) " " select name="ad_per" {
                        option value="folder" { (say!("each folder of images")) }
                        option value="image" selected[plan.ad_per == AdPer::Image] { (say!("each image")) }
                    } }
                    button { (say!("Look again")) }
                }
            }
        }
    }
}

/// Fields by their names, as people say them; codes, such as `md5`, are left as they are.
const FIELD_WORDS: [(&str, &str); 19] = [
    ("site", word!("site")),
    ("ad_id", word!("ad id")),
    ("url", word!("url")),
    ("posted_at", word!("posted at")),
    ("collected_at", word!("collected at")),
    ("title", word!("title")),
    ("text", word!("text")),
    ("phones", word!("phones")),
    ("poster", word!("poster")),
    ("location", word!("location")),
    ("city", word!("city")),
    ("region", word!("region")),
    ("country", word!("country")),
    ("category", word!("category")),
    ("lat", word!("lat")),
    ("lon", word!("lon")),
    ("quality", word!("quality")),
    ("video", word!("video")),
    ("images", word!("images")),
];

fn field_words(field: &str) -> String {
    let known = FIELD_WORDS.iter().find(|(name, _)| *name == field);
    known.map_or_else(|| field.replace('_', " "), |(_, words)| say(words).to_string())
}

fn column_row(plan: &RunPlan, column: &ColumnFound) -> Markup {
    let said = plan.map.iter().find(|(_, name)| *name == column.name).map(|(field, _)| &**field);
    let understood = match column.used {
        _ if said.is_some() => say!("as adlink understands it").to_string(),
        ColumnUse::Field(name) => field_words(name),
        ColumnUse::Kept => say!("kept as it is").into(),
        ColumnUse::Dropped => say!("left out: it says something of a person").into(),
        ColumnUse::Unknown => say!("left out: not understood").into(),
    };
    html! {
        tr {
            th scope="row" { (shown(&column.name)) }
            td { (shortened(&column.example, 60)) }
            td {
                input type="hidden" name="column" value=(column.name);
                select name="field" aria-label=(say!("Read column {column} as", column = visible(&column.name))) {
                    option value="" { (understood) }
                    @for field in field_names() { option value=(field) selected[said == Some(field)] { (field_words(field)) } }
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
    let title =
        if plan.inputs.is_empty() { word!("Opening the case") } else { word!("Reading in and linking") };
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
    Ok(framed(&place, &session, say(run.title), &body))
}

fn going_on(run: &Run, session: &Session) -> Markup {
    html! {
        h1 { (say(run.title)) }
        div.run data-run="/start/state" {
            progress #run-bar aria-label=(say(run.title)) {}
            p #run-words role="status" { (run.words()) }
        }
        form method="post" action="/start/stop" { (secret(session)) p.begin { button { (say!("Stop at the next safe point")) } " " a.button href="/start/progress" { (say!("Look again")) } } }
        p.minor { (say!("What is hashed is kept: after a stop the same ads go on from there. This window may be closed meanwhile; adlink goes on.")) }
    }
}

fn outcome_title(work: &'static str, done: bool) -> String {
    match done {
        true => say!("{work}: done", work = say(work)),
        false => say!("{work}: not done", work = say(work)),
    }
}

fn ended(run: &Run, ending: &Ending, open: bool) -> Markup {
    let warnings = run.warnings();
    html! {
        h1 { (outcome_title(run.title, ending.ok)) }
        div.outcome.disputed[!ending.ok] role="status" { @for line in ending.steps.iter().flat_map(told) { p { (line) } } }
        p.begin {
            @if open && ending.ok {
                a.button.first href="/" data-key="N" aria-keyshortcuts="N" { (say!("To the desk")) kbd { "N" } } " "
                a.button href="/networks" { (say!("Networks")) } " " a.button href="/hand-out" { (say!("Hand out")) }
            } @else {
                a.button.first href="/start" { (say!("Back to case and ads")) }
            }
        }
        @if !warnings.is_empty() {
            section aria-labelledby="warnings-title" {
                h2 #warnings-title { (say!("What was said on the way")) }
                ul { @for line in &warnings { li { (in_english(line)) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_no_code_has_words() {
        for field in field_names() {
            assert_eq!(field_words(field), field.replace('_', " "));
            let is_code = ["pdq", "sha256", "sha1", "md5"].contains(&field);
            assert!(is_code || FIELD_WORDS.iter().any(|(name, _)| *name == field), "{field}");
        }
        assert!(FIELD_WORDS.iter().all(|(name, _)| field_names().any(|field| field == *name)));
    }
}
