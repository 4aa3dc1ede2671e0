//! A report of ten thousand ads: small enough to be opened, sent and printed, and nothing in it cut in silence.
//!
//! Photos are drawn hashes, linked as the program links them. The trap: a page that is small because it leaves things out
//! passes every test of size, so each thing left out must be counted beside what is told, and be on another page.

use super::briefs::text;
use super::facts;
use super::world::ad;
use adlink::codes::EnumSet;
use adlink::corpus::{AdRow, ImageRow, SeenIn, Snapshot};
use adlink::error::SkipReason;
use adlink::hash::{Hash256, Pdq, Quality};
use adlink::language::Language;
use adlink::link::{Findings, LinkOptions, link_without_pixels};
use adlink::progress::Silent;
use adlink::record::{Ad, AdKey, Digests, Image, ImageId, Skipped};
use adlink::report::{About, Page, Previews, pages};
use adlink::view::{Figures, Joined};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const ADS: usize = 10_000;
/// Sites, places and phones are drawn from so many.
const SITES: u64 = 12;
const PLACES: u64 = 40;

/// Numbers as if drawn, the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A photo, and which copy of it.
type File = (u64, u64);

struct Post {
    ad: Ad,
    files: Vec<File>,
}

fn post(draw: &mut Draw, number: usize, phone: u64, files: Vec<File>) -> Post {
    let site = format!("listings-{}.example", draw.below(SITES));
    let day = jiff::civil::date(2023, 1, 1).saturating_add(jiff::Span::new().days(draw.below(900) as i64));
    let place = format!("District {}, Northport", draw.below(PLACES));
    let mut ad = ad(
        &site,
        &format!("{:06}", 100_000 + number),
        &day.to_string(),
        &place,
        &format!("+49 30 555 {phone:05}"),
    );
    ad.title = format!("New in town, call me any time, easy parking beside the house {number}");
    Post { ad, files }
}

/// Two networks of 400 ads, one of 320, some of 100 and 30, hundreds of 10 and 5; stock photos, pictures under many
/// contacts, and ads of their own.
fn posts() -> Vec<Post> {
    let sizes = [(2, 400), (1, 320), (5, 100), (30, 30), (150, 10), (400, 5)];
    let sizes = sizes.iter().flat_map(|&(many, size)| std::iter::repeat_n(size, many));
    let (mut draw, mut posts, mut photo) = (Draw(7), Vec::new(), 1000);
    for (network, size) in (0..).zip(sizes) {
        let own = 2 + size / 9;
        for k in 0..size {
            let mut files =
                vec![(photo + draw.below(own), draw.below(60)), (photo + k % own, draw.below(60))];
            if k % 3 == 0 {
                files.push((photo, draw.below(60)));
            }
            if draw.below(20) == 0 {
                files.push((draw.below(12), draw.below(60)));
            }
            let phone = if draw.below(5) > 0 { network } else { 5000 + draw.below(9000) };
            let number = posts.len();
            posts.push(post(&mut draw, number, phone, files));
        }
        photo += own;
    }
    for many in 0..60 {
        for k in 0..7 {
            let (number, copy) = (posts.len(), draw.below(60));
            posts.push(post(&mut draw, number, 20_000 + 7 * many + k, vec![(photo + many, copy)]));
        }
    }
    while posts.len() < ADS {
        let number = posts.len();
        let mut files = vec![(1_000_000 + number as u64, 0)];
        files.extend((draw.below(8) == 0).then(|| (draw.below(12), draw.below(60))));
        posts.push(post(&mut draw, number, 30_000 + number as u64, files));
    }
    posts
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn image((photo, copy): File) -> Image {
    let (mut hash, changed) = (digest(&format!("photo {photo}")), digest(&format!("{photo} {copy}")));
    for k in 0..(copy % 9) as usize {
        hash[usize::from(changed[2 * k] % 32)] ^= 1 << (changed[2 * k + 1] % 8);
    }
    let words: [u64; 4] =
        std::array::from_fn(|k| u64::from_le_bytes(hash[8 * k..8 * k + 8].try_into().unwrap()));
    let sha256 = ImageId(digest(&format!("file {photo} {copy}")));
    Image {
        digests: Digests { sha256, sha1: [0; 20], md5: [0; 16] },
        bytes: 100_000,
        format: "jpeg".into(),
        width: 900 + copy as u32,
        height: 1200,
        caveats: EnumSet::default(),
        pdq: Pdq::from_base([Hash256::from_words(words); 4], Quality::new(90)),
        views: Box::default(),
        second: None,
    }
}

fn snapshot(posts: &[Post]) -> Snapshot {
    let images: BTreeMap<ImageId, Image> = posts
        .iter()
        .flat_map(|post| &post.files)
        .map(|&file| image(file))
        .map(|image| (image.id(), image))
        .collect();
    let images: Vec<Image> = images.into_values().collect();
    let mut ads: Vec<Ad> = posts.iter().map(|post| post.ad.clone()).collect();
    ads.sort_by(|a, b| a.key.cmp(&b.key));
    let mut sightings = Vec::new();
    for Post { ad, files } in posts {
        let row = ads.binary_search_by(|other| other.key.cmp(&ad.key)).unwrap() as u32;
        for (position, &(photo, copy)) in (0..).zip(files) {
            let id = image((photo, copy)).id();
            sightings.push(SeenIn {
                ad: AdRow(row),
                position,
                image: ImageRow(images.binary_search_by_key(&id, Image::id).unwrap() as u32),
                path: format!(
                    "scrape-2025-06/{}/{}/photo_{photo}_{copy}_full.jpg",
                    ad.key.site, ad.key.ad_id
                )
                .into(),
                collected_at: ad.collected_at.as_str().into(),
            });
        }
    }
    sightings.sort();
    let mut skipped: Vec<Skipped> = (0..500)
        .map(|number| Skipped {
            path: format!("scrape-2025-06/broken/{number:04}.jpg"),
            ad: Some(AdKey { site: "a.example".into(), ad_id: number.to_string() }),
            reason: SkipReason::Malformed,
            detail: "the file ends inside its first block".into(),
        })
        .collect();
    skipped.sort();
    Snapshot { images, ads, sightings, skipped, ..Snapshot::default() }
}

/// Ten thousand ads and what linking finds in them, once for all tests.
pub(super) static CORPUS: LazyLock<(Snapshot, Findings)> = LazyLock::new(|| {
    let snapshot = snapshot(&posts());
    let findings = link_without_pixels(&snapshot, &LinkOptions::default(), &Silent).unwrap();
    (snapshot, findings)
});

/// `1,234` as a number.
fn number(text: &str) -> usize {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text}"))
}

/// Rows of a class of tables, and the number of those that are told to be elsewhere ("N ads more").
fn told(html: &str, class: &str, left_out: &str) -> (usize, usize) {
    let start = format!("<table class=\"{class}\">");
    let tables = html.split(&start).skip(1);
    let rows = tables
        .map(|table| table.split("</table>").next().unwrap().matches("<th scope=\"row\">").count())
        .sum();
    let said = text(&format!("</style><p>{html}"));
    let elsewhere = said
        .split(left_out)
        .next()
        .filter(|before| before.len() < said.len())
        .map_or(0, |before| number(before.rsplit(' ').next().unwrap()));
    (rows, elsewhere)
}

#[test]
fn is_small_and_says_what_it_leaves_out() {
    let (snapshot, findings) = &*CORPUS;
    assert_eq!(snapshot.ads.len(), ADS);
    let joined = Joined::new(snapshot, findings);
    let (facts, briefs) = (facts(), BTreeSet::new());
    let about = About {
        version: &facts.version,
        parameters: &facts.parameters,
        previews: &Previews::default(),
        briefs: &briefs,
        language: Language::English,
    };
    let pages = pages(&joined, &Figures::new(&joined), &about);
    let report = &pages[0];
    assert!(report.html.len() < 2_000_000, "{} bytes", report.html.len());
    assert!(findings.networks.len() > 500, "{} networks", findings.networks.len());
    let own: BTreeMap<&str, &Page> = pages.iter().map(|page| (&*page.name, page)).collect();

    // Every network is in the list of all, and leads somewhere.
    let list = own["networks/index.html"];
    let listed = |html: &str| html.matches("<th scope=\"row\"><a href=\"").count();
    assert_eq!(listed(&list.html), findings.networks.len());
    let (rows, elsewhere) = told(&report.html, "index", " networks more: the list of all");
    assert_eq!(rows + elsewhere, findings.networks.len());
    for network in &findings.networks {
        let page = own.get(&*format!("networks/{}.html", network.id));
        let here = report.html.split_once(&format!("<details class=\"network\" id=\"{}\"", network.id));
        assert!(page.is_some() || here.is_some(), "{}", network.id);
        if let Some((_, here)) = here {
            let here = here
                .split("<details class=\"network\"")
                .next()
                .unwrap()
                .split("id=\"many-contacts\"")
                .next()
                .unwrap();
            let (rows, elsewhere) = told(here, "ads", " ads more: all of");
            assert_eq!(rows + elsewhere, network.ads.len(), "{}", network.id);
            assert!(elsewhere == 0 || page.is_some(), "{}", network.id);
            let cards = here.matches("class=\"photo-card\"").count();
            assert!(cards == network.groups.len() || page.is_some(), "{}", network.id);
        }
        if let Some(page) = page {
            assert_eq!(
                told(&page.html, "ads", " ads more: all of"),
                (network.ads.len(), 0),
                "{}",
                network.id
            );
            assert_eq!(
                page.html.matches("class=\"photo-card\"").count(),
                network.groups.len(),
                "{}",
                network.id
            );
        }
    }
    // The three strongest stand open, with what speaks against them; all others are folded.
    assert_eq!(
        report.html.matches("<details class=\"network\"").count(),
        report.html.matches("<ul class=\"against\">").count()
    );
    let open = report
        .html
        .split("<details class=\"network\"")
        .skip(1)
        .filter(|told| told.split('>').next().unwrap().ends_with(" open"));
    assert_eq!(open.count(), 3);
    // Long tables say what is folded and what is elsewhere.
    let more = format!("{} more in <code>skipped.csv</code>", snapshot.skipped.len() - 100);
    assert!(report.html.contains(&more), "{more}");
}
