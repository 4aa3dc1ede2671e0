//! What a partner's `export` wrote as a package, as records that a case can take in.
//!
//! Hashes become images without a file, with the caveat that their source gave them; where the profile let ads through,
//! they keep their site and id. The traps: paths in a package are those of another machine and are never looked up here;
//! and of ads a package tells only the linked ones, so an image of no such ad is an ad by itself.

use super::encrypt::{self, Passphrase};
use crate::error::{Error, Result};
use crate::ingest::Input;
use crate::record::ImageId;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A package that was read.
#[derive(Debug)]
pub struct Received {
    /// How much its sender let through.
    pub profile: String,
    /// Whom it was made for, as it says.
    pub recipient: String,
    /// What for, as it says.
    pub purpose: String,
    /// Digest of the package as it came, 64 hex digits.
    pub sha256: String,
    /// Ads that it tells of.
    pub ads: usize,
    /// Images that it has hashes of.
    pub images: usize,
    records: Vec<u8>,
}

impl Received {
    /// Its records, for [`ingest`](crate::ingest::ingest()).
    pub fn input(&self, name: &str) -> Input {
        Input::Records { name: name.into(), text: self.records.clone() }
    }
}

/// Reads a package; `from` is its sender, which becomes the site of images whose ads it does not tell.
///
/// Memory: the package, and its records.
///
/// # Errors
/// When it is no package, was changed on the way, is encrypted and the passphrase does not open it, or holds nothing
/// that could be compared.
pub fn receive(path: &Path, from: &str, passphrase: Option<&Passphrase>) -> Result<Received> {
    let mut bytes = whole(path)?;
    let sha256 = ImageId(Sha256::digest(&bytes).into()).to_string();
    match (encrypt::is_sealed(&bytes), passphrase) {
        (true, None) => {
            return Err(refused(
                path,
                "it is encrypted",
                "give its passphrase: --passphrase-file, ADLINK_PASSPHRASE",
            ));
        }
        (true, Some(passphrase)) => bytes = encrypt::open(&bytes, passphrase, path)?,
        (false, _) => {}
    }
    let files = members(&bytes)
        .map_err(|_| refused(path, "it is no package", "`adlink export --format package` makes one"))?;
    check(path, &files)?;
    let Some(hashes) = files.get("hashes.jsonl") else {
        let what = "it holds no hashes, so nothing in it can be compared";
        return Err(refused(path, what, "ask for one with the profile hash-only or full"));
    };
    let images = images(path, hashes)?;
    let Some(marks) = images.marks.as_object() else {
        return Err(refused(path, "there is no image in it", "ask its sender what it should hold"));
    };
    let said = |name: &str| marks.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
    let (profile, recipient, purpose) = (said("profile"), said("recipient"), said("purpose"));
    let ads = ads(path, &files)?;
    let (records, count) = records(&ads, &images.by_id, from);
    Ok(Received { profile, recipient, purpose, sha256, ads: count, images: images.by_id.len(), records })
}

/// Bytes of the largest package that is read; it is held in memory.
const LARGEST: u64 = 4 << 30;

fn whole(path: &Path) -> Result<Vec<u8>> {
    let failed = |error| Error::io("read", path, error);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(refused(path, "it is larger than 4 GiB", "ask its sender for a smaller one")),
        false => Ok(bytes),
    }
}

type PackageFiles = BTreeMap<String, Vec<u8>>;

/// The files of a package by name.
fn members(bytes: &[u8]) -> io::Result<PackageFiles> {
    let mut files = PackageFiles::new();
    for entry in tar::Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.insert(name, content);
    }
    if files.contains_key("manifest-sha256.txt") { Ok(files) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Every file is what the package's own list of digests says, and none is missing.
fn check(path: &Path, files: &PackageFiles) -> Result<()> {
    let changed = |name: &str| {
        refused(path, &format!("`{name}` in it is not what was sent"), "ask its sender for the package again")
    };
    let manifest = String::from_utf8_lossy(&files["manifest-sha256.txt"]);
    let listed: BTreeMap<&str, &str> = manifest
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(digest, name)| (name, digest))
        .collect();
    let known = files.keys().map(String::as_str).filter(|name| *name != "manifest-sha256.txt");
    let names: BTreeSet<&str> = known.chain(listed.keys().copied()).collect();
    for name in names {
        let digest = files.get(name).map(|content| ImageId(Sha256::digest(content).into()).to_string());
        if digest.as_deref() != listed.get(name).copied() {
            return Err(changed(name));
        }
    }
    Ok(())
}

/// Images by their SHA-256, as records give them, and how the first says it is to be handled.
struct Images {
    by_id: BTreeMap<String, Value>,
    marks: Value,
}

fn images(path: &Path, hashes: &[u8]) -> Result<Images> {
    let mut images = Images { by_id: BTreeMap::new(), marks: Value::Null };
    for line in lines(path, "hashes.jsonl", hashes) {
        let mut line = line?;
        if images.marks.is_null() {
            images.marks = line.remove("handling").unwrap_or_else(|| json!({}));
        }
        let Some(Value::String(id)) = line.get("sha256").cloned() else { continue };
        line.retain(|name, value| {
            ["sha256", "sha1", "md5", "pdq", "quality"].contains(&name.as_str()) && !is_zero(value)
        });
        images.by_id.insert(id, line.into());
    }
    Ok(images)
}

/// A digest that the sender did not know.
fn is_zero(value: &Value) -> bool {
    value.as_str().is_some_and(|digits| digits.bytes().all(|digit| digit == b'0'))
}

/// Ads as records give them, with the ids of their images in order.
type Ads = BTreeMap<(String, String), (Map<String, Value>, Vec<String>)>;

fn ads(path: &Path, files: &PackageFiles) -> Result<Ads> {
    let mut ads = Ads::new();
    let links = files.get("links.jsonl").map_or(&[][..], Vec::as_slice);
    for link in lines(path, "links.jsonl", links) {
        let mut link = link?;
        for end in ["a", "b"] {
            let Some(Value::Object(mut ad)) = link.remove(end) else { continue };
            let text = |name: &str| ad.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
            let key = (text("site"), text("ad_id"));
            let told = ["site", "ad_id", "url", "posted_at", "collected_at", "place", "phones", "title"];
            ad.retain(|name, _| told.contains(&name.as_str()));
            if let Some(place) = ad.remove("place") {
                ad.insert("location".into(), place);
            }
            ads.entry(key).or_insert((ad, Vec::new()));
        }
    }
    let timeline = files.get("timeline.csv").map_or(&[][..], Vec::as_slice);
    let mut table = csv::Reader::from_reader(timeline);
    let mut seen: Vec<SeenRow> = table.deserialize().collect::<Result<_, _>>().map_err(|error| {
        refused(path, &format!("timeline.csv: {error}"), "ask its sender for the package again")
    })?;
    seen.sort();
    seen.dedup();
    for SeenRow { site, ad_id, sha256, .. } in seen {
        if let Some((_, shown)) = ads.get_mut(&(site, ad_id)) {
            shown.push(sha256);
        }
    }
    Ok(ads)
}

/// What a row of `timeline.csv` says of who shows what.
#[derive(serde::Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct SeenRow {
    site: String,
    ad_id: String,
    position: u32,
    sha256: String,
}

/// One record a line, and how many there are.
fn records(ads: &Ads, images: &BTreeMap<String, Value>, from: &str) -> (Vec<u8>, usize) {
    let shown: BTreeSet<&String> = ads.values().flat_map(|(_, shown)| shown).collect();
    let alone = images.keys().filter(|id| !shown.contains(id));
    let mut records = Vec::new();
    for (ad, shown) in ads.values() {
        let mut record = ad.clone();
        let images: Vec<&Value> = shown.iter().filter_map(|id| images.get(id)).collect();
        record.insert("images".into(), json!(images));
        records.push(Value::Object(record));
    }
    records.extend(alone.map(|id| json!({"site": from, "ad_id": id, "images": [images[id]]})));
    let text: String = records.iter().map(|record| format!("{record}\n")).collect();
    (text.into_bytes(), records.len())
}

fn lines<'a>(
    path: &'a Path,
    name: &'a str,
    text: &'a [u8],
) -> impl Iterator<Item = Result<Map<String, Value>>> + 'a {
    let lines = (1..).zip(text.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.is_empty());
    lines.map(move |(number, line)| {
        let what = |error| format!("line {number} of {name}: {error}");
        serde_json::from_slice(line)
            .map_err(|error| refused(path, &what(error), "ask its sender for the package again"))
    })
}

fn refused(path: &Path, why: &str, hint: &str) -> Error {
    Error::Fruitless { what: format!("cannot import `{}`: {why}", path.display()), hint: hint.into() }
}
