//! Measures the service from outside: a case filled with made-up hashes, and a client that keeps its connections.
//!
//! `fill CASE ENTRIES`: a bank of so many entries. Then `adlink serve --case CASE` in another terminal, and
//! `look ADDRESS MODE SECONDS CONNECTIONS ENTRIES`: look-ups of hashes near those of the bank. MODE is `raw` (HMA's, upright),
//! `turned` (eight turns) or `match` (`/v1/match` by hash, banks only). `adding` looks up as `raw` does while another
//! connection adds entries as fast as they are answered. `upload ADDRESS ROUTE SECONDS CONNECTIONS FOLDER PROGRAM`: the pictures
//! of a folder (500 pixels, for figures that can be compared) sent to `/h/hash`, `/m/lookup`, `/v1/hash` or `/v1/match`, and their rate as
//! a share of that of `PROGRAM hash FOLDER`. One JSON line: requests a second and times of single requests, client included.
//! **Every answer is held against what it must be**: a fast wrong one ends the run. Say with a figure what else the machine did.

mod hashes;
mod http_client;
mod uploads;

use adlink::bank::{BankKind, NewBank, NewEntry};
use adlink::case::Case;
use adlink::hash::Hash256;
use hashes::Random;
use http_client::{Kept, Outcome, post_json, told};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use uploads::{Uploads, uploads};

/// Of so many additions, one is looked up as soon as it is answered.
const LOOKED_UP: u64 = 64;

fn main() -> Outcome {
    // Cargo adds `--bench` to what it runs.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let line = match words[..] {
        ["fill", case, entries] => fill(Path::new(case), entries.parse()?)?,
        ["look", address, mode, seconds, connections, entries] => {
            let load = Load { address, mode, entries: entries.parse()? };
            look(&load, Duration::from_secs(seconds.parse()?), connections.parse()?)?
        }
        ["upload", address, route, seconds, connections, folder, program] => uploads(&Uploads {
            address,
            route,
            time: Duration::from_secs(seconds.parse()?),
            connections: connections.parse()?,
            folder: Path::new(folder),
            program: Path::new(program),
        })?,
        _ => return Err("see the head of benches/measure/serve_bench.rs".into()),
    };
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// The hash of a number.
fn hash(number: u64) -> Hash256 {
    Random(number << 8).hash()
}

fn fill(path: &Path, entries: u64) -> Outcome<serde_json::Value> {
    let mut case = Case::open_or_create(path)?;
    case.create_bank(&NewBank::named("BANK", BankKind::Known))?;
    let begun = Instant::now();
    case.add_entries("BANK", (0..entries).map(|number| NewEntry::of_hash(hash(number))))?;
    Ok(json!({ "entries": entries, "seconds": begun.elapsed().as_secs_f64() }))
}

struct Load<'a> {
    address: &'a str,
    mode: &'a str,
    entries: u64,
}

/// A look-up, and what it has to find: an entry, so many bits away.
struct LookUp {
    request: Vec<u8>,
    entry: u64,
    distance: u32,
}

impl Load<'_> {
    /// The look-up of a number: of a hash some bits from one of the bank.
    fn lookup(&self, number: u64) -> LookUp {
        let place = number.wrapping_mul(7919) % self.entries.max(1);
        let listed = hash(place);
        let mut random = Random(number);
        let flips = random.below(20);
        let asked = random.near(listed, flips);
        // Entries of a case are numbered from 1.
        LookUp { request: self.request(&asked), entry: place + 1, distance: listed.distance(&asked) }
    }

    fn request(&self, hash: &Hash256) -> Vec<u8> {
        let (address, more) = (self.address, if self.mode == "turned" { "&turned=true" } else { "" });
        if self.mode == "match" {
            return post_json(address, "/v1/match", &json!({ "pdq": hash.to_string(), "posts": false }));
        }
        let path = format!("/m/raw_lookup?signal_type=pdq&include_distance=true&signal={hash}{more}");
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes()
    }

    /// Whether an answer has what it must. Another turn may be nearer by chance, never farther.
    fn finds(&self, answer: &Value, wanted: &LookUp) -> bool {
        let (hits, name) = match self.mode {
            "match" => (&answer["banks"]["hits"], "entry"),
            _ => (&answer["matches"], "bank_content_id"),
        };
        let found = hits.as_array().into_iter().flatten().find(|hit| hit[name] == wanted.entry);
        let distance = found.and_then(|hit| match &hit["distance"] {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        });
        let wanted = u64::from(wanted.distance);
        distance.is_some_and(|found| found == wanted || self.mode != "raw" && found < wanted)
    }
}

fn look(load: &Load<'_>, time: Duration, connections: u64) -> Outcome<Value> {
    let (end, added) = (AtomicBool::new(false), AtomicU64::new(0));
    let begun = Instant::now();
    let (asked, adding): (Vec<Outcome<Vec<u64>>>, Outcome) = thread::scope(|scope| {
        let adding = (load.mode == "adding").then(|| scope.spawn(|| add(load, &end, &added)));
        let clients =
            (0..connections).map(|client| scope.spawn(move || lookups(load, client << 40, begun, time)));
        let clients: Vec<_> = clients.collect();
        let asked = clients.into_iter().map(|client| client.join().expect("no panic")).collect();
        end.store(true, Ordering::Relaxed);
        (asked, adding.map_or(Ok(()), |adding| adding.join().expect("no panic")))
    });
    let seconds = begun.elapsed().as_secs_f64();
    adding?;
    let times = asked.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
    let mut line = told(times, seconds);
    line["mode"] = load.mode.into();
    line["connections"] = connections.into();
    line["added"] = added.load(Ordering::Relaxed).into();
    Ok(line)
}

/// Times of look-ups in microseconds.
fn lookups(load: &Load<'_>, first: u64, begun: Instant, time: Duration) -> Outcome<Vec<u64>> {
    let mut connection = Kept::open(load.address)?;
    let (mut times, mut number) = (Vec::new(), first);
    while begun.elapsed() < time {
        let wanted = load.lookup(number);
        let sent = Instant::now();
        let (status, body) = connection.ask(&wanted.request)?;
        times.push(sent.elapsed().as_micros() as u64);
        let answer = serde_json::from_slice(&body).unwrap_or_default();
        if status != 200 || !load.finds(&answer, &wanted) {
            let LookUp { entry, distance, .. } = wanted;
            let body = String::from_utf8_lossy(&body);
            return Err(format!("{status} without entry {entry} at {distance} bits: {body}").into());
        }
        number += 1;
    }
    Ok(times)
}

fn add(load: &Load<'_>, end: &AtomicBool, added: &AtomicU64) -> Outcome {
    let mut connection = Kept::open(load.address)?;
    let mut number = u64::MAX;
    while !end.load(Ordering::Relaxed) {
        number -= 1;
        let pdq = hash(number);
        let entry = post_json(load.address, "/c/bank/BANK/signal", &json!({ "pdq": pdq.to_string() }));
        let told = connection.told(&entry, 200)?;
        let id = told["id"].as_u64().filter(|_| told["signals"]["pdq"] == pdq.to_string());
        let entry = id.ok_or_else(|| format!("not what was added: {told}"))?;
        if added.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOKED_UP) {
            let answer = connection.told(&load.request(&pdq), 200)?;
            let wanted = LookUp { request: Vec::new(), entry, distance: 0 };
            if !load.finds(&answer, &wanted) {
                return Err(format!("entry {entry} is not found right after it was added: {answer}").into());
            }
        }
    }
    Ok(())
}
