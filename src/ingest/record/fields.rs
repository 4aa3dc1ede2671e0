//! From the columns of other people's scrapers to an [`Ad`].
//!
//! Names are compared without case and punctuation, so `Ad ID`, `ad_id` and `adId` are one. Where a record has
//! several names of one field, the earlier in [`ALIASES`] wins. Personal traits are dropped here, before
//! anything is stored.

use super::locate::{Declared, ImageRef};
use super::times;
use crate::error::{Error, Result};
use crate::record::{Ad, AdKey};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a column can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Field {
    Site,
    AdId,
    Url,
    PostedAt,
    CollectedAt,
    Title,
    Text,
    Phones,
    Poster,
    Location,
    City,
    Region,
    Country,
    Category,
    Images,
}

/// Names of each field, the documented one first, then those seen in scrapers, schemas and papers.
const ALIASES: &[(Field, &[&str])] = &[
    (Field::Site, &["site", "source", "domain", "host", "website", "team"]),
    (Field::AdId, &["ad_id", "id", "post_id", "posting_id", "backpage_id", "listing_id", "key"]),
    (Field::Url, &["url", "obj_original_url", "ad_url", "page_url", "link", "uri", "obj_parent"]),
    (
        Field::PostedAt,
        &["posted_at", "posted_date", "date_posted", "post_date", "published_at", "posted", "date"],
    ),
    (
        Field::CollectedAt,
        &[
            "collected_at",
            "timestamp_crawl",
            "crawled_at",
            "scraped_at",
            "timestamp",
            "ts",
            "_processed_at",
            "collected",
        ],
    ),
    (Field::Title, &["title", "posted_title", "headline"]),
    (
        Field::Text,
        &[
            "text",
            "body",
            "posting_body",
            "description",
            "caption",
            "extracted_text",
            "content",
            "raw_content",
        ],
    ),
    (Field::Phones, &["phones", "phone", "phone_number", "phone_numbers", "phone_mentioned"]),
    (Field::Poster, &["poster", "username", "user", "account", "profile_id", "email"]),
    (Field::Location, &["location", "location_mentioned", "place"]),
    (Field::City, &["city"]),
    (Field::Region, &["region", "state", "province"]),
    (Field::Country, &["country"]),
    (Field::Category, &["category", "ad_type", "section"]),
    (
        Field::Images,
        &[
            "images",
            "image",
            "image_paths",
            "image_path",
            "photos",
            "photo",
            "media",
            "objects",
            "files",
            "file",
            "filename",
            "path",
            "image_urls",
            "image_url",
            "obj_stored_url",
        ],
    ),
];

/// Traits of persons: matching photos needs none of them.
const DROPPED: &[&str] = &[
    "age",
    "posted_age",
    "birth_date",
    "date_of_birth",
    "gender",
    "sex",
    "ethnicity",
    "ethnicities",
    "race",
    "nationality",
    "nationalities",
    "measurements",
    "height",
    "weight",
    "bust",
    "waist",
    "hips",
    "eye_color",
    "hair_color",
    "skin_color",
    "complexion",
    "orientation",
    "religion",
    "disability",
    "health",
    "immigration_status",
];

/// Names of unknown columns that are remembered; a hostile file could invent one per line.
const REMEMBERED: usize = 200;

/// Integers beyond this are not exact in JSON readers that use doubles, ours included.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A record as understood.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ingest) struct Parsed {
    pub(in crate::ingest) ad: Ad,
    pub(in crate::ingest) images: Vec<ImageRef>,
    /// Columns whose time could not be understood, with their value.
    pub(in crate::ingest) unread_times: Vec<(&'static str, String)>,
}

/// Where a column goes. Smaller ranks win.
#[derive(Debug, Clone, Copy)]
enum Target {
    Field(Field, usize),
    Kept,
    Dropped,
    Unknown,
}

/// Knows what every column name means, and which ones were not understood.
#[derive(Debug)]
pub(in crate::ingest) struct Fields {
    targets: HashMap<String, Target>,
    /// Columns left out, as first spelt.
    pub(in crate::ingest) unknown: BTreeSet<String>,
    /// Columns about personal traits, as first spelt.
    pub(in crate::ingest) dropped: BTreeSet<String>,
}

impl Fields {
    /// The usual names, then what the user said.
    pub(in crate::ingest) fn new(map: &[(String, String)], keep: &[String]) -> Result<Self> {
        let mut targets: HashMap<String, Target> =
            DROPPED.iter().map(|name| (squash(name), Target::Dropped)).collect();
        for (field, names) in ALIASES {
            targets.extend(
                names.iter().enumerate().map(|(rank, name)| (squash(name), Target::Field(*field, rank + 1))),
            );
        }
        for name in keep {
            if !matches!(targets.get(&squash(name)), Some(Target::Field(..))) {
                targets.insert(squash(name), Target::Kept);
            }
        }
        for (field, name) in map {
            targets.insert(squash(name), Target::Field(field_named(field)?, 0));
        }
        Ok(Self { targets, unknown: BTreeSet::new(), dropped: BTreeSet::new() })
    }

    /// Understands one record, or says why it is none.
    pub(in crate::ingest) fn parse(
        &mut self,
        columns: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Parsed, String> {
        let mut found: BTreeMap<Field, (usize, Value)> = BTreeMap::new();
        let mut kept: BTreeMap<String, Value> = BTreeMap::new();
        for (name, value) in columns {
            match self.targets.get(&squash(&name)).copied().unwrap_or(Target::Unknown) {
                _ if is_blank(&value) => self.note(&name),
                Target::Field(field, rank) => match found.get(&field) {
                    Some((better, _)) if *better <= rank => {}
                    _ => drop(found.insert(field, (rank, value))),
                },
                Target::Kept => drop(kept.insert(name, value)),
                Target::Dropped | Target::Unknown => self.note(&name),
            }
        }
        let kept = if kept.is_empty() { String::new() } else { serde_json::json!(kept).to_string() };
        let mut record = Record { found, unread_times: Vec::new() };
        let ad = Ad { kept, ..record.ad()? };
        let images = record.take(Field::Images).map(images).transpose()?.unwrap_or_default();
        Ok(Parsed { ad, images, unread_times: record.unread_times })
    }

    fn note(&mut self, name: &str) {
        let names = match self.targets.get(&squash(name)) {
            None | Some(Target::Unknown) => &mut self.unknown,
            Some(Target::Dropped) => &mut self.dropped,
            Some(Target::Field(..) | Target::Kept) => return,
        };
        if names.len() < REMEMBERED && !names.contains(name) {
            names.insert(name.to_string());
        }
    }
}

/// The columns of one record, by meaning.
struct Record {
    found: BTreeMap<Field, (usize, Value)>,
    unread_times: Vec<(&'static str, String)>,
}

impl Record {
    fn ad(&mut self) -> Result<Ad, String> {
        let url = self.text(Field::Url);
        let site = match self.text(Field::Site) {
            site if site.is_empty() => host(&url).ok_or("neither a site nor a url with a host")?,
            site => site,
        };
        let ad_id = match self.take(Field::AdId) {
            Some(value) => exact(&value)?,
            None => id_from_url(&url).ok_or("neither an ad_id nor a url to make one from")?,
        };
        Ok(Ad {
            key: AdKey { site, ad_id },
            url,
            posted_at: self.time(Field::PostedAt, "posted_at"),
            collected_at: self.time(Field::CollectedAt, "collected_at"),
            title: self.text(Field::Title),
            text: self.text(Field::Text),
            phones: self.phones(),
            poster: self.text(Field::Poster),
            location: self.location(),
            category: self.text(Field::Category),
            kept: String::new(),
        })
    }

    fn take(&mut self, field: Field) -> Option<Value> {
        self.found.remove(&field).map(|(_, value)| value)
    }

    fn text(&mut self, field: Field) -> String {
        self.take(field).map(|value| plain(&value)).unwrap_or_default()
    }

    fn time(&mut self, field: Field, name: &'static str) -> String {
        let given = self.text(field);
        let time = times::normalise(&given).unwrap_or_default();
        if time.is_empty() && !given.is_empty() {
            self.unread_times.push((name, given));
        }
        time
    }

    fn phones(&mut self) -> Vec<String> {
        let phones = match self.take(Field::Phones) {
            Some(Value::Array(list)) => list.iter().map(plain).collect(),
            Some(value) => plain(&value),
            None => return Vec::new(),
        };
        let one = |phone: &str| phone.split_whitespace().collect::<Vec<_>>().join(" ");
        phones
            .split(';')
            .map(one)
            .filter(|phone| !phone.is_empty())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    fn location(&mut self) -> String {
        let parts = [Field::City, Field::Region, Field::Country].map(|field| self.text(field));
        match self.text(Field::Location) {
            place if place.is_empty() => {
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
            }
            place => place,
        }
    }
}

/// A name without case and punctuation.
fn squash(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn field_named(name: &str) -> Result<Field> {
    let wanted = squash(name);
    ALIASES.iter().find(|(_, names)| squash(names[0]) == wanted).map(|(field, _)| *field).ok_or_else(|| {
        let expected = ALIASES.iter().map(|(_, names)| names[0]).collect::<Vec<_>>().join(", ");
        Error::Parameter { name: "--map", value: name.to_string(), expected: format!("one of {expected}") }
    })
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.iter().all(is_blank),
        Value::Object(parts) => parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value as one text: the parts of lists and objects one after the other, split by `; `.
fn plain(value: &Value) -> String {
    let several =
        |parts: Vec<String>| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_string(),
        Value::Array(list) => several(list.iter().map(plain).collect()),
        Value::Object(parts) => several(parts.values().map(plain).collect()),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// An id as text. A number too large to be exact would make one ad of two.
fn exact(value: &Value) -> Result<String, String> {
    match value.as_f64() {
        Some(number) if !(value.is_i64() || value.is_u64()) && number.abs() >= EXACT => {
            Err(format!("ad_id {number} is too large to be exact; write it in quotes"))
        }
        _ => Ok(plain(value)),
    }
}

/// Host of a URL, in lower case, without user and port.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then(|| host.to_lowercase())
}

/// What tells an ad's URL from others of its site: its path, and what of its query is not about the visit.
fn id_from_url(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("//")?;
    let (_, local) = rest.split('#').next()?.split_once('/')?;
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let mut query: Vec<&str> = query.split('&').filter(|part| !is_about_the_visit(part)).collect();
    query.sort_unstable();
    let id = match (path.trim_matches('/'), query.join("&")) {
        (path, query) if query.is_empty() => path.to_string(),
        (path, query) => format!("{path}?{query}"),
    };
    (!id.is_empty()).then_some(id)
}

/// Query parameters that change from crawl to crawl.
fn is_about_the_visit(parameter: &str) -> bool {
    const NAMES: [&str; 14] = [
        "",
        "expires",
        "fbclid",
        "gclid",
        "phpsessid",
        "policy",
        "ref",
        "referrer",
        "session",
        "sessionid",
        "sid",
        "sig",
        "signature",
        "token",
    ];
    let name = parameter.split('=').next().unwrap_or_default().to_lowercase();
    NAMES.contains(&name.as_str()) || name.starts_with("utm_") || name.starts_with("x-amz-")
}

/// The images of a record: a list, or one text with `;` between them (of which a list in JSON is one form).
fn images(value: Value) -> Result<Vec<ImageRef>, String> {
    match value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .filter(|(_, entry)| !is_blank(entry))
            .map(|(n, entry)| image(n, entry))
            .collect(),
        Value::String(text) => match serde_json::from_str(&text).map(Value::Array) {
            Ok(list) => images(list),
            Err(_) => {
                Ok(text.split(';').filter(|part| !part.trim().is_empty()).map(ImageRef::from_text).collect())
            }
        },
        object @ Value::Object(_) => Ok(vec![image(0, &object)?]),
        other => Err(format!("images is {other}, not a list")),
    }
}

fn image(place: usize, entry: &Value) -> Result<ImageRef, String> {
    let Value::Object(parts) = entry else {
        return match entry {
            Value::String(text) => Ok(ImageRef::from_text(text)),
            _ => Err(format!("images[{place}] is neither a text nor an object")),
        };
    };
    let part = |names: &[&str]| {
        names.iter().find_map(|name| parts.get(*name)).filter(|value| !is_blank(value)).map(plain)
    };
    let path = part(&["path", "file", "filename", "local_path"]);
    let url = part(&["url", "src", "image_url", "obj_stored_url", "obj_original_url"]);
    let (sha256, pdq) = (part(&["sha256"]), part(&["pdq"]));
    let declared = (sha256.is_some() || pdq.is_some()).then(|| Box::new(Declared { sha256, pdq }));
    match (path, url) {
        (None, None) => Err(format!("images[{place}] has neither path nor url")),
        (None, Some(url)) => Ok(ImageRef { declared, ..ImageRef::from_text(&url) }),
        (path, url) => Ok(ImageRef { path, url, declared }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(record: Value) -> Result<Parsed, String> {
        let Value::Object(columns) = record else { panic!("an object") };
        Fields::new(&[], &[]).unwrap().parse(columns)
    }

    #[test]
    fn every_alias_reaches_its_field_and_names_are_unique() {
        let mut seen = BTreeSet::new();
        for name in ALIASES.iter().flat_map(|(_, names)| names.iter()).chain(DROPPED) {
            assert!(seen.insert(squash(name)), "{name} stands twice");
        }
    }

    #[test]
    fn a_record_of_a_crawler() {
        let parsed = parse(json!({
            "_id": 7, "obj_original_url": "https://Site-A.example:8080/ad/7?utm_source=x",
            "postedDate": "2024/01/02", "timestamp": 1_704_254_706_789_u64, "posting_body": " hello ",
            "phone": "+00 2; +00  1;+00 2", "city": "City 1", "state": "ST",
            "media": [{"filename": "a.jpg", "urls": []}, "b.jpg", null, "https://cdn.example/c.jpg"],
        }))
        .unwrap();
        assert_eq!(parsed.ad.key.to_string(), "site-a.example/7");
        assert_eq!((parsed.ad.posted_at.as_str(), parsed.ad.text.as_str()), ("2024-01-02", "hello"));
        assert_eq!(parsed.ad.collected_at, "2024-01-03T04:05:06Z");
        assert_eq!(parsed.ad.phones, ["+00 1", "+00 2"]);
        assert_eq!(parsed.ad.location, "City 1, ST");
        let shown: Vec<_> = parsed.images.iter().map(ImageRef::shown).collect();
        assert_eq!(shown, ["a.jpg", "b.jpg", "https://cdn.example/c.jpg"]);
    }

    #[test]
    fn the_documented_name_wins_whatever_the_order() {
        for record in
            [json!({"site": "s", "id": "x", "ad_id": "y"}), json!({"ad_id": "y", "id": "x", "site": "s"})]
        {
            assert_eq!(parse(record).unwrap().ad.key.ad_id, "y");
        }
    }

    #[test]
    fn an_id_comes_from_the_url_without_what_changes() {
        let id = |url: &str| parse(json!({ "url": url })).map(|parsed| parsed.ad.key.ad_id);
        assert_eq!(id("https://s.example/a/b/?sig=1#top").unwrap(), "a/b");
        assert_eq!(id("https://s.example/show?token=1&id=7&cat=2").unwrap(), "show?cat=2&id=7");
        assert!(id("https://s.example").is_err());
        assert!(parse(json!({"ad_id": "1"})).is_err());
        assert!(parse(json!({"site": "s", "ad_id": 1e20})).is_err());
    }

    #[test]
    fn traits_are_dropped_unless_kept() {
        let record = || json!({"site": "s", "ad_id": "1", "Age": 30, "nationality": "x", "foo": 1});
        let Value::Object(columns) = record() else { unreachable!() };
        let mut fields = Fields::new(&[], &["age".into()]).unwrap();
        assert_eq!(fields.parse(columns).unwrap().ad.kept, r#"{"Age":30}"#);
        assert_eq!(fields.dropped.iter().collect::<Vec<_>>(), ["nationality"]);
        assert_eq!(fields.unknown.iter().collect::<Vec<_>>(), ["foo"]);
        assert_eq!(parse(record()).unwrap().ad.kept, "");
    }

    #[test]
    fn a_map_wins_over_known_names_and_must_name_a_field() {
        let mut fields = Fields::new(&[("ad_id".into(), "nr".into())], &[]).unwrap();
        let Value::Object(columns) = json!({"site": "s", "ad_id": "1", "nr": "2"}) else { unreachable!() };
        assert_eq!(fields.parse(columns).unwrap().ad.key.ad_id, "2");
        assert!(Fields::new(&[("nothing".into(), "nr".into())], &[]).is_err());
    }
}
