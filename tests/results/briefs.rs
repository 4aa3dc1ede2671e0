//! The page to print on one network, its numbers against the tables beside it, and decisions by strength of evidence.
//!
//! The trap: a number that the page and a table both take from one function proves nothing, so all are counted again here
//! from the rows of `links.csv` and `networks.csv`.

use super::{facts, hostile, small, write};
use adlink::corpus::{NetworkNote, NoteKind, short_id};
use adlink::link::Effect;
use adlink::output::RunFacts;
use adlink::record::{Decision, ImageId, Ruling, Subject};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Row = BTreeMap<String, String>;

fn rows(folder: &Path, name: &str, network: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
    let all: Vec<Row> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    all.into_iter().filter(|row| row["network_id"] == network).collect()
}

/// How many different values there are in these columns.
fn different(rows: &[Row], columns: &[&str]) -> usize {
    let cells = rows.iter().flat_map(|row| columns.iter().map(|&name| row[name].as_str()));
    let values = cells.flat_map(|cell| cell.split(';')).map(|value| value.trim().trim_start_matches('\''));
    values.filter(|value| !value.is_empty()).collect::<BTreeSet<_>>().len()
}

/// `2 Jan 2024` of `2024-01-02T...`.
pub(super) fn as_written(time: &str) -> String {
    let day: jiff::civil::Date = time[..10].parse().unwrap();
    day.strftime("%-d %b %Y").to_string()
}

/// The words of a page.
pub(super) fn text(html: &str) -> String {
    let body = html.split_once("</style>").unwrap().1;
    let mut text = String::new();
    for piece in body.split('<') {
        text += piece.split_once('>').map_or("", |(_, words)| words);
        text.push(' ');
    }
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" ,", ",")
        .replace(" :", ":")
        .replace(" .", ".")
}

fn with_briefs() -> RunFacts {
    RunFacts { briefs: BTreeSet::from([1, 2]), ..facts() }
}

#[test]
fn every_number_of_a_brief_is_that_of_the_tables() {
    let (snapshot, findings) = small().build();
    let folder = tempfile::tempdir().unwrap();
    let written = write(folder.path(), &snapshot, &findings, &with_briefs()).unwrap();
    for network in &findings.networks {
        let name = format!("networks/{}-brief.html", network.id);
        assert!(written.files.iter().any(|file| file.name == name));
        let html = fs::read_to_string(folder.path().join(&name)).unwrap();
        let said = text(&html);
        let ads = rows(folder.path(), "networks.csv", &network.id);
        let links = rows(folder.path(), "links.csv", &network.id);
        let sites = different(&ads, &["site"]);
        let photos = different(&links, &["photo_group_ids"]);
        assert_eq!(ads[0]["size"], ads.len().to_string());
        for (name, number) in [
            ("ads", ads.len()),
            ("sites", sites),
            ("photos in common", photos),
            ("phone numbers given", different(&links, &["from_phones", "to_phones"])),
        ] {
            assert!(html.contains(&format!("<dt>{name}</dt><dd>{number}</dd>")), "{name}: {number}: {said}");
        }
        let photos = if photos == 1 { "1 photo".into() } else { format!("{photos} photos") };
        let first = format!(
            "Network {} is {} ads on {sites} sites that show {photos} in common",
            network.number,
            ads.len()
        );
        let crossing = links.iter().filter(|link| link["from_site"] != link["to_site"]).count();
        let all = if links.len() == 1 { "1 link".into() } else { format!("{} links", links.len()) };
        let across = format!("{crossing} of {all} cross from one site to another.");
        let seen =
            |name: &'static str| links.iter().map(|link| link[name].as_str()).filter(|time| !time.is_empty());
        let from = format!("First seen {}", as_written(seen("first_seen").min().unwrap()));
        let to = format!("Last seen {}", as_written(seen("last_seen").max().unwrap()));
        for expected in [first, across, from, to] {
            assert!(said.contains(&expected), "{expected}: {said}");
        }
        let alone = links.iter().filter(|link| link["corroboration"].is_empty()).count();
        assert_eq!(
            said.contains(&format!("in {alone} of {all} the photo is all that is shared.")),
            alone > 0
        );
        let against = links.iter().filter(|link| !link["contradictions"].is_empty()).count();
        assert_eq!(
            said.contains(&format!("Find out why {against} of {all} join ads")),
            against > 0,
            "{said}"
        );
        for id in links.iter().flat_map(|link| link["photo_group_ids"].split(';')) {
            let group = findings.groups.iter().find(|group| group.id == id).unwrap();
            let spread = links.iter().find(|link| link["photo_group_ids"] == id).unwrap();
            assert_eq!(spread["rarity_ads"], group.rarity.ads.to_string());
            assert!(said.contains(&format!(
                "is in {} ads on {} sites",
                spread["rarity_ads"], spread["rarity_sites"]
            )));
        }
        for code in ["_PHONE", "_IMAGE", "THRESHOLD"] {
            assert!(!said.contains(code), "sentences, no codes: {said}");
        }
    }
}

#[test]
fn a_brief_as_a_whole() {
    let (mut snapshot, findings) = small().build();
    snapshot.header.handling = "RESTRICTED".into();
    snapshot.header.purpose = "inquiry 7".into();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &with_briefs()).unwrap();
    let page = folder.path().join(format!("networks/{}-brief.html", findings.networks[0].id));
    let html = fs::read_to_string(&page).unwrap();
    assert!(text(&html).contains("RESTRICTED. Held for: inquiry 7."), "{}", text(&html));
    insta::assert_snapshot!("brief.html", html.split_once("<body>").unwrap().1.replace("><", ">\n<"));
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert_eq!(report.matches("-brief.html\">One page to print").count(), 2);
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    assert!(!page.exists(), "a page that is asked for no more goes");
}

#[test]
fn the_brief_of_hostile_ads_is_inert() {
    let (snapshot, findings) = hostile().build();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &with_briefs()).unwrap();
    let page = folder.path().join(format!("networks/{}-brief.html", findings.networks[0].id));
    let html = fs::read_to_string(page).unwrap();
    assert!(!html.contains("<script") && !html.contains('\u{202e}') && !html.contains('\u{1}'));
    assert!(html.contains("&lt;script&gt;") && html.contains("\u{27e8}U+202E\u{27e9}"));
}

/// What reviewers call a network and noted of it stands in the report, its list and the page to print, and is inert.
#[test]
fn names_and_notes_of_reviewers_are_told() {
    let (mut snapshot, findings) = small().build();
    let network = &findings.networks[0];
    let mut ads: Vec<_> = network.ads.iter().map(|&ad| short_id(&[&snapshot.ads[ad].key])).collect();
    ads.sort_unstable();
    for (kind, text) in
        [(NoteKind::Name, "Harbour <b>"), (NoteKind::Note, "First line\n<script>alert(1)</script> \u{202e}")]
    {
        let (reviewer, at) = ("R. One".into(), "2024-05-01T00:00:00.000000Z".into());
        snapshot.notes.push(NetworkNote {
            kind,
            text: text.into(),
            reviewer,
            at,
            network: 1,
            ads: ads.clone(),
        });
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &with_briefs()).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (report, brief) = (read("report.html"), read(&format!("networks/{}-brief.html", network.id)));
    assert_eq!(report.matches("Harbour &lt;b&gt;").count(), 3, "in short, in the list, where it is told");
    assert!(report.contains(&format!("id=\"{}-notes\"", network.id)) && brief.contains("Harbour &lt;b&gt;"));
    for page in [&report, &brief] {
        assert!(
            text(page).contains("R. One , 1 May 2024") || text(page).contains("R. One, 1 May 2024"),
            "{}",
            text(page)
        );
        assert!(page.contains("First line") && !page.contains("<script") && !page.contains('\u{202e}'));
    }
}

#[test]
fn decisions_are_counted_by_strength_of_evidence() {
    let (mut snapshot, mut findings) = small().build();
    let ids: Vec<ImageId> = snapshot.images.iter().map(|image| image.id()).collect();
    let proven = findings.pairs.iter().find(|pair| pair.a != pair.b).unwrap();
    let lead = &findings.leads[0];
    for (a, b, ruling, effect) in [
        (proven.a, proven.b, Ruling::Reject, Effect::Superseded),
        (proven.a, proven.b, Ruling::Confirm, Effect::Applied),
        (lead.a, lead.b, Ruling::Reject, Effect::Applied),
        (lead.a, lead.b, Ruling::Unsure, Effect::NoEffect),
    ] {
        let subject = Subject::Pair(ids[a.index()], ids[b.index()]);
        let (reviewer, at) = ("R. One".into(), "2024-05-01T00:00:00Z".into());
        snapshot.decisions.push(Decision {
            subject,
            ruling,
            reviewer,
            at,
            reason: String::new(),
            shown: String::new(),
        });
        findings.decisions.push(effect);
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let said = text(&fs::read_to_string(folder.path().join("report.html")).unwrap());
    let table = said.split_once("Pairs rejected").unwrap().1;
    assert!(table.trim_start().starts_with("very strong 1 0 weak 0 1"), "{}", &table[..80]);
}
