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
const WRITERS: [&[&str]; 7] = [
    &["hash", "@ads", "-o"],
    &["hash", "@ads", "--format", "parquet", "-o"],
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

fn truth(world: &World) {
    fs::write(
        world.path("truth.csv"),
        "image,photo_id,edit,family,ad_id\na.jpg,p,resave,resave,1\nb.jpg,p,resave,resave,2\n",
    )
    .unwrap();
}

#[test]
fn outputs_never_replace_inputs_originals_or_cases() {
    let world = World::new();
    truth(&world);
    let held = ["ads/a.jpg", "c.adlink", "truth.csv", "out/pairs.csv"];
    for writer in WRITERS {
        let reads = |name: &str| match writer[0] {
            "eval" => name != "ads/a.jpg",
            "hash" | "compare" => name == "ads/a.jpg" || name == "c.adlink",
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

#[test]
fn what_is_no_output_is_replaced_only_when_asked_and_named() {
    let world = World::new();
    fs::copy(world.path("ads/a.jpg"), world.path("other.jpg")).unwrap();
    let said = world.run(&["hash", "@ads", "-o", "@other.jpg"]).expect(2);
    assert!(said.stderr.contains("--force"), "{}", said.stderr);
    let said = world.run(&["hash", "@ads", "-o", "@other.jpg", "--force"]).expect(0);
    assert!(said.stderr.contains("other.jpg"), "{}", said.stderr);
    // An earlier output is replaced without a word.
    let said = world.run(&["hash", "@ads", "-o", "@other.jpg"]).expect(0);
    assert!(!said.stderr.contains("replaces"), "{}", said.stderr);
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
    truth(&world);
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
}

#[cfg(unix)]
#[test]
fn outputs_are_for_their_owner_whatever_stood_there() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    truth(&world);
    for writer in WRITERS {
        fs::write(world.path("result"), "old").unwrap();
        fs::set_permissions(world.path("result"), fs::Permissions::from_mode(0o666)).unwrap();
        world.run(&[writer, &["@result"]].concat()).expect(0);
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
