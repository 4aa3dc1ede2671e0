//! The container of AVIF: which bytes are the picture, how large it says it is, how it is turned, where its alpha is.
//!
//! The boxes are walked here because no parser with a permissive licence gives turns and mirrorings. The trap: nothing in
//! it is in order. Items point at bytes anywhere in the file, and at properties by number, so every look-up goes through
//! the whole table, and an extent may name the same bytes over and over: items never grow larger than the file.

use image::metadata::Orientation;

use crate::error::{ImageError, SkipReason};

/// A picture, or the alpha of one, that the container names.
#[derive(Debug)]
pub(super) struct HeifItem {
    /// The AV1 stream.
    pub(super) stream: Vec<u8>,
    /// Width and height, as stored.
    pub(super) size: (u32, u32),
    /// `irot` and `imir`, as the EXIF number that means the same.
    pub(super) orientation: Orientation,
    /// Matrix coefficients (CICP) and whether levels use the full range, where the container says so.
    pub(super) colour: Option<(u16, bool)>,
}

/// The still picture of a file.
#[derive(Debug)]
pub(super) struct HeifPicture {
    pub(super) colour: HeifItem,
    pub(super) alpha: Option<HeifItem>,
    /// The colours are multiplied by alpha already.
    pub(super) premultiplied: bool,
}

impl HeifPicture {
    /// Finds the main picture and its alpha.
    pub(super) fn find(bytes: &[u8]) -> Result<Self, ImageError> {
        let tables = Tables::open(bytes)?;
        let main = tables.main_item().ok_or_else(|| tables.broken("it names no main picture"))?;
        let alpha = tables.alpha_of(main);
        Ok(Self {
            colour: tables.item(main)?,
            alpha: alpha.map(|alpha| tables.item(alpha)).transpose()?,
            premultiplied: alpha.is_some_and(|alpha| tables.refers(b"prem", main, alpha)),
        })
    }
}

/// Pictures beside the main one that are asked what they are; each question walks the tables, and a file can name millions.
const AUXILIARIES: usize = 16;

/// The boxes inside `meta`, and the file they point into.
struct Tables<'a> {
    file: &'a [u8],
    meta: &'a [u8],
}

impl<'a> Tables<'a> {
    fn open(file: &'a [u8]) -> Result<Self, ImageError> {
        // A full box: version and flags come first.
        if let Some(meta) = child(file, b"meta").and_then(|meta| meta.get(4..)) {
            return Ok(Self { file, meta });
        }
        Err(match child(file, b"moov") {
            Some(_) => ImageError::new(SkipReason::Unsupported, "an AVIF sequence without a still picture"),
            None => ImageError::new(SkipReason::Truncated, "AVIF file cut off before its tables"),
        })
    }

    fn full(&self, kind: &[u8; 4]) -> Option<(u8, Numbers<'a>)> {
        full_box(child(self.meta, kind)?)
    }

    fn main_item(&self) -> Option<u32> {
        let (version, mut numbers) = self.full(b"pitm")?;
        numbers.id(version > 0)
    }

    /// `av01`, `grid` and so on.
    fn kind(&self, item: u32) -> Option<&'a [u8]> {
        let (version, mut list) = self.full(b"iinf")?;
        list.take(if version == 0 { 2 } else { 4 })?;
        boxes(list.0).filter(|(kind, _)| kind == b"infe").find_map(|(_, entry)| {
            let (version, mut entry) = full_box(entry)?;
            let found = entry.id(version > 2)? == item;
            entry.take(2)?;
            found.then(|| entry.take(4)).flatten()
        })
    }

    fn references(&self, kind: &[u8; 4]) -> Vec<(u32, u32)> {
        let Some((version, list)) = self.full(b"iref") else { return Vec::new() };
        boxes(list.0)
            .filter(|(found, _)| *found == kind)
            .flat_map(|(_, body)| references_in(Numbers(body), version > 0))
            .collect()
    }

    fn refers(&self, kind: &[u8; 4], from: u32, to: u32) -> bool {
        self.references(kind).contains(&(from, to))
    }

    /// Of the auxiliary pictures of an item, the one that is its alpha.
    fn alpha_of(&self, item: u32) -> Option<u32> {
        const ALPHA: [&[u8]; 2] =
            [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];
        let is_alpha = |item: &u32| {
            let kind = self.property(*item, b"auxC").and_then(|body| body.get(4..));
            kind.is_some_and(|kind| ALPHA.iter().any(|alpha| kind.starts_with(alpha)))
        };
        self.references(b"auxl")
            .into_iter()
            .filter(|(_, of)| *of == item)
            .map(|(from, _)| from)
            .take(AUXILIARIES)
            .find(is_alpha)
    }

    fn properties(&self, item: u32) -> Vec<(&'a [u8], &'a [u8])> {
        let Some(both) = child(self.meta, b"iprp") else { return Vec::new() };
        let all: Vec<_> = child(both, b"ipco").map(|all| boxes(all).collect()).unwrap_or_default();
        let indices = child(both, b"ipma").and_then(|body| associations(body, item)).unwrap_or_default();
        // Numbered from 1; 0 is none.
        indices.into_iter().filter_map(|index| all.get(usize::from(index).checked_sub(1)?).copied()).collect()
    }

    fn property(&self, item: u32, kind: &[u8; 4]) -> Option<&'a [u8]> {
        self.properties(item).into_iter().find(|(found, _)| *found == kind).map(|(_, body)| body)
    }

    fn item(&self, item: u32) -> Result<HeifItem, ImageError> {
        self.check_kind(item)?;
        let size = self.property(item, b"ispe").and_then(|body| {
            let mut numbers = Numbers(body.get(4..)?);
            Some((numbers.number(4)? as u32, numbers.number(4)? as u32))
        });
        Ok(HeifItem {
            stream: self.stream(item)?,
            size: size.ok_or_else(|| self.broken("it does not say how large its picture is"))?,
            orientation: self.orientation(item),
            colour: self.properties(item).into_iter().find_map(colour),
        })
    }

    fn check_kind(&self, item: u32) -> Result<(), ImageError> {
        let what = match self.kind(item) {
            Some(b"av01") => return Ok(()),
            Some(b"grid") => "an AVIF picture in tiles (a grid); convert it to PNG first".to_owned(),
            Some(kind) => format!("an AVIF file whose picture is {}", kind.escape_ascii()),
            None => return Err(self.broken("its main picture is not in its list")),
        };
        Err(ImageError::new(SkipReason::Unsupported, what))
    }

    fn orientation(&self, item: u32) -> Orientation {
        let first = |kind| self.property(item, kind).and_then(|body| body.first());
        // Quarters against the clock, then what changes places: 0 top and bottom, 1 left and right.
        let quarters = first(b"irot").map_or(0, |angle| angle & 3);
        let exif = match (quarters, first(b"imir").map(|axis| axis & 1)) {
            (0, None) => 1,
            (0, Some(0)) | (2, Some(1)) => 4,
            (0, Some(_)) | (2, Some(_)) => 2,
            (1, None) => 8,
            (1, Some(0)) | (3, Some(1)) => 5,
            (1, Some(_)) | (3, Some(_)) => 7,
            (2, None) => 3,
            _ => 6,
        };
        Orientation::from_exif(exif).unwrap_or(Orientation::NoTransforms)
    }

    /// The item's bytes, from all the places where they lie.
    fn stream(&self, item: u32) -> Result<Vec<u8>, ImageError> {
        let place = self.place(item).ok_or_else(|| self.broken("it does not say where its picture lies"))?;
        let source = if place.in_meta { child(self.meta, b"idat").unwrap_or_default() } else { self.file };
        let mut stream = Vec::new();
        for (start, length) in place.extents {
            let rest = usize::try_from(start).ok().and_then(|start| source.get(start..)).unwrap_or_default();
            let length = if length == 0 { rest.len() } else { usize::try_from(length).unwrap_or(usize::MAX) };
            let part = rest.get(..length).filter(|part| !part.is_empty());
            stream.extend_from_slice(part.ok_or_else(cut)?);
            if stream.len() > self.file.len() {
                return Err(self.broken("its picture is larger than the file"));
            }
        }
        // The decoder would say so on the terminal.
        if stream.is_empty() {
            return Err(self.broken("its picture has no bytes"));
        }
        Ok(stream)
    }

    fn place(&self, item: u32) -> Option<ItemExtents> {
        let (version, mut list) = self.full(b"iloc")?;
        let widths = list.number(2)?;
        let width = |shift: u32| (widths >> shift & 15) as usize;
        let index = if version == 0 { 0 } else { width(0) };
        for _ in 0..list.id(version > 1)? {
            let found = list.id(version > 1)? == item;
            let method = if version > 0 { list.number(2)? & 15 } else { 0 };
            list.take(2)?;
            let base = list.number(width(4))?;
            let mut extents = Vec::new();
            for _ in 0..list.number(2)? {
                list.take(index)?;
                let start = base.saturating_add(list.number(width(12))?);
                extents.push((start, list.number(width(8))?));
            }
            if found {
                return (method < 2).then_some(ItemExtents { in_meta: method == 1, extents });
            }
        }
        None
    }

    /// Nonsense, or no more than a part of the tables.
    fn broken(&self, what: &str) -> ImageError {
        let whole = boxes(self.file)
            .find(|(kind, _)| *kind == b"meta")
            .is_some_and(|(_, body)| body.as_ptr_range().end != self.file.as_ptr_range().end);
        match whole {
            true => ImageError::new(SkipReason::Malformed, format!("AVIF container: {what}")),
            false => cut(),
        }
    }
}

/// Where an item lies: in the file or in the tables' own box of data.
struct ItemExtents {
    in_meta: bool,
    extents: Vec<(u64, u64)>,
}

fn cut() -> ImageError {
    ImageError::new(SkipReason::Truncated, "AVIF file cut off inside its picture")
}

/// The pairs of one box of references: from one item to several.
fn references_in(mut numbers: Numbers<'_>, wide: bool) -> Vec<(u32, u32)> {
    let (Some(from), Some(count)) = (numbers.id(wide), numbers.number(2)) else { return Vec::new() };
    (0..count).map_while(|_| Some((from, numbers.id(wide)?))).collect()
}

/// Numbers of the properties of an item.
fn associations(body: &[u8], item: u32) -> Option<Vec<u16>> {
    let wide_index = body.get(3)? & 1 == 1;
    let (version, mut numbers) = full_box(body)?;
    for _ in 0..numbers.number(4)? {
        let found = numbers.id(version > 0)? == item;
        let count = numbers.number(1)?;
        let mut indices = Vec::new();
        for _ in 0..count {
            // The highest bit says that the property is essential.
            indices.push(match wide_index {
                true => numbers.number(2)? as u16 & 0x7fff,
                false => numbers.number(1)? as u16 & 0x7f,
            });
        }
        if found {
            return Some(indices);
        }
    }
    None
}

/// Matrix and range of a `colr` box; the primaries and the curve are not asked for, like all colour profiles.
fn colour((kind, body): (&[u8], &[u8])) -> Option<(u16, bool)> {
    let body = body.strip_prefix(b"nclx").filter(|_| kind == b"colr")?;
    let mut numbers = Numbers(body.get(4..)?);
    Some((numbers.number(2)? as u16, numbers.number(1)? & 0x80 != 0))
}

/// Kind and body of one box after the other; the last one may be cut.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let mut numbers = Numbers(rest);
        let size = numbers.number(4)?;
        let kind = numbers.take(4)?;
        let length = match size {
            0 => rest.len() as u64,
            1 => numbers.number(8)?,
            size => size,
        };
        let header = rest.len() - numbers.0.len();
        let end = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
        let body = rest.get(header..end)?;
        rest = &rest[end..];
        Some((kind, body))
    })
}

fn child<'a>(boxed: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(boxed).find(|(found, _)| *found == kind).map(|(_, body)| body)
}

/// Version, and what follows the flags.
fn full_box(body: &[u8]) -> Option<(u8, Numbers<'_>)> {
    Some((*body.first()?, Numbers(body.get(4..)?)))
}

/// Big-endian numbers, one after the other.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of up to eight bytes; of none, it is 0.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.take(bytes)?;
        Some(taken.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// The number of an item, or how many there are.
    fn id(&mut self, wide: bool) -> Option<u32> {
        Some(self.number(if wide { 4 } else { 2 })? as u32)
    }
}
