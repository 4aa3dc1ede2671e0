//! Archives (zip, tar, compressed tar) and folders: what layout the files in them have together, and who reads it.
//!
//! Tried in this order: web archives, exports of chats and networks, pictures with facts beside them, manifests that name
//! files of the tree, copies of sites, archives within; what is none of these is pictures in folders. With an ad for every
//! image it always is. The trap: whatever is chosen is said, and what it leaves out is counted.

use super::layout::{RecordReader, Sink};
use super::manifest::Manifest;
use super::tree::{Entry, Tree};
use super::{folder, pictures, saved, sidecars, webarchive, whatsapp};
use crate::error::Result;
use crate::ingest::options::AdPer;
use crate::ingest::record::Files;
use crate::language::word;
use crate::source::Container;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The layout of one file with others in it.
pub(super) struct Archive;

impl RecordReader for Archive {
    fn words(&self) -> &'static str {
        word!("an archive")
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || crate::source::is_tar(head)
    }

    fn has_columns(&self) -> bool {
        false
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let path = std::path::absolute(&manifest.path).map_err(|error| manifest.failed(error))?;
        let kind = Container::of(&path).unwrap_or(Container::Zip);
        let tree = Rc::new(Tree::of_archive(&path, kind, sink)?);
        if !layouts(&tree, sink)? {
            pictures::read(&tree, sink.ad_per(), sink)?;
        }
        Ok(())
    }
}

/// Reads a folder.
pub(in crate::ingest) fn read_folder(root: &Path, sink: &mut dyn Sink) -> Result<()> {
    if sink.ad_per() == AdPer::Folder
        && let Some(tree) = Tree::of_folder(root, sink.allows_outside())?
    {
        let links_out = tree.links_out;
        if layouts(&Rc::new(tree), sink)? {
            if links_out > 0 {
                sink.unused(folder::LINK_OUT, links_out);
            }
            return Ok(());
        }
    }
    folder::read(root, sink.ad_per(), sink)
}

/// Hands on what the files of a tree are together; false when they are no more than pictures.
fn layouts(tree: &Rc<Tree>, sink: &mut dyn Sink) -> Result<bool> {
    if sink.ad_per() == AdPer::Image {
        return Ok(false);
    }
    let archives: Vec<PathBuf> =
        tree.entries.iter().filter(|entry| is_web_archive(entry)).map(|entry| entry.path.clone()).collect();
    if !archives.is_empty() {
        webarchive::read(&archives, sink)?;
        count_others(tree, is_web_archive, sink);
        return Ok(true);
    }
    let exports = exports(tree);
    if !exports.is_empty() {
        nested(tree, &exports, sink)?;
        return Ok(true);
    }
    if !whatsapp::chats(tree).is_empty() {
        whatsapp::read(tree, sink)?;
        return Ok(true);
    }
    if sidecars::has_them(tree) {
        sink.note("layout", "the pictures have files of facts beside them, which are read with them");
        sidecars::read(tree, sink)?;
        return Ok(true);
    }
    let manifests = manifests(tree, sink);
    if !manifests.is_empty() {
        nested(tree, &manifests, sink)?;
        return Ok(true);
    }
    if saved::is_copy(tree) {
        sink.note("layout", "a copy of a site: an ad is a page with the pictures it shows (--ad-per image takes the pictures alone)");
        saved::copy(tree, sink)?;
        return Ok(true);
    }
    let within: Vec<(&Entry, String)> =
        tree.entries.iter().filter(|entry| is_archive(entry)).map(|entry| (entry, String::new())).collect();
    if !within.is_empty() && !tree.entries.iter().any(Entry::is_image) {
        nested(tree, &within, sink)?;
        return Ok(true);
    }
    Ok(false)
}

/// Reads files of a tree as inputs of their own.
fn nested(tree: &Rc<Tree>, entries: &[(&Entry, String)], sink: &mut dyn Sink) -> Result<()> {
    let names: Vec<&str> = entries.iter().map(|(entry, _)| entry.name.as_str()).take(6).collect();
    let more = if entries.len() > names.len() { ", ..." } else { "" };
    let said = format!(
        "read by {}{more} in it; pictures that these do not name are not looked at (--ad-per image takes the pictures alone)",
        names.join(", ")
    );
    sink.note("layout", &said);
    let files: Rc<dyn Files> = Rc::<Tree>::clone(tree);
    for (entry, base) in entries {
        sink.nested(&entry.path, &entry.name, &files, base)?;
    }
    count_others(
        tree,
        |entry| entry.is_image() || entries.iter().any(|(used, _)| used.name == entry.name),
        sink,
    );
    Ok(())
}

fn count_others(tree: &Tree, used: impl Fn(&Entry) -> bool, sink: &mut dyn Sink) {
    for entry in tree.entries.iter().filter(|entry| !used(entry)) {
        sink.unused(entry.kind(), 1);
    }
}

fn is_web_archive(entry: &Entry) -> bool {
    let name = entry.name.to_lowercase();
    name.ends_with(".warc") || name.ends_with(".warc.gz")
}

fn is_archive(entry: &Entry) -> bool {
    const ENDINGS: [&str; 9] =
        [".zip", ".tar", ".tgz", ".tar.gz", ".tar.zst", ".wacz", ".mhtml", ".mht", ".cbz"];
    let name = entry.name.to_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Files that chats and networks name for everyone's export, and where the paths in them begin.
fn exports(tree: &Tree) -> Vec<(&Entry, String)> {
    // Those looked into; an archive of nothing else is made to keep the reader busy.
    let mut chats = 0..1000;
    let of_network =
        ["your_instagram_activity", "your_facebook_activity", "this_profile's_activity_across_facebook"];
    let mut export = |entry: &Entry| -> Option<String> {
        if entry.file_name() == "result.json" && chats.next().is_some() && is_chat(&entry.head(4096)) {
            return Some(entry.folder().to_string());
        }
        let name = entry.file_name();
        let is_posts = entry.ending() == "json"
            && (name.contains("posts") || name.contains("photos") || name.contains("stories"));
        let start = of_network.iter().find_map(|folder| entry.name.find(folder));
        let base = start.or_else(|| {
            (entry.name.contains("posts/your_posts")).then(|| entry.name.find("posts/")).flatten()
        })?;
        is_posts.then(|| entry.name[..base].trim_end_matches('/').to_string())
    };
    tree.entries.iter().filter_map(|entry| Some((entry, export(entry)?))).collect()
}

fn is_chat(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    head.contains("\"messages\"") || head.contains("\"chats\"")
}

/// Manifests at the top of a tree, or of the one folder at its top, that name files of it.
fn manifests<'t>(tree: &'t Rc<Tree>, sink: &dyn Sink) -> Vec<(&'t Entry, String)> {
    const ENDINGS: [&str; 12] =
        ["jsonl", "ndjson", "jl", "json", "csv", "tsv", "parquet", "xlsx", "xls", "ods", "db", "sqlite"];
    let first = |name: &str| name.split('/').next().unwrap_or_default().to_string();
    let top = tree.entries.first().map(|entry| first(&entry.name)).unwrap_or_default();
    let single = tree.entries.iter().all(|entry| entry.name.contains('/') && first(&entry.name) == top);
    let base = if single { top } else { String::new() };
    let files: Rc<dyn Files> = Rc::<Tree>::clone(tree);
    let is_candidate = |entry: &&Entry| {
        let name = entry.name.trim_end_matches(".gz").trim_end_matches(".zst");
        entry.folder() == base
            && ENDINGS.iter().any(|ending| name.to_lowercase().ends_with(&format!(".{ending}")))
    };
    let candidates = tree.entries.iter().filter(is_candidate).take(64);
    let named = candidates.filter(|entry| sink.names_any_of(&entry.path, &files, &base));
    named.map(|entry| (entry, base.clone())).collect()
}
