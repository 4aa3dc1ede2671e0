//! From the image a record names to a file on this machine. adlink fetches nothing.
//!
//! Names come from other machines: with their separators, their drives, their letter case. Each is tried as it stands
//! first. The trap: what is taken off the front of foreign paths is one and the same for a whole manifest, so that two
//! names never come to mean one file.

use super::bounds::Bounds;
use super::images::{Declared, ImageRef};
use super::listing::Listings;
use crate::error::{ImageError, SkipReason};
use crate::source::{self, Stamp};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A file that exists.
#[derive(Debug)]
pub(in crate::ingest) struct Located {
    pub(in crate::ingest) path: PathBuf,
    pub(in crate::ingest) stamp: Stamp,
}

/// An image of a record, looked for: the path as given, and the file or why there is none.
pub(in crate::ingest) struct Place {
    pub(in crate::ingest) position: u32,
    pub(in crate::ingest) shown: String,
    pub(in crate::ingest) found: Result<Located, ImageError>,
    /// What the record says of its bytes, and the line where it says so.
    pub(in crate::ingest) declared: Option<(u64, Box<Declared>)>,
}

/// Files of an input that holds more than its records: an archive, an export.
pub(in crate::ingest) trait Files: std::fmt::Debug {
    /// The file of this name below a folder of the input; a name never leads out of it.
    fn find(&self, base: &str, name: &str) -> Option<Located>;
}

/// The folders in which the images of one manifest are looked for, in order.
#[derive(Debug)]
pub(in crate::ingest) struct ImageRoots {
    folders: Vec<PathBuf>,
    /// How far names may lead.
    bounds: Bounds,
    /// The folders in words, without a path of this machine.
    words: &'static str,
    /// What stands before paths on the machine they come from, with `/` between.
    prefixes: Vec<String>,
    listings: Listings,
    /// The files among which images lie, when they do not lie on the disk, and the folder where names begin.
    within: Option<(Rc<dyn Files>, String)>,
    /// The manifest, for images that are written into it.
    pub(in crate::ingest) manifest: Option<PathBuf>,
}

impl ImageRoots {
    /// Under `images` when given, else beside the manifest, then in `images/` beside it. Names lead out of both folders
    /// only with `outside`.
    pub(in crate::ingest) fn new(
        images: Option<&Path>,
        manifest_folder: &Path,
        prefixes: &[String],
        outside: bool,
    ) -> io::Result<Self> {
        let bounds = Bounds::new(images.into_iter().chain([manifest_folder]), outside)?;
        let (folders, words) = match images {
            Some(folder) => (vec![std::path::absolute(folder)?], "in the folder of images"),
            None => {
                // A manifest named without a folder lies in the current one, whose name is empty then.
                let here = manifest_folder.as_os_str().is_empty();
                let folder = std::path::absolute(if here { Path::new(".") } else { manifest_folder })?;
                let images = folder.join("images");
                (vec![folder, images], "beside the manifest or in images/ beside it")
            }
        };
        let prefixes = prefixes.iter().map(|prefix| slashed(prefix)).collect();
        // Below a folder that the user named, bare names are looked for at any depth; else in the next folders only.
        let deep = if images.is_some() { 64 } else { 1 };
        let listings = Listings::new(deep);
        Ok(Self { folders, bounds, words, prefixes, listings, within: None, manifest: None })
    }

    /// Among the files of an input, below a folder in it.
    pub(in crate::ingest) fn within(files: Rc<dyn Files>, base: &str, prefixes: &[String]) -> Self {
        Self {
            folders: Vec::new(),
            bounds: Bounds::none(),
            words: "in the archive or export",
            prefixes: prefixes.iter().map(|prefix| slashed(prefix)).collect(),
            listings: Listings::new(0),
            within: Some((files, base.to_string())),
            manifest: None,
        }
    }

    /// An image that is written into its record, which begins at a place of the manifest.
    pub(in crate::ingest) fn find_written(
        &self,
        address: &str,
        offset: Option<u64>,
        label: &str,
    ) -> Result<Located, ImageError> {
        let member = self
            .manifest
            .as_ref()
            .zip(offset)
            .and_then(|(manifest, offset)| source::embedded(manifest, offset, address, label));
        match member.map(look).transpose()?.flatten() {
            Some(located) => Ok(located),
            None => Err(ImageError::new(
                SkipReason::NotLocal,
                "written into a record of a kind that images are not read out of; save them as files",
            )),
        }
    }

    /// A file of the input that is searched, if it is one.
    fn inside(&self, candidates: &[PathBuf]) -> Option<Located> {
        let (files, base) = self.within.as_ref()?;
        let names = candidates.iter().filter_map(|path| path.to_str());
        let mut names: Vec<&str> = names.collect();
        names.retain(|name| !name.is_empty());
        let images = format!("{base}/images");
        let bases = [base.as_str(), images.trim_start_matches('/'), ""];
        names.iter().find_map(|name| bases.iter().find_map(|base| files.find(base, name)))
    }

    /// The file an image reference means.
    pub(in crate::ingest) fn find(&self, image: &ImageRef) -> Result<Located, ImageError> {
        let candidates = self.candidates(image);
        if let Some(located) = self.inside(&candidates) {
            return Ok(located);
        }
        let mut outside = false;
        for relative in &candidates {
            for folder in &self.folders {
                match self.bounds.within(folder.join(relative)) {
                    None => outside = true,
                    Some(path) => {
                        if let Some(located) = look(path)? {
                            return Ok(located);
                        }
                    }
                }
            }
        }
        for relative in &candidates {
            for folder in &self.folders {
                if let Some(path) =
                    self.listings.any_case(folder, relative).and_then(|path| self.bounds.within(path))
                    && let Some(located) = look(path)?
                {
                    return Ok(located);
                }
            }
        }
        match self.by_bare_name(image) {
            Some(found) => found,
            None if outside => Err(leads_out()),
            None => Err(self.missing(image)),
        }
    }

    /// A name without a folder, found where only one file has it.
    fn by_bare_name(&self, image: &ImageRef) -> Option<Result<Located, ImageError>> {
        let name = image.path.as_deref().filter(|path| !path.contains(['/', '\\']))?;
        let found = self.folders.iter().find_map(|folder| self.listings.below(folder, name))?;
        match found {
            Ok(path) => look(self.bounds.within(path)?).transpose(),
            Err(number) => Some(Err(ImageError::new(
                SkipReason::Missing,
                format!("{number} files below have that name; give their folders, too"),
            ))),
        }
    }

    fn missing(&self, image: &ImageRef) -> ImageError {
        match &image.path {
            Some(_) => ImageError::new(SkipReason::Missing, format!("no such file {}", self.words)),
            None => ImageError::new(SkipReason::NotLocal, "named by URL only, and adlink fetches nothing"),
        }
    }

    /// Learns from some names what stands before all of them on the machine they come from; `None` when that finds
    /// nothing, or nothing has to be taken off.
    pub(in crate::ingest) fn learn_prefix(&mut self, images: &[ImageRef]) -> Option<String> {
        let names = images.iter().filter_map(|image| image.path.as_deref());
        let foreign: Vec<String> =
            names.map(slashed).filter(|name| is_absolute(name) && !self.is_here(name)).collect();
        let common = common_folder(&foreign)?;
        let found = |prefix: &str| {
            let exists = |name: &&String| {
                let rest = name[prefix.len()..].trim_start_matches('/');
                self.folders.iter().any(|folder| self.is_here(folder.join(rest)))
            };
            foreign.iter().take(200).filter(exists).count()
        };
        let ends = common.match_indices('/').map(|(at, _)| at + 1);
        let best =
            ends.map(|end| (found(&common[..end]), &common[..end])).rev().max_by_key(|(found, _)| *found)?;
        (best.0 > 0).then(|| {
            self.prefixes.push(best.1.to_string());
            best.1.to_string()
        })
    }

    /// Whether there is such a file, as far as that may be asked.
    fn is_here(&self, path: impl Into<PathBuf>) -> bool {
        self.bounds.within(path.into()).is_some_and(|path| path.is_file())
    }

    /// Relative paths to try: the path, the path with Windows separators turned, without what stands before it
    /// elsewhere, decoded; `host/path` as mirroring tools lay files out. The last part of a URL alone would be a
    /// guess: every site has a `1.jpg`.
    fn candidates(&self, image: &ImageRef) -> Vec<PathBuf> {
        let mut paths: Vec<String> = Vec::new();
        if let Some(path) = &image.path {
            let mut spellings = vec![path.clone()];
            if path.contains('\\') {
                spellings.push(path.replace('\\', "/"));
            }
            let slashed = slashed(path);
            for prefix in &self.prefixes {
                let rest = slashed.strip_prefix(prefix.as_str()).map(|rest| rest.trim_start_matches('/'));
                spellings.extend(rest.filter(|rest| !rest.is_empty()).map(str::to_string));
            }
            if path.starts_with("file:") {
                spellings.push(slashed.clone());
            }
            for spelling in spellings {
                if let Some(decoded) = percent_decoded(&spelling) {
                    paths.push(spelling);
                    paths.push(decoded);
                } else {
                    paths.push(spelling);
                }
            }
        }
        paths.into_iter().map(PathBuf::from).chain(image.url.as_deref().and_then(mirrored)).collect()
    }
}

/// The same words for what is there and for what is not.
fn leads_out() -> ImageError {
    ImageError::new(
        SkipReason::Outside,
        "leads out of the folder of the manifest and of --images, so it was not looked for; --strip-prefix takes what \
         stands before paths of another machine off, --allow-outside lets names lead anywhere",
    )
}

/// A file at a path; an error where it cannot be told.
fn look(path: PathBuf) -> Result<Option<Located>, ImageError> {
    Ok(source::stamp(&path)?.map(|stamp| Located { stamp, path }))
}

/// A path with `/` between its parts, and without the scheme of a `file:` address.
fn slashed(path: &str) -> String {
    let path = path.trim();
    let local = path.strip_prefix("file://").map(|rest| rest.strip_prefix("localhost").unwrap_or(rest));
    // `file:///C:/x`: the slash before a drive is none of the path.
    let local = local.map(|rest| if is_drive(&rest[rest.len().min(1)..]) { &rest[1..] } else { rest });
    local.unwrap_or(path).replace('\\', "/")
}

fn is_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

fn is_absolute(slashed: &str) -> bool {
    slashed.starts_with('/') || is_drive(slashed)
}

/// The folder that all of these lie in, with the slash at its end.
fn common_folder(paths: &[String]) -> Option<String> {
    let first = paths.first()?;
    let common = paths.iter().fold(first.as_str(), |common, path| {
        let same = common.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        let end = common[..floor(common, same)].rfind('/').map_or(0, |at| at + 1);
        &common[..end]
    });
    let end = common.rfind('/')? + 1;
    (end > 0).then(|| common[..end].to_string())
}

/// The last boundary between letters at or before a place.
fn floor(text: &str, place: usize) -> usize {
    (0..=place).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// `a%20b` as `a b`; `None` for a name without such codes.
pub(in crate::ingest) fn percent_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let code = |at: usize| {
        let digits = bytes.get(at + 1..at + 3)?;
        u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().filter(|byte| *byte != 0)
    };
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let found = (bytes[at] == b'%').then(|| code(at)).flatten();
        decoded.push(found.unwrap_or(bytes[at]));
        at += if found.is_some() { 3 } else { 1 };
    }
    (decoded.len() < bytes.len()).then(|| String::from_utf8(decoded).ok()).flatten()
}

fn mirrored(url: &str) -> Option<PathBuf> {
    let (_, rest) = url.split_once("//")?;
    let path = rest.split(['?', '#']).next()?;
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
    (path.contains('/') && path.split('/').all(plain)).then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_url_never_leads_out_of_the_folder() {
        assert_eq!(mirrored("https://cdn.example/a/1.jpg?sig=x"), Some(PathBuf::from("cdn.example/a/1.jpg")));
        for url in
            ["https://cdn.example/../../etc/x", "https://../x", "https:///x", "https://cdn.example", "x"]
        {
            assert_eq!(mirrored(url), None, "{url}");
        }
    }

    #[test]
    fn paths_of_other_machines_are_spelt_one_way() {
        for (given, expected) in [
            ("C:\\scrape\\img\\a.jpg", "C:/scrape/img/a.jpg"),
            ("file:///data/a%20b.jpg", "/data/a%20b.jpg"),
            ("file:///C:/x/a.jpg", "C:/x/a.jpg"),
            ("file://localhost/x/a.jpg", "/x/a.jpg"),
            (".\\img\\a.jpg", "./img/a.jpg"),
            ("file://", ""),
        ] {
            assert_eq!(slashed(given), expected, "{given}");
        }
        assert_eq!(percent_decoded("a%20b%C3%A9.jpg").as_deref(), Some("a bé.jpg"));
        assert_eq!(percent_decoded("100%.jpg"), None);
        assert_eq!(percent_decoded("%00.jpg"), None);
    }

    #[test]
    fn what_is_taken_off_is_one_for_all_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["img/a.jpg", "img/b.jpg", "x/img/a.jpg"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let learn = |names: &[&str]| {
            let mut roots = ImageRoots::new(None, folder.path(), &[], false).unwrap();
            let names: Vec<ImageRef> = names.iter().map(|name| ImageRef::from_text(name)).collect();
            roots.learn_prefix(&names)
        };
        assert_eq!(learn(&["C:\\s\\img\\a.jpg", "C:\\s\\img\\b.jpg"]).as_deref(), Some("C:/s/"));
        assert_eq!(learn(&["/data/s/img/a.jpg"]).as_deref(), Some("/data/s/"));
        // Two sites that have an `img/a.jpg` each: nothing tells whose the one here is.
        assert_eq!(learn(&["D:\\one\\img\\a.jpg", "D:\\two\\img\\a.jpg"]), None);
        assert_eq!(learn(&["img/a.jpg"]), None);
    }
}
