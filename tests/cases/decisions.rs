//! Decisions in the case: what is kept, what is refused, what is in force.

use crate::scene::{Scene, picture, text};
use adlink::case;
use adlink::case::Case;
use adlink::corpus::{decision_from_line, decision_line, read_decisions, standing};
use adlink::error::{CaseError, Error};
use adlink::record::{AdKey, Decision, ImageId, Ruling, Subject};
use proptest::prelude::*;
use rusqlite::Connection;

fn id(byte: u8) -> ImageId {
    ImageId([byte; 32])
}

fn said(subject: Subject, ruling: Ruling, reviewer: &str, at: &str) -> Decision {
    let reason = "the watermark differs".to_string();
    Decision { subject, ruling, reviewer: reviewer.into(), at: at.into(), reason, shown: "revealed".into() }
}

fn pair() -> Subject {
    Subject::Pair(id(1), id(2))
}

#[test]
fn a_decision_is_kept_with_its_audit_entry_and_never_twice() {
    let scene = Scene::new();
    let mut case = scene.case();
    let first = said(pair(), Ruling::Reject, "R. One", "2024-05-06T07:08:09Z");
    assert_eq!(case.decide(&first).unwrap(), 1);
    assert_eq!(case.decide(&first).unwrap(), 1);
    let turned = Decision { subject: Subject::Pair(id(2), id(1)), ..first.clone() };
    assert_eq!(case.decide(&turned).unwrap(), 1, "the order of two images says nothing");
    assert_eq!(case.decide(&Decision { reviewer: "Two".into(), ..first.clone() }).unwrap(), 2);
    let kept = case.decisions().unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept, case.snapshot().unwrap().decisions);
    let one = kept.iter().find(|decision| decision.reviewer == "R. One").unwrap();
    assert_eq!(*one, Decision { at: "2024-05-06T07:08:09.000000Z".into(), ..first });
    let entries = case.audit_entries().unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.action == "decision").count(), 2);
    assert!(!entries.iter().any(|entry| entry.detail.to_string().contains("watermark")));
}

#[test]
fn what_is_said_last_holds_whatever_the_clocks_say() {
    let scene = Scene::new();
    let mut case = scene.case();
    case.decide(&said(pair(), Ruling::Confirm, "a", "2999-01-01T00:00:00Z")).unwrap();
    for ruling in [Ruling::Reject, Ruling::Confirm, Ruling::Unsure] {
        case.decide(&said(pair(), ruling, "a", "")).unwrap();
        assert_eq!(standing(&case.decisions().unwrap())[0].decision.ruling, ruling);
    }
}

#[test]
fn impossible_fields_are_refused_by_name_and_hostile_text_is_kept() {
    let scene = Scene::new();
    let mut case = scene.case();
    let good = said(pair(), Ruling::Reject, "a", "");
    let bad = [
        ("reviewer", Decision { reviewer: String::new(), ..good.clone() }),
        ("reviewer", Decision { reviewer: "x".repeat(201), ..good.clone() }),
        ("reviewer", Decision { reviewer: "\u{202e}\n".into(), ..good.clone() }),
        ("reason", Decision { reason: "x".repeat(4001), ..good.clone() }),
        ("reason", Decision { reason: "\u{1b}[31m".into(), ..good.clone() }),
        ("shown", Decision { shown: "a\0".into(), ..good.clone() }),
        ("at", Decision { at: "yesterday".into(), ..good.clone() }),
        ("pair", Decision { subject: Subject::Pair(id(1), id(1)), ..good.clone() }),
        ("photo", Decision { subject: Subject::Photo(vec![]), ..good.clone() }),
        (
            "ad_id",
            Decision {
                subject: Subject::Ad(AdKey { site: "s".into(), ad_id: String::new() }),
                ..good.clone()
            },
        ),
    ];
    for (field, decision) in bad {
        match case.decide(&decision) {
            Err(Error::Parameter { name, .. }) => assert_eq!(name, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert!(case.decisions().unwrap().is_empty());
    let hostile = "<script>'\"; DROP TABLE decision;--\u{202e}=1+1\n\t";
    let key = AdKey { site: hostile.into(), ad_id: hostile.into() };
    let said = Decision {
        reason: hostile.into(),
        ..said(Subject::Ad(key), Ruling::Mirror, "=\u{202e}<b>", "2024-01-01T00:00:00.000000Z")
    };
    case.decide(&said).unwrap();
    // All but the name, of which what cannot be seen is not kept.
    assert_eq!(case.decisions().unwrap(), [Decision { reviewer: "=<b>".into(), ..said }]);
}

#[test]
fn ingesting_again_leaves_decisions_as_they_are() {
    let scene = Scene::new();
    scene.write("a.pgm", picture(1));
    scene.write("ads.jsonl", r#"{"site":"s","ad_id":"1","images":["a.pgm"]}"#);
    scene.ingest("ads.jsonl").unwrap();
    scene.case().decide(&said(pair(), Ruling::Reject, "a", "")).unwrap();
    let before = scene.snapshot();
    assert_eq!(before.decisions.len(), 1);
    scene.ingest("ads.jsonl").unwrap();
    assert_eq!(text(&scene.snapshot()), text(&before));
}

#[test]
fn while_another_writes_a_decision_is_refused_with_who_it_is() {
    let scene = Scene::new();
    let path = scene.path("case.adlink");
    let writer = scene.case();
    match case::decide(&path, &said(pair(), Ruling::Reject, "a", "")) {
        Err(Error::Case { source: CaseError::Busy { holder: Some(holder) }, .. }) => {
            assert!(holder.contains(&std::process::id().to_string()));
        }
        other => panic!("expected busy with a name, not {other:?}"),
    }
    drop(writer);
    let reader = Case::open_read(&path).unwrap();
    assert_eq!(case::decide(&path, &said(pair(), Ruling::Reject, "a", "")).unwrap(), 1);
    assert_eq!(reader.decisions().unwrap().len(), 1, "a reader sees it at once, and the case is free again");
}

#[test]
fn reviewers_disagree_visibly_and_the_latest_wins() {
    let at = |minute: u32| format!("2024-01-01T00:{minute:02}:00.000000Z");
    let ad = Subject::Ad(AdKey { site: "s".into(), ad_id: "1".into() });
    let mut made = vec![
        said(pair(), Ruling::Confirm, "a", &at(0)),
        said(ad.clone(), Ruling::Mirror, "a", &at(1)),
        said(pair(), Ruling::Reject, "b", &at(2)),
    ];
    let stands = |made: &[Decision]| {
        let all = standing(made);
        assert_eq!(all.len(), 2);
        let pair = all.iter().find(|one| one.decision.subject == pair()).unwrap();
        assert!(!all.iter().find(|one| one.decision.subject == ad).unwrap().is_disputed());
        (pair.decision.ruling, pair.is_disputed(), pair.last_of_each.len())
    };
    assert_eq!(stands(&made), (Ruling::Reject, true, 2));
    made.push(said(pair(), Ruling::Unsure, "b", &at(3)));
    assert_eq!(stands(&made), (Ruling::Unsure, false, 2));
    made.push(said(pair(), Ruling::Confirm, "b", &at(4)));
    assert_eq!(stands(&made), (Ruling::Confirm, false, 2));
}

#[test]
fn damaged_decisions_are_errors_that_say_so() {
    for damage in ["ruling = 'maybe'", "subject = '{}'", "subject = 'x'"] {
        let scene = Scene::new();
        scene.case().decide(&said(pair(), Ruling::Reject, "a", "")).unwrap();
        let path = scene.path("case.adlink");
        Connection::open(&path).unwrap().execute_batch(&format!("UPDATE decision SET {damage}")).unwrap();
        match Case::open_read(&path).unwrap().snapshot() {
            Err(Error::Case { source: CaseError::Damaged(_), .. }) => {}
            other => panic!("{damage}: {other:?}"),
        }
    }
}

#[test]
fn bad_lines_are_named_and_the_others_read() {
    let good = decision_line(&said(pair(), Ruling::Reject, "a", "2024-01-01T00:00:00Z"));
    let cases = [
        "[]",
        "{",
        "{\"subject\":{\"pair\":[\"00\",\"11\"]}}",
        &good.replace("reject", "maybe"),
        &good.replace("2024-01-01T00:00:00Z", ""),
        &good.replace("\"reviewer\":\"a\"", "\"reviewer\":7"),
        &good[..good.len() - 1],
    ];
    let text = format!("{good}\n\n{}\n{good}", cases.join("\n"));
    let (read, bad) = read_decisions(text.as_bytes()).unwrap();
    assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 10]);
    assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), (3..10).collect::<Vec<_>>());
    assert!(bad.iter().all(|bad| !bad.reason.is_empty()));
    let long = format!("{}\n{good}\n", "x".repeat(9 << 20));
    let (read, bad) = read_decisions(long.as_bytes()).unwrap();
    assert_eq!((read.len(), bad.len(), bad[0].line), (1, 1, 1));
}

fn subjects() -> impl Strategy<Value = Subject> {
    let image = || any::<[u8; 32]>().prop_map(ImageId);
    prop_oneof![
        (image(), image())
            .prop_filter("two", |(a, b)| a != b)
            .prop_map(|(a, b)| Subject::Pair(a.min(b), a.max(b))),
        proptest::collection::btree_set(image(), 1..5)
            .prop_map(|images| Subject::Photo(images.into_iter().collect())),
        (any::<String>(), ".+").prop_map(|(site, ad_id)| Subject::Ad(AdKey { site, ad_id })),
    ]
}

fn decisions() -> impl Strategy<Value = Decision> {
    // Names that are accepted as they are.
    (
        subjects(),
        0..5_usize,
        "[A-Za-z\u{e0}-\u{ff}\u{5d0}-\u{5ea}<>=\"'&.]{1,20}",
        0..2_000_000_000_i64,
        "\\PC{0,40}",
    )
        .prop_map(|(subject, ruling, reviewer, second, reason)| Decision {
            subject,
            ruling: Ruling::ALL[ruling],
            reviewer,
            at: jiff::Timestamp::from_second(second).unwrap().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string(),
            reason,
            shown: String::new(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lines_round_trip_and_damaged_ones_never_panic(decision in decisions(), cut: usize, byte: u8) {
        let line = decision_line(&decision);
        prop_assert_eq!(decision_from_line(&line), Ok(decision));
        let mut bytes = line.into_bytes();
        let at = cut % bytes.len();
        let _ = read_decisions(&bytes[..at]).unwrap();
        bytes[at] = byte;
        let _ = read_decisions(&bytes[..]).unwrap();
    }

    #[test]
    fn decisions_move_between_cases_in_any_order_and_number_of_steps(
        made in proptest::collection::vec(decisions(), 0..8),
        at in 0..8_usize,
    ) {
        let (one, other) = (Scene::new(), Scene::new());
        one.case().import_decisions(&made).unwrap();
        let exported = one.case().decisions().unwrap();
        let split = at.min(exported.len());
        let mut case = other.case();
        case.import_decisions(&exported[split..]).unwrap();
        let second = case.import_decisions(&exported).unwrap();
        prop_assert_eq!((second.added, second.known), (split as u64, (exported.len() - split) as u64));
        prop_assert_eq!(case.decisions().unwrap(), exported);
        prop_assert!(case.audit_head().is_ok());
    }
}
