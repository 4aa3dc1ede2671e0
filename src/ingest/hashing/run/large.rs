//! A case of any size through the real stages of an ingest, to learn what an ingest costs beside looking at pictures.
//!
//! Manifest, look-ups of files, records, sightings, the queue, claims, contents and commits are the real thing; only
//! the four steps that read, digest, decode and hash a file are left out, and made-up results stored in their place.
//! `benches/case.py` runs it and measures the rest. Not a test of anything: it is one to get at the room's inside.

use super::*;
use crate::codes::EnumSet;
use crate::hash::{Hash256, Pdq, Quality, Rect, View, ViewKind};
use crate::ingest::{Input, intake};
use crate::progress::Silent;
use crate::record::{Digests, Image};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Images of an ad.
const PER_AD: u64 = 4;
/// Names a file may have: the limit of ext4 is 65,000.
const NAMES: u64 = 60_000;

#[test]
#[ignore = "benches/case.py runs it"]
fn writes_a_large_case() {
    let set = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let folder = PathBuf::from(set("ADLINK_BENCH_FOLDER"));
    let images: u64 = set("ADLINK_BENCH_IMAGES").parse().expect("a number");
    let manifest = manifest(&folder, images);
    let options = IngestOptions { features: 0, ..IngestOptions::default() };
    let mut meter = Meter::start();
    let case = Case::open_or_create(&folder.join("case.adlink")).unwrap();
    let mut writer = Writer::begin(&case).unwrap();
    let (summary, named) =
        intake::read(&mut writer, &[Input::Path(manifest)], &options, &Elsewhere::default(), &Silent)
            .unwrap();
    let reading = meter.lap();
    let hashed = store_made_up(&case, &mut writer, &mut meter);
    let work = HashingCounts { hashed, ..HashingCounts::default() };
    let counted = count(&writer, &named, summary.images, &work).unwrap();
    writer.commit().unwrap();
    drop(writer);
    drop(case);
    let storing = meter.lap();
    assert_eq!((counted.references, counted.hashed), (images, images));
    let figures = serde_json::json!({ "reading": reading, "storing": storing });
    fs::write(folder.join("figures.json"), figures.to_string()).unwrap();
}

/// Files that exist, all with the same few contents on the disk, and the manifest that names them.
fn manifest(folder: &Path, images: u64) -> PathBuf {
    let path = folder.join("ads.jsonl");
    let mut file = io::BufWriter::new(File::create(&path).unwrap());
    for ad in 0..images.div_ceil(PER_AD) {
        let (site, below) = (ad % 40, format!("{:04}", ad / 250));
        if ad % 250 == 0 {
            fs::create_dir_all(folder.join(&below)).unwrap();
        }
        let mut names = String::new();
        for n in PER_AD * ad..(PER_AD * (ad + 1)).min(images) {
            let (name, source) =
                (format!("{below}/{ad}_{}.jpg", n % PER_AD), folder.join(format!("{}", n / NAMES)));
            if n % NAMES == 0 {
                fs::write(&source, b"stands for a photo").unwrap();
            }
            fs::hard_link(&source, folder.join(&name)).unwrap();
            write!(names, "{}\"{name}\"", if names.is_empty() { "" } else { "," }).unwrap();
        }
        writeln!(
            file,
            "{{\"site\":\"site-{site}.example\",\"ad_id\":\"{ad}\",\"url\":\"https://site-{site}.example/ads/{ad}\",\
             \"posted_at\":\"2024-01-{:02}\",\"collected_at\":\"2024-02-01T04:05:06Z\",\"title\":\"An ad like many others\",\
             \"text\":\"{}\",\"phones\":[\"+00 555 {ad}\"],\"location\":\"City {}\",\"images\":[{names}]}}",
            1 + ad % 28,
            "Some words about nothing. ".repeat(6),
            ad % 300,
        )
        .unwrap();
    }
    file.flush().unwrap();
    path
}

/// The second stage without its threads; the clock stands while results are made up.
fn store_made_up(case: &Case, writer: &mut Writer<'_>, meter: &mut Meter) -> u64 {
    let lookup = Lookup::open(case).unwrap();
    let known = Mutex::new(KnownBytes { lookup, claimed: HashSet::new(), keypoints: 0, again: false });
    let mut storing = Storing {
        writer,
        known: &known,
        progress: &Silent,
        work: HashingCounts::default(),
        fresh: vec![],
        early: HashMap::new(),
    };
    let mut last = 0;
    loop {
        let page = storing.writer.pending(last, PAGE).unwrap();
        let Some(end) = page.last() else { break };
        last = end.id;
        meter.stop();
        let stamp = Stamp::of(&fs::metadata(&page[0].path).unwrap());
        let made: Vec<Done> = page.iter().map(|file| made_up(file.id, stamp)).collect();
        meter.go();
        for done in made {
            let Outcome::Content(id) = done.outcome else { unreachable!("made up as content") };
            assert!(lock(&known).claim(id).unwrap());
            storing.one(done).unwrap();
        }
    }
    storing.work.hashed
}

/// Three in ten images are near copies of the one before; one view each on average.
fn made_up(file: i64, stamp: Stamp) -> Done {
    let n = file.unsigned_abs();
    let copy = n % 10 < 3;
    let seed = if copy { n - n % 10 + 3 } else { n };
    let pdq = |part: u64| {
        let mut base = [0, 1, 2, 3].map(|turn| hash(seed, 8 * part + turn));
        if copy {
            base.iter_mut().for_each(|hash| *hash = nudged(hash, n));
        }
        Pdq::from_base(base, Quality::new(100))
    };
    let rect = Rect { x: 10, y: 10, width: 480, height: 300 };
    let view = |part| View { kind: ViewKind::ContentBox, rect, pdq: pdq(part) };
    let digests = Digests {
        sha256: ImageId(hash(n, 900).to_bytes()),
        sha1: hash(n, 901).to_bytes()[..20].try_into().expect("20 bytes"),
        md5: hash(n, 902).to_bytes()[..16].try_into().expect("16 bytes"),
    };
    let image = Image {
        digests,
        bytes: 60_000 + n % 5000,
        format: "jpeg".into(),
        width: 500,
        height: 375,
        caveats: EnumSet::default(),
        pdq: pdq(0),
        views: (1..=n % 3).map(view).collect(),
        second: Some(hash(seed, 903)),
    };
    let analysed = Analysed { digests, bytes: image.bytes, outcome: Ok(image), features: None };
    Done {
        file,
        stamp: Some(stamp),
        bytes: 60_000,
        outcome: Outcome::Content(digests.sha256),
        analysed: Some((Box::new(analysed), Origin::Here)),
    }
}

/// A hash unrelated to that of any other seed and part (SplitMix64).
fn hash(seed: u64, part: u64) -> Hash256 {
    let mix = |word: u64| {
        let mut z = (seed * 4096 + part * 4 + word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    Hash256::from_words([0, 1, 2, 3].map(mix))
}

/// Some bits flipped.
fn nudged(hash: &Hash256, n: u64) -> Hash256 {
    let mut words = *hash.words();
    words[(n % 4) as usize] ^= 0b1001_0110 << (n % 50);
    Hash256::from_words(words)
}

/// CPU seconds of this thread, where the system tells them; else seconds.
struct Meter {
    since: f64,
    gathered: f64,
    clock: Instant,
}

impl Meter {
    fn start() -> Self {
        let clock = Instant::now();
        Self { since: Self::now(&clock), gathered: 0.0, clock }
    }

    fn now(clock: &Instant) -> f64 {
        let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
        let nanos = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        nanos.map_or_else(|| clock.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
    }

    fn stop(&mut self) {
        self.gathered += Self::now(&self.clock) - self.since;
    }

    fn go(&mut self) {
        self.since = Self::now(&self.clock);
    }

    /// Seconds since the last lap.
    fn lap(&mut self) -> f64 {
        self.stop();
        self.go();
        std::mem::take(&mut self.gathered)
    }
}
