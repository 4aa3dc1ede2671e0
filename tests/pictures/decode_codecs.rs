//! AVIF and JPEG XL: files that other programs wrote, of a photo whose PNG lies in `fixtures/ads`.
//!
//! `fixtures/codecs/make.py` says how they came to be. The trap: each format is a feature of its own, so a build without
//! one must name it; everything else here runs for the formats that the build has.

use std::fs;
use std::path::{Path, PathBuf};

use adlink::SkipReason;
use adlink::decode::{Limits, decode};
use adlink::error::ImageError;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn is_built(name: &str) -> bool {
    name.ends_with(".avif") && cfg!(feature = "avif") || name.ends_with(".jxl") && cfg!(feature = "jxl")
}

fn refused(what: &str, bytes: &[u8]) -> ImageError {
    let error = decode(bytes, &Limits::default()).expect_err(what);
    assert_ne!(error.reason, SkipReason::DecoderPanic, "{what}: {}", error.detail);
    error
}

#[test]
fn a_build_without_a_codec_names_the_feature_and_the_remedy() {
    for (name, feature) in [("photo-420.avif", "`avif`"), ("photo-bare.jxl", "`jxl`")] {
        if !is_built(name) {
            let error = refused(name, &read(&format!("codecs/{name}")));
            assert_eq!(error.reason, SkipReason::Unsupported);
            assert!(error.detail.contains(feature), "{}", error.detail);
            assert!(error.detail.contains("convert it to PNG"), "{}", error.detail);
        }
    }
}

#[test]
fn heic_is_named_with_what_converts_it_where_there_is_no_network() {
    let error = refused("HEIC", &read("bad/UNSUPPORTED-heic.heic"));
    assert_eq!(error.reason, SkipReason::Unsupported);
    for remedy in ["heif-convert", "sips -s format jpeg", "Windows Photos"] {
        assert!(error.detail.contains(remedy), "{}", error.detail);
    }
}

#[cfg(any(feature = "avif", feature = "jxl"))]
mod built {
    use super::*;
    use adlink::decode::Decoded;
    use adlink::hash::pdq;

    fn names(start: &str) -> Vec<String> {
        let folder = fs::read_dir(fixtures().join("codecs")).expect("the fixtures are committed");
        let names =
            folder.map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> =
            names.filter(|name| name.starts_with(start)).filter(|name| is_built(name)).collect();
        names.sort();
        assert!(!names.is_empty(), "no fixture {start}");
        names
    }

    fn decoded(name: &str) -> Decoded {
        let bytes = read(&format!("codecs/{name}"));
        decode(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[test]
    fn every_form_of_the_photo_hashes_as_its_png() {
        let limits = Limits::default();
        let png = decode(&read("ads/images/swapcorner.example/S1137_0.png"), &limits).expect("the PNG");
        for name in names("photo") {
            let found = decoded(&name);
            assert!(name.ends_with(found.format), "{name} is {}", found.format);
            assert_eq!((found.luma.width(), found.luma.height()), (png.luma.width(), png.luma.height()));
            let distance = pdq(&found.luma).hash().distance(&pdq(&png.luma).hash());
            assert!(distance <= 10, "{name}: {distance} bits");
        }
    }

    #[test]
    fn a_cut_or_changed_file_has_a_reason() {
        for name in names("") {
            let bytes = read(&format!("codecs/{name}"));
            for step in 1..12 {
                let length = bytes.len() * step / 12;
                let error = refused(&format!("{name} cut at {length}"), &bytes[..length]);
                assert!(error.detail.len() > 5, "{name}: {error}");
                let known = [SkipReason::Truncated, SkipReason::Malformed, SkipReason::NotAnImage];
                assert!(known.contains(&error.reason), "{name} cut at {length}: {error}");
            }
            let mut broken = bytes.clone();
            for step in 0..12 {
                broken[bytes.len() * step / 12] ^= 0x55;
                if let Err(error) = decode(&broken, &Limits::default()) {
                    assert_ne!(error.reason, SkipReason::DecoderPanic, "{name} at {step}: {}", error.detail);
                }
                broken[bytes.len() * step / 12] ^= 0x55;
            }
        }
    }
}

#[cfg(feature = "jxl")]
mod jpeg_xl {
    use super::*;

    /// 100,000 rows in 30 bits, square, everything else as usual; what follows is no frame.
    fn huge() -> Vec<u8> {
        let header = 0b110_u64 | 99_999 << 3 | 1 << 33 | 0b11 << 36;
        [&[0xff, 0x0a], &header.to_le_bytes()[..], &[0; 400]].concat()
    }

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32 + 8).to_be_bytes();
        [&length[..], kind, body].concat()
    }

    const SIGNATURE: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ";

    #[test]
    fn a_header_that_claims_too_much_is_refused() {
        let whole = [SIGNATURE, &boxed(b"jxlc", &huge())].concat();
        // The header in two boxes, each with its number.
        let first = boxed(b"jxlp", &[&[0, 0, 0, 0], &huge()[..4]].concat());
        let second = boxed(b"jxlp", &[&[0x80, 0, 0, 1], &huge()[4..]].concat());
        let parts = [SIGNATURE, &first, &second].concat();
        for (what, bytes) in [("bare", huge()), ("boxed", whole), ("in parts", parts)] {
            let error = refused(what, &bytes);
            assert_eq!(error.reason, SkipReason::TooLarge, "{what}: {}", error.detail);
            assert!(error.detail.contains("100000 x 100000"), "{what}: {}", error.detail);
        }
    }

    #[test]
    fn the_limits_are_the_callers() {
        let bytes = read("codecs/photo-bare.jxl");
        for limits in [
            Limits { max_pixels: 1000, ..Limits::default() },
            Limits { max_memory: 100_000, ..Limits::default() },
        ] {
            let error = decode(&bytes, &limits).expect_err("over the limit");
            assert_eq!(error.reason, SkipReason::TooLarge, "{}", error.detail);
        }
    }

    #[test]
    fn metadata_is_not_inflated() {
        // Ten bytes of Brotli that stand for any length would never be asked for; nonsense shows that none are.
        let nonsense = boxed(b"brob", &[b"Exif", &[0xff; 64][..]].concat());
        let picture = boxed(b"jxlc", &read("codecs/photo-bare.jxl"));
        let bytes = [SIGNATURE, &nonsense, &picture].concat();
        let found = decode(&bytes, &Limits::default()).expect("the picture beside it is whole");
        let bare = decode(&read("codecs/photo-bare.jxl"), &Limits::default()).expect("the picture alone");
        assert_eq!(found.luma, bare.luma);
    }
}

#[cfg(feature = "avif")]
mod avif {
    use super::*;
    use adlink::decode::{DecodedPicture, decode_stored};

    const PHOTO: &str = "codecs/photo-420.avif";

    /// The photo's file, changed from so many bytes behind the first name of a box on.
    fn changed(name: &[u8; 4], behind: usize, bytes: &[u8]) -> Vec<u8> {
        let mut file = read(PHOTO);
        let at = file.windows(4).position(|window| window == name).expect("a box of that name") + behind;
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    }

    #[test]
    fn turns_of_the_container_are_applied() {
        for turn in 2..=8_u8 {
            let bytes = read(&format!("codecs/turned{turn}.avif"));
            let found = decode(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{turn}: {error}"));
            assert_eq!(found.orientation, turn);
            let stored = decode_stored(&bytes, &Limits::default()).expect("as it lies there");
            let DecodedPicture::Rgb { width, height, .. } = stored else { panic!("{turn} has colour") };
            let sides = (found.luma.width(), found.luma.height());
            assert_eq!(sides, if turn > 4 { (height, width) } else { (width, height) });
        }
    }

    #[test]
    fn a_container_that_claims_too_much_is_refused() {
        let huge = changed(b"ispe", 8, &[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        assert_eq!(refused("huge", &huge).reason, SkipReason::TooLarge);
        // Less than the stream asks for: the stream is not believed.
        let small = changed(b"ispe", 8, &[0, 0, 0, 1, 0, 0, 0, 1]);
        assert_eq!(refused("small", &small).reason, SkipReason::Malformed);
        assert_eq!(refused("none", &changed(b"ispe", 8, &[0; 8])).reason, SkipReason::Malformed);
    }

    #[test]
    fn tiles_and_other_kinds_are_named() {
        for kind in [b"grid", b"hvc1"] {
            let error = refused("kind", &changed(b"av01", 0, kind));
            assert_eq!(error.reason, SkipReason::Unsupported);
            assert!(error.detail.contains(&*String::from_utf8_lossy(kind)), "{}", error.detail);
        }
    }

    /// The decoder would complain of it on the terminal.
    #[test]
    fn a_picture_without_a_byte_is_no_picture() {
        // How many places the first item lies in.
        let error = refused("no place", &changed(b"iloc", 16, &[0, 0]));
        assert_eq!(error.reason, SkipReason::Malformed);
        assert!(error.detail.contains("no bytes"), "{}", error.detail);
    }
}
