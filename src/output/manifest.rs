//! `manifest-sha256.txt`: digests of the result files and of the images they were made from.
//!
//! The format of `sha256sum`. Result files stand by bare name and images by their path as the ads gave it, so
//! `sha256sum --check --ignore-missing` works both in the result folder and where those paths start. Not in it:
//! `run.json`, which holds this file's digest, and the files of records: they may list the same ads in any
//! order, and this file must not depend on that, so their digests stand in `run.json`.

use super::ResultFile;
use crate::corpus::Snapshot;
use std::collections::BTreeSet;

/// The file's text, sorted by name.
pub(crate) fn lines(snapshot: &Snapshot, files: &[ResultFile]) -> String {
    let results = files.iter().map(|file| (&*file.name, file.sha256.clone()));
    let images =
        snapshot.sightings.iter().map(|seen| (&*seen.path, snapshot.images[seen.image].id().to_string()));
    let entries: BTreeSet<(&str, String)> = results.chain(images).collect();
    entries.iter().map(|(name, sha256)| line(sha256, name)).collect()
}

/// A manifest of nothing but these files, sorted by name.
pub(crate) fn of_files<'f>(files: impl Iterator<Item = &'f ResultFile>) -> String {
    let entries: BTreeSet<(&str, &str)> = files.map(|file| (&*file.name, &*file.sha256)).collect();
    entries.iter().map(|(name, sha256)| line(sha256, name)).collect()
}

/// One line. GNU's form for odd names: a backslash in front, and line breaks and backslashes escaped.
fn line(sha256: &str, name: &str) -> String {
    if name.contains(['\\', '\n', '\r']) {
        let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        format!("\\{sha256}  {escaped}\n")
    } else {
        format!("{sha256}  {name}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_escaped_as_gnu_does() {
        assert_eq!(line("00", "a b.jpg"), "00  a b.jpg\n");
        assert_eq!(line("00", "a\\b\nc\r.jpg"), "\\00  a\\\\b\\nc\\r.jpg\n");
    }
}
