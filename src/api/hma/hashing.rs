//! `/h/hash`: the hash of a picture, or the MD5 of a video.
//!
//! Nothing is fetched: an address is refused. A picture too plain to hash gives an empty text, as there, and a header that
//! says why.

use super::status::kind_named;
use crate::analysis::{analyse, digest};
use crate::api::http::answer::{Answered, Problem, json_answer};
use crate::api::http::request::ApiRequest;
use crate::api::state::banks::SignalKind;
use crate::api::state::service::Service;
use crate::hash::Quality;
use crate::record::{Image, hex};
use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Says why a hash is empty.
pub(crate) const REASON: HeaderName = HeaderName::from_static("x-adlink-reason");
const TOO_PLAIN: &str = "PDQ quality is under 50: too plain to tell from other pictures";

/// A file that was sent, by what it is said to be.
pub(crate) enum Sent {
    Picture(Bytes),
    Video(Bytes),
}

/// What was made of it.
pub(crate) enum HashedFile {
    Picture(Box<Image>),
    VideoMd5([u8; 16]),
}

impl HashedFile {
    pub(crate) const fn kind(&self) -> SignalKind {
        match self {
            Self::Picture(_) => SignalKind::Pdq,
            Self::VideoMd5(_) => SignalKind::VideoMd5,
        }
    }

    /// Whether its hash says too little.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Self::Picture(image) if image.pdq.quality < Quality::USABLE)
    }

    /// The hash in hex; empty for a picture that is too plain.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Picture(_) if self.is_plain() => String::new(),
            Self::Picture(image) => image.pdq.hash().to_string(),
            Self::VideoMd5(md5) => hex(md5),
        }
    }
}

/// The one file of a form and its plain fields.
pub(crate) async fn one_file(asked: &mut ApiRequest) -> Result<(Sent, Vec<(String, String)>), Problem> {
    let (mut sent, mut fields) = (None, Vec::new());
    for part in asked.parts().await? {
        if part.file.is_none() {
            fields.push((part.name.clone(), part.text()?.to_string()));
            continue;
        }
        let file = match part.name.as_str() {
            "photo" | "image" => Sent::Picture(part.bytes),
            "video" => Sent::Video(part.bytes),
            _ => return Err(Problem::bad("a file's field is named after its content type: photo or video")),
        };
        if sent.replace(file).is_some() {
            return Err(Problem::bad("one file a request"));
        }
    }
    let sent = sent.ok_or_else(|| Problem::bad("there is no file in the request"))?;
    Ok((sent, fields))
}

/// Hashes a file.
pub(crate) async fn hashed(service: &Arc<Service>, sent: Sent) -> Result<HashedFile, Problem> {
    let done = service.work(move |service| match sent {
        Sent::Picture(bytes) => {
            analyse(&bytes, &service.options.limits).map(|image| HashedFile::Picture(Box::new(image)))
        }
        Sent::Video(bytes) => Ok(HashedFile::VideoMd5(digest(&bytes).md5)),
    });
    done.await?.map_err(|why| Problem::of_image(&why))
}

pub(crate) async fn by_file(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let wanted = kinds(&asked)?;
    let (sent, _) = one_file(&mut asked).await?;
    let hashed = hashed(&service, sent).await?;
    let mut hashes = Map::new();
    let kind = hashed.kind();
    if wanted.is_none_or(|wanted| wanted.contains(&kind)) && service.banks.ratio(kind) > 0.0 {
        hashes.insert(kind.name().into(), hashed.text().into());
    }
    let mut answer = json_answer(StatusCode::OK, &Value::Object(hashes));
    if hashed.is_plain() {
        answer.headers_mut().insert(REASON, HeaderValue::from_static(TOO_PLAIN));
    }
    Ok(answer)
}

/// Kinds that the query names.
fn kinds(asked: &ApiRequest) -> Result<Option<Vec<SignalKind>>, Problem> {
    asked.query("types").map(|names| names.split(',').map(kind_named).collect()).transpose()
}

pub(crate) async fn by_address(_: Arc<Service>, asked: ApiRequest) -> Answered {
    Err(no_fetching(asked.needed("url")?))
}

/// What is said to whoever wants something fetched.
pub(crate) fn no_fetching(address: &str) -> Problem {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        return Problem::bad("the address must begin with http:// or https://");
    }
    Problem::new(StatusCode::FORBIDDEN, "adlink fetches nothing: send the file itself with POST")
}
