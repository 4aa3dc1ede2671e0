//! What every request passes before a page sees it, and what every answer carries.
//!
//! Four questions: is it for this address (a name that was pointed at us from outside is not), who asks, does the
//! browser say it comes from our own pages, and is it done in time. The trap: browsers send `Origin: null` with
//! forms of a page that forbids referrers, so for those only `Sec-Fetch-Site` tells where they come from.

use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, request};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::{Form, body::Bytes};
use std::sync::Arc;
use std::time::Duration;

use super::access::{Door, Session, Visit};
use super::page;
use super::speech::Spoken;
use crate::language::{say, word};

/// Bytes of an image that may be dropped on the search page.
pub const MOST_UPLOADED: usize = 32 << 20;

/// Longest time an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Carries a page's form secret in requests that are not forms.
const FORM_HEADER: &str = "x-adlink-form";

/// Served to anybody: they hold nothing of a case.
const PUBLIC: [&str; 4] = ["/enter", page::STYLE_PATH, page::SCRIPT_PATH, page::ICON_PATH];

const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The reviewer who asks, and for what.
#[derive(Clone)]
pub(crate) struct Who(pub(crate) Visit);

/// A request that is not served, with the reason: a sentence of the table, said when it is shown.
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Html(page::refusal(say(self.1)).into_string())).into_response()
    }
}

pub(crate) async fn guard(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let said = |name| text(headers, name).unwrap_or_default();
    let language = door.language(said(header::COOKIE), said(header::ACCEPT_LANGUAGE));
    let answer = async move {
        match admit(&door, &mut request) {
            Err(refusal) => refusal.into_response(),
            Ok(()) => {
                let answer = tokio::time::timeout(PATIENCE, next.run(request)).await;
                answer.unwrap_or_else(|_| TOO_LONG.into_response())
            }
        }
    };
    let mut answer = Spoken::new(language, answer).await;
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

const TOO_LONG: Refusal =
    Refusal(StatusCode::SERVICE_UNAVAILABLE, word!("This took too long and was given up."));

fn admit(door: &Door, request: &mut Request) -> Result<(), Refusal> {
    let headers = request.headers();
    let host = text(headers, header::HOST).unwrap_or_default();
    if !door.is_at(host) {
        return Err(Refusal(
            StatusCode::MISDIRECTED_REQUEST,
            word!("This desk is not known under that address."),
        ));
    }
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if reading && PUBLIC.contains(&request.uri().path()) {
        return Ok(());
    }
    if !reading && !from_our_pages(headers, host) {
        return Err(Refusal(
            StatusCode::FORBIDDEN,
            word!("This request does not come from a page of the desk."),
        ));
    }
    let cookies = text(headers, header::COOKIE).unwrap_or_default();
    let Some(session) = door.with_cookie(cookies) else {
        return Err(Refusal(
            StatusCode::FORBIDDEN,
            word!("Open the desk with the address that adlink printed when it started."),
        ));
    };
    let address = request.uri().path_and_query().map_or("/", |whole| whole.as_str()).into();
    let visit = Visit { session: session.clone(), address };
    request.extensions_mut().insert(Who(visit));
    Ok(())
}

/// True when the browser says so, by one header or the other, and none says otherwise.
fn from_our_pages(headers: &HeaderMap, host: &str) -> bool {
    let site = text(headers, HeaderName::from_static("sec-fetch-site"));
    let origin = text(headers, header::ORIGIN).map(|origin| match origin {
        "null" => None,
        origin => Some(origin.strip_prefix("http://") == Some(host)),
    });
    match (site, origin) {
        (Some("same-origin"), None | Some(None | Some(true))) => true,
        (None, Some(Some(ours))) => ours,
        _ => false,
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Refusal> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Refusal(StatusCode::FORBIDDEN, word!("Nobody is signed in.")))
    }
}

/// The fields of a form that one of the reviewer's own pages sent.
pub(crate) struct FormFields {
    pub(crate) session: Arc<Session>,
    fields: Vec<(String, String)>,
}

impl FormFields {
    /// The first field of a name; empty when there is none.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All fields of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(found, _)| found == name).map(|(_, value)| &**value)
    }
}

/// There is nothing under this address.
pub(crate) const NOT_HERE: Refusal =
    Refusal(StatusCode::NOT_FOUND, word!("There is nothing under this address."));

const NOT_OUR_FORM: Refusal =
    Refusal(StatusCode::FORBIDDEN, word!("This form is not of your pages. Load the page again."));

impl<S: Send + Sync> FromRequest<S> for FormFields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Who(visit) =
            Who::from_request_parts(&mut parts, state).await.map_err(IntoResponse::into_response)?;
        let request = Request::from_parts(parts, body);
        let Form(fields) = Form::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let fields = Self { session: visit.session, fields };
        if !fields.session.has_form(fields.one("form")) {
            return Err(NOT_OUR_FORM.into_response());
        }
        Ok(fields)
    }
}

/// A request of the desk's own script, with its body.
pub(crate) struct Scripted {
    pub(crate) session: Arc<Session>,
    pub(crate) body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Scripted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Who(visit) =
            Who::from_request_parts(&mut parts, state).await.map_err(IntoResponse::into_response)?;
        let form = parts.headers.get(FORM_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !visit.has_form(form) {
            return Err(NOT_OUR_FORM.into_response());
        }
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self { session: visit.session, body })
    }
}
