//! Decoding held against outside results: the hashes that `pdqhash` with Pillow computes for the reference images.
//!
//! Needs `../shared/data/pdq`; says so and passes where it is absent. The trap: the main column ignores EXIF
//! orientation; the one to compare with is `pdq_hex_after_exif_transpose`.

#![allow(clippy::print_stdout)]

use std::fs;
use std::path::PathBuf;

use adlink::analysis::analyse;
use adlink::decode::{DecodedPicture, Limits, decode, decode_rgb};
use adlink::hash::{Hash256, Luma, pdq, second_hash, whole_hashes};

fn shared(what: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(what);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is absent", folder.display());
    None
}

#[test]
fn reference_images_decode_to_the_reference_hashes() {
    let Some(folder) = shared("pdq") else { return };
    let mut rows = csv::Reader::from_path(folder.join("expected_pdqhash_pypi.csv")).expect("a CSV file");
    let headers = rows.headers().expect("a header").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect(name);
    let (file, hex, quality) = (column("file"), column("pdq_hex_after_exif_transpose"), column("quality"));
    let mut compared = 0;
    for row in rows.records() {
        let row = row.expect("a CSV row");
        let bytes = fs::read(folder.join(&row[file])).expect("a reference image");
        let decoded =
            decode(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{}: {error}", &row[file]));
        assert!(decoded.caveats.is_empty(), "{}: {:?}", &row[file], decoded.caveats);
        if row[quality].parse::<u8>().expect("a quality") < 80 {
            continue;
        }
        let expected: Hash256 = row[hex].parse().expect("a hash");
        let distance = pdq(&decoded.luma).hash().distance(&expected);
        assert!(distance <= 10, "{}: {distance} bits from the reference", &row[file]);
        compared += 1;
    }
    assert!(compared >= 40, "only {compared} images compared");
}

/// Luma as a JPEG stores it is not luma of rounded RGB, which the reference hashes; where bits hang on that, the
/// record has the reference's.
#[test]
fn records_of_photos_have_the_hash_of_their_rgb() {
    let Some(folder) = shared("photos") else { return };
    let limits = Limits::default();
    let distance = |path: PathBuf| {
        let bytes = fs::read(path).expect("a photo");
        let DecodedPicture::Rgb { width, height, pixels } = decode_rgb(&bytes, &limits).expect("a picture")
        else {
            return 0;
        };
        let of_rgb = pdq(&Luma::from_rgb(width, height, &pixels).expect("three bytes a pixel"));
        let luma = decode(&bytes, &limits).expect("a picture").luma;
        let whole = whole_hashes(&luma);
        assert_eq!((whole.pdq, whole.second), (pdq(&luma), second_hash(&luma)));
        analyse(&bytes, &limits).expect("a picture").pdq.hash().distance(&of_rgb.hash())
    };
    let photos = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let distances: Vec<u32> = photos.map(distance).collect();
    let identical = distances.iter().filter(|&&distance| distance == 0).count();
    println!("{identical} of {} identical", distances.len());
    assert!(identical * 100 >= distances.len() * 85, "{identical} of {}", distances.len());
    assert!(distances.iter().all(|&distance| distance <= 4), "{distances:?}");
}
