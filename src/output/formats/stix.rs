//! `stix.json`: a STIX 2.1 bundle: images as files, ads and networks as groupings, what joins them as relationships.
//!
//! PDQ stands in an extension, declared in the bundle: the hashes of a file are those of its bytes. The traps: the ids
//! of files and addresses follow from their content by a rule of the standard, extensions included; and every object has
//! a time of making, which here is the latest time that any ad was seen, since an export is the same whenever it is made.

use super::exchange::Exchange;
use super::found::{Found, held, hundredths, pairs};
use super::json_list::JsonList;
use super::known::{Known, web_address};
use super::name_ids::Uuid;
use super::{Content, RowCounts};
use crate::corpus::{AdRow, ImageRow};
use crate::link::{Link, Network, Pair};
use crate::view::{Joined, ad_name, day, words};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

pub(super) static STIX: Exchange = Exchange { file_name: "stix.json", content: Content::Entities, write };

fn write(joined: &Joined<'_>, note: Option<&str>, out: &mut dyn Write) -> io::Result<RowCounts> {
    Bundle::of(joined, note).write(out)
}

/// Under which the standard makes the ids of what was observed.
const OBSERVED: Uuid = Uuid::new(*b"\x00\xab\xed\xb4\xaa\x42\x46\x6c\x9c\x01\xfe\xd2\x33\x15\xa9\xb7");

struct Bundle<'j> {
    joined: &'j Joined<'j>,
    found: Found,
    made: String,
    /// Text and id of the handling marks.
    note: Option<(&'j str, String)>,
    /// Ids of files by the rows of their images.
    files: BTreeMap<ImageRow, String>,
}

impl<'j> Bundle<'j> {
    fn of(joined: &'j Joined<'j>, note: Option<&'j str>) -> Self {
        let found = Found::of(joined);
        let made = stamp(&found.last_seen(joined)).unwrap_or_else(|| "1970-01-01T00:00:00.000Z".into());
        let note = note.map(|note| (note, format!("marking-definition--{}", Uuid::of("stix marks", note))));
        let file = |&row: &ImageRow| (row, file_id(&file_content(&Known::of(joined, row))));
        let files = found.images.iter().map(file).collect();
        Self { joined, found, made, note, files }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<RowCounts> {
        let id = self.found.id(self.joined, "stix bundle");
        let start = format!("{{\"type\":\"bundle\",\"id\":\"bundle--{id}\",\"objects\":[");
        let mut list = JsonList::start(&start, out)?;
        list.push(&self.adlink())?;
        list.push(&self.extension())?;
        self.marks().iter().try_for_each(|marks| list.push(marks))?;
        self.files.iter().try_for_each(|(&row, id)| list.push(&self.file(row, id)))?;
        self.addresses().iter().try_for_each(|url| list.push(&self.address(url)))?;
        let ads: BTreeMap<AdRow, Value> =
            self.found.ads.iter().filter_map(|&ad| Some((ad, self.ad(ad)?))).collect();
        ads.values().try_for_each(|ad| list.push(ad))?;
        pairs(self.joined).filter_map(|pair| self.pair(pair)).try_for_each(|pair| list.push(&pair))?;
        held(self.joined)
            .filter(|link| ads.contains_key(&link.a) && ads.contains_key(&link.b))
            .try_for_each(|link| list.push(&self.link(link)))?;
        let networks = self.joined.findings.networks.iter();
        networks
            .filter_map(|network| self.network(network, &ads))
            .try_for_each(|network| list.push(&network))?;
        Ok(RowCounts::all(list.end("]}")?))
    }

    /// Who made it, which a declared extension has to say.
    fn adlink(&self) -> Value {
        self.object(
            "identity",
            Uuid::of("stix", "adlink"),
            json!({"name": "adlink", "identity_class": "system"}),
        )
    }

    fn extension(&self) -> Value {
        let content = json!({
            "created_by_ref": format!("identity--{}", Uuid::of("stix", "adlink")),
            "name": "PDQ",
            "description": "PDQ of an image: 256 bits as 64 hex digits, and quality, 0 to 100",
            "schema": "https://github.com/facebook/ThreatExchange/tree/main/pdq",
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        });
        self.object("extension-definition", extension_id(), content)
    }

    fn marks(&self) -> Option<Value> {
        let (note, id) = self.note.as_ref()?;
        Some(json!({
            "type": "marking-definition", "spec_version": "2.1", "id": id, "created": self.made,
            "definition_type": "statement", "definition": {"statement": note},
        }))
    }

    fn file(&self, row: ImageRow, id: &str) -> Value {
        let known = Known::of(self.joined, row);
        let mut file = self.observed("file", id);
        file.extend(file_content(&known));
        if let Some(bytes) = known.bytes() {
            file.insert("size".into(), bytes.into());
        }
        if let Some(kind) = known.media_type() {
            file.insert("mime_type".into(), kind.into());
        }
        file.into()
    }

    fn addresses(&self) -> BTreeSet<&'j str> {
        self.found.ads.iter().filter_map(|&ad| web_address(&self.joined.ad(ad).url)).collect()
    }

    fn address(&self, url: &str) -> Value {
        let mut address = self.observed("url", &address_id(url));
        address.insert("value".into(), url.into());
        address.into()
    }

    /// An ad; `None` when there is nothing that could be grouped.
    fn ad(&self, row: AdRow) -> Option<Value> {
        let ad = self.joined.ad(row);
        let address = web_address(&ad.url).map(address_id);
        let shown = self.found.shown_in(self.joined, row);
        let refs: Vec<String> =
            address.into_iter().chain(shown.iter().map(|row| self.files[row].clone())).collect();
        let said = [("", &ad.title), ("place: ", &ad.location), ("phones: ", &ad.phones.join(", "))];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        let description = said.map(|(name, text)| format!("{name}{text}")).collect::<Vec<_>>().join("\n");
        let mut content = json!({"name": ad_name(&ad.key), "context": "unspecified", "object_refs": refs});
        if !description.is_empty() {
            content["description"] = description.into();
        }
        (!refs.is_empty()).then(|| self.object("grouping", self.ad_id(row), content))
    }

    fn network(&self, network: &Network, ads: &BTreeMap<AdRow, Value>) -> Option<Value> {
        let told = network.ads.iter().filter(|ad| ads.contains_key(ad));
        let refs: Vec<String> = told.map(|&ad| format!("grouping--{}", self.ad_id(ad))).collect();
        let content = json!({
            "name": format!("network {}", network.id),
            "description": network.kind.words(),
            "context": "unspecified",
            "object_refs": refs,
        });
        (!refs.is_empty()).then(|| self.object("grouping", Uuid::of("stix network", &network.id), content))
    }

    fn pair(&self, pair: &Pair) -> Option<Value> {
        let [a, b] = [self.files.get(&pair.a)?, self.files.get(&pair.b)?];
        let content = json!({
            "relationship_type": "related-to",
            "description": words::proof(self.joined, &pair.proof),
            "source_ref": a,
            "target_ref": b,
            "confidence": hundredths(self.joined, &pair.proof),
        });
        Some(self.object("relationship", Uuid::of("stix pair", &format!("{a} {b}")), content))
    }

    fn link(&self, link: &Link) -> Value {
        let [a, b] = [link.a, link.b].map(|row| format!("grouping--{}", self.ad_id(row)));
        let mut content = json!({
            "relationship_type": "related-to",
            "description": words::link(self.joined, link),
            "source_ref": a,
            "target_ref": b,
        });
        if let Some(strongest) = link.evidence.first() {
            content["confidence"] = hundredths(self.joined, &strongest.proof).into();
        }
        let findings = self.joined.findings;
        let times = (stamp(findings.first_seen(link)), stamp(findings.last_seen(link)));
        // Equal ones are refused.
        if let (Some(first), Some(last)) = times
            && first < last
        {
            content["start_time"] = first.into();
            content["stop_time"] = last.into();
        }
        self.object("relationship", Uuid::of("stix link", &format!("{a} {b}")), content)
    }

    fn ad_id(&self, row: AdRow) -> Uuid {
        Uuid::of("stix ad", &ad_name(&self.joined.ad(row).key))
    }

    /// An object with a time of making.
    fn object(&self, kind: &str, id: Uuid, content: Value) -> Value {
        let mut object = self.observed(kind, &format!("{kind}--{id}"));
        object.insert("created".into(), (*self.made).into());
        object.insert("modified".into(), (*self.made).into());
        object.extend(content.as_object().cloned().unwrap_or_default());
        object.into()
    }

    /// The start of any object.
    fn observed(&self, kind: &str, id: &str) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("type".into(), kind.into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), id.into());
        if let Some((_, marks)) = &self.note {
            object.insert("object_marking_refs".into(), json!([marks]));
        }
        object
    }
}

fn extension_id() -> Uuid {
    Uuid::of("stix extension", "pdq")
}

/// What the id of a file hangs on, in the order of names.
fn file_content(known: &Known<'_>) -> Map<String, Value> {
    let mut content = Map::new();
    if let Some(pdq) = known.pdq() {
        let quality = known.image.pdq.quality.get();
        let pdq = json!({"extension_type": "property-extension", "pdq": pdq, "quality": quality});
        let key = format!("extension-definition--{}", extension_id());
        content.insert("extensions".into(), Value::Object(Map::from_iter([(key, pdq)])));
    }
    let digests: Map<String, Value> =
        known.digests().map(|(name, digest)| (name.into(), digest.into())).collect();
    if !digests.is_empty() {
        content.insert("hashes".into(), digests.into());
    }
    content.insert("name".into(), known.folder_and_name().1.into());
    content
}

/// Of its hashes, only the first that the standard names counts.
fn file_id(content: &Map<String, Value>) -> String {
    let mut counts = content.clone();
    if let Some(hashes) = counts.get_mut("hashes").and_then(Value::as_object_mut) {
        let first = hashes.iter().next().map(|(name, digest)| (name.clone(), digest.clone()));
        *hashes = first.into_iter().collect();
    }
    format!("file--{}", OBSERVED.named(&Value::Object(counts).to_string()))
}

fn address_id(url: &str) -> String {
    format!("url--{}", OBSERVED.named(&json!({"value": url}).to_string()))
}

/// A time as the standard writes it; `None` when it is none.
fn stamp(time: &str) -> Option<String> {
    match time.parse::<Timestamp>() {
        Ok(time) => Some(format!("{time:.3}")),
        Err(_) => day(time).map(|day| format!("{day}T00:00:00.000Z")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_standard() {
        assert_eq!(stamp("2024-01-02").as_deref(), Some("2024-01-02T00:00:00.000Z"));
        assert_eq!(stamp("2024-01-02T03:04:05Z").as_deref(), Some("2024-01-02T03:04:05.000Z"));
        assert_eq!(stamp("last tuesday"), None);
    }
}
