//! A case under a passphrase: what goes in comes out, nothing is lost on the way, and what is locked says so.

use super::support::{adlink, copy_of_case, run, whole};
use std::fs;
use std::path::Path;

fn key(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, format!("{text}\n")).unwrap();
    path.to_str().unwrap().to_string()
}

#[cfg(unix)]
#[test]
fn a_locked_case_comes_back_as_it_was_and_only_with_its_passphrase() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let (path, sealed) = (case.to_str().unwrap(), folder.path().join("case.adlink.age"));
    let (good, bad) = (
        key(folder.path(), "good", "correct horse battery"),
        key(folder.path(), "bad", "wrong horse battery"),
    );
    let at = |command: &str, key: &str| run([command, "--case", path, "--passphrase-file", key]);
    let rows =
        |case: &Path| adlink::case::Case::open_read(case).unwrap().snapshot().map(|all| format!("{all:?}"));
    let before = rows(&case).unwrap();
    at("lock", &good).expect(0);
    assert!(!case.exists() && sealed.exists());
    assert_eq!(fs::metadata(&sealed).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read(&sealed).unwrap().starts_with(b"age-encryption.org/"));
    // Every command says what to do, and none makes a new case in its place.
    let ads = super::support::fixture().join("ads.jsonl");
    for command in [
        vec!["verify", "--case", path],
        vec!["report", "--case", path, "--out", path],
        vec!["ingest", ads.to_str().unwrap(), "--case", path],
    ] {
        let said = run(command).expect(1);
        assert!(said.stderr.contains("adlink unlock"), "{}", said.stderr);
        assert!(!case.exists());
    }
    at("unlock", &bad).expect(1);
    assert!(!case.exists() && sealed.exists());
    // Changed or cut on the way: nothing comes out, and what there is stays.
    let whole = fs::read(&sealed).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for broken in
        [&changed[..], &whole[..whole.len() - 1], &whole[..whole.len() / 2], b"age-encryption.org/v1\n"]
    {
        fs::write(&sealed, broken).unwrap();
        at("unlock", &good).expect(1);
        assert!(!case.exists() && fs::read(&sealed).unwrap() == broken);
    }
    fs::write(&sealed, whole).unwrap();
    at("unlock", &good).expect(0);
    assert!(case.exists() && !sealed.exists());
    assert_eq!(rows(&case).unwrap(), before);
    run(["verify", "--case", path]).expect(0);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("unfinished")), "{left:?}");
}

#[test]
fn nothing_is_replaced_while_both_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let (path, sealed) = (case.to_str().unwrap(), folder.path().join("case.adlink.age"));
    let good = key(folder.path(), "good", "correct horse battery");
    let at = |command: &str, more: &[&str]| {
        run([&[command, "--case", path, "--passphrase-file", &good][..], more].concat())
    };
    fs::write(&sealed, "an older case").unwrap();
    at("lock", &[]).expect(2);
    at("unlock", &[]).expect(2);
    assert_eq!(fs::read_to_string(&sealed).unwrap(), "an older case");
    assert_eq!(fs::read(&case).unwrap(), fs::read(whole().join("case.adlink")).unwrap());
    at("lock", &["--force"]).expect(0);
    at("unlock", &[]).expect(0);
    let short = key(folder.path(), "short", "short");
    run(["lock", "--case", path, "--passphrase-file", &short]).expect(2);
    let held = adlink::case::Case::open(&case).unwrap();
    at("lock", &[]).expect(1);
    assert!(held.snapshot().is_ok() && case.exists() && !sealed.exists());
}

/// Where a `lock` that is killed while it removes the plain file leaves it: no name holds half a case, every command says
/// what is left and what to do, and both commands end it, once the encrypted case was read as a whole.
#[test]
fn a_removal_that_was_cut_short_is_told_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let whole = fs::read(&case).unwrap();
    let (path, sealed) = (case.to_str().unwrap(), folder.path().join("case.adlink.age"));
    let left = folder.path().join("case.adlink.removing");
    let (good, bad) = (
        key(folder.path(), "good", "correct horse battery"),
        key(folder.path(), "bad", "wrong horse battery"),
    );
    let at = |command: &str, key: &str| run([command, "--case", path, "--passphrase-file", key]);
    at("lock", &good).expect(0);
    let leave =
        || fs::write(&left, [vec![0; whole.len() / 2], whole[whole.len() / 2..].to_vec()].concat()).unwrap();
    let ads = super::support::fixture().join("ads.jsonl");
    for end in ["lock", "unlock"] {
        leave();
        for command in [vec!["verify", "--case", path], vec!["ingest", ads.to_str().unwrap(), "--case", path]]
        {
            let said = run(command).expect(1);
            assert!(
                said.stderr.contains(".removing") && said.stderr.contains("adlink unlock"),
                "{}",
                said.stderr
            );
        }
        at(end, &bad).expect(1);
        assert!(left.exists() && sealed.exists() && !case.exists());
        let said = at(end, &good).expect(0);
        assert!(!left.exists() && said.stderr.contains("is removed"), "{}", said.stderr);
    }
    assert!(case.exists() && !sealed.exists());
    // Beside a case that is open it is told, too; without its encrypted form it is not touched, and no new case is made.
    leave();
    let said = run(["ingest", ads.to_str().unwrap(), "--case", path]).expect(3);
    assert!(said.stderr.contains(".removing"), "{}", said.stderr);
    fs::remove_file(&case).unwrap();
    for command in [vec!["verify", "--case", path], vec!["ingest", ads.to_str().unwrap(), "--case", path]] {
        let said = run(command).expect(1);
        assert!(said.stderr.contains("the encrypted form is gone"), "{}", said.stderr);
    }
    at("lock", &good).expect(1);
    at("unlock", &good).expect(1);
    assert!(left.exists() && !case.exists());
}

#[cfg(unix)]
#[test]
fn a_case_loses_its_name_before_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let good = key(folder.path(), "good", "correct horse battery");
    // What stands in the way of the other name stops the removal before a byte is lost.
    fs::create_dir_all(folder.path().join("case.adlink.removing/x")).unwrap();
    run(["lock", "--case", case.to_str().unwrap(), "--passphrase-file", &good]).expect(1);
    run(["verify", "--case", case.to_str().unwrap()]).expect(0);
}

#[test]
fn the_audit_chain_says_who_locked_and_unlocked() {
    let folder = tempfile::tempdir().unwrap();
    let case = copy_of_case(folder.path());
    let good = key(folder.path(), "good", "correct horse battery");
    for (command, by) in [("lock", "A. Holder"), ("unlock", "B. Other")] {
        let path = case.to_str().unwrap();
        run([command, "--case", path, "--passphrase-file", &good, "--by", by]).expect(0);
    }
    let entries = adlink::case::Case::open_read(&case).unwrap().audit_entries().unwrap();
    let by = |action: &str| {
        entries.iter().find(|entry| entry.action == action).map(|entry| entry.detail["by"].clone())
    };
    assert_eq!((by("lock"), by("unlock")), (Some("A. Holder".into()), Some("B. Other".into())));
}

#[cfg(unix)]
#[test]
fn a_case_in_a_synced_folder_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let synced = folder.path().join("Dropbox/work");
    fs::create_dir_all(&synced).unwrap();
    let ads = super::support::fixture().join("ads.jsonl");
    let said = adlink()
        .args(["ingest", ads.to_str().unwrap(), "--features", "0", "--case"])
        .arg(synced.join("c.adlink"))
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&said.stderr);
    assert!(talk.contains("copied to other machines"), "{talk}");
}
