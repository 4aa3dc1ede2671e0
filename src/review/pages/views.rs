//! Answers to requests that only look: pages, blurred pictures, the status line.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::Markup;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

use super::laying::{laid_in_words, why_not};
use super::{
    DeskState, PageResult, ads as ads_page, find, lists, network as network_page, pair as pair_page,
    photo as photo_page,
};
use crate::language::{say, word};
use crate::record::{Image, ImageId, Ruling};
use crate::review::http::access::{Door, Entrance, Session, Visit};
use crate::review::http::guard::{NOT_HERE, Refusal, Who};
use crate::review::http::page;
use crate::review::state::course::{Course, Ids, ids, image_id, pair_path};
use crate::review::state::desk::Desk;
use crate::review::state::ledger::ruling_words;
use crate::review::state::model::ModelGone;
use crate::review::state::pictures::{BothForms, NoPicture, Original, PairPictures, Panel, expected_at};
use crate::verify::{Proof, verify};

impl From<ModelGone> for Refusal {
    fn from(_: ModelGone) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, word!("The networks are being loaded. Try again."))
    }
}

/// Names of ads that are read from an address.
const MOST_NAMES: usize = 100;

/// What may stand behind a question mark beside a course.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Extra {
    #[serde(default)]
    after: String,
    #[serde(default)]
    said: String,
    #[serde(default)]
    grey: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    token: String,
    /// `photos` while photos are judged at once, one after the other.
    #[serde(default)]
    on: String,
}

impl Extra {
    fn said(&self) -> Option<&'static str> {
        match &*self.said {
            "undone" => Some(say!("taken back")),
            name => Ruling::from_name(name).map(|ruling| say(ruling_words(ruling))),
        }
    }

    /// The pair in `after`: two ids with a dot between.
    fn after(&self) -> Option<Ids> {
        let (a, b) = self.after.split_once('.')?;
        ids(a, b)
    }
}

fn show(desk: &Desk, visit: &Visit, title: &str, body: &Markup) -> Response {
    let model = desk.model();
    let page = page::page(Some(desk.currency()), visit, model.country(), title, body);
    Html(page.into_string()).into_response()
}

pub(crate) async fn home(
    State(desk): DeskState,
    Who(session): Who,
    Query(extra): Query<Extra>,
) -> PageResult {
    let (ledger, asker) = (desk.ledger(), session.clone());
    let told = match &*extra.said {
        "done" => Some(say!("Nothing is left on that course.")),
        "nothing" => Some(say!("There is nothing to take back.")),
        _ => None,
    };
    let body = desk.model().ask(move |case| lists::home(case, &ledger, &asker, told)).await?;
    Ok(show(&desk, &session, say!("Desk"), &body))
}

pub(crate) async fn queue(
    State(desk): DeskState,
    Who(session): Who,
    Query(course): Query<Course>,
) -> PageResult {
    let (ledger, asker) = (desk.ledger(), session.clone());
    let body = desk.model().ask(move |case| lists::queue(case, &ledger, &asker, &course)).await?;
    Ok(show(&desk, &session, say!("Queue"), &body))
}

pub(crate) async fn networks(State(desk): DeskState, Who(session): Who) -> PageResult {
    let ledger = desk.ledger();
    let body = desk.model().ask(move |case| lists::networks(case, &ledger)).await?;
    Ok(show(&desk, &session, say!("Networks"), &body))
}

pub(crate) async fn next(
    State(desk): DeskState,
    Who(session): Who,
    Query(course): Query<Course>,
    Query(extra): Query<Extra>,
) -> PageResult {
    Ok(onward(&desk, &session, &course, extra.after(), &extra.said).await?.into_response())
}

/// To the next photo that is judged at once; to the queue when none is left.
pub(crate) async fn next_photo(
    State(desk): DeskState,
    Who(_): Who,
    Query(extra): Query<Extra>,
) -> PageResult {
    Ok(onward_photo(&desk, &extra.after, &extra.said).await?.into_response())
}

/// The same after one of them. `said`: what the reviewer just did.
pub(crate) async fn onward_photo(desk: &Desk, after: &str, said: &str) -> Result<Redirect, Refusal> {
    let (ledger, after) = (desk.ledger(), after.to_string());
    let next = desk.model().ask(move |case| photo_page::next(case, &ledger, &after)).await?;
    let said = if Ruling::from_name(said).is_some() { format!("&said={said}") } else { String::new() };
    Ok(Redirect::to(&match next {
        Some(id) => format!("/photo/{id}?on=photos{said}"),
        None => "/queue".into(),
    }))
}

/// To the next pair of a course, or to the desk when none is left. `said`: what the reviewer just did.
pub(crate) async fn onward(
    desk: &Desk,
    session: &Session,
    course: &Course,
    after: Option<Ids>,
    said: &str,
) -> Result<Redirect, Refusal> {
    let (ledger, reviewer, on) = (desk.ledger(), session.reviewer.clone(), course.clone());
    let next = desk.model().ask(move |case| on.next(case, &ledger, &reviewer, after.as_ref())).await?;
    let said = if Ruling::from_name(said).is_some() { format!("&said={said}") } else { String::new() };
    Ok(Redirect::to(&match next {
        Some(ids) => format!("{}{course}{said}", pair_path(&ids)),
        None => "/?said=done".into(),
    }))
}

pub(crate) async fn pair(
    State(desk): DeskState,
    Who(session): Who,
    Path((a, b)): Path<(String, String)>,
    Query(course): Query<Course>,
    Query(extra): Query<Extra>,
) -> PageResult {
    let ids = ids(&a, &b).ok_or(NOT_HERE)?;
    let missing = missing(&desk, ids).await;
    let (ledger, asker, said, on) = (desk.ledger(), session.clone(), extra.said(), course.clone());
    let answer = desk
        .model()
        .ask(move |case| {
            let asked =
                pair_page::Asked { ids, course: &on, session: &asker, ledger: &ledger, said, missing };
            let next = on.next(case, &ledger, &asker.reviewer, Some(&ids));
            (pair_page::pair(case, &asked), next)
        })
        .await?;
    let (Some(body), next) = answer else { return Err(NOT_HERE) };
    // The pictures of the next pair are made while this one is looked at.
    if let Some(next) = next {
        let desk = desk.clone();
        tokio::spawn(async move { pictures_of(&desk, next, false).await.ok() });
    }
    Ok(show(&desk, &session, say!("Pair"), &body))
}

/// For either image of a pair: why it cannot be shown, as far as can be told without reading it.
async fn missing(desk: &Arc<Desk>, ids: Ids) -> [Option<NoPicture>; 2] {
    let desk = desk.clone();
    let looked = tokio::task::spawn_blocking(move || {
        [ids.0, ids.1].map(|id| {
            let paths = desk.originals(&id).unwrap_or_default();
            (!paths.iter().any(|path| path.is_file())).then(|| expected_at(&paths))
        })
    });
    looked.await.unwrap_or_default()
}

pub(crate) async fn photo(
    State(desk): DeskState,
    Who(session): Who,
    Path(id): Path<String>,
    Query(extra): Query<Extra>,
) -> PageResult {
    let (ledger, asker, said) = (desk.ledger(), session.clone(), extra.said());
    let in_course = extra.on == "photos";
    let body =
        desk.model().ask(move |case| photo_page::photo(case, &ledger, &asker, &id, said, in_course)).await?;
    Ok(show(&desk, &session, say!("Photo"), &body.ok_or(NOT_HERE)?))
}

pub(crate) async fn network(
    State(desk): DeskState,
    Who(session): Who,
    Path(id): Path<String>,
    Query(extra): Query<Extra>,
) -> PageResult {
    let (ledger, asker) = (desk.ledger(), session.clone());
    let said = match &*extra.said {
        "name" => Some(say!("The name is saved.")),
        "note" => Some(say!("The note is saved.")),
        _ => None,
    };
    let body = desk.model().ask(move |case| network_page::network(case, &ledger, &asker, &id, said)).await?;
    let gone = Refusal(
        StatusCode::NOT_FOUND,
        word!("There is no such network now. Decisions may have changed it: see the list of networks."),
    );
    Ok(show(&desk, &session, say!("Network"), &body.ok_or(gone)?))
}

/// The ads named in the address, side by side.
pub(crate) async fn ads(
    State(desk): DeskState,
    Who(session): Who,
    Query(fields): Query<Vec<(String, String)>>,
) -> PageResult {
    let names: Vec<String> =
        fields.into_iter().filter(|(name, _)| name == "ad").map(|(_, ad)| ad).take(MOST_NAMES).collect();
    let body = desk.model().ask(move |case| ads_page::side_by_side(case, &names)).await?;
    Ok(show(&desk, &session, say!("Ads side by side"), &body))
}

pub(crate) async fn decisions(State(desk): DeskState, Who(session): Who) -> Response {
    show(&desk, &session, say!("Decisions"), &lists::decisions(&desk.ledger(), &session.reviewer))
}

pub(crate) async fn search(
    State(desk): DeskState,
    Who(session): Who,
    Query(extra): Query<Extra>,
) -> PageResult {
    let body = desk.model().ask(move |case| find::page(case, &extra.q)).await?;
    Ok(show(&desk, &session, say!("Search"), &body))
}

pub(crate) async fn status(State(desk): DeskState) -> Response {
    let page::Currency { updating, generation } = desk.currency();
    axum::Json(json!({ "updating": updating, "generation": generation, "words": page::status(updating) }))
        .into_response()
}

/// Takes the token of a printed address and gives a cookie for it.
pub(crate) async fn enter(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    Query(extra): Query<Extra>,
) -> PageResult {
    let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let session = match door.enter(&extra.token, cookies) {
        Entrance::Open(session) => session,
        Entrance::Used => return Err(Refusal(StatusCode::FORBIDDEN, page::USED)),
        Entrance::Unknown => {
            return Err(Refusal(
                StatusCode::FORBIDDEN,
                word!("This address is not one that adlink printed."),
            ));
        }
    };
    Ok(([(SET_COOKIE, session.set_cookie())], Html(page::entrance().into_string())).into_response())
}

pub(crate) async fn image(
    State(desk): DeskState,
    _: Who,
    Path(id): Path<String>,
    Query(extra): Query<Extra>,
) -> PageResult {
    let id = image_id(&id).ok_or(NOT_HERE)?;
    Ok(match single(&desk, id, extra.grey == "1").await? {
        Ok(picture) => jpeg(picture.blurred.clone()),
        Err(why) => said(&why_not(&why)),
    })
}

pub(crate) async fn picture(
    State(desk): DeskState,
    _: Who,
    Path((a, b, kind)): Path<(String, String, String)>,
    Query(extra): Query<Extra>,
) -> PageResult {
    let ids = ids(&a, &b).ok_or(NOT_HERE)?;
    let pictures = pictures_of(&desk, ids, extra.grey == "1").await?;
    if kind == "words" {
        return Ok(pictures
            .map_or_else(|why| why_not(&why), |pair| laid_in_words(&pair.how))
            .into_response());
    }
    let kind = Panel::from_name(&kind).ok_or(NOT_HERE)?;
    Ok(match pictures.as_ref().map(|pair| (pair.of(kind), pair)) {
        Ok((Some(picture), _)) => jpeg(picture.blurred.clone()),
        Ok((None, pair)) => said(&laid_in_words(&pair.how)),
        Err(why) => said(&why_not(why)),
    })
}

/// The pictures of a pair, or why there are none.
pub(crate) async fn pictures_of(
    desk: &Arc<Desk>,
    ids: Ids,
    grey: bool,
) -> Result<Result<Arc<PairPictures>, NoPicture>, Refusal> {
    let found = desk.model().ask(move |case| images(case, ids)).await?;
    let (a, b, proof) = found.ok_or(NOT_HERE)?;
    let (a, b) = (original(desk, a).await, original(desk, b).await);
    Ok(desk.pictures.pair(a, b, proof, grey).await)
}

fn images(
    case: &crate::review::state::model::CaseState<'_>,
    ids: Ids,
) -> Option<(Image, Image, Option<Proof>)> {
    let (a, b) = (case.joined.image(case.row(&ids.0)?), case.joined.image(case.row(&ids.1)?));
    let (radius, min_quality) = case.limits();
    let proof =
        case.queue.find(&ids).map_or_else(|| verify(a, b, radius, min_quality), |item| item.proof.clone());
    Some((a.clone(), b.clone(), proof))
}

/// The picture of one image, or why there is none.
pub(crate) async fn single(
    desk: &Arc<Desk>,
    id: ImageId,
    grey: bool,
) -> Result<Result<Arc<BothForms>, NoPicture>, Refusal> {
    let found = desk.model().ask(move |case| Some(case.joined.image(case.row(&id)?).clone())).await?;
    let original = original(desk, found.ok_or(NOT_HERE)?).await;
    Ok(desk.pictures.single(original, grey).await)
}

async fn original(desk: &Arc<Desk>, image: Image) -> Original {
    let (desk, id) = (desk.clone(), image.id());
    let paths = tokio::task::spawn_blocking(move || desk.originals(&id).unwrap_or_default());
    Original { image, paths: paths.await.unwrap_or_default() }
}

pub(crate) fn jpeg(bytes: axum::body::Bytes) -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], bytes).into_response()
}

/// A picture that says why there is no picture, so that a page is never broken.
pub(crate) fn said(why: &str) -> Response {
    let words = crate::report::visible(why);
    let lines: Vec<String> =
        words.chars().collect::<Vec<_>>().chunks(44).map(|line| line.iter().collect()).collect();
    let picture = maud::html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300" {
            rect width="400" height="300" fill="#8883" {}
            @for (line, place) in lines.iter().take(8).zip(0..) {
                text x="200" y=(110 + 22 * place) text-anchor="middle" font-family="sans-serif" font-size="15" fill="#888" { (line) }
            }
        }
    };
    ([(CONTENT_TYPE, "image/svg+xml")], picture.into_string()).into_response()
}
