//! The committed fixture is what its generator makes, and what its truth says.
//!
//! The generator is compiled into this test, so that bytes are compared without running `cargo` inside `cargo`.
//! After a wanted change of the generator: `cargo run --release --example make_fixture`, and commit the result.

#[path = "../../examples/make_fixture/corpus/mod.rs"]
mod corpus;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static CORPUS: LazyLock<corpus::Corpus> = LazyLock::new(corpus::build);

fn committed() -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the fixture is readable") {
            let path = entry.expect("the fixture is readable").path();
            if path.is_dir() { walk(&path, into) } else { into.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let name = |path: &Path| {
        let parts = path.strip_prefix(&root).expect("below the root").components();
        parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
    };
    paths.iter().map(|path| (name(path), fs::read(path).expect("the fixture is readable"))).collect()
}

fn column(file: &str, name: &str) -> Vec<String> {
    let mut table = csv::Reader::from_reader(CORPUS.files[file].as_slice());
    let place =
        table.headers().expect("a header").iter().position(|field| field == name).expect("the column");
    table.records().map(|row| row.expect("a row")[place].to_string()).collect()
}

/// Bytes, or of a PNG its pixels: how well those are packed is up to the library at hand.
fn is_same(name: &str, committed: &[u8], made: &[u8]) -> bool {
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).ok().map(|image| image.into_rgba8());
    committed == made || (name.ends_with(".png") && pixels(committed) == pixels(made))
}

#[test]
fn committed_files_are_the_generators() {
    let committed = committed();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&committed), names(&CORPUS.files));
    let differing: Vec<_> = CORPUS
        .files
        .iter()
        .filter(|(name, bytes)| !is_same(name, &committed[*name], bytes))
        .map(|(name, _)| name)
        .collect();
    assert!(differing.is_empty(), "these differ from the generator's: {differing:?}");
}

/// Quality 50 or more, unrelated photos 90 bits or more apart, copies within reach, under 3 MB.
#[test]
fn photos_are_usable_and_far_apart_and_copies_are_near() {
    let complaints = corpus::check(&CORPUS);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!((90..=110).contains(&CORPUS.photos.len()));
    assert_eq!(
        CORPUS.photos.len(),
        column("truth.csv", "photo_id").iter().filter(|id| *id != "badge").collect::<BTreeSet<_>>().len()
    );
}

#[test]
fn truth_describes_the_manifest() {
    let lines = std::str::from_utf8(&CORPUS.files["ads.jsonl"]).expect("UTF-8");
    let ads: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let keys: BTreeSet<_> = ads.iter().map(|ad| format!("{}/{}", ad["site"], ad["ad_id"])).collect();
    assert_eq!((ads.len(), keys.len()), (61, 60), "one ad was collected twice");
    let listed: BTreeSet<String> = ads
        .iter()
        .flat_map(|ad| ad["images"].as_array().expect("a list").iter())
        .map(|path| path.as_str().expect("text").to_string())
        .collect();
    let known: BTreeSet<String> =
        column("truth.csv", "image").into_iter().chain(column("truth_skipped.csv", "path")).collect();
    assert_eq!(listed, known, "every listed image is in the truth, and nothing else");
    let networks: BTreeSet<String> = column("truth_networks.csv", "network_id").into_iter().collect();
    assert_eq!(networks.len(), 8);
    let sites: BTreeSet<String> = column("truth_networks.csv", "site").into_iter().collect();
    assert_eq!(sites.len(), 6);
}

/// Every network hangs together by copies that plain PDQ finds, without the stock photo and the badge.
#[test]
fn plain_copies_connect_each_network() {
    let rows: Vec<_> =
        ["network_id", "ad_id", "photo_id", "needs"].map(|name| column("truth.csv", name)).into();
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (network, photo) in rows[0].iter().zip(&rows[2]) {
        uses.entry(photo).or_default().insert(network);
    }
    let members =
        column("truth_networks.csv", "network_id").into_iter().zip(column("truth_networks.csv", "ad_id"));
    let mut ads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (network, ad) in members {
        ads.entry(network).or_default().insert(ad);
    }
    for (network, members) in &ads {
        let plain: Vec<(&str, &str)> = (0..rows[0].len())
            .filter(|&k| {
                &rows[0][k] == network && rows[3][k] == "pdq" && uses[rows[2][k].as_str()].len() == 1
            })
            .map(|k| (rows[1][k].as_str(), rows[2][k].as_str()))
            .collect();
        let mut reached = BTreeSet::from([plain[0].0]);
        let mut before = 0;
        while before < reached.len() {
            before = reached.len();
            let photos: BTreeSet<&str> =
                plain.iter().filter(|(ad, _)| reached.contains(ad)).map(|(_, photo)| *photo).collect();
            reached.extend(plain.iter().filter(|(_, photo)| photos.contains(photo)).map(|(ad, _)| *ad));
        }
        assert!(members.iter().map(String::as_str).eq(reached), "{network} falls apart");
    }
}
