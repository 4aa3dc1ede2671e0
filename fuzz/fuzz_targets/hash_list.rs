//! Hash lists of other tools; the first byte chooses the name's ending.
#![no_main]
use adlink::hashlist::read_hash_rows;
use libfuzzer_sys::fuzz_target;

const ENDINGS: [&str; 3] = ["csv", "jsonl", "txt"];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, list)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("list.{}", ENDINGS[usize::from(*choice) % ENDINGS.len()]));
    std::fs::write(&path, list).expect("a file");
    let _ = read_hash_rows(&path);
});
