//! Choosing: the start page, the server's own view of folders, and what is taken from it.
//!
//! The trap: a path in a form is anybody's text until [`VisibleRoots`](crate::review::job::roots::VisibleRoots) has resolved it.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::parts::{
    NO_CASE, NOT_REACHED, WorkResult, WorkplaceState, blocking, button, framed, secret, text, to,
};
use crate::error::Error;
use crate::language::{phrase, say, word};
use crate::output::NewFile;
use crate::report::{path as path_shown, shown};
use crate::review::http::access::Session;
use crate::review::http::guard::{FormFields, Refusal, Scripted, Who};
use crate::review::http::page::query_value;
use crate::review::job::plan::RunPlan;
use crate::review::job::roots::{FolderEntry, FolderView};
use crate::review::job::workplace::{Occupied, OpenCase, Workplace};
use crate::view::{STOP, stop_and_report, words};

pub(crate) async fn start(State(place): WorkplaceState, Who(session): Who) -> WorkResult {
    if place.is_busy() {
        return Ok(to("/start/progress"));
    }
    let (plan, open) = (place.plan(), place.open_case());
    let body = html! {
        h1 { (say!("Case and ads")) }
        ol.job-steps {
            li { (case_step(&session, &plan, open.as_ref())) }
            li { (ads_step(&session, &plan)) }
            li { (run_step(&session, &plan, open.as_ref())) }
        }
        section aria-labelledby="stop-title" {
            h2 #stop-title { (say(STOP)) }
            p { (stop_and_report("")) }
        }
    };
    Ok(framed(&place, &session, say!("Start"), &body))
}

fn case_step(session: &Session, plan: &RunPlan, open: Option<&OpenCase>) -> Markup {
    let case = open.map(|open| &*open.path).or(plan.case.as_deref());
    html! {
        h2 { (say!("The case")) }
        @match case {
            Some(case) => {
                p { (path_shown(&text(case))) " " span.minor { (becomes(case, open.is_some())) } }
                (button(session, "/start/close", "", say!("Take another"), false))
            },
            None => {
                p { (say!("A case is one file. It keeps what was read of ads and images, and every decision; it holds no pictures.")) }
                a.button.first href="/start/folder?what=case" { (say!("Open a case or make one")) }
            },
        }
    }
}

fn becomes(case: &Path, open: bool) -> &'static str {
    match (open, case.exists()) {
        (true, _) => say!("is open"),
        (false, true) => say!("will be opened"),
        (false, false) => say!("will be made"),
    }
}

fn ads_step(session: &Session, plan: &RunPlan) -> Markup {
    html! {
        h2 { (say!("The ads")) }
        @if plan.case.is_none() { p.minor { (say!("Comes after the case.")) } }
        @else {
            p { (say!("Folders of images, archives, and lists of ads: tables, spreadsheets, JSON, saved pages. Originals are never changed.")) }
            @if !plan.inputs.is_empty() {
                ul.chosen {
                    @for input in &plan.inputs {
                        li { (path_shown(&text(input))) " " (button(session, "/start/remove", &text(input), say!("Leave out"), false)) }
                    }
                }
            }
            p.begin { a.button.first[plan.inputs.is_empty()] href="/start/folder?what=ads" { (say!("Choose folders, archives and lists")) } }
            div.drop data-list="/start/list" {
                label { (say!("Or drop a small list here, or choose one from this machine")) " " input #list-file type="file"; }
                p.minor #list-said role="status" { (say!("It is stored beside the case, for it is what the ads came from.")) }
            }
            div { @match &plan.images {
                Some(folder) => {
                    (phrase!("Paths of images in lists start: {folder}", folder = path_shown(&text(folder)))) " "
                    (button(session, "/start/images", "", say!("Beside the list again"), false))
                },
                None => {
                    (say!("Paths of images in lists start: beside each list, then in its folder images.")) " "
                    a href="/start/folder?what=images" { (say!("Say otherwise")) }
                },
            } }
        }
    }
}

fn run_step(session: &Session, plan: &RunPlan, open: Option<&OpenCase>) -> Markup {
    let there = plan.case.as_ref().is_some_and(|case| case.exists());
    html! {
        h2 { (say!("Read in and link")) }
        @if !plan.inputs.is_empty() {
            p { (say!("First see what was understood: columns, the first ads, what is left out.")) }
            p.begin { a.button.first href="/start/check" { (say!("Check what will be read")) } }
        } @else if open.is_some() {
            p.begin { a.button.first href="/" { (say!("Go on at the desk")) } }
        } @else if there {
            form method="post" action="/start/run" { (secret(session)) p.begin { button.first { (say!("Open the case")) } } }
        } @else {
            p.minor { (say!("Comes after the ads.")) }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct FolderQuery {
    #[serde(default)]
    what: String,
    #[serde(default)]
    path: String,
}

/// What is chosen in a folder view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Case,
    Ads,
    Images,
}

impl Choice {
    fn of(name: &str) -> Self {
        match name {
            "case" => Self::Case,
            "images" => Self::Images,
            _ => Self::Ads,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Ads => "ads",
            Self::Images => "images",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Case => word!("Open a case or make one"),
            Self::Ads => word!("Choose folders, archives and lists"),
            Self::Images => word!("Where paths of images start"),
        }
    }
}

pub(crate) async fn folder(
    State(place): WorkplaceState,
    Who(session): Who,
    Query(asked): Query<FolderQuery>,
) -> WorkResult {
    let what = Choice::of(&asked.what);
    let first = place.roots.all().first().map(|root| text(root)).unwrap_or_default();
    let path = if asked.path.is_empty() { first } else { asked.path };
    let looked = place.clone();
    let listing = blocking(move || looked.roots.list(&path)).await?.ok_or(NOT_REACHED)?;
    let body = html! {
        h1 { (say(what.title())) }
        (places(&place, what, &listing))
        (here(&session, what, &listing))
        (entries(&session, what, &listing))
        p { a.button href="/start" { (say!("Back")) } }
    };
    Ok(framed(&place, &session, say(what.title()), &body))
}

fn view_of(what: Choice, path: &Path) -> String {
    let query = query_value(&text(path));
    format!("/start/folder?what={}&path={query}", what.name())
}

/// The roots, and the way from one of them to here.
fn places(place: &Workplace, what: Choice, listing: &FolderView) -> Markup {
    html! {
        @if place.roots.all().len() > 1 { nav.places aria-label=(say!("Folders")) {
            @for root in place.roots.all() { a href=(view_of(what, root)) { (shown(&text(root))) } " " }
        } }
        p.here { strong { (path_shown(&text(&listing.folder))) }
            @if let Some(above) = &listing.above { " " a href=(view_of(what, above)) { (say!("One folder up")) } }
        }
    }
}

/// What can be done with the folder itself.
fn here(session: &Session, what: Choice, listing: &FolderView) -> Markup {
    let folder = text(&listing.folder);
    html! {
        @match what {
            Choice::Case => {
                form.settings method="post" action="/start/case" {
                    (secret(session))
                    input type="hidden" name="path" value=(folder);
                    label { (say!("New case in this folder")) " " input name="name" value="case.adlink" maxlength="120" required; }
                    button.first { (say!("Make it")) }
                }
            },
            Choice::Ads => (button(session, "/start/add", &folder, say!("Take this whole folder"), false)),
            Choice::Images => (button(session, "/start/images", &folder, say!("They start in this folder"), true)),
        }
    }
}

fn entries(session: &Session, what: Choice, listing: &FolderView) -> Markup {
    let fits = |entry: &&FolderEntry| {
        !entry.is_file || what == Choice::Ads || what == Choice::Case && is_case(&entry.name)
    };
    let shown_entries: Vec<&FolderEntry> = listing.entries.iter().filter(fits).collect();
    html! {
        @if shown_entries.is_empty() { p.minor { (say!("Nothing here that can be chosen.")) } }
        ul.entries {
            @for entry in shown_entries {
                li {
                    @if entry.is_file {
                        span { (shown(&entry.name)) " " span.minor { (size(entry.bytes)) } }
                    } @else {
                        a href=(view_of(what, Path::new(&entry.path))) { (shown(&entry.name)) "/" }
                    }
                    @match (what, entry.is_file) {
                        (Choice::Case, true) => (button(session, "/start/case", &entry.path, say!("Open"), true)),
                        (Choice::Ads, _) => (button(session, "/start/add", &entry.path, say!("Take"), false)),
                        (Choice::Images, false) => (button(session, "/start/images", &entry.path, say!("Here"), false)),
                        _ => {},
                    }
                }
            }
        }
        @if listing.more > 0 { p { (say!("{number} more are not shown.", number = words::thousands(listing.more))) } }
    }
}

fn is_case(name: &str) -> bool {
    name.ends_with(".adlink")
}

/// `2 kB`, as file views say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => say!("{number} bytes", number = bytes),
        1000..1_000_000 => say!("{number} kB", number = bytes / 1000),
        _ => say!("{number} MB", number = words::thousands((bytes / 1_000_000) as usize)),
    }
}

/// A case to open, or with a name one to make.
pub(crate) async fn case(State(place): WorkplaceState, fields: FormFields) -> WorkResult {
    if place.is_busy() {
        return Err(Occupied.into());
    }
    let (path, name) = (fields.one("path"), fields.one("name"));
    let case = if name.is_empty() {
        place.roots.existing(path).filter(|path| path.is_file()).ok_or(NOT_REACHED)?
    } else {
        let name = if is_case(name) { name.to_string() } else { format!("{name}.adlink") };
        place.roots.new_in(path, &name).ok_or(NO_NAME)?
    };
    place.close()?;
    let there = case.is_file();
    place.change_plan(|plan| plan.case = Some(case.clone()));
    if there {
        place.begin_with(&case);
        return Ok(to("/start/progress"));
    }
    Ok(to("/start"))
}

const NO_NAME: Refusal = Refusal(
    StatusCode::UNPROCESSABLE_ENTITY,
    word!("A file cannot have that name here: no slashes, no leading dot, none of : * ? \" < > |."),
);

pub(crate) async fn close(State(place): WorkplaceState, _: FormFields) -> WorkResult {
    place.close()?;
    Ok(to("/start/folder?what=case"))
}

pub(crate) async fn add(State(place): WorkplaceState, fields: FormFields) -> WorkResult {
    let path = place.roots.existing(fields.one("path")).ok_or(NOT_REACHED)?;
    place.change_plan(|plan| plan.add(path));
    Ok(to("/start"))
}

pub(crate) async fn remove(State(place): WorkplaceState, fields: FormFields) -> WorkResult {
    let gone = PathBuf::from(fields.one("path"));
    place.change_plan(|plan| plan.inputs.retain(|input| *input != gone));
    Ok(to("/start"))
}

/// Where paths of images start; without a path beside each list.
pub(crate) async fn images(State(place): WorkplaceState, fields: FormFields) -> WorkResult {
    let path = fields.one("path");
    let folder = match path.is_empty() {
        true => None,
        false => Some(place.roots.existing(path).filter(|path| path.is_dir()).ok_or(NOT_REACHED)?),
    };
    place.change_plan(|plan| plan.images = folder);
    Ok(to("/start"))
}

/// A list that was dropped on the page: stored beside the case under its name, never over another.
pub(crate) async fn list(
    State(place): WorkplaceState,
    Query(asked): Query<FolderQuery>,
    sent: Scripted,
) -> WorkResult {
    let case = place.plan().case.ok_or(NO_CASE)?;
    let folder = case.parent().map(text).unwrap_or_default();
    let wanted = asked.path;
    if place.roots.new_in(&folder, &wanted).is_none() {
        return Err(NO_NAME);
    }
    let stored = blocking(move || store(&place, &folder, &wanted, &sent.body)).await?;
    Ok(match stored {
        Ok(path) => text(&path).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    })
}

fn store(place: &Arc<Workplace>, folder: &str, name: &str, bytes: &Bytes) -> Result<PathBuf, Error> {
    let numbered = |number: u32| match name.rsplit_once('.') {
        _ if number == 1 => name.to_string(),
        Some((stem, ending)) => format!("{stem}-{number}.{ending}"),
        None => format!("{name}-{number}"),
    };
    let free = (1..).map(|number| Path::new(folder).join(numbered(number))).find(|path| !path.exists());
    let path = free.unwrap_or_else(|| Path::new(folder).join(name));
    let new = NewFile::create(&path)?;
    new.writer()?.write_all(bytes).map_err(|error| Error::io("write", &path, error))?;
    new.keep()?;
    let real = std::fs::canonicalize(&path).map_err(|error| Error::io("read", &path, error))?;
    place.change_plan(|plan| plan.add(real.clone()));
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_its_way_through_an_address() {
        for path in ["/a/b c.csv", "/ä/ü&x=1?#%20+", "/plain"] {
            let address = view_of(Choice::Ads, Path::new(path)).parse().unwrap();
            let Query(asked) = Query::<FolderQuery>::try_from_uri(&address).unwrap();
            assert_eq!((&*asked.path, &*asked.what), (path, "ads"));
        }
    }
}
