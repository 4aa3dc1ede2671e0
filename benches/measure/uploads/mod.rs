//! Pictures sent to the service, against the program that hashes the same files: what HTTP and the look-up cost.
//!
//! Both sides in turn, so that what else the machine does meets both. The trap: hashing alone is less work than a search
//! for parts, so a share is said for one route, and that of `/v1/match` is not that of `/m/lookup`.

use super::http_client::{Kept, Outcome, post, post_json, told};
use adlink::analysis::hash_file;
use adlink::hash::Quality;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often either side is measured.
const ROUNDS: u32 = 3;

/// What is measured.
pub(crate) struct Uploads<'a> {
    pub(crate) address: &'a str,
    pub(crate) route: &'a str,
    pub(crate) time: Duration,
    pub(crate) connections: usize,
    pub(crate) folder: &'a Path,
    pub(crate) program: &'a Path,
}

/// A picture as it is sent, and what has to be answered.
struct SentPicture {
    request: Vec<u8>,
    pdq: String,
    /// Too plain to be matched.
    is_plain: bool,
    entry: u64,
}

pub(crate) fn uploads(load: &Uploads<'_>) -> Outcome<Value> {
    let pictures = pictures(load)?;
    let (mut bare, mut served, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(hashed(load, pictures.len())?);
        let begun = Instant::now();
        let sent = sent(load, &pictures, begun)?;
        served.push(sent.len() as f64 / begun.elapsed().as_secs_f64());
        times.extend(sent);
    }
    let middle = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let (bare, served) = (middle(&mut bare), middle(&mut served));
    let seconds = times.len() as f64 / served;
    let mut line = told(times, seconds);
    line["route"] = load.route.into();
    line["connections"] = load.connections.into();
    line["files"] = pictures.len().into();
    line["hash_per_second"] = bare.into();
    line["share_of_hash"] = (served / bare).into();
    Ok(line)
}

/// All files of the folder, listed on a bank of their own.
fn pictures(load: &Uploads<'_>) -> Outcome<Vec<SentPicture>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(load.folder)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.sort();
    let mut connection = Kept::open(load.address)?;
    connection.told(&post_json(load.address, "/c/banks", &json!({ "name": "UPLOADS" })), 201)?;
    let mut pictures = Vec::new();
    for file in files {
        let image = hash_file(&file).map_err(|why| format!("{}: {why}", file.display()))?;
        let pdq = image.pdq.hash().to_string();
        let listed = post_json(load.address, "/c/bank/UPLOADS/signal", &json!({ "pdq": pdq }));
        let entry = connection.told(&listed, 200)?["id"].as_u64().ok_or("an entry without an id")?;
        let request = request(load, &std::fs::read(&file)?);
        pictures.push(SentPicture { request, pdq, is_plain: image.pdq.quality < Quality::USABLE, entry });
    }
    Ok(pictures)
}

fn request(load: &Uploads<'_>, bytes: &[u8]) -> Vec<u8> {
    if load.route.starts_with("/v1/") {
        return post(load.address, load.route, "image/jpeg", bytes);
    }
    let head = b"--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n";
    let body = [head.as_slice(), bytes, b"\r\n--x--\r\n"].concat();
    post(load.address, load.route, "multipart/form-data; boundary=x", &body)
}

/// Pictures a second that the program hashes.
fn hashed(load: &Uploads<'_>, files: usize) -> Outcome<f64> {
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < load.time {
        let mut command = Command::new(load.program);
        let status =
            command.arg("hash").arg(load.folder).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !status.success() {
            return Err(format!("`{} hash` ended with {status}", load.program.display()).into());
        }
        done += files;
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

/// Times of uploads over all connections.
fn sent(load: &Uploads<'_>, pictures: &[SentPicture], begun: Instant) -> Outcome<Vec<u64>> {
    let clients: Vec<Outcome<Vec<u64>>> = thread::scope(|scope| {
        let clients =
            (0..load.connections).map(|client| scope.spawn(move || client_of(load, pictures, client, begun)));
        let clients: Vec<_> = clients.collect();
        clients.into_iter().map(|client| client.join().expect("no panic")).collect()
    });
    Ok(clients.into_iter().collect::<Outcome<Vec<_>>>()?.concat())
}

fn client_of(
    load: &Uploads<'_>,
    pictures: &[SentPicture],
    client: usize,
    begun: Instant,
) -> Outcome<Vec<u64>> {
    let mut connection = Kept::open(load.address)?;
    let mut times = Vec::new();
    let first = client * pictures.len() / load.connections;
    for picture in pictures.iter().cycle().skip(first) {
        if begun.elapsed() >= load.time {
            break;
        }
        let sent = Instant::now();
        let answer = connection.told(&picture.request, 200)?;
        times.push(sent.elapsed().as_micros() as u64);
        if !is_right(load.route, &answer, picture) {
            return Err(format!("not the answer for entry {}: {answer}", picture.entry).into());
        }
    }
    Ok(times)
}

fn is_right(route: &str, answer: &Value, picture: &SentPicture) -> bool {
    let SentPicture { pdq, is_plain, entry, .. } = picture;
    let lists = |hits: &Value, name: &str| {
        hits.as_array().is_some_and(|hits| hits.iter().any(|hit| hit[name] == *entry))
    };
    match route {
        "/h/hash" => answer["pdq"] == *if *is_plain { "" } else { pdq.as_str() },
        "/m/lookup" => *is_plain || lists(&answer["pdq"]["UPLOADS"], "bank_content_id"),
        "/v1/hash" => answer["pdq"] == **pdq,
        _ => answer["query"]["pdq"] == **pdq && (*is_plain || lists(&answer["banks"]["hits"], "entry")),
    }
}
