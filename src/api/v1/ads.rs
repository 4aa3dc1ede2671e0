//! `POST /v1/ads`: an ad with its pictures, stored, and answered with the ads it shares photos with; `GET /v1/ads/KEY`.
//!
//! Pictures come as parts of a form beside a field `ad`, or in base64 within the record, or as hashes alone. They are
//! analysed and forgotten, unless the operator keeps them: the case has hashes and features, no pixels. The trap: what is found is looked for after the
//! commit, so two copies posted at once find each other at least once. Pixels are held until then, so an ad has a bound on
//! those of all its pictures together.

use super::ad_key::key_json;
use super::given::Given;
use super::hash::digest_json;
use super::match_options::{LISTED, MOST_LISTED};
use super::query::decoded;
use super::shares::shares;
use crate::api::http::answer::{Answered, Problem, json_answer, ok};
use crate::api::http::body::FormPart;
use crate::api::http::request::{ApiRequest, object};
use crate::api::state::service::Service;
use crate::case::{Case, Withdrawal};
use crate::corpus::{AdRow, Row, Snapshot};
use crate::ingest::{PostedAd, PostedPicture, TakenAd, TakenImage};
use crate::record::{Ad, AdKey, Image};
use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Pictures of one ad, and images that it may name.
const MOST_PICTURES: usize = 100;
const MOST_IMAGES: usize = 1000;

/// A record as JSON, and pictures by name.
type SentAd = (Vec<u8>, Vec<(String, Bytes)>);

pub(crate) async fn post(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let mut given = Given::new(Map::new());
    asked.queries().try_for_each(|(name, value)| given.add(name, value))?;
    let limit = given.number("limit", 1, MOST_LISTED)?.unwrap_or(LISTED) as usize;
    given.finish()?;
    service.disclosures.check()?;
    let (record, pictures) = sent(&mut asked).await?;
    let ad = service.ask(move |service, case| Ok(analysed(service, case, &record, pictures))).await??;
    let (left_out, by) = (ad.left_out.clone(), asked.caller.clone());
    let (taken, pictures) = service.writer.ad(ad, by.0.clone()).await?;
    if taken.withdrawn {
        return Err(Problem::new(StatusCode::GONE, "this ad was withdrawn from the case and stays out"));
    }
    let status = if taken.new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = service
        .ask(move |service, case| {
            let mut answer = ad_json(&taken, &left_out);
            answer["shares"] = shares(service, case, &taken, &pictures, limit, &by)?;
            Ok(answer)
        })
        .await?;
    Ok(json_answer(status, &answer))
}

async fn sent(asked: &mut ApiRequest) -> Result<SentAd, Problem> {
    match asked.kind().as_str() {
        "multipart/form-data" => of_parts(asked.parts().await?),
        "application/json" => of_object(object(&asked.bytes().await?)?),
        _ => Err(Problem::bad("send JSON, or a form with a field `ad` and the pictures as files")),
    }
}

fn of_parts(parts: Vec<FormPart>) -> Result<SentAd, Problem> {
    let (mut record, mut pictures) = (None, Vec::new());
    for part in parts {
        match &part.file {
            None if part.name == "ad" => record = Some(object(&part.bytes)?),
            None => return Err(Problem::bad("the form has a field that is neither `ad` nor a file")),
            Some(file) => {
                let name = if file.is_empty() { part.name } else { file.clone() };
                pictures.push((name, part.bytes));
            }
        }
    }
    let record = record.ok_or_else(|| Problem::bad("the form has no field `ad`"))?;
    let (record, more) = of_object(record)?;
    pictures.extend(more);
    Ok((record, pictures))
}

/// Takes pictures in base64 out of a record.
fn of_object(mut record: Map<String, Value>) -> Result<SentAd, Problem> {
    let mut pictures = Vec::new();
    if let Some(Value::Array(images)) = record.get_mut("images") {
        for (place, image) in images.iter_mut().enumerate() {
            let Some(fields) = image.as_object_mut() else { continue };
            let Some(Value::String(text)) = fields.shift_remove("base64") else { continue };
            let named = fields.get("path").and_then(Value::as_str).map(str::to_string);
            let name = named.unwrap_or_else(|| format!("image {}", place + 1));
            fields.insert("path".into(), name.clone().into());
            pictures.push((name, decoded("base64", &text)?));
        }
    }
    Ok((Value::Object(record).to_string().into_bytes(), pictures))
}

fn analysed(
    service: &Service,
    case: &Case,
    record: &[u8],
    pictures: Vec<(String, Bytes)>,
) -> Result<PostedAd, Problem> {
    if pictures.len() > MOST_PICTURES {
        return Err(Problem::bad(format!("an ad may have at most {MOST_PICTURES} pictures")));
    }
    let mut ad = PostedAd::parse(record).map_err(|why| Problem::bad("the record is no ad").with(why))?;
    if ad.images() > MOST_IMAGES {
        return Err(Problem::bad(format!("an ad may have at most {MOST_IMAGES} images")));
    }
    let (mut pixels, most, mut sent) = (0, service.options.most_pixels, Vec::new());
    for (name, bytes) in pictures {
        let picture = PostedPicture::read(name, &bytes, &service.options.limits);
        if let Ok(seen) = &picture.outcome {
            pixels += u64::from(seen.image.width) * u64::from(seen.image.height);
        }
        if pixels > most {
            let message = format!("the pictures of one ad may have {most} pixels together");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        ad.pictures.push(picture);
        sent.push(bytes);
    }
    keep(service, case, &mut ad, &sent).map_err(|error| Problem::of(&error))?;
    Ok(ad)
}

/// Keeps the pictures where the operator asks for it, but for what was withdrawn from the case: nothing of that may come
/// back. Nobody can withdraw anything meanwhile, since the service holds the case.
fn keep(service: &Service, case: &Case, ad: &mut PostedAd, sent: &[Bytes]) -> crate::error::Result<()> {
    let Some(kept) = &service.kept else { return Ok(()) };
    if case.is_withdrawn(&Withdrawal::Ad(ad.key().clone()))? {
        return Ok(());
    }
    for (picture, bytes) in ad.pictures.iter_mut().zip(sent) {
        let Ok(seen) = &picture.outcome else { continue };
        let id = picture.digests.sha256;
        if !case.is_withdrawn(&Withdrawal::Image(id))? {
            picture.kept = Some(kept.keep(&id, &seen.image.format, bytes)?);
        }
    }
    Ok(())
}

fn ad_json(taken: &TakenAd, left_out: &[String]) -> Value {
    let image = |(position, (path, image)): (usize, &(String, TakenImage))| {
        let (state, id, why) = match image {
            TakenImage::Read(id) => ("read", Some(*id), None),
            TakenImage::Hash(id) => ("hash-only", Some(*id), None),
            TakenImage::Skipped(why) => ("skipped", None, Some(why)),
        };
        json!({
            "position": position,
            "path": path,
            "state": state,
            "sha256": digest_json(id),
            "reason": why.map(|why| why.reason.name()),
            "detail": why.map(|why| &why.detail),
        })
    };
    json!({
        "ad": key_json(&taken.key),
        "new": taken.new,
        "images": taken.images.iter().enumerate().map(image).collect::<Vec<_>>(),
        "mismatches": taken.mismatches,
        "left_out": left_out,
    })
}

pub(crate) async fn get(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let (site, ad_id) = asked.param("key").split_once('/').unwrap_or(("", asked.param("key")));
    let key = AdKey { site: site.into(), ad_id: ad_id.into() };
    let found =
        service.ask(move |service, case| Ok(service.search.ad(case, &key)?.map(|own| (own, key)))).await?;
    let Some((own, key)) = found else { return Err(Problem::missing("there is no such ad")) };
    let row = own.ads.iter().position(|ad| ad.key == key).unwrap_or_default();
    ok(&whole_ad(&own, AdRow::of(row)))
}

fn whole_ad(own: &Snapshot, row: AdRow) -> Value {
    let Ad { key, url, posted_at, collected_at, title, text, phones, poster, location, category, .. } =
        &own.ads[row];
    let seen = own.sightings.iter().filter(|seen| seen.ad == row).map(|seen| {
        let image: &Image = &own.images[seen.image];
        json!({
            "position": seen.position,
            "path": seen.path,
            "collected_at": &*seen.collected_at,
            "sha256": image.id().to_string(),
            "pdq": image.pdq.hash().to_string(),
            "quality": image.pdq.quality.get(),
        })
    });
    json!({
        "ad": key_json(key),
        "url": url,
        "posted_at": posted_at,
        "collected_at": collected_at,
        "title": title,
        "text": text,
        "phones": phones,
        "poster": poster,
        "location": location,
        "category": category,
        "images": seen.collect::<Vec<_>>(),
    })
}
