//! `case-uco.jsonld`: a CASE/UCO graph: images with their digests, ads, what the ads show, and which photos are the same.
//!
//! Hashes stand as the ontology has them, PDQ among them: its list of names does not know it, and a validator says so
//! as information. The traps: numbers and digests need their XML types spelled out, and every part of a thing is a node
//! with an id of its own.

use super::exchange::Exchange;
use super::found::{Found, held, hundredths, pairs};
use super::json_list::JsonList;
use super::known::{Known, web_address};
use super::name_ids::Uuid;
use super::{Content, RowCounts};
use crate::corpus::{AdRow, ImageRow};
use crate::verify::Proof;
use crate::view::{Joined, ad_name, words};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

pub(super) static CASE_UCO: Exchange =
    Exchange { file_name: "case-uco.jsonld", content: Content::Entities, write };

fn write(joined: &Joined<'_>, note: Option<&str>, out: &mut dyn Write) -> io::Result<RowCounts> {
    CaseGraph { joined, found: Found::of(joined), note }.write(out)
}

const VOCABULARIES: [(&str, &str); 6] = [
    ("kb", "http://example.org/kb/"),
    ("uco-core", "https://ontology.unifiedcyberontology.org/uco/core/"),
    ("uco-marking", "https://ontology.unifiedcyberontology.org/uco/marking/"),
    ("uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/"),
    ("uco-types", "https://ontology.unifiedcyberontology.org/uco/types/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

struct CaseGraph<'j> {
    joined: &'j Joined<'j>,
    found: Found,
    note: Option<&'j str>,
}

impl CaseGraph<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<RowCounts> {
        let context: Map<String, Value> =
            VOCABULARIES.iter().map(|(name, address)| ((*name).into(), (*address).into())).collect();
        let start = format!("{{\"@context\":{},\"@graph\":[", Value::Object(context));
        let mut list = JsonList::start(&start, out)?;
        self.marking().iter().try_for_each(|marking| list.push(marking))?;
        self.found.images.iter().try_for_each(|&image| list.push(&self.picture(image)))?;
        for &ad in &self.found.ads {
            list.push(&self.ad(ad))?;
            let shown = self.found.shown_in(self.joined, ad);
            shown.into_iter().try_for_each(|image| list.push(&self.shown(ad, image)))?;
        }
        for pair in pairs(self.joined) {
            let ends = [self.picture_id(pair.a), self.picture_id(pair.b)];
            list.push(&self.same_photo(ends, words::proof(self.joined, &pair.proof), Some(&pair.proof)))?;
        }
        for link in held(self.joined) {
            let proof = link.evidence.first().map(|strongest| &*strongest.proof);
            let ends = [self.ad_id(link.a), self.ad_id(link.b)];
            list.push(&self.same_photo(ends, words::link(self.joined, link), proof))?;
        }
        self.networks().try_for_each(|network| list.push(&network))?;
        Ok(RowCounts::all(list.end("]}")?))
    }

    fn marking(&self) -> Option<Value> {
        let note = self.note?;
        let statement = json!({
            "@id": id("StatementMarking", note),
            "@type": "uco-marking:StatementMarking",
            "uco-marking:definitionType": "statement",
            "uco-marking:statement": note,
        });
        Some(json!({
            "@id": id("MarkingDefinition", note),
            "@type": "uco-marking:MarkingDefinition",
            "uco-marking:definitionType": "statement",
            "uco-marking:definition": [statement],
        }))
    }

    fn picture(&self, row: ImageRow) -> Value {
        let known = Known::of(self.joined, row);
        let name = known.image.id().to_string();
        let mut file = facet("FileFacet", &name);
        file.insert("uco-observable:fileName".into(), known.folder_and_name().1.into());
        file.insert("uco-observable:filePath".into(), known.path().into());
        if let Some(bytes) = known.bytes() {
            file.insert("uco-observable:sizeInBytes".into(), typed("integer", &bytes.to_string()));
        }
        let mut facets = vec![Value::Object(file)];
        facets.extend(content(&known, &name));
        if known.image.width > 0 {
            let mut size = facet("RasterPictureFacet", &name);
            let sides = [("pictureWidth", known.image.width), ("pictureHeight", known.image.height)];
            for (side, pixels) in sides {
                size.insert(format!("uco-observable:{side}"), typed("integer", &pixels.to_string()));
            }
            facets.push(size.into());
        }
        self.marked(json!({
            "@id": self.picture_id(row),
            "@type": "uco-observable:RasterPicture",
            "uco-core:hasFacet": facets,
        }))
    }

    fn ad(&self, row: AdRow) -> Value {
        let ad = self.joined.ad(row);
        let name = ad_name(&ad.key);
        let said = [("", &ad.title), ("place: ", &ad.location), ("phones: ", &ad.phones.join(", "))];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        let mut node = json!({
            "@id": self.ad_id(row),
            "@type": "uco-observable:ObservableObject",
            "uco-core:name": name,
        });
        let description: Vec<String> = said.map(|(what, text)| format!("{what}{text}")).collect();
        if !description.is_empty() {
            node["uco-core:description"] = description.into();
        }
        if let Some(url) = web_address(&ad.url) {
            let mut address = facet("URLFacet", &name);
            address.insert("uco-observable:fullValue".into(), url.into());
            node["uco-core:hasFacet"] = json!([address]);
        }
        if let Ok(time) = ad.collected_at.parse::<Timestamp>() {
            node["uco-core:objectCreatedTime"] = typed("dateTime", &time.to_string());
        }
        self.marked(node)
    }

    /// This image was seen in this ad.
    fn shown(&self, ad: AdRow, image: ImageRow) -> Value {
        self.relationship([self.picture_id(image), self.ad_id(ad)], "Contained_Within", true)
    }

    fn same_photo(&self, ends: [String; 2], why: String, proof: Option<&Proof>) -> Value {
        let confidence = proof.map(|proof| {
            let mut confidence = facet("ConfidenceFacet", &ends.join(" "));
            confidence.insert("@type".into(), "uco-core:ConfidenceFacet".into());
            confidence.insert(
                "uco-core:confidence".into(),
                typed("nonNegativeInteger", &hundredths(self.joined, proof).to_string()),
            );
            confidence
        });
        let mut node = self.relationship(ends, "Same_Photo", false);
        node["uco-core:description"] = json!([why]);
        if let Some(confidence) = confidence {
            node["uco-core:hasFacet"] = json!([confidence]);
        }
        node
    }

    fn relationship(&self, [source, target]: [String; 2], kind: &str, directional: bool) -> Value {
        self.marked(json!({
            "@id": id("ObservableRelationship", &format!("{kind} {source} {target}")),
            "@type": "uco-observable:ObservableRelationship",
            "uco-core:source": {"@id": source},
            "uco-core:target": {"@id": target},
            "uco-core:kindOfRelationship": kind,
            "uco-core:isDirectional": directional,
        }))
    }

    fn networks(&self) -> impl Iterator<Item = Value> {
        self.joined.findings.networks.iter().map(|network| {
            let ads: Vec<Value> = network.ads.iter().map(|&ad| json!({"@id": self.ad_id(ad)})).collect();
            self.marked(json!({
                "@id": id("Grouping", &network.id),
                "@type": "uco-core:Grouping",
                "uco-core:name": format!("network {}", network.id),
                "uco-core:context": [network.kind.words()],
                "uco-core:object": ads,
            }))
        })
    }

    fn picture_id(&self, row: ImageRow) -> String {
        id("RasterPicture", &self.joined.image(row).id().to_string())
    }

    fn ad_id(&self, row: AdRow) -> String {
        id("ObservableObject", &ad_name(&self.joined.ad(row).key))
    }

    fn marked(&self, mut node: Value) -> Value {
        if let Some(note) = self.note {
            node["uco-core:objectMarking"] = json!({"@id": id("MarkingDefinition", note)});
        }
        node
    }
}

/// Digests and media type of a file; nothing when none is known.
fn content(known: &Known<'_>, name: &str) -> Option<Value> {
    let digests =
        [("MD5", known.md5()), ("SHA1", known.sha1()), ("SHA256", known.sha256()), ("PDQ", known.pdq())];
    let hashes = digests.into_iter().filter_map(|(method, digest)| {
        Some(json!({
            "@id": id("Hash", &format!("{method} {name}")),
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": method,
            "uco-types:hashValue": typed("hexBinary", &digest?.to_uppercase()),
        }))
    });
    let hashes: Vec<Value> = hashes.collect();
    let mut content = facet("ContentDataFacet", name);
    if let Some(kind) = known.media_type() {
        content.insert("uco-observable:mimeType".into(), kind.into());
    }
    if !hashes.is_empty() {
        content.insert("uco-observable:hash".into(), hashes.into());
    }
    (content.len() > 2).then(|| content.into())
}

fn facet(class: &str, name: &str) -> Map<String, Value> {
    let kind = format!("uco-observable:{class}");
    Map::from_iter([("@id".into(), id(class, name).into()), ("@type".into(), kind.into())])
}

fn id(class: &str, name: &str) -> String {
    format!("kb:{class}-{}", Uuid::of(class, name))
}

fn typed(kind: &str, value: &str) -> Value {
    json!({"@type": format!("xsd:{kind}"), "@value": value})
}
