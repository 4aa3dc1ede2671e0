//! Measures linking at scale: a made-up corpus, hashes without pixels, and what every part of the work costs.
//!
//! `cargo bench --bench link_bench -- --ads 300000 [--one-photo 20000] [--threads 2]`. CPU seconds are
//! those of all threads. Peak memory is the whole process's, snapshot included; the snapshot's own share is printed
//! beside it. Both need Linux; elsewhere they read 0 and only the counts mean something. The trap: a corpus of
//! unrelated ads links in no time, so this one has what real ones have: posters with a stock of photos that they
//! repost as copies of the file, as near copies and mirrored, stock pictures, badges, and a few posters with
//! fifteen hundred ads.

mod hashes;

use adlink::codes::EnumSet;
use adlink::corpus::{SeenIn, Snapshot};
use adlink::hash::{Hash256, Pdq, Quality, Rect, View, ViewKind};
use adlink::link::{Findings, LinkOptions, link_without_pixels};
use adlink::progress::Silent;
use adlink::record::{Ad, AdKey, Digests, Image, ImageId};
use hashes::Random;
use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::span::{Attributes, Id, Record};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let mut options = LinkOptions::default();
    let mut plan = Plan { ads: 100_000, one_photo: 0 };
    // Cargo adds `--bench` to what it runs.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    for pair in arguments.chunks(2) {
        match (pair[0].as_str(), pair.get(1)) {
            ("--ads", Some(n)) => plan.ads = n.parse()?,
            ("--one-photo", Some(n)) => plan.one_photo = n.parse()?,
            ("--threads", Some(n)) => options.threads = Some(n.parse()?),
            _ => return Err("see the head of benches/measure/link_bench.rs".into()),
        }
    }
    let before = memory("VmRSS:");
    let snapshot = plan.snapshot();
    let own = memory("VmRSS:") - before;
    let mut out = std::io::stdout();
    let (ads, images) = (snapshot.ads.len(), snapshot.images.len());
    writeln!(out, "{ads} ads, {images} images, {} sightings", snapshot.sightings.len())?;
    let stopwatch = Stopwatch::default();
    let highest = stopwatch.highest.clone();
    tracing::subscriber::set_global_default(stopwatch)?;
    forget_peak();
    let begin = cpu_seconds();
    let findings = link_without_pixels(&snapshot, &options, &Silent)?;
    writeln!(out, "link: {:.1} CPU s", cpu_seconds() - begin)?;
    let peak = memory("VmHWM:").max(*highest.lock().expect("no thread panics holding it"));
    writeln!(
        out,
        "memory: snapshot {own:.0} MiB, peak with it {peak:.0} MiB, linking {:.0} MiB",
        peak - own
    )?;
    writeln!(
        out,
        "{} pairs, {} photo groups, {} links, {} networks, largest {}, {} common, {} set aside",
        findings.pairs.len(),
        findings.groups.len(),
        findings.links.len(),
        findings.networks.len(),
        findings.networks.first().map_or(0, |network| network.ads.len()),
        findings.groups.iter().filter(|group| group.common.is_some()).count(),
        findings.removed.len(),
    )?;
    writeln!(out, "digest {:016x}", digest(&findings))?;
    Ok(())
}

/// The same as long as the findings are, so that a faster way can be told from another result.
fn digest(findings: &Findings) -> u64 {
    let mut sum = DefaultHasher::new();
    for pair in &findings.pairs {
        (pair.a, pair.b, pair.proof.tier, pair.proof.distance, pair.proof.score.to_bits()).hash(&mut sum);
    }
    for group in &findings.groups {
        (&group.id, &group.images, &group.ads, group.common, group.rarity.unrelated_posters).hash(&mut sum);
    }
    for link in &findings.links {
        (
            link.id,
            link.weight().to_bits(),
            link.corroboration.iter().collect::<Vec<_>>(),
            link.contradictions.iter().collect::<Vec<_>>(),
        )
            .hash(&mut sum);
        (link.caveats.names(), link.network.map(|network| network.index() as u32)).hash(&mut sum);
        for item in &*link.evidence {
            (item.group, item.image_a, item.image_b, item.weight.to_bits()).hash(&mut sum);
            (item.proof.tier, item.proof.distance, item.proof.transform).hash(&mut sum);
        }
    }
    for network in &findings.networks {
        (&network.id, &network.ads, &network.links, &network.groups, &network.common).hash(&mut sum);
    }
    findings.removed.iter().for_each(|removed| (removed.link, removed.reason).hash(&mut sum));
    sum.finish()
}

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A line of the process's status, in MiB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Peak memory counts from here. Where the system refuses, the peak includes making the corpus.
fn forget_peak() {
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        let _ = writeln!(std::io::stderr(), "the peak is since the start of the process: {error}");
    }
}

/// Prints, when a span of the library closes, its CPU seconds and the peak of memory within it.
#[derive(Default)]
struct Stopwatch {
    /// Name and CPU seconds at the beginning of each span, by id.
    spans: Mutex<Vec<(&'static str, f64)>>,
    /// The peak so far, which forgetting it at every span would lose.
    highest: Arc<Mutex<f64>>,
}

impl Stopwatch {
    fn note_peak(&self) {
        let mut highest = self.highest.lock().expect("no thread panics holding it");
        *highest = highest.max(memory("VmHWM:"));
    }
}

impl tracing::Subscriber for Stopwatch {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("adlink::link")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.spans.lock().expect("no thread panics holding it");
        spans.push((span.metadata().name(), cpu_seconds()));
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &Id) {
        self.note_peak();
        forget_peak();
    }

    fn exit(&self, id: &Id) {
        self.note_peak();
        let spans = self.spans.lock().expect("no thread panics holding it");
        let (name, begin) = spans[id.into_u64() as usize - 1];
        let (seconds, peak, now) = (cpu_seconds() - begin, memory("VmHWM:"), memory("VmRSS:"));
        let _ = writeln!(
            std::io::stdout(),
            "  {name:<14} {seconds:6.1} CPU s, peak {peak:5.0} MiB, then {now:5.0} MiB"
        );
    }
}

/// True in `percent` of 100 cases.
fn chance(random: &mut Random, percent: u64) -> bool {
    random.below(100) < percent
}

/// An unrelated hash for every photo.
fn photo(number: u64) -> Hash256 {
    Random(number.wrapping_mul(0xd6e8_feb8_6659_fd93)).hash()
}

/// Mirroring negates the odd frequencies across, hence nearly the bits of the odd columns; turning over, of the
/// odd rows.
fn turned(hash: Hash256) -> [Hash256; 4] {
    const ODD_COLUMNS: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    const ODD_ROWS: u64 = 0xffff_0000_ffff_0000;
    [0, ODD_ROWS, ODD_COLUMNS, ODD_ROWS ^ ODD_COLUMNS]
        .map(|mask| Hash256::from_words(hash.words().map(|word| word ^ mask)))
}

/// Ads of one poster, at most.
const LARGEST: u64 = 1_500;
const SITES: u64 = 40;
/// Sites of which every ad carries a badge.
const BADGED: u64 = 20;
const STOCK: u64 = 1 << 40;
const BADGE: u64 = 1 << 41;
const ONE_PHOTO: u64 = 1 << 42;

/// What is made.
struct Plan {
    ads: u64,
    /// Ads of different posters that show one photo, each as a file of its own.
    one_photo: u64,
}

/// A corpus under construction: images and ads in order of making, sightings between them.
struct Corpus {
    images: Vec<Image>,
    ads: Vec<Ad>,
    /// (ad, position, image).
    seen: Vec<(u32, u32, u32)>,
    format: Arc<str>,
    random: Random,
}

/// Who posts.
struct Poster {
    number: u64,
    ads: u64,
    photos: u64,
    site: u64,
    /// Files that were posted before, by row.
    files: Vec<u32>,
}

impl Plan {
    fn snapshot(&self) -> Snapshot {
        let random = Random(self.ads);
        let format = "jpeg".into();
        let mut corpus = Corpus { images: Vec::new(), ads: Vec::new(), seen: Vec::new(), format, random };
        let badges: Vec<u32> = (0..BADGED).map(|site| corpus.image(photo(BADGE + site))).collect();
        let mut number = 0;
        while (corpus.ads.len() as u64) < self.ads {
            number += 1;
            let mut poster = corpus.poster(number);
            for _ in 0..poster.ads.min(self.ads - corpus.ads.len() as u64) {
                corpus.ad(&mut poster, self, &badges);
            }
        }
        corpus.finish()
    }
}

impl Corpus {
    /// Most post once, a few very often: the share of posters with `n` ads or more is `n` to the power of -1.3.
    fn poster(&mut self, number: u64) -> Poster {
        let drawn = (1 + self.random.below(1 << 32)) as f64 / (1_u64 << 32) as f64;
        let ads = (drawn.powf(-1.0 / 1.3) as u64).min(LARGEST);
        let (photos, site) = (3 + self.random.below(6) + ads / 30, self.random.below(SITES));
        Poster { number, ads, photos, site, files: Vec::new() }
    }

    fn ad(&mut self, poster: &mut Poster, plan: &Plan, badges: &[u32]) {
        let row = self.ads.len() as u32;
        let site = (poster.site + self.random.below(3)) % SITES;
        let mut images: Vec<u32> = Vec::new();
        for _ in 0..1 + self.random.below(6) {
            let known = poster.files.len() as u64;
            // A sixth are files posted before.
            if known > 0 && chance(&mut self.random, 17) {
                images.push(poster.files[self.random.below(known) as usize]);
            } else {
                let chosen = (poster.number << 8) + self.random.below(poster.photos);
                images.push(self.copy(photo(chosen)));
                poster.files.extend(images.last());
            }
        }
        if chance(&mut self.random, 2) {
            let stock = self.random.below(plan.ads / 2_500 + 10);
            images.push(self.copy(photo(STOCK + stock)));
        }
        images.extend(badges.get(site as usize));
        if u64::from(row) < plan.one_photo {
            images.push(self.copy(photo(ONE_PHOTO)));
        }
        self.seen.extend(images.iter().zip(0..).map(|(&image, position)| (row, position, image)));
        let ad = self.record(poster, site, row);
        self.ads.push(ad);
    }

    /// A file of its own: up to ten bits off, some mirrored, some framed.
    fn copy(&mut self, hash: Hash256) -> u32 {
        let flips = self.random.below(11);
        let near = self.random.near(hash, flips);
        if chance(&mut self.random, 5) {
            return self.image(turned(near)[2]);
        }
        let framed = chance(&mut self.random, 5);
        let row = self.image(if framed { photo(self.images.len() as u64 | 1 << 50) } else { near });
        if framed {
            let pdq = Pdq::from_base(turned(near), Quality::new(95));
            let rect = Rect { x: 40, y: 40, width: 560, height: 400 };
            self.images[row as usize].views = [View { kind: ViewKind::ContentBox, rect, pdq }].into();
        }
        row
    }

    fn image(&mut self, hash: Hash256) -> u32 {
        let mut sha256 = [0; 32];
        sha256.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.random.next().to_be_bytes()));
        self.images.push(Image {
            digests: Digests { md5: [0; 16], sha1: [0; 20], sha256: ImageId(sha256) },
            bytes: 80_000,
            format: Arc::clone(&self.format),
            width: 640,
            height: 480,
            caveats: EnumSet::default(),
            pdq: Pdq::from_base(turned(hash), Quality::new(95)),
            views: Box::default(),
            second: Some(hash),
        });
        self.images.len() as u32 - 1
    }

    fn record(&mut self, poster: &Poster, site: u64, row: u32) -> Ad {
        let random = &mut self.random;
        let day = format!("2024-{:02}-{:02}", 1 + random.below(12), 1 + random.below(28));
        let phone = format!("+1 555 {:03}-{:04}", poster.number / 10_000 % 1_000, poster.number % 10_000);
        let words: Vec<String> =
            (0..50).map(|_| format!("w{}", (poster.number * 31 + random.below(60)) % 5_000)).collect();
        Ad {
            key: AdKey { site: format!("site{site:02}.example"), ad_id: format!("{row:08}") },
            url: format!("https://site{site:02}.example/ads/{row:08}"),
            collected_at: format!("{day}T10:{:02}:00Z", random.below(60)),
            posted_at: day,
            title: format!("Title of ad {row} by {}", poster.number),
            text: words.join(" "),
            phones: if chance(random, 50) { vec![phone] } else { Vec::new() },
            poster: if chance(random, 30) { format!("poster{}", poster.number) } else { String::new() },
            location: format!("City {}", poster.number % 300),
            category: "category".into(),
            kept: String::new(),
        }
    }

    /// Everything in content order.
    fn finish(mut self) -> Snapshot {
        let ads = order(&mut self.ads, |x, y| x.key.cmp(&y.key));
        let images = order(&mut self.images, |x, y| x.id().cmp(&y.id()));
        let mut sightings: Vec<SeenIn> = Vec::with_capacity(self.seen.len());
        let times: Vec<Arc<str>> = self.ads.iter().map(|ad| ad.collected_at.as_str().into()).collect();
        for (ad, position, image) in self.seen {
            let ad = ads[ad as usize];
            let key = &self.ads[ad as usize].key;
            let path: Box<str> = format!("images/{}/{}_{position}.jpg", key.site, key.ad_id).into();
            let collected_at = Arc::clone(&times[ad as usize]);
            sightings.push(SeenIn { ad, position, image: images[image as usize], path, collected_at });
        }
        sightings.sort_unstable();
        self.images.shrink_to_fit();
        self.ads.shrink_to_fit();
        Snapshot { images: self.images, ads: self.ads, sightings, ..Snapshot::default() }
    }
}

/// Sorts a list in place and tells where each entry went.
fn order<T>(list: &mut [T], compare: impl Fn(&T, &T) -> std::cmp::Ordering) -> Vec<u32> {
    let mut from: Vec<u32> = (0..list.len() as u32).collect();
    from.sort_unstable_by(|&a, &b| compare(&list[a as usize], &list[b as usize]));
    let mut places = vec![0; list.len()];
    (0_u32..).zip(&from).for_each(|(place, &row)| places[row as usize] = place);
    list.sort_unstable_by(compare);
    places
}
