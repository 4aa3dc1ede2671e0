//! Web archives (WARC, and the WACZ that holds some): an ad is a page, its images those that the archive holds of it.
//!
//! Every archive is read through once for what it has, then page by page. The trap: an image may stand before its page,
//! in another file, or be told by a `revisit` record alone; so no page is read before all records are known.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use super::page::{self, Shown};
use super::pictures::place;
use crate::error::Result;
use crate::ingest::record::Place;
use crate::language::word;
use crate::source::{Capture, Opener, captures};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// An archive by itself.
pub(super) struct WebArchive;

impl RecordReader for WebArchive {
    fn words(&self) -> &'static str {
        word!("a web archive (WARC)")
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"WARC/")
    }

    fn has_columns(&self) -> bool {
        false
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let path = std::path::absolute(&manifest.path).map_err(|error| manifest.failed(error))?;
        read(&[path], sink)
    }
}

/// The largest page that is read; records that are remembered.
const PAGE: u64 = 16 << 20;
const MOST: usize = 2_000_000;

/// What archives hold.
#[derive(Default)]
struct Held {
    pages: Vec<Capture>,
    /// Time and place of everything fetched from an address that may be an image.
    files: HashMap<String, Vec<(String, PathBuf)>>,
    /// By digest, for records that only say that nothing had changed.
    digests: HashMap<String, PathBuf>,
    revisits: Vec<Capture>,
    records: usize,
}

/// Reads archives that belong together.
pub(super) fn read(archives: &[PathBuf], sink: &mut dyn Sink) -> Result<()> {
    let mut held = Held::default();
    for archive in archives {
        let fault = captures(archive, &mut |capture| {
            held.take(capture);
            Ok::<(), crate::error::Error>(())
        })?;
        if let Some(fault) = fault {
            sink.record(At::default(), Err(format!("web archive: {fault}; the rest of it was not read")))?;
        }
    }
    if held.records > MOST {
        sink.note("records", &format!("more than {MOST} records; the others were not looked at"));
    }
    held.settle();
    let (mut opener, pages) = (Opener::default(), std::mem::take(&mut held.pages));
    for (number, page) in (1..).zip(&pages) {
        held.page(page, number, &mut opener, sink)?;
    }
    Ok(())
}

impl Held {
    fn take(&mut self, capture: Capture) {
        self.records += 1;
        if self.records > MOST {
            return;
        }
        let html = matches!(capture.media.as_str(), "text/html" | "application/xhtml+xml");
        match capture.kind.as_str() {
            "revisit" => self.revisits.push(capture),
            "response" | "resource" | "conversion" if html => self.pages.push(capture),
            "response" | "resource" | "conversion" => {
                let text = capture.media.starts_with("text/")
                    || capture.media.contains("javascript")
                    || capture.media.contains("json");
                if !text {
                    self.digests.insert(capture.digest, capture.path.clone());
                    self.files.entry(key(&capture.url)).or_default().push((capture.date, capture.path));
                }
            }
            _ => {}
        }
    }

    /// Gives every address that was found unchanged what it had before.
    fn settle(&mut self) {
        for revisit in std::mem::take(&mut self.revisits) {
            if let Some(path) = self.digests.get(&revisit.digest).filter(|_| !revisit.digest.is_empty()) {
                self.files.entry(key(&revisit.url)).or_default().push((revisit.date, path.clone()));
            }
        }
        for captures in self.files.values_mut() {
            captures.sort();
        }
        self.pages.sort_by(|a, b| (&a.url, &a.date, &a.path).cmp(&(&b.url, &b.date, &b.path)));
    }

    /// What was at an address when a page was fetched: the first capture from then on, else the last before.
    fn at(&self, address: &str, date: &str) -> Option<&Path> {
        let captures = self.files.get(&key(address))?;
        let next = captures.iter().find(|(when, _)| when.as_str() >= date);
        next.or(captures.last()).map(|(_, path)| path.as_path())
    }

    fn page(&self, capture: &Capture, number: u64, opener: &mut Opener, sink: &mut dyn Sink) -> Result<()> {
        let mut bytes = Vec::new();
        if let Err(fault) = opener.load(&capture.path, PAGE, &mut bytes) {
            return sink.record(At::line(number), Err(format!("{}: {}", capture.url, fault.detail)));
        }
        let (html, _) = page::decoded(&bytes, None);
        let page = page::read(&html, &capture.url);
        let mut places = Vec::new();
        for image in &page.images {
            match self.found(image, &capture.date) {
                Some(place) => places.push(Place { position: places.len() as u32, ..place }),
                None => sink.unused("image that the web archive does not hold", 1),
            }
        }
        if places.is_empty() {
            sink.unused("page without an image in the web archive", 1);
            return Ok(());
        }
        sink.shown(At::line(number), columns(&page, &capture.url, &capture.date), places)
    }

    fn found(&self, image: &Shown, date: &str) -> Option<Place> {
        image.addresses.iter().find_map(|address| Some(place(address, self.at(address, date)?)))
    }
}

/// The columns that a page is a record of.
pub(super) fn columns(page: &page::WebPage, url: &str, date: &str) -> Columns {
    let pairs = [
        ("url", json!(url)),
        ("collected_at", json!(date)),
        ("title", json!(page.title)),
        ("text", json!(page.text)),
        ("phones", json!(page.phones)),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// An address without what servers do not see, and without its scheme: pages mix the two.
fn key(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    address.split_once("://").map_or(address, |(_, rest)| rest).to_string()
}
