//! `--zip`: the report with its pages as one file, which can be checked by itself, is the same each time and replaces
//! nothing that is not an earlier output.

use super::support::{Said, copy_of_case, run, run_json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

fn report(case: &Path, out: &Path, zip: &Path, more: &[&str]) -> Said {
    let [case, out, zip] = [case, out, zip].map(|path| path.to_str().unwrap());
    let args = ["report", "--case", case, "--out", out, "--zip", zip];
    run(args.iter().chain(more))
}

fn members(zip: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    let mut members = BTreeMap::new();
    for place in 0..archive.len() {
        let mut member = archive.by_index(place).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        members.insert(member.name().unwrap().into_owned(), bytes);
    }
    members
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn it_holds_the_report_a_page_to_print_on_each_network_and_digests_of_these_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (case, out, zip) =
        (copy_of_case(folder.path()), folder.path().join("out"), folder.path().join("r.zip"));
    let said = report(&case, &out, &zip, &["--json"]).expect(3);
    let summary: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(summary["zip"], zip.to_str().unwrap());
    let mut members = members(&zip);
    let manifest = String::from_utf8(members.remove("manifest-sha256.txt").unwrap()).unwrap();
    let briefs = members.keys().filter(|name| name.ends_with("-brief.html")).count();
    assert_eq!(briefs as u64, summary["networks"].as_u64().unwrap());
    let lines: String = members.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256(bytes))).collect();
    assert_eq!(manifest, lines);
    for (name, bytes) in &members {
        assert_eq!(&fs::read(out.join(name)).unwrap(), bytes, "{name}");
        assert!(!String::from_utf8_lossy(bytes).contains("<img"), "no picture unless asked for: {name}");
    }
    // Links between the pages lead to members.
    let report = String::from_utf8_lossy(&members["report.html"]);
    for target in report.split("href=\"networks/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(members.contains_key(&format!("networks/{target}")), "{target}");
    }
}

#[test]
fn it_is_the_same_each_time_and_for_any_number_of_threads_and_replaces_itself() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let zip = |name: &str| folder.path().join(name);
    for (name, threads) in [("a.zip", "1"), ("b.zip", "4"), ("a.zip", "2")] {
        report(&case, &zip("out"), &zip(name), &["--threads", threads, "-q"]).expect(3);
    }
    let bytes = fs::read(zip("a.zip")).unwrap();
    assert!(bytes == fs::read(zip("b.zip")).unwrap(), "the zips differ");
    assert!(bytes.len() < 2_000_000);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(zip("a.zip")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let left: Vec<PathBuf> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| !path.to_str().unwrap().contains("unfinished")), "{left:?}");
}

/// A report in another language is known as one of ours, and goes into a zip like any other.
#[test]
fn a_report_in_german_replaces_one_in_english_and_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let (out, zip) = (folder.path().join("out"), folder.path().join("r.zip"));
    for (language, said) in
        [("de", "Verknüpfungen sind Hinweise, keine Beweise."), ("en", "Links are leads, not proof.")]
    {
        for _ in 0..2 {
            report(&case, &out, &zip, &["--lang", language, "-q"]).expect(3);
        }
        let members = members(&zip);
        for page in members.iter().filter(|(name, _)| name.ends_with(".html")) {
            let html = String::from_utf8_lossy(page.1);
            assert!(html.contains(&format!("<html lang=\"{language}\">")), "{}", page.0);
        }
        assert!(String::from_utf8_lossy(&members["report.html"]).contains(said));
        assert_eq!(run_json(&out)["report_language"], language);
    }
    let wrong = report(&case, &out, &zip, &["--lang", "xx"]).expect(2);
    assert!(wrong.stderr.contains("[possible values: en, de]"), "{}", wrong.stderr);
}

#[test]
fn it_replaces_nothing_of_others_and_no_case_or_folder() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let path = |name: &str| folder.path().join(name);
    let mut theirs = zip::ZipWriter::new(fs::File::create(path("theirs.zip")).unwrap());
    theirs.start_file("report.html", zip::write::SimpleFileOptions::default()).unwrap();
    theirs.finish().unwrap();
    fs::copy(&case, path("case.zip")).unwrap();
    fs::create_dir(path("folder.zip")).unwrap();
    for (name, why) in [
        ("theirs.zip", "a file that adlink did not write"),
        ("case.zip", "it is a case"),
        ("folder.zip", "it is a folder"),
        ("report.html", "a name that ends in .zip"),
        ("-", "a name that ends in .zip"),
    ] {
        let before = fs::read(path(name)).ok();
        let said = report(&case, &path("out"), &path(name), &[]).expect(2);
        assert!(said.stderr.contains(why), "{name}: {}", said.stderr);
        assert_eq!(fs::read(path(name)).ok(), before, "{name}");
        assert!(!path("out").exists(), "nothing is written where something is refused");
    }
    let said = report(&case, &path("out"), &path("theirs.zip"), &["--force"]).expect(3);
    assert!(said.stderr.contains("replaces `") && said.stderr.contains("theirs.zip"), "{}", said.stderr);
}
