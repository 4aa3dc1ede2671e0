//! `kill -9` and Ctrl-C at any moment: the same command goes on, loses nothing, hashes nothing twice.

use super::support::{adlink, assert_same, fixture, link, run_json, whole};
use adlink::case::Case;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn images_in(case: &Path) -> u64 {
    let snapshot = Case::open_read(case).and_then(|case| case.snapshot());
    snapshot.map_or(0, |snapshot| snapshot.images.len() as u64)
}

/// Starts a run, ends it after `delay` with `signal`, and returns its exit code if it had one.
fn cut_short(out: &Path, delay: Duration, signal: Option<&str>) -> Option<i32> {
    let mut child = adlink()
        .args(["link", "--threads", "1", "--progress", "never"])
        .arg(fixture().join("ads.jsonl"))
        .arg("--out")
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    match signal {
        Some(signal) => {
            Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        }
        // On Unix this is `kill -9`, on Windows TerminateProcess.
        None => child.kill().unwrap(),
    }
    child.wait().unwrap().code()
}

#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let total = run_json(whole())["ingest"]["images"]["hashed_now"].as_u64().unwrap();
    for (n, milliseconds) in [1, 20, 60, 120, 250, 400, 700].into_iter().enumerate() {
        let out = folder.path().join(format!("cut{n}"));
        cut_short(&out, Duration::from_millis(milliseconds), None);
        let committed = images_in(&out.join("case.adlink"));
        link(&fixture().join("ads.jsonl"), &out, &[]).expect(3);
        let hashed = run_json(&out)["ingest"]["images"]["hashed_now"].as_u64().unwrap();
        assert_eq!(hashed + committed, total, "killed after {milliseconds} ms");
        assert_same(whole(), &out);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_cleanly_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let code = cut_short(&out, Duration::from_millis(100), Some("-INT"));
    // The run may have ended by itself, or not yet have put up its handler.
    assert!(matches!(code, Some(1 | 3) | None), "{code:?}");
    link(&fixture().join("ads.jsonl"), &out, &[]).expect(3);
    assert_same(whole(), &out);
}
