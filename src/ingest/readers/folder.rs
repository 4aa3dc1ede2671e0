//! A folder of images as ads: the first folder below it names the site, the rest of the path the ad.
//!
//! Whether a file is an image is asked of its name first and of its first bytes else, so a page among the
//! pictures is no error while a page *named* like a picture is one. Positions are all 0 and the case orders by
//! path: a picture added later must not move the others.

use super::eyes::{is_hidden, is_video_name, kind_of, looks_like_image};
use super::layout::Sink;
use crate::corpus::readable;
use crate::error::{Error, ImageError, Result, SkipReason};
use crate::ingest::options::AdPer;
use crate::ingest::record::{Bounds, Located, Place};
use crate::record::{Ad, AdKey};
use crate::source::Stamp;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Deeper than any scrape, shallower than the stack.
const DEEPEST: usize = 64;

/// What a link is called that is not followed: the same words whether or not there is something at its end.
pub(super) const LINK_OUT: &str = "link that leads out of the folder or nowhere";

/// Reads a folder and all below it. Links to folders are followed only where links may lead out, and not back into it.
pub(in crate::ingest) fn read(root: &Path, ad_per: AdPer, sink: &mut dyn Sink) -> Result<()> {
    let failed = |error| Error::io("read folder", root, error);
    let absolute = std::path::absolute(root).map_err(failed)?;
    let real = fs::canonicalize(root).map_err(failed)?;
    let site = real.file_name().map_or_else(|| "folder".to_string(), readable);
    fs::read_dir(root).map_err(failed)?;
    let bounds = Bounds::new([root], sink.allows_outside()).map_err(failed)?;
    FolderWalk { site, bounds, linked: vec![real], ad_per, sink }.folder(&absolute, &mut Vec::new())
}

struct FolderWalk<'a> {
    /// Site of what lies directly in the folder.
    site: String,
    /// How far links may lead.
    bounds: Bounds,
    /// The real folder, and those that links led to: a link into one of them is not followed.
    linked: Vec<PathBuf>,
    ad_per: AdPer,
    sink: &'a mut dyn Sink,
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|own| own.is_symlink())
}

/// An image file of the folder at hand.
struct ImageFile {
    name: String,
    located: Located,
}

impl FolderWalk<'_> {
    /// `below`: readable names of the folders from the root to this one.
    fn folder(&mut self, folder: &Path, below: &mut Vec<String>) -> Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.closed(below, &error),
        };
        let mut names: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
        names.sort_unstable();
        let (mut images, mut folders) = (Vec::new(), Vec::new());
        for name in names.into_iter().filter(|name| !is_hidden(name)) {
            let path = folder.join(&name);
            if is_link(&path) && !self.bounds.leads_within(&path) {
                self.sink.unused(LINK_OUT, 1);
                continue;
            }
            // Fails for a link that leads nowhere: nothing was asked for, so nothing is missing.
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => folders.push(path),
                Ok(metadata) if metadata.is_file() && self.is_taken(&path) => {
                    let located = Located { stamp: Stamp::of(&metadata), path };
                    images.push(ImageFile { name: readable(&name), located });
                }
                Ok(metadata) if metadata.is_file() => self.sink.unused(kind_of(&path), 1),
                Ok(_) => self.sink.unused("pipe, socket or device", 1),
                Err(_) => self.sink.unused("link that leads nowhere", 1),
            }
        }
        self.ads(images, below)?;
        for path in &folders {
            if below.len() >= DEEPEST {
                self.sink.unused("folder more than 64 deep", 1);
            } else if self.leads_further(path) {
                below.push(path.file_name().map(readable).unwrap_or_default());
                self.folder(path, below)?;
                below.pop();
            }
        }
        Ok(())
    }

    fn is_taken(&self, path: &Path) -> bool {
        looks_like_image(path) || self.sink.takes_videos() && is_video_name(path)
    }

    /// A folder that cannot be looked into is an ad whose images are unreadable.
    fn closed(&mut self, below: &[String], error: &io::Error) -> Result<()> {
        let found =
            Err(ImageError::new(SkipReason::Unreadable, format!("cannot look into the folder: {error}")));
        self.sink.ad(
            &self.folder_ad(below),
            vec![Place { position: 0, shown: below.join("/"), found, declared: None }],
        )
    }

    fn leads_further(&mut self, folder: &Path) -> bool {
        if !is_link(folder) {
            return true;
        }
        let Ok(real) = fs::canonicalize(folder) else { return false };
        let known = self.linked.iter().any(|known| real.starts_with(known) || known.starts_with(&real));
        if !known {
            self.linked.push(real);
        }
        !known
    }

    fn ads(&mut self, images: Vec<ImageFile>, below: &[String]) -> Result<()> {
        let relative = |name: &str| [below, &[name.to_string()]].concat().join("/");
        let place = |image: ImageFile| Place {
            position: 0,
            shown: relative(&image.name),
            found: Ok(image.located),
            declared: None,
        };
        if below.is_empty() && self.ad_per == AdPer::Folder && !images.is_empty() {
            let number = images.len();
            let said = format!(
                "{number} pictures lie loose in the folder: each is an ad of its own. Pictures of one ad belong into a folder"
            );
            self.sink.note("loose", &said);
        }
        if below.is_empty() || self.ad_per == AdPer::Image {
            for image in images {
                let ad = self.ad(below, relative(&image.name));
                self.sink.ad(&ad, vec![place(image)])?;
            }
        } else if !images.is_empty() {
            let ad = self.folder_ad(below);
            self.sink.ad(&ad, images.into_iter().map(place).collect())?;
        }
        Ok(())
    }

    /// The ad that a folder is: named by its path below the site, or like the site.
    fn folder_ad(&self, below: &[String]) -> Ad {
        let rest = if below.len() > 1 { &below[1..] } else { below };
        self.ad(below, rest.join("/"))
    }

    /// An ad of which only the key is known.
    fn ad(&self, below: &[String], ad_id: String) -> Ad {
        let site = below.first().unwrap_or(&self.site).clone();
        Ad::blank(AdKey { site, ad_id })
    }
}
