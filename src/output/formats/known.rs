//! What an image is known by outside adlink: digests, PDQ, media type, names.
//!
//! The trap: not every digest in an image is one of its bytes. A profile puts pseudonyms in their place, and an image
//! of which only a hash is known has a SHA-256 that may be made up. Neither may be written as a digest.

use crate::corpus::ImageRow;
use crate::hash::{Hash256, Quality};
use crate::hashlist::known_hex;
use crate::record::Image;
use crate::view::Joined;
use std::collections::BTreeSet;

/// An image with the paths under which it was seen.
pub(super) struct Known<'a> {
    pub(super) image: &'a Image,
    pub(super) paths: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn of(joined: &Joined<'a>, row: ImageRow) -> Self {
        let paths = joined.sightings_of_image(row).map(|seen| &*seen.path).collect();
        Self { image: joined.image(row), paths }
    }

    /// The first of its paths; empty when it has none.
    pub(super) fn path(&self) -> &'a str {
        self.paths.first().copied().unwrap_or_default()
    }

    /// Folder and name of that path, told apart by either separator.
    pub(super) fn folder_and_name(&self) -> (&'a str, &'a str) {
        let path = self.path();
        path.rfind(['/', '\\']).map_or(("", path), |at| (&path[..at], &path[at + 1..]))
    }

    pub(super) fn md5(&self) -> Option<String> {
        known_hex(&self.image.digests.md5)
    }

    pub(super) fn sha1(&self) -> Option<String> {
        known_hex(&self.image.digests.sha1)
    }

    /// Only of a file that was read: such an image has a SHA-1, too.
    pub(super) fn sha256(&self) -> Option<String> {
        let read = !self.image.is_hash_only() && self.sha1().is_some();
        read.then(|| self.image.id().to_string())
    }

    /// Its digests by the names that STIX gives them.
    pub(super) fn digests(&self) -> impl Iterator<Item = (&'static str, String)> {
        let named = [("MD5", self.md5()), ("SHA-1", self.sha1()), ("SHA-256", self.sha256())];
        named.into_iter().filter_map(|(name, digest)| Some((name, digest?)))
    }

    /// PDQ of the whole picture, where it has enough to go by: readers take any hash they are given for usable.
    pub(super) fn pdq(&self) -> Option<String> {
        let pdq = &self.image.pdq;
        (pdq.quality >= Quality::USABLE && pdq.hash() != Hash256::default()).then(|| pdq.hash().to_string())
    }

    /// Size of the file, where there was one.
    pub(super) fn bytes(&self) -> Option<u64> {
        (self.image.bytes > 0).then_some(self.image.bytes)
    }

    pub(super) fn media_type(&self) -> Option<&'static str> {
        Some(match &*self.image.format {
            "jpeg" => "image/jpeg",
            "png" => "image/png",
            "webp" => "image/webp",
            "gif" => "image/gif",
            "bmp" => "image/bmp",
            "tiff" => "image/tiff",
            "pnm" => "image/x-portable-anymap",
            "avif" => "image/avif",
            "jxl" => "image/jxl",
            _ => return None,
        })
    }
}

/// An address that a browser may follow; everything else in the field is text.
pub(super) fn web_address(url: &str) -> Option<&str> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (web && !url.contains(|c: char| c.is_control() || c.is_whitespace())).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::EnumSet;
    use crate::hash::Pdq;
    use crate::record::{Digests, ImageCaveat, ImageId};

    fn image(digest: u8, caveats: EnumSet<ImageCaveat>, quality: u8) -> Image {
        Image {
            digests: Digests { md5: [digest; 16], sha1: [digest; 20], sha256: ImageId([9; 32]) },
            bytes: 0,
            format: "jpeg".into(),
            width: 0,
            height: 0,
            caveats,
            pdq: Pdq::from_base([Hash256::from_words([1, 2, 3, 4]); 4], Quality::new(quality)),
            views: Box::default(),
            second: None,
        }
    }

    #[test]
    fn pseudonyms_and_made_up_digests_are_never_digests() {
        let digests = |image: &Image| {
            Known { image, paths: BTreeSet::new() }.digests().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let by_hash = EnumSet::from_iter([ImageCaveat::SourceHashOnly]);
        assert_eq!(digests(&image(7, EnumSet::default(), 90)), ["MD5", "SHA-1", "SHA-256"]);
        assert_eq!(digests(&image(0, EnumSet::default(), 90)), Vec::<&str>::new());
        assert_eq!(digests(&image(7, by_hash, 90)), ["MD5", "SHA-1"]);
        assert_eq!(digests(&image(0, by_hash, 90)), Vec::<&str>::new());
    }

    #[test]
    fn a_hash_with_little_to_go_by_is_not_handed_on() {
        let given =
            |quality| Known { image: &image(7, EnumSet::default(), quality), paths: BTreeSet::new() }.pdq();
        assert_eq!((given(49), given(50).is_some()), (None, true));
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert_eq!(web_address("HTTPS://x.example/a?b=c"), Some("HTTPS://x.example/a?b=c"));
        for text in ["javascript:alert(1)", "", "x.example/a", "https://x.example/a b", "http://x\n/"] {
            assert_eq!(web_address(text), None, "{text}");
        }
    }
}
