//! Every fixture of every format shows the right picture: compared pixel by pixel with the formulas that drew it.
//!
//! The folder `fixtures/formats` is the test list; a file's name says what is seen (see `examples/make_formats`).
//! The trap: lossy formats differ by a few levels, so those have a tolerance and all others have none.

use std::fs;
use std::path::PathBuf;

use adlink::SkipReason;
use adlink::decode::{Decoded, DecodedPicture, Limits, decode, decode_rgb};

use crate::jpeg::{self, Component, Options, Scans};
use crate::picture::{self, HEIGHT, WIDTH};

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats"));
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("the fixtures are committed")
        .map(|entry| entry.expect("a readable folder").path())
        .map(|path| {
            (
                path.file_name().expect("a file").to_string_lossy().into_owned(),
                fs::read(path).expect("a file"),
            )
        })
        .filter(|(name, _)| cfg!(feature = "avif") || !name.ends_with(".avif"))
        .filter(|(name, _)| cfg!(feature = "jxl") || !name.ends_with(".jxl"))
        .collect();
    files.sort();
    assert!(files.len() > 50, "only {} fixtures", files.len());
    files
}

fn fixture(name: &str) -> Vec<u8> {
    fixtures().into_iter().find(|(found, _)| found == name).expect(name).1
}

fn decoded(name: &str, bytes: &[u8]) -> Decoded {
    decode(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// round of a level seen at an opacity over white.
fn over_white(level: u8, alpha: u8) -> u8 {
    let share = f64::from(alpha) / 255.0;
    (f64::from(level) * share + 255.0 * (1.0 - share)).round() as u8
}

/// The colour that a viewer shows of what a name promises.
fn expected(content: &str, x: u32, y: u32) -> [u8; 3] {
    let alpha = picture::alpha(x, y);
    match content {
        "rgb" => picture::rgb(x, y),
        "grey" | "tiny" => [picture::grey(x, y); 3],
        "bit1" => [picture::bits_level(x, y, 1); 3],
        "bit2" => [picture::bits_level(x, y, 2); 3],
        "bit4" => [picture::bits_level(x, y, 4); 3],
        "alpha" => picture::rgb(x, y).map(|level| over_white(level, alpha)),
        "greyalpha" => [over_white(picture::grey(x, y), alpha); 3],
        other => panic!("no picture is called {other}"),
    }
}

/// Largest difference in luma and in each colour that the format's loss explains.
fn tolerance(format: &str, name: &str) -> (u8, u8) {
    match format {
        // Colour is smeared where it is sampled more coarsely than luma.
        "jpeg" if name.contains("cmyk") || name.contains("ycck") => (6, 9),
        "jpeg" if ["422", "440", "420", "411", "restart", "exif6"].iter().any(|part| name.contains(part)) => {
            (4, 24)
        }
        "jpeg" => (4, 8),
        _ if name.contains("lossy") => (12, 28),
        // Just below a tie, the level and its 256ths round to the next level and minus a half: the same luma.
        _ => (1, 0),
    }
}

#[test]
fn every_fixture_shows_its_picture() {
    for (name, bytes) in fixtures() {
        let content = name.split(['-', '.']).next().expect("a name");
        let found = decoded(&name, &bytes);
        let luma = &found.luma;
        assert!(found.caveats.is_empty(), "{name}: {:?}", found.caveats);
        let size = (luma.width(), luma.height());
        let whole = (WIDTH, HEIGHT);
        assert!(size == whole || content == "tiny" && (size.0 == 1 || size.1 == 1), "{name}: {size:?}");
        let (luma_off, colour_off) = tolerance(found.format, &name);
        let in_colour = match decode_rgb(&bytes, &Limits::default()).expect("decodes in colour too") {
            DecodedPicture::Grey(grey) => {
                assert_eq!(&grey, luma, "{name}");
                grey.pixels().iter().flat_map(|&level| [level; 3]).collect()
            }
            DecodedPicture::Rgb { width, height, pixels } => {
                assert_eq!((width, height), size, "{name}");
                pixels
            }
        };
        for (i, colour) in in_colour.chunks_exact(3).enumerate() {
            let (x, y) = (i as u32 % size.0, i as u32 / size.0);
            let should = expected(content, x, y);
            let level = luma.pixels()[i];
            let luma_is = picture::luma_of(should).abs_diff(level);
            assert!(luma_is <= luma_off, "{name} at {x},{y}: luma {level} for {should:?}");
            let colour_is = colour.iter().zip(should).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0);
            assert!(colour_is <= colour_off, "{name} at {x},{y}: {colour:?} for {should:?}");
        }
    }
}

/// zune-jpeg treats 2x1, 1x2 and 2x2 apart from all other samplings, so none is taken on trust.
#[test]
fn luma_is_right_for_every_sampling_of_colour() {
    let flat = |_: u32, _: u32| 128_u8;
    let limits = Limits::default();
    let off = |levels: &mut dyn Iterator<Item = u8>| {
        let levels = levels.enumerate();
        levels.map(|(i, level)| level.abs_diff(picture::grey(i as u32 % WIDTH, i as u32 / WIDTH))).max()
    };
    let mut wrong = Vec::new();
    let mut right = Vec::new();
    for scans in [Scans::One, Scans::Separate, Scans::Progressive] {
        for (luma, chroma) in (0..64).map(|n| ((n % 4 + 1, n / 4 % 4 + 1), (n / 16 % 2 + 1, n / 32 + 1))) {
            let parts = [
                (1, luma, &picture::grey as &dyn Fn(u32, u32) -> u8),
                (2, chroma, &flat),
                (3, chroma, &flat),
            ];
            let parts = parts.map(|(id, sampling, level)| Component { id, sampling, level });
            let bytes = jpeg::file(&parts, &Options { scans, ..Options::default() });
            let grey = decode(&bytes, &limits).map(|found| off(&mut found.luma.pixels().iter().copied()));
            let colour = decode_rgb(&bytes, &limits).map(|found| match found {
                DecodedPicture::Rgb { pixels, .. } => off(&mut pixels.chunks_exact(3).map(|rgb| rgb[1])),
                DecodedPicture::Grey(_) => None,
            });
            match (&grey, &colour) {
                (Ok(Some(..=4)), Ok(Some(..=4))) => right.push((scans, luma, chroma)),
                (Err(grey), Err(colour)) if grey == colour && grey.reason == SkipReason::Unsupported => {}
                _ => wrong.push(format!("{scans:?} luma {luma:?} chroma {chroma:?}: {grey:?} {colour:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    for scans in [Scans::One, Scans::Progressive] {
        for luma in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1)] {
            assert!(right.contains(&(scans, luma, (1, 1))), "{scans:?} {luma:?} is refused");
        }
    }
    assert!(right.contains(&(Scans::Separate, (1, 1), (1, 1))));
}

#[test]
fn the_extension_is_not_asked() {
    assert_eq!(decoded("", &fixture("rgb-jpeg_called.png")).format, "jpeg");
}

/// Where a stored pixel is seen, straight from the EXIF table.
fn seen_at(exif: u8, (x, y): (u32, u32), (width, height): (u32, u32)) -> (u32, u32) {
    match exif {
        1 => (x, y),
        2 => (width - 1 - x, y),
        3 => (width - 1 - x, height - 1 - y),
        4 => (x, height - 1 - y),
        5 => (y, x),
        6 => (height - 1 - y, x),
        7 => (height - 1 - y, width - 1 - x),
        _ => (y, width - 1 - x),
    }
}

#[test]
fn all_eight_orientations_in_every_format_that_has_them() {
    // The entry up to its value; the same in all of these files because they are all little-endian.
    const ENTRY: [u8; 8] = [0x12, 0x01, 3, 0, 1, 0, 0, 0];
    for name in ["rgb-exif6.jpg", "rgb-exif6.png", "rgb-exif6.webp", "rgb-exif6.tif"] {
        let mut bytes = fixture(name);
        let at = bytes.windows(8).position(|window| window == ENTRY).expect("an orientation entry") + 8;
        bytes[at] = 1;
        let stored = decoded(name, &bytes).luma;
        let size = (stored.width(), stored.height());
        for orientation in 1..=8 {
            bytes[at] = orientation;
            let found = decoded(name, &bytes);
            assert_eq!(found.orientation, orientation, "{name}");
            for y in 0..size.1 {
                for x in 0..size.0 {
                    let (to_x, to_y) = seen_at(orientation, (x, y), size);
                    let (is, was) = (found.luma.row(to_y)[to_x as usize], stored.row(y)[x as usize]);
                    assert_eq!(is, was, "{name}, orientation {orientation}, at {x},{y}");
                }
            }
        }
        // A value that means nothing is no orientation.
        bytes[at] = 99;
        assert_eq!(decoded(name, &bytes).luma, stored, "{name}");
    }
}

#[test]
fn animations_give_their_distinct_frames_once() {
    for name in ["grey-animated.gif", "rgb-animated.png", "rgb-animated.webp"] {
        let bytes = fixture(name);
        let found = decoded(name, &bytes);
        assert_eq!(found.frames.len(), 1, "{name}: the near-copy counts for nothing, the other picture once");
        for (i, &level) in found.frames[0].pixels().iter().enumerate() {
            let should = picture::luma_of(picture::other(i as u32 % WIDTH, i as u32 / WIDTH));
            assert_eq!(level, should, "{name} at {i}");
        }
        let limits = Limits { max_frames: 1, ..Limits::default() };
        assert!(decode(&bytes, &limits).expect("decodes").frames.is_empty(), "{name}");
    }
}
