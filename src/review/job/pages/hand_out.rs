//! Handing out: the report, one file for somebody else, a withdrawal, and what left the case so far.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use std::path::PathBuf;

use super::parts::{NO_CASE, WorkResult, WorkplaceState, blocking, framed, secret, text, to};
use crate::case::{AuditEntry, Case, Withdrawal};
use crate::language::{Language, phrase, say, word};
use crate::picture::PreviewForm;
use crate::record::{AdKey, ImageId};
use crate::report::{moment, path as path_shown, shown};
use crate::review::http::access::Session;
use crate::review::http::guard::{FormFields, Refusal, Who};
use crate::review::job::tasks;
use crate::review::job::workplace::OpenCase;
use crate::share::{Format, Order, Profile};

/// Pictures that a report may hold, as a form names them.
const PREVIEWS: [(&str, Option<PreviewForm>, &str); 3] = [
    ("none", None, word!("none")),
    ("blurred", Some(PreviewForm::Blurred), word!("small, blurred beyond recognition")),
    ("grey", Some(PreviewForm::Grey), word!("small, blurred and grey")),
];

/// Profiles, the smallest first, with what leaves.
const PROFILES: [(&str, &str); 3] = [
    ("hash-only", word!("hashes of images, nothing of ads")),
    ("shared", word!("which photos tie which ads, under pseudonyms")),
    ("full", word!("everything the report holds")),
];

#[derive(Debug, Default, Deserialize)]
pub(crate) struct HandOutQuery {
    /// SHA-256 of an image that somebody wants withdrawn.
    #[serde(default)]
    image: String,
}

pub(crate) async fn page(
    State(place): WorkplaceState,
    Who(session): Who,
    Query(about): Query<HandOutQuery>,
) -> WorkResult {
    let open = place.open_case().ok_or(NO_CASE)?;
    let case = open.path.clone();
    let left = blocking(move || Case::open_read(&case).and_then(|case| case.audit_entries())).await?;
    let body = html! {
        h1 { (say!("Hand out")) }
        (report_form(&session, &open))
        (export_form(&session, &open))
        (withdraw_form(&session, &about.image))
        (left_so_far(&left.unwrap_or_default()))
    };
    Ok(framed(&place, &session, say!("Hand out"), &body))
}

/// Folder of the case, and its name without ending.
fn beside(open: &OpenCase) -> (String, String) {
    let folder = open.path.parent().map(text).unwrap_or_default();
    let stem = open.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    (folder, stem)
}

/// The fields that say where something goes.
fn target(folder: &str, name: &str, what: &str) -> Markup {
    html! {
        label.wide { (say!("In the folder")) " " input name="folder" value=(folder) required; }
        label { (what) " " input name="name" value=(name) maxlength="150" required; }
    }
}

fn report_form(session: &Session, open: &OpenCase) -> Markup {
    let (folder, stem) = beside(open);
    html! {
        section aria-labelledby="report-title" {
            h2 #report-title { (say!("Report")) }
            p { (say!("A folder with the report as a page that needs no network, and every table behind it.")) }
            form.fields method="post" action="/hand-out/report" {
                (secret(session))
                (target(&folder, &format!("{stem}-report"), say!("Name of the new folder")))
                label { (say!("Pictures in it")) " " select name="previews" {
                    @for (name, _, words) in PREVIEWS { option value=(name) { (say(words)) } }
                } }
                label { (say!("Its language")) " " select name="lang" {
                    @for language in Language::ALL { option value=(language.tag()) lang=(language.tag()) { (language.name()) } }
                } }
                div { button.first { (say!("Write the report")) } }
            }
        }
    }
}

fn export_form(session: &Session, open: &OpenCase) -> Markup {
    let (folder, stem) = beside(open);
    html! {
        section aria-labelledby="export-title" {
            h2 #export-title { (say!("One file for somebody else")) }
            p { (say!("Marked with who gets it and what for; both are on record before the file is there. Hashes are personal data: whoever has a photo can test whether it is in a list.")) }
            form.fields method="post" action="/hand-out/export" {
                (secret(session))
                label { (say!("How much")) " " select name="profile" {
                    @for (name, words) in PROFILES { option value=(name) { (name) ": " (say(words)) } }
                } }
                label { (say!("What")) " " select name="format" {
                    @for format in Format::all() { option value=(format.name()) selected[format.name() == "hashes.csv"] { (format.name()) } }
                } }
                label { (say!("Who gets it")) " " input name="recipient" maxlength="200" required; }
                label { (say!("What for")) " " input name="purpose" maxlength="400" required; }
                (target(&folder, &format!("{stem}-hashes.csv"), say!("Name of the file")))
                div { button.first { (say!("Write the file")) } }
            }
        }
    }
}

fn withdraw_form(session: &Session, image: &str) -> Markup {
    html! {
        section aria-labelledby="withdraw-title" {
            h2 #withdraw-title { (say!("Withdraw")) }
            p { (say!("Takes an image, or an ad with its images, out of the case for good, and refuses it from now on. Say an image by its SHA-256, or an ad by site and id.")) }
            form.fields method="post" action="/hand-out/withdraw" {
                (secret(session))
                label { (say!("SHA-256 of the image")) " " input name="image" value=(ImageId::parse(image).map(|id| id.to_string()).unwrap_or_default()) maxlength="64"; }
                label { (say!("or site of the ad")) " " input name="site" maxlength="200"; }
                label { (say!("and its id")) " " input name="ad_id" maxlength="400"; }
                label { (say!("Why, naming nobody")) " " input name="reason" maxlength="400" required; }
                label.tick { input type="checkbox" name="sure" value="1" required; " " (say!("For good: this cannot be taken back")) }
                div { button { (say!("Withdraw")) } }
            }
        }
    }
}

fn left_so_far(entries: &[AuditEntry]) -> Markup {
    let entries: Vec<&AuditEntry> = entries
        .iter()
        .rev()
        .filter(|entry| ["export", "link-run"].contains(&&*entry.action))
        .take(50)
        .collect();
    html! {
        section aria-labelledby="left-title" {
            h2 #left-title { (say!("What left the case so far")) }
            @if entries.is_empty() { p.minor { (say!("Nothing on record.")) } }
            ul.decisions {
                @for entry in entries {
                    li { (moment(&entry.at)) " " (left(entry)) }
                }
            }
        }
    }
}

/// What left, and for whom.
fn left(entry: &AuditEntry) -> Markup {
    let said = |name: &str| entry.detail[name].as_str().unwrap_or_default();
    if entry.action != "export" {
        return phrase!("results in {folder}", folder = path_shown(said("out")));
    }
    phrase!(
        "{file} to {recipient} ({profile}, {purpose})",
        file = path_shown(said("file")),
        recipient = shown(said("recipient")),
        profile = shown(said("profile")),
        purpose = shown(said("purpose"))
    )
}

const NO_TARGET: Refusal = Refusal(
    StatusCode::UNPROCESSABLE_ENTITY,
    word!(
        "Nothing can be written there: the folder must be one that the desk was started with (--root) or below it, and the name one that a file can have."
    ),
);

/// The open case, and the path that the form names.
fn case_and_target(place: &WorkplaceState, fields: &FormFields) -> Result<(PathBuf, PathBuf), Refusal> {
    let case = place.open_case().ok_or(NO_CASE)?.path;
    let out = place.roots.new_in(fields.one("folder"), fields.one("name")).ok_or(NO_TARGET)?;
    Ok((case, out))
}

pub(crate) async fn report(place: WorkplaceState, fields: FormFields) -> WorkResult {
    let (case, out) = case_and_target(&place, &fields)?;
    let wanted = fields.one("previews");
    let form = PREVIEWS.iter().find(|(name, ..)| *name == wanted).and_then(|(_, form, _)| *form);
    // As in the terminal: evidence is in English unless somebody says otherwise.
    let language = Language::of_tag(fields.one("lang")).unwrap_or_default();
    let who = fields.session.reviewer.clone();
    place.start(word!("Writing the report"), move |place, run| {
        tasks::report(place, run, &case, &out, (form, language), &who)
    })?;
    Ok(to("/start/progress"))
}

pub(crate) async fn export(place: WorkplaceState, fields: FormFields) -> WorkResult {
    let (case, out) = case_and_target(&place, &fields)?;
    let known = Format::from_name(fields.one("format")).zip(Profile::from_name(fields.one("profile")));
    let (format, profile) =
        known.ok_or(Refusal(StatusCode::BAD_REQUEST, word!("There is no such format or profile.")))?;
    let order = Order {
        format,
        profile,
        recipient: fields.one("recipient").trim().to_string(),
        purpose: fields.one("purpose").trim().to_string(),
        spreadsheet: false,
        passphrase: None,
    };
    let who = fields.session.reviewer.clone();
    place.start(word!("Writing the file"), move |place, run| {
        tasks::export(place, run, &case, &out, &order, &who)
    })?;
    Ok(to("/start/progress"))
}

const NOTHING_NAMED: Refusal = Refusal(
    StatusCode::UNPROCESSABLE_ENTITY,
    word!(
        "Nothing was withdrawn: say an image by 64 hex digits of its SHA-256, or an ad by its site and id; why; and that it is for good."
    ),
);

pub(crate) async fn withdraw(place: WorkplaceState, fields: FormFields) -> WorkResult {
    let case = place.open_case().ok_or(NO_CASE)?.path;
    let (site, ad_id) = (fields.one("site").trim(), fields.one("ad_id").trim());
    let image = fields.one("image").trim().to_lowercase();
    let what = match (ImageId::parse(&image), site.is_empty() || ad_id.is_empty()) {
        (Some(id), true) => Withdrawal::Image(id),
        (None, false) if image.is_empty() => Withdrawal::Ad(AdKey { site: site.into(), ad_id: ad_id.into() }),
        _ => return Err(NOTHING_NAMED),
    };
    let reason = fields.one("reason").trim().to_string();
    if reason.is_empty() || fields.one("sure") != "1" {
        return Err(NOTHING_NAMED);
    }
    let who = fields.session.reviewer.clone();
    place.start(word!("Withdrawing"), move |place, run| {
        tasks::withdraw(place, run, &case, &what, &reason, &who)
    })?;
    Ok(to("/start/progress"))
}
