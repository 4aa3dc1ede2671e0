//! PDQ against the reference library's own answers, bit for bit.
//!
//! `luma_expected.csv` holds lossless pictures with the hashes of the reference on exactly those bytes. A vector
//! is *robust* when a float64 model agrees (`f64_model_bits_differ` is 0); the others are decided by the
//! reference's f32 rounding, and only the exact form reproduces those.

#![allow(clippy::print_stdout)]

use adlink::decode::{Limits, decode};
use adlink::hash::{Dihedral, Luma, LumaF32, Pdq, pdq, pdq_exact};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/pdq");

const PHOTOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/photos");

type Row = BTreeMap<String, String>;

/// The vectors and their folder; `None`, with a word about it, when they are not there.
fn vectors() -> Option<(PathBuf, Vec<Row>)> {
    let folder = Path::new(VECTORS);
    let list = folder.join("luma_expected.csv");
    if !list.exists() {
        println!("{} is absent: nothing compared", list.display());
        return None;
    }
    let mut reader = csv::Reader::from_path(list).expect("the list is readable");
    let rows = reader.deserialize().collect::<Result<_, _>>().expect("the list is CSV");
    Some((folder.to_path_buf(), rows))
}

/// The vector's picture in both forms, without any colour conversion but ours.
fn read(path: &Path) -> (Luma, LumaF32) {
    let picture = image::load_from_memory(&std::fs::read(path).expect("vectors are readable"))
        .expect("vectors are pictures");
    let (width, height) = (picture.width(), picture.height());
    if picture.color().has_color() {
        let rgb = picture.to_rgb8();
        (Luma::from_rgb(width, height, &rgb).unwrap(), LumaF32::from_rgb(width, height, &rgb).unwrap())
    } else {
        let luma = Luma::new(width, height, picture.to_luma8().into_raw()).unwrap();
        let exact = LumaF32::from(&luma);
        (luma, exact)
    }
}

fn differences(found: &Pdq, row: &Row) -> Vec<String> {
    let mut found_and_expected: Vec<(&str, String, &String)> = Dihedral::ALL
        .iter()
        .map(|&turn| {
            let column = if turn == Dihedral::None { "pdq_hex" } else { turn.name() };
            (column, found.oriented(turn).to_string(), &row[column])
        })
        .collect();
    found_and_expected.push(("quality", found.quality.to_string(), &row["quality"]));
    found_and_expected
        .into_iter()
        .filter(|(_, found, expected)| found != *expected)
        .map(|(column, found, expected)| format!("{} {column}: {found}, expected {expected}", row["file"]))
        .collect()
}

#[test]
fn the_fast_form_is_the_reference_on_robust_vectors() {
    let Some((folder, rows)) = vectors() else { return };
    let robust: Vec<&Row> = rows.iter().filter(|row| row["f64_model_bits_differ"] == "0").collect();
    let wrong: Vec<String> =
        robust.iter().flat_map(|row| differences(&pdq(&read(&folder.join(&row["file"])).0), row)).collect();
    assert!(!robust.is_empty(), "no robust vector in the list");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_exact_form_is_the_reference_on_all_vectors() {
    let Some((folder, rows)) = vectors() else { return };
    let wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| differences(&pdq_exact(read(&folder.join(&row["file"])).1), row))
        .collect();
    assert!(!rows.is_empty(), "the list is empty");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_512_grid_is_the_reference_file_path() {
    let Some((folder, rows)) = vectors() else { return };
    assert!(rows.iter().any(|row| row["pdq_hex_512"] != row["pdq_hex"]), "no vector above 512 pixels");
    for row in &rows {
        let found = pdq_exact(read(&folder.join(&row["file"])).1.nearest_512());
        assert_eq!(found.hash().to_string(), row["pdq_hex_512"], "{}", row["file"]);
        assert_eq!(found.quality.to_string(), row["quality_512"], "{}", row["file"]);
    }
}

/// On the same pixels the two forms may part in a bit pair that hangs on the last decimals.
#[test]
fn photos_hash_the_same_in_both_forms() {
    let distance = |path: &PathBuf| {
        let (fast, exact) = read(path);
        pdq(&fast).hash().distance(&pdq_exact(exact).hash())
    };
    check("of RGB", photos().iter().map(distance).collect(), 2, 99);
}

/// JPEG stores luma, and the default form reads no more. The reference's luma comes by way of RGB rounded to
/// whole levels, which shifts areas of even colour by up to half a level: a bit pair in one photo of five.
#[test]
fn luma_of_jpeg_photos_hashes_as_their_rgb() {
    let distance = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("photos are readable");
        pdq(&luma_only(&bytes)).hash().distance(&pdq_exact(read(path).1).hash())
    };
    check("of luma", photos().iter().map(distance).collect(), 6, 75);
}

/// Our own reading of the plane against the general decoder's, level for level, on photos as they are found.
#[test]
fn luma_planes_are_those_of_the_general_decoder() {
    for path in photos() {
        let bytes = std::fs::read(&path).expect("photos are readable");
        let found = decode(&bytes, &Limits::default()).expect("photos decode");
        if found.orientation == 1 {
            assert!(found.luma == luma_only(&bytes), "{}", path.display());
            assert!(found.caveats.is_empty(), "{} {:?}", path.display(), found.caveats);
        }
    }
}

fn check(what: &str, mut distances: Vec<u32>, most: u32, percent_same: usize) {
    distances.sort_unstable();
    let same = distances.iter().filter(|&&distance| distance == 0).count();
    let largest = distances.last().copied().unwrap_or(0);
    println!("{same} of {} hashes {what} the same, at most {largest} bits", distances.len());
    assert!(largest <= most && same * 100 >= distances.len() * percent_same, "{same} {distances:?}");
}

fn photos() -> Vec<PathBuf> {
    let Ok(folder) = Path::new(PHOTOS).read_dir() else {
        println!("{PHOTOS} is absent: no photo compared");
        return Vec::new();
    };
    let files = folder.map(|entry| entry.expect("the folder is readable").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "jpg")).collect()
}

fn luma_only(jpeg: &[u8]) -> Luma {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let pixels = decoder.decode().expect("photos are JPEG");
    let (width, height) = decoder.dimensions().expect("it was decoded");
    Luma::new(width as u32, height as u32, pixels).expect("one byte a pixel")
}
