//! The desk's search by picture finds what the terminal's finds: crop, screenshot, mirrored copy; and what it finds can be
//! judged.

use super::{Served, Setting, get, image, scripted, text};
use adlink::analysis::analyse_file;
use adlink::case::Case;
use adlink::decode::{Limits, decode_rgb};
use adlink::picture::Rgb;
use adlink::search::{SearchOptions, SearchedCase};
use axum::http::StatusCode;
use std::collections::BTreeSet;
use std::fs;

fn photo() -> Rgb {
    let bytes = fs::read(image("lakeside.example/L1163_0.jpg")).unwrap();
    decode_rgb(&bytes, &Limits::default()).unwrap().into()
}

/// A picture whose pixels come from where `from` says; black where it says nothing.
fn made(width: u32, height: u32, from: impl Fn(u32, u32) -> Option<(u32, u32)>) -> Vec<u8> {
    let source = photo();
    let pixel = |x: u32, y: u32| match from(x, y) {
        Some((x, y)) => {
            let at = 3 * (y * source.width() + x) as usize;
            [source.pixels()[at], source.pixels()[at + 1], source.pixels()[at + 2]]
        }
        None => [24, 24, 28],
    };
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y));
    Rgb::new(width, height, pixels.collect()).unwrap().jpeg(88).unwrap()
}

/// Queries by what was done to the photo.
fn queries() -> Vec<(&'static str, Vec<u8>)> {
    let (width, height) = (photo().width(), photo().height());
    let (crop_x, crop_y) = (width * 6 / 10, height * 6 / 10);
    vec![
        ("crop", made(crop_x, crop_y, |x, y| Some((x + width / 5, y + height / 4)))),
        ("mirrored", made(width, height, |x, y| Some((width - 1 - x, y)))),
        (
            "screenshot",
            made(width + 160, height + 220, |x, y| {
                let inside = (80..80 + width).contains(&x) && (120..120 + height).contains(&y);
                inside.then(|| (x - 80, y - 120))
            }),
        ),
    ]
}

#[tokio::test]
async fn a_picture_finds_at_the_desk_what_it_finds_in_the_terminal() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let case = Case::open_read(&at.folder.path().join("case.adlink")).unwrap();
    let options = SearchOptions::default();
    let searched = SearchedCase::read(&case, &options).unwrap();
    let searcher = searched.searcher().unwrap();
    for (name, query) in queries() {
        let file = at.folder.path().join("query.jpg");
        fs::write(&file, &query).unwrap();
        let asked = analyse_file(&file).unwrap();
        let found = searcher.find(&[&asked]).unwrap();
        let answer = &found.answers[0];
        let rows = answer.hits.iter().map(|hit| hit.image).chain(answer.parts.iter().map(|hit| hit.image));
        let expected: BTreeSet<String> =
            rows.map(|row| found.snapshot.images[row].id().to_string()).collect();
        assert!(!expected.is_empty(), "{name}: the terminal finds it");
        let page = text(at.send(scripted("/search/image", &who, query)).await).await;
        let at_desk: BTreeSet<String> =
            page.split("src=\"/image/").skip(1).map(|rest| rest[..64].to_string()).collect();
        assert_eq!(at_desk, expected, "{name}: {page}");
        assert!(!page.starts_with("<h2>0 images"), "{name}: {page}");
    }
}

#[tokio::test]
async fn what_is_in_the_case_can_be_judged_from_the_search() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let query = fs::read(image("lakeside.example/L1163_0.jpg")).unwrap();
    let page = text(at.send(scripted("/search/image", &who, query)).await).await;
    let pair = page.split_once("href=\"/pair/").unwrap().1.split('"').next().unwrap();
    let answer = at.send(get(&format!("/pair/{pair}"), Some(&who.cookie))).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(page.contains("Judge this pair"));
}

#[tokio::test]
async fn words_are_found_in_titles_texts_places_and_in_names_and_notes_of_networks() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let count = async |query: &str| {
        let page = at.page(&who, &format!("/search?q={query}")).await;
        let before = page.split_once(" found</h2>").map(|(before, _)| before.to_string()).unwrap_or_default();
        before.rsplit_once("<h2>").map_or(String::new(), |(_, count)| count.to_string())
    };
    for (query, expected) in [
        ("ALERT%281%29", "1 ad"),
        ("a.example+alert", "1 ad"),
        ("c.example+alert", "0 ads"),
        ("gnp", "1 ad"),
        ("%22%22", "0 ads"),
        ("555-0101", "2 ads"),
        ("a.example+555-0101", "1 ad"),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    let page = at.page(&who, "/search?q=alert").await;
    assert!(page.contains("<mark>alert</mark>") && !page.contains("<script>alert"), "{page}");
    let network = page.split_once("href=\"/network/").unwrap().1.split('"').next().unwrap().to_string();
    let fields = "kind=note&text=the+harbour+again";
    at.send(super::post(&format!("/network/{network}/note"), &who, fields)).await;
    for query in ["HARBOUR", "network+1", "1"] {
        assert!(at.page(&who, &format!("/search?q={query}")).await.contains("<h2>1 network</h2>"), "{query}");
    }
    let image = at.case().snapshot().unwrap().images[1].id().to_string();
    for digits in [8, 20, 64] {
        let found = at.page(&who, &format!("/search?q={}", image[..digits].to_uppercase())).await;
        assert!(found.contains("1 image by SHA-256") && found.contains(&image), "{digits}");
    }
}
