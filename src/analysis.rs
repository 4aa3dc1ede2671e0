//! One image file to everything adlink computes from it: digests, hashes, views, local features. Knows no case.
//!
//! [`hash_file`] is what a case stores of a picture; [`analyse_file`] also keeps pixels and features, which is what a
//! query or a comparison is made of. The trap: an analysis holds the decoded picture, megabytes of it.

use crate::decode::{self, Decoded, DecodedPicture, Limits, Scope};
use crate::error::ImageError;
use crate::features::plane::reduce;
use crate::features::texture::TextureMap;
use crate::features::{Features, QUERY, WORKING_SIDE, extract};
use crate::hash::{self, Hash256, Luma, LumaF32, Pdq, Quality, Rect, View, ViewKind, pdq_exact};
use crate::record::{Digests, Image, ImageId};
use crate::source;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Bytes that each digest takes at a time: the block of all three. Each waits for itself most of the time, so taking
/// turns this often lets the processor work on two at once.
const DIGEST_BLOCK: usize = 64;

/// Reads and hashes one image file under the default [`Limits`]. About 6 ms of one core for a photo of 1.5 megapixels.
///
/// # Errors
/// Why the file cannot be used, as a code and in words: it is not there, no image, damaged, too large.
pub fn hash_file(path: impl AsRef<Path>) -> Result<Image, ImageError> {
    let limits = Limits::default();
    analyse(&read_file(path.as_ref(), &limits)?, &limits)
}

/// Reads one image file and computes all that a query or a comparison needs, under the default [`Limits`]: hashes,
/// [`QUERY`] keypoints, and the picture itself.
///
/// # Errors
/// As [`hash_file`].
pub fn analyse_file(path: impl AsRef<Path>) -> Result<Analysis, ImageError> {
    let limits = Limits::default();
    analyse_with_features(&read_file(path.as_ref(), &limits)?, &limits, QUERY)
}

/// Reads one file whole, within the limit on bytes.
///
/// # Errors
/// `MISSING`, `UNREADABLE` or `TOO_LARGE`, in words.
pub fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, ImageError> {
    source::read_file(path, limits.max_bytes)
}

/// The picture of an image from the first of these files that still has its bytes; `None` when none has.
pub fn original(paths: impl IntoIterator<Item = PathBuf>, image: &ImageId, limits: &Limits) -> Option<Luma> {
    let read = |path: PathBuf| read_file(&path, limits).ok();
    let bytes = paths.into_iter().filter_map(read).find(|bytes| digest(bytes).sha256 == *image)?;
    decode::decode(&bytes, limits).ok().map(|decoded| decoded.luma)
}

/// MD5, SHA-1 and SHA-256 of some bytes, in one pass.
pub fn digest(bytes: &[u8]) -> Digests {
    let (mut md5, mut sha1, mut sha256) = (Md5::new(), Sha1::new(), Sha256::new());
    for block in bytes.chunks(DIGEST_BLOCK) {
        md5.update(block);
        sha1.update(block);
        sha256.update(block);
    }
    Digests {
        md5: md5.finalize().into(),
        sha1: sha1.finalize().into(),
        sha256: ImageId(sha256.finalize().into()),
    }
}

/// A PDQ margin below this is not trusted to the luma plane of a JPEG. The reference makes RGB first, and its rounding
/// moves frequencies by 0.2 to 0.5; a seventh of all photos lie below, and two in five of them would differ.
const FRAGILE_MARGIN: f32 = 0.08;

/// How PDQ of the whole picture is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PdqForm {
    /// From full-size luma by the fast form: what a case holds.
    #[default]
    Fast,
    /// From full-size RGB in the reference's own order of f32 operations.
    Exact,
    /// As the reference's C++ reads files: pixels as stored (no EXIF orientation), 512x512 by nearest neighbour.
    MetaCpp,
}

/// [`analyse`] with another form of PDQ; the rest of the record is the same. Decodes twice unless fast.
///
/// # Errors
/// As [`analyse`].
pub fn analyse_as(bytes: &[u8], limits: &Limits, form: PdqForm) -> Result<Image, ImageError> {
    let image = analyse(bytes, limits)?;
    let pdq = match form {
        PdqForm::Fast => image.pdq,
        PdqForm::Exact => pdq_exact(luma_f32(&decode::decode_rgb(bytes, limits)?)),
        PdqForm::MetaCpp => pdq_exact(luma_f32(&decode::decode_stored(bytes, limits)?).nearest_512()),
    };
    Ok(Image { pdq, ..image })
}

fn luma_f32(picture: &DecodedPicture) -> LumaF32 {
    match picture {
        DecodedPicture::Grey(luma) => LumaF32::from(luma),
        DecodedPicture::Rgb { width, height, pixels } => {
            LumaF32::from_rgb(*width, *height, pixels).expect("a decoded picture has three bytes a pixel")
        }
    }
}

/// Digests, decodes and hashes one file. Never panics, whatever the bytes.
///
/// # Errors
/// What the bytes are instead of an image that can be used, or which limit they pass.
pub fn analyse(bytes: &[u8], limits: &Limits) -> Result<Image, ImageError> {
    analyse_digested(digest(bytes), bytes, limits).map(|(image, _)| image)
}

/// An image with its pixels and local features, from one decode: what a query is made of.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What a case would hold.
    pub image: Image,
    /// The picture.
    pub luma: Luma,
    /// Its local features.
    pub features: Features,
}

impl Analysis {
    /// A query of which only a hash is known, taken at its word: no pixels, no features, and an id that no file has.
    pub fn of_hash(hash: Hash256) -> Self {
        let sha256 =
            Sha256::new_with_prefix("adlink: a query known by its hash").chain_update(hash.to_bytes());
        let digests = Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId(sha256.finalize().into()) };
        let image = Image::of_hash(digests, Pdq::from_upright(hash, Quality::USABLE));
        let luma = Luma::new(1, 1, vec![0]).expect("one pixel");
        Self { image, luma, features: Features::default() }
    }
}

/// [`analyse`], with local features of up to `keypoints` keypoints.
///
/// # Errors
/// As [`analyse`].
pub fn analyse_with_features(
    bytes: &[u8],
    limits: &Limits,
    keypoints: usize,
) -> Result<Analysis, ImageError> {
    let _scope = Scope::open();
    let (image, luma) = analyse_digested(digest(bytes), bytes, limits)?;
    Ok(Analysis { features: extract(&luma, keypoints), image, luma })
}

/// What is known about some bytes: all that a case holds of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysed {
    /// Digests of the bytes.
    pub digests: Digests,
    /// Their number.
    pub bytes: u64,
    /// The image, or why there is none that can be used.
    pub outcome: Result<Image, ImageError>,
    /// Local features of the picture, when they were asked for and it can be used.
    pub features: Option<Features>,
}

/// All that a case holds of some bytes, with up to `keypoints` local features; without any for 0. Never panics.
///
/// Cost: that of [`analyse_with_features`].
pub fn analyse_for_case(bytes: &[u8], limits: &Limits, keypoints: usize) -> Analysed {
    analyse_known(digest(bytes), bytes, limits, keypoints)
}

/// [`analyse_for_case`] of bytes whose digests are known already.
pub(crate) fn analyse_known(digests: Digests, bytes: &[u8], limits: &Limits, keypoints: usize) -> Analysed {
    let _scope = Scope::open();
    let (outcome, luma) = match analyse_digested(digests, bytes, limits) {
        Ok((image, luma)) => (Ok(image), Some(luma)),
        Err(fault) => (Err(fault), None),
    };
    let features = luma.filter(|_| keypoints > 0).map(|luma| extract(&luma, keypoints));
    Analysed { digests, bytes: bytes.len() as u64, outcome, features }
}

/// As [`analyse`], with digests that are known already; returns the pixels, too.
fn analyse_digested(digests: Digests, bytes: &[u8], limits: &Limits) -> Result<(Image, Luma), ImageError> {
    let decoded = decode::decode(bytes, limits)?;
    let hashes = hash::whole_hashes(&decoded.luma);
    let fragile = decoded.format == "jpeg" && decoded.caveats.is_empty() && hashes.margin < FRAGILE_MARGIN;
    let image = Image {
        digests,
        bytes: bytes.len() as u64,
        format: decoded.format.to_string().into(),
        width: decoded.luma.width(),
        height: decoded.luma.height(),
        caveats: decoded.caveats,
        pdq: fragile.then(|| pdq_of_colour(bytes, limits)).flatten().unwrap_or(hashes.pdq),
        views: views(&decoded).into(),
        second: hashes.second,
    };
    Ok((image, decoded.luma))
}

/// PDQ from RGB; `None` for a file without colour, or when that is more than the limits allow.
fn pdq_of_colour(bytes: &[u8], limits: &Limits) -> Option<Pdq> {
    match decode::decode_rgb(bytes, limits).ok()? {
        DecodedPicture::Grey(_) => None,
        DecodedPicture::Rgb { width, height, pixels } => hash::pdq_of_rgb(width, height, &pixels),
    }
}

/// Parts of the first frame, then the further frames as wholes; those that PDQ can tell apart.
fn views(decoded: &Decoded) -> Vec<View> {
    let frame = |luma: &Luma| {
        let rect = Rect { x: 0, y: 0, width: luma.width(), height: luma.height() };
        View { kind: ViewKind::Frame, rect, pdq: hash::pdq(luma) }
    };
    let frames = decoded.frames.iter().map(frame).filter(|view| view.pdq.is_usable(Quality::USABLE));
    let mut parts = hash::views(&decoded.luma);
    without_design(&decoded.luma, &mut parts);
    parts.into_iter().chain(frames).collect()
}

/// Ink for each block of continuous tone from which a pane is no picture.
const MOSTLY_INK: f64 = 8.0;

/// Leaves out panes that hold text, buttons or codes: what they prove is that two pages are of one site.
fn without_design(luma: &Luma, views: &mut Vec<View>) {
    if views.iter().any(|view| view.kind == ViewKind::Pane) {
        let texture = TextureMap::of(&reduce(luma, WORKING_SIDE));
        let shares = |rect: Rect| {
            let (width, height) = (f64::from(luma.width()), f64::from(luma.height()));
            let [x, y, w, h] = [rect.x, rect.y, rect.width, rect.height].map(f64::from);
            texture.shares_in([x / width, y / height, (x + w) / width, (y + h) / height])
        };
        views.retain(|view| {
            let shares = shares(view.rect);
            view.kind != ViewKind::Pane || shares.design <= MOSTLY_INK * shares.photo
        });
    }
}
