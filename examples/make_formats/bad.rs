//! The fixtures that must be refused. The name says the reason: everything before the first `-`.
//!
//! The claims of the bombs are lies, so the files stay tiny. The trap: a bomb must be refused by what its header
//! says, so the bytes behind the header are few or none and never the reason.

use super::jpeg::{self, Component};
use super::picture::{HEIGHT, WIDTH, grey, pixels, rgb};
use super::plain::{self, Tiff};
use super::{exif, good, png};

/// Name and content of every file.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let named = [no_pictures(), unsupported(), bombs(), broken()].concat();
    named.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect()
}

fn no_pictures() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("EMPTY-zero_bytes.jpg", Vec::new()),
        ("NOT_AN_IMAGE-web_page.jpg", b"<!DOCTYPE html>\n<html><title>404</title></html>\n".to_vec()),
        ("NOT_AN_IMAGE-json.jpg", b"{\"error\":\"gone\"}".to_vec()),
        ("NOT_AN_IMAGE-text.png", b"Access denied. Please try again later.\n".to_vec()),
        ("NOT_AN_IMAGE-pdf.jpg", b"%PDF-1.4\n%%EOF\n".to_vec()),
        ("NOT_AN_IMAGE-zip.png", b"PK\x03\x04\x14\0\0\0\0\0".to_vec()),
        ("NOT_AN_IMAGE-video.jpg", b"\0\0\0\x18ftypmp42\0\0\0\0isommp42".to_vec()),
        ("NOT_AN_IMAGE-noise.jpg", (0..64_u32).map(|n| (n * n * 37 + 1) as u8).collect()),
    ]
}

fn with_frame(marker: u8, precision: u8, size: (u32, u32), count: u8) -> Vec<u8> {
    let level = |x: u32, y: u32| grey(x, y);
    let all: Vec<_> = (1..=count).map(|id| Component { id, sampling: (1, 1), level: &level }).collect();
    let header = jpeg::frame_header(marker, precision, &all, size);
    let scan = jpeg::segment(0xda, &[1, 1, 0, 0, 63, 0]);
    [&[0xff, 0xd8][..], &header, &scan, &[0, 0, 0, 0, 0xff, 0xd9]].concat()
}

fn unsupported() -> Vec<(&'static str, Vec<u8>)> {
    let size = (WIDTH, HEIGHT);
    vec![
        ("UNSUPPORTED-12bit.jpg", with_frame(0xc1, 12, size, 1)),
        ("UNSUPPORTED-lossless.jpg", with_frame(0xc3, 8, size, 1)),
        ("UNSUPPORTED-arithmetic.jpg", with_frame(0xc9, 8, size, 1)),
        ("UNSUPPORTED-hierarchical.jpg", with_frame(0xc5, 8, size, 1)),
        ("UNSUPPORTED-rows_later.jpg", with_frame(0xc0, 8, (WIDTH, 0), 1)),
        ("UNSUPPORTED-two_components.jpg", with_frame(0xc0, 8, size, 2)),
        ("UNSUPPORTED-heic.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
        ("UNSUPPORTED-jp2.jpg", b"\0\0\0\x0cjP  \r\n\x87\n".to_vec()),
        ("UNSUPPORTED-svg.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
        ("UNSUPPORTED-psd.jpg", b"8BPS\0\x01".to_vec()),
        ("UNSUPPORTED-32bit_grey.tif", plain::tiff(&Tiff { bits: 32, ..Tiff::default() }, &[0; 64])),
    ]
}

fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let data = png::chunk(b"IDAT", &png::stored(&[0; 64]));
    let dot = plain::vp8l((1, 1), &[1, 2, 3], image::ExtendedColorType::Rgb8);
    // A lossless picture that says 16384 x 16384, and a lossy one.
    let huge_vp8l = plain::riff_chunk(b"VP8L", &[0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]);
    let huge_vp8 = plain::riff_chunk(b"VP8 ", &[0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0]);
    let huge_frame = plain::anmf((16_384, 16_384), &dot);
    vec![
        ("TOO_LARGE-50000.png", png::sized(50_000, 50_000, [8, 6, 0, 0, 0], &[data])),
        ("TOO_LARGE-65535.jpg", with_frame(0xc0, 8, (65_535, 65_535), 3)),
        ("TOO_LARGE-progressive.jpg", with_frame(0xc2, 8, (14_000, 14_000), 4)),
        ("TOO_LARGE-screen.gif", plain::gif((65_535, 65_535), &[(1, 1, vec![0])])),
        ("TOO_LARGE-frame.gif", plain::gif((4, 4), &[(65_535, 65_535, vec![0])])),
        ("TOO_LARGE-lossless.webp", plain::riff(&[huge_vp8l])),
        ("TOO_LARGE-lossy.webp", plain::riff(std::slice::from_ref(&huge_vp8))),
        ("TOO_LARGE-canvas.webp", plain::riff(&[plain::vp8x(0, (16_384, 16_384)), dot])),
        ("TOO_LARGE-inner.webp", plain::riff(&[plain::vp8x(0, (4, 4)), huge_vp8])),
        ("TOO_LARGE-frame.webp", {
            plain::riff(&[plain::vp8x(2, (4, 4)), plain::riff_chunk(b"ANIM", &[0; 6]), huge_frame])
        }),
        ("TOO_LARGE-60000.bmp", plain::bmp((60_000, 60_000), 24, |_, _| vec![0; 3])[..200].to_vec()),
        ("TOO_LARGE-60000.tif", plain::tiff(&Tiff { size: (60_000, 60_000), ..Tiff::default() }, &[0; 64])),
        ("TOO_LARGE-99999.pgm", plain::pnm('5', (99_999, 99_999), Some(255), &[0; 64])),
        ("TOO_LARGE-99999_text.ppm", plain::pnm('3', (99_999, 99_999), Some(255), b"0 0 0 ")),
        ("TOO_LARGE-99999_wide.pbm", plain::pnm('4', (4_000_000_000, 9), None, &[0; 64])),
    ]
}

fn part(of: &str, numerator: usize, denominator: usize) -> Vec<u8> {
    let (_, mut bytes) = good::files().into_iter().find(|(name, _)| name == of).expect("a good fixture");
    bytes.truncate(bytes.len() * numerator / denominator);
    bytes
}

fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let rows = png::rows(8, 3, |x, y, c| u16::from(rgb(x, y)[c as usize]));
    let mut garbled = png::stored(&rows);
    garbled[2] = 0x07;
    let strip = Tiff { strip_length: Some(4_000_000_000), ..Tiff::default() };
    vec![
        ("TRUNCATED-third.jpg", part("rgb-444.jpg", 1, 3)),
        ("TRUNCATED-first_scan.jpg", part("rgb-progressive.jpg", 1, 8)),
        ("TRUNCATED-headers.jpg", part("rgb-444.jpg", 1, 20)),
        ("TRUNCATED-exif_thumbnail.jpg", {
            let inside = jpeg::segment(
                0xe1,
                &[b"Exif\0\0", &exif::orientation(1)[..], &[0xff, 0xd8, 0xff, 0xd9]].concat(),
            );
            [&[0xff, 0xd8][..], &inside].concat()
        }),
        ("TRUNCATED-third.png", part("rgb.png", 1, 3)),
        ("TRUNCATED-header.png", part("rgb.png", 1, 200)),
        ("TRUNCATED-third.gif", part("grey.gif", 1, 2)),
        ("TRUNCATED-half.webp", part("rgb-lossless.webp", 1, 2)),
        ("TRUNCATED-third.bmp", part("rgb.bmp", 1, 3)),
        ("TRUNCATED-third.tif", part("rgb.tif", 1, 3)),
        ("TRUNCATED-third.pgm", part("grey.pgm", 1, 3)),
        ("MALFORMED-no_picture.jpg", vec![0xff, 0xd8, 0xff, 0xd9]),
        ("MALFORMED-no_tables.jpg", with_frame(0xc0, 8, (WIDTH, HEIGHT), 1)),
        ("MALFORMED-no_columns.jpg", with_frame(0xc0, 8, (0, HEIGHT), 1)),
        ("MALFORMED-deflate.png", png::file(8, 2, false, &[png::chunk(b"IDAT", &garbled)])),
        ("MALFORMED-no_data.png", png::file(8, 2, false, &[])),
        ("TOO_LARGE-huge_strip.tif", plain::tiff(&strip, &pixels(|x, y| [grey(x, y)])[..600])),
    ]
}
