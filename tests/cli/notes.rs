//! `adlink note`: names and notes of networks from the terminal, as the desk gives them.

use super::support::{copy_of_case, run, whole};
use adlink::case::Case;
use adlink::corpus::NoteKind;
use serde_json::Value;
use std::fs;

/// Number and id of the network that the report of the bundled ads tells first.
fn first_network() -> (String, String) {
    let listed = fs::read_to_string(whole().join("networks.jsonl")).unwrap();
    let network: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    (network["number"].to_string(), network["network_id"].as_str().unwrap().to_string())
}

#[test]
fn a_name_and_a_note_are_given_listed_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let case = case.to_str().unwrap();
    let (number, id) = first_network();
    assert_eq!(run(["note", "--case", case]).expect(0).stdout, "");
    let noted =
        run(["note", "--case", case, &number, "The same flat in all", "--reviewer", "R. One"]).expect(0);
    assert_eq!(noted.stdout, format!("network {number}: noted by R. One\n"));
    let named =
        run(["note", "--case", case, &id, "--name", "The harbour ads", "--reviewer", "ann"]).expect(0);
    assert_eq!(named.stdout, format!("network {number}: named by ann\n"));
    let kept = Case::open_read(case.as_ref()).unwrap().network_notes().unwrap();
    let said: Vec<_> = kept.iter().map(|note| (note.kind, &*note.text, &*note.reviewer)).collect();
    assert_eq!(
        said,
        [(NoteKind::Note, "The same flat in all", "R. One"), (NoteKind::Name, "The harbour ads", "ann")]
    );
    assert!(kept.iter().all(|note| note.network.to_string() == number && note.ads.len() > 1));
    for listed in [run(["note", "--case", case]), run(["note", "--case", case, &number])] {
        let text = listed.expect(0).stdout;
        assert!(text.starts_with(&format!("Network {number} (The harbour ads)\n  The same flat")), "{text}");
        assert!(text.contains("\n    R. One at 20") && text.contains("  named The harbour ads\n"), "{text}");
    }
    let listed = run(["note", "--case", case, "--json"]).expect(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["networks"][0]["name"], "The harbour ads");
    assert_eq!(listed["networks"][0]["notes"][0]["kind"], "note");
    assert_eq!(listed["gone"], Value::Array(Vec::new()));
    run(["note", "--case", case, &number, "--name", "", "--reviewer", "ann"]).expect(0);
    let text = run(["note", "--case", case]).expect(0).stdout;
    assert!(text.starts_with(&format!("Network {number}\n")) && text.contains("taken back"), "{text}");
    let other = run(["note", "--case", case, "2"]).expect(0).stdout;
    assert_eq!(other, if number == "2" { text } else { "Network 2\n".to_string() });
    run(["verify", "--case", case]).expect(0);
}

#[test]
fn what_is_no_note_is_refused_and_nothing_is_kept_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let case = case.to_str().unwrap();
    let (number, _) = first_network();
    let long = "x".repeat(200);
    for (words, told) in [
        (&["9999", "words", "--reviewer", "ann"][..], "NETWORK"),
        (&["n-00", "words", "--reviewer", "ann"], "NETWORK"),
        (&[&number, " ", "--reviewer", "ann"], "note"),
        (&[&number, "words", "--reviewer", " "], "reviewer"),
        (&[&number, "--name", &long, "--reviewer", "ann"], "name"),
        (&[&number, "words"], "--reviewer"),
        (&[&number, "words", "--name", "x", "--reviewer", "ann"], "--name"),
        (&["--name", "x", "--reviewer", "ann"], "NETWORK"),
        (&[&number, "--reviewer", "ann"], "required"),
    ] {
        let said = run(["note", "--case", case].iter().chain(words)).expect(2);
        assert!(said.stderr.contains(told), "{words:?}: {}", said.stderr);
    }
    run(["note", "--case", "none.adlink", &number, "words", "--reviewer", "ann"]).expect(1);
    assert!(Case::open_read(case.as_ref()).unwrap().network_notes().unwrap().is_empty());
}

#[test]
fn a_desk_takes_a_language_that_there_is() {
    for command in ["desk", "review"] {
        let said = run([command, "--lang", "tlh"]).expect(2);
        assert!(said.stderr.contains("possible values: en, de"), "{}", said.stderr);
    }
}
