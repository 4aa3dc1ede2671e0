//! Answers to requests that change something: decisions, taking them back, revealing a picture, searching by one.
//!
//! A decision is answered when it is on disk, with the way to the next pair. The trap: a page may be older than the
//! networks; a decision names images, not rows, so it holds all the same.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::SystemTime;

use super::saving::blocking;
use super::views::{jpeg, onward, onward_photo, pictures_of, single};
use super::{DeskState, PageResult, find, photo};
use crate::analysis::analyse_with_features;
use crate::decode::Limits;
use crate::features::QUERY;
use crate::language::{say, word};
use crate::record::{Decision, ImageId, Ruling, Subject};
use crate::review::http::access::Session;
use crate::review::http::guard::{FormFields, MOST_UPLOADED, NOT_HERE, Refusal, Scripted};
use crate::review::state::course::{Course, ids, image_id, pair_path};
use crate::review::state::desk::{Desk, VERSION};
use crate::review::state::ledger::UNDONE;
use crate::review::state::pictures::Panel;

const NO_RULING: Refusal =
    Refusal(StatusCode::BAD_REQUEST, word!("This decision is not one the desk knows."));

/// A decision on one pair; leads to the next.
pub(crate) async fn decide(State(desk): DeskState, fields: FormFields) -> PageResult {
    let ids = ids(fields.one("a"), fields.one("b")).ok_or(NOT_HERE)?;
    let ruling = Ruling::from_name(fields.one("ruling")).ok_or(NO_RULING)?;
    let known =
        desk.model().ask(move |case| case.row(&ids.0).is_some() && case.row(&ids.1).is_some()).await?;
    if !known {
        return Err(NOT_HERE);
    }
    let decision = Decision {
        subject: Subject::Pair(ids.0, ids.1),
        ruling,
        reviewer: fields.session.reviewer.clone(),
        at: String::new(),
        reason: fields.one("reason").trim().to_string(),
        shown: shown(&fields.session, &[ids.0, ids.1], fields.one("shown") == "none"),
    };
    commit(&desk, &fields.session, vec![decision]).await?;
    let course = Course::of_fields(|name| fields.one(name));
    Ok(onward(&desk, &fields.session, &course, Some(ids), ruling.name()).await?.into_response())
}

/// One act on a photo group.
pub(crate) async fn decide_photo(
    State(desk): DeskState,
    Path(id): Path<String>,
    fields: FormFields,
) -> PageResult {
    let ruling = Ruling::from_name(fields.one("ruling")).ok_or(NO_RULING)?;
    let group = id.clone();
    let all = desk.model().ask(move |case| photo::images(case, &group)).await?.ok_or(NOT_HERE)?;
    let mut picked: Vec<ImageId> =
        fields.all("image").filter_map(image_id).filter(|id| all.contains(id)).collect();
    picked.sort_unstable();
    picked.dedup();
    let subjects = photo::subjects(&all, &picked, ruling)
        .map_err(|why| Refusal(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    let shown = shown(&fields.session, &all, false);
    let several = subjects.len() > 1;
    let decisions = subjects.into_iter().zip(0i64..).map(|(subject, place)| Decision {
        subject,
        ruling,
        reviewer: fields.session.reviewer.clone(),
        // Several are imported together, and for that each needs its time.
        at: if several { moment(place) } else { String::new() },
        reason: fields.one("reason").trim().to_string(),
        shown: shown.clone(),
    });
    commit(&desk, &fields.session, decisions.collect()).await?;
    if fields.one("on") == "photos" {
        return Ok(onward_photo(&desk, &id, ruling.name()).await?.into_response());
    }
    Ok(Redirect::to(&format!("/photo/{id}?said={}", ruling.name())).into_response())
}

/// Takes back what the reviewer did last: what they had said before holds again, or nothing.
pub(crate) async fn undo(State(desk): DeskState, fields: FormFields) -> PageResult {
    let Some(last) = fields.session.take_last() else {
        return Ok(Redirect::to("/?said=nothing").into_response());
    };
    let ledger = desk.ledger();
    let several = last.len() > 1;
    let back = last.iter().zip(0i64..).map(|(decision, place)| Decision {
        ruling: ledger
            .before_last(&decision.reviewer, &decision.subject)
            .map_or(Ruling::Unsure, |earlier| earlier.ruling),
        at: if several { moment(place) } else { String::new() },
        reason: UNDONE.to_string(),
        ..decision.clone()
    });
    write(&desk, back.collect()).await?;
    let course = Course::of_fields(|name| fields.one(name));
    Ok(Redirect::to(&match last.first().map(|decision| &decision.subject) {
        Some(Subject::Pair(a, b)) if !several => format!("{}{course}&said=undone", pair_path(&(*a, *b))),
        _ => format!("/queue{course}"),
    })
    .into_response())
}

/// A picture of a pair, clear. Counted, and noted in the audit chain, before it is shown.
pub(crate) async fn reveal(
    State(desk): DeskState,
    Path((a, b, kind)): Path<(String, String, String)>,
    scripted: Scripted,
) -> PageResult {
    let ids = ids(&a, &b).ok_or(NOT_HERE)?;
    let kind = Panel::from_name(&kind).ok_or(NOT_HERE)?;
    let pictures = pictures_of(&desk, ids, scripted.body.as_ref() == b"grey").await?.map_err(|_| NOT_HERE)?;
    let clear = pictures.of(kind).ok_or(NOT_HERE)?.clear.clone();
    note(&desk, &scripted.session, kind.shows(&ids)).await?;
    Ok(jpeg(clear))
}

/// One image, clear; likewise.
pub(crate) async fn reveal_image(
    State(desk): DeskState,
    Path(id): Path<String>,
    scripted: Scripted,
) -> PageResult {
    let id = image_id(&id).ok_or(NOT_HERE)?;
    let picture = single(&desk, id, scripted.body.as_ref() == b"grey").await?.map_err(|_| NOT_HERE)?;
    note(&desk, &scripted.session, vec![id]).await?;
    Ok(jpeg(picture.clear.clone()))
}

/// What an uploaded image is found in.
pub(crate) async fn search_image(State(desk): DeskState, scripted: Scripted) -> PageResult {
    let bytes = scripted.body;
    let limits = Limits { max_bytes: MOST_UPLOADED as u64, ..Limits::default() };
    let query = tokio::task::spawn_blocking(move || analyse_with_features(&bytes, &limits, QUERY)).await;
    Ok(match query {
        Ok(Ok(query)) => Html(desk.model().ask(move |case| find::images(case, &query)).await?.into_string())
            .into_response(),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, say!("This file is no image that adlink can read."))
            .into_response(),
    })
}

async fn note(desk: &Arc<Desk>, session: &Arc<Session>, images: Vec<ImageId>) -> Result<(), Refusal> {
    let (desk, session) = (desk.clone(), session.clone());
    blocking(move || images.iter().try_for_each(|image| desk.note_reveal(&session, *image))).await
}

/// Puts decisions on disk and remembers them as the reviewer's last act.
async fn commit(desk: &Arc<Desk>, session: &Session, decisions: Vec<Decision>) -> Result<(), Refusal> {
    write(desk, decisions.clone()).await?;
    session.made(decisions);
    Ok(())
}

async fn write(desk: &Arc<Desk>, decisions: Vec<Decision>) -> Result<(), Refusal> {
    let desk = desk.clone();
    blocking(move || desk.decide(&decisions)).await
}

/// What the reviewer had in front of them.
fn shown(session: &Session, images: &[ImageId], no_pictures: bool) -> String {
    let (seen, all) = (session.seen(images), images.len());
    match (no_pictures, seen) {
        (true, _) => format!("no pictures; adlink {VERSION}"),
        (false, 0) => format!("blurred; adlink {VERSION}"),
        (false, seen) => format!("revealed {seen} of {all}; adlink {VERSION}"),
    }
}

/// Now and some microseconds, so that decisions of one act keep their order.
fn moment(place: i64) -> String {
    // A clock beyond the year 9999 gives no text; the case says so.
    Timestamp::try_from(SystemTime::now())
        .and_then(|now| now.saturating_add(SignedDuration::from_micros(place)))
        .map_or_else(|_| String::new(), |at| at.to_string())
}
