//! A request as routes see it: its path, its query, its body within limits. What is not as it must be is 400, never 500.

use super::access::Caller;
use super::answer::Problem;
use super::body;
use super::body::FormPart;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::header;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bounds of what a request may send.
#[derive(Clone)]
pub(crate) struct BodyLimits {
    /// Bytes of one body.
    pub(crate) most: usize,
    /// How long it may take to come.
    pub(crate) patience: Duration,
    /// KiB that all bodies together may take.
    pub(crate) budget: Arc<Semaphore>,
}

/// A request on its way through a route.
pub(crate) struct ApiRequest {
    pub(crate) caller: Caller,
    pub(crate) headers: HeaderMap,
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
    body: Option<Body>,
    limits: BodyLimits,
    /// Room for the body, for as long as the request is under way.
    room: Option<OwnedSemaphorePermit>,
}

impl ApiRequest {
    pub(crate) fn new(
        caller: Caller,
        headers: HeaderMap,
        params: Vec<(String, String)>,
        query: Vec<(String, String)>,
        body: Body,
        limits: BodyLimits,
    ) -> Self {
        Self { caller, headers, params, query, body: Some(body), limits, room: None }
    }

    /// A part of the path.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// A value of the query; of several, the last.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The whole query.
    pub(crate) fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value of the query that must be there.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, Problem> {
        self.query(name).ok_or_else(|| Problem::bad(format!("`{name}` is missing in the query")))
    }

    /// A switch of the query: `true`, `1` and their like, or their opposites.
    pub(crate) fn switch(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.query(name).map(|text| switch(name, text)).transpose()
    }

    /// The body. Its room is held until the request ends.
    pub(crate) async fn bytes(&mut self) -> Result<Bytes, Problem> {
        let Some(sent) = self.body.take() else { return Ok(Bytes::new()) };
        let most = self.limits.most;
        let too_large =
            || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a body may have at most {most} bytes"));
        let length = sent.size_hint().exact();
        if length.is_some_and(|length| length > most as u64) {
            return Err(too_large());
        }
        let kib = length.map_or(most, |length| length as usize).div_ceil(1 << 10).max(1);
        let room = self.limits.budget.clone().try_acquire_many_owned(kib as u32);
        self.room = Some(room.map_err(|_| Problem::busy("too much is being sent at once"))?);
        match tokio::time::timeout(self.limits.patience, to_bytes(sent, most)).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) if is_limit(&error) => Err(too_large()),
            Ok(Err(_)) => Err(Problem::bad("the body ended before its end")),
            Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body took too long to come")),
        }
    }

    /// The body as an object of JSON.
    pub(crate) async fn object(&mut self) -> Result<Map<String, Value>, Problem> {
        object(&self.bytes().await?)
    }

    /// What the body says it is, without parameters, in lower case.
    pub(crate) fn kind(&self) -> String {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The parts of a body that is `multipart/form-data`.
    pub(crate) async fn parts(&mut self) -> Result<Vec<FormPart>, Problem> {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok());
        let boundary = boundary.ok_or_else(|| Problem::bad("expected a body of multipart/form-data"))?;
        body::parts(self.bytes().await?, boundary).await
    }
}

/// An object of JSON.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::bad("the body must be an object of JSON")),
        Err(error) => Err(Problem::bad("the body is not JSON").with(error.to_string())),
    }
}

/// What pydantic takes for a boolean.
pub(crate) fn switch(name: &str, text: &str) -> Result<bool, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
        "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
        _ => Err(Problem::bad(format!("`{name}` must be true or false"))),
    }
}

fn is_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if inner.to_string().contains("length limit exceeded") {
            return true;
        }
        cause = inner.source();
    }
    false
}
