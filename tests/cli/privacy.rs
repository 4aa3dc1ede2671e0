//! Canaries: every personal field of some ads holds a word that exists nowhere else. Then all files are searched.

use super::support::{adlink, run};
use adlink::analysis::digest;
use adlink::case::Case;
use adlink::corpus::short_id;
use adlink::record::AdKey;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What an ad's words are about; `ad` is its number.
const FIELDS: [&str; 13] = [
    "site", "adid", "url", "title", "text", "phone", "poster", "location", "category", "file", "folder",
    "kept", "imgurl",
];

fn word(field: &str, ad: u32) -> String {
    format!("canary{field}{ad}x")
}

/// Two ads that share a photo, one file each, with a camera's words in the file; and one ad alone.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder };
        let photo = fs::read(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads/images/openboard.example/O1007_0.jpg"),
        )
        .unwrap();
        let alone =
            fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/rgb-exif6.jpg")).unwrap();
        let mut lines = String::new();
        for ad in 1..=3 {
            let inside = format!("{}/{}.jpg", word("folder", ad), word("file", ad));
            let path = world.path("ads").join(&inside);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, commented(if ad < 3 { &photo } else { &alone }, &word("exif", ad))).unwrap();
            lines.push_str(
                &serde_json::json!({
                    "site": word("site", ad), "ad_id": word("adid", ad),
                    "url": format!("https://{}/{}", word("site", ad), word("url", ad)),
                    "posted_at": format!("200{ad}-01-02T03:04:05Z"), "collected_at": format!("200{ad}-01-02T03:04:05Z"),
                    "title": word("title", ad), "text": word("text", ad), "phones": [word("phone", ad)],
                    "poster": word("poster", ad), "location": word("location", ad),
                    "category": word("category", ad), "nickname": word("kept", ad),
                    "images": [{"path": inside, "url": format!("https://x.example/{}", word("imgurl", ad))}],
                })
                .to_string(),
            );
            lines.push('\n');
        }
        fs::write(world.path("ads/ads.jsonl"), lines).unwrap();
        world.link().expect(0);
        world
    }

    fn link(&self) -> super::support::Said {
        run(self.args(&[
            "link",
            "@ads/ads.jsonl",
            "--keep-field",
            "nickname",
            "--case",
            "@case/c.adlink",
            "--out",
            "@out",
        ]))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `@name` is a path in the folder.
    fn args(&self, args: &[&str]) -> Vec<String> {
        let path = |arg: &&str| match arg.strip_prefix('@') {
            Some(name) => {
                let path = self.path(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                path.display().to_string()
            }
            None => arg.to_string(),
        };
        args.iter().map(path).collect()
    }

    /// SHA-256 of the image of an ad.
    fn image_of(&self, ad: u32) -> String {
        let file = self.path("ads").join(word("folder", ad)).join(word("file", ad)).with_extension("jpg");
        digest(&fs::read(file).unwrap()).sha256.to_string()
    }

    /// Reasons of decisions anywhere in the files of the case.
    fn reasons(&self) -> BTreeSet<String> {
        self.canaries("case").into_iter().filter(|word| word.starts_with("canaryreason")).collect()
    }

    /// All canaries in the files below a folder, in plain, as bytes.
    fn canaries(&self, below: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        gather(&self.path(below), &mut found);
        found
    }
}

/// A JPEG with a comment and a maker's note, as cameras write them.
fn commented(jpeg: &[u8], words: &str) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xFF, 0xFE]);
    bytes.extend((words.len() as u16 + 2).to_be_bytes());
    bytes.extend(words.as_bytes());
    bytes.extend(&jpeg[2..]);
    bytes
}

fn gather(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else {
            scan(&fs::read(&path).unwrap(), found);
            scan(path.file_name().unwrap().as_encoded_bytes(), found);
        }
    }
}

fn scan(bytes: &[u8], found: &mut BTreeSet<String>) {
    for start in (0..bytes.len()).filter(|&start| bytes[start..].starts_with(b"canary")) {
        // Letters, one digit, an `x`: columns of a row of the case follow each other without a gap.
        let end =
            bytes[start..].iter().position(u8::is_ascii_digit).map_or(bytes.len(), |digit| start + digit + 2);
        let word = bytes[start..end.min(bytes.len())].to_vec();
        found.insert(String::from_utf8(word).unwrap());
    }
}

fn words_of(ads: &[u32], fields: &[&str]) -> BTreeSet<String> {
    ads.iter().flat_map(|&ad| fields.iter().map(move |field| word(field, ad))).collect()
}

/// Every field but those that never enter a case: what the picture's file says of itself, and an image's address
/// where it has a path.
fn in_case() -> Vec<&'static str> {
    FIELDS.into_iter().filter(|field| *field != "imgurl").collect()
}

#[test]
fn each_profile_lets_through_what_it_says() {
    let world = World::new();
    assert_eq!(world.canaries("case"), words_of(&[1, 2, 3], &in_case()));
    for (profile, formats) in [
        (
            "hash-only",
            &[
                "hashes.csv",
                "hashes.jsonl",
                "hashes.parquet",
                "pairs.csv",
                "pairs.parquet",
                "vics.json",
                "followthemoney.jsonl",
                "case-uco.jsonld",
                "misp.json",
                "stix.json",
                "package",
            ][..],
        ),
        (
            "shared",
            &[
                "links.csv",
                "links.jsonl",
                "networks.jsonl",
                "graph.gexf",
                "graph.graphml",
                "timeline.csv",
                "graph_all.gexf",
                "graph_all.graphml",
                "links.parquet",
                "networks.parquet",
                "timeline.parquet",
                "followthemoney.jsonl",
                "case-uco.jsonld",
                "misp.json",
                "stix.json",
                "sightings.geojson",
                "package",
            ],
        ),
    ] {
        for format in formats {
            let to = format!("@{profile}/{format}");
            let order =
                ["export", "--case", "@case/c.adlink", "--format", format, "--profile", profile, "-o", &to];
            let for_whom = ["--recipient", "Unit Three", "--purpose", "case 12/24"];
            run(world.args(&[&order[..], &for_whom].concat())).expect(0);
            let bytes = fs::read(world.path(&to[1..])).unwrap();
            for mark in ["Unit Three", "case 12/24", profile] {
                let held = bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
                assert!(held, "{profile} {format} does not say {mark}");
            }
        }
        assert_eq!(world.canaries(profile), BTreeSet::new(), "{profile}");
        let links = world.path(profile).join("links.csv");
        if profile == "shared" {
            let rows = super::support::rows(&links);
            assert_eq!(rows.len(), 1);
            assert!(rows[0]["from_site"].starts_with("site-") && rows[0]["network_id"].starts_with("n-"));
        }
    }
    let order = [
        "export",
        "--case",
        "@case/c.adlink",
        "--format",
        "links.csv",
        "--profile",
        "full",
        "-o",
        "@full/l.csv",
    ];
    run(world.args(&[&order[..], &["--recipient", "R", "--purpose", "P"]].concat())).expect(0);
    let shown = ["site", "adid", "url", "title", "phone", "location", "file", "folder"];
    assert_eq!(world.canaries("full"), words_of(&[1, 2], &shown));
    let kept = |path: &str| fs::read_to_string(world.path(path)).unwrap().contains(&word("kept", 1));
    let order = [
        "export",
        "--case",
        "@case/c.adlink",
        "--format",
        "links.jsonl",
        "--profile",
        "full",
        "-o",
        "@kept/l",
    ];
    run(world.args(&[&order[..], &["--recipient", "R", "--purpose", "P"]].concat())).expect(0);
    for shows in ["kept/l", "out/links.jsonl", "out/networks.jsonl", "out/report.html"] {
        assert!(kept(shows), "{shows} does not show what --keep-field kept");
    }
    // What was asked for is on record; what was found is not.
    let case = adlink::case::Case::open_read(&world.path("case/c.adlink")).unwrap();
    let exports = case.audit_entries().unwrap().into_iter().filter(|entry| entry.action == "export").count();
    assert_eq!(exports, 30);
    for (profile, format) in [
        ("hash-only", "links.csv"),
        ("hash-only", "links.parquet"),
        ("hash-only", "sightings.geojson"),
        ("shared", "hashes.csv"),
        ("shared", "vics.json"),
        ("shared", "skipped.csv"),
        ("shared", "skipped.parquet"),
    ] {
        let order =
            ["export", "--case", "@case/c.adlink", "--format", format, "--profile", profile, "-o", "@no"];
        run(world.args(&[&order[..], &["--recipient", "R", "--purpose", "P"]].concat())).expect(2);
        run(world.args(&[&order[..], &["--recipient", " ", "--purpose", "P"]].concat())).expect(2);
        assert!(!world.path("no").exists());
    }
}

#[test]
fn nothing_of_a_withdrawn_image_or_ad_is_left() {
    let world = World::new();
    let file = world.path("ads").join(word("folder", 3)).join(word("file", 3)).with_extension("jpg");
    let file = file.display().to_string();
    let said =
        run(world.args(&["withdraw", &file, "--case", "@case/c.adlink", "--reason", "asked"])).expect(0);
    assert!(said.stdout.contains(&file) && said.stdout.contains("out"), "{}", said.stdout);
    // The ad showed nothing else.
    assert_eq!(world.canaries("case"), words_of(&[1, 2], &in_case()));
    let ad = format!("{}/{}", word("site", 2), word("adid", 2));
    run(world.args(&["withdraw", "--ad", &ad, "--case", "@case/c.adlink", "--reason", "asked"])).expect(0);
    assert_eq!(world.canaries("case"), words_of(&[1], &in_case()));
    world.link().expect(3);
    assert_eq!(world.canaries("case"), words_of(&[1], &in_case()));
    let site = word("site", 1);
    run(world.args(&["purge", "--site", &site, "--case", "@case/c.adlink"])).expect(0);
    assert_eq!(world.canaries("case"), BTreeSet::new());
    run(world.args(&["verify", "--case", "@case/c.adlink"])).expect(0);
}

#[test]
fn what_reviewers_and_runs_said_of_withdrawn_things_goes_with_them() {
    let world = World::new();
    let path = world.path("case/c.adlink");
    let open = || Case::open_read(&path).unwrap();
    let [first, second, alone] = [1, 2, 3].map(|ad| world.image_of(ad));
    let decide = |subject: &[&str], reason: &str| {
        let start = ["decide", "--case", "@case/c.adlink", "--reviewer", "R", "--reason", reason];
        run(world.args(&[&start[..], subject, &["unsure"]].concat()))
    };
    decide(&["--pair", &first, &alone], "canaryreason3x").expect(0);
    decide(&["--pair", &first, &second], "canaryreason2x").expect(0);
    let ad = format!("{}/{}", word("site", 2), word("adid", 2));
    decide(&["--ad", &ad], "canaryreason4x").expect(0);
    assert_eq!(open().decisions().unwrap().len(), 3);
    run(world.args(&["decisions", "export", "--case", "@case/c.adlink", "-o", "@list/d.jsonl"])).expect(0);

    let reported = open().reported(1).unwrap();
    assert_eq!((reported.links.len(), reported.members.len()), (1, 2));
    let keys = [1, 2].map(|ad| AdKey { site: word("site", ad), ad_id: word("adid", ad) });
    let ids = [short_id(&[&keys[0]]), short_id(&[&keys[1]]), short_id(&[&keys[0], &keys[1]])];
    let held = |id: &[u8; 8]| fs::read(&path).unwrap().windows(8).any(|bytes| bytes == id);
    assert!(ids.iter().all(held));

    let withdraw = |what: &[&str]| {
        run(world.args(&[&["withdraw", "--case", "@case/c.adlink", "--reason", "asked"][..], what].concat()))
            .expect(0)
    };
    withdraw(&[&alone]);
    assert_eq!(world.reasons(), BTreeSet::from(["canaryreason2x".into(), "canaryreason4x".into()]));
    withdraw(&["--ad", &ad]);
    assert_eq!(world.reasons(), BTreeSet::new());
    assert!(held(&ids[0]) && !held(&ids[1]) && !held(&ids[2]));
    let reported = open().reported(1).unwrap();
    assert_eq!((reported.links.len(), reported.members.len()), (0, 1));

    // They do not come back from another case, and nobody can say something about them here.
    let import = world.args(&["decisions", "import", "@list/d.jsonl", "--case", "@case/c.adlink", "--json"]);
    let said = run(&import).expect(3);
    let counts: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&counts["added"], &counts["refused"]), (&1.into(), &2.into()));
    let list = fs::read_to_string(world.path("list/d.jsonl")).unwrap();
    for (line, text) in (1..).zip(list.lines()) {
        let named = said.stderr.contains(&format!("d.jsonl:{line}: "));
        assert_eq!(named, !text.contains("canaryreason2x"), "{}", said.stderr);
    }
    assert_eq!(world.reasons(), BTreeSet::from(["canaryreason2x".into()]));
    decide(&["--ad", &ad], "").expect(2);
    let other = ["--pair", &alone, &"11".repeat(32)];
    decide(&other, "").expect(2);
    // One that waited for an image which the case never held goes, too.
    let never = "22".repeat(32);
    decide(&["--pair", &first, &never], "canaryreason5x").expect(0);
    withdraw(&[&never]);
    assert_eq!(world.reasons(), BTreeSet::from(["canaryreason2x".into()]));
}

#[test]
fn near_copies_of_a_withdrawn_image_are_named_and_go_when_asked() {
    let world = World::new();
    let [first, second, alone] = [1, 2, 3].map(|ad| world.image_of(ad));
    let withdraw = |more: &[&str]| {
        let start = ["withdraw", &first, "--case", "@case/c.adlink", "--reason", "asked", "--json"];
        run(world.args(&[&start[..], more].concat()))
    };
    withdraw(&["--near-copies"]).expect(2);
    assert_eq!(Case::open_read(&world.path("case/c.adlink")).unwrap().snapshot().unwrap().images.len(), 3);
    let said: serde_json::Value = serde_json::from_str(&withdraw(&[]).expect(0).stdout).unwrap();
    let left = said["near_copies_left"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["sha256"], &left[0]["ads"]), (1, &second.clone().into(), &1.into()));
    // Again: the bytes are gone from the case, but the file tells what its copies look like.
    let file = world.path("ads").join(word("folder", 1)).join(word("file", 1)).with_extension("jpg");
    let again = ["withdraw", file.to_str().unwrap(), "--case", "@case/c.adlink", "--reason", "asked"];
    let said = run(world.args(&again)).expect(0).stdout;
    assert!(
        said.contains("Near copies that stay") && said.contains(&second) && !said.contains(&alone),
        "{said}"
    );
    let said = run(world.args(&[&again[..], &["--near-copies", "--yes", "--json"]].concat())).expect(0);
    let said: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&said["removed"]["images"], &said["near_copies_left"]), (&1.into(), &serde_json::json!([])));
    assert_eq!(world.canaries("case"), words_of(&[3], &in_case()));
    world.link().expect(3);
    assert_eq!(world.canaries("case"), words_of(&[3], &in_case()));
}

#[test]
fn nothing_of_purged_records_is_left() {
    let world = World::new();
    let old = ["purge", "--older-than", "2003-01-01", "--case", "@case/c.adlink"];
    run(world.args(&[&old[..], &["--dry-run"]].concat())).expect(0);
    assert_eq!(world.canaries("case"), words_of(&[1, 2, 3], &in_case()));
    run(world.args(&old)).expect(0);
    assert_eq!(world.canaries("case"), words_of(&[3], &in_case()));
    run(world.args(&["purge", "--source", "@ads/ads.jsonl", "--case", "@case/c.adlink"])).expect(0);
    assert_eq!(world.canaries("case"), BTreeSet::new());
}

#[test]
fn verify_names_what_was_changed() {
    let world = World::new();
    let verify = ["verify", "--case", "@case/c.adlink", "--results", "@out"];
    let said = run(world.args(&verify)).expect(0);
    let head = said.stdout.lines().find_map(|line| line.strip_prefix("head: ")).unwrap().to_string();
    run(world.args(&[&verify[..], &["--head", &head]].concat())).expect(0);
    run(world.args(&[&verify[..], &["--head", &head.replacen(':', ":0", 1)]].concat())).expect(1);
    for name in [
        "out/links.csv",
        "out/report.html",
        "out/manifest-sha256.txt",
        &format!("ads/{}/{}.jpg", word("folder", 1), word("file", 1)),
    ] {
        let path = world.path(name);
        let before = fs::read(&path).unwrap();
        let mut bytes = before.clone();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        let said = run(world.args(&verify)).expect(1);
        assert!(
            said.stderr.contains(Path::new(name).file_name().unwrap().to_str().unwrap()),
            "{}",
            said.stderr
        );
        fs::write(&path, before).unwrap();
    }
    let said = run(world.args(&[&verify[..], &["--json"]].concat())).expect(0);
    let said: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&said["ok"], &said["originals"]["same"]), (&true.into(), &3.into()));
}

#[test]
fn who_is_at_work_is_on_record() {
    let world = World::new();
    let args = world.args(&["report", "--case", "@case/c.adlink", "--out", "@again"]);
    assert!(adlink().args(args).env("ADLINK_BY", "A. Nalyst").status().unwrap().success());
    let case = adlink::case::Case::open_read(&world.path("case/c.adlink")).unwrap();
    let last = case.audit_entries().unwrap().pop().unwrap();
    assert_eq!((&*last.action, &last.detail["by"]), ("link-run", &"A. Nalyst".into()));
}

#[cfg(feature = "encrypt")]
#[test]
fn an_encrypted_package_opens_with_its_passphrase_only() {
    use std::io::Read;
    let world = World::new();
    let order = [
        "export",
        "--case",
        "@case/c.adlink",
        "--format",
        "package",
        "--profile",
        "full",
        "--encrypt",
        "-o",
        "@p/p.age",
    ];
    let args = world.args(&[&order[..], &["--recipient", "R", "--purpose", "P"]].concat());
    let export = |passphrase: &str| {
        Command::output(adlink().args(&args).env("ADLINK_PASSPHRASE", passphrase)).unwrap()
    };
    assert_eq!(export("short").status.code(), Some(2));
    assert!(!world.path("p/p.age").exists());
    assert!(export("correct horse battery").status.success());
    assert_eq!(world.canaries("p"), BTreeSet::new());
    let sealed = fs::read(world.path("p/p.age")).unwrap();
    let open = |passphrase: &str| {
        let identity = age::scrypt::Identity::new(passphrase.to_string().into());
        let mut bytes = Vec::new();
        let mut opened = age::Decryptor::new(&sealed[..])
            .unwrap()
            .decrypt(std::iter::once(&identity as &dyn age::Identity))
            .ok()?;
        opened.read_to_end(&mut bytes).unwrap();
        Some(bytes)
    };
    assert!(open("correct horse batterie").is_none());
    let import = world.args(&["import", "@p/p.age", "--case", "@partner/c.adlink"]);
    let said = |passphrase: Option<&str>| {
        let mut command = adlink();
        command.args(&import).env_remove("ADLINK_PASSPHRASE");
        passphrase.map(|text| command.env("ADLINK_PASSPHRASE", text));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert!(said(None).1.contains("it is encrypted"));
    assert_eq!(said(Some("correct horse batterie")).0, Some(1));
    assert_eq!(said(Some("correct horse battery")).0, Some(0));
    let mut archive = tar::Archive::new(std::io::Cursor::new(open("correct horse battery").unwrap()));
    let names: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .collect();
    assert!(names.contains(&"README.txt".into()) && names.contains(&"links.csv".into()), "{names:?}");
}

#[test]
fn an_export_holds_the_pairs_of_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let (out, file) = (folder.path().join("out"), folder.path().join("pairs.csv"));
    let ads = ["a.example/1", "b.example/2"].map(|ad| folder.path().join("ads").join(ad));
    ads.iter().for_each(|ad| fs::create_dir_all(ad).unwrap());
    let photo = fs::read(super::support::fixture().join("images/lakeside.example/L1202_0.jpg")).unwrap();
    let photo = image::load_from_memory(&photo).unwrap();
    photo.save(ads[0].join("photo.png")).unwrap();
    let (width, height) = (photo.width() * 6 / 10, photo.height() * 6 / 10);
    photo
        .crop_imm(photo.width() / 20, photo.height() / 10, width, height)
        .save(ads[1].join("part.png"))
        .unwrap();
    super::support::link(&folder.path().join("ads"), &out, &[]).expect(0);
    let [case, to] = [out.join("case.adlink"), file.clone()].map(|path| path.to_str().unwrap().to_string());
    let order = ["export", "--case", &case, "--format", "pairs.csv", "--profile", "full", "-o", &to];
    run(order.iter().chain(&["--recipient", "Unit Three", "--purpose", "case 12/24"])).expect(0);
    let pairs = |path: &Path| -> BTreeSet<[String; 4]> {
        let of = |row: &BTreeMap<String, String>| {
            ["image_a", "image_b", "tier", "score"].map(|name| row[name].clone())
        };
        super::support::rows(path).iter().map(of).collect()
    };
    let reported = pairs(&out.join("pairs.csv"));
    assert!(reported.iter().any(|pair| pair[2] == "partial"), "nothing here hangs on local features");
    assert_eq!(pairs(&file), reported);
}

/// A package of `export` for a partner, and what `import` of it into a fresh case says.
fn imported(profile: &str, world: &World) -> (PathBuf, super::support::Said) {
    let tar = format!("@p/{profile}.tar");
    let order =
        ["export", "--case", "@case/c.adlink", "--format", "package", "--profile", profile, "-o", &tar];
    run(world.args(&[&order[..], &["--recipient", "Unit Three", "--purpose", "case 12/24"]].concat()))
        .expect(0);
    let case = format!("@partner/{profile}.adlink");
    let said = run(world.args(&["import", &tar, "--case", &case, "--from", "Unit Two", "--json"]));
    (world.path(&case[1..]), said)
}

#[test]
fn a_package_is_taken_in_as_far_as_its_profile_lets() {
    let world = World::new();
    for (profile, ads) in [("hash-only", 3), ("full", 3)] {
        let (path, said) = imported(profile, &world);
        let counts: serde_json::Value = serde_json::from_str(&said.expect(0).stdout).unwrap();
        assert_eq!((&counts["records"]["used"], &counts["images"]["by_hash"]), (&ads.into(), &3.into()));
        let case = Case::open_read(&path).unwrap();
        let snapshot = case.snapshot().unwrap();
        assert!(snapshot.images.iter().all(|image| image.is_hash_only() && image.digests.sha1 != [0; 20]));
        let of_sender = snapshot.ads.iter().filter(|ad| ad.key.site == "Unit Two").count();
        // The ad that is linked to nothing is in no package.
        assert_eq!(of_sender, if profile == "full" { 1 } else { 3 }, "{profile}");
        let note = case.audit_entries().unwrap().into_iter().find(|entry| entry.action == "import").unwrap();
        assert_eq!((&note.detail["profile"], &note.detail["from"]), (&profile.into(), &"Unit Two".into()));
        assert_eq!(note.detail["purpose"], "case 12/24");
        drop(case);
        let out = format!("@{profile}-out");
        let path = path.display().to_string();
        run(world.args(&["report", "--case", &path, "--out", &out])).expect(0);
        let links = super::support::rows(&world.path(&out[1..]).join("links.csv"));
        assert_eq!(links.len(), 1, "{profile}");
        assert!(links[0]["caveats"].contains("SOURCE_HASH_ONLY"), "{}", links[0]["caveats"]);
        run(world.args(&["verify", "--case", &path])).expect(0);
    }
    let kept = ["site", "adid", "url", "title", "phone", "location"];
    let full = fs::read(world.path("partner/full.adlink")).unwrap();
    let mut found = BTreeSet::new();
    scan(&full, &mut found);
    assert_eq!(found, words_of(&[1, 2], &kept));
}

#[test]
fn what_is_no_whole_package_is_refused_and_nothing_is_taken_in() {
    let world = World::new();
    let (path, said) = imported("shared", &world);
    assert!(said.expect(1).stderr.contains("it holds no hashes"));
    assert!(!path.exists());
    imported("hash-only", &world).1.expect(0);
    let good = fs::read(world.path("p/hash-only.tar")).unwrap();
    let at = good.windows(5).position(|bytes| bytes == b"\"pdq\"").unwrap() + 8;
    let mut changed = good.clone();
    changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
    for (name, bytes, why) in [
        ("changed.tar", &changed[..], "hashes.jsonl` in it is not what was sent"),
        ("cut.tar", &good[..good.len() / 2], "it is no package"),
        ("text.tar", b"site,ad_id\n", "it is no package"),
        ("empty.tar", b"", "it is no package"),
    ] {
        fs::write(world.path("p").join(name), bytes).unwrap();
        let said = run(world.args(&["import", &format!("@p/{name}"), "--case", "@no/c.adlink"])).expect(1);
        assert!(said.stderr.contains(why) && said.stderr.contains("hint: "), "{name}: {}", said.stderr);
        assert!(!world.path("no/c.adlink").exists());
    }
}

#[test]
fn a_case_says_what_is_due_and_to_whom_what_must_stop_is_reported() {
    let world = World::new();
    let case = |more: &[&str]| run(world.args(&[&["case", "--case", "@case/c.adlink"][..], more].concat()));
    let purge = |more: &[&str]| run(world.args(&[&["purge", "--case", "@case/c.adlink"][..], more].concat()));
    let before = world.canaries("case");
    let report = || {
        run(world.args(&["report", "--case", "@case/c.adlink", "--out", "@told"])).expect(0);
        fs::read_to_string(world.path("told/report.html")).unwrap()
    };
    assert!(purge(&[]).expect(0).stdout.contains("no retention date"));
    assert!(report().contains("your national hotline (inhope.org lists them)"));
    for (country, code) in [("gb", 0), ("GBR", 2), ("1", 2)] {
        case(&["--country", country]).expect(code);
    }
    assert!(report().contains("to the Internet Watch Foundation (report.iwf.org.uk) or to the police"));
    case(&["--retain-until", "2999-01-01"]).expect(0);
    assert!(purge(&[]).expect(0).stdout.contains("nothing is due before 2999-01-01"));
    case(&["--retain-until", "2020-01-01"]).expect(0);
    let said = purge(&[]).expect(0).stdout;
    assert!(said.contains("due since 2020-01-01") && said.contains("--older-than"), "{said}");
    assert_eq!(world.canaries("case"), before, "a proposal removes nothing");
}
