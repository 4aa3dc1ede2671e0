//! Answers in JSON, and the one form of all refusals: `{"message": "...", "details": null or "..."}`.
//!
//! The trap: a message goes to whoever asked. It may repeat what they sent, and never says where the case lies or what
//! else is in it.

use crate::error::{Error, ImageError, SkipReason};
use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::error::Error as _;

/// What a route answers.
pub(crate) type Answered = Result<Response<Body>, Problem>;

/// A request that is not served, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    details: Option<String>,
    /// Seconds after which it may be tried again.
    retry: Option<u32>,
    /// For the operator alone: what failed, with its causes.
    pub(crate) cause: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), details: None, retry: None, cause: None }
    }

    /// 400.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 404 for a bank.
    pub(crate) fn no_bank() -> Self {
        Self::missing("there is no such bank")
    }

    /// 500: a fault of the program. Where it was stands on the operator's terminal.
    pub(crate) fn panicked() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "this request could not be worked on")
    }

    /// 429: there is more to do than can be done.
    pub(crate) fn busy(message: &str) -> Self {
        Self { retry: Some(1), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    pub(crate) fn with(self, details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..self }
    }

    /// With what failed, for the operator alone: it may name paths.
    pub(crate) fn because(self, error: &Error) -> Self {
        Self { cause: Some(with_causes(error)), ..self }
    }

    /// What a run of the program would end with. Its causes stay with the operator, since they name paths.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Parameter { name, expected, .. } => {
                Self::bad(format!("`{name}` is not what it must be")).with(format!("expected {expected}"))
            }
            _ => {
                let message = "the case could not be read or written";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, message).because(error)
            }
        }
    }

    /// A picture that cannot be used.
    pub(crate) fn of_image(why: &ImageError) -> Self {
        let status = match why.reason {
            SkipReason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, format!("the picture cannot be used: {}", why.detail)).with(why.reason.name())
    }
}

/// An error and what lies beneath it, in one line.
fn with_causes(error: &Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let body = json!({ "message": self.message, "details": self.details });
        let mut answer = json_answer(self.status, &body);
        if let Some(seconds) = self.retry {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

/// 200 with JSON.
pub(crate) fn ok(body: &Value) -> Answered {
    Ok(json_answer(StatusCode::OK, body))
}

pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    typed(status, "application/json", body.to_string())
}

pub(crate) fn text_answer(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    typed(status, "text/plain; charset=utf-8", text.into())
}

pub(crate) fn typed(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// Headers of every answer: nothing of it is kept, shown in a frame or taken for what it is not.
pub(crate) const HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];
