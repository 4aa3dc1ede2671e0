//! Names and notes of networks in the case: what is kept, what is refused, and what becomes of them when ads go.

use crate::scene::{Scene, picture};
use adlink::case::{Case, Purge, Withdrawal};
use adlink::corpus::{NetworkNote, NoteKind, ShortId, short_id};
use adlink::error::Error;
use adlink::record::AdKey;

fn key(site: &str, ad_id: &str) -> AdKey {
    AdKey { site: site.into(), ad_id: ad_id.into() }
}

fn ids(ads: &[(&str, &str)]) -> Vec<ShortId> {
    let mut ids: Vec<ShortId> = ads.iter().map(|(site, ad_id)| short_id(&[&key(site, ad_id)])).collect();
    ids.sort_unstable();
    ids
}

fn note(kind: NoteKind, text: &str, ads: &[(&str, &str)]) -> NetworkNote {
    let ads = ids(ads);
    NetworkNote { kind, text: text.into(), reviewer: "R. One".into(), at: String::new(), network: 3, ads }
}

const ADS: [(&str, &str); 3] = [("s", "A-1"), ("t", "2"), ("t", "3")];

/// A case with three ads of one image each.
fn scene() -> Scene {
    let scene = Scene::new();
    let mut lines = String::new();
    for ((site, ad_id), seed) in ADS.into_iter().zip(1..) {
        scene.write(format!("{seed}.pgm"), picture(seed));
        lines += &format!("{{\"site\":\"{site}\",\"ad_id\":\"{ad_id}\",\"images\":[\"{seed}.pgm\"]}}\n");
    }
    scene.write("ads.jsonl", lines);
    scene.ingest("ads.jsonl").unwrap();
    scene
}

fn texts(case: &Case) -> Vec<String> {
    case.network_notes().unwrap().into_iter().map(|note| note.text).collect()
}

fn sound(scene: &Scene) {
    let case = Case::open_read(&scene.path("case.adlink")).unwrap();
    assert_eq!(case.check_data().unwrap().faults, []);
    assert_eq!(case.check_audit().unwrap().faults, []);
    assert!(case.check_file().unwrap().is_empty());
}

#[test]
fn notes_are_kept_in_order_with_their_audit_entries_and_in_one_written_form() {
    let scene = scene();
    let mut case = scene.case();
    assert_eq!(case.annotate(&note(NoteKind::Name, "  the\n\u{202e}North ", &ADS)).unwrap(), 1);
    assert_eq!(case.annotate(&note(NoteKind::Note, "two\r\nlines, a secret\n", &ADS)).unwrap(), 2);
    assert_eq!(case.annotate(&note(NoteKind::Name, "", &ADS)).unwrap(), 3, "a name is taken back");
    let kept = case.network_notes().unwrap();
    let said: Vec<_> =
        kept.iter().map(|note| (note.kind, &*note.text, &*note.reviewer, note.network)).collect();
    assert_eq!(
        said,
        [
            (NoteKind::Name, "the North", "R. One", 3),
            (NoteKind::Note, "two\nlines, a secret", "R. One", 3),
            (NoteKind::Name, "", "R. One", 3)
        ]
    );
    assert!(kept.is_sorted_by(|a, b| a.at < b.at), "each later than the one before");
    assert!(kept.iter().all(|note| note.ads == ids(&ADS)));
    assert_eq!(kept, case.snapshot().unwrap().notes);
    let entries = case.audit_entries().unwrap();
    let noted: Vec<_> = entries.iter().filter(|entry| entry.action == "network-note").collect();
    assert_eq!(noted.len(), 3);
    assert!(!noted.iter().any(|entry| entry.detail.to_string().contains("secret")));
    drop(case);
    sound(&scene);
}

#[test]
fn impossible_notes_are_refused_by_name() {
    let scene = scene();
    let mut case = scene.case();
    let good = note(NoteKind::Note, "x", &ADS);
    for (field, bad) in [
        ("note", NetworkNote { text: " \n".into(), ..good.clone() }),
        ("note", NetworkNote { text: "x".repeat(4001), ..good.clone() }),
        ("note", NetworkNote { text: "\u{1b}[31m".into(), ..good.clone() }),
        ("name", NetworkNote { kind: NoteKind::Name, text: "x".repeat(121), ..good.clone() }),
        ("reviewer", NetworkNote { reviewer: "\u{202e}".into(), ..good.clone() }),
        ("network", NetworkNote { ads: ids(&ADS[..1]), ..good.clone() }),
    ] {
        match case.annotate(&bad) {
            Err(Error::Parameter { name, .. }) => assert_eq!(name, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert!(texts(&case).is_empty());
}

/// Three notes on the same ads: one names none of them, one an ad, one an image; and one on two of the ads.
fn noted() -> Scene {
    let scene = scene();
    let image = scene.snapshot().images[0].id();
    let mut case = scene.case();
    for (text, ads) in [
        ("harbour", &ADS[..]),
        ("see (a-1), again", &ADS),
        (&*format!("compare {image}"), &ADS),
        ("A-12 is another", &ADS[..2]),
    ] {
        case.annotate(&note(NoteKind::Note, text, ads)).unwrap();
    }
    scene
}

#[test]
fn an_ad_that_goes_leaves_the_lists_of_notes_and_takes_along_what_names_it() {
    let scene = noted();
    let image = scene.snapshot().images[0].id();
    let mut case = scene.case();
    let removed = case.withdraw(&Withdrawal::Ad(key("s", "A-1")), "asked").unwrap().removed;
    let of_ad = case.snapshot().unwrap().images.iter().all(|left| left.id() != image);
    assert_eq!(removed.notes, 1 + u64::from(of_ad));
    let left: Vec<String> = texts(&case);
    assert!(left.contains(&"harbour".into()) && left.contains(&"A-12 is another".into()), "{left:?}");
    let gone = short_id(&[&key("s", "A-1")]);
    assert!(case.network_notes().unwrap().iter().all(|note| !note.ads.contains(&gone)));
    let removed = case.withdraw(&Withdrawal::Ad(key("t", "2")), "asked").unwrap().removed;
    assert!(removed.notes >= 1, "no ad of the last one is left");
    assert!(!texts(&case).contains(&"A-12 is another".into()));
    drop(case);
    sound(&scene);
}

#[test]
fn an_image_that_goes_takes_along_what_names_it_and_so_does_a_purge() {
    let scene = noted();
    let image = scene.snapshot().images[0].id();
    let mut case = scene.case();
    case.withdraw(&Withdrawal::Image(image), "asked").unwrap();
    assert!(!texts(&case).iter().any(|text| text.contains(&image.to_string())));
    assert!(texts(&case).contains(&"harbour".into()));
    let all = |site: &str| Purge { site: Some(site.into()), ..Purge::default() };
    let planned = case.purge(&all("t"), true).unwrap();
    assert!(texts(&case).contains(&"harbour".into()), "a dry run removes nothing");
    assert_eq!(case.purge(&all("t"), false).unwrap().notes, planned.notes);
    case.purge(&all("s"), false).unwrap();
    assert!(texts(&case).is_empty(), "no ad is left of any network");
    drop(case);
    sound(&scene);
}
