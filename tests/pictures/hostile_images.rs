//! Images made to hurt: every file of `fixtures/bad` is refused for the reason in its name; every good fixture is
//! cut, flipped bit by bit, and blown up, and never panics or takes more memory than the limits allow.
//!
//! This binary counts what it allocates. The trap: zeroed memory costs nothing until it is touched, so a bomb
//! shows in the allocator long before it shows in the process size.

#![allow(unsafe_code, clippy::print_stdout)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use adlink::SkipReason;
use adlink::decode::{Decoded, Limits, decode, decode_rgb};
use adlink::error::ImageError;
use adlink::hash::pdq;

use crate::{picture, png};

/// Counts the bytes held by the current thread; tests run side by side.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn count(more: usize, less: usize) {
    // The thread may be past its end.
    let _ = HELD.try_with(|held| {
        held.set((held.get() + more).saturating_sub(less));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: every call is passed on to the system allocator unchanged; counting touches no memory of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promise is the system allocator's condition.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a call returns, and the most it held at a time.
fn measured<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let result = call();
    (result, PEAK.get().saturating_sub(before))
}

fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")).join(name);
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("the fixtures are committed")
        .map(|entry| entry.expect("a readable folder").path())
        .map(|path| {
            (
                path.file_name().expect("a file").to_string_lossy().into_owned(),
                fs::read(path).expect("a file"),
            )
        })
        .collect();
    files.sort();
    files
}

/// What no small picture needs: the fixtures have 1,200 pixels.
const SMALL: usize = 3 << 20;

/// The same of JPEG XL, whose decoder makes its tables for the largest blocks there are.
const WITH_TABLES: usize = 12 << 20;

/// Decodes, and holds the result to what is promised for any bytes whatever.
fn checked(what: &str, bytes: &[u8]) -> Result<Decoded, ImageError> {
    let (result, peak) = measured(|| decode(bytes, &Limits::default()));
    let pixels = result.as_ref().map_or(0, |found| found.luma.pixels().len() * (1 + found.frames.len()));
    let small = if what.contains(".jxl") { WITH_TABLES } else { SMALL };
    assert!(peak <= small + 30 * pixels, "{what}: {peak} bytes for {pixels} pixels");
    match &result {
        Ok(found) => {
            let luma = &found.luma;
            assert_eq!(
                luma.pixels().len() as u64,
                u64::from(luma.width()) * u64::from(luma.height()),
                "{what}"
            );
        }
        Err(error) => {
            assert_ne!(error.reason, SkipReason::DecoderPanic, "{what}: {}", error.detail);
            assert!(error.detail.len() > 5, "{what}: says nothing: {error}");
        }
    }
    result
}

#[test]
fn every_bad_file_is_refused_for_the_reason_in_its_name() {
    let files = folder("bad");
    assert!(files.len() >= 40, "only {} files", files.len());
    let mut wrong = Vec::new();
    for (name, bytes) in files {
        let reason = name.split('-').next().expect("a name");
        for (mode, (result, peak)) in [
            ("grey", measured(|| decode(&bytes, &Limits::default()).map(|_| ()))),
            ("colour", measured(|| decode_rgb(&bytes, &Limits::default()).map(|_| ()))),
        ] {
            match result {
                Err(error) if error.reason.name() == reason && peak < SMALL => {}
                other => wrong.push(format!("{name} ({mode}): {other:?}, {peak} bytes")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_cut_file_is_hashed_with_a_caveat_or_refused() {
    for (name, bytes) in folder("formats") {
        for step in 1..50 {
            let length = bytes.len() * step / 50;
            let what = format!("{name} cut at {length} of {}", bytes.len());
            let whole = || decode(&bytes, &Limits::default()).expect("the fixture decodes").luma;
            match checked(&what, &bytes[..length]) {
                Ok(found) if found.caveats.is_empty() => {
                    // What follows the pixels may be missing without harm, but nothing of the pixels.
                    assert_eq!(found.luma, whole(), "{what}: no caveat");
                }
                Ok(found) => {
                    let text = name.contains("-text") && found.caveats.names() == ["DAMAGED"];
                    assert!(text || found.caveats.names() == ["TRUNCATED"], "{what}: {:?}", found.caveats);
                    pdq(&found.luma);
                }
                Err(error) => {
                    let reasons = [SkipReason::Truncated, SkipReason::Empty, SkipReason::NotAnImage];
                    // Text has no length to fall short of, and AVIF and JPEG XL may need a feature.
                    let codec = name.ends_with(".avif") || name.ends_with(".jxl");
                    let other = name.contains("-text") || codec;
                    assert!(reasons.contains(&error.reason) || other, "{what}: {error}");
                }
            }
        }
    }
}

#[test]
fn rows_of_a_cut_file_are_true_and_the_rest_is_flat() {
    let cut_at_three_quarters = [
        "rgb.png",
        "grey.png",
        "grey-16bit.png",
        "rgb.bmp",
        "grey.pgm",
        "grey-16bit.pgm",
        "rgb-444.jpg",
        "grey.gif",
    ];
    for (name, bytes) in
        folder("formats").into_iter().filter(|(name, _)| cut_at_three_quarters.contains(&&name[..]))
    {
        let whole = decode(&bytes, &Limits::default()).expect("the fixture decodes").luma;
        let found =
            checked(&name, &bytes[..bytes.len() * 3 / 4]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.caveats.names(), ["TRUNCATED"], "{name}");
        let rows = 0..whole.height();
        let same = rows.clone().filter(|&y| found.luma.row(y) == whole.row(y)).count();
        let flat = rows.filter(|&y| found.luma.row(y).iter().all(|&level| level == 128)).count();
        let total = whole.height() as usize;
        assert!(
            same * 2 >= total && flat > 0 && same + flat + 8 >= total,
            "{name}: {same} + {flat} of {total}"
        );
        if name.ends_with(".bmp") {
            assert_eq!(found.luma.row(0)[0], 128, "{name}: the top rows stand last");
        }
    }
}

fn good(name: &str) -> Vec<u8> {
    folder("formats").into_iter().find(|(found, _)| found == name).expect(name).1
}

#[test]
fn what_follows_a_picture_is_no_damage_and_a_gap_is() {
    for name in ["rgb-444.jpg", "rgb-progressive.jpg", "rgb.png", "grey.gif", "rgb.bmp"] {
        let mut bytes = good(name);
        let whole = checked(name, &bytes).expect("it decodes").luma;
        bytes.extend([0; 500]);
        bytes.extend(good("grey.jpg"));
        let found = checked(name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(found.caveats.is_empty() && found.luma == whole, "{name}: {:?}", found.caveats);
    }
    // A download that stopped in a file already given its full length.
    let mut bytes = good("rgb-444.jpg");
    let gap = bytes.len() * 3 / 4;
    bytes[gap..].fill(0);
    let found = checked("gap", &bytes).expect("more than half of the rows");
    assert_eq!(found.caveats.names(), ["TRUNCATED"]);
    assert!(found.luma.row(found.luma.height() - 1).iter().all(|&level| level == 128));
}

#[test]
fn damage_in_the_middle_is_a_caveat_late_and_a_reason_early() {
    // 400 grey rows in stored blocks of 60,000 bytes, of which one claims a kind that does not exist.
    let level = |x: usize, y: usize| (x / 2 + y / 4) as u8;
    let file = |wrong: usize| {
        let rows = (0..400).flat_map(|y| std::iter::once(0).chain((0..400).map(move |x| level(x, y))));
        let mut data = png::stored(&rows.collect::<Vec<u8>>());
        data[2 + wrong * 60_005] = 0b111;
        png::sized(400, 400, [8, 0, 0, 0, 0], &[png::chunk(b"IDAT", &data)])
    };
    let found = decode(&file(2), &Limits::default()).expect("most of the rows");
    assert_eq!(found.caveats.names(), ["DAMAGED"]);
    assert!((0..400).all(|x| found.luma.row(199)[x] == level(x, 199)));
    assert!(found.luma.row(399).iter().all(|&level| level == 128));
    let error = decode(&file(1), &Limits::default()).expect_err("a third of the rows");
    assert_eq!(error.reason, SkipReason::Malformed);
}

#[test]
fn flipped_bits_never_panic_or_swell() {
    let files = folder("formats").into_iter().chain(folder("bad"));
    // A fixed walk over all files: the same bits in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for (name, bytes) in files.filter(|(_, bytes)| !bytes.is_empty()) {
        for _ in 0..200 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let mut broken = bytes.clone();
            // Headers decide most, so half of the flips go there.
            let reach = if state & 1 == 0 { broken.len() } else { broken.len().min(128) };
            let at = (state >> 8) as usize % reach;
            broken[at] ^= 1 << (state >> 1 & 7);
            let what = format!("{name} with bit {} of byte {at} flipped", state >> 1 & 7);
            // A size that is still within the limits is paid for as such.
            let limits = Limits { max_pixels: 1 << 20, max_memory: 24 << 20, ..Limits::default() };
            let (result, peak) = measured(|| decode(&broken, &limits));
            assert!(peak <= 64 << 20, "{what}: {peak} bytes");
            if let Err(error) = result {
                assert_ne!(error.reason, SkipReason::DecoderPanic, "{what}: {}", error.detail);
            }
        }
    }
}

#[test]
fn swollen_metadata_and_pixels_stay_within_the_limits() {
    let pixels = png::rows(8, 1, |x, y, _| u16::from(picture::grey(x, y)));
    let data = png::chunk(b"IDAT", &png::stored(&pixels));
    let bomb = zeros(300 << 20);
    let profile = png::chunk(b"iCCP", &[b"x\0\0", &bomb[..]].concat());
    let text = png::chunk(b"zTXt", &[b"x\0\0", &bomb[..]].concat());
    let long = png::chunk(b"tEXt", &[b"x\0", &vec![b'a'; 8 << 20][..]].concat());
    let exif = png::chunk(b"eXIf", &vec![0xff; 8 << 20]);
    let most = 40 << 20;
    for (name, chunk) in [("iCCP", profile), ("zTXt", text), ("tEXt", long), ("eXIf", exif)] {
        let file = png::file(8, 0, false, &[chunk, data.clone()]);
        let (result, peak) = measured(|| decode(&file, &Limits::default()));
        assert!(peak <= most, "{name}: {peak} bytes");
        match result {
            Ok(found) => assert_eq!(found.luma.pixels()[0], picture::grey(0, 0), "{name}"),
            Err(error) => assert_eq!(error.reason, SkipReason::TooLarge, "{name}: {error}"),
        }
    }
    // Picture data that inflates to far more than the picture has.
    let file = png::file(8, 0, false, &[png::chunk(b"IDAT", &bomb)]);
    let (result, peak) = measured(|| decode(&file, &Limits::default()));
    assert!(peak <= most, "IDAT: {peak} bytes");
    assert!(result.is_ok_and(|found| found.luma.pixels().iter().all(|&level| level == 0)));
}

#[test]
fn the_limits_are_the_callers() {
    let bytes = &good("rgb.png")[..];
    let refused = |limits: Limits| {
        let error = decode(bytes, &limits).expect_err("over the limit");
        assert_eq!(error.reason, SkipReason::TooLarge);
        error.detail
    };
    let detail = refused(Limits { max_bytes: 100, ..Limits::default() });
    assert!(detail.contains(&bytes.len().to_string()) && detail.contains("100"), "{detail}");
    let detail = refused(Limits { max_pixels: 1199, ..Limits::default() });
    assert!(detail.contains("1200") && detail.contains("1199"), "{detail}");
    let detail = refused(Limits { max_memory: 5000, ..Limits::default() });
    assert!(detail.contains("5000"), "{detail}");
    assert!(decode(bytes, &Limits { max_pixels: 1200, ..Limits::default() }).is_ok());
}

/// The figures of the policy table, on pictures large enough that tables and rows in flight do not matter.
#[test]
fn memory_stays_within_the_documented_bytes_a_pixel() {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/pdq/images/misc-images/modes"));
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return;
    }
    let cases = [
        ("RGB.jpg", 2),
        ("CMYK.jpg", 5),
        ("L.png", 5),
        ("P.png", 11),
        ("RGBA.png", 14),
        ("F.webp", 18),
        ("PA.webp", 18),
    ];
    for (name, promised) in cases {
        let bytes = fs::read(folder.join(name)).expect("a reference image");
        let (found, peak) = measured(|| decode(&bytes, &Limits::default()).expect("it decodes"));
        let pixels = found.luma.pixels().len();
        assert!(peak <= promised * pixels + (1 << 20), "{name}: {peak} bytes for {pixels} pixels");
    }
}

/// zlib data that inflates to `length` zeros at about 160 to 1: one literal, then the longest match on and on.
fn zeros(length: usize) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut held, mut count) = (0_u64, 0);
    let mut put = |bits: u64, width: u32| {
        held |= bits << count;
        count += width;
        while count >= 8 {
            out.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    };
    put(0b011, 3);
    put(0b0000_1100, 8);
    for _ in 0..length / 258 {
        // Length 258 is code 285 = 11000101, distance 1 is code 0, both written from the high bit.
        put(0b1010_0011, 8);
        put(0, 5);
    }
    put(0, 7 + 7);
    out
}
