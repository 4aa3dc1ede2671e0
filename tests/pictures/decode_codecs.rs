//! AVIF and JPEG XL: files that other programs wrote, of a photo whose PNG lies in `fixtures/ads`.
//!
//! `fixtures/codecs/make.py` says how they came to be. The trap: both formats are features of their own, so a build without
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
fn a_build_without_a_codec_names_the_feature() {
    for (name, feature) in [("codecs/photo-420.avif", "`avif`"), ("codecs/photo-bare.jxl", "`jxl`")] {
        if !is_built(name) {
            let error = refused(name, &read(name));
            assert_eq!(error.reason, SkipReason::Unsupported);
            assert!(error.detail.contains(feature), "{}", error.detail);
        }
    }
}

#[cfg(any(feature = "avif", feature = "jxl"))]
mod built {
    use super::*;
    #[cfg(feature = "avif")]
    use adlink::decode::{DecodedPicture, decode_stored};
    use adlink::hash::pdq;

    fn names(start: &str) -> Vec<String> {
        let folder = fs::read_dir(fixtures().join("codecs")).expect("the fixtures are committed");
        let names =
            folder.map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.starts_with(start)).collect();
        names.sort();
        names
    }

    #[test]
    fn every_form_of_the_photo_hashes_as_its_png() {
        let limits = Limits::default();
        let png = decode(&read("ads/images/swapcorner.example/S1137_0.png"), &limits).expect("the PNG");
        for name in names("photo").into_iter().filter(|name| is_built(name)) {
            let found = decode(&read(&format!("codecs/{name}")), &limits)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(name.ends_with(found.format), "{name} is {}", found.format);
            let distance = pdq(&found.luma).hash().distance(&pdq(&png.luma).hash());
            assert!(distance <= 10, "{name}: {distance} bits");
        }
    }

    #[test]
    fn a_cut_or_changed_file_has_a_reason() {
        for name in names("").into_iter().filter(|name| is_built(name)) {
            let bytes = read(&format!("codecs/{name}"));
            for step in 1..50 {
                let length = bytes.len() * step / 50;
                let error = refused(&format!("{name} cut at {length}"), &bytes[..length]);
                assert!(error.detail.len() > 5, "{name}: {error}");
                let known = [SkipReason::Truncated, SkipReason::Malformed, SkipReason::NotAnImage];
                assert!(known.contains(&error.reason), "{name} cut at {length}: {error}");
            }
            let mut broken = bytes.clone();
            for step in 0..50 {
                broken[bytes.len() * step / 50] ^= 0x55;
                if let Err(error) = decode(&broken, &Limits::default()) {
                    assert_ne!(error.reason, SkipReason::DecoderPanic, "{name} at {step}: {}", error.detail);
                }
                broken[bytes.len() * step / 50] ^= 0x55;
            }
        }
    }

    #[test]
    #[cfg(feature = "avif")]
    fn turns_of_the_container_are_applied() {
        for name in names("turned") {
            let bytes = read(&format!("codecs/{name}"));
            let found = decode(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(name.contains(&found.orientation.to_string()), "{name}: {}", found.orientation);
            let stored = decode_stored(&bytes, &Limits::default()).expect("as it lies there");
            let DecodedPicture::Rgb { width, height, .. } = stored else { panic!("{name} has colour") };
            let sides = (found.luma.width(), found.luma.height());
            assert_eq!(sides == (height, width), found.orientation > 4, "{name}: {sides:?}");
        }
    }

    #[test]
    #[cfg(feature = "avif")]
    fn a_container_that_claims_too_much_is_refused() {
        let bytes = read("codecs/photo-420.avif");
        let at = bytes.windows(4).position(|window| window == b"ispe").expect("a size") + 8;
        let mut huge = bytes.clone();
        huge[at..at + 8].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        assert_eq!(refused("huge", &huge).reason, SkipReason::TooLarge);
        // Less than the stream asks for: the stream is not believed.
        let mut small = bytes.clone();
        small[at..at + 8].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
        assert_eq!(refused("small", &small).reason, SkipReason::Malformed);
        let mut none = bytes;
        none[at..at + 8].fill(0);
        assert_eq!(refused("none", &none).reason, SkipReason::Malformed);
    }

    #[test]
    #[cfg(feature = "avif")]
    fn tiles_and_other_kinds_are_named() {
        let bytes = read("codecs/photo-420.avif");
        let at = bytes.windows(4).position(|window| window == b"av01").expect("a kind");
        for (kind, named) in [(b"grid", "grid"), (b"hvc1", "hvc1")] {
            let mut other = bytes.clone();
            other[at..at + 4].copy_from_slice(kind);
            let error = refused(named, &other);
            assert_eq!(error.reason, SkipReason::Unsupported);
            assert!(error.detail.contains(named), "{}", error.detail);
        }
    }

    #[test]
    #[cfg(feature = "jxl")]
    fn a_header_that_claims_too_much_is_refused() {
        // 100,000 rows in 30 bits, square, everything else as usual.
        let header = 0b110_u64 | 99_999 << 3 | 1 << 33 | 0b11 << 36;
        let bytes = [&[0xff, 0x0a], &header.to_le_bytes()[..], &[0; 400]].concat();
        let error = refused("huge", &bytes);
        assert_eq!(error.reason, SkipReason::TooLarge, "{}", error.detail);
        assert!(error.detail.contains("100000 x 100000"), "{}", error.detail);
    }
}
