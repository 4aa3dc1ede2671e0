//! The output folder: each format as a whole text, hostile text everywhere, parsed back, same bytes each time.

mod briefs;
mod exchange;
mod german;
mod large;
mod marked;
mod sentences;
mod world;

use adlink::corpus::Snapshot;
use adlink::error::{Error, SkipReason};
use adlink::link::Findings;
use adlink::output;
use adlink::output::formats;
use adlink::output::{Also, InputFile, RunFacts, Written};
use adlink::view::{Figures, Joined};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use world::{World, ad};

/// Five ads on three sites: one network of three (two photos), one of two, a stock photo between them.
fn small() -> World {
    let mut world = World::default();
    world
        .add(
            ad("a.example", "1", "2024-01-02", "City 1", "+00 1"),
            &[("a/1_0.jpg", 1, 0), ("a/1_1.jpg", 2, 0)],
        )
        .add(
            ad("b.example", "7", "2024-02-03", "City 2", "+00 1"),
            &[("b/7_0.jpg", 1, 1), ("b/7_1.jpg", 9, 0)],
        )
        .add(ad("c.example", "x", "", "", ""), &[("a/1_1.jpg", 2, 0)])
        .add(
            ad("b.example", "8", "2024-03-01", "City 2", "+00 2"),
            &[("b/8_0.jpg", 3, 4), ("b/8_1.jpg", 9, 0)],
        )
        .add(ad("c.example", "y", "2024-03-05", "City 3", "+00 3"), &[("c/y_0.jpg", 3, 18)])
        .common(9)
        .lead((2, 0), (3, 4))
        .skip("b/broken.jpg", SkipReason::Malformed, "the file ends inside its first block");
    world
}

/// Every text field and path an attacker can fill.
fn hostile() -> World {
    let evil = "\"'><script>alert(1)</script>\n=1+1 \u{202e}gpj.exe\u{1}\u{1f600},;";
    let mut world = World::default();
    for (site, photo_copy) in [("=cmd()", 0), ("<b>&\"", 2)] {
        let mut record = ad(site, evil, "2024-01-02", evil, &format!("+00{evil}"));
        record.url =
            if photo_copy == 0 { "javascript:alert(1)".into() } else { format!("https://x.example/{evil}") };
        record.title = format!("={evil}");
        world.add(record, &[(&format!("{evil}{photo_copy}.jpg"), 1, photo_copy)]);
    }
    world.skip(evil, SkipReason::Missing, evil);
    world
}

fn facts() -> RunFacts {
    let mut parameters = Map::new();
    parameters.insert("radius".into(), json!(31));
    parameters.insert("min_quality".into(), json!(50));
    RunFacts {
        version: "0.0.0-test".into(),
        parameters,
        inputs: vec![InputFile { path: "ads.jsonl".into(), sha256: "ab".repeat(32), bytes: 10 }],
        ingest: json!({ "records": 5 }).as_object().cloned().unwrap(),
        started_at: "2024-05-01T00:00:00Z".into(),
        finished_at: "2024-05-01T00:00:10Z".into(),
        stages: vec![("hashing".into(), 9.5), ("linking".into(), 0.5)],
        threads: 2,
        news: None,
        ..RunFacts::default()
    }
}

fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
    entries.filter(|path| path.is_file()).map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

fn write(dir: &Path, snapshot: &Snapshot, findings: &Findings, facts: &RunFacts) -> adlink::Result<Written> {
    let joined = Joined::new(snapshot, findings);
    output::write(dir, &joined, &Figures::new(&joined), facts)
}

fn exported(world: &World, name: &str) -> String {
    let (snapshot, findings) = world.build();
    let joined = Joined::new(&snapshot, &findings);
    let mut bytes = Vec::new();
    let export = formats::ALL.iter().find(|export| export.file_name() == name).unwrap();
    export.write(&joined, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Names of all formats that are text.
fn text_formats() -> impl Iterator<Item = &'static str> {
    formats::ALL.iter().map(|export| export.file_name()).filter(|name| !name.ends_with(".parquet"))
}

#[test]
fn each_format_as_a_whole() {
    for name in text_formats() {
        insta::assert_snapshot!(name, exported(&small(), name));
    }
}

#[test]
fn hostile_text_parses_back() {
    for name in text_formats() {
        let text = exported(&hostile(), name);
        match name.rsplit('.').next().unwrap() {
            "csv" => {
                let mut reader = csv::Reader::from_reader(text.as_bytes());
                for record in reader.records() {
                    record.unwrap_or_else(|error| panic!("{name}: {error}"));
                }
            }
            "jsonl" => {
                for line in text.lines() {
                    serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{name}: {error}"));
                }
            }
            "json" | "jsonld" | "geojson" => {
                serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            _ => {
                assert!(!text.contains("<script"), "{name}");
                assert!(!text.contains('\u{1}'), "{name}");
                assert_eq!(text.matches('<').count(), text.matches('>').count(), "{name}");
            }
        }
    }
}

#[test]
fn a_format_of_nothing_is_whole() {
    for name in text_formats() {
        let text = exported(&World::default(), name);
        match name.rsplit('.').next().unwrap() {
            "jsonl" => assert_eq!(text, "", "{name}"),
            "json" | "jsonld" | "geojson" => {
                assert!(serde_json::from_str::<Value>(&text).is_ok(), "{name}: {text}")
            }
            "csv" => assert_eq!(text.lines().count(), 1, "{name}"),
            _ => assert!(text.ends_with(">\n"), "{name}"),
        }
    }
}

#[test]
fn graphs_hold_what_holds_and_the_rest_on_request() {
    let links = |name: &str| exported(&small(), name).matches("<data key=\"edge_kind\">link</data>").count();
    let (snapshot, findings) = small().build();
    let joined = Joined::new(&snapshot, &findings);
    let held = findings.links.iter().filter(|link| joined.network_of_link(link).is_some()).count();
    assert_eq!(links("graph.graphml"), held);
    assert_eq!(links("graph_all.graphml"), findings.links.len());
    assert!(held < findings.links.len());
    // The stock photo would tie the two networks together.
    assert_eq!(exported(&small(), "graph.graphml").matches("photo-group").count(), 3);
    assert_eq!(exported(&small(), "graph_all.graphml").matches("photo-group").count(), 4);
}

#[test]
fn files_on_request_stand_beside_the_others_and_go_again() {
    let (snapshot, findings) = small().build();
    let folder = tempfile::tempdir().unwrap();
    let also = Also { all_links: true, spreadsheet: true };
    let with_all = write(folder.path(), &snapshot, &findings, &RunFacts { also, ..facts() }).unwrap();
    let sheet = fs::read_to_string(folder.path().join("spreadsheet/links.csv")).unwrap();
    let raw = fs::read_to_string(folder.path().join("links.csv")).unwrap();
    assert!(sheet.starts_with('\u{feff}') && !raw.starts_with('\u{feff}'));
    let named: Vec<&str> = with_all.files.iter().map(|file| &*file.name).collect();
    assert!(named.contains(&"graph_all.gexf") && named.contains(&"spreadsheet/pairs.csv"));
    let check = output::check(folder.path()).unwrap();
    assert_eq!((check.changed, check.gone, check.same as usize), (vec![], vec![], named.len() - 2));
    let names = output::file_names();
    assert!(named.iter().all(|name| names.iter().any(|known| known == name)), "{named:?}");
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    assert!(!folder.path().join("graph_all.gexf").exists());
    assert_eq!(fs::read_dir(folder.path().join("spreadsheet")).unwrap().count(), 0);
}

#[test]
fn sightings_with_coordinates_are_points() {
    let mut world = World::default();
    for (id, kept) in [("1", r#"{"lat":52.5,"lon":13.4}"#), ("2", "")] {
        let mut record = ad("a.example", id, "2024-01-02", "City 1", "");
        record.kept = kept.into();
        world.add(record, &[(&format!("{id}.jpg"), 1, 0)]);
    }
    let value: Value = serde_json::from_str(&exported(&world, "sightings.geojson")).unwrap();
    assert_eq!(value["features"].as_array().unwrap().len(), 1);
    assert_eq!(value["features"][0]["geometry"], json!({"type": "Point", "coordinates": [13.4, 52.5]}));
    assert_eq!(value["features"][0]["properties"]["ad_id"], "1");
}

#[test]
fn formulas_are_neutralised_and_keys_are_not() {
    let text = exported(&hostile(), "links.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let record = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| &record[headings.iter().position(|heading| heading == name).unwrap()];
    assert!(cell("to_label").starts_with("'="), "{}", cell("to_label"));
    assert!(cell("to_phones").starts_with("'+00"));
    assert_eq!(cell("to_site"), "=cmd()");
    assert!(cell("image_b").ends_with(".jpg"));
}

#[test]
fn one_row_for_each_pair_of_places_in_different_ads() {
    let mut world = World::default();
    world
        .add(ad("a.example", "1", "", "", ""), &[("one.jpg", 1, 0), ("again.jpg", 1, 0)])
        .add(ad("b.example", "2", "", "", ""), &[("one.jpg", 1, 0), ("two.jpg", 1, 2)]);
    let text = exported(&world, "pairs.csv");
    let rows: Vec<(String, String, String)> = csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap())
        .map(|record| (record[0].into(), record[1].into(), record[3].into()))
        .collect();
    let row = |a: &str, b: &str, bits: &str| (a.to_string(), b.to_string(), bits.to_string());
    let mut expected = vec![row("again.jpg", "one.jpg", "0"), row("one.jpg", "one.jpg", "0")];
    // Images of a pair stand in the order of their digests, whatever their paths.
    let two_first = rows.iter().any(|(a, ..)| a == "two.jpg");
    for path in ["again.jpg", "one.jpg"] {
        expected.push(if two_first { row("two.jpg", path, "4") } else { row(path, "two.jpg", "4") });
    }
    expected.sort();
    assert_eq!(rows, expected);
}

#[test]
fn a_huge_pair_becomes_a_star_and_says_so() {
    let mut world = World::default();
    let ads = 250;
    for number in 0..ads {
        let id = number.to_string();
        world.add(ad("a.example", &id, "", "", ""), &[(&format!("{id}.jpg"), 1, 0)]);
    }
    let (snapshot, findings) = world.build();
    let joined = Joined::new(&snapshot, &findings);
    let mut bytes = Vec::new();
    let rows = formats::named("pairs.csv").unwrap().write(&joined, &mut bytes).unwrap();
    assert_eq!(rows.written, ads - 1);
    assert_eq!(rows.written + rows.left_out, ads * (ads - 1) / 2);
}

#[test]
fn the_same_bytes_whoever_runs_it() {
    let (snapshot, findings) = small().build();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let other =
        RunFacts { threads: 64, started_at: "2031-01-01T00:00:00Z".into(), inputs: vec![], ..facts() };
    let written = write(folders[0].path(), &snapshot, &findings, &facts()).unwrap();
    write(folders[1].path(), &snapshot, &findings, &other).unwrap();
    let (mut first, mut second) = (files_of(folders[0].path()), files_of(folders[1].path()));
    assert_ne!(first.remove("run.json"), second.remove("run.json"));
    assert_eq!(first, second);
    assert_eq!(first.len() + 1, written.files.len());
    for name in ["report.html", "pairs.csv", "manifest-sha256.txt", "graph.gexf", "skipped.csv"] {
        assert!(first.contains_key(name), "{name} is missing");
    }
}

#[test]
fn the_order_of_ads_does_not_matter() {
    let files = |world: &World| {
        let (snapshot, findings) = world.build();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &snapshot, &findings, &facts()).unwrap();
        let mut found = files_of(folder.path());
        found.remove("run.json");
        found
    };
    let mut reversed = World::default();
    let ads = [("c.example", "3", 5), ("b.example", "2", 3), ("a.example", "1", 0)];
    for (site, id, copy) in ads {
        reversed.add(ad(site, id, "2024-01-01", "", ""), &[(&format!("{id}.jpg"), 1, copy)]);
    }
    let mut forward = World::default();
    for (site, id, copy) in ads.into_iter().rev() {
        forward.add(ad(site, id, "2024-01-01", "", ""), &[(&format!("{id}.jpg"), 1, copy)]);
    }
    assert_eq!(files(&reversed), files(&forward));
}

#[test]
fn run_json_adds_up() {
    let (snapshot, findings) = small().build();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let run: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
    let counts = |key: &str| run["counts"][key].as_u64().unwrap_or_else(|| panic!("{key}"));
    assert_eq!(counts("ads"), counts("ads_in_networks") + counts("ads_outside_networks"));
    assert_eq!(counts("images"), counts("images_in_photo_groups") + counts("images_alone"));
    assert_eq!(counts("links"), counts("links_in_networks") + counts("links_left_out"));
    assert_eq!(counts("skipped"), run["skipped_by_reason"]["MALFORMED"].as_u64().unwrap());
    let tiers: u64 = run["pairs_by_tier"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counts("pairs"), tiers);
    assert_eq!(run["largest_network"]["ads"], 3);
    assert_eq!(run["links_left_out_by_reason"], json!({ "COMMON_IMAGE": 1 }));
    assert_eq!(run["photo_reuse"]["on_several_sites"]["images"], 5);
    for (name, entry) in run["files"].as_object().unwrap() {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        assert_eq!(entry["bytes"], bytes.len(), "{name}");
        assert_eq!(entry["sha256"], sha256(&bytes), "{name}");
    }
}

#[test]
fn the_manifest_lists_results_and_images() {
    let (snapshot, findings) = small().build();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let manifest = fs::read_to_string(folder.path().join("manifest-sha256.txt")).unwrap();
    let names: Vec<&str> = manifest.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    assert!(names.is_sorted());
    assert!(names.contains(&"a/1_0.jpg") && names.contains(&"pairs.csv") && names.contains(&"report.html"));
    assert!(!names.contains(&"run.json") && !names.contains(&"manifest-sha256.txt"));
    let pairs = sha256(&fs::read(folder.path().join("pairs.csv")).unwrap());
    assert!(manifest.contains(&format!("{pairs}  pairs.csv\n")));
}

fn report_of(world: &World) -> String {
    let (snapshot, findings) = world.build();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    fs::read_to_string(folder.path().join("report.html")).unwrap()
}

#[test]
fn the_report_as_a_whole() {
    let report = report_of(&small());
    let (_, body) = report.split_once("<body>").unwrap();
    insta::assert_snapshot!("report.html", body.replace("><", ">\n<"));
}

/// Every tag of the page, attributes and all. Inside quotes a `>` does not end a tag.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut tag: Option<String> = None;
    let mut quoted = false;
    for c in html.chars() {
        match (&mut tag, c) {
            (None, '<') => tag = Some(String::new()),
            (None, _) => {}
            (Some(_), '>') if !quoted => tags.extend(tag.take()),
            (Some(text), c) => {
                quoted ^= c == '"';
                text.push(c);
            }
        }
    }
    assert!(tag.is_none(), "the page ends inside a tag");
    tags
}

#[test]
fn the_report_of_hostile_ads_is_inert() {
    let report = report_of(&hostile());
    let known = [
        "!DOCTYPE",
        "a",
        "article",
        "bdi",
        "body",
        "circle",
        "code",
        "dd",
        "desc",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "g",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "li",
        "line",
        "main",
        "meta",
        "nav",
        "ol",
        "p",
        "path",
        "rect",
        "section",
        "span",
        "strong",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "tspan",
        "ul",
        "wbr",
    ];
    let (_, body) = report.split_once("</style>").unwrap();
    for tag in tags(body) {
        let mut words = tag.split([' ', '\n', '=']);
        let name = words.next().unwrap().trim_start_matches('/');
        assert!(known.contains(&name), "<{tag}>");
        assert!(!words.any(|word| word.starts_with("on") || word == "src"), "<{tag}>");
        if let Some((_, address)) = tag.split_once("href=\"") {
            assert!(address.starts_with('#') || address.starts_with("https://"), "<{tag}>");
            assert!(address.starts_with('#') || tag.contains("noreferrer"), "<{tag}>");
        }
    }
    assert!(body.contains("&lt;script&gt;"));
    assert!(!body.contains("javascript:"));
    for hidden in ['\u{202e}', '\u{1}'] {
        assert!(!report.contains(hidden), "{hidden:?}");
    }
    assert!(body.contains("\u{27e8}U+202E\u{27e9}"));
}

#[test]
fn headings_descend_and_anchors_lead_somewhere() {
    let report = report_of(&small());
    let tags = tags(report.split_once("</style>").unwrap().1);
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0.to_string())
    };
    let ids: Vec<String> = tags.iter().filter_map(|tag| attribute(tag, " id")).collect();
    for target in tags.iter().filter_map(|tag| attribute(tag, "href")) {
        if let Some(id) = target.strip_prefix('#') {
            assert!(ids.iter().any(|known| known == id), "#{id}");
        }
    }
    let levels = tags.iter().filter_map(|tag| tag.split(' ').next()?.strip_prefix('h')?.parse::<u8>().ok());
    let levels: Vec<u8> = levels.collect();
    assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn a_large_case_gets_pages_and_loses_stale_ones() {
    let mut world = World::default();
    for number in 0..1_100 {
        let id = format!("{number:04}");
        world.add(ad("a.example", &id, "2024-01-01", "", ""), &[(&format!("{id}.jpg"), number / 2, 0)]);
    }
    let folder = tempfile::tempdir().unwrap();
    let (snapshot, findings) = world.build();
    let written = write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let pages = written.files.iter().filter(|file| file.name.starts_with("networks/")).count();
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    let list = fs::read_to_string(folder.path().join("networks/index.html")).unwrap();
    assert_eq!(list.matches("<a href=\"n-").count() + 1, pages, "the list itself is a page");
    assert_eq!(report.matches("<details class=\"network\"").count() + pages - 1, findings.networks.len());
    assert_eq!(fs::read_dir(folder.path().join("networks")).unwrap().count(), pages);
    let (snapshot, findings) = small().build();
    fs::write(folder.path().join("networks").join("notes.txt"), "mine").unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("networks")).unwrap().count(), 1);
}

#[test]
fn nothing_found_is_a_result_too() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new").join("out");
    let (snapshot, findings) = World::default().build();
    write(&out, &snapshot, &findings, &facts()).unwrap();
    assert_eq!(
        fs::read_to_string(out.join("networks.csv")).unwrap(),
        "site,ad_id,network_id,rank,size,weight,kind\n"
    );
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains("No two ads"));
}

#[cfg(unix)]
#[test]
fn files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (snapshot, findings) = small().build();
    write(&out, &snapshot, &findings, &facts()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&out), 0o700);
    for name in files_of(&out).keys() {
        assert_eq!(mode(&out.join(name)), 0o600, "{name}");
        assert!(!name.starts_with('.'), "{name} was left behind");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    fs::write(&blocked, "not a folder").unwrap();
    let (snapshot, findings) = small().build();
    let error = write(&blocked, &snapshot, &findings, &facts()).unwrap_err();
    assert!(matches!(&error, Error::Io { path, .. } if path.starts_with(&blocked)), "{error:?}");
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A rank is no number: networks keep theirs within a case, wherever weight puts them.
#[test]
fn a_network_is_named_by_its_number_wherever_it_ranks() {
    let (snapshot, mut findings) = small().build();
    for (network, number) in findings.networks.iter_mut().zip([7, 4]) {
        network.number = number;
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    for (network, other) in findings.networks.iter().zip([4, 7]) {
        let told = report.split_once(&format!("<details class=\"network\" id=\"{}\"", network.id)).unwrap().1;
        let told = told.split("<details class=\"network\"").next().unwrap();
        assert!(told.contains(&format!("Not joined with Network {other} in spite")), "{other}: {told}");
    }
}
