//! Trees in which every picture has a file of facts beside it: gallery-dl, yt-dlp, webdataset, img2dataset.
//!
//! `1.jpg` with `1.jpg.json`, or `000.jpg` with `000.json` and `000.txt`. The facts are a record like any other, to which
//! the picture is added; pictures without facts are ads by themselves.

use super::layout::{At, Columns, Sink};
use super::object::parse;
use super::tools::Tools;
use super::tree::{Entry, Tree};
use crate::error::Result;
use crate::ingest::options::AdPer;
use crate::ingest::record::{Files, Place};
use crate::record::{Ad, AdKey};
use crate::source::Opener;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

/// The largest file of facts.
const LARGEST: u64 = 16 << 20;

/// A file of facts, and the pictures it is about.
struct Sidecar<'t> {
    facts: &'t Entry,
    pictures: Vec<&'t Entry>,
}

/// Pairs of a tree, by the name that their files share.
fn pairs(tree: &Tree) -> Vec<Sidecar<'_>> {
    let mut by_stem: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in tree.entries.iter().filter(|entry| entry.is_image()) {
        by_stem.entry(stem(&entry.name)).or_default().push(entry);
    }
    let pair = |facts: &'_ Entry| {
        let own = facts.name.strip_suffix(".json").unwrap_or(&facts.name);
        let exact: Vec<&Entry> = tree.get(own).into_iter().filter(|entry| entry.is_image()).collect();
        let shared = || by_stem.get(own.strip_suffix(".info").unwrap_or(own)).cloned().unwrap_or_default();
        let pictures = if exact.is_empty() { shared() } else { exact };
        (!pictures.is_empty()).then_some(pictures)
    };
    let facts = tree.entries.iter().filter(|entry| entry.ending() == "json");
    facts.filter_map(|facts| Some(Sidecar { facts, pictures: pair(facts)? })).collect()
}

/// A name without its ending.
fn stem(name: &str) -> &str {
    let (folder, file) = name.rsplit_once('/').map_or((0, name), |(folder, file)| (folder.len() + 1, file));
    &name[..folder + file.rsplit_once('.').map_or(file.len(), |(stem, _)| stem.len())]
}

/// Whether most pictures of a tree have facts beside them.
pub(super) fn has_them(tree: &Tree) -> bool {
    let pictures = tree.entries.iter().filter(|entry| entry.is_image()).count();
    let told: usize = pairs(tree).iter().map(|pair| pair.pictures.len()).sum();
    told > 0 && 2 * told >= pictures
}

/// Hands on the records of a tree.
pub(super) fn read(tree: &Tree, sink: &mut dyn Sink) -> Result<()> {
    let mut pairs = pairs(tree);
    // As the archive has them: see `pictures`.
    pairs.sort_by_key(|pair| pair.facts.place);
    let mut opener = Opener::default();
    let mut used: BTreeMap<&str, ()> = BTreeMap::new();
    let mut tools = Tools::default();
    for (number, pair) in (1..).zip(&pairs) {
        used.insert(&pair.facts.name, ());
        used.extend(pair.pictures.iter().map(|picture| (picture.name.as_str(), ())));
        let mut bytes = Vec::new();
        let read = opener.load(&pair.facts.path, LARGEST, &mut bytes);
        let facts = read.map_err(|fault| fault.detail).and_then(|_| parse(&bytes));
        match facts {
            Err(detail) => sink.record(At::line(number), Err(format!("{}: {detail}", pair.facts.name)))?,
            Ok(columns) => {
                let mut with = WithPictures { sink, pair, site: tree.site.as_str() };
                tools.translate(At::line(number), "", &Default::default(), columns, &mut with)?;
            }
        }
    }
    for entry in tree.entries.iter().filter(|entry| !used.contains_key(entry.name.as_str())) {
        if entry.is_image() {
            by_itself(entry, &tree.site, sink)?;
        } else {
            sink.unused(entry.kind(), 1);
        }
    }
    tools.finish(sink)
}

/// A picture of which nothing is told is an ad of its own.
pub(super) fn by_itself(picture: &Entry, site: &str, sink: &mut dyn Sink) -> Result<()> {
    let ad = Ad::blank(AdKey { site: site.to_string(), ad_id: picture.name.clone() });
    sink.ad(&ad, vec![picture.place()])
}

/// Adds the pictures of a pair to its record.
struct WithPictures<'w, 't> {
    sink: &'w mut dyn Sink,
    pair: &'w Sidecar<'t>,
    site: &'w str,
}

impl Sink for WithPictures<'_, '_> {
    fn record(&mut self, at: At, columns: Result<Columns, String>) -> Result<()> {
        let mut columns = match columns {
            Ok(columns) => columns,
            Err(detail) => return self.sink.record(at, Err(detail)),
        };
        columns.retain(|name, _| name != "images" && name != "_images");
        if !["ad_id", "id", "_id", "post_id", "url"].iter().any(|name| columns.contains_key(*name)) {
            columns.insert("ad_id".into(), Value::String(stem(&self.pair.pictures[0].name).into()));
        }
        if !["site", "source", "domain", "url"].iter().any(|name| columns.contains_key(*name)) {
            columns.insert("site".into(), Value::String(self.site.into()));
        }
        let place = |(position, picture): (u32, &&Entry)| Place { position, ..picture.place() };
        self.sink.shown(at, columns, (0..).zip(&self.pair.pictures).map(place).collect())
    }

    fn shown(&mut self, at: At, columns: Columns, places: Vec<Place>) -> Result<()> {
        self.sink.shown(at, columns, places)
    }

    fn ad(&mut self, ad: &Ad, places: Vec<Place>) -> Result<()> {
        self.sink.ad(ad, places)
    }

    fn note(&mut self, once: &'static str, message: &str) {
        self.sink.note(once, message);
    }

    fn unused(&mut self, kind: &str, number: u64) {
        self.sink.unused(kind, number);
    }

    fn nested(&mut self, path: &Path, name: &str, files: &Rc<dyn Files>, base: &str) -> Result<()> {
        self.sink.nested(path, name, files, base)
    }

    fn names_any_of(&self, path: &Path, files: &Rc<dyn Files>, base: &str) -> bool {
        self.sink.names_any_of(path, files, base)
    }

    fn ad_per(&self) -> AdPer {
        self.sink.ad_per()
    }

    fn takes_videos(&self) -> bool {
        self.sink.takes_videos()
    }

    fn allows_outside(&self) -> bool {
        self.sink.allows_outside()
    }
}
