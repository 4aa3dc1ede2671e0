//! What a file is, by its first bytes. The name and its extension are never asked: scrapes are full of web
//! pages, WebP and AVIF called `.jpg`.
//!
//! Also names what cannot be decoded, so that a skip says what the file is. The trap is the ISO media
//! container (`ftyp`): AVIF, HEIC and MP4 share it, and many AVIF files lead with the generic brand `mif1`.

use crate::error::{ImageError, SkipReason};
use crate::record::hex;

/// A format that some build can decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
    Tiff,
    Pnm,
    Avif,
    Jxl,
}

impl FileFormat {
    /// The name in records and outputs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
            Self::Pnm => "pnm",
            Self::Avif => "avif",
            Self::Jxl => "jxl",
        }
    }
}

/// The format, or the reason why this is no image that can be decoded.
pub(super) fn sniff(bytes: &[u8]) -> Result<FileFormat, ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::new(SkipReason::Empty, "zero bytes"));
    }
    if let Some(format) = image_format(bytes) {
        return Ok(format);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return media_container(bytes);
    }
    Err(refusal(bytes))
}

fn image_format(bytes: &[u8]) -> Option<FileFormat> {
    let pnm =
        |kind: u8, next: u8| matches!(kind, b'1'..=b'7') && (next.is_ascii_whitespace() || next == b'#');
    match bytes {
        [0xff, 0xd8, 0xff, ..] | [0xff, 0xd8] => Some(FileFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(FileFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileFormat::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(FileFormat::Gif),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(FileFormat::Tiff),
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', b'\r', b'\n', 0x87, b'\n', ..] => {
            Some(FileFormat::Jxl)
        }
        [b'P', kind, next, ..] if pnm(*kind, *next) => Some(FileFormat::Pnm),
        // "BM" alone also starts English text; the size of the info header tells them apart.
        [b'B', b'M', rest @ ..]
            if rest.get(12..16).is_some_and(|size| matches!(size, [12..=124, 0, 0, 0])) =>
        {
            Some(FileFormat::Bmp)
        }
        _ => None,
    }
}

/// No decoder of HEVC has a permissive licence and is safe with hostile files; what converts it is on most machines.
const HEIC: &str = "a HEIC picture; adlink does not decode it, convert it to JPEG first: macOS \
    `sips -s format jpeg FILE --out FILE.jpg`, Linux `heif-convert FILE FILE.jpg`, Windows Photos \"Save as\"";

/// AVIF, HEIC or video: the brands after `ftyp` tell, the major one first.
fn media_container(bytes: &[u8]) -> Result<FileFormat, ImageError> {
    let length = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let brands = &bytes[8..length.clamp(8, bytes.len().min(256))];
    let has =
        |names: &[&[u8; 4]]| brands.chunks_exact(4).any(|brand| names.iter().any(|name| brand == *name));
    if has(&[b"avif", b"avis"]) {
        return Ok(FileFormat::Avif);
    }
    if has(&[b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"]) {
        return Err(unsupported(HEIC));
    }
    Err(not_an_image("a video (MP4 or QuickTime)"))
}

/// The refusal of a build without the decoder.
#[cfg(not(all(feature = "avif", feature = "jxl")))]
pub(super) fn not_built(what: &str, feature: &str) -> ImageError {
    unsupported(&format!(
        "{what}; build adlink with the cargo feature `{feature}`, or convert it to PNG first"
    ))
}

fn refusal(bytes: &[u8]) -> ImageError {
    const PICTURES: &[(&[u8], &str)] = &[
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (b"II\xbc\x01", "a JPEG XR picture"),
        (b"8BPS", "a Photoshop document"),
        (b"gimp xcf", "a GIMP document"),
        (b"\0\0\x01\0", "a Windows icon"),
        (b"PF\n", "a floating-point PFM picture"),
        (b"Pf\n", "a floating-point PFM picture"),
        (b"qoif", "a QOI picture"),
        (b"DDS ", "a DDS texture"),
        (b"#?RADIANCE", "a Radiance HDR picture"),
        (b"v/1\x01", "an OpenEXR picture"),
    ];
    const OTHERS: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or office document"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"\x1f\x8b", "gzip data"),
        (b"\xfd7zXZ\0", "xz data"),
        (b"\x28\xb5\x2f\xfd", "zstd data"),
        (b"BZh", "bzip2 data"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\x1aE\xdf\xa3", "a video (Matroska or WebM)"),
        (b"FLV\x01", "a video (FLV)"),
        (b"\0\0\x01\xba", "a video (MPEG)"),
        (b"\0\0\x01\xb3", "a video (MPEG)"),
        (b"OggS", "Ogg audio or video"),
        (b"ID3", "MP3 audio"),
        (b"SQLite format 3\0", "a SQLite file"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a program"),
    ];
    let named = |list: &[(&[u8], &'static str)]| {
        list.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
    };
    if let Some(what) = named(PICTURES) {
        return unsupported(&format!("{what}; adlink does not decode it, convert it to PNG first"));
    }
    if let Some(what) = named(OTHERS) {
        return not_an_image(what);
    }
    if bytes.starts_with(b"RIFF") {
        return not_an_image("a RIFF file that is no WebP (video or sound)");
    }
    text(bytes).unwrap_or_else(|| {
        let start = hex(&bytes[..bytes.len().min(8)]);
        not_an_image(&format!("content of no known kind, starting with {start}"))
    })
}

/// Markup and text, judged by the first kilobyte.
fn text(bytes: &[u8]) -> Option<ImageError> {
    let start = &bytes[..bytes.len().min(1024)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start().to_ascii_lowercase();
    let contains = |needle: &[u8]| start.windows(needle.len()).any(|window| window == needle);
    if start.starts_with(b"<") {
        return Some(match () {
            () if contains(b"<html") || contains(b"<!doctype html") => not_an_image("a web page (HTML)"),
            () if contains(b"<svg") => {
                unsupported("an SVG drawing; adlink does not render it, convert it to PNG first")
            }
            () if contains(b"<head") || contains(b"<body") || contains(b"<script") => {
                not_an_image("a web page (HTML)")
            }
            () => not_an_image("an XML document"),
        });
    }
    let printable = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    // Cut at a character boundary is fine: only a whole invalid sequence speaks against text.
    let utf8 = match std::str::from_utf8(&start) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    match start.first() {
        Some(b'{' | b'[') if utf8 => Some(not_an_image("JSON or other text")),
        Some(_) if utf8 && start.iter().all(printable) => Some(not_an_image("text")),
        _ => None,
    }
}

fn unsupported(what: &str) -> ImageError {
    ImageError::new(SkipReason::Unsupported, format!("looks like {what}"))
}

fn not_an_image(what: &str) -> ImageError {
    ImageError::new(SkipReason::NotAnImage, format!("looks like {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_named() {
        let said = |bytes: &[u8]| sniff(bytes).expect_err("not decodable").to_string();
        assert!(said(b"").starts_with("EMPTY"));
        assert!(said(b"\xef\xbb\xbf\n <!DOCTYPE html><html>").contains("web page"));
        assert!(said(b"<?xml version='1.0'?><!-- x --><svg xmlns='s'/>").contains("SVG"));
        assert!(said(b"<?xml version='1.0'?><rss/>").contains("XML"));
        assert!(said(b"{\"error\": 404}").contains("JSON"));
        assert!(said("Zugriff verweigert \u{fc}".as_bytes()).contains("text"));
        assert!(said(b"%PDF-1.7").contains("PDF"));
        assert!(said(b"PK\x03\x04....").contains("ZIP"));
        assert!(said(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").starts_with("UNSUPPORTED"));
        assert!(said(b"\0\0\0\x18ftypisom\0\0\0\0mp41mp42").contains("video"));
        assert!(said(b"\0\0\0\x0cjP  \r\n\x87\n").contains("JPEG 2000"));
        assert!(said(b"BMW for sale, call now").contains("text"));
        assert!(said(b"\x01\x02\x03").contains("010203"));
    }

    #[test]
    fn jpeg_xl_is_known_bare_and_boxed() {
        assert_eq!(sniff(b"\xff\x0a\x30\x54"), Ok(FileFormat::Jxl));
        assert_eq!(sniff(b"\0\0\0\x0cJXL \r\n\x87\n"), Ok(FileFormat::Jxl));
    }

    #[test]
    fn avif_is_known_behind_the_generic_brand() {
        assert_eq!(sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"), Ok(FileFormat::Avif));
        assert_eq!(sniff(b"\0\0\0\0ftyp").map_err(|error| error.reason), Err(SkipReason::NotAnImage));
    }
}
