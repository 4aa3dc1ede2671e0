//! Every sentence of a report about bridges, objections and counts, against the tables beside it.
//!
//! The figures are counted again from the rows of `links.csv`, `networks.csv`, `pairs.csv` and `photo_groups.csv`, and the
//! sentences are read out of the HTML. The trap: a sentence that is not there is not wrong, so what must be said is built from
//! the tables first, and what is said beyond that fails, too.

use super::briefs::{as_written, text};
use super::world::{World, ad};
use super::{facts, small, write};
use adlink::codes::NamedCode;
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::link::{Caveat, Contradiction, LeftOut, LinkOptions};
use adlink::link_case::link_case;
use adlink::progress::{Progress, Silent, Stage};
use adlink::view::words;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

type Row = BTreeMap<String, String>;
/// Site and id.
type AdName = (String, String);

/// What the folder's tables say.
struct Tables {
    links: Vec<Row>,
    /// Rows of `links` by network, and of those that were left out.
    of_network: BTreeMap<String, Vec<usize>>,
    left_out: Vec<usize>,
    pairs: Vec<Row>,
    common: BTreeMap<String, Row>,
    many_contacts: BTreeSet<String>,
    network_of: BTreeMap<AdName, String>,
    ads_of: BTreeMap<String, BTreeSet<AdName>>,
    number_of: BTreeMap<String, String>,
    kind_of: BTreeMap<String, String>,
    /// Ads and files of each photo.
    shown_in: BTreeMap<String, BTreeSet<AdName>>,
    files_of: BTreeMap<String, BTreeSet<String>>,
}

fn table(folder: &Path, name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

impl Tables {
    fn read(folder: &Path) -> Self {
        let links = table(folder, "links.csv");
        let mut of_network: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (row, link) in links.iter().enumerate() {
            of_network.entry(link["network_id"].clone()).or_default().push(row);
        }
        let left_out = (0..links.len()).filter(|&row| !links[row]["left_out"].is_empty()).collect();
        let mut tables = Self {
            links,
            of_network,
            left_out,
            pairs: table(folder, "pairs.csv"),
            common: table(folder, "common.csv")
                .into_iter()
                .map(|row| (row["photo_group_id"].clone(), row))
                .collect(),
            many_contacts: table(folder, "many_contacts.csv")
                .iter()
                .map(|row| row["photo_group_id"].clone())
                .collect(),
            network_of: BTreeMap::new(),
            ads_of: BTreeMap::new(),
            number_of: BTreeMap::new(),
            kind_of: BTreeMap::new(),
            shown_in: BTreeMap::new(),
            files_of: BTreeMap::new(),
        };
        for row in table(folder, "networks.csv") {
            let ad = (row["site"].clone(), row["ad_id"].clone());
            tables.network_of.insert(ad.clone(), row["network_id"].clone());
            tables.ads_of.entry(row["network_id"].clone()).or_default().insert(ad);
            tables.kind_of.insert(row["network_id"].clone(), row["kind"].clone());
        }
        for line in fs::read_to_string(folder.join("networks.jsonl")).unwrap().lines() {
            let network: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = network["network_id"].as_str().unwrap().to_string();
            tables.number_of.insert(id, network["number"].to_string());
        }
        for row in table(folder, "photo_groups.csv") {
            let photo = row["photo_group_id"].clone();
            let ad = (row["site"].clone(), row["ad_id"].clone());
            tables.shown_in.entry(photo.clone()).or_default().insert(ad);
            tables.files_of.entry(photo).or_default().insert(row["sha256"].clone());
        }
        tables
    }

    fn links_of(&self, network: &str) -> Vec<&Row> {
        self.of_network.get(network).into_iter().flatten().map(|&row| &self.links[row]).collect()
    }

    /// Ads on either side of a link when it is taken away: `None` when they hang together without it.
    fn parts_without(&self, network: &str, link_id: &str) -> Option<(usize, usize)> {
        let ads = &self.ads_of[network];
        let mut near: BTreeMap<&AdName, Vec<&AdName>> = BTreeMap::new();
        let known = |ad: &AdName| ads.get(ad);
        let mut tie = |a: &AdName, b: &AdName| {
            if let (Some(a), Some(b)) = (known(a), known(b)) {
                near.entry(a).or_default().push(b);
                near.entry(b).or_default().push(a);
            }
        };
        let links = self.links_of(network);
        for link in links.iter().filter(|link| link["link_id"] != link_id) {
            tie(&end(link, "from"), &end(link, "to"));
        }
        // Of a photo in many ads not all links are listed.
        for photo in self.photos_of(network).iter().filter(|photo| !self.many_contacts.contains(**photo)) {
            let here: Vec<&AdName> = self.shown_in[*photo].iter().filter(|ad| ads.contains(*ad)).collect();
            if here.len() > 2 {
                here.windows(2).for_each(|two| tie(two[0], two[1]));
            }
        }
        let taken = links
            .iter()
            .find(|link| link["link_id"] == link_id)
            .expect("the weakest is a link of the network");
        let (from, to) = (end(taken, "from"), end(taken, "to"));
        let reached = |start: &AdName| {
            let start = ads.get(start).expect("an ad of the network");
            let (mut seen, mut open) = (BTreeSet::from([start]), vec![start]);
            while let Some(ad) = open.pop() {
                for &next in near.get(ad).into_iter().flatten() {
                    if seen.insert(next) {
                        open.push(next);
                    }
                }
            }
            seen
        };
        let side = reached(&from);
        (!side.contains(ads.get(&to).unwrap())).then(|| {
            let other = reached(&to).len();
            (side.len().min(other), side.len().max(other))
        })
    }

    /// Photos that its links share and that are not common.
    fn photos_of(&self, network: &str) -> BTreeSet<&str> {
        let links = self.links_of(network).into_iter();
        let photos = links.flat_map(|link| link["photo_group_ids"].split(';'));
        photos.filter(|photo| !photo.is_empty() && !self.common.contains_key(*photo)).collect()
    }
}

fn end(link: &Row, side: &str) -> AdName {
    (link[&format!("{side}_site")].clone(), link[&format!("{side}_ad_id")].clone())
}

fn codes(row: &Row, column: &str) -> impl Iterator<Item = String> {
    row[column].split(';').filter(|code| !code.is_empty()).map(str::to_string).collect::<Vec<_>>().into_iter()
}

fn tally(rows: &[&Row], column: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    rows.iter().flat_map(|row| codes(row, column)).for_each(|code| *counts.entry(code).or_default() += 1);
    counts
}

fn said_of<C: NamedCode + 'static>(code: &str) -> &'static str {
    C::ALL.iter().find(|known| known.name() == code).unwrap_or_else(|| panic!("{code}")).words()
}

/// The pieces of HTML between two marks.
fn between<'h>(html: &'h str, start: &str, end: &str) -> Vec<&'h str> {
    html.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

fn plain(html: &str) -> String {
    text(&format!("</style><p>{html}")).replace("( ", "(").replace(" )", ")").replace(" ;", ";")
}

/// How many sentences of each kind were checked.
#[derive(Debug, Default)]
struct Checked {
    networks: usize,
    objections: usize,
    bridges: usize,
    held: usize,
    photos: usize,
    rows: usize,
    leading: usize,
}

struct Checker<'t> {
    tables: &'t Tables,
    checked: Checked,
}

impl Checker<'_> {
    /// One network as it is told somewhere.
    fn network(&mut self, network: &str, html: &str) {
        let links = self.tables.links_of(network);
        let all = words::count(links.len(), "link");
        let said = plain(html);
        let ads = &self.tables.ads_of[network];
        let sites: BTreeSet<&str> = ads.iter().map(|(site, _)| &**site).collect();
        let sides = || links.iter().flat_map(|link| ["from", "to"].map(|side| (side, *link)));
        let places: BTreeSet<&str> = sides()
            .map(|(side, link)| &*link[&format!("{side}_place")])
            .filter(|place| !place.is_empty())
            .collect();
        let crossing = links.iter().filter(|link| link["from_site"] != link["to_site"]).count();
        let mut first = format!("{} on {}", words::count(ads.len(), "ad"), words::count(sites.len(), "site"));
        if !places.is_empty() {
            first += &format!(", in {} by their own account,", words::count(places.len(), "place"));
        }
        if self.tables.kind_of[network] == "photo" {
            let photos = words::count(self.tables.photos_of(network).len(), "photo");
            first += &format!(" show {photos} in common, directly or through one another.");
        }
        let across = format!("{} of {all} cross from one site to another.", words::thousands(crossing));
        let time = |column: &'static str| {
            links.iter().map(|link| link[column].clone()).filter(|time| !time.is_empty())
        };
        let seen = match (time("first_seen").min(), time("last_seen").max()) {
            (Some(first), Some(last)) if first[..10] == last[..10] => {
                format!("All of it was seen on {}.", as_written(&first))
            }
            (Some(first), Some(last)) => {
                let day = |time: &str| time[..10].parse::<jiff::civil::Date>().unwrap();
                let days = (day(&last) - day(&first)).get_days() as usize;
                let (first, last) = (as_written(&first), as_written(&last));
                format!("First seen {first}, last seen {last}: {}.", words::count(days, "day"))
            }
            _ => "When it was seen is not known.".into(),
        };
        for expected in [first, across, seen] {
            assert!(said.contains(&expected), "{network}: {expected}: {}", &said[..said.len().min(600)]);
        }
        self.objections(network, html);
        self.ties(network, html);
        self.photos(html);
        self.checked.networks += 1;
    }

    /// All that speaks against a network, neither less nor more.
    fn objections(&mut self, network: &str, html: &str) {
        let links = self.tables.links_of(network);
        let all = words::count(links.len(), "link");
        let of = |count: usize, words: &str| format!("{} of {all}: {words}.", words::thousands(count));
        let mut expected: BTreeSet<String> = BTreeSet::new();
        for (code, count) in tally(&links, "contradictions") {
            expected.insert(of(count, said_of::<Contradiction>(&code)));
        }
        for (code, count) in tally(&links, "caveats").into_iter().filter(|(code, _)| code != "CONFIRMED") {
            expected.insert(of(count, said_of::<Caveat>(&code)));
        }
        let alone = links.iter().filter(|link| link["corroboration"].is_empty()).count();
        if alone > 0 {
            expected.insert(of(alone, "the photo is all they share; no phone, poster name or text agrees"));
        }
        let cut = self.cut(network);
        let cuts: BTreeSet<String> = cut
            .iter()
            .map(|((other, code), count)| {
                let (links, why) = (words::count(*count, "link"), said_of::<LeftOut>(code));
                format!("Not joined with Network {other} in spite of {links}: {why}.")
            })
            .collect();
        let list = between(html, "<ul class=\"against\">", "</ul>")[0];
        let said: Vec<String> = between(list, "<li>", "</li>").into_iter().map(plain).collect();
        let mut told_cuts = 0;
        for sentence in &said {
            self.checked.objections += 1;
            if sentence.starts_with("Not joined with Network") {
                assert!(cuts.contains(sentence), "{network}: {sentence}: {cuts:?}");
                told_cuts += 1;
            } else if let Some(rest) = sentence.strip_prefix("Nor with ") {
                assert!(rest.starts_with(&words::thousands(cuts.len() - told_cuts)), "{network}: {sentence}");
                told_cuts = cuts.len();
            } else if let Some(rest) = sentence.strip_prefix("Left out, as it is common: photo ") {
                let row = &self.tables.common[rest.split(',').next().unwrap()];
                let spread = ["ads", "sites", "days"].map(|name| row[name].parse().unwrap());
                let words = format!("in {}", spread_words(spread));
                assert!(rest.contains(&words), "{network}: {sentence}: {words}");
            } else if sentence == "Nothing that adlink can see." {
                assert!(expected.is_empty() && cuts.is_empty() && said.len() == 1, "{network}: {expected:?}");
            } else {
                assert!(expected.remove(sentence), "{network}: {sentence} is not in {expected:?}");
            }
        }
        assert!(expected.is_empty(), "{network}: not said: {expected:?}");
        assert_eq!(told_cuts, cuts.len(), "{network}: {cuts:?}");
    }

    /// Links between it and other networks, by the other's number and why they were left out.
    fn cut(&self, network: &str) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for link in self.tables.left_out.iter().map(|&row| &self.tables.links[row]) {
            let sides = ["from", "to"].map(|side| self.tables.network_of.get(&end(link, side)));
            let [Some(a), Some(b)] = sides else { continue };
            let other = if a == network {
                b
            } else if b == network {
                a
            } else {
                continue;
            };
            if a != b {
                for code in codes(link, "left_out") {
                    *counts.entry((self.number(other), code)).or_default() += 1;
                }
            }
        }
        counts
    }

    /// How a network is named, which is not its place in the ranking.
    fn number(&self, network: &str) -> String {
        self.tables.number_of[network].clone()
    }

    /// The strongest link, and the weakest with what hangs on it.
    fn ties(&mut self, network: &str, html: &str) {
        let links = self.tables.links_of(network);
        let ties = between(html, "<dl class=\"ties\">", "</dl>")[0];
        let weight = |link: &&Row| link["weight"].parse::<f64>().unwrap();
        for tie in between(ties, "<dt>", "</dd>") {
            let said = plain(tie);
            let Some(id) = tie.split("--picture ").nth(1).map(|rest| rest.split(".png").next().unwrap())
            else {
                continue;
            };
            let link =
                links.iter().find(|link| link["link_id"] == id).unwrap_or_else(|| panic!("{network}: {id}"));
            let worded = words::weight(weight(link));
            // Rounded from other digits than the table's, so the last may differ.
            let number: f64 =
                said.split("(weight ").nth(1).unwrap().split(')').next().unwrap().parse().unwrap();
            assert!(said.contains(worded) && (number - weight(link)).abs() < 0.0051, "{network}: {said}");
            if said.starts_with("Strongest link") {
                assert!(links.iter().all(|other| weight(other) <= weight(link)), "{network}: {said}");
                continue;
            }
            match self.tables.parts_without(network, id) {
                Some((smaller, larger)) => {
                    let joins = format!(
                        "It is a bridge: it alone joins {} to the other {}. Check it first.",
                        words::count(smaller, "ad"),
                        words::thousands(larger)
                    );
                    assert!(
                        said.starts_with("Weakest link it depends on") && said.contains(&joins),
                        "{said}: {joins}"
                    );
                    self.checked.bridges += 1;
                }
                None => {
                    let held = "Other links join the same ads: without it the network would hold together.";
                    assert!(said.starts_with("Weakest link A") && said.contains(held), "{network}: {said}");
                    self.checked.held += 1;
                }
            }
        }
    }

    /// How many files and ads show each photo that is told.
    fn photos(&mut self, html: &str) {
        for head in between(html, "<p class=\"photo-head\">", "</p>") {
            let said = plain(head);
            let id = said.rsplit(' ').next().unwrap();
            let (files, ads) = (&self.tables.files_of[id], &self.tables.shown_in[id]);
            let sites: BTreeSet<&str> = ads.iter().map(|(site, _)| &**site).collect();
            let words = format!(
                "{}, in {} on {}, on ",
                words::count(files.len(), "image file"),
                words::count(ads.len(), "ad"),
                words::count(sites.len(), "site")
            );
            assert!(said.contains(&words), "{said}: {words}");
            self.checked.photos += 1;
        }
    }

    /// The list of networks.
    fn index(&mut self, html: &str) {
        let by_number: BTreeMap<&str, &str> =
            self.tables.number_of.iter().map(|(id, number)| (&**number, &**id)).collect();
        for row in between(html, "<tr><th scope=\"row\"><a href=\"", "</tr>")
            .into_iter()
            .filter(|row| row.contains(">Network "))
        {
            let number = between(row, ">Network ", "<")[0];
            let network = by_number[number];
            let cells: Vec<String> =
                between(row, "<td", "</td>").into_iter().map(|cell| plain(&format!("<td{cell}"))).collect();
            let links = self.tables.links_of(network);
            let ads = &self.tables.ads_of[network];
            let sites: BTreeSet<&str> = ads.iter().map(|(site, _)| &**site).collect();
            assert_eq!(cells[1], words::thousands(ads.len()), "{row}");
            assert_eq!(cells[2], words::thousands(sites.len()), "{row}");
            assert_eq!(cells[3], words::thousands(self.tables.photos_of(network).len()), "{row}");
            let contradicted = links.iter().filter(|link| !link["contradictions"].is_empty()).count();
            let of = format!("{} of {}", words::thousands(contradicted), words::count(links.len(), "link"));
            assert_eq!(cells[6] == of, contradicted > 0, "{row}: {of}");
            self.checked.rows += 1;
        }
    }

    /// The strongest networks on the first page.
    fn leading(&mut self, html: &str) {
        let list = between(html, "<ol class=\"leading\">", "</ol>");
        let Some(list) = list.first() else { return };
        for told in between(list, "<li>", "</li>") {
            let id = told.split("n-").nth(1).map(|rest| format!("n-{}", &rest[..16])).unwrap();
            let said = plain(told);
            let links = self.tables.links_of(&id);
            let all = words::count(links.len(), "link");
            let doubts = |column: &str| {
                links.iter().filter(|link| codes(link, column).any(|code| code != "CONFIRMED")).count()
            };
            let alone = links.iter().filter(|link| link["corroboration"].is_empty()).count();
            for (count, words) in [
                (
                    doubts("contradictions"),
                    format!(
                        "Different phones or places in {} of {all}.",
                        words::thousands(doubts("contradictions"))
                    ),
                ),
                (alone, format!("In {} of {all} the photo is all that is shared.", words::thousands(alone))),
                (doubts("caveats"), format!("{} with a caveat.", words::count(doubts("caveats"), "link"))),
            ] {
                assert_eq!(said.contains(&words), count > 0, "{id}: {words}: {said}");
            }
            let cut: usize = self.cut(&id).values().sum();
            let left = format!("{} to ads of other networks left out.", words::count(cut, "link"));
            assert_eq!(said.contains(&left), cut > 0, "{id}: {left}: {said}");
            self.checked.leading += 1;
        }
    }

    /// The sentences on all networks.
    fn front(&self, html: &str) {
        let tables = self.tables;
        let (networks, ads) = (tables.ads_of.len(), tables.network_of.len());
        let all = words::count(tables.links.len(), "link");
        let across_sites =
            |ads: &&BTreeSet<AdName>| ads.iter().map(|(site, _)| site).collect::<BTreeSet<_>>().len() > 1;
        let across = tables.ads_of.values().filter(across_sites).count();
        let said = plain(between(html, "<header class=\"front\" id=\"findings\">", "</header>")[0]);
        let reach = match across {
            across if across == networks => "all of them reach across sites.".to_string(),
            0 => "none of these reaches across sites.".into(),
            across => format!("{} of these reach across sites.", words::thousands(across)),
        };
        let belong = format!("{} belong to {}", words::thousands(ads), words::count(networks, "network"));
        let crossing = tables.links.iter().filter(|link| link["from_site"] != link["to_site"]).count();
        let crossing = format!("links across sites of {all} {}", words::thousands(crossing));
        let left_out = tables.links.iter().filter(|link| !link["left_out"].is_empty()).count();
        let kept_out = format!(
            "common photos {} kept out of networks {}",
            words::count(left_out, "link"),
            tables.common.len()
        );
        let largest = tables.ads_of.values().map(BTreeSet::len).max().unwrap_or(0);
        for expected in [belong, reach, crossing, kept_out] {
            assert!(said.contains(&expected), "{expected}: {said}");
        }
        assert!(
            said.split("ads in the largest")
                .nth(1)
                .unwrap()
                .contains(&format!(" {} ", words::thousands(largest)))
        );
        if 2 * left_out > tables.links.len() {
            assert!(said.contains(&format!("{} of {all} left out", words::thousands(left_out))), "{said}");
        }
        let pairs: BTreeSet<_> =
            tables.pairs.iter().map(|pair| (&pair["sha256_a"], &pair["sha256_b"])).collect();
        let pairs = format!("of {} would be expected to be false", words::count(pairs.len(), "image pair"));
        assert!(said.contains(&pairs), "{pairs}: {said}");
        let common = plain(
            html.split("id=\"common\"").nth(1).unwrap().split("</section><section id=").next().unwrap(),
        );
        for (code, count) in tally(&tables.links.iter().collect::<Vec<_>>(), "left_out") {
            let words = format!("{}: {}.", words::count(count, "link"), said_of::<LeftOut>(&code));
            assert!(common.contains(&words), "{words}: {common}");
        }
    }
}

fn spread_words([ads, sites, days]: [usize; 3]) -> String {
    format!(
        "{} on {}, on {}",
        words::count(ads, "ad"),
        words::count(sites, "site"),
        words::count(days, "day")
    )
}

/// Checks `report.html` and all pages of networks of a result folder.
fn check(folder: &Path) -> Checked {
    let tables = Tables::read(folder);
    let mut checker = Checker { tables: &tables, checked: Checked::default() };
    let report = fs::read_to_string(folder.join("report.html")).unwrap();
    checker.front(&report);
    checker.leading(&report);
    checker.index(&report);
    for told in between(&report, "<details class=\"network\" id=\"", "<details class=\"network\" id=\"") {
        let told = told.split("id=\"many-contacts\"").next().unwrap();
        checker.network(&told[..18], told);
    }
    for page in pages(folder) {
        let html = fs::read_to_string(&page).unwrap();
        let name = page.file_stem().unwrap().to_str().unwrap();
        match name {
            "index" => checker.index(&html),
            name => checker.network(name, &html),
        }
    }
    checker.checked
}

/// Pages that tell networks in full, and the list of all.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let pages =
        fs::read_dir(folder.join("networks")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        pages.filter(|path| !path.to_str().unwrap().ends_with("-brief.html")).collect();
    pages.sort();
    pages
}

#[test]
fn of_a_small_world() {
    let (snapshot, findings) = small().build();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let checked = check(folder.path());
    assert_eq!((checked.networks, checked.leading, checked.rows), (2, 2, 2), "{checked:?}");
    assert!(checked.bridges > 0 && checked.objections > 3, "{checked:?}");
}

/// A chain hangs on each of its links; a ring on none.
#[test]
fn of_a_chain_and_a_ring() {
    for (photos, bridges) in
        [(&[[1, 2], [2, 3], [3, 4], [4, 5]][..], 1), (&[[1, 2], [2, 3], [3, 4], [4, 1]], 0)]
    {
        let mut world = World::default();
        for (number, shown) in photos.iter().enumerate() {
            let id = number.to_string();
            let paths = shown.map(|photo| format!("{id}/{photo}.jpg"));
            let images = [(&*paths[0], shown[0], number as u32), (&*paths[1], shown[1], 0)];
            world.add(ad(&format!("s{}.example", number % 2), &id, "2024-01-02", "City 1", ""), &images);
        }
        let (snapshot, findings) = world.build();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &snapshot, &findings, &facts()).unwrap();
        let checked = check(folder.path());
        assert_eq!((checked.bridges, checked.held), (bridges, 1 - bridges), "{checked:?}");
    }
}

/// The photos of the fixture, read and linked as the program does.
#[test]
fn of_the_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads/ads.jsonl");
    let steps = Steps::default();
    let checked = check(&linked(folder.path(), &fixture, &steps));
    steps.add_up();
    assert!(checked.networks > 3 && checked.objections > 3 && checked.photos > 3, "{checked:?}");
    assert!(checked.bridges + checked.held > 0, "{checked:?}");
}

/// A result folder that somebody made elsewhere, such as of the corpus of `bench/make_reposts.py`.
#[allow(clippy::print_stderr, reason = "a test that tests nothing must say so")]
#[test]
fn of_a_folder_that_is_named() {
    match std::env::var_os("ADLINK_RESULT") {
        Some(folder) => eprintln!("{:?}", check(Path::new(&folder))),
        None => eprintln!("ADLINK_RESULT names no folder: not tested"),
    }
}

/// How far each stage said it was.
#[derive(Default)]
struct Steps(Mutex<Vec<(Stage, Option<u64>, u64)>>);

impl Progress for Steps {
    fn start(&self, stage: Stage, total: Option<u64>) {
        self.0.lock().unwrap().push((stage, total, 0));
    }

    fn advance(&self, count: u64) {
        self.0.lock().unwrap().last_mut().unwrap().2 += count;
    }
}

impl Steps {
    /// Every stage that knows how much there is comes to its end: a bar that stands still looks like a program that hangs.
    fn add_up(&self) {
        let steps = self.0.lock().unwrap();
        for stage in [Stage::Matching, Stage::Parts, Stage::Comparing] {
            let found = steps.iter().find(|(name, ..)| *name == stage).unwrap_or_else(|| panic!("{stage:?}"));
            assert!(found.1 == Some(found.2) && found.2 > 0, "{found:?}");
        }
    }
}

/// The result folder of a manifest.
fn linked(folder: &Path, manifest: &Path, progress: &dyn Progress) -> PathBuf {
    let mut case = adlink::case::Case::open_or_create(&folder.join("case.adlink")).unwrap();
    ingest(&mut case, &[Input::Path(manifest.into())], &IngestOptions::default(), &Silent).unwrap();
    let found = link_case(&mut case, &LinkOptions::default(), progress).unwrap();
    let out = folder.join("out");
    write(&out, &found.snapshot, &found.findings, &facts()).unwrap();
    out
}

/// The places that `docs/method.md` names for five questions, in the report and on a network's own page.
#[test]
fn five_questions_have_their_places() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/method.md")).unwrap();
    let table = guide.split("## Five questions").nth(1).unwrap().split("\n## ").next().unwrap();
    let questions: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| ") && line.contains("`#")).collect();
    assert_eq!(questions.len(), 5);
    let (snapshot, findings) = small().build();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &snapshot, &findings, &facts()).unwrap();
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    for question in questions {
        let place = question.split('|').nth(2).unwrap();
        for id in between(place, "`#", "`") {
            for network in &findings.networks {
                let id = id.replace("n-0123456789abcdef", &network.id);
                assert!(report.contains(&format!("id=\"{id}\"")), "{id} of {question}");
            }
        }
        // The same question leads there from "How to read this".
        let words = question.split('|').nth(1).unwrap().trim();
        assert!(report.contains(&format!("<strong>{words} </strong>")), "{words}");
    }
}
