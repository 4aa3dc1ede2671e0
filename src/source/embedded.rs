//! Files that are written into a text as base64, such as `data:` addresses in records: found again by their place.

use super::codecs::base64_text;
use super::locator::{Codec, Step};
use super::opener::region_of;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The most of a text that is searched: a record with the files in it.
const SEARCHED: u64 = 64 << 20;

/// What stands before the digits.
const MARK: &[u8] = b";base64,";

/// The path of the file whose digits stand in a text, from a place in it on; `None` where they do not.
pub(crate) fn embedded(text: &Path, offset: u64, address: &str, label: &str) -> Option<PathBuf> {
    let digits = digits(address.split_once(";base64,")?.1.as_bytes());
    let mut reader = region_of(text).ok()?.reader();
    reader.seek(SeekFrom::Start(offset)).ok()?;
    // Every digit may be behind a backslash or a line end, and other files may stand before it.
    let most = (8 * address.len() as u64 + (4 << 20)).min(SEARCHED);
    let mut bytes = Vec::new();
    reader.take(most).read_to_end(&mut bytes).ok()?;
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(MARK.len()).position(|window| window == MARK) {
        at += found + MARK.len();
        let length = base64_text(&bytes[at..]);
        if self::digits(&bytes[at..at + length]) == digits {
            let step = Step { codecs: vec![Codec::Base64], ..Step::plain(offset + at as u64, length as u64) };
            return Some(step.below(text, label));
        }
    }
    None
}

fn digits(bytes: &[u8]) -> Vec<u8> {
    let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    bytes.iter().filter(is_digit).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_is_meant_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ads.jsonl");
        let text = r#"{"a":"data:image/png;base64,aGVsbG8=","b":["data:image/png;base64,d29y\/GQh"]}"#;
        std::fs::write(&path, format!("first\n{text}")).unwrap();
        let found = |address: &str| {
            let member = embedded(&path, 6, address, "image 1")?;
            super::super::read_file(&member, 100).ok()
        };
        assert_eq!(found("data:image/png;base64,aGVsbG8=").unwrap(), b"hello");
        assert_eq!(found("data:image/png;base64,d29y/GQh").unwrap(), b"wor\xfcd!");
        assert_eq!(found("data:image/png;base64,AAAA"), None);
    }
}
