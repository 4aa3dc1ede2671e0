//! A full disk and a folder that cannot be written to: a clear error, and a case that goes on when there is room.
//!
//! The disk is a small `tmpfs` in a mount namespace of its own, which needs no rights of root but a Linux that lets
//! users make one; elsewhere these tests say so and pass.

#![allow(clippy::print_stdout)] // a test that is skipped says so

use super::support::{adlink, assert_same, fixture, whole};
use std::path::Path;
use std::process::{Command, Output};

/// Runs a shell script with `$disk`, a tmpfs of `size`, `$adlink`, `$ads` and `$out`; `None` where that is not allowed.
fn on_small_disk(folder: &Path, size: &str, script: &str) -> Option<Output> {
    let disk = folder.join("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let script = format!("mount -t tmpfs -o size={size} none \"$disk\" || exit 99\n{script}");
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .env("disk", &disk)
        .env("adlink", adlink().get_program())
        .env("ads", fixture().join("ads.jsonl"))
        .env("out", folder.join("out"))
        .output();
    let output =
        output.ok().filter(|output| output.status.code() != Some(99) && output.status.code() != Some(1));
    if output.is_none() {
        println!("skipped: no mount namespace on this machine");
    }
    output
}

#[test]
fn a_full_disk_is_said_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for size in ["280k", "320k", "360k"] {
        let script = r#"
            "$adlink" ingest "$ads" --case "$disk/case" >/dev/null 2>"$disk/../said"; echo "full $?"
            mount -o remount,size=64m "$disk"
            "$adlink" verify --case "$disk/case" >/dev/null; echo "verify $?"
            "$adlink" ingest "$ads" --case "$disk/case" >/dev/null 2>&1; echo "again $?"
            "$adlink" report --case "$disk/case" --out "$out" >/dev/null 2>&1; echo "report $?"
            exit 0"#;
        let _ = std::fs::remove_dir_all(folder.path().join("out"));
        let Some(output) = on_small_disk(folder.path(), size, script) else { return };
        let said = String::from_utf8(output.stdout).unwrap();
        let error = std::fs::read_to_string(folder.path().join("said")).unwrap();
        assert_eq!(said, "full 1\nverify 0\nagain 3\nreport 3\n", "{size}: {error}");
        assert!(error.contains("disk is full") && error.contains("hint: make room"), "{size}: {error}");
        assert_same(whole(), &folder.path().join("out"));
    }
}

#[test]
fn a_read_only_folder_is_said_and_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        "$adlink" ingest "$ads" --case "$disk/case" >/dev/null 2>&1; echo "ingest $?"
        mount -o remount,ro "$disk"
        "$adlink" ingest "$ads" --case "$disk/case"; echo "write $?"
        "$adlink" ingest "$ads" --case "$disk/new"; echo "new $?"
        "$adlink" verify --case "$disk/case" >/dev/null; echo "verify $?"
        "$adlink" report --case "$disk/case" --out "$out" >/dev/null; echo "report $?"
        exit 0"#;
    let Some(output) = on_small_disk(folder.path(), "64m", script) else { return };
    let (said, error) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(said, "ingest 3\nwrite 1\nnew 1\nverify 0\nreport 3\n", "{error}");
    assert!(error.contains("the folder it lies in, cannot be written to"), "{error}");
    assert!(error.contains("hint: name a place that can be written to"), "{error}");
    assert_same(whole(), &folder.path().join("out"));
}
