//! The images a record names: paths, addresses, and what it says of their bytes.
//!
//! The trap: a hash that a record gives is a claim. With a file it is held against the file; without one it is all that
//! is known of the image.

use super::aliases::squash;
use super::lists;
use super::values::{is_blank, plain};
use serde_json::{Map, Value};

/// An image as a record names it. At least one of the three is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::ingest) struct ImageRef {
    /// Path on the machine of whoever wrote the record.
    pub(in crate::ingest) path: Option<String>,
    /// Where it was fetched from.
    pub(in crate::ingest) url: Option<String>,
    /// What the record says of the bytes.
    pub(in crate::ingest) declared: Option<Box<Declared>>,
}

/// What a record says of an image's bytes, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::ingest) struct Declared {
    pub(in crate::ingest) sha256: Option<String>,
    pub(in crate::ingest) sha1: Option<String>,
    pub(in crate::ingest) md5: Option<String>,
    pub(in crate::ingest) pdq: Option<String>,
    pub(in crate::ingest) quality: Option<String>,
}

/// Names of the parts of an image that is an object, or of columns such as `images/0/url`.
const PATH: &[&str] = &["path", "file", "filename", "local_path", "filepath", "name"];
const URL: &[&str] =
    &["url", "src", "href", "image_url", "obj_stored_url", "obj_original_url", "uri", "original"];
const PDQ: &[&str] = &["pdq", "pdq_hash", "perceptual_hash"];
const QUALITY: &[&str] = &["quality", "pdq_quality"];
const SHA256: &[&str] = &["sha256"];
const SHA1: &[&str] = &["sha1"];
const MD5: &[&str] = &["md5", "checksum"];

impl ImageRef {
    /// A text that is one or the other.
    pub(in crate::ingest) fn from_text(text: &str) -> Self {
        let text = text.trim().to_string();
        if is_url(&text) {
            Self { path: None, url: Some(text), declared: None }
        } else {
            Self { path: Some(text), url: None, declared: None }
        }
    }

    /// What stands in results for it.
    pub(in crate::ingest) fn shown(&self) -> &str {
        let hash =
            || self.declared.as_deref().and_then(|said| said.sha256.as_deref().or(said.pdq.as_deref()));
        self.path.as_deref().or(self.url.as_deref()).or_else(hash).unwrap_or_default()
    }
}

/// The part of an image that a column such as `images/0/NAME` is; `name` without case and punctuation.
pub(super) fn part_named(name: &str) -> Option<&'static str> {
    let known = |names: &&&'static [&'static str]| names.iter().any(|known| squash(known) == name);
    [PATH, URL, PDQ, QUALITY, SHA256, SHA1, MD5].iter().find(known).map(|names| names[0])
}

/// The images of a record: a list, or one text with names and separators between them, or a list in some notation.
pub(super) fn images(value: Value) -> Result<Vec<ImageRef>, String> {
    match value {
        Value::Array(list) => {
            let present = list.into_iter().enumerate().filter(|(_, entry)| !is_blank(entry));
            present.map(|(place, entry)| image(place, &entry)).collect()
        }
        Value::String(text) => match lists::literal(&text) {
            Some(list @ Value::Array(_)) => images(list),
            Some(Value::Object(parts)) if !parts.is_empty() => images(Value::Array(vec![parts.into()])),
            _ if text.trim_start().starts_with("data:") => Ok(vec![ImageRef::from_text(&text)]),
            _ => Ok(lists::names(&text).into_iter().map(ImageRef::from_text).collect()),
        },
        object @ Value::Object(_) => Ok(vec![image(0, &object)?]),
        other => Err(format!("images is {other}, not a list")),
    }
}

fn image(place: usize, entry: &Value) -> Result<ImageRef, String> {
    match entry {
        Value::String(text) => Ok(ImageRef::from_text(text)),
        Value::Object(parts) => {
            object(parts).ok_or_else(|| format!("images[{place}] has neither path nor url nor hash"))
        }
        _ => Err(format!("images[{place}] is neither a text nor an object")),
    }
}

fn object(parts: &Map<String, Value>) -> Option<ImageRef> {
    let part = |names: &[&str]| {
        names.iter().find_map(|name| parts.get(*name)).filter(|value| !is_blank(value)).map(plain)
    };
    let declared = Declared {
        sha256: part(SHA256),
        sha1: part(SHA1),
        md5: part(MD5),
        pdq: part(PDQ),
        quality: part(QUALITY),
    };
    let declared = declared.says_something().then(|| Box::new(declared));
    match (part(PATH), part(URL)) {
        (None, None) => declared.map(|said| ImageRef { declared: Some(said), ..ImageRef::default() }),
        (None, Some(url)) => Some(ImageRef { declared, ..ImageRef::from_text(&url) }),
        (path, url) => Some(ImageRef { path, url, declared }),
    }
}

impl Declared {
    /// Whether it says anything that an image can be known by.
    pub(super) fn says_something(&self) -> bool {
        self.sha256.is_some() || self.sha1.is_some() || self.md5.is_some() || self.pdq.is_some()
    }
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    text.starts_with("//") || ["http", "https", "ftp"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Hashes that stand beside the images instead of in them, one for each: those of image `n` are the `n`th.
pub(super) fn beside(images: &mut Vec<ImageRef>, hashes: &Declared) {
    let split = |text: &Option<String>| -> Vec<String> {
        let text = text.as_deref().unwrap_or_default();
        text.split([';', ',', '|', ' ', '\n']).filter(|part| !part.is_empty()).map(str::to_string).collect()
    };
    let columns = [&hashes.sha256, &hashes.sha1, &hashes.md5, &hashes.pdq, &hashes.quality].map(split);
    let several = columns[..4].iter().map(Vec::len).max().unwrap_or(0);
    if several == 0 || !images.is_empty() && images.len() != several {
        return;
    }
    images.resize_with(several, ImageRef::default);
    for (place, image) in images.iter_mut().enumerate() {
        let [sha256, sha1, md5, pdq, quality] = columns.each_ref().map(|column| column.get(place).cloned());
        let said = Declared { sha256, sha1, md5, pdq, quality };
        if image.declared.is_none() && said.says_something() {
            image.declared = Some(Box::new(said));
        }
    }
    images.retain(|image| !image.shown().is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths_are_told_apart() {
        for (text, url) in [
            ("https://cdn.example/a.jpg", true),
            ("HTTP://cdn.example/a.jpg", true),
            ("//cdn.example/a.jpg", true),
            ("img/a.jpg", false),
            ("C:\\img\\a.jpg", false),
            ("/img/a.jpg", false),
        ] {
            assert_eq!(ImageRef::from_text(text).url.is_some(), url, "{text}");
        }
    }

    #[test]
    fn hashes_beside_the_images_go_with_them() {
        let pdq = |text: &str| Declared { pdq: Some(text.into()), ..Declared::default() };
        let mut images = vec![ImageRef::from_text("a.jpg"), ImageRef::from_text("b.jpg")];
        beside(&mut images, &pdq("11; 22"));
        assert_eq!(images[1].declared.as_deref(), Some(&pdq("22")));
        let mut alone = Vec::new();
        beside(&mut alone, &pdq("11"));
        assert_eq!(alone[0].shown(), "11");
        let mut uneven = vec![ImageRef::from_text("a.jpg")];
        beside(&mut uneven, &pdq("11; 22"));
        assert_eq!(uneven[0].declared, None);
    }
}
