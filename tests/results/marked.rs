//! Every page of a report says all its words through the table: none stands outside marks but what comes from the case.
//!
//! Pages are made in the language of tests, which puts marks around what the table says, and of cases whose texts have no
//! Latin letters; so any Latin word outside marks was forgotten. The trap: codes stay codes, in `code` and on tiers, and a
//! page that was not made proves nothing, so the cases here have something of everything.

use super::{facts, large, small};
use adlink::corpus::{NetworkNote, NoteKind, ShortId, Snapshot, short_id};
use adlink::language::{Language, in_language};
use adlink::link::{Effect, Findings};
use adlink::picture::{PreviewForm, SmallPair};
use adlink::record::{AdKey, Decision, ImageId, Ruling, Subject};
use adlink::report::{About, Page, Previews, pages};
use adlink::view::{Between, Figures, HOTLINES, Joined, between, stop_and_report};
use std::collections::{BTreeMap, BTreeSet};

/// Attributes that people read or hear.
const READ: [&str; 5] = ["aria-label", "title", "alt", "placeholder", "data-label"];

/// Latin letters as Greek ones, in the same order, so that whatever is sorted stays sorted.
fn greek(text: &str) -> String {
    let one = |c: char| match c {
        'a'..='z' => char::from_u32(u32::from(c) - 0x61 + 0x3b1),
        'A'..='P' => char::from_u32(u32::from(c) - 0x41 + 0x391),
        // No letter stands at U+03A2.
        'Q'..='Z' => char::from_u32(u32::from(c) - 0x41 + 0x393),
        _ => None,
    };
    text.chars().map(|c| one(c).unwrap_or(c)).collect()
}

fn greek_key(key: &mut AdKey) {
    (key.site, key.ad_id) = (greek(&key.site), greek(&key.ad_id));
}

/// The same case, told in Greek.
fn in_greek(mut snapshot: Snapshot) -> Snapshot {
    let mut ids: BTreeMap<ShortId, ShortId> = BTreeMap::new();
    for ad in &mut snapshot.ads {
        let id = short_id(&[&ad.key]);
        greek_key(&mut ad.key);
        ids.insert(id, short_id(&[&ad.key]));
        (ad.title, ad.location) = (greek(&ad.title), greek(&ad.location));
        ad.phones = ad.phones.iter().map(|phone| greek(phone)).collect();
    }
    for seen in &mut snapshot.sightings {
        seen.path = greek(&seen.path).into();
    }
    for skipped in &mut snapshot.skipped {
        (skipped.path, skipped.detail) = (greek(&skipped.path), greek(&skipped.detail));
        skipped.ad.as_mut().map(greek_key);
    }
    for decision in &mut snapshot.decisions {
        (decision.reviewer, decision.reason) = (greek(&decision.reviewer), greek(&decision.reason));
        if let Subject::Ad(key) = &mut decision.subject {
            greek_key(key);
        }
    }
    for note in &mut snapshot.notes {
        (note.text, note.reviewer) = (greek(&note.text), greek(&note.reviewer));
        note.ads = note.ads.iter().map(|id| ids[id]).collect();
        note.ads.sort_unstable();
    }
    let header = &mut snapshot.header;
    for said in [&mut header.handling, &mut header.purpose, &mut header.legal_basis] {
        *said = greek(said);
    }
    snapshot
}

/// A page without what is no sentence: its style, codes, tiers, names of parameters.
fn without_codes(html: &str) -> String {
    let mut html = html.to_string();
    for (start, end) in [
        ("<style>", "</style>"),
        ("<code", "</code>"),
        ("<span class=\"tier", "</span>"),
        ("<table class=\"parameters\">", "</table>"),
    ] {
        let mut rest = html.as_str();
        let mut kept = String::new();
        while let Some((before, after)) = rest.split_once(start) {
            kept += before;
            rest = after.split_once(end).expect("what opens is closed").1;
        }
        html = kept + rest;
    }
    html
}

/// What people read of a page: texts, and attributes.
fn readable(html: &str) -> Vec<String> {
    let html = without_codes(html);
    let mut read: Vec<String> = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("tags end, and a > within is escaped");
        read.push(text.into());
        for name in READ {
            let start = format!(" {name}=\"");
            let values = tag.split(&start).skip(1);
            read.extend(values.map(|rest| rest.split('"').next().unwrap_or_default().to_string()));
        }
    }
    read
}

/// Latin words outside marks.
fn outside_marks(text: &str) -> Vec<String> {
    let mut outside = String::new();
    for piece in text.split('\u{27e7}') {
        outside += piece.split('\u{27e6}').next().unwrap_or_default();
        outside.push(' ');
    }
    for entity in ["&amp;", "&lt;", "&gt;", "&quot;"] {
        outside = outside.replace(entity, " ");
    }
    for address in HOTLINES.iter().map(|office| office.address).chain(["inhope.org"]) {
        outside = outside.replace(address, " ");
    }
    let is_label = |word: &str| {
        let number = word.strip_prefix(['A', 'P']).unwrap_or_default();
        !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    };
    let words = outside.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| word.contains(|c: char| c.is_ascii_alphabetic()))
        .filter(|word| *word != "adlink" && !is_label(word))
        .map(String::from)
        .collect()
}

fn assert_all_said(pages: &[Page]) {
    assert!(!pages.is_empty());
    for page in pages {
        assert!(page.html.contains("<html lang=\"x-marked\">"), "{}", page.name);
        let forgotten: BTreeSet<String> = readable(&page.html)
            .into_iter()
            .filter(|text| !outside_marks(text).is_empty())
            .map(|text| text.chars().take(120).collect())
            .collect();
        assert!(forgotten.is_empty(), "{}: not said through the table: {forgotten:#?}", page.name);
    }
}

fn marked(snapshot: &Snapshot, findings: &Findings, previews: &Previews) -> Vec<Page> {
    let joined = Joined::new(snapshot, findings);
    let facts = facts();
    let briefs = findings.networks.iter().map(|network| network.number).take(20).collect();
    let about = About {
        version: "0.0.0",
        parameters: &facts.parameters,
        previews,
        briefs: &briefs,
        language: Language::Marked,
    };
    pages(&joined, &Figures::new(&joined), &about)
}

/// Decisions of every kind, with everything that may become of one.
fn decide(snapshot: &mut Snapshot, findings: &mut Findings) {
    let ids: Vec<ImageId> = snapshot.images.iter().map(|image| image.id()).collect();
    let subjects = [
        Subject::Pair(ids[0], ids[1]),
        Subject::Photo(ids.clone()),
        Subject::Photo(vec![]),
        Subject::Ad(snapshot.ads[0].key.clone()),
    ];
    for (place, (ruling, subject)) in Ruling::ALL
        .into_iter()
        .flat_map(|ruling| subjects.iter().map(move |subject| (ruling, subject)))
        .enumerate()
    {
        snapshot.decisions.push(Decision {
            subject: subject.clone(),
            ruling,
            reviewer: "R. One".into(),
            at: "2024-05-01T00:00:00Z".into(),
            reason: "seen".into(),
            shown: String::new(),
        });
        findings.decisions.push(Effect::ALL[place % Effect::ALL.len()]);
    }
}

/// A name and notes, to all ads of a network, to some of them, and to more than it has now.
fn note(snapshot: &mut Snapshot, findings: &Findings) {
    let id = |row: usize| short_id(&[&snapshot.ads[row].key]);
    let network: Vec<usize> = findings.networks[0].ads.iter().map(|ad| ad.index()).collect();
    let outside = (0..snapshot.ads.len()).find(|row| !network.contains(row)).unwrap();
    let given: [Vec<usize>; 4] = [
        network.clone(),
        network[1..].to_vec(),
        [&network[..], &[outside]].concat(),
        vec![network[0], outside],
    ];
    let mut notes = Vec::new();
    for (ads, kind) in given.into_iter().zip([NoteKind::Name, NoteKind::Note, NoteKind::Note, NoteKind::Note])
    {
        let mut ads: Vec<ShortId> = ads.into_iter().map(id).collect();
        ads.sort_unstable();
        let (reviewer, at) = ("R. One".into(), "2024-05-01T00:00:00.000000Z".into());
        notes.push(NetworkNote { kind, text: "noted".into(), reviewer, at, network: 1, ads });
    }
    snapshot.notes = notes;
}

/// Pictures of some photos and links and none of others.
fn some_previews(findings: &Findings, form: PreviewForm) -> Previews {
    let network = &findings.networks[0];
    let jpeg = || vec![1, 2, 3];
    let pair = SmallPair { a: jpeg(), b: Some(jpeg()), laid: Some(jpeg()), words: String::new() };
    let of_one = SmallPair { a: jpeg(), b: None, laid: None, words: String::new() };
    let links = findings.networks.iter().flat_map(|network| network.links.iter().copied());
    let drawn = [Ok(pair), Err(String::new()), Ok(of_one)].into_iter().cycle();
    let groups = network.groups.iter().flat_map(|&group| &findings.groups[group.index()].images);
    Previews {
        form: Some(form),
        jpegs: network.groups.iter().take(1).map(|&group| (group, jpeg())).collect(),
        missing: 1,
        copies: groups.map(|&image| (image, jpeg())).collect(),
        links: links.zip(drawn).collect(),
    }
}

#[test]
fn a_small_report_says_all_through_the_table() {
    let (mut snapshot, mut findings) = small().build();
    decide(&mut snapshot, &mut findings);
    note(&mut snapshot, &findings);
    snapshot.header.handling = "RESTRICTED".into();
    snapshot.header.purpose = "inquiry 7".into();
    snapshot.header.legal_basis = "an order".into();
    snapshot.header.retain_until = "2027-01-31".into();
    let snapshot = in_greek(snapshot);
    assert_all_said(&marked(&snapshot, &findings, &Previews::default()));
    for form in [PreviewForm::Blurred, PreviewForm::Grey, PreviewForm::Clear] {
        assert_all_said(&marked(&snapshot, &findings, &some_previews(&findings, form)));
    }
    let nothing = Snapshot::default();
    assert_all_said(&marked(&nothing, &Findings::default(), &Previews::default()));
}

#[test]
fn a_large_report_says_all_through_the_table() {
    let (snapshot, findings) = &*large::CORPUS;
    assert_all_said(&marked(&in_greek(snapshot.clone()), findings, &Previews::default()));
}

/// What the desk asks of the same rooms.
#[test]
fn why_ads_are_apart_and_what_to_do_is_said_through_the_table() {
    let (snapshot, findings) = small().build();
    let snapshot = in_greek(snapshot);
    let joined = Joined::new(&snapshot, &findings);
    let rows: Vec<_> = joined.ads().map(|(row, _)| row).collect();
    let mut said = Vec::new();
    in_language(Language::Marked, || {
        for &a in &rows {
            for &b in &rows {
                if let Between::Apart(apart) = between(&joined, a, b) {
                    said.extend(apart.said);
                }
            }
        }
        said.extend(["DE", "US", ""].map(stop_and_report));
    });
    // Codes and ids stand there as such.
    let ids = findings.groups.iter().map(|group| group.id.as_str());
    for code in ids.chain(["COMMON_IMAGE"]) {
        said.iter_mut().for_each(|text| *text = text.replace(code, ""));
    }
    assert!(said.len() > 10, "{said:?}");
    for text in said {
        assert!(outside_marks(&text).is_empty(), "not said through the table: {text}");
    }
}

/// The check itself: it finds a word in a text and in each attribute.
#[test]
fn planted_words_are_found() {
    let page = |html: &str| vec![Page { name: "p".into(), html: format!("<html lang=\"x-marked\">{html}") }];
    let good =
        "<p title=\"\u{27e6}said\u{27e7} 3\">\u{3b1}\u{3b2} \u{27e6}a &amp; b\u{27e7} A12 <code>code</code>";
    assert_all_said(&page(good));
    let mut planted: Vec<String> = READ.iter().map(|name| format!("<p {name}=\"forgotten\">")).collect();
    planted.push("<p>\u{27e6}said\u{27e7} forgotten".into());
    for html in planted {
        let found = std::panic::catch_unwind(|| assert_all_said(&page(&html)));
        assert!(found.is_err(), "{html}");
    }
}
