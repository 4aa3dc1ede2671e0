//! Hash lists of other tools: those that name common photos, and those that fill banks.
#![no_main]
use adlink::corpus::{ListItem, NewList};
use adlink::hashlist::{HashListReader, ListSource};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|list: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("list");
    std::fs::write(&path, list).expect("a file");
    let mut reader = HashListReader::new(ListSource::Path(&path));
    let _ = reader.read(&mut |item| {
        if let ListItem::Entry(entry) = item {
            assert!(entry.check().is_ok());
        }
        Ok(())
    });
});
