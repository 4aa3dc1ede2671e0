//! `POST /v1/hash`: everything that is computed of a picture.

use super::query::{QuerySubject, read};
use crate::analysis::analyse_with_features;
use crate::api::http::answer::{Answered, Problem, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::features::QUERY;
use crate::hash::{Dihedral, Pdq, Quality};
use crate::record::{Image, ImageId, hex};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) async fn hash(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let (subject, given) = read(&mut asked).await?;
    given.finish()?;
    let QuerySubject::Picture(bytes) = subject else {
        return Err(Problem::bad("a hash is hashed already: send a picture"));
    };
    let seen =
        service.work(move |service| analyse_with_features(&bytes, &service.options.limits, QUERY)).await?;
    let seen = seen.map_err(|why| Problem::of_image(&why))?;
    ok(&whole_json(&seen.image, seen.features.keypoints.len()))
}

/// Everything but pixels and features.
fn whole_json(image: &Image, keypoints: usize) -> Value {
    let view = |view: &crate::record::View| {
        let rect = view.rect;
        json!({
            "kind": view.kind.name(),
            "rect": [rect.x, rect.y, rect.width, rect.height],
            "pdq": view.pdq.hash().to_string(),
            "quality": view.pdq.quality.get(),
        })
    };
    let mut all = query_json(image, Some(keypoints));
    let more = json!({
        "md5": hex(&image.digests.md5),
        "sha1": hex(&image.digests.sha1),
        "bytes": image.bytes,
        "format": &*image.format,
        "dihedral": dihedral(&image.pdq),
        "views": image.views.iter().map(view).collect::<Vec<_>>(),
        "second": image.second.map(|hash| hash.to_string()),
        "caveats": image.caveats.names(),
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}

/// What is said of the query of a search.
pub(crate) fn query_json(image: &Image, keypoints: Option<usize>) -> Value {
    let from_file = !image.is_hash_only();
    json!({
        "sha256": from_file.then(|| image.id().to_string()),
        "width": from_file.then_some(image.width),
        "height": from_file.then_some(image.height),
        "pdq": image.pdq.hash().to_string(),
        "quality": image.pdq.quality.get(),
        "usable": image.pdq.is_usable(Quality::USABLE),
        "keypoints": keypoints,
    })
}

/// The hashes of a picture turned and mirrored, by the names that PDQ has for that.
fn dihedral(pdq: &Pdq) -> Map<String, Value> {
    Dihedral::ALL
        .into_iter()
        .map(|turn| (turn.name().to_string(), pdq.oriented(turn).to_string().into()))
        .collect()
}

/// A digest that is known, in hex.
pub(crate) fn digest_json(id: Option<ImageId>) -> Value {
    id.map_or(Value::Null, |id| id.to_string().into())
}
