//! From the image a record names to a file on this machine. adlink fetches nothing.

use crate::error::{ImageError, SkipReason};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// An image as a record names it. At least one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) struct ImageRef {
    /// Path on the machine of whoever wrote the record.
    pub(in crate::ingest) path: Option<String>,
    /// Where it was fetched from.
    pub(in crate::ingest) url: Option<String>,
    /// What the record says of the bytes.
    pub(in crate::ingest) declared: Option<Box<Declared>>,
}

/// What a record says of an image's bytes, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) struct Declared {
    pub(in crate::ingest) sha256: Option<String>,
    pub(in crate::ingest) pdq: Option<String>,
}

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
        self.path.as_deref().or(self.url.as_deref()).unwrap_or_default()
    }
}

/// A file that exists.
#[derive(Debug)]
pub(in crate::ingest) struct Located {
    pub(in crate::ingest) path: PathBuf,
    pub(in crate::ingest) metadata: Metadata,
}

/// An image of a record, looked for: the path as given, and the file or why there is none.
pub(in crate::ingest) struct Place {
    pub(in crate::ingest) position: u32,
    pub(in crate::ingest) shown: String,
    pub(in crate::ingest) found: Result<Located, ImageError>,
    /// What the record says of its bytes, and the line where it says so.
    pub(in crate::ingest) declared: Option<(u64, Box<Declared>)>,
}

/// The folders in which the images of one manifest are looked for, in order.
#[derive(Debug)]
pub(in crate::ingest) struct Roots {
    folders: Vec<PathBuf>,
    /// The folders in words, without a path of this machine.
    words: &'static str,
}

impl Roots {
    /// Under `images` when given, else beside the manifest, then in `images/` beside it.
    pub(in crate::ingest) fn new(images: Option<&Path>, manifest_folder: &Path) -> io::Result<Self> {
        Ok(match images {
            Some(folder) => {
                Self { folders: vec![std::path::absolute(folder)?], words: "in the folder of images" }
            }
            None => {
                // A manifest named without a folder lies in the current one, whose name is empty then.
                let here = manifest_folder.as_os_str().is_empty();
                let folder = std::path::absolute(if here { Path::new(".") } else { manifest_folder })?;
                let images = folder.join("images");
                Self { folders: vec![folder, images], words: "beside the manifest or in images/ beside it" }
            }
        })
    }

    /// The file an image reference means.
    pub(in crate::ingest) fn find(&self, image: &ImageRef) -> Result<Located, ImageError> {
        for relative in candidates(image) {
            for folder in &self.folders {
                let path = folder.join(&relative);
                match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_file() => return Ok(Located { path, metadata }),
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                        return Err(ImageError::new(
                            SkipReason::Unreadable,
                            "no permission to look into its folder",
                        ));
                    }
                    _ => {}
                }
            }
        }
        Err(match &image.path {
            Some(_) => ImageError::new(SkipReason::Missing, format!("no such file {}", self.words)),
            None => ImageError::new(SkipReason::NotLocal, "named by URL only, and adlink fetches nothing"),
        })
    }
}

/// Relative paths to try: the path, the path with Windows separators turned, `host/path` as mirroring tools lay
/// files out. The last part of a URL alone would be a guess: every site has a `1.jpg`.
fn candidates(image: &ImageRef) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    if let Some(path) = &image.path {
        paths.push(PathBuf::from(path));
        if path.contains('\\') {
            paths.push(PathBuf::from(path.replace('\\', "/")));
        }
    }
    paths.extend(image.url.as_deref().and_then(mirrored));
    paths
}

fn mirrored(url: &str) -> Option<PathBuf> {
    let (_, rest) = url.split_once("//")?;
    let path = rest.split(['?', '#']).next()?;
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
    (path.contains('/') && path.split('/').all(plain)).then(|| PathBuf::from(path))
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    text.starts_with("//") || ["http", "https", "ftp"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
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
    fn a_url_never_leads_out_of_the_folder() {
        assert_eq!(mirrored("https://cdn.example/a/1.jpg?sig=x"), Some(PathBuf::from("cdn.example/a/1.jpg")));
        for url in
            ["https://cdn.example/../../etc/x", "https://../x", "https:///x", "https://cdn.example", "x"]
        {
            assert_eq!(mirrored(url), None, "{url}");
        }
    }
}
