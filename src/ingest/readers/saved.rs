//! Pages that somebody saved: single files (SingleFile), and copies of sites (HTTrack, wget) with their images beside.
//!
//! An image is what a page shows, whether it is written into the page or lies in a file of the copy. Pages that show
//! nothing of the copy are no ads.

use super::address::normal;
use super::layout::{At, RecordReader, Sink};
use super::manifest::Manifest;
use super::page::{self, Shown, WebPage};
use super::pictures::place;
use super::tree::{Entry, Tree};
use super::webarchive::columns;
use crate::error::Result;
use crate::ingest::record::{Bounds, Located, Place, percent_decoded};
use crate::language::word;
use crate::source::{Codec, Opener, Step, read_file};
use std::collections::BTreeSet;
use std::path::Path;

/// The largest page that is read: those with all images written into them are large.
const LARGEST: u64 = 64 << 20;

/// Pages looked at to learn whether a tree is the copy of a site.
const LOOKED_AT: usize = 40;

/// A page by itself.
pub(super) struct Saved;

impl RecordReader for Saved {
    fn words(&self) -> &'static str {
        word!("a saved page (HTML)")
    }

    fn recognises(&self, ending: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(&head[..head.len().min(256)]).to_lowercase();
        let start = head.trim_start_matches('\u{feff}').trim_start();
        matches!(ending, "htm" | "html" | "xhtml")
            || start.starts_with("<!doctype html")
            || start.starts_with("<html")
    }

    fn has_columns(&self) -> bool {
        false
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let path = std::path::absolute(&manifest.path).map_err(|error| manifest.failed(error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let bounds = Bounds::new([folder.as_path()], sink.allows_outside());
        let bounds = bounds.map_err(|error| manifest.failed(error))?;
        let beside = |name: &str| {
            let path = bounds.within(folder.join(name))?;
            place(name, &path).found.ok()
        };
        file(&path, &name, At::default(), &mut Opener::default(), &beside, sink).map(drop)
    }
}

/// Finds a file of a copy by its name below the root.
type Find<'f> = &'f dyn Fn(&str) -> Option<Located>;

/// Hands on the page in a file; the names of the files it shows.
fn file(
    path: &Path,
    name: &str,
    at: At,
    opener: &mut Opener,
    find: Find<'_>,
    sink: &mut dyn Sink,
) -> Result<Vec<String>> {
    let mut bytes = Vec::new();
    if let Err(fault) = opener.load(path, LARGEST, &mut bytes) {
        return sink.record(at, Err(format!("{name}: {}", fault.detail))).map(|()| Vec::new());
    }
    let (html, in_place) = page::decoded(&bytes, None);
    let page = page::read(&html, "");
    let (mut places, mut used) = (Vec::new(), Vec::new());
    for image in &page.images {
        let position = places.len() as u32;
        match shown(image, path, name, in_place, &page, find) {
            Some((place, file)) => {
                places.push(Place { position, ..place });
                used.extend(file);
            }
            None => sink.unused("image that the saved page does not hold", 1),
        }
    }
    if places.is_empty() {
        sink.unused("page without an image of its own", 1);
        return Ok(used);
    }
    let url = if page.address.is_empty() { mirrored(name) } else { page.address.clone() };
    let mut columns = columns(&page, &url, "");
    if url.is_empty() {
        columns.insert("ad_id".into(), name.into());
    }
    sink.shown(at, columns, places)?;
    Ok(used)
}

/// An image of a page, with the name of its file where it has one.
fn shown(
    image: &Shown,
    path: &Path,
    name: &str,
    in_place: bool,
    page: &WebPage,
    find: Find<'_>,
) -> Option<(Place, Option<String>)> {
    if let Some((offset, length)) = image.inline {
        let step = Step { codecs: vec![Codec::Base64], ..Step::plain(offset, length) };
        let label = format!("image {}", page.images.iter().position(|one| one == image).unwrap_or(0) + 1);
        return in_place.then(|| (place(&format!("{name}#{label}"), &step.below(path, &label)), None));
    }
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let top = name.split('/').next().filter(|_| name.contains('/')).unwrap_or_default();
    let names = image.addresses.iter().flat_map(|address| {
        let local = address.split(['?', '#']).next().unwrap_or_default();
        let local = percent_decoded(local).unwrap_or_else(|| local.to_string());
        match (local.split_once("://"), local.strip_prefix('/')) {
            (Some((_, rest)), _) => vec![rest.to_string()],
            (None, Some(rooted)) => vec![normal(top, rooted), normal("", rooted)],
            (None, None) => vec![normal(folder, &local), normal(folder, address)],
        }
    });
    names.into_iter().find_map(|name| {
        let found = find(&name)?;
        Some((Place { position: 0, shown: name.clone(), found: Ok(found), declared: None }, Some(name)))
    })
}

/// The address of a page whose way in the copy begins with its host.
fn mirrored(name: &str) -> String {
    let hosts = name
        .split('/')
        .position(|part| part.contains('.') && !part.ends_with(".html") && !part.ends_with(".htm"));
    let rest = |place: usize| name.split('/').skip(place).collect::<Vec<_>>().join("/");
    hosts.map_or(String::new(), |place| format!("https://{}", rest(place)))
}

/// Whether a tree is the copy of a site: it says so, or its pages show its pictures.
pub(super) fn is_copy(tree: &Tree) -> bool {
    let mut pages = tree.entries.iter().filter(|entry| is_page(entry)).peekable();
    if pages.peek().is_none() {
        return false;
    }
    let says_so = |entry: &Entry| entry.name.ends_with("hts-log.txt") || entry.name.contains("hts-cache/");
    let find = in_tree(tree);
    let shows = |entry: &Entry| {
        let Ok(bytes) = read_file(&entry.path, LARGEST) else { return false };
        let page = page::read(&page::decoded(&bytes, None).0, "");
        let found = |image: &Shown| {
            image.inline.is_some() || shown(image, &entry.path, &entry.name, true, &page, &find).is_some()
        };
        page.images.iter().any(found)
    };
    tree.entries.iter().any(says_so) || pages.take(LOOKED_AT).any(shows)
}

fn is_page(entry: &Entry) -> bool {
    matches!(entry.ending().as_str(), "htm" | "html" | "xhtml")
}

fn in_tree(tree: &Tree) -> impl Fn(&str) -> Option<Located> + '_ {
    |name| tree.get(name).map(|entry| Located { path: entry.path.clone(), stamp: entry.stamp })
}

/// Hands on the pages of a copy.
pub(super) fn copy(tree: &Tree, sink: &mut dyn Sink) -> Result<()> {
    let find = in_tree(tree);
    let (mut used, mut opener) = (BTreeSet::new(), Opener::default());
    let mut pages: Vec<&Entry> = tree.entries.iter().filter(|entry| is_page(entry)).collect();
    // As the archive has them: see `pictures`.
    pages.sort_by_key(|page| page.place);
    for (number, entry) in (1..).zip(pages) {
        used.extend(file(&entry.path, &entry.name, At::line(number), &mut opener, &find, sink)?);
    }
    for entry in tree.entries.iter().filter(|entry| !is_page(entry) && !used.contains(&entry.name)) {
        sink.unused(if entry.is_image() { "picture that no page shows" } else { entry.kind() }, 1);
    }
    Ok(())
}
