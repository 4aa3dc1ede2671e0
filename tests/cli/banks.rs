//! Banks as users run them: lists in and out, and a match whose exit code is the answer.

use super::support::{Said, fixture, rows, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PHOTO: &str = "openboard.example/O1007_0.jpg";

/// A folder with a bank `KNOWN` of one site's photos.
struct Office {
    folder: TempDir,
    case: PathBuf,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("banks.adlink");
        let office = Self { folder, case };
        // 3: one of the bundled files is broken on purpose.
        office.import(&images().join("openboard.example"), "KNOWN", &[]).expect(3);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn bank(&self, args: &[&str]) -> Said {
        let case = ["--case", self.case.to_str().unwrap()];
        run(["bank"].iter().chain(args).chain(&case))
    }

    fn import(&self, list: &Path, name: &str, more: &[&str]) -> Said {
        self.bank(&[&["import", list.to_str().unwrap(), "--name", name], more].concat())
    }

    fn find(&self, args: &[&str]) -> Said {
        self.bank(&[&["match"], args].concat())
    }

    fn matches(&self, args: &[&str]) -> Value {
        let said = self.find(&[args, &["--json"]].concat()).expect(0);
        serde_json::from_str(&said.stdout).unwrap()
    }

    fn export(&self, bank: &str, format: &str, more: &[&str]) -> PathBuf {
        let out = self.path(&format!("{bank}.{format}"));
        let args = ["export", bank, "--format", format, "-o", out.to_str().unwrap()];
        let order = ["--recipient", "Unit 3", "--purpose", "case 12/24"];
        self.bank(&[&args[..], &order, more].concat()).expect(0);
        out
    }
}

fn images() -> PathBuf {
    fixture().join("images")
}

fn photo() -> String {
    images().join(PHOTO).to_str().unwrap().to_string()
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn the_exit_code_of_a_match_is_the_answer() {
    let office = Office::new();
    let nothing = office.write("none.txt", format!("{}\n", "0123456789abcdef".repeat(4)));
    let nothing = nothing.to_str().unwrap();
    let broken = images().join("lakeside.example/L1514_cut.jpg");
    let broken = broken.to_str().unwrap();
    office.find(&[&photo()]).expect(0);
    office.find(&[nothing]).expect(1);
    // What cannot be read may have been the one.
    office.find(&[nothing, broken]).expect(2);
    office.find(&[&photo(), broken]).expect(0);
    office.find(&["--bank", "NONE", &photo()]).expect(2);
    let said = run(["bank", "match", &photo(), "--case", "/nowhere/x.adlink"]).expect(2);
    assert!(said.stderr.starts_with("error:"), "{}", said.stderr);
    let empty = office.path("empty.adlink");
    run(["bank", "match", &photo(), "--case", empty.to_str().unwrap()]).expect(2);
}

#[test]
fn a_hit_names_bank_version_entry_and_how_it_is_known() {
    let office = Office::new();
    let same = &office.matches(&[&photo()])["matches"][0];
    assert_eq!((&same["tier"], &same["strength"]), (&"same-file".into(), &"identical".into()));
    assert_eq!((&same["bank"], &same["version"]), (&"KNOWN".into(), &2.into()));
    // Mirrored, and no byte the same.
    let mirrored = office.path("mirrored.png");
    image::load_from_memory(&fs::read(photo()).unwrap()).unwrap().fliph().save(&mirrored).unwrap();
    let found = office.matches(&[mirrored.to_str().unwrap()]);
    let hit = &found["matches"][0];
    assert_eq!(hit["entry"], same["entry"]);
    assert_eq!((&hit["tier"], &hit["transform"]), (&"transformed".into(), &"flipy".into()));
    assert!(hit["distance"].as_u64().unwrap() <= 31 && hit["strength"] != "identical");
    let text = office.find(&[mirrored.to_str().unwrap()]).expect(0).stdout;
    assert!(text.contains("flipy") && text.contains("KNOWN version 2 entry"), "{text}");
}

#[test]
fn lists_hashes_and_standard_input_are_asked_alike() {
    let office = Office::new();
    let hashes = office.path("hashes.csv");
    run(["hash", &photo(), "-o", hashes.to_str().unwrap()]).expect(0);
    let hash = rows(&hashes)[0]["pdq"].clone();
    let entry = |found: &Value| found["matches"][0]["entry"].clone();
    let by_list = office.matches(&[hashes.to_str().unwrap()]);
    let by_hash = office.matches(&[&hash]);
    assert_eq!(entry(&by_list), entry(&by_hash));
    assert_eq!(by_hash["matches"][0]["tier"], "near-copy");
    // Of the list the SHA-256 is known, too.
    assert_eq!(by_list["matches"][0]["tier"], "same-file");
    let table = office.path("found.csv");
    office.find(&[&hash, "--format", "csv", "-o", table.to_str().unwrap()]).expect(0);
    let row = &rows(&table)[0];
    assert_eq!(
        (row["query"].as_str(), row["bank"].as_str(), row["distance"].as_str()),
        (&*hash, "KNOWN", "0")
    );
}

#[test]
fn what_is_off_or_past_its_day_does_not_match_and_is_said() {
    let office = Office::new();
    let id = office.matches(&[&photo()])["matches"][0]["entry"].to_string();
    let off = |args: &[&str], words: &str| {
        office.bank(&[&["set", "KNOWN"], args].concat()).expect(0);
        let said = office.find(&[&photo()]).expect(1);
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    };
    off(&["--ratio", "0"], "bank KNOWN is off: 17 entries not asked");
    off(&["--ratio", "1", "--expires", "2020-01-31"], "past its day (2020-01-31)");
    office.bank(&["set", "KNOWN", "--expires", ""]).expect(0);
    off(&["--entry", &id, "--until", "0", "--note", "stock"], "1 entry left out: that are off");
    office.bank(&["set", "KNOWN", "--entry", &id, "--until", "1"]).expect(0);
    let found = office.matches(&[&photo()]);
    assert_eq!(
        (&found["matches"][0]["note"], &found["left_out"]["entries_off"]),
        (&"stock".into(), &0.into())
    );
    office.bank(&["set", "KNOWN", "--entry", "999", "--until", "0"]).expect(2);
    office.bank(&["set", "KNOWN"]).expect(2);
}

#[test]
fn a_case_is_asked_against_banks_and_against_another_case() {
    let office = Office::new();
    let (one, two) = (office.path("one.adlink"), office.path("two.adlink"));
    for (case, site) in [(&one, "openboard.example"), (&two, "town-post.example")] {
        let folder = images().join(site);
        let args = ["ingest", folder.to_str().unwrap(), "--ad-per", "image", "--features", "0", "--case"];
        let said = run(args.iter().copied().chain([case.to_str().unwrap()]));
        assert!([0, 3].contains(&said.code), "{}", said.stderr);
    }
    let two = two.to_str().unwrap();
    let banked = office.matches(&["--against", two, "--bank", "KNOWN"]);
    let args = ["bank", "match", "--case", one.to_str().unwrap(), "--against", two, "--json"];
    let shared = json(&run(args).expect(0));
    let queries = |found: &Value| -> Vec<String> {
        let all = found["matches"].as_array().unwrap().iter();
        let mut all: Vec<String> = all.map(|hit| hit["query"].as_str().unwrap().to_string()).collect();
        all.dedup();
        all
    };
    // The bank has the photos of the first case, so both say the same of the second.
    assert_eq!(queries(&banked), queries(&shared));
    assert!(!queries(&shared).is_empty());
    for hit in shared["matches"].as_array().unwrap() {
        assert!(hit["bank"].is_null() && hit["query"].as_str().unwrap().ends_with(".webp"));
        assert!(hit["ads"][0].as_str().unwrap().contains("O1"), "{hit}");
    }
    // A case whose images are on no bank of its own has nothing to say.
    let said = run(["bank", "match", "--case", two]).expect(2);
    assert!(said.stderr.contains("has no banks"), "{}", said.stderr);
    let under = office.find(&["--against", two, "--bank", "KNOWN", "--under", "entry"]).expect(0).stdout;
    assert!(under.starts_with("KNOWN version 2 entry"), "{under}");
}

#[test]
fn every_form_comes_back_as_it_went_out() {
    let office = Office::new();
    let labels = ["--label", "=1+1", "--label", "a;b|c", "--label", "[d]"];
    office
        .bank(
            &[&["set", "KNOWN", "--entry", "3", "--until", "0", "--note", "a, \"b\""], &labels[..]].concat(),
        )
        .expect(0);
    let held = |bank: &str| -> Vec<Value> {
        let shown = json(&office.bank(&["show", bank, "--limit", "1000", "--json"]).expect(0));
        let entry = |entry: &Value| {
            let mut entry = entry.clone();
            ["entry", "raw"].iter().for_each(|name| drop(entry.as_object_mut().unwrap().remove(*name)));
            entry
        };
        shown["shown"].as_array().unwrap().iter().map(entry).collect()
    };
    let known = held("KNOWN");
    assert_eq!(known.len(), 17);
    for format in ["csv", "jsonl", "parquet"] {
        let list = office.export("KNOWN", format, &["--profile", "full"]);
        let name = format!("BACK_{}", format.to_uppercase());
        office.import(&list, &name, &[]).expect(0);
        assert_eq!(held(&name), known, "{format}");
        let again = json(&office.import(&list, &name, &["--json"]).expect(0));
        assert_eq!((&again["unchanged"], &again["version"]), (&17.into(), &2.into()), "{format}");
    }
    let list = office.export("KNOWN", "vics", &["--profile", "full"]);
    office.import(&list, "BACK_VICS", &[]).expect(0);
    let digests = |entries: &[Value]| -> Vec<[Value; 4]> {
        entries.iter().map(|e| ["pdq", "md5", "sha1", "sha256"].map(|name| e[name].clone())).collect()
    };
    assert_eq!(digests(&held("BACK_VICS")), digests(&known));
}

#[test]
fn what_a_bank_said_is_known_again_and_what_others_wrote_is_not() {
    let office = Office::new();
    let photo = photo();
    let nothing = "0123456789abcdef".repeat(4);
    for (query, format, code) in
        [(&photo, "csv", 0), (&photo, "json", 0), (&nothing, "csv", 1), (&nothing, "json", 1)]
    {
        let out = office.path(&format!("found.{format}"));
        let args = [query, "--format", format, "-o", out.to_str().unwrap()];
        office.find(&args).expect(code);
        // Written over without being asked to.
        office.find(&args).expect(code);
        fs::write(&out, "notes of the interview\n").unwrap();
        office.find(&args).expect(2);
        fs::remove_file(&out).unwrap();
    }
    for format in ["csv", "jsonl", "parquet", "vics"] {
        let list = office.export("KNOWN", format, &["--profile", "full"]);
        fs::copy(&list, office.path("copy")).unwrap();
        // Of another case, which has no record of it.
        let other = office.path("other.adlink");
        let other = other.to_str().unwrap();
        run(["bank", "import", list.to_str().unwrap(), "--name", "KNOWN", "--case", other]).expect(0);
        let copy = office.path("copy");
        let args =
            ["bank", "export", "KNOWN", "--case", other, "--format", format, "-o", copy.to_str().unwrap()];
        run(args.iter().chain(&["--recipient", "Unit 3", "--purpose", "p"])).expect(0);
        fs::remove_file(other).unwrap();
    }
}

#[test]
fn a_list_that_says_nothing_empties_no_bank_and_says_so() {
    let office = Office::new();
    let list = |text: &str| office.write("list.csv", format!("id,pdq,status\n{text}"));
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    office.import(&list(&format!("1,{a},\n2,{b},\n")), "L", &[]).expect(0);
    let empty = office.import(&list(""), "L", &[]).expect(3);
    assert!(empty.stderr.contains("no entry in it that could be used"), "{}", empty.stderr);
    assert!(empty.stderr.contains("2 entries of the bank not on the list: kept"), "{}", empty.stderr);
    assert!(office.bank(&["show", "L"]).expect(0).stdout.contains("2 entries"));
    // What is taken back twice went once; what the bank never had is told.
    let taken = list("1,,withdrawn\n1,,withdrawn\n9,,withdrawn\n");
    let told = office.import(&taken, "L", &["--missing", "keep", "--json"]).expect(0);
    assert!(told.stderr.contains("1 withdrawal that the bank did not have"), "{}", told.stderr);
    let told = json(&told);
    let counts = ["withdrawn", "withdrawn_unknown", "removed"].map(|name| told[name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 1]);
    office.import(&list(""), "L", &["--missing", "remove"]).expect(3);
    assert!(office.bank(&["show", "L"]).expect(0).stdout.contains("0 entries"));
}

#[test]
fn an_export_is_marked_small_and_on_record() {
    let office = Office::new();
    office.bank(&["set", "KNOWN", "--entry", "3", "--label", "canary", "--note", "canary"]).expect(0);
    office.bank(&["set", "KNOWN", "--handling", "canary-free zone"]).expect(0);
    for format in ["csv", "jsonl", "vics"] {
        let text = fs::read_to_string(office.export("KNOWN", format, &[])).unwrap();
        assert!(text.contains("Unit 3") && text.contains("case 12/24") && text.contains("canary-free zone"));
        assert!(!text.replace("canary-free", "").contains("canary") && !text.contains("O1007"), "{format}");
    }
    let none = ["export", "KNOWN", "-o", "x.csv", "--recipient", " ", "--purpose", "p"];
    office.bank(&none).expect(2);
    let log = adlink::case::Case::open_read(&office.case).unwrap().audit_entries().unwrap();
    let exports: Vec<_> = log.iter().filter(|entry| entry.action == "bank-export").collect();
    assert_eq!(exports.len(), 3);
    assert_eq!(exports[0].detail["recipient"], "Unit 3");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(office.path("KNOWN.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_newer_list_is_told_as_a_difference() {
    let office = Office::new();
    let hash = |digit: &str| digit.repeat(64);
    let list = |text: &str| office.write("list.csv", format!("id,pdq\n{text}"));
    let told = |text: &str, code: i32, more: &[&str]| {
        json(&office.import(&list(text), "L", &[more, &["--json"]].concat()).expect(code))
    };
    let (a, b, c) = (hash("a"), hash("b"), hash("c"));
    assert_eq!(told(&format!("1,{a}\n2,{b}\n3,{c}\n"), 0, &[])["added"], 3);
    let next = told(&format!("1,{a}\n2,{c}\n4,{b}\n"), 0, &[]);
    let counts =
        ["added", "removed", "changed", "unchanged", "version"].map(|name| next[name].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 1, 3]);
    // A list that cannot be read whole takes nothing out.
    let damaged = told(&format!("1,{a}\n2,plumbing\n"), 3, &[]);
    assert_eq!(
        (&damaged["removed"], &damaged["missing"], &damaged["refused"]),
        (&0.into(), &2.into(), &1.into())
    );
    let forced = told(&format!("1,{a}\n2,plumbing\n"), 3, &["--missing", "remove"]);
    assert_eq!(forced["removed"], 2);
    let history = office.bank(&["history", "L"]).expect(0).stdout;
    assert!(history.contains("3 entries added") && history.contains("file list.csv"), "{history}");
    // A list that is none leaves no bank behind.
    let none = office.write("none.csv", "name,size\na,1\n");
    office.import(&none, "EMPTY", &[]).expect(1);
    assert!(!office.bank(&["list"]).expect(0).stdout.contains("EMPTY"));
    office.import(&none, "lower", &[]).expect(2);
    office.bank(&["remove", "L", "--entry", "99"]).expect(2);
    office.bank(&["remove", "L"]).expect(0);
    office.bank(&["show", "L"]).expect(2);
    assert!(office.bank(&["history", "L"]).expect(0).stdout.contains("remove"));
}

#[test]
fn hostile_words_of_a_list_are_shown_and_not_run() {
    let office = Office::new();
    let list = office.write(
        "list.jsonl",
        format!(
            "{{\"pdq\":\"{}\",\"note\":\"\\u001b[31m=1+1\\u202e\",\"labels\":[\"=cmd\"]}}\n",
            "a".repeat(64)
        ),
    );
    office.import(&list, "L", &[]).expect(3);
    let list = office.write(
        "list.jsonl",
        format!("{{\"pdq\":\"{}\",\"note\":\"=1+1\\u202e\",\"labels\":[\"=cmd\"]}}\n", "a".repeat(64)),
    );
    office.import(&list, "L", &[]).expect(0);
    let shown = office.bank(&["show", "L"]).expect(0).stdout;
    assert!(!shown.contains('\u{202e}') && shown.contains("\\u{202e}"), "{shown}");
    let table = office.find(&[&"a".repeat(64), "--format", "csv"]).expect(0).stdout;
    assert!(table.contains(",'=cmd,") && table.contains(",'=1+1"), "{table}");
}

#[test]
fn search_takes_a_hash_and_answers_with_its_exit_code() {
    let office = Office::new();
    let case = office.path("case.adlink");
    let folder = images().join("openboard.example");
    let args = ["ingest", folder.to_str().unwrap(), "--ad-per", "image", "--case", case.to_str().unwrap()];
    assert!([0, 3].contains(&run(args).code));
    let hashes = office.path("hashes.csv");
    run(["hash", &photo(), "-o", hashes.to_str().unwrap()]).expect(0);
    let hash = rows(&hashes)[0]["pdq"].clone();
    let search = |query: &[&str], more: &[&str]| {
        run(["search"].iter().chain(query).chain(&["--case", case.to_str().unwrap()]).chain(more))
    };
    let by_file = json(&search(&[&photo()], &["--json"]).expect(0));
    let by_hash = json(&search(&[&hash], &["--json"]).expect(0));
    let found = |answers: &Value| answers[0]["hits"][0]["sha256"].clone();
    assert_eq!(found(&by_file), found(&by_hash));
    assert_eq!(
        (&by_hash[0]["query"], &by_hash[0]["hits"][0]["tier"]),
        (&hash.as_str().into(), &"near-copy".into())
    );
    search(&[&hash, &photo()], &["--exit-code"]).expect(0);
    let nothing = "0123456789abcdef".repeat(4);
    search(&[&nothing], &["--exit-code"]).expect(1);
    search(&[&nothing], &[]).expect(0);
    let broken = images().join("lakeside.example/L1514_cut.jpg");
    search(&[&nothing, broken.to_str().unwrap()], &["--exit-code"]).expect(2);
    search(&[&nothing, broken.to_str().unwrap()], &[]).expect(3);
    run(["search", &nothing, "--case", "/nowhere/x.adlink", "--exit-code"]).expect(2);
    search(&[&hash], &["-k", "3", "--exit-code"]).expect(0);
}
