//! Which ads show the photos of an ad that was just taken, and by what evidence.
//!
//! Every photo is looked for once, however often the ad shows it, and evidence is written out only where it is listed.
//! The trap: a stock photo is in thousands of ads, and two ads that repeat a photo share it in as many ways as that
//! makes; so what is found is counted in full and listed in part, and the answer says so.

use super::ad_key::key_json;
use super::in_posts::{PostFindings, in_posts};
use super::match_options::MatchOptions;
use super::undone::{Undone, of_query};
use crate::api::http::access::Caller;
use crate::api::state::service::Service;
use crate::case::Case;
use crate::corpus::{ImageRow, Snapshot};
use crate::error::Result;
use crate::hash::Hash256;
use crate::ingest::{PostedPicture, TakenAd, TakenImage};
use crate::record::{AdKey, ImageId};
use crate::search::{Hit, HitsJson, PartHit, SearchQuery};
use crate::verify::Tier;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Photos that are written out for one ad.
const PHOTOS_LISTED: usize = 100;

/// A photo of the ad that was taken, and where it stands there, by what name.
struct ShownPhoto<'a> {
    query: SearchQuery<'a>,
    places: Vec<(usize, Rc<str>)>,
}

/// A photo that two ads share.
struct ListedShare {
    position: usize,
    path: Rc<str>,
    other_position: u32,
    other_path: Box<str>,
    evidence: Rc<Value>,
}

/// What one other ad shares.
#[derive(Default)]
struct SharedAd {
    same_photo: bool,
    total: usize,
    listed: Vec<ListedShare>,
}

#[derive(Default)]
struct AdShares {
    ads: BTreeMap<AdKey, SharedAd>,
    not_done: Vec<Value>,
}

/// Looks for every image of an ad; at most `limit` ads are listed, those of the same photo and of most photos first.
pub(super) fn shares(
    service: &Service,
    case: &Case,
    taken: &TakenAd,
    pictures: &[PostedPicture],
    limit: usize,
    by: &Caller,
) -> Result<Value> {
    let options = MatchOptions::all(service.options.radius);
    let own = service.search.ad(case, &taken.key)?.unwrap_or_default();
    let mut shares = AdShares::default();
    for photo in photos(taken, pictures, &own) {
        let mut not_done = of_query(photo.query);
        let found = in_posts(service, case, photo.query, &options, &mut not_done)?;
        shares.note(&taken.key, &photo, &found);
        shares.undone(&photo, &not_done);
    }
    service.disclosures.note(by, "POST /v1/ads", std::iter::empty(), shares.ads.len().min(limit));
    Ok(shares.json(limit))
}

/// The photos of an ad in its order, each once: equal files are one, and so are equal hashes where nothing else is known.
fn photos<'a>(taken: &'a TakenAd, pictures: &'a [PostedPicture], own: &'a Snapshot) -> Vec<ShownPhoto<'a>> {
    let by_id: BTreeMap<ImageId, &PostedPicture> =
        pictures.iter().map(|picture| (picture.digests.sha256, picture)).collect();
    let mut photos: Vec<ShownPhoto<'a>> = Vec::new();
    let mut known: BTreeMap<(Option<ImageId>, Hash256, u8), usize> = BTreeMap::new();
    for (position, (path, image)) in taken.images.iter().enumerate() {
        let (TakenImage::Read(id) | TakenImage::Hash(id)) = image else { continue };
        let Some(query) = query_of(id, by_id.get(id).copied(), own) else { continue };
        let image = query.image();
        let id = (!image.is_hash_only()).then(|| image.id());
        let place = known.entry((id, image.pdq.hash(), image.pdq.quality.get())).or_insert_with(|| {
            photos.push(ShownPhoto { query, places: Vec::new() });
            photos.len() - 1
        });
        photos[*place].places.push((position, Rc::from(path.as_str())));
    }
    photos
}

fn query_of<'a>(
    id: &ImageId,
    picture: Option<&'a PostedPicture>,
    own: &'a Snapshot,
) -> Option<SearchQuery<'a>> {
    match picture.map(|picture| picture.outcome.as_ref()) {
        Some(Ok(seen)) => Some(SearchQuery::Picture(seen)),
        Some(Err(_)) => None,
        None => own.image_row(id).map(|row| SearchQuery::Hashes(&own.images[row])),
    }
}

/// What was found, of either kind.
enum FoundShare<'a> {
    Hash(&'a Hit),
    Part(&'a PartHit),
}

impl FoundShare<'_> {
    fn image(&self) -> ImageRow {
        match self {
            Self::Hash(hit) => hit.image,
            Self::Part(hit) => hit.image,
        }
    }

    fn same_photo(&self) -> bool {
        match self {
            Self::Hash(hit) => hit.proof.is_some(),
            Self::Part(hit) => hit.local.tier.is_some_and(Tier::is_same_photo),
        }
    }

    fn json(&self, told: &HitsJson<'_>) -> Rc<Value> {
        Rc::new(match self {
            Self::Hash(hit) => told.hit_alone(hit),
            Self::Part(hit) => told.part_alone(hit),
        })
    }
}

impl AdShares {
    fn note(&mut self, own: &AdKey, photo: &ShownPhoto<'_>, found: &PostFindings) {
        let told = HitsJson::new(&found.snapshot);
        let hits = found.hits.iter().map(FoundShare::Hash);
        for hit in hits.chain(found.parts.iter().map(FoundShare::Part)) {
            let mut evidence = None;
            for seen in told.seen(hit.image()) {
                let key = &found.snapshot.ads[seen.ad].key;
                if key == own {
                    continue;
                }
                if !self.ads.contains_key(key) {
                    self.ads.insert(key.clone(), SharedAd::default());
                }
                let Some(ad) = self.ads.get_mut(key) else { continue };
                ad.same_photo |= hit.same_photo();
                ad.total += photo.places.len();
                let room = PHOTOS_LISTED.saturating_sub(ad.listed.len());
                for (position, path) in photo.places.iter().take(room) {
                    let evidence = evidence.get_or_insert_with(|| hit.json(&told));
                    ad.listed.push(ListedShare {
                        position: *position,
                        path: path.clone(),
                        other_position: seen.position,
                        other_path: seen.path.clone(),
                        evidence: evidence.clone(),
                    });
                }
            }
        }
    }

    fn undone(&mut self, photo: &ShownPhoto<'_>, not_done: &[Undone]) {
        for (position, _) in &photo.places {
            self.not_done.extend(not_done.iter().map(|undone| {
                let mut told = undone.json();
                told["position"] = (*position).into();
                told
            }));
        }
    }

    fn json(self, limit: usize) -> Value {
        let found = self.ads.len();
        let mut ads: Vec<(AdKey, SharedAd)> = self.ads.into_iter().collect();
        // In the order of their keys before, and so among equals.
        ads.sort_by_key(|(_, ad)| (Reverse(ad.same_photo), Reverse(ad.total)));
        let cut = ads.iter().take(limit).any(|(_, ad)| ad.total > ad.listed.len());
        json!({
            "found": found,
            "ads": ads.into_iter().take(limit).map(|(key, ad)| ad.json(&key)).collect::<Vec<_>>(),
            "truncated": found > limit || cut,
            "not_done": self.not_done,
        })
    }
}

impl SharedAd {
    fn json(mut self, key: &AdKey) -> Value {
        self.listed.sort_by_key(|photo| (photo.position, photo.other_position));
        json!({
            "ad": key_json(key),
            "same_photo": self.same_photo,
            "found": self.total,
            "photos": self.listed.iter().map(ListedShare::json).collect::<Vec<_>>(),
        })
    }
}

impl ListedShare {
    fn json(&self) -> Value {
        let mut told = (*self.evidence).clone();
        told["position"] = self.position.into();
        told["path"] = (*self.path).into();
        told["other_position"] = self.other_position.into();
        told["other_path"] = (*self.other_path).into();
        told
    }
}
