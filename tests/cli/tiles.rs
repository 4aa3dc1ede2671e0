//! Jobs for any scheduler: `hash --shard`, `join`, `components`, and the array of them by plain shell.

use super::support::{adlink, fixture, run};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The rows of a Parquet file, each as text.
fn rows(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

/// The hash list of the fixture, or of a share of it.
fn hashed(folder: &Path, name: &str, more: &[&str]) -> PathBuf {
    let list = folder.join(name);
    let images = fixture().join("images");
    // 3: the fixture holds files that are no images.
    let said = run([&["hash", text(&images), "--dihedral", "-o", text(&list)], more].concat());
    assert!([0, 3].contains(&said.code), "{}", said.stderr);
    list
}

fn joined(folder: &Path, name: &str, left: &Path, right: &Path, more: &[&str]) -> PathBuf {
    let pairs = folder.join(name);
    run([&["join", text(left), text(right), "-o", text(&pairs)], more].concat()).expect(0);
    pairs
}

fn components(folder: &Path, name: &str, pairs: &[PathBuf]) -> Vec<u8> {
    let out = folder.join(name);
    let files: Vec<&str> = pairs.iter().map(|path| text(path)).collect();
    run([&["components", "-o", text(&out)], &files[..]].concat()).expect(0);
    fs::read(out).unwrap()
}

#[test]
fn shares_are_the_whole_list_cut_and_tiles_the_whole_join_cut() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let whole = hashed(folder, "whole.parquet", &[]);
    let shares: Vec<PathBuf> = (1..=3)
        .map(|k| hashed(folder, &format!("share-{k}.parquet"), &["--shard", &format!("{k}/3")]))
        .collect();
    let of_shares: Vec<Vec<String>> = shares.iter().map(|share| rows(share)).collect();
    assert!(of_shares.iter().all(|share| !share.is_empty()));
    let sorted = |mut rows: Vec<String>| {
        rows.sort_unstable();
        rows
    };
    assert_eq!(sorted(of_shares.concat()), sorted(rows(&whole)));

    for mode in [&[][..], &["--forest"]] {
        let all = joined(folder, &format!("all{}.parquet", mode.len()), &whole, &whole, mode);
        let mut tiles = Vec::new();
        for (i, left) in shares.iter().enumerate() {
            for (j, right) in shares.iter().enumerate().skip(i) {
                tiles.push(joined(folder, &format!("tile-{i}-{j}{}.parquet", mode.len()), left, right, mode));
            }
        }
        if mode.is_empty() {
            let of_tiles: BTreeSet<String> = tiles.iter().flat_map(|tile| rows(tile)).collect();
            let of_all: BTreeSet<String> = rows(&all).into_iter().collect();
            assert!(of_all.len() > 20, "the fixture reuses photos");
            assert_eq!(of_tiles, of_all);
        }
        let of_all = components(folder, "of-all.parquet", &[all]);
        assert_eq!(components(folder, "of-tiles.parquet", &tiles), of_all);
        tiles.reverse();
        assert_eq!(components(folder, "again.parquet", &tiles), of_all);
    }
}

/// When a file was written, and what is in it.
fn state(path: &Path) -> (SystemTime, Vec<u8>) {
    (fs::metadata(path).unwrap().modified().unwrap(), fs::read(path).unwrap())
}

#[test]
fn a_job_that_was_done_does_nothing_and_a_changed_input_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    fs::create_dir(&images).unwrap();
    let photo = fixture().join("images/openboard.example/O1007_0.jpg");
    fs::copy(&photo, images.join("a.jpg")).unwrap();
    fs::write(images.join("b.jpg"), "<!doctype html><html>").unwrap();
    let list = folder.path().join("list.parquet");
    let job = ["hash", text(&images), "--shard", "1/1", "-o", text(&list)];
    run(job).expect(3);
    let before = state(&list);
    assert!(run(job).expect(3).stderr.contains("1 failed"), "what was skipped is told again");
    assert_eq!(state(&list), before);

    // Another picture of the same size under the same name.
    let later = fs::File::options().write(true).open(images.join("a.jpg")).unwrap();
    later.set_modified(SystemTime::now() + Duration::from_secs(5)).unwrap();
    run(job).expect(3);
    assert_ne!(state(&list).0, before.0);
    // Other words, other files.
    run(["hash", text(&images), "--shard", "1/1", "--dihedral", "-o", text(&list)]).expect(3);
    assert!(rows(&list)[0].contains("rot90"));

    let pairs = folder.path().join("pairs.parquet");
    let tile = ["join", text(&list), text(&list), "-o", text(&pairs)];
    run(tile).expect(0);
    let before = state(&pairs);
    run(tile).expect(0);
    assert_eq!(state(&pairs), before);
    run([&tile[..], &["--radius", "20"]].concat()).expect(0);
    assert_ne!(state(&pairs).0, before.0);
    // A job that was killed leaves a file without a name, which the next one replaces.
    fs::write(folder.path().join(".pairs.parquet.unfinished"), "PAR1").unwrap();
    run(tile).expect(0);
    assert_eq!(state(&pairs).1, before.1);
}

#[test]
fn what_is_no_hash_file_or_no_pair_file_is_said_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let list = hashed(folder.path(), "list.parquet", &["--shard", "1/9"]);
    let out = folder.path().join("out.parquet");
    let csv = folder.path().join("list.csv");
    fs::write(&csv, "path,pdq\n").unwrap();
    let said = run(["join", text(&csv), text(&list), "-o", text(&out)]).expect(1);
    assert!(said.stderr.contains("list.csv") && said.stderr.contains("Parquet"), "{}", said.stderr);
    let said = run(["components", text(&list), "-o", text(&out)]).expect(1);
    assert!(said.stderr.contains("`adlink join` writes such files"), "{}", said.stderr);
    let near = joined(folder.path(), "near.parquet", &list, &list, &["--radius", "20"]);
    let far = joined(folder.path(), "far.parquet", &list, &list, &[]);
    let said = run(["components", text(&near), text(&far), "-o", text(&out)]).expect(1);
    assert!(said.stderr.contains("--within"), "{}", said.stderr);
    run(["components", text(&near), text(&far), "--within", "20", "-o", text(&out)]).expect(0);
    for shard in ["0/3", "4/3", "x"] {
        run(["hash", text(&list), "--shard", shard]).expect(2);
    }
    assert!(!folder.path().join(".out.parquet.unfinished").exists());
}

/// Spark writes plain bytes, others hex digits; bad cells are counted and told.
#[test]
fn hashes_of_other_writers_are_read() {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use std::sync::Arc;
    let folder = tempfile::tempdir().unwrap();
    let list = hashed(folder.path(), "list.parquet", &[]);
    let reader = SerializedFileReader::new(fs::File::open(&list).unwrap()).unwrap();
    let cell = |row: &parquet::record::Row, name: &str| {
        row.get_column_iter().find(|(column, _)| *column == name).map(|(_, field)| field.clone()).unwrap()
    };
    let hashes: Vec<(i64, Vec<u8>)> = reader
        .get_row_iter(None)
        .unwrap()
        .filter_map(|row| {
            let row = row.unwrap();
            let (Field::Long(id), Field::Bytes(pdq)) = (cell(&row, "image_id"), cell(&row, "pdq")) else {
                return None;
            };
            matches!(cell(&row, "pdq_quality"), Field::Int(50..)).then(|| (id, pdq.data().to_vec()))
        })
        .collect();
    let write = |name: &str, kind: &str, spell: &dyn Fn(&[u8]) -> Vec<u8>, bad: bool| {
        let schema = format!("message m {{ required int64 image_id; required binary pdq {kind}; }}");
        let schema = parquet::schema::parser::parse_message_type(&schema).unwrap();
        let path = folder.path().join(name);
        let file = fs::File::create(&path).unwrap();
        let mut out = SerializedFileWriter::new(file, Arc::new(schema), Arc::default()).unwrap();
        let mut group = out.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let mut ids: Vec<i64> = hashes.iter().map(|(id, _)| *id).collect();
        let mut cells: Vec<ByteArray> = hashes.iter().map(|(_, hash)| spell(hash).into()).collect();
        if bad {
            ids.push(7);
            cells.push("no hash".into());
        }
        column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&cells, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        out.close().unwrap();
        path
    };
    let hex = |bytes: &[u8]| bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
    let plain = write("plain.parquet", "", &<[u8]>::to_vec, false);
    let digits = write("digits.parquet", "(string)", &hex, false);
    let with_bad = write("bad.parquet", "(string)", &hex, true);
    let ours = joined(folder.path(), "ours.parquet", &list, &list, &["--upright"]);
    assert!(rows(&ours).len() > 20);
    for (name, other) in [("p", &plain), ("d", &digits)] {
        let pairs = joined(folder.path(), name, other, other, &["--upright"]);
        assert_eq!(rows(&pairs), rows(&ours), "{name}");
    }
    let out = folder.path().join("b");
    let said = run(["join", text(&with_bad), text(&with_bad), "--upright", "-o", text(&out)]).expect(3);
    let row = hashes.len() + 1;
    assert!(
        said.stderr.contains(&format!("bad.parquet`, row {row}: `no hash` is not a hash")),
        "{}",
        said.stderr
    );
    assert_eq!(rows(&out), rows(&ours));
}

/// The array in the examples, twice, as a scheduler would start it again.
#[cfg(unix)]
#[test]
fn the_job_array_by_plain_shell_gives_the_components_of_one_join() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/job_array.sh");
    let out = folder.path().join("array");
    let array = || {
        let mut command = Command::new("sh");
        command.args([text(&script), text(&fixture().join("images")), text(&out), "3"]);
        command.env("ADLINK", adlink().get_program()).env("JOBS", "2");
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    array();
    let whole = hashed(folder.path(), "whole.parquet", &[]);
    let pairs = joined(folder.path(), "pairs.parquet", &whole, &whole, &["--forest"]);
    let of_whole = components(folder.path(), "components.parquet", &[pairs]);
    assert_eq!(fs::read(out.join("components.parquet")).unwrap(), of_whole);
    let tile = out.join("pairs-3/1-2.parquet");
    let before = state(&tile);
    array();
    assert_eq!(state(&tile), before, "nothing is done twice");
}
