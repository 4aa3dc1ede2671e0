//! Walks over the blocks of PNG, GIF, WebP and TIFF files: what they claim about sizes, frames and EXIF, and whether
//! the end is there. Nothing is decoded and nothing allocated but the list of sizes.
//!
//! The trap: in GIF and WebP the picture inside carries its own size beside the canvas of the file, and decoders
//! allocate by the inner one before they compare. So every claim in the file is held to the limits first.

use super::budget::too_large;
use super::limits::Limits;
use crate::error::ImageError;

/// What a file says about itself.
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    /// Every width and height found in any header.
    sizes: Vec<(u32, u32)>,
    /// The TIFF structure of the first EXIF block.
    pub(super) exif: Option<&'a [u8]>,
    /// More than one frame.
    pub(super) animated: bool,
    /// The end is missing: its marker, or a part of the last block.
    pub(super) cut: bool,
}

impl<'a> Claims<'a> {
    /// PNG: chunk after chunk until `IEND`.
    pub(super) fn of_png(bytes: &'a [u8]) -> Self {
        let mut found = Self { cut: true, ..Self::default() };
        let mut rest = bytes.get(8..).unwrap_or_default();
        while let Some((header, after)) = rest.split_at_checked(8) {
            let length = be(&header[..4]) as usize;
            let body = &after[..length.min(after.len())];
            match &header[4..] {
                b"IHDR" if length >= 8 && body.len() >= 8 => {
                    found.sizes.push((be(&body[..4]), be(&body[4..8])));
                }
                b"acTL" => found.animated = true,
                b"eXIf" if found.exif.is_none() => found.exif = Some(body),
                b"IEND" => {
                    found.cut = false;
                    break;
                }
                _ => {}
            }
            rest = after.get(length.saturating_add(4)..).unwrap_or_default();
        }
        found
    }

    /// GIF: screen, then extensions and pictures until the trailer.
    pub(super) fn of_gif(bytes: &'a [u8]) -> Self {
        let mut found = Self { cut: true, ..Self::default() };
        let Some(screen) = bytes.get(6..13) else { return found };
        found.sizes.push((le(&screen[..2]), le(&screen[2..4])));
        let mut rest = bytes.get(13 + palette(screen[4])..).unwrap_or_default();
        let mut pictures = 0;
        loop {
            let skip = match rest {
                [0x3b, ..] => {
                    found.cut = false;
                    break;
                }
                [0x21, _, ..] => 2,
                [0x2c, head @ ..] if head.len() >= 9 => {
                    found.sizes.push((le(&head[4..6]), le(&head[6..8])));
                    pictures += 1;
                    // Descriptor, palette of its own, code size.
                    1 + 9 + palette(head[8]) + 1
                }
                _ => break,
            };
            rest = after_sub_blocks(rest.get(skip..).unwrap_or_default());
        }
        found.animated = pictures > 1;
        found
    }

    /// WebP: the top level and, inside animation frames, one level down.
    pub(super) fn of_webp(bytes: &'a [u8]) -> Self {
        let mut found = Self::default();
        let declared = bytes.get(4..8).map_or(0, |size| le(size) as usize);
        found.cut = declared.saturating_add(8) > bytes.len();
        found.webp_level(bytes.get(12..).unwrap_or_default());
        found
    }

    fn webp_level(&mut self, mut rest: &'a [u8]) {
        while let Some((header, after)) = rest.split_at_checked(8) {
            let size = le(&header[4..8]) as usize;
            self.cut |= size > after.len();
            self.webp_chunk(&header[..4], &after[..size.min(after.len())]);
            rest = after.get(size.saturating_add(size & 1)..).unwrap_or_default();
        }
    }

    fn webp_chunk(&mut self, kind: &[u8], body: &'a [u8]) {
        match kind {
            b"VP8X" if body.len() >= 10 => self.sizes.push((le(&body[4..7]) + 1, le(&body[7..10]) + 1)),
            b"VP8 " if body.len() >= 10 => {
                self.sizes.push((le(&body[6..8]) & 0x3fff, le(&body[8..10]) & 0x3fff));
            }
            b"VP8L" if body.len() >= 5 => {
                let packed = le(&body[1..5]);
                self.sizes.push(((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1));
            }
            b"ANMF" if body.len() >= 16 => {
                self.animated = true;
                self.sizes.push((le(&body[6..9]) + 1, le(&body[9..12]) + 1));
                self.webp_level(&body[16..]);
            }
            // Some writers keep the prefix that JPEG needs.
            b"EXIF" if self.exif.is_none() => {
                self.exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
            }
            _ => {}
        }
    }

    /// Holds every claimed size to the limits.
    pub(super) fn check(&self, limits: &Limits, bytes_per_pixel: u64) -> Result<(), ImageError> {
        self.sizes.iter().try_for_each(|&(width, height)| limits.check_size(width, height, bytes_per_pixel))
    }

    /// Pixels of the canvas; 0 when no header was found.
    pub(super) fn pixels(&self) -> u64 {
        self.sizes.first().map_or(0, |&(width, height)| u64::from(width) * u64::from(height))
    }

    /// Width of the canvas; 0 when no header was found.
    pub(super) fn width(&self) -> u32 {
        self.sizes.first().map_or(0, |size| size.0)
    }
}

/// Refuses a TIFF whose first directory announces more values than any picture needs: the decoder makes room for
/// them, 32 bytes each, before it reads the first. Tags from 700 on are metadata, which is never read.
pub(super) fn check_tiff_directory(bytes: &[u8]) -> Result<(), ImageError> {
    const MOST: u64 = 1 << 20;
    let number: fn(&[u8]) -> u64 = if bytes.starts_with(b"II") { le_64 } else { be_64 };
    let at = |from: u64, length: usize| {
        let from = usize::try_from(from).ok()?;
        bytes.get(from..from.checked_add(length)?).map(number)
    };
    // BigTIFF has the number 43, and eight bytes where TIFF has four (two for the number of entries).
    let wide = at(2, 2) == Some(43);
    let (place, count_size, word, entry) = if wide { (8, 8, 8, 20) } else { (4, 2, 4, 12) };
    let Some(directory) = at(place, word) else { return Ok(()) };
    let entries = at(directory, count_size).unwrap_or(0).min(65_535);
    for i in 0..entries {
        let start = directory.saturating_add(count_size as u64 + i * entry);
        let (Some(tag), Some(values)) = (at(start, 2), at(start.saturating_add(4), word)) else { break };
        if tag < 700 && values > MOST {
            return Err(too_large(format!("TIFF tag {tag} announces {values} values, the limit is {MOST}")));
        }
    }
    Ok(())
}

/// Bytes of the palette that a GIF flag byte announces.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn after_sub_blocks(mut rest: &[u8]) -> &[u8] {
    while let Some((&length, after)) = rest.split_first() {
        if length == 0 {
            return after;
        }
        rest = after.get(usize::from(length)..).unwrap_or_default();
    }
    rest
}

/// Little-endian number of up to eight bytes.
fn le_64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Big-endian number of up to eight bytes.
fn be_64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Little-endian number of up to four bytes.
fn le(bytes: &[u8]) -> u32 {
    le_64(bytes) as u32
}

/// Big-endian number of up to four bytes.
fn be(bytes: &[u8]) -> u32 {
    be_64(bytes) as u32
}
