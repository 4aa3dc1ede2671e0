//! `kill -9` at random moments of every command that writes: the case opens, is sound, has lost nothing that was
//! reported, and the same command run again ends in the same bytes as one that was never cut short.
//!
//! `ADLINK_KILLS` says how many moments (6 without it; `.ci/run` takes 24, the full check 500). They are drawn from the
//! length that each command has taken so far by a fixed generator, and a failing one is named with its delay.

use super::support::{adlink, assert_same, assert_same_but, fixture, link, rows, run, run_json};
use adlink::case::Case;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A command under test: how the case stands before it, and what runs.
struct Stage {
    name: &'static str,
    /// The case it starts from; none: a new one.
    before: Option<PathBuf>,
    args: Vec<OsString>,
    /// Exit code of a whole run.
    code: i32,
    /// The result folder of the case after a whole run.
    after: PathBuf,
    /// Files of it that say when something was done.
    dated: &'static [&'static str],
    takes: Duration,
}

fn moments() -> u32 {
    std::env::var("ADLINK_KILLS").map_or(6, |text| text.parse().expect("a number"))
}

fn words(args: &[&str]) -> Vec<OsString> {
    args.iter().map(OsString::from).collect()
}

/// Runs a command on a case to its end.
fn whole(args: &[OsString], case: &Path) -> (i32, Duration) {
    let clock = Instant::now();
    let said = run(args.iter().cloned().chain(["--case".into(), case.into()]));
    (said.code, clock.elapsed())
}

/// Runs it and kills it on the way; whether it had ended before, and what it had reported by then.
fn cut(args: &[OsString], case: &Path, delay: Duration) -> (bool, String) {
    let mut child = adlink()
        .args(args)
        .arg("--case")
        .arg(case)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    std::thread::sleep(delay);
    let ended = child.try_wait().expect("a child").is_some();
    // On Unix this is `kill -9`, on Windows TerminateProcess. It fails for one that has ended.
    let _ = child.kill();
    let said = child.wait_with_output().expect("a child").stdout;
    (ended, String::from_utf8_lossy(&said).into_owned())
}

fn report(case: &Path, out: &Path) {
    run([OsString::from("report"), "--case".into(), case.into(), "--out".into(), out.into()]).expect(3);
}

/// A copy of a case whose writers have all ended.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::copy(from, to).expect("a copy");
}

/// Sound in every respect; returns the ids of its images, and how many decisions it holds.
fn sound(case: &Path, what: &str) -> (Vec<String>, usize) {
    let case = Case::open_or_create(case).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    assert_eq!(case.check_file().expect(what), Vec::<String>::new(), "{what}");
    assert_eq!(case.check_audit().expect(what).faults, [], "{what}");
    let snapshot = case.snapshot().expect(what);
    let noted = case.audit_entries().expect(what).iter().filter(|entry| entry.action == "decision").count();
    assert_eq!(noted, snapshot.decisions.len(), "{what}");
    (snapshot.images.iter().map(|image| image.id().to_string()).collect(), noted)
}

/// A whole run of a stage from `before`, and how long it took.
fn stage(folder: &Path, name: &'static str, before: Option<&Path>, args: Vec<OsString>) -> (Stage, PathBuf) {
    let case = folder.join(name).join("whole.adlink");
    fs::create_dir_all(folder.join(name)).expect("a folder");
    if let Some(before) = before {
        copy(before, &case);
    }
    let (code, takes) = whole(&args, &case);
    let after = folder.join(name).join("after");
    report(&case, &after);
    (Stage { name, before: before.map(Path::to_path_buf), args, code, after, dated: &[], takes }, case)
}

fn stages(folder: &Path) -> (Vec<Stage>, String) {
    let ads = fixture().join("ads.jsonl").into_os_string();
    let (ingest, filled) = stage(folder, "ingest", None, [words(&["ingest"]), vec![ads.clone()]].concat());
    let (ids, _) = sound(&filled, "ingest");
    let withdraw = |id: &str| words(&["withdraw", id, "--reason", "test"]);
    let (first, withdrawn) = stage(folder, "withdraw", Some(&filled), withdraw(&ids[0]));
    // What was reported withdrawn before must stay so, whenever the next one is killed.
    let (second, _) = stage(folder, "withdraw again", Some(&withdrawn), withdraw(&ids[1]));
    let purge = words(&["purge", "--older-than", "2023-02-01"]);
    let (purge, _) = stage(folder, "purge", Some(&withdrawn), purge);
    let pair =
        rows(&ingest.after.join("pairs.csv")).into_iter().find(|row| row["sha256_a"] != row["sha256_b"]);
    let pair = pair.expect("a pair of different images");
    let reject = ["decide", "--reviewer", "R", "--pair", &pair["sha256_a"], &pair["sha256_b"], "reject"];
    let (decide, decided) = stage(folder, "decide", Some(&filled), words(&reject));
    // A decision that was made once more is another decision, at another time.
    let decide = Stage { dated: &["decisions.csv", "manifest-sha256.txt"], ..decide };
    let list = folder.join("decisions.jsonl");
    let exported = [words(&["decisions", "export", "--case"]), vec![decided.into(), "-o".into()]].concat();
    run(exported.into_iter().chain([list.clone().into()])).expect(0);
    let import = [words(&["decisions", "import"]), vec![list.into()]].concat();
    let (import, _) = stage(folder, "import decisions", Some(&filled), import);
    let stages = vec![ingest, first, second, purge, decide, import];
    assert!(stages.iter().all(|stage| matches!(stage.code, 0 | 3)));
    (stages, ids[0].clone())
}

#[test]
fn killed_anywhere_the_case_is_sound_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut stages, gone) = stages(folder.path());
    let (mut random, mut ended) = (0x9E37_79B9_7F4A_7C15_u64, 0);
    for moment in 0..moments() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let turn = moment as usize % stages.len();
        let stage = &mut stages[turn];
        let delay = stage.takes.mul_f64((random % 1000) as f64 / 1000.0);
        let what = format!("{} killed at moment {moment}, after {delay:?}", stage.name);
        let place = folder.path().join(format!("{moment}"));
        let case = place.join("case.adlink");
        fs::create_dir_all(&place).unwrap();
        if let Some(before) = &stage.before {
            copy(before, &case);
        }
        let (had_ended, reported) = cut(&stage.args, &case, delay);
        ended += u32::from(had_ended);
        // Machines are busy now and then: what a command takes is learned on the way.
        stage.takes = stage.takes.mul_f64(if had_ended { 0.8 } else { 1.05 });
        let (left, decisions) = sound(&case, &what);
        assert!(!stage.name.ends_with("again") || !left.contains(&gone), "{what}: withdrawn and back");
        assert!(!reported.starts_with("decision 1:") || decisions == 1, "{what}: reported and lost");
        // What was decided and is decided again stands twice in the report; a purge that was completed finds nothing more.
        if stage.name != "decide" || decisions == 0 {
            let (code, _) = whole(&stage.args, &case);
            assert_eq!(code, stage.code, "{what}");
        }
        report(&case, &place.join("out"));
        assert_same_but(&stage.after, &place.join("out"), stage.dated);
        sound(&case, &what);
        fs::remove_dir_all(&place).unwrap();
    }
    // A few moments say nothing about how well they were drawn; of many most must have cut a run short.
    let enough = if moments() < 100 { ended < moments() } else { 2 * ended < moments() };
    assert!(enough, "{ended} of {} runs ended before they were killed", moments());
}

#[test]
fn killed_while_writing_results_each_file_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let whole = super::support::whole();
    let takes = Duration::from_secs_f64(run_json(whole)["seconds"]["total"].as_f64().expect("seconds"));
    for moment in 0..moments().div_ceil(4) {
        let out = folder.path().join(format!("{moment}"));
        let share = f64::from(moment) / f64::from(moments().div_ceil(4));
        let args =
            [OsString::from("link"), fixture().join("ads.jsonl").into(), "--out".into(), out.clone().into()];
        cut(&args, &out.join("case.adlink"), takes.mul_f64(0.5 + share / 2.0));
        for name in ["links.csv", "report.html", "manifest-sha256.txt"] {
            if let Ok(bytes) = fs::read(out.join(name)) {
                assert_eq!(bytes, fs::read(whole.join(name)).unwrap(), "{name}, moment {moment}");
            }
        }
        link(&fixture().join("ads.jsonl"), &out, &[]).expect(3);
        assert_same(whole, &out);
        fs::remove_dir_all(&out).unwrap();
    }
}
