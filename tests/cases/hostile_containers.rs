//! Containers made to hurt: bombs, lies about sizes and places, names that lead elsewhere, members without number, files
//! that end too soon. Each is told with a reason, nothing is written beside it, and memory stays bounded.
//!
//! The program runs as a process of its own here, so that its memory is its own. The trap: a bomb that was refused for
//! some other reason proves nothing, so each test looks for the words of the reason.

use super::containers::tarred;
use super::inputs::{gzip, options};
use crate::scene::{Scene, picture};
use adlink::error::Error;
use assert_cmd::cargo::CommandCargoExt;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Memory that reading a hostile container may take, in KiB: the member that is held, and what it is expanded into.
const MOST_KIB: u64 = 900 << 10;

/// What became of one file.
struct Outcome {
    code: Option<i32>,
    /// Reasons: what was said, and the rows of what was left out.
    said: String,
    peak_kib: u64,
    took: Duration,
}

/// `adlink link FILE` as a process of its own.
fn read(scene: &Scene, name: &str) -> Outcome {
    let (out, talk) = (scene.path("out"), scene.path("talk"));
    let started = Instant::now();
    let mut child = Command::cargo_bin("adlink")
        .expect("the program")
        .arg("link")
        .arg(scene.path(name))
        .arg("--out")
        .arg(&out)
        .args(["--features", "0", "--color", "never", "--progress", "never"])
        .stdout(Stdio::null())
        .stderr(fs::File::create(&talk).expect("a file"))
        .spawn()
        .expect("a run");
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(peak(child.id()));
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{name} is never done");
        std::thread::sleep(Duration::from_millis(3));
    };
    let talk = fs::read_to_string(talk).unwrap_or_default();
    let skipped = fs::read_to_string(out.join("skipped.csv")).unwrap_or_default();
    let case = adlink::case::Case::open_read(&out.join("case.adlink")).and_then(|case| case.snapshot());
    let rows =
        case.map(|snapshot| snapshot.skipped.iter().map(|row| format!("{row:?}\n")).collect::<String>());
    let said = [talk, skipped, rows.unwrap_or_default()].concat();
    Outcome { code: status.code(), said, peak_kib, took: started.elapsed() }
}

/// The most memory that a process had so far.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Reads a file and expects these words among the reasons, an end by itself, and little memory.
fn refused(name: &str, bytes: &[u8], words: &str) -> Outcome {
    let scene = Scene::new();
    scene.write(name, bytes);
    let outcome = read(&scene, name);
    assert!(matches!(outcome.code, Some(0 | 1 | 3)), "{name}: {:?} {}", outcome.code, outcome.said);
    assert!(outcome.said.contains(words), "{name}: `{words}` is not in:\n{}", outcome.said);
    assert!(outcome.peak_kib < MOST_KIB, "{name}: {} KiB", outcome.peak_kib);
    let beside: Vec<_> =
        fs::read_dir(scene.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 3, "nothing but the file, its talk and its results: {beside:?}");
    outcome
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .large_file(false);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Where the directory of a zip begins and ends.
fn directory(zip: &[u8]) -> (usize, usize) {
    let end = zip.len() - 22;
    let start = u32::from_le_bytes(zip[end + 16..end + 20].try_into().unwrap()) as usize;
    (start, end)
}

/// A zip with another directory, of so many members.
fn with_directory(zip: &[u8], entries: &[u8], members: u16) -> Vec<u8> {
    let (start, end) = directory(zip);
    let mut tail = zip[end..].to_vec();
    tail[8..10].copy_from_slice(&members.to_le_bytes());
    tail[10..12].copy_from_slice(&members.to_le_bytes());
    tail[12..16].copy_from_slice(&(entries.len() as u32).to_le_bytes());
    [&zip[..start], entries, &tail].concat()
}

#[test]
fn bombs_go_off_nowhere() {
    let zeros = vec![0; 300 << 20];
    let bomb = zipped(&[("x.jpg", &zeros)]);
    refused("flat.zip", &bomb, "TooLarge");
    // As a member of a member, where what is compressed is held to be looked into.
    let inner = zipped(&[("inner.zip", &[b"PK\x03\x04", &zeros[..]].concat()), ("a.txt", b"x")]);
    refused("one_within.zip", &inner, "more than 268435456 bytes");
    let tar = tarred(&[("big.jpg", zeros)]);
    refused("bomb.tar.gz", &gzip(&tar), "TooLarge");
    refused("bomb.tar.zst", &zstd::encode_all(&tar[..], 1).unwrap(), "TooLarge");
    // Ever deeper, sixteen files in each.
    let mut deep = zipped(&[("0.pgm", &picture(1))]);
    for level in 0..8 {
        let names: Vec<String> = (0..16).map(|number| format!("{level}_{number}.zip")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &deep[..])).collect();
        deep = zipped(&files);
        if deep.len() > 1 << 20 {
            break;
        }
    }
    let outcome = refused("deep.zip", &deep, "an archive within 4 others is not read");
    assert!(outcome.said.contains("more than 4096 archives and lists lie in others"), "{}", outcome.said);
    assert!(outcome.took < Duration::from_secs(90), "{:?}", outcome.took);
}

#[test]
fn members_that_share_their_bytes_are_read_once_at_most() {
    let zeros = vec![0; 10 << 20];
    let zip = zipped(&[("0.jpg", &zeros)]);
    let (start, end) = directory(&zip);
    let entry = &zip[start..end];
    let many: Vec<u8> = (0..60_000u32)
        .flat_map(|number| {
            let mut entry = entry.to_vec();
            entry[46..47].copy_from_slice(&[b'a' + (number % 26) as u8]);
            entry
        })
        .collect();
    refused("overlapping.zip", &with_directory(&zip, &many, 60_000), "members share their bytes");
}

#[test]
fn sizes_and_places_that_lie_are_named() {
    let zip = zipped(&[("a.pgm", &picture(1)), ("b.pgm", &picture(2))]);
    let (start, end) = directory(&zip);
    let lying = |at: usize, value: u32| {
        let mut directory = zip[start..end].to_vec();
        directory[at..at + 4].copy_from_slice(&value.to_le_bytes());
        with_directory(&zip, &directory, 2)
    };
    // Compressed size; what it claims to expand to is never believed; place.
    refused("compressed.zip", &lying(20, 0x7FFF_FFFF), "members share their bytes");
    refused("beyond.zip", &lying(20, zip.len() as u32 - 20), "beyond the end");
    refused("expands.zip", &lying(24, 0xFFFF_FFFE), "");
    refused("place.zip", &lying(42, 0x7FFF_FFFF), "beyond the end");
    refused("inside.zip", &lying(42, 3), "not where the directory says");
    // 64-bit sizes at their limit.
    let mut wide = zip[start..end].to_vec();
    for at in [20, 24, 42] {
        wide[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    let name = 46 + 5;
    let extra = [&1u16.to_le_bytes()[..], &24u16.to_le_bytes(), &[0xFF; 24]].concat();
    let old = usize::from(u16::from_le_bytes([wide[30], wide[31]]));
    wide[30..32].copy_from_slice(&(extra.len() as u16).to_le_bytes());
    wide.splice(name..name + old, extra);
    refused("wide.zip", &with_directory(&zip, &wide, 2), "members share their bytes");
    // A tar member that claims more than there is.
    let mut tar = tarred(&[("a.pgm", picture(1))]);
    tar[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = tar[..512]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    refused("claims.tar", &tar, "ends within");
    refused("claims.tar.gz", &gzip(&tar), "");
}

#[test]
fn members_lead_nowhere_whatever_they_are_called() {
    let long = format!("{}.pgm", "n".repeat(5000));
    let names =
        ["../../x.pgm", "/etc/y.pgm", "..\\..\\z.pgm", "C:\\w.pgm", "a/../../../v.pgm", "nul\0.pgm", &long];
    let pictures: Vec<Vec<u8>> = (1..).take(names.len()).map(picture).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&pictures).map(|(name, bytes)| (*name, &bytes[..])).collect();
    let scene = Scene::new();
    scene.write("in/names.zip", zipped(&files));
    let summary = scene.ingest_with("in/names.zip", &options()).unwrap();
    assert_eq!((summary.images.hashed, summary.skipped()), (names.len() as u64, 0));
    assert_eq!(fs::read_dir(scene.path("in")).unwrap().count(), 1);
    assert!(!Path::new("/etc/y.pgm").exists());
    let snapshot = scene.snapshot();
    let plain = |path: &str| !path.contains("..") && !path.starts_with('/');
    assert!(snapshot.sightings.iter().all(|seen| plain(&seen.path)), "{:?}", snapshot.sightings);
}

#[test]
fn members_without_number_are_counted_before_they_are_read() {
    // Ten million, as the record of 64 bits says.
    let zip = zipped(&[("a.pgm", &picture(1))]);
    let (start, end) = directory(&zip);
    let mut record = vec![0; 56];
    record[..4].copy_from_slice(b"PK\x06\x06");
    record[32..40].copy_from_slice(&10_000_000u64.to_le_bytes());
    record[40..48].copy_from_slice(&((end - start) as u64).to_le_bytes());
    record[48..56].copy_from_slice(&(start as u64).to_le_bytes());
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((end as u64).to_le_bytes());
    locator.extend([1, 0, 0, 0]);
    let mut tail = zip[end..].to_vec();
    tail[8..20].fill(0xFF);
    let many = [&zip[..end], &record, &locator, &tail].concat();
    refused("many.zip", &many, "10000000 members, more than 1000000");
    // Names without an ending are looked into: in one pass, or this takes hours.
    let names: Vec<String> = (0..20_000).map(|number| format!("m{number}")).collect();
    let files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), vec![b'x'; 700])).collect();
    let outcome = refused("many.tar.gz", &gzip(&tarred(&files)), "no ads in the input");
    assert!(outcome.took < Duration::from_secs(60), "{:?}", outcome.took);
}

#[test]
fn what_ends_too_soon_says_so_wherever_it_ends() {
    let pictures: Vec<Vec<u8>> = (1..=6).map(picture).collect();
    let names = ["s/1/a.pgm", "s/1/b.pgm", "s/2/c.pgm", "t/3/d.pgm", "t/4/e.pgm", "t/4/f.pgm"];
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&pictures).map(|(name, bytes)| (*name, &bytes[..])).collect();
    let owned: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (*name, bytes.to_vec())).collect();
    let (zip, tar) = (zipped(&files), tarred(&owned));
    for (name, whole) in [
        ("cut.zip", zip),
        ("cut.tar", tar.clone()),
        ("cut.tar.gz", gzip(&tar)),
        ("cut.tar.zst", zstd::encode_all(&tar[..], 1).unwrap()),
    ] {
        for part in 1..50 {
            let scene = Scene::new();
            scene.write(name, &whole[..whole.len() * part / 50]);
            match scene.ingest_with(name, &options()) {
                Ok(summary) => {
                    let all = summary.images.hashed == 6;
                    assert!(all || summary.skipped() > 0, "{name} {part}: {summary:?}");
                }
                // What is left is no archive, or nothing of it can be used: the error says which file.
                Err(
                    error @ (Error::NoInput(_)
                    | Error::Manifest { .. }
                    | Error::Fruitless { .. }
                    | Error::Io { .. }),
                ) => {
                    assert!(!error.to_string().is_empty());
                }
                Err(other) => panic!("{name} {part}: {other:?}"),
            }
        }
    }
}
