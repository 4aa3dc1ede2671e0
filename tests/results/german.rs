//! A report in German: the page as a whole, and that nothing but the report is in another language.
//!
//! Files that programs read are the same bytes whatever the language of the report; the digest of the report is not, and
//! `run.json` says which language it is in. The trap: English stands in for a missing row, so what is there proves little;
//! the table itself is checked in `src/language`, and that all is said through it in `marked`.

use super::briefs::text;
use super::{facts, files_of, small, write};
use adlink::language::{Language, in_language};
use adlink::output::RunFacts;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn in_german() -> RunFacts {
    RunFacts { language: Language::German, briefs: BTreeSet::from([1]), ..facts() }
}

#[test]
fn the_report_as_a_whole_in_german() {
    let (mut snapshot, findings) = small().build();
    snapshot.header.country = "DE".into();
    snapshot.header.retain_until = "2027-01-31".into();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &in_german()).unwrap();
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(report.contains("<html lang=\"de\">"));
    insta::assert_snapshot!("report-de.html", report.split_once("<body>").unwrap().1.replace("><", ">\n<"));
    let brief = folder.path().join(format!("networks/{}-brief.html", findings.networks[0].id));
    insta::assert_snapshot!("brief-de.txt", text(&fs::read_to_string(brief).unwrap()));
}

#[test]
fn only_the_report_is_in_german() {
    let (snapshot, findings) = small().build();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    write(folders[0].path(), &snapshot, &findings, &facts()).unwrap();
    // As on a thread that makes German pages.
    in_language(Language::German, || write(folders[1].path(), &snapshot, &findings, &in_german()).unwrap());
    let [mut english, mut german] = [0, 1].map(|place| files_of(folders[place].path()));
    for (files, tag) in [(&mut english, "en"), (&mut german, "de")] {
        let run: Value = serde_json::from_slice(&files.remove("run.json").unwrap()).unwrap();
        assert_eq!(run["report_language"], tag);
        let report = String::from_utf8(files.remove("report.html").unwrap()).unwrap();
        assert!(report.contains(&format!("<html lang=\"{tag}\">")));
        files.remove("manifest-sha256.txt");
    }
    assert_eq!(english, german);
    assert!(english.len() > 10, "{:?}", english.keys());
}
