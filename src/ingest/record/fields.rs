//! From the columns of other people's scrapers to an [`Ad`].
//!
//! Names are compared without case and punctuation, so `Ad ID`, `ad_id` and `adId` are one. Where a record has
//! several names of one field, the earlier in [`ALIASES`] wins. Personal traits are dropped here, before
//! anything is stored.

use super::addresses::{host, id_from_url};
use super::aliases::{ALIASES, DROPPED, Field, squash};
use super::images::{self, Declared, ImageRef};
use super::lists;
use super::times::{self, DayOrder};
use super::values::{is_blank, plain};
use crate::error::{Error, Result};
use crate::record::{Ad, AdKey};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names of unknown columns that are remembered; a hostile file could invent one per line.
const REMEMBERED: usize = 200;

/// A record as understood.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ingest) struct Parsed {
    pub(in crate::ingest) ad: Ad,
    pub(in crate::ingest) images: Vec<ImageRef>,
    /// Videos it names.
    pub(in crate::ingest) videos: Vec<ImageRef>,
    /// Columns whose time could not be understood, with their value.
    pub(in crate::ingest) unread_times: Vec<(&'static str, String)>,
    /// What the record does not say and was taken from elsewhere.
    pub(in crate::ingest) assumed: Assumed,
}

/// What a record did not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::ingest) struct Assumed {
    /// Its site is the folder of the manifest.
    pub(in crate::ingest) site: bool,
    /// Its id is its first image.
    pub(in crate::ingest) ad_id: bool,
}

/// What a manifest as a whole says about each of its records.
#[derive(Debug, Clone, Default)]
pub(in crate::ingest) struct Setting {
    /// Site of records without one, as the user gave it.
    pub(in crate::ingest) site: Option<String>,
    /// Site of records that name none and have no address: the folder of the manifest.
    pub(in crate::ingest) folder: Option<String>,
    /// What comes first in dates such as `02/01/2024`, in the column of posting and in that of collecting.
    pub(in crate::ingest) posted_days: Option<DayOrder>,
    pub(in crate::ingest) collected_days: Option<DayOrder>,
}

/// Where a column goes. Smaller ranks win.
#[derive(Debug, Clone)]
enum ColumnTarget {
    Field(Field, usize),
    /// One of several columns of a field, such as `image_2` or `images/0/url`: its number and part.
    Numbered(Field, usize, u64, &'static str),
    /// Holds columns that the user named.
    Holder,
    Kept,
    Dropped,
    Unknown,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnUse {
    /// It is read as the field of this name.
    Field(&'static str),
    /// It is kept as it is, or holds columns that the user named.
    Kept,
    /// It says something of a person that matching photos needs nothing of, and is left out.
    Dropped,
    /// No field goes by its name, and it is left out.
    Unknown,
}

/// Names of the fields that a column can be read as, as `--map` takes them.
pub fn field_names() -> impl Iterator<Item = &'static str> {
    ALIASES.iter().map(|(_, names)| names[0])
}

/// Knows what every column name means, and which ones were not understood.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct Fields {
    targets: HashMap<String, ColumnTarget>,
    /// Names as they were met, so that each is taken apart once.
    met: HashMap<String, ColumnTarget>,
    /// Fields that stand within others, by the way to them.
    nested: Vec<(Field, Vec<String>)>,
    /// Columns of `--map` that were not met yet, with the words of the user.
    pub(in crate::ingest) missing: BTreeMap<String, String>,
    pub(in crate::ingest) setting: Setting,
    /// Columns left out, as first spelt.
    pub(in crate::ingest) unknown: BTreeSet<String>,
    /// Columns about personal traits, as first spelt.
    pub(in crate::ingest) dropped: BTreeSet<String>,
}

impl Fields {
    /// The usual names, then what the user said.
    pub(in crate::ingest) fn new(map: &[(String, String)], keep: &[String]) -> Result<Self> {
        let mut targets: HashMap<String, ColumnTarget> =
            DROPPED.iter().map(|name| (squash(name), ColumnTarget::Dropped)).collect();
        for (field, names) in ALIASES {
            targets.extend(
                names
                    .iter()
                    .enumerate()
                    .map(|(rank, name)| (squash(name), ColumnTarget::Field(*field, rank + 1))),
            );
        }
        for name in keep {
            if !matches!(targets.get(&squash(name)), Some(ColumnTarget::Field(..))) {
                targets.insert(squash(name), ColumnTarget::Kept);
            }
        }
        let (mut nested, mut missing) = (Vec::new(), BTreeMap::new());
        for (field, name) in map {
            let known = field_named(field)?;
            targets.insert(squash(name), ColumnTarget::Field(known, 0));
            missing.insert(squash(name), format!("{field}={name}"));
            if name.contains('.') {
                nested.push((known, name.split('.').map(str::to_string).collect()));
            }
        }
        Ok(Self {
            targets,
            met: HashMap::new(),
            nested,
            missing,
            setting: Setting::default(),
            unknown: BTreeSet::new(),
            dropped: BTreeSet::new(),
        })
    }

    /// Understands one record, or says why it is none.
    pub(in crate::ingest) fn parse(&mut self, columns: Map<String, Value>) -> Result<Parsed, String> {
        let mut record = RecordColumns::default();
        self.descend(&columns, &mut record);
        let mut kept: BTreeMap<String, Value> = BTreeMap::new();
        for (name, value) in columns {
            match self.target(&name) {
                _ if is_blank(&value) => self.note(&name),
                ColumnTarget::Field(field, rank) => record.put(field, rank, value),
                ColumnTarget::Numbered(field, rank, number, part) => {
                    record.numbered.entry((field, number)).or_default().push((rank, part, value));
                }
                ColumnTarget::Kept => drop(kept.insert(name, value)),
                ColumnTarget::Holder => {}
                ColumnTarget::Dropped | ColumnTarget::Unknown => self.note(&name),
            }
        }
        record.finish(kept, &self.setting)
    }

    /// Whether a column of this name is understood.
    pub(in crate::ingest) fn knows(&mut self, name: &str) -> bool {
        self.use_of(name) != ColumnUse::Unknown
    }

    /// What becomes of a column of this name.
    pub(in crate::ingest) fn use_of(&mut self, name: &str) -> ColumnUse {
        match self.target(name) {
            ColumnTarget::Field(field, _) | ColumnTarget::Numbered(field, ..) => {
                ColumnUse::Field(name_of(field))
            }
            ColumnTarget::Holder | ColumnTarget::Kept => ColumnUse::Kept,
            ColumnTarget::Dropped => ColumnUse::Dropped,
            ColumnTarget::Unknown => ColumnUse::Unknown,
        }
    }

    /// Columns that were met and not understood, those first that have much of this name.
    pub(in crate::ingest) fn near(&self, name: &str) -> Vec<String> {
        let wanted = squash(name);
        let alike = |other: &str| squash(other).chars().filter(|letter| wanted.contains(*letter)).count();
        let mut names: Vec<&String> = self.met.keys().collect();
        names.sort_by(|a, b| alike(b).cmp(&alike(a)).then(a.cmp(b)));
        names.into_iter().take(6).cloned().collect()
    }

    /// What a name means; remembers that it was met.
    fn target(&mut self, name: &str) -> ColumnTarget {
        if let Some(known) = self.met.get(name) {
            return known.clone();
        }
        let squashed = squash(name);
        self.missing.remove(&squashed);
        let target = self.targets.get(&squashed).cloned().or_else(|| self.numbered(&squashed));
        let target = target.unwrap_or(ColumnTarget::Unknown);
        if self.met.len() < REMEMBERED {
            self.met.insert(name.to_string(), target.clone());
        }
        target
    }

    /// `image2`, `photo1` or `images0url`: one of several columns of a field.
    fn numbered(&self, name: &str) -> Option<ColumnTarget> {
        let start = name.find(|letter: char| letter.is_ascii_digit())?;
        let (base, rest) = name.split_at(start);
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (number, part) = (rest[..end].parse().ok()?, &rest[end..]);
        match self.targets.get(base)? {
            ColumnTarget::Field(field @ (Field::Images | Field::Video | Field::Phones), rank)
                if part.is_empty() =>
            {
                Some(ColumnTarget::Numbered(*field, *rank, number, ""))
            }
            ColumnTarget::Field(Field::Images, rank) => {
                Some(ColumnTarget::Numbered(Field::Images, *rank, number, images::part_named(part)?))
            }
            _ => None,
        }
    }

    /// Fields that the user found within others.
    fn descend(&mut self, columns: &Map<String, Value>, record: &mut RecordColumns) {
        for (field, way) in &self.nested {
            if let Some(value) = value_at(columns, way) {
                self.missing.remove(&squash(&way.concat()));
                if !self.targets.contains_key(&squash(&way[0])) {
                    self.met.insert(way[0].clone(), ColumnTarget::Holder);
                }
                if !is_blank(value) {
                    record.put(*field, 0, value.clone());
                }
            }
        }
    }

    fn note(&mut self, name: &str) {
        let names = match self.target(name) {
            ColumnTarget::Unknown => &mut self.unknown,
            ColumnTarget::Dropped => &mut self.dropped,
            _ => return,
        };
        if names.len() < REMEMBERED && !names.contains(name) {
            names.insert(name.to_string());
        }
    }
}

/// What stands at the end of a way through objects and lists.
fn value_at<'v>(columns: &'v Map<String, Value>, way: &[String]) -> Option<&'v Value> {
    let (first, rest) = way.split_first()?;
    let start = columns.get(first)?;
    rest.iter().try_fold(start, |value, step| match value {
        Value::Object(parts) => parts.get(step),
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Columns of one numbered place: rank, part and value of each.
type NumberedColumns = Vec<(usize, &'static str, Value)>;

/// The columns of one record, by meaning.
#[derive(Default)]
struct RecordColumns {
    found: BTreeMap<Field, (usize, Value)>,
    numbered: BTreeMap<(Field, u64), NumberedColumns>,
    unread_times: Vec<(&'static str, String)>,
    assumed: Assumed,
}

impl RecordColumns {
    fn put(&mut self, field: Field, rank: usize, value: Value) {
        match self.found.get(&field) {
            Some((better, _)) if *better <= rank => {}
            _ => drop(self.found.insert(field, (rank, value))),
        }
    }

    fn finish(mut self, mut kept: BTreeMap<String, Value>, setting: &Setting) -> Result<Parsed, String> {
        let images = self.images()?;
        let videos = self.videos();
        let place = self.coordinates();
        let ad = self.ad(&images, setting)?;
        let location = match &place {
            Some([lat, lon]) if ad.location.is_empty() => format!("{lat}, {lon}"),
            _ => ad.location.clone(),
        };
        if let Some([lat, lon]) = place {
            kept.insert("lat".into(), lat);
            kept.insert("lon".into(), lon);
        }
        let kept = if kept.is_empty() { String::new() } else { serde_json::json!(kept).to_string() };
        let ad = Ad { kept, location, ..ad };
        Ok(Parsed { ad, images, videos, unread_times: self.unread_times, assumed: self.assumed })
    }

    fn ad(&mut self, images: &[ImageRef], setting: &Setting) -> Result<Ad, String> {
        let url = self.text(Field::Url);
        let site = self.site(&url, setting)?;
        let ad_id = match self.take(Field::AdId) {
            Some(value) => exact(&value)?,
            None => id_from_url(&url).or_else(|| self.id_from_image(images)).ok_or(NO_ID)?,
        };
        Ok(Ad {
            key: AdKey { site, ad_id },
            url,
            posted_at: self.time(Field::PostedAt, "posted_at", setting.posted_days),
            collected_at: self.time(Field::CollectedAt, "collected_at", setting.collected_days),
            title: self.text(Field::Title),
            text: self.text(Field::Text),
            phones: self.phones(),
            poster: self.text(Field::Poster),
            location: self.location(),
            category: self.text(Field::Category),
            kept: String::new(),
        })
    }

    fn site(&mut self, url: &str, setting: &Setting) -> Result<String, String> {
        let named = self.text(Field::Site);
        if !named.is_empty() {
            return Ok(named);
        }
        if let Some(site) = setting.site.clone().or_else(|| host(url)) {
            return Ok(site);
        }
        self.assumed.site = true;
        setting.folder.clone().ok_or_else(|| NO_SITE.to_string())
    }

    /// A record that tells nothing of its ad is an ad by itself, as a picture in a folder is.
    fn id_from_image(&mut self, images: &[ImageRef]) -> Option<String> {
        let first = images.first()?.shown();
        self.assumed.ad_id = true;
        (!first.starts_with("data:")).then(|| first.to_string())
    }

    fn take(&mut self, field: Field) -> Option<Value> {
        self.found.remove(&field).map(|(_, value)| value)
    }

    fn text(&mut self, field: Field) -> String {
        self.take(field).map(|value| plain(&value)).unwrap_or_default()
    }

    fn time(&mut self, field: Field, name: &'static str, days: Option<DayOrder>) -> String {
        let given = self.text(field);
        let time = times::normalise(&given, days).unwrap_or_default();
        if time.is_empty() && !given.is_empty() {
            self.unread_times.push((name, given));
        }
        time
    }

    /// The values of a field that may be one, several in one column, or one in each of several columns.
    fn several(&mut self, field: Field) -> Vec<Value> {
        let first = match self.take(field) {
            Some(Value::String(text)) => lists::literal(&text).unwrap_or(Value::String(text)),
            Some(value) => value,
            None => Value::Null,
        };
        let mut values = if let Value::Array(list) = first { list } else { vec![first] };
        for (_, mut parts) in self.numbered_of(field) {
            parts.sort_by_key(|(rank, ..)| *rank);
            values.extend(parts.into_iter().take(1).map(|(_, _, value)| value));
        }
        values.retain(|value| !is_blank(value));
        values
    }

    fn numbered_of(&mut self, field: Field) -> Vec<(u64, NumberedColumns)> {
        let of_field = |key: &(Field, u64)| key.0 == field;
        let keys: Vec<_> = self.numbered.keys().copied().filter(of_field).collect();
        keys.into_iter().filter_map(|key| Some((key.1, self.numbered.remove(&key)?))).collect()
    }

    fn phones(&mut self) -> Vec<String> {
        let one = |phone: &str| phone.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut phones = BTreeSet::new();
        for value in self.several(Field::Phones) {
            phones.extend(plain(&value).split([';', '|', '\n']).map(one).filter(|phone| !phone.is_empty()));
        }
        phones.into_iter().collect()
    }

    fn images(&mut self) -> Result<Vec<ImageRef>, String> {
        let mut all = self.take(Field::Images).map(images::images).transpose()?.unwrap_or_default();
        for (_, mut parts) in self.numbered_of(Field::Images) {
            parts.sort_by_key(|(rank, ..)| *rank);
            let whole = parts.iter().position(|(_, part, _)| part.is_empty());
            if parts.iter().all(|(_, part, _)| part.is_empty()) {
                all.extend(images::images(parts.swap_remove(0).2)?);
                continue;
            }
            let whole = whole.map(|place| ("path".to_string(), parts[place].2.clone()));
            let named = parts
                .iter()
                .filter(|(_, part, _)| !part.is_empty())
                .map(|(_, part, value)| (part.to_string(), value.clone()));
            let image: Map<String, Value> = whole.into_iter().chain(named).collect();
            all.extend(images::images(image.into())?);
        }
        let [sha256, sha1, md5, pdq, quality] =
            [Field::Sha256, Field::Sha1, Field::Md5, Field::Pdq, Field::Quality].map(|field| {
                let text = self.text(field);
                (!text.is_empty()).then_some(text)
            });
        images::beside(&mut all, &Declared { sha256, sha1, md5, pdq, quality });
        Ok(all)
    }

    fn videos(&mut self) -> Vec<ImageRef> {
        let named = |value: &Value| match value {
            Value::String(text) => lists::names(text).iter().map(|name| ImageRef::from_text(name)).collect(),
            // What says more of a video than its name is counted as one.
            other => vec![ImageRef::from_text(other["path"].as_str().unwrap_or_default())],
        };
        self.several(Field::Video).iter().flat_map(named).collect()
    }

    /// Latitude and longitude in degrees, where both are there and on the globe.
    fn coordinates(&mut self) -> Option<[Value; 2]> {
        let [lat, lon] = [(Field::Latitude, 90.0), (Field::Longitude, 180.0)].map(|(field, most)| {
            let degrees: f64 = self.text(field).replace(',', ".").parse().ok()?;
            (-most..=most).contains(&degrees).then_some(degrees)
        });
        let (lat, lon) = (lat?, lon?);
        (lat != 0.0 || lon != 0.0).then(|| [lat.into(), lon.into()])
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

/// Integers beyond this are not exact in JSON readers that use doubles, ours included.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// An id as text. A number too large to be exact would make one ad of two.
fn exact(value: &Value) -> Result<String, String> {
    match value.as_f64() {
        Some(number) if !(value.is_i64() || value.is_u64()) && number.abs() >= EXACT => {
            Err(format!("ad_id {number} is too large to be exact; write it in quotes"))
        }
        _ => Ok(plain(value)),
    }
}

const NO_SITE: &str = "neither a site nor a url with a host";
const NO_ID: &str = "neither an ad_id nor a url to make one from";

fn name_of(field: Field) -> &'static str {
    ALIASES.iter().find(|(known, _)| *known == field).map_or("", |(_, names)| names[0])
}

fn field_named(name: &str) -> Result<Field> {
    let wanted = squash(name);
    ALIASES.iter().find(|(_, names)| squash(names[0]) == wanted).map(|(field, _)| *field).ok_or_else(|| {
        let expected = field_names().collect::<Vec<_>>().join(", ");
        Error::Parameter { name: "--map", value: name.to_string(), expected: format!("one of {expected}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn columns(record: Value) -> Map<String, Value> {
        let Value::Object(columns) = record else { panic!("an object") };
        columns
    }

    fn parse(record: Value) -> Result<Parsed, String> {
        Fields::new(&[], &[]).unwrap().parse(columns(record))
    }

    fn shown(parsed: &Parsed) -> Vec<&str> {
        parsed.images.iter().map(ImageRef::shown).collect()
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
        assert_eq!(shown(&parsed), ["a.jpg", "b.jpg", "https://cdn.example/c.jpg"]);
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
    }

    #[test]
    fn a_missing_site_is_what_the_user_says_else_the_host_else_the_folder() {
        let mut fields = Fields::new(&[], &[]).unwrap();
        fields.setting.folder = Some("crawl".into());
        let mut site = |record: Value| fields.parse(columns(record)).unwrap().ad.key.site;
        assert_eq!(site(json!({"ad_id": "1"})), "crawl");
        assert_eq!(site(json!({"url": "https://s.example/1"})), "s.example");
        fields.setting.site = Some("said".into());
        let mut site = |record: Value| fields.parse(columns(record)).unwrap().ad.key.site;
        assert_eq!(site(json!({"url": "https://s.example/1"})), "said");
        assert_eq!(site(json!({"site": "own", "ad_id": "1"})), "own");
    }

    #[test]
    fn columns_with_numbers_are_one_list_in_their_order() {
        for record in [
            json!({"image2": "b.jpg", "image1": "a.jpg", "image10": "c.jpg"}),
            json!({"photo_1": "a.jpg", "photo_2": "b.jpg", "photo_3": "c.jpg"}),
            json!({"images/0/url": "a.jpg", "images/1/url": "b.jpg", "images/2/url": "c.jpg"}),
            json!({"images[0]": "a.jpg", "images[1]": "b.jpg", "images[2]": "c.jpg"}),
            json!({"images": "a.jpg", "Image 2": "b.jpg", "Image 3": "c.jpg"}),
            json!({"image_1_pdq": "ff", "image_1": "a.jpg", "image_2": "b.jpg", "image_3": "c.jpg", "image_4": ""}),
        ] {
            let mut record = columns(record);
            record.extend(columns(json!({"site": "s", "ad_id": "1"})));
            let parsed = parse(record.clone().into()).unwrap();
            assert_eq!(shown(&parsed), ["a.jpg", "b.jpg", "c.jpg"], "{record:?}");
        }
    }

    #[test]
    fn fields_within_others_are_reached_by_a_map() {
        let map = [("ad_id", "ad.id"), ("site", "ad.site"), ("images", "pics.files"), ("title", "none.such")];
        let map = map.map(|(field, name)| (field.to_string(), name.to_string()));
        let mut fields = Fields::new(&map, &[]).unwrap();
        let record = json!({"ad": {"id": "1", "site": "s"}, "pics": {"files": ["a.jpg"]}});
        let parsed = fields.parse(columns(record)).unwrap();
        assert_eq!((parsed.ad.key.to_string().as_str(), shown(&parsed)), ("s/1", vec!["a.jpg"]));
        assert_eq!(fields.missing.values().collect::<Vec<_>>(), ["title=none.such"]);
        assert!(fields.unknown.is_empty());
    }

    #[test]
    fn a_record_of_nothing_but_images_is_named_by_the_first() {
        let parsed = parse(json!({"site": "s", "images": "a.jpg;b.jpg"})).unwrap();
        assert_eq!((parsed.ad.key.ad_id.as_str(), parsed.assumed.ad_id), ("a.jpg", true));
    }

    #[test]
    fn coordinates_are_kept_and_stand_in_for_a_place() {
        let place = |record: Value| parse(record).map(|parsed| (parsed.ad.location, parsed.ad.kept)).unwrap();
        let base = |lat: f64, lon: f64| json!({"site": "s", "ad_id": "1", "lat": lat, "longitude": lon});
        assert_eq!(place(base(52.5, 13.4)), ("52.5, 13.4".into(), r#"{"lat":52.5,"lon":13.4}"#.into()));
        assert_eq!(place(base(152.5, 13.4)), (String::new(), String::new()));
    }

    #[test]
    fn videos_are_counted_and_are_no_images() {
        let parsed =
            parse(json!({"site": "s", "ad_id": "1", "videos": ["a.mp4", "b.mp4"], "video_3": "c.mp4"}))
                .unwrap();
        assert_eq!((parsed.videos.len(), parsed.images.len()), (3, 0));
    }

    #[test]
    fn traits_are_dropped_unless_kept() {
        let record = || json!({"site": "s", "ad_id": "1", "Age": 30, "nationality": "x", "foo": 1});
        let mut fields = Fields::new(&[], &["age".into()]).unwrap();
        assert_eq!(fields.parse(columns(record())).unwrap().ad.kept, r#"{"Age":30}"#);
        assert_eq!(fields.dropped.iter().collect::<Vec<_>>(), ["nationality"]);
        assert_eq!(fields.unknown.iter().collect::<Vec<_>>(), ["foo"]);
        assert_eq!(parse(record()).unwrap().ad.kept, "");
    }

    #[test]
    fn a_map_wins_over_known_names_and_must_name_a_field() {
        let mut fields = Fields::new(&[("ad_id".into(), "nr".into())], &[]).unwrap();
        let record = json!({"site": "s", "ad_id": "1", "nr": "2"});
        assert_eq!(fields.parse(columns(record)).unwrap().ad.key.ad_id, "2");
        assert!(Fields::new(&[("nothing".into(), "nr".into())], &[]).is_err());
    }
}
