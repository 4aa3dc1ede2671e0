//! `kill -9` under write load: whatever was answered is in the case, which is sound.
//!
//! `ADLINK_KILLS` says how often (4 without it; `.ci/run kills` takes more).

use super::support::some_hash;
use adlink::case::Case;
use assert_cmd::cargo::CommandCargoExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

fn kills() -> u64 {
    std::env::var("ADLINK_KILLS").map_or(4, |text| text.parse().expect("a number"))
}

/// The program on a case, and where it listens.
fn start(case: &Path) -> (Child, String) {
    let mut child = Command::cargo_bin("adlink")
        .expect("the program")
        .args(["serve", "--listen", "127.0.0.1:0", "--no-parts", "--quiet", "--case"])
        .arg(case)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("an address");
    let address = line.trim().strip_prefix("http://").expect("an address").to_string();
    (child, address)
}

/// One request on a connection of its own; `None` when there was no whole answer.
fn ask(address: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// What was answered.
#[derive(Default)]
struct Answered {
    ads: BTreeSet<String>,
    entries: BTreeSet<u64>,
    decisions: BTreeSet<u64>,
}

fn load(address: &str, worker: u64, round: u64, answered: &Mutex<Answered>) {
    for number in 0.. {
        let id = format!("{round}-{worker}-{number}");
        let hash = some_hash(round << 40 | worker << 32 | number);
        let ad = json!({ "site": "a.example", "ad_id": id, "images": [{ "path": "x", "pdq": hash }] });
        let Some((201, _)) = ask(address, "/v1/ads", &ad) else { return };
        answered.lock().expect("no panic").ads.insert(id.clone());
        let Some((201, entry)) = ask(address, "/v1/banks/LIST/entries", &json!({ "pdq": hash })) else {
            return;
        };
        answered.lock().expect("no panic").entries.insert(entry["id"].as_u64().expect("an id"));
        let decision = json!({ "subject": { "ad": { "site": "a.example", "ad_id": id } }, "ruling": "unsure", "reviewer": "r" });
        let Some((201, decision)) = ask(address, "/v1/decisions", &decision) else { return };
        answered.lock().expect("no panic").decisions.insert(decision["number"].as_u64().expect("a number"));
    }
}

#[test]
fn what_was_answered_outlives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.adlink");
    let answered = Arc::new(Mutex::new(Answered::default()));
    for round in 0..kills() {
        let (mut child, address) = start(&path);
        if round == 0 {
            assert_eq!(ask(&address, "/v1/banks", &json!({ "name": "LIST" })).expect("an answer").0, 201);
        }
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let (address, answered) = (address.clone(), answered.clone());
                thread::spawn(move || load(&address, worker, round, &answered))
            })
            .collect();
        thread::sleep(Duration::from_millis(300 + 137 * (round % 7)));
        child.kill().expect("kill -9");
        child.wait().expect("an end");
        workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
        sound(&path, &answered.lock().expect("no panic"));
    }
    let answered = answered.lock().expect("no panic");
    assert!(answered.ads.len() as u64 > kills(), "hardly anything was written: {}", answered.ads.len());
}

fn sound(path: &Path, answered: &Answered) {
    // A writer plays in what the killed one left.
    let case = Case::open(path).expect("a case");
    let snapshot = case.snapshot().expect("a snapshot");
    let ads: BTreeSet<&str> = snapshot.ads.iter().map(|ad| ad.key.ad_id.as_str()).collect();
    assert_eq!(answered.ads.iter().find(|id| !ads.contains(id.as_str())), None, "an ad is lost");
    let mut entries = BTreeSet::new();
    case.all_entries(|entry| entries.extend([entry.entry.0])).expect("entries");
    assert_eq!(answered.entries.difference(&entries).next(), None, "an entry is lost");
    assert!(snapshot.decisions.len() >= answered.decisions.len(), "a decision is lost");
    assert_eq!(case.check_file().expect("a check"), Vec::<String>::new());
    assert_eq!(case.check_audit().expect("a check").faults, []);
    assert!(case.check_data().expect("a check").faults.is_empty());
}

#[test]
fn beyond_this_machine_it_wants_tokens_and_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = folder.path().join("case.adlink");
    let serve = |more: &[&str]| {
        let mut command = Command::cargo_bin("adlink").expect("the program");
        let output = command.args(["serve", "--case"]).arg(&case).args(more).output().expect("it ends");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = serve(&["--listen", "0.0.0.0:0"]);
    assert!(code == Some(2) && said.contains("--tls-cert"), "{said}");
    let (code, said) = serve(&["--listen", "0.0.0.0:0", "--behind-proxy"]);
    assert!(code == Some(2) && said.contains("adlink token create"), "{said}");
    assert!(said.contains("--listen"), "{said}");
    let (code, said) = serve(&["--behind-proxy"]);
    assert!(code == Some(2) && said.contains("adlink token create"), "{said}");
    assert!(!said.contains("--listen"), "nothing is wrong with the address: {said}");
    let (code, said) = serve(&["--behind-proxy", "--tokens", "no/such/folder/tokens"]);
    assert!(code == Some(2) && said.contains("no/such/folder/tokens"), "{said}");
    assert!(!case.exists(), "a service that was refused made a case");
    let (code, _) = serve(&["--tls-cert", "x.pem"]);
    assert_eq!(code, Some(2));
}

#[test]
fn asked_to_stop_it_closes_the_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.adlink");
    let (mut child, address) = start(&path);
    assert_eq!(ask(&address, "/v1/banks", &json!({ "name": "LIST" })).expect("an answer").0, 201);
    assert!(Case::open(&path).is_err(), "two writers");
    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(ended.success());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with("-wal")), "{left:?}");
    assert!(Case::open(&path).is_ok());
}
