//! What a case of a million images costs: bytes and bookkeeping per image, time to open it, memory.
//!
//! Run by hand: `cargo test --release --lib million_images -- --ignored --nocapture`. Records are generated, no pixel
//! is read: what is measured is what `ingest` does besides reading and hashing, in the same order and the same
//! transactions. Times are CPU time of the one thread that does it; Linux tells it, others get zeros. The trap: hashes
//! must not repeat, or SQLite's indices stay small.

use super::{Analysed, Case, Lookup, Read, Stamp, Writer};
use crate::hash::{Hash256, Pdq, Quality, Rect, View, ViewKind};
use crate::record::{Ad, AdKey, Digests, Image, ImageId};
use std::fs;
use std::io::Write;
use std::path::PathBuf;

const IMAGES: u64 = 1_000_000;
const PER_AD: u64 = 4;
const PER_FOLDER: u64 = 10_000;
const PAGE: u32 = 4096;
/// Hashing a photo of 500 pixels takes about so long on one core.
const HASHING_MICROSECONDS: f64 = 1000.0;
/// What the issue allows.
const MOST_BYTES: u64 = 700;

#[test]
#[ignore = "writes a case of 700 MB"]
fn million_images() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.adlink");
    let case = Case::open_or_create(&path).unwrap();
    let start = cpu_seconds();
    let mut writer = Writer::begin(&case).unwrap();
    name_all(&mut writer);
    let named = cpu_seconds();
    store_all(&case, &mut writer);
    let stored = cpu_seconds();
    drop(writer);
    drop(case);
    let bytes = fs::metadata(&path).unwrap().len() / IMAGES;
    let each = |seconds: f64| 1e6 * seconds / IMAGES as f64;
    let (naming, storing) = (each(named - start), each(stored - named));
    say(&format!("{bytes} bytes an image; memory {} MiB at most while writing", peak_mebibytes()));
    say(&format!(
        "bookkeeping {naming:.1} + {storing:.1} microseconds an image (named, stored): {:.1} % of hashing",
        100.0 * (naming + storing) / HASHING_MICROSECONDS
    ));

    let start = cpu_seconds();
    let case = Case::open_read(&path).unwrap();
    let opened = cpu_seconds();
    let snapshot = case.snapshot().unwrap();
    let loaded = cpu_seconds();
    say(&format!("open {:.3} s, snapshot {:.2} s", opened - start, loaded - opened));
    say(&format!("memory {} MiB at most", peak_mebibytes()));
    assert_eq!((snapshot.images.len() as u64, snapshot.sightings.len() as u64), (IMAGES, IMAGES));
    assert!(bytes <= MOST_BYTES, "{bytes} bytes an image");
}

/// As the reading of manifests does.
fn name_all(writer: &mut Writer<'_>) {
    let manifest = writer.manifest(&PathBuf::from("/data/ads.jsonl"), "ads.jsonl", false).unwrap();
    for number in 0..IMAGES / PER_AD {
        let record = writer.record(&ad(number), "").unwrap();
        writer.origin(record.id, manifest).unwrap();
        for position in 0..PER_AD {
            let image = PER_AD * number + position;
            let name = format!("{:04}/{image:08}.jpg", image / PER_FOLDER);
            let file = writer.file(&PathBuf::from("/data/images").join(&name), stamp(), false).unwrap();
            assert!(file.pending);
            writer.sighting(record.id, position as u32, &name, file.id).unwrap();
        }
        writer.step(1 + PER_AD as u32).unwrap();
    }
    writer.commit().unwrap();
}

/// As hashing does with what comes out of it.
fn store_all(case: &Case, writer: &mut Writer<'_>) {
    let lookup = Lookup::open(case).unwrap();
    let mut after = 0;
    loop {
        let page = writer.pending(after, PAGE).unwrap();
        let Some(last) = page.last() else { break };
        after = last.id;
        for file in &page {
            let image = image(file.id.unsigned_abs());
            let id = image.id();
            assert!(!lookup.contains(&id, 0).unwrap());
            let (digests, bytes) = (image.digests, image.bytes);
            writer.content(&Analysed { digests, bytes, outcome: Ok(image), features: None }).unwrap();
            assert!(writer.read(file.id, Some(stamp()), &Read::Content(id)).unwrap());
            writer.step(1).unwrap();
        }
    }
    writer.commit().unwrap();
}

fn stamp() -> Stamp {
    Stamp { size: 61_234, modified: 1_717_171_717_171_717_171, inode: 12_345_678 }
}

fn ad(number: u64) -> Ad {
    Ad {
        key: AdKey { site: "ads.example".into(), ad_id: format!("{number:08}") },
        url: format!("https://ads.example/item/{number:08}"),
        posted_at: "2024-05-01".into(),
        collected_at: "2024-05-02T03:04:05Z".into(),
        title: "Second-hand sofa, hardly used".into(),
        text: "Grey, three seats, some wear on one arm. Pick up only; no pets, no smoke. ".repeat(2),
        phones: vec![format!("+1 555 {:07}", number % 10_000_000)],
        poster: format!("seller{number}"),
        location: "Springfield".into(),
        category: "furniture".into(),
    }
}

/// One view in four images, as among reposted photos; one in twenty has another.
fn image(number: u64) -> Image {
    let mut draw = Draw(number << 16);
    let mut sha256 = [0; 32];
    sha256.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&draw.next().to_le_bytes()));
    let view = |kind, draw: &mut Draw| View {
        kind,
        rect: Rect { x: 12, y: 34, width: 400, height: 300 },
        pdq: draw.pdq(),
    };
    let boxed = number.is_multiple_of(4).then(|| view(ViewKind::ContentBox, &mut draw));
    let pane = number.is_multiple_of(20).then(|| view(ViewKind::Pane, &mut draw));
    Image {
        digests: Digests { md5: [number as u8; 16], sha1: [number as u8; 20], sha256: ImageId(sha256) },
        bytes: 61_234,
        format: "jpeg".into(),
        width: 500,
        height: 375,
        caveats: Vec::new(),
        pdq: draw.pdq(),
        views: boxed.into_iter().chain(pane).collect(),
        second: Some(draw.hash()),
    }
}

/// Numbers without pattern (SplitMix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn hash(&mut self) -> Hash256 {
        Hash256::from_words(std::array::from_fn(|_| self.next()))
    }

    fn pdq(&mut self) -> Pdq {
        Pdq::from_base(std::array::from_fn(|_| self.hash()), Quality::new(90))
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

/// CPU seconds of this thread.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(0.0)
        / 1e9
}

fn peak_mebibytes() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
