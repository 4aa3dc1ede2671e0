//! The nouns: image, ad, sighting, view, and their ids. No behaviour beyond naming and order.
//!
//! An *image* is one file's bytes, identified by their SHA-256; the same photo re-saved is another image. The
//! orders derived here (`Ord` on ids and keys) are the orders of every result file, so changing one changes
//! outputs.

use crate::codes::{EnumSet, codes};
use crate::error::SkipReason;
use crate::hash::{Hash256, Pdq};
use std::fmt;
use std::sync::Arc;

pub use crate::hash::{Rect, View, ViewKind};

/// SHA-256 of the file's bytes: identity, evidence-grade, says nothing about what is seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub [u8; 32]);

impl ImageId {
    /// The id that 64 hex digits of either case say.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut id = [0; 32];
        for (byte, at) in id.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(id))
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Bytes in lower-case hex digits, as digests are written.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Text takes whatever it is given.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Debug for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageId({self})")
    }
}

/// The three digests police, journalists and courts key files by, computed in one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// MD5: key of VICS and NCMEC exchanges.
    pub md5: [u8; 16],
    /// SHA-1: key of VICS and FollowTheMoney.
    pub sha1: [u8; 20],
    /// SHA-256: adlink's identity of an image.
    pub sha256: ImageId,
}

/// What makes an ad one ad: its id is unique only within its site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdKey {
    /// Site, usually a host name.
    pub site: String,
    /// The site's own id of the ad.
    pub ad_id: String,
}

impl fmt::Display for AdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.site, self.ad_id)
    }
}

/// An ad as last recorded. Absent text fields are empty; times are ISO 8601 text as normalised at import
/// (`2024-01-02`, or `2024-01-03T04:05:06Z` in UTC), so they sort as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ad {
    /// Site and id.
    pub key: AdKey,
    /// Where it stood.
    pub url: String,
    /// When the site says it was posted.
    pub posted_at: String,
    /// When it was collected.
    pub collected_at: String,
    /// Headline.
    pub title: String,
    /// Body.
    pub text: String,
    /// Phone numbers as written, sorted, without repeats.
    pub phones: Vec<String>,
    /// Account name or other handle of the poster.
    pub poster: String,
    /// Place as claimed.
    pub location: String,
    /// Section of the site.
    pub category: String,
    /// Columns kept on request (`--keep-field`): a JSON object with sorted names, or empty.
    pub kept: String,
}

impl Ad {
    /// An ad of which nothing but its key is told.
    pub const fn blank(key: AdKey) -> Self {
        Self {
            key,
            url: String::new(),
            posted_at: String::new(),
            collected_at: String::new(),
            title: String::new(),
            text: String::new(),
            phones: Vec::new(),
            poster: String::new(),
            location: String::new(),
            category: String::new(),
            kept: String::new(),
        }
    }
}

codes! {
    /// What a reader of a file's hashes should know.
    pub enum ImageCaveat: u8 {
        /// The bytes are there but contradict the format.
        Damaged => "DAMAGED", "some of its bytes are wrong";
        /// There was no file to read: its source gave the hash.
        SourceHashOnly => "SOURCE_HASH_ONLY", "its hash came from the source; the file itself was not read";
        /// Bytes are missing at the end.
        Truncated => "TRUNCATED", "its end is missing";
        /// There is no file of it: ffmpeg took it out of a video when that was read in.
        VideoFrame => "VIDEO_FRAME", "a frame of a video, as ffmpeg showed it when the video was read in";
    }
}

/// One image file's bytes and everything computed from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Identity.
    pub digests: Digests,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Format by content: `jpeg`, `png`, ... Shared by the images of a snapshot.
    pub format: Arc<str>,
    /// Width after EXIF orientation.
    pub width: u32,
    /// Height after EXIF orientation.
    pub height: u32,
    /// What a reader should know.
    pub caveats: EnumSet<ImageCaveat>,
    /// PDQ of the whole picture.
    pub pdq: Pdq,
    /// Content box, panes, frames.
    pub views: Box<[View]>,
    /// Gradient hash of the whole picture: a witness independent of PDQ.
    pub second: Option<Hash256>,
}

impl Image {
    /// An image of which nothing but a hash is known: there was no file to read.
    pub fn of_hash(digests: Digests, pdq: Pdq) -> Self {
        Self {
            digests,
            bytes: 0,
            format: "hash".into(),
            width: 0,
            height: 0,
            caveats: [ImageCaveat::SourceHashOnly].into_iter().collect(),
            pdq,
            views: Box::default(),
            second: None,
        }
    }

    /// Identity by content.
    pub fn id(&self) -> ImageId {
        self.digests.sha256
    }

    /// Whether only a hash of it is known, as its source gave it: there was no file to read. Its size is unknown, and its
    /// digests are what the source says, or made up to tell images apart.
    pub fn is_hash_only(&self) -> bool {
        self.caveats.contains(ImageCaveat::SourceHashOnly)
    }
}

/// One input left out, as it stands in `skipped.csv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Image path or manifest as the user gave it.
    pub path: String,
    /// The ad it belonged to, when known.
    pub ad: Option<AdKey>,
    /// Stable code.
    pub reason: SkipReason,
    /// For a person.
    pub detail: String,
}

/// What a reviewer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ruling {
    /// These show the same photo.
    Confirm,
    /// These do not show the same photo, whatever else agrees.
    Reject,
    /// A common photo: stock, logo, badge, placeholder.
    Common,
    /// A copy made by a mirror site.
    Mirror,
    /// Looked at, not settled.
    Unsure,
}

impl Ruling {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Confirm, Self::Reject, Self::Common, Self::Mirror, Self::Unsure];

    /// Name in files, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Common => "common",
            Self::Mirror => "mirror",
            Self::Unsure => "unsure",
        }
    }

    /// The ruling of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ruling| ruling.name() == name)
    }
}

/// What a decision is about, by content, so that it outlives moved files, new scrapes and new cases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Two images, the smaller id first.
    Pair(ImageId, ImageId),
    /// A photo group by the images it had when it was looked at; sorted.
    Photo(Vec<ImageId>),
    /// An ad.
    Ad(AdKey),
}

/// A reviewer's judgement. Decisions are never changed: a later one on the same subject overrules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it is about.
    pub subject: Subject,
    /// What was said.
    pub ruling: Ruling,
    /// Who said it, as they named themselves.
    pub reviewer: String,
    /// When, ISO 8601 UTC; empty on its way into a case: now.
    pub at: String,
    /// Why; may be empty.
    pub reason: String,
    /// What the reviewer had in front of them: `blurred`, `revealed`, `no pictures`, ... and the adlink version.
    pub shown: String,
}
