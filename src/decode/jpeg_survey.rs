//! A walk over a JPEG's segments up to its first scan, without decoding anything: what the decoder is in for.
//!
//! The decoder is lenient by design and keeps quiet about much of this. The trap: an EXIF thumbnail is a whole
//! JPEG inside a segment, with its own end marker, so nothing may be searched for before the first scan.

use crate::error::{ImageError, SkipReason};

/// What the segments before the first scan say.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Sampling factors (horizontal, vertical) of each component.
    pub(super) sampling: Vec<(u8, u8)>,
    pub(super) progressive: bool,
    /// The first scan holds a part of the components only (not for progressive, where that is normal).
    pub(super) separate_scans: bool,
    /// Names of the components.
    ids: Vec<u8>,
    /// Adobe's word on the colour model: 0 none, 1 YCbCr, 2 YCCK.
    adobe: Option<u8>,
    /// The TIFF structure of the first EXIF segment.
    pub(super) exif: Option<&'a [u8]>,
    /// The bytes after the first scan's header.
    scan: &'a [u8],
}

impl<'a> Survey<'a> {
    /// Surveys a file; an error when it cannot be decoded.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let mut found = Self {
            width: 0,
            height: 0,
            sampling: Vec::new(),
            progressive: false,
            separate_scans: false,
            ids: Vec::new(),
            adobe: None,
            exif: None,
            scan: &[],
        };
        let mut rest = bytes.get(2..).unwrap_or_default();
        loop {
            let (marker, after) = next_marker(rest).ok_or_else(no_picture)?;
            rest = after;
            match marker {
                0x01 | 0xd0..=0xd8 => continue,
                0xd9 => return Err(malformed("ends before the first picture data")),
                _ => {}
            }
            let (body, after) = segment(rest).ok_or_else(no_picture)?;
            rest = after;
            match marker {
                0xc4 | 0xc8 | 0xcc => {}
                0xc0..=0xcf => found.frame(marker, body)?,
                0xda => {
                    let components = body.first().copied().unwrap_or(0);
                    found.separate_scans =
                        !found.progressive && usize::from(components) < found.sampling.len();
                    found.scan = rest;
                    if found.sampling.is_empty() {
                        return Err(malformed("picture data without a frame header"));
                    }
                    return Ok(found);
                }
                // One that is too short says nothing.
                0xee if body.starts_with(b"Adobe") => found.adobe = body.get(11).copied().or(found.adobe),
                0xe1 if found.exif.is_none() => found.exif = body.strip_prefix(b"Exif\0\0"),
                _ => {}
            }
        }
    }

    /// The frame header, and what it says that no decoder here can do.
    fn frame(&mut self, marker: u8, body: &[u8]) -> Result<(), ImageError> {
        let [precision, h1, h0, w1, w0, count, components @ ..] = body else {
            return Err(malformed("a frame header that is too short"));
        };
        match marker {
            0xc0..=0xc2 => {}
            0xc3 => return Err(unsupported("lossless coding")),
            0xc9..=0xcb | 0xcd..=0xcf => return Err(unsupported("arithmetic coding")),
            _ => return Err(unsupported("hierarchical coding")),
        }
        if *precision != 8 {
            return Err(unsupported(&format!("{precision} bits a sample")));
        }
        self.progressive = marker == 0xc2;
        self.height = u32::from(u16::from_be_bytes([*h1, *h0]));
        self.width = u32::from(u16::from_be_bytes([*w1, *w0]));
        if self.height == 0 {
            return Err(unsupported("the number of rows given after the picture (DNL)"));
        }
        if self.width == 0 {
            return Err(malformed("no columns"));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(unsupported(&format!("{count} components")));
        }
        self.sampling = components
            .as_chunks::<3>()
            .0
            .iter()
            .map(|[_, factors, _]| (factors >> 4, factors & 15))
            .collect();
        self.ids = components.as_chunks::<3>().0.iter().map(|[id, ..]| *id).collect();
        let fits = self.sampling.iter().all(|&(h, v)| matches!(h, 1..=4) && matches!(v, 1..=4));
        if self.sampling.len() != usize::from(*count) || !fits {
            return Err(malformed("a frame header that contradicts itself"));
        }
        if self.sampling.len() > 1 && self.sampling[0] != self.full_sampling() {
            return Err(unsupported("luma sampled more coarsely than colour"));
        }
        Ok(())
    }

    /// Whether the general decoder can be trusted with the sampling: others it refuses as damage or, worse, turns into
    /// wrong pixels without an error.
    pub(super) fn is_general(&self) -> bool {
        let [first, others @ ..] = &self.sampling[..] else { return true };
        let full = self.full_sampling();
        if self.separate_scans && full != (1, 1) {
            return false;
        }
        let even = others.is_empty() || self.sampling.iter().all(|sampling| sampling == first) && full.0 != 3;
        even || full.0 != 3 && !(full.1 > 2 && others.iter().any(|&(_, v)| v != 1 && v != full.1))
    }

    /// Whether the first component is luma: of grey pictures, and of three components unless they are RGB by Adobe's word or
    /// by their names.
    pub(super) fn has_luma(&self) -> bool {
        match self.sampling.len() {
            1 => true,
            3 => self.adobe != Some(0) && self.ids != b"RGB",
            _ => false,
        }
    }

    /// Largest sampling factors.
    pub(super) fn full_sampling(&self) -> (u8, u8) {
        let largest = |(h, v): (u8, u8), &(a, b): &(u8, u8)| (h.max(a), v.max(b));
        self.sampling.iter().fold((1, 1), largest)
    }

    /// Whether the end marker is there. Padding or a second picture after it is fine and common.
    pub(super) fn has_end(&self) -> bool {
        self.scan.ends_with(&END) || self.walk_scans().ended
    }

    /// The file up to its last complete scan, closed with an end marker; `None` when not even the first scan is
    /// complete. A scan that stops half-way is worth nothing to the decoder: it would go on with zero bits.
    pub(super) fn complete_scans(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let complete = self.walk_scans().complete?;
        let headers = bytes.len() - self.scan.len();
        Some([&bytes[..headers + complete], &END[..]].concat())
    }

    /// From marker to marker after the first scan's header. Inside a scan only restart markers and stuffed
    /// zeros may follow 0xff, so any other marker ends it.
    fn walk_scans(&self) -> ScanWalk {
        let mut found = ScanWalk { complete: None, ended: false };
        let mut rest = self.scan;
        let mut in_scan = true;
        while let Some((marker, after)) = next_marker(rest) {
            let at = self.scan.len() - after.len() - 2;
            rest = after;
            match marker {
                0x01 | 0xd0..=0xd7 => continue,
                _ if in_scan => found.complete = Some(at),
                _ => {}
            }
            if marker == 0xd9 {
                found.ended = true;
                break;
            }
            let Some((_, after)) = segment(rest) else { break };
            rest = after;
            in_scan = marker == 0xda;
        }
        found
    }
}

const END: [u8; 2] = [0xff, 0xd9];

/// What follows the first scan's header.
struct ScanWalk {
    /// Where the last complete scan ends.
    complete: Option<usize>,
    ended: bool,
}

/// The code of the next marker and what follows it; bytes between segments are skipped, as decoders do.
fn next_marker(mut rest: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        let at = rest.iter().position(|&byte| byte == 0xff)?;
        rest = &rest[at..];
        let code = rest.iter().position(|&byte| byte != 0xff)?;
        let (marker, after) = (rest[code], &rest[code + 1..]);
        if marker != 0 {
            return Some((marker, after));
        }
        rest = after;
    }
}

fn segment(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
    let (whole, after) = rest.split_at_checked(length.max(2))?;
    Some((&whole[2..], after))
}

fn no_picture() -> ImageError {
    ImageError::new(SkipReason::Truncated, "JPEG cut off before the first picture data")
}

fn malformed(what: &str) -> ImageError {
    ImageError::new(SkipReason::Malformed, format!("JPEG with {what}"))
}

fn unsupported(what: &str) -> ImageError {
    ImageError::new(SkipReason::Unsupported, format!("JPEG with {what}, which adlink does not decode"))
}
