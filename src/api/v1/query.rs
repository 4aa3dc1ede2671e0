//! What is asked about: a picture, as bytes or in base64, or a hash, with the options beside it.
//!
//! A body that says it is JSON is an object, one in parts is a form with one file, and any other is a picture as it is,
//! with options in the query. The trap: a hash alone has no features and no pixels, so less can be found with it.

use super::given::Given;
use crate::api::http::answer::Problem;
use crate::api::http::request::{ApiRequest, object};
use crate::hash::{Hash256, Pdq, Quality};
use crate::record::{Digests, Image, ImageId};
use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;

/// What a request asks about.
pub(crate) enum QuerySubject {
    Picture(Bytes),
    Hash(Box<Image>),
}

/// Reads what is asked about, and the options.
pub(crate) async fn read(asked: &mut ApiRequest) -> Result<(QuerySubject, Given), Problem> {
    let (mut given, mut picture) = (Given::new(Map::new()), None);
    match asked.kind().as_str() {
        "application/json" => given = Given::new(object(&asked.bytes().await?)?),
        "multipart/form-data" => {
            for part in asked.parts().await? {
                if part.file.is_none() {
                    given.add(&part.name, part.text()?)?;
                } else if picture.replace(part.bytes).is_some() {
                    return Err(Problem::bad("one picture a request"));
                }
            }
        }
        _ => picture = Some(asked.bytes().await?),
    }
    let options: Vec<(String, String)> =
        asked.queries().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    for (name, value) in &options {
        given.add(name, value)?;
    }
    let subject = match picture {
        Some(bytes) => QuerySubject::Picture(bytes),
        None => of_json(&mut given)?,
    };
    match &subject {
        QuerySubject::Picture(bytes) if bytes.is_empty() => {
            Err(Problem::bad("there is no picture in the request"))
        }
        _ => Ok((subject, given)),
    }
}

fn of_json(given: &mut Given) -> Result<QuerySubject, Problem> {
    let (picture, pdq) = (given.text("picture")?, given.text("pdq")?);
    match (picture, pdq) {
        (Some(text), None) => Ok(QuerySubject::Picture(decoded("picture", &text)?)),
        (None, Some(text)) => {
            let quality = given.number("quality", 0, 100)?;
            let quality = quality.map_or(Quality::USABLE, |quality| Quality::new(quality as u8));
            // Its digests are those of no file.
            let digests = Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId([0; 32]) };
            let pdq = Pdq::from_upright(hash("pdq", &text)?, quality);
            Ok(QuerySubject::Hash(Box::new(Image::of_hash(digests, pdq))))
        }
        _ => Err(Problem::bad("give a `picture` in base64 or a `pdq` hash, and not both")),
    }
}

/// Bytes from base64.
pub(crate) fn decoded(name: &str, text: &str) -> Result<Bytes, Problem> {
    let bytes = STANDARD.decode(text.trim()).map_err(|_| Problem::bad(format!("`{name}` is not base64")))?;
    Ok(Bytes::from(bytes))
}

/// A hash of 64 hex digits.
pub(crate) fn hash(name: &str, text: &str) -> Result<Hash256, Problem> {
    let whole = text.len() == 64;
    let parsed = text.parse().ok().filter(|_| whole);
    parsed.ok_or_else(|| Problem::bad(format!("`{name}` must be 64 hex digits")))
}
