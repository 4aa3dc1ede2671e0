//! Decoding held against outside results: the hashes that `pdqhash` with Pillow computes for the reference images.
//!
//! Needs `../shared/data/pdq`; says so and passes where it is absent. The trap: the main column ignores EXIF
//! orientation; the one to compare with is `pdq_hex_after_exif_transpose`.

#![allow(clippy::print_stdout)]

use std::fs;
use std::path::PathBuf;

use adlink::decode::{Limits, decode};
use adlink::hash::{Hash256, pdq};

fn shared() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/pdq"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is absent", folder.display());
    None
}

#[test]
fn reference_images_decode_to_the_reference_hashes() {
    let Some(folder) = shared() else { return };
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
