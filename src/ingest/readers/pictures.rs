//! Pictures that lie in a tree of names, as ads: the first folder names the site, the rest of the way the ad.
//!
//! What a folder on the disk is, an archive is, too; only how its names are had differs.

use super::layout::Sink;
use super::tree::{Entry, Tree};
use crate::error::{ImageError, Result, SkipReason};
use crate::ingest::options::AdPer;
use crate::ingest::record::{Located, Place};
use crate::record::{Ad, AdKey};
use crate::source;
use std::collections::BTreeMap;
use std::path::Path;

/// The place of an image that is at a path; its position is still to be told.
pub(super) fn place(shown: &str, path: &Path) -> Place {
    let found = source::stamp(path).and_then(|stamp| match stamp {
        Some(stamp) => Ok(Located { path: path.to_path_buf(), stamp }),
        None => Err(ImageError::new(SkipReason::Missing, "the file is not there")),
    });
    Place { position: 0, shown: shown.to_string(), found, declared: None }
}

/// Hands on the pictures of a tree that is held in memory.
pub(super) fn read(tree: &Tree, ad_per: AdPer, sink: &mut dyn Sink) -> Result<()> {
    let mut ads: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
    let mut loose = 0;
    for entry in &tree.entries {
        if !entry.is_image() {
            sink.unused(entry.kind(), 1);
            continue;
        }
        let folders: Vec<&str> = entry.name.split('/').collect();
        let below = &folders[..folders.len() - 1];
        let site = below.first().map_or(tree.site.clone(), |site| site.to_string());
        loose += u64::from(below.is_empty());
        let ad = if below.is_empty() || ad_per == AdPer::Image {
            entry.name.clone()
        } else {
            (if below.len() > 1 { &below[1..] } else { below }).join("/")
        };
        ads.entry((site, ad)).or_default().push(entry);
    }
    if loose > 0 && ad_per == AdPer::Folder {
        let said = format!(
            "{loose} pictures lie loose: each is an ad of its own. Pictures of one ad belong into a folder"
        );
        sink.note("loose", &said);
    }
    // In the order of the archive: what is compressed as a whole is read through once then.
    let mut ads: Vec<_> = ads.into_iter().collect();
    ads.sort_by_key(|(_, entries)| entries.iter().map(|entry| entry.place).min());
    for ((site, ad_id), entries) in ads {
        let places = entries.into_iter().map(Entry::place).collect();
        sink.ad(&Ad::blank(AdKey { site, ad_id }), places)?;
    }
    Ok(())
}
