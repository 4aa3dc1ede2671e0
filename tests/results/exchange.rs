//! Hash lists read back: what a list says is what the image holds, in every format.

use adlink::codes::EnumSet;
use adlink::error::{ImageError, SkipReason};
use adlink::hash::{Dihedral, Hash256, Pdq, Quality};
use adlink::hashlist::{CsvHashes, HashColumns, HashList, JsonHashes, ParquetHashes};
use adlink::record::{Digests, Image, ImageCaveat, ImageId, Rect, View, ViewKind};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::fs::File;

const ALL: HashColumns = HashColumns { dihedral: true, views: true, digests: true, analyses: false };

fn pdq(seed: u64) -> Pdq {
    let hash = |n: u64| {
        Hash256::from_words([1, 2, 3, 4].map(|k| (seed + 10 * n + k).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    };
    Pdq::from_base([hash(0), hash(1), hash(2), hash(3)], Quality::new(87))
}

fn image() -> Image {
    Image {
        digests: Digests { md5: [1; 16], sha1: [2; 20], sha256: ImageId([0xab; 32]) },
        bytes: 1234,
        format: "jpeg".into(),
        width: 640,
        height: 480,
        caveats: EnumSet::from_iter([ImageCaveat::Truncated]),
        pdq: pdq(7),
        views: [View {
            kind: ViewKind::ContentBox,
            rect: Rect { x: 1, y: 2, width: 600, height: 400 },
            pdq: pdq(99),
        }]
        .into(),
        second: None,
    }
}

fn broken() -> ImageError {
    ImageError::new(SkipReason::Empty, "the file has no bytes")
}

/// Writes one good and one bad file.
fn fill(mut list: Box<dyn HashList + '_>) {
    list.write("a \"b\",c.jpg", &Ok(image())).unwrap();
    list.write("gone.jpg", &Err(broken())).unwrap();
    list.finish().unwrap();
}

#[test]
fn csv_has_the_columns_of_the_contract() {
    let mut plain = Vec::new();
    fill(Box::new(CsvHashes::new(&mut plain, "x", HashColumns::default()).unwrap()));
    let text = String::from_utf8(plain).unwrap();
    assert!(text.starts_with("path,sha256,width,height,pdq,quality,error\n"), "{text}");

    let mut full = Vec::new();
    fill(Box::new(CsvHashes::new(&mut full, "x", ALL).unwrap()));
    let mut reader = csv::Reader::from_reader(full.as_slice());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3, "whole, content box, failure");
    let cell = |row: usize, name: &str| &rows[row][header.iter().position(|h| h == name).unwrap()];
    assert_eq!(cell(0, "path"), "a \"b\",c.jpg");
    assert_eq!(cell(0, "pdq"), pdq(7).hash().to_string());
    for turn in &Dihedral::ALL[1..] {
        assert_eq!(cell(1, turn.name()), pdq(99).oriented(*turn).to_string());
    }
    assert_eq!(cell(1, "rect"), "1,2,600,400");
    assert_eq!(cell(2, "error"), broken().to_string());
    assert_eq!((cell(1, "md5"), cell(1, "sha1")), (&*"01".repeat(16), &*"02".repeat(20)));
    assert_eq!((cell(2, "md5"), cell(2, "sha1")), ("", ""));
}

#[test]
fn json_lines_parse_back() {
    let mut out = Vec::new();
    fill(Box::new(JsonHashes::new(&mut out, "x", ALL)));
    let lines: Vec<serde_json::Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["sha1"], "02".repeat(20));
    assert_eq!(lines[0]["views"][0]["rot90"], pdq(99).oriented(Dihedral::Rot90).to_string());
    assert_eq!(lines[1]["error"]["reason"], "EMPTY");
}

#[test]
fn parquet_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hashes.parquet");
    fill(Box::new(ParquetHashes::new(File::create(&path).unwrap(), &path, ALL).unwrap()));

    let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(metadata.iter().any(|entry| entry.key == "adlink.schema" && entry.value.as_deref() == Some("1")));
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    let cell = |row: usize, name: &str| {
        rows[row]
            .get_column_iter()
            .find(|(column, _)| *column == name)
            .map(|(_, field)| field.clone())
            .unwrap()
    };
    let bytes = |field: Field| match field {
        Field::Bytes(bytes) => bytes.data().to_vec(),
        other => panic!("expected bytes, found {other:?}"),
    };
    assert_eq!(bytes(cell(1, "pdq")), pdq(99).hash().to_bytes());
    assert_eq!(bytes(cell(1, "rot270")), pdq(99).oriented(Dihedral::Rot270).to_bytes());
    assert_eq!(bytes(cell(0, "sha256")), [0xab; 32]);
    assert_eq!(cell(0, "pdq_quality"), Field::Int(87));
    assert_eq!(cell(1, "view_width"), Field::Int(600));
    assert_eq!((bytes(cell(1, "md5")), bytes(cell(1, "sha1"))), (vec![1; 16], vec![2; 20]));
    assert_eq!((cell(2, "pdq"), cell(2, "md5")), (Field::Null, Field::Null));
    assert_eq!(cell(2, "error"), Field::Str(broken().to_string()));
}

#[test]
fn an_empty_list_is_a_valid_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hashes.parquet");
    Box::new(ParquetHashes::new(File::create(&path).unwrap(), &path, ALL).unwrap()).finish().unwrap();
    let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    assert_eq!(reader.get_row_iter(None).unwrap().count(), 0);
}
