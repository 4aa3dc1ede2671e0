//! `misp.json`: one MISP event: a `file` object for every image, a `url` object for every ad, and how they hang together.
//!
//! Nothing in it is for blocking (`to_ids` is false throughout) and nothing is passed on by itself (`distribution` 0).
//! The traps: MISP knows no perceptual hash, so PDQ stands as text; and it takes an id for one thing in one event, so
//! the ids of objects hang on that of the event.

use super::exchange::Exchange;
use super::found::{Found, held, pairs};
use super::json_list::JsonList;
use super::known::{Known, web_address};
use super::name_ids::Uuid;
use super::{Content, RowCounts};
use crate::corpus::{AdRow, ImageRow};
use crate::link::{Link, Pair};
use crate::view::{Joined, ad_name, day, words};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

pub(super) static MISP: Exchange = Exchange { file_name: "misp.json", content: Content::Entities, write };

fn write(joined: &Joined<'_>, note: Option<&str>, out: &mut dyn Write) -> io::Result<RowCounts> {
    Event::of(joined).write(note, out)
}

struct Event<'j> {
    joined: &'j Joined<'j>,
    found: Found,
    id: Uuid,
    /// Links and pairs by the row of their first end.
    links: BTreeMap<AdRow, Vec<&'j Link>>,
    pairs: BTreeMap<ImageRow, Vec<&'j Pair>>,
}

impl<'j> Event<'j> {
    fn of(joined: &'j Joined<'j>) -> Self {
        let found = Found::of(joined);
        let (mut links, mut pairs_of): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        held(joined).for_each(|link| links.entry(link.a).or_default().push(link));
        pairs(joined).for_each(|pair| pairs_of.entry(pair.a).or_default().push(pair));
        Self { id: found.id(joined, "event"), joined, found, links, pairs: pairs_of }
    }

    fn write(&self, note: Option<&str>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut list = JsonList::start(&format!("{},\"Object\":[", self.head(note)), out)?;
        self.found.images.iter().try_for_each(|&image| list.push(&self.file(image)))?;
        self.found.ads.iter().try_for_each(|&ad| list.push(&self.ad(ad)))?;
        Ok(RowCounts::all(list.end("]}}")?))
    }

    /// The event up to its objects, without the braces that close it.
    fn head(&self, note: Option<&str>) -> String {
        let last = self.found.last_seen(self.joined);
        let date = day(&last).map_or_else(|| "1970-01-01".to_string(), |day| day.to_string());
        let ads = words::count(self.found.ads.len(), "ad");
        let images = words::count(self.found.images.len(), "image");
        let note = note.map(|note| self.attribute(None, "handling", "comment", "Other", note));
        let phones = self.phones().into_iter().map(|phone| self.phone(phone));
        let event = json!({
            "uuid": self.id.to_string(),
            "info": format!("adlink: {images} of shared photos, {ads}"),
            "date": date,
            "threat_level_id": "4",
            "analysis": "2",
            "distribution": "0",
            "published": false,
            "Attribute": note.into_iter().chain(phones).collect::<Vec<Value>>(),
        });
        let text = event.to_string();
        format!("{{\"Event\":{}", text.strip_suffix('}').unwrap_or(&text))
    }

    fn phones(&self) -> BTreeSet<&'j str> {
        self.found.ads.iter().flat_map(|&ad| &self.joined.ad(ad).phones).map(String::as_str).collect()
    }

    fn phone(&self, phone: &str) -> Value {
        self.attribute(None, "phone", "phone-number", "Other", phone)
    }

    fn file(&self, row: ImageRow) -> Value {
        let known = Known::of(self.joined, row);
        let id = self.image_id(row);
        let mut attributes = Vec::new();
        let mut put = |relation: &str, kind: &str, category: &str, value: &str| {
            attributes.push(self.attribute(Some(id), relation, kind, category, value));
        };
        put("filename", "filename", "External analysis", known.folder_and_name().1);
        for (name, digest) in [("md5", known.md5()), ("sha1", known.sha1()), ("sha256", known.sha256())] {
            if let Some(digest) = digest {
                put(name, name, "External analysis", &digest);
            }
        }
        if let Some(bytes) = known.bytes() {
            put("size-in-bytes", "size-in-bytes", "Other", &bytes.to_string());
        }
        if let Some(pdq) = known.pdq() {
            put("text", "text", "Other", &format!("PDQ {pdq}, quality {}", known.image.pdq.quality));
        }
        let similar = self.pairs.get(&row).into_iter().flatten().map(|pair| {
            let probability = self.joined.probability(&pair.proof);
            let comment = format!("{}; probability {probability:.4}", words::proof(self.joined, &pair.proof));
            self.reference(id, self.image_id(pair.b), "similar", &comment)
        });
        self.object(FILE, id, "", attributes, similar.collect())
    }

    fn ad(&self, row: AdRow) -> Value {
        let (ad, id) = (self.joined.ad(row), self.ad_id(row));
        let name = ad_name(&ad.key);
        let mut attributes = Vec::new();
        let mut put = |relation: &str, kind: &str, category: &str, value: &str| {
            if !value.is_empty() {
                attributes.push(self.attribute(Some(id), relation, kind, category, value));
            }
        };
        put("url", "url", "External analysis", web_address(&ad.url).unwrap_or_default());
        put("resource_path", "text", "Other", &name);
        put("text", "text", "Other", &ad.title);
        let images = self.found.shown_in(self.joined, row);
        let images = images.into_iter().map(|image| self.reference(id, self.image_id(image), "contains", ""));
        let phones = ad.phones.iter().map(|phone| self.attribute_id(None, "phone", phone));
        let phones = phones.map(|phone| self.reference(id, phone, "mentions", ""));
        let links = self.links.get(&row).into_iter().flatten().map(|link| {
            self.reference(id, self.ad_id(link.b), "related-to", &words::link(self.joined, link))
        });
        let network = self.joined.network_of_ad(row);
        let comment = network.map(|network| format!("network {}", network.id)).unwrap_or_default();
        self.object(URL, id, &comment, attributes, images.chain(phones).chain(links).collect())
    }

    fn image_id(&self, row: ImageRow) -> Uuid {
        self.id.named(&format!("image {}", self.joined.image(row).id()))
    }

    fn ad_id(&self, row: AdRow) -> Uuid {
        self.id.named(&format!("ad {}", ad_name(&self.joined.ad(row).key)))
    }

    fn attribute_id(&self, object: Option<Uuid>, relation: &str, value: &str) -> Uuid {
        object.unwrap_or(self.id).named(&format!("{relation} {value}"))
    }

    fn attribute(
        &self,
        object: Option<Uuid>,
        relation: &str,
        kind: &str,
        category: &str,
        value: &str,
    ) -> Value {
        let mut attribute = json!({
            "uuid": self.attribute_id(object, relation, value).to_string(),
            "type": kind,
            "category": category,
            "value": value,
            "to_ids": false,
            "disable_correlation": UNTELLING.contains(&kind),
        });
        if object.is_some() {
            attribute["object_relation"] = relation.into();
        }
        attribute
    }

    fn object(
        &self,
        template: MispTemplate,
        id: Uuid,
        comment: &str,
        attributes: Vec<Value>,
        references: Vec<Value>,
    ) -> Value {
        json!({
            "uuid": id.to_string(),
            "name": template.name,
            "meta-category": template.category,
            "template_uuid": template.id,
            "template_version": template.version,
            "comment": comment,
            "distribution": "5",
            "Attribute": attributes,
            "ObjectReference": references,
        })
    }

    fn reference(&self, from: Uuid, to: Uuid, kind: &str, comment: &str) -> Value {
        json!({
            "uuid": from.named(&format!("{kind} {to}")).to_string(),
            "object_uuid": from.to_string(),
            "referenced_uuid": to.to_string(),
            "relationship_type": kind,
            "comment": comment,
        })
    }
}

/// Types whose values are alike by chance.
const UNTELLING: [&str; 4] = ["comment", "filename", "size-in-bytes", "text"];

/// An object template of MISP.
#[derive(Clone, Copy)]
struct MispTemplate {
    name: &'static str,
    category: &'static str,
    id: &'static str,
    version: &'static str,
}

const FILE: MispTemplate = MispTemplate {
    name: "file",
    category: "file",
    id: "688c46fb-5edb-40a3-8273-1af7923e2215",
    version: "25",
};
const URL: MispTemplate = MispTemplate {
    name: "url",
    category: "network",
    id: "60efb77b-40b5-4c46-871b-ed1ed999fce5",
    version: "10",
};
