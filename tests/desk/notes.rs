//! A network's name and notes through the desk: kept in the case, told on every page, and what becomes of them when
//! decisions take the network apart.

use super::{Reviewer, Served, Setting, from_site, post, text};
use adlink::corpus::NoteKind;
use axum::http::{StatusCode, header};

/// The path of the only network.
async fn network(at: &Setting, who: &Reviewer) -> String {
    let page = at.page(who, "/networks").await;
    format!("/network/{}", page.split_once("href=\"/network/").unwrap().1.split('"').next().unwrap())
}

async fn give(at: &Setting, who: &Reviewer, network: &str, kind: &str, words: &str) {
    let fields = format!("kind={kind}&text={words}");
    let answer = at.send(post(&format!("{network}/note"), who, &fields)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{words}");
    let to = answer.headers()[header::LOCATION].to_str().unwrap();
    assert_eq!(to, format!("{network}?said={kind}#notes"));
}

#[tokio::test]
async fn a_network_goes_by_its_name_everywhere_and_every_reviewer_reads_its_notes() {
    let at = Setting::new();
    let (ann, bo) = (at.reviewer("ann").await, at.reviewer("bo").await);
    let network = network(&at, &ann).await;
    give(&at, &ann, &network, "name", "The+harbour+ads").await;
    give(&at, &bo, &network, "note", "first%0D%0Asecond+%3Cb%3E").await;
    let kept = at.case().network_notes().unwrap();
    let said: Vec<_> = kept.iter().map(|note| (note.kind, &*note.text, &*note.reviewer)).collect();
    assert_eq!(
        said,
        [(NoteKind::Name, "The harbour ads", "ann"), (NoteKind::Note, "first\nsecond <b>", "bo")]
    );
    for path in ["/", "/networks", "/queue?show=all", &network, &at.pair(&ann).await] {
        assert!(at.page(&bo, path).await.contains("The harbour ads"), "{path}");
    }
    let page = at.page(&ann, &network).await;
    assert!(page.contains("<bdi>second &lt;b&gt;</bdi>") && page.contains("<bdi>bo</bdi>"), "{page}");
    give(&at, &bo, &network, "name", "").await;
    assert!(at.page(&bo, &network).await.contains("The name was taken back."));
    assert!(!at.page(&ann, "/networks").await.contains("harbour"));
}

#[tokio::test]
async fn what_is_no_note_is_refused_and_strangers_note_nothing() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let path = format!("{}/note", network(&at, &who).await);
    let long = format!("kind=name&text={}", "x".repeat(200));
    for (fields, status) in [
        ("kind=note&text=+%0A", StatusCode::UNPROCESSABLE_ENTITY),
        ("kind=other&text=x", StatusCode::NOT_FOUND),
        ("kind=note&text=%1B", StatusCode::BAD_REQUEST),
        (&*long, StatusCode::BAD_REQUEST),
    ] {
        let answer = at.send(post(&path, &who, fields)).await;
        assert_eq!(answer.status(), status, "{fields}: {}", text(answer).await);
    }
    assert_eq!(
        at.send(post("/network/n-0/note", &who, "kind=note&text=x")).await.status(),
        StatusCode::NOT_FOUND
    );
    let stranger = Reviewer { cookie: who.cookie.clone(), form: "0".repeat(64) };
    assert_eq!(at.send(post(&path, &stranger, "kind=note&text=x")).await.status(), StatusCode::FORBIDDEN);
    let foreign = from_site(&path, &who, "kind=note&text=x", Some("http://evil.example"), None);
    assert_eq!(at.send(foreign).await.status(), StatusCode::FORBIDDEN);
    assert!(at.case().network_notes().unwrap().is_empty());
}

#[tokio::test]
async fn notes_of_a_network_that_decisions_took_apart_are_said_to_be_so_and_come_back_with_it() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let network = network(&at, &who).await;
    give(&at, &who, &network, "note", "look+again").await;
    at.decide(&who, "reject").await;
    at.networks_follow(&who).await;
    let page = at.page(&who, "/networks").await;
    assert!(page.contains("Names and notes of networks that are no more"), "{page}");
    assert!(page.contains("look again") && page.contains("of its 2 ads, 2 in none"), "{page}");
    at.send(post("/undo", &who, "")).await;
    at.networks_follow(&who).await;
    let page = at.page(&who, "/networks").await;
    assert!(!page.contains("networks that are no more"));
    assert!(at.page(&who, &network).await.contains("look again"));
}
