//! Nothing is overwritten by accident: inputs, originals, cases, results of another case; and `-o -` everywhere.

use super::support::{adlink, fixture, run};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// Two ads with one photo, and a case of them.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        let photo = fixture().join("images/openboard.example/O1007_0.jpg");
        fs::create_dir(world.path("ads")).unwrap();
        for name in ["a.jpg", "b.jpg"] {
            fs::copy(&photo, world.path("ads").join(name)).unwrap();
        }
        fs::write(
            world.path("ads/ads.jsonl"),
            "{\"site\":\"s\",\"ad_id\":\"1\",\"images\":[\"a.jpg\"]}\n{\"site\":\"t\",\"ad_id\":\"2\",\"images\":[\"b.jpg\"]}\n",
        )
        .unwrap();
        world.run(&["link", "@ads/ads.jsonl", "--case", "@c.adlink", "--out", "@out"]).expect(0);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `@name` is a path in the folder.
    fn args(&self, args: &[&str]) -> Vec<OsString> {
        let path = |arg: &&str| match arg.strip_prefix('@') {
            Some(name) => self.path(name).into(),
            None => OsString::from(arg),
        };
        args.iter().map(path).collect()
    }

    fn run(&self, args: &[&str]) -> super::support::Said {
        run(self.args(args))
    }
}

/// Every command that writes a file, without the file.
const WRITERS: [&[&str]; 10] = [
    &["hash", "@ads", "-o"],
    &["hash", "@ads", "--format", "parquet", "-o"],
    &["hash", "@ads", "--format", "parquet", "--shard", "1/1", "-o"],
    &["join", "@h.parquet", "@h.parquet", "-o"],
    &["components", "@p.parquet", "-o"],
    &["compare", "@ads/a.jpg", "@ads/b.jpg", "--picture"],
    &["decisions", "export", "--case", "@c.adlink", "-o"],
    &[
        "export",
        "--case",
        "@c.adlink",
        "--format",
        "links.csv",
        "--profile",
        "full",
        "--recipient",
        "R",
        "--purpose",
        "P",
        "-o",
    ],
    &["export", "--case", "@c.adlink", "--format", "hashes.csv", "--recipient", "R", "--purpose", "P", "-o"],
    &["eval", "@truth.csv", "@out/pairs.csv", "--per-edit"],
];

/// What the writers read beside the case.
fn inputs(world: &World) {
    world.run(&["hash", "@ads", "-o", "@h.parquet"]).expect(0);
    world.run(&["join", "@h.parquet", "@h.parquet", "-o", "@p.parquet"]).expect(0);
    fs::write(
        world.path("truth.csv"),
        "image,photo_id,edit,family,ad_id\na.jpg,p,resave,resave,1\nb.jpg,p,resave,resave,2\n",
    )
    .unwrap();
}

#[test]
fn outputs_never_replace_inputs_originals_or_cases() {
    let world = World::new();
    inputs(&world);
    let held = ["ads/a.jpg", "c.adlink", "truth.csv", "out/pairs.csv"];
    for writer in WRITERS {
        let reads = |name: &str| match writer[0] {
            "eval" => name != "ads/a.jpg",
            // They read no pictures, and know none.
            "join" | "components" => name == "c.adlink",
            _ => name == "ads/a.jpg" || name == "c.adlink",
        };
        for target in held.into_iter().filter(|name| reads(name)) {
            for force in [&[][..], &["--force"]] {
                let before = fs::read(world.path(target)).unwrap();
                let at = format!("@{target}");
                let said = world.run(&[writer, &[&at], force].concat());
                // An export notes itself in the case; it still is a case, and no export.
                let after = fs::read(world.path(target)).unwrap();
                assert_eq!(said.code, 2, "{writer:?} {target}: {} {}", said.stdout, said.stderr);
                assert!(said.stderr.contains("another place"), "{}", said.stderr);
                assert!(
                    target == "c.adlink" && after.starts_with(b"SQLite") || after == before,
                    "{writer:?} {target}"
                );
            }
        }
    }
    world.run(&["verify", "--case", "@c.adlink"]).expect(0);
}

/// Things that somebody may have under a name by mistake; none is an output of adlink.
fn strangers(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("notes", b"what the witness said\n".to_vec()),
        ("picture", fs::read(world.path("ads/a.jpg")).unwrap()),
        ("png", b"\x89PNG\r\n\x1a\n and the rest of a picture".to_vec()),
        ("table", b"site,ad_id,images\ns,1,a.jpg\n".to_vec()),
        ("list", b"{\"site\":\"s\",\"ad_id\":\"1\"}\n".to_vec()),
        ("database", b"SQLite format 3\0 of somebody else".to_vec()),
        ("parquet", b"PAR1 of somebody else PAR1".to_vec()),
        ("zip", b"PK\x03\x04".to_vec()),
        ("sealed", b"age-encryption.org/v1\n".to_vec()),
    ]
}

#[test]
fn what_adlink_did_not_write_is_replaced_only_when_asked_and_named() {
    let world = World::new();
    inputs(&world);
    for writer in WRITERS {
        for (name, content) in strangers(&world) {
            fs::write(world.path("target"), &content).unwrap();
            let said = world.run(&[writer, &["@target"]].concat());
            assert_eq!(said.code, 2, "{writer:?} {name}: {} {}", said.stdout, said.stderr);
            assert!(said.stderr.contains("--force") && said.stderr.contains("target"), "{}", said.stderr);
            assert_eq!(fs::read(world.path("target")).unwrap(), content, "{writer:?} {name}");
        }
        let said = world.run(&[writer, &["@target", "--force"]].concat()).expect(0);
        assert!(said.stderr.contains("replaces") && said.stderr.contains("target"), "{}", said.stderr);
        // What it wrote itself is replaced without a word.
        let said = world.run(&[writer, &["@target"]].concat()).expect(0);
        assert!(!said.stderr.contains("replaces"), "{writer:?}: {}", said.stderr);
        fs::remove_file(world.path("target")).unwrap();
    }
}

#[test]
fn every_export_is_known_as_one() {
    let world = World::new();
    fs::write(world.path("key"), "correct horse battery\n").unwrap();
    let order = |format: &str, more: &[&str]| {
        let start = ["export", "--case", "@c.adlink", "--format", format, "--profile", "full"];
        let rest = ["--recipient", "R", "--purpose", "P", "-o", "@out.file"];
        world.run(&[&start[..], &rest, more].concat())
    };
    let said = order("nothing", &[]).expect(2);
    let names = said.stderr.split("expected one of ").nth(1).unwrap();
    let names: Vec<&str> = names.lines().next().unwrap().trim_end_matches(['.', ']']).split(", ").collect();
    assert!(names.len() > 30, "{names:?}");
    let sealed = ["--encrypt", "--passphrase-file", world.path("key").to_str().unwrap()].map(str::to_string);
    for name in names {
        order(name, &[]).expect(0);
        let said = order(name, &[]).expect(0);
        assert!(!said.stderr.contains("replaces"), "{name}: {}", said.stderr);
        fs::remove_file(world.path("out.file")).unwrap();
    }
    let sealed: Vec<&str> = sealed.iter().map(String::as_str).collect();
    order("package", &sealed).expect(0);
    order("package", &sealed).expect(0);
}

#[test]
fn what_lies_in_a_folder_for_results_stays() {
    let world = World::new();
    for (name, content) in [
        ("pairs.csv", "my,own,pairs\n"),
        ("report.html", "<!DOCTYPE html><title>mine</title>"),
        ("manifest-sha256.txt", "0000000000000000000000000000000000000000000000000000000000000000  data/1\n"),
        ("networks/n-mine.html", "mine"),
    ] {
        let folder = world.path("theirs");
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), content).unwrap();
        for command in [
            &["report", "--case", "@c.adlink", "--out", "@theirs"][..],
            &["link", "@ads/ads.jsonl", "--out", "@theirs"],
        ] {
            let said = world.run(command).expect(2);
            assert!(said.stderr.contains("--force"), "{name}: {}", said.stderr);
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), content);
        }
        let said = world.run(&["report", "--case", "@c.adlink", "--out", "@theirs", "--force"]).expect(0);
        assert!(said.stderr.contains(name.rsplit('/').next().unwrap()), "{name}: {}", said.stderr);
        fs::remove_dir_all(folder).unwrap();
    }
    fs::create_dir(world.path("pages")).unwrap();
    fs::write(world.path("pages/adlink.1"), "my page").unwrap();
    world.run(&["man", "@pages"]).expect(2);
    world.run(&["man", "@pages", "--force"]).expect(0);
    world.run(&["man", "@pages"]).expect(0);
}

#[test]
fn results_of_another_case_and_inputs_in_the_folder_stay() {
    let world = World::new();
    let other = ["link", "@ads/ads.jsonl", "--case", "@d.adlink", "--out", "@out"];
    let before = fs::read(world.path("out/manifest-sha256.txt")).unwrap();
    let said = world.run(&other).expect(2);
    assert!(said.stderr.contains("another case"), "{}", said.stderr);
    assert_eq!(fs::read(world.path("out/manifest-sha256.txt")).unwrap(), before);
    // The case's own folder is written again, also by another command.
    world.run(&["report", "--case", "@c.adlink", "--out", "@out"]).expect(0);
    let said = world.run(&[&other[..], &["--force"]].concat()).expect(0);
    assert!(said.stderr.contains("replaces"), "{}", said.stderr);
    // A manifest called like a result.
    fs::create_dir(world.path("mine")).unwrap();
    fs::copy(world.path("ads/ads.jsonl"), world.path("mine/links.jsonl")).unwrap();
    let before = fs::read(world.path("mine/links.jsonl")).unwrap();
    world
        .run(&["link", "@mine/links.jsonl", "--images", "@ads", "--case", "@e.adlink", "--out", "@mine"])
        .expect(2);
    assert_eq!(fs::read(world.path("mine/links.jsonl")).unwrap(), before);
}

#[test]
fn a_dash_is_standard_output_everywhere() {
    let world = World::new();
    inputs(&world);
    for writer in WRITERS {
        let output = adlink().args(world.args(writer)).arg("-").output().unwrap();
        assert!(output.status.success(), "{writer:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty() || writer[0] == "decisions", "{writer:?}");
        assert!(!Path::new("-").exists(), "{writer:?}");
    }
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_written_to_and_stay() {
    use std::os::unix::fs::FileTypeExt;
    let world = World::new();
    world.run(&["hash", "@ads", "-o", "/dev/null"]).expect(0);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    // Redirected: `/dev/stdout` is a regular file then.
    let file = fs::File::create(world.path("redirected")).unwrap();
    let status =
        adlink().args(world.args(&["hash", "@ads", "-o", "/dev/stdout"])).stdout(file).status().unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(world.path("redirected")).unwrap().lines().count(), 3);
    // Behind what is there, as `>>` asks for.
    let file = fs::OpenOptions::new().append(true).open(world.path("redirected")).unwrap();
    let args = world.args(&["hash", "@ads", "-o", "/dev/stdout", "--force"]);
    assert!(adlink().args(args).stdout(file).status().unwrap().success());
    assert_eq!(fs::read_to_string(world.path("redirected")).unwrap().lines().count(), 6);
}

#[cfg(target_os = "linux")]
#[test]
fn files_in_shared_memory_are_files() {
    let world = World::new();
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = folder.path().join("notes.csv");
    fs::write(&path, "notes of the interview\n".repeat(1000)).unwrap();
    let args = |more: &[&str]| {
        let mut args = world.args(&["hash", "@ads", "-o"]);
        args.push(path.clone().into());
        args.extend(more.iter().map(|arg| (*arg).into()));
        args
    };
    assert_eq!(adlink().args(args(&[])).status().unwrap().code(), Some(2), "it is no output of adlink");
    assert!(adlink().args(args(&["--force"])).status().unwrap().success());
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("path,") && text.lines().count() == 3, "{text}");
}

#[cfg(unix)]
#[test]
fn outputs_are_for_their_owner_whatever_stood_there() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    inputs(&world);
    for writer in WRITERS {
        fs::write(world.path("result"), "old").unwrap();
        fs::set_permissions(world.path("result"), fs::Permissions::from_mode(0o666)).unwrap();
        world.run(&[writer, &["@result", "--force"]].concat()).expect(0);
        let mode = fs::metadata(world.path("result")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{writer:?}");
        fs::remove_file(world.path("result")).unwrap();
    }
}

#[test]
fn a_reader_that_has_had_enough_ends_a_list_quietly() {
    let world = World::new();
    let mut child = adlink()
        .args(world.args(&["hash", "@ads", "--json"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_case_that_was_killed_while_it_was_made_is_said_and_completed() {
    let world = World::new();
    fs::write(world.path("new.adlink"), "").unwrap();
    for command in [&["verify"][..], &["report", "--out", "@there"], &["decisions", "list"]] {
        let said = world.run(&[command, &["--case", "@new.adlink"]].concat()).expect(1);
        assert!(
            said.stderr.contains("before it held anything") && said.stderr.contains("hint: "),
            "{}",
            said.stderr
        );
    }
    world.run(&["ingest", "@ads/ads.jsonl", "--case", "@new.adlink"]).expect(0);
    world.run(&["verify", "--case", "@new.adlink"]).expect(0);
}

#[test]
fn lists_and_tables_have_an_end() {
    let world = World::new();
    inputs(&world);
    fs::write(world.path("endless.csv"), format!("image_a,image_b\n\"{}", "x".repeat(17 << 20))).unwrap();
    let said = world.run(&["eval", "@truth.csv", "@endless.csv"]).expect(1);
    assert!(said.stderr.contains("16 MiB"), "{}", said.stderr);
    fs::write(world.path("line"), "y".repeat(1 << 20)).unwrap();
    let output =
        adlink().args(["hash", "-"]).stdin(fs::File::open(world.path("line")).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no path"));
}

#[test]
fn an_encrypted_case_is_a_case() {
    let world = World::new();
    fs::write(world.path("key"), "correct horse battery\n").unwrap();
    fs::copy(world.path("c.adlink"), world.path("d.adlink")).unwrap();
    world.run(&["lock", "--case", "@d.adlink", "--passphrase-file", "@key"]).expect(0);
    let before = fs::read(world.path("d.adlink.age")).unwrap();
    for force in [&[][..], &["--force"]] {
        let said = world.run(&[&["hash", "@ads", "-o", "@d.adlink.age"][..], force].concat()).expect(2);
        assert!(said.stderr.contains("it is a case"), "{}", said.stderr);
    }
    assert_eq!(fs::read(world.path("d.adlink.age")).unwrap(), before);
}

#[test]
fn two_recipients_cannot_join_their_pseudonyms_and_the_holder_resolves_them() {
    let world = World::new();
    let names = |recipient: &str| {
        let said = world.run(&[
            "export",
            "--case",
            "@c.adlink",
            "--format",
            "links.csv",
            "--profile",
            "shared",
            "--recipient",
            recipient,
            "--purpose",
            "P",
            "-o",
            "-",
        ]);
        let text = said.expect(0).stdout;
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words
            .filter(|word| word.starts_with("ad-") && word.len() == 19)
            .map(str::to_string)
            .collect::<Vec<_>>()
    };
    let (one, two) = (names("Unit 1"), names("Unit 2"));
    assert!(!one.is_empty() && one.iter().all(|name| !two.contains(name)), "{one:?} {two:?}");
    assert_eq!(names("unit 1 "), one);
    let said = world.run(&["resolve", &one[0], "--case", "@c.adlink"]).expect(0);
    assert!(
        said.stdout.contains("Unit 1") && (said.stdout.contains("s/1") || said.stdout.contains("t/2")),
        "{}",
        said.stdout
    );
    world.run(&["resolve", &one[0], "--case", "@c.adlink", "--recipient", "Unit 2"]).expect(1);
}

#[test]
fn wrong_numbers_of_threads_and_bytes_are_refused() {
    let world = World::new();
    let said = world.run(&["hash", "@ads", "--threads", "65535"]).expect(2);
    assert!(said.stderr.contains("four for each"), "{}", said.stderr);
    world.run(&["hash", "@ads", "--memory", "1M"]).expect(2);
    world.run(&["hash", "@ads", "--memory", "200M"]).expect(0);
    world.run(&["compare", "@ads/a.jpg", "@nowhere.jpg", "--exit-code"]).expect(2);
}
