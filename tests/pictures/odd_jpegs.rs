//! JPEGs as other tools write, cut and damage them: read as others read them, and never quietly where something is lost.
//!
//! Made here from one generated picture, byte by byte, and beside them the files of `../shared/cases/files/jpeg`. The trap:
//! the encoder used here has the standard Huffman tables, which is why a file without any still decodes.

#![allow(clippy::print_stdout)]

use crate::jpeg::{self, Component, Options, Scans};
use crate::picture;
use adlink::decode::{DecodedPicture, Limits, decode, decode_rgb};
use adlink::error::SkipReason;
use adlink::hash::{Hash256, pdq};
use adlink::record::ImageCaveat;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use std::path::Path;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/files/jpeg");

/// Soft waves with some grain: continuous tone, and data enough to lose some of it.
fn waves() -> Vec<u8> {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(480, 400, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y) = (f64::from(x), f64::from(y));
        let wave = (x / 37.0).sin() + (y / 23.0).cos() + ((x + 2.0 * y) / 61.0).sin();
        let level = 128.0 + 36.0 * wave + f64::from(state >> 28);
        Rgb([level as u8, (level * 0.8) as u8, (255.0 - level) as u8])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture).expect("a picture can be written");
    bytes
}

/// Marker, start and end (with the marker) of each segment before the data, and where the data begins.
fn segments(bytes: &[u8]) -> (Vec<(u8, usize, usize)>, usize) {
    let (mut at, mut found) = (2, Vec::new());
    loop {
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        found.push((bytes[at + 1], at, at + 2 + length));
        at += 2 + length;
        if found.last().is_some_and(|segment| segment.0 == 0xda) {
            return (found, at);
        }
    }
}

fn inserted(bytes: &[u8], segment: &[u8]) -> Vec<u8> {
    [&bytes[..2], segment, &bytes[2..]].concat()
}

fn hash(bytes: &[u8]) -> Hash256 {
    pdq(&decode(bytes, &Limits::default()).expect("it is read").luma).hash()
}

/// Whole, and as the picture it is; in colour, too.
fn assert_whole(name: &str, bytes: &[u8], original: &Hash256, most: u32) {
    let found = decode(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert!(found.caveats.is_empty(), "{name}: {:?}", found.caveats);
    let distance = pdq(&found.luma).hash().distance(original);
    assert!(distance <= most, "{name}: {distance} bits");
    decode_rgb(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name} in colour: {error:?}"));
}

/// With a caveat, or refused with a reason that says why; equally in colour.
fn assert_told(name: &str, bytes: &[u8]) {
    let grey = decode(bytes, &Limits::default()).map(|found| found.caveats);
    match &grey {
        Ok(caveats) => assert!(
            caveats.contains(ImageCaveat::Truncated) || caveats.contains(ImageCaveat::Damaged),
            "{name}: taken for whole"
        ),
        Err(error) => assert!(
            matches!(error.reason, SkipReason::Truncated | SkipReason::Malformed)
                && error.detail.contains("rows"),
            "{name}: {error:?}"
        ),
    }
    let colour = decode_rgb(bytes, &Limits::default());
    assert_eq!(grey.err(), colour.err(), "{name}: luma and colour disagree");
}

#[test]
fn what_other_decoders_shrug_at_changes_nothing() {
    let bytes = waves();
    let original = hash(&bytes);
    let (all, _) = segments(&bytes);
    let without_codes: Vec<u8> = {
        let kept = all.iter().filter(|segment| segment.0 != 0xc4);
        let end = all.last().expect("a scan").2;
        [
            &bytes[..2],
            &kept.flat_map(|&(_, start, end)| bytes[start..end].to_vec()).collect::<Vec<_>>(),
            &bytes[end..],
        ]
        .concat()
    };
    assert!(without_codes.len() < bytes.len() - 400);
    let odd = [
        ("no Huffman tables", without_codes),
        ("a comment of no length", inserted(&bytes, &[0xff, 0xfe, 0, 0])),
        (
            "a short Adobe segment",
            inserted(&bytes, &[&[0xff, 0xee, 0, 12][..], b"Adobe\0\x64\0\0\0"].concat()),
        ),
        ("fill bytes before a marker", inserted(&bytes, &[0xff, 0xff, 0xff])),
        ("a second picture behind it", [&bytes[..], &bytes[..]].concat()),
        ("zeros behind it", [&bytes[..], &[0; 4096]].concat()),
    ];
    for (name, odd) in odd {
        assert_whole(name, &odd, &original, 0);
    }
}

/// A second frame header between two scans, and scans without end: neither is obeyed.
#[test]
fn what_comes_after_the_first_scan_cannot_change_the_picture() {
    let bytes = waves();
    let (all, _) = segments(&bytes);
    let &(_, start, end) = all.iter().find(|segment| segment.0 == 0xc0).expect("a frame header");
    let mut frame = bytes[start..end].to_vec();
    frame[5..9].copy_from_slice(&[0x20, 0, 0x20, 0]);
    let (body, eoi) = bytes.split_at(bytes.len() - 2);
    let again = [body, &frame, eoi].concat();
    assert_whole("a second frame header", &again, &hash(&bytes), 0);
}

/// Grey levels with colour of no consequence, in several scans.
fn in_scans(scans: Scans) -> Vec<u8> {
    let flat = |_: u32, _: u32| 160_u8;
    let parts = [(1, &picture::grey as &dyn Fn(u32, u32) -> u8), (2, &flat), (3, &flat)];
    let parts = parts.map(|(id, level)| Component { id, sampling: (1, 1), level });
    jpeg::file(&parts, &Options { scans, ..Options::default() })
}

/// Where each scan begins, by its marker.
fn scans_of(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len() - 1).filter(|&at| bytes[at..at + 2] == [0xff, 0xda]).collect()
}

/// A table that is no code, and scans without end: what they keep from being read is not taken for there.
#[test]
fn scans_that_are_not_read_are_told() {
    let bytes = in_scans(Scans::Progressive);
    let found = decode(&bytes, &Limits::default()).expect("it is whole");
    assert!(found.caveats.is_empty());
    let last = scans_of(&bytes).pop().expect("scans");
    let (before, scan) = bytes[..bytes.len() - 2].split_at(last);
    let table = jpeg::segment(0xc4, &[&[0x10][..], &[255; 16]].concat());
    let endless = [before, &scan.repeat(120), &[0xff, 0xd9][..]].concat();
    for (name, odd) in [("no code", [before, &table, scan, &[0xff, 0xd9]].concat()), ("endless", endless)] {
        let found = decode(&odd, &Limits::default()).expect("the means are there");
        assert!(found.caveats.contains(ImageCaveat::Damaged), "{name}: {:?}", found.caveats);
    }
}

/// Without the scans of colour a picture is grey, not green.
#[test]
fn a_file_cut_before_its_colour_is_grey() {
    let bytes = in_scans(Scans::Separate);
    let colour = scans_of(&bytes)[1];
    let Ok(DecodedPicture::Rgb { pixels, .. }) = decode_rgb(&bytes[..colour], &Limits::default()) else {
        panic!("luma is there");
    };
    assert!(pixels.as_chunks::<3>().0.iter().all(|[r, g, b]| r == g && g == b));
    let found = decode(&bytes[..colour], &Limits::default()).expect("luma is there");
    assert!(found.caveats.contains(ImageCaveat::Truncated));
}

#[test]
fn what_is_lost_is_told() {
    let bytes = waves();
    let (_, data) = segments(&bytes);
    let length = bytes.len() - data;
    let middle = data + length / 2;
    let mut hole = bytes.clone();
    hole[middle..middle + 512].fill(0);
    let without = |count: usize| [&bytes[..middle], &bytes[middle + count..]].concat();
    let closed = |percent: usize| [&bytes[..data + length * percent / 100], &[0xff, 0xd9][..]].concat();
    assert_told("cut at 5 % and closed", &closed(5));
    assert_told("cut at 70 % and closed", &closed(70));
    assert_told("cut at 70 %", &bytes[..data + length * 7 / 10]);
    assert_told("4,000 bytes missing", &without(4000));
    assert_told("a hole of zeros", &hole);
    let kept = decode(&closed(70), &Limits::default()).expect("most of it is there");
    assert!(kept.caveats.contains(ImageCaveat::Truncated));
    let refused = decode(&closed(5), &Limits::default()).expect_err("hardly anything is there");
    assert_eq!(refused.reason, SkipReason::Truncated);
}

#[test]
fn files_met_in_the_field_are_read_or_told() {
    let folder = Path::new(CASES);
    let Ok(good) = std::fs::read(folder.join("ok.jpg")) else {
        println!("{CASES} is absent: nothing compared");
        return;
    };
    let original = hash(&good);
    let read = |name: &str| std::fs::read(folder.join(name)).expect(name);
    for name in [
        "app14_12_bytes.jpg",
        "baseline_separate_scans_420.jpg",
        "comment_length_0.jpg",
        "mjpeg_frame_without_dht.jpg",
        "sampling_3x1.jpg",
    ] {
        assert_whole(name, &read(name), &original, 10);
    }
    for name in ["4_kb_missing.jpg", "cut_at_5_percent_then_eoi.jpg", "hole_of_512_zero_bytes.jpg"] {
        assert_told(name, &read(name));
    }
}
