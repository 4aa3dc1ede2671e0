//! An analysis as bytes that travel: what one machine found out about an image file, for a case on another.
//!
//! [`pack`] and [`unpack`] are each other's inverse. Bytes of another form, of another way of analysing, cut or changed are
//! a [`PackedFault`], never half an analysis. The trap: the digest at the end finds accidents, not forgers; whoever may
//! write such bytes may say of an image what they like, as with any hash list.

use crate::analysis::Analysed;
use crate::codes::{EnumSet, NamedCode};
use crate::decode::Limits;
use crate::error::{ImageError, SkipReason};
use crate::features::Features;
use crate::hash::{Hash256, pdq_bytes, pdq_from, views_bytes, views_from};
use crate::record::{Digests, Image, ImageCaveat, ImageId};
use sha2::{Digest, Sha256};

/// What the bytes begin with.
const MAGIC: &[u8; 8] = b"adlink\x1aA";
/// How the bytes are laid out.
const FORM: u16 = 1;
/// What is computed of a picture. To be raised with every change after which some picture has other hashes, views, features
/// or faults than before: `tests/pictures/packed.rs` fails until it is.
const ANALYSIS: u16 = 1;
/// Bytes of the digest at the end.
const CHECK: usize = 16;

/// What was found out about some bytes, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedAnalysis {
    /// What was found out.
    pub analysed: Analysed,
    /// Local features that were asked for; 0: none.
    pub keypoints: u16,
    /// What the picture was allowed to cost.
    pub limits: Limits,
}

/// Why bytes are no analysis that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackedFault {
    /// They do not begin as an analysis does.
    #[error("not an analysis of adlink")]
    Foreign,
    /// Of an adlink that lays them out, or analyses pictures, in another way.
    #[error(
        "by another version of adlink: form {form}, analysis {analysis}, this one has {FORM} and {ANALYSIS}"
    )]
    Version {
        /// How the bytes are laid out.
        form: u16,
        /// How pictures are analysed.
        analysis: u16,
    },
    /// Cut, or changed on the way.
    #[error("cut or changed: its digest does not hold")]
    Damaged,
}

/// An analysis as bytes, some 300 and 20 for each keypoint. The same analysis gives the same bytes everywhere.
pub fn pack(analysed: &Analysed, limits: &Limits, keypoints: u16) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(FORM.to_be_bytes());
    bytes.extend(ANALYSIS.to_be_bytes());
    bytes.extend(keypoints.to_be_bytes());
    bytes.extend(limits.max_frames.to_be_bytes());
    for number in [limits.max_bytes, limits.max_pixels, limits.max_memory, analysed.bytes] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(analysed.digests.sha256.0);
    bytes.extend(analysed.digests.sha1);
    bytes.extend(analysed.digests.md5);
    match &analysed.outcome {
        Ok(image) => pack_image(image, &mut bytes),
        Err(fault) => {
            bytes.push(0);
            put(fault.reason.name().as_bytes(), &mut bytes);
            put(fault.detail.as_bytes(), &mut bytes);
        }
    }
    bytes.push(u8::from(analysed.features.is_some()));
    put(&analysed.features.as_ref().map(Features::to_bytes).unwrap_or_default(), &mut bytes);
    let check = Sha256::digest(&bytes);
    bytes.extend(&check[..CHECK]);
    bytes
}

fn pack_image(image: &Image, bytes: &mut Vec<u8>) {
    bytes.push(1);
    put(image.format.as_bytes(), bytes);
    bytes.extend(image.width.to_be_bytes());
    bytes.extend(image.height.to_be_bytes());
    put(image.caveats.names().join(" ").as_bytes(), bytes);
    bytes.push(image.pdq.quality.get());
    put(&pdq_bytes(&image.pdq), bytes);
    put(&image.second.map(|hash| hash.to_bytes().to_vec()).unwrap_or_default(), bytes);
    put(&views_bytes(&image.views), bytes);
}

/// Bytes behind their number.
fn put(part: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend((part.len() as u32).to_be_bytes());
    bytes.extend(part);
}

/// The analysis that [`pack`] made bytes of.
///
/// # Errors
/// What the bytes are instead.
pub fn unpack(bytes: &[u8]) -> Result<PackedAnalysis, PackedFault> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(PackedFault::Foreign)?;
    let mut versions = Unpacking { rest };
    let (form, analysis) = versions.short().zip(versions.short()).ok_or(PackedFault::Damaged)?;
    if (form, analysis) != (FORM, ANALYSIS) {
        return Err(PackedFault::Version { form, analysis });
    }
    let (body, check) = bytes.split_at(bytes.len().saturating_sub(CHECK));
    if Sha256::digest(body)[..CHECK] != *check {
        return Err(PackedFault::Damaged);
    }
    let rest = body.get(MAGIC.len() + 4..).ok_or(PackedFault::Damaged)?;
    Unpacking { rest }.analysis().ok_or(PackedFault::Damaged)
}

/// What is left to read; `None` from wherever it does not go on as it should.
struct Unpacking<'b> {
    rest: &'b [u8],
}

impl<'b> Unpacking<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (part, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*part)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// What [`put`] wrote.
    fn part(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.word()?).ok()?;
        let (part, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(part)
    }

    fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.part()?).ok()
    }

    fn analysis(mut self) -> Option<PackedAnalysis> {
        let keypoints = self.short()?;
        let max_frames = self.word()?;
        let (max_bytes, max_pixels, max_memory) = (self.number()?, self.number()?, self.number()?);
        let limits = Limits { max_bytes, max_pixels, max_frames, max_memory };
        let bytes = self.number()?;
        let sha256 = ImageId(self.take()?);
        let digests = Digests { sha256, sha1: self.take()?, md5: self.take()? };
        let outcome = match self.byte()? {
            0 => Err(self.fault()?),
            1 => Ok(self.image(digests, bytes)?),
            _ => return None,
        };
        let (has_features, features) = (self.byte()?, self.part()?);
        let features = match has_features {
            0 => None,
            _ => Some(Features::from_bytes(features)?),
        };
        let analysed = Analysed { digests, bytes, outcome, features };
        self.rest.is_empty().then_some(PackedAnalysis { analysed, keypoints, limits })
    }

    fn fault(&mut self) -> Option<ImageError> {
        let reason = SkipReason::from_name(self.text()?)?;
        Some(ImageError::new(reason, self.text()?))
    }

    fn image(&mut self, digests: Digests, bytes: u64) -> Option<Image> {
        let format = self.text()?.into();
        let (width, height) = (self.word()?, self.word()?);
        let caveats = self.text()?.split_whitespace();
        let caveats = caveats.map(ImageCaveat::from_name).collect::<Option<EnumSet<_>>>()?;
        let quality = self.byte()?;
        let pdq = pdq_from(self.part()?, quality)?;
        let second = match self.part()? {
            [] => None,
            hash => Some(Hash256::from_bytes(hash.try_into().ok()?)),
        };
        let views = views_from(self.part()?)?.into();
        let seen = width > 0 && height > 0 && bytes > 0 && !caveats.contains(ImageCaveat::SourceHashOnly);
        seen.then_some(Image { digests, bytes, format, width, height, caveats, pdq, views, second })
    }
}
