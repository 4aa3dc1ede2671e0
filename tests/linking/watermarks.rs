//! Watermarks through ingest and linking: photos under one site's letters are found where others show them without.
//!
//! Each photo is on the site at one size, under the same letters all over, and elsewhere as a cutting. The trap: without the
//! second site's pictures nothing may be linked, as the letters are all that the first site's have in common.

use crate::scene::Scene;
use adlink::corpus::{ImageRow, PixelCheck};
use adlink::decode::Limits;
use adlink::link::{Findings, LinkOptions, NoPixels, OriginalFiles, Pixels, Sources, link_with};
use adlink::progress::Silent;
use adlink::verify::Tier;
use std::collections::BTreeSet;

const WIDTH: u32 = 480;
const HEIGHT: u32 = 360;
const PHOTOS: u32 = 8;

/// Discs, waves and grain that differ from photo to photo.
fn tone(x: u32, y: u32, photo: u32) -> f64 {
    let draw = |k: u32| {
        let mixed = ((u64::from(photo) << 32) | (u64::from(k) + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / (1 << 24) as f64
    };
    let (u, v) = (f64::from(x), f64::from(y));
    let waves: f64 = (0..6)
        .map(|k| {
            let size = [60.0, 40.0, 27.0, 18.0, 12.0, 8.0][k as usize];
            let (turn, phase) = (6.3 * draw(k), 6.3 * draw(k + 10));
            size / 3.0 * ((u * turn.cos() + v * turn.sin()) / size * 2.0 + phase).sin()
        })
        .sum();
    let mut discs = (20..70).filter(|&k| {
        let (across, down) = (draw(k) * f64::from(WIDTH), draw(k + 100) * f64::from(HEIGHT));
        (u - across).hypot(v - down) < 5.0 + 20.0 * draw(k + 200)
    });
    let last = discs.next_back().map_or(0.0, |k| 80.0 * draw(k + 300) - 40.0);
    let grain = 10.0 * draw(1000 + x / 2 + y / 2 * WIDTH) - 5.0;
    (126.0 + waves + last + grain).clamp(0.0, 255.0)
}

/// Letters of 14 by 20 pixels, apart, a line of them every 80.
fn is_letter(x: u32, y: u32) -> bool {
    let along = x + 11 * (y / 80);
    let (column, u, v) = (along / 34 % 7, along % 34, y % 80);
    let strokes =
        [0b1011_0110_u32, 0b1110_1101, 0b0111_1011, 0b1101_1010, 0b1011_1101, 0b0110_1111, 0b1111_0101];
    u < 14 && v < 20 && strokes[column as usize] >> (u / 5 + 3 * (v / 8)) & 1 == 1
}

fn pgm(width: u32, height: u32, grey: impl Fn(u32, u32) -> f64) -> Vec<u8> {
    let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
    bytes.extend((0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| grey(x, y) as u8));
    bytes
}

fn marked(photo: u32) -> Vec<u8> {
    let over = |grey: f64| 0.15 * grey + 212.0;
    pgm(WIDTH, HEIGHT, |x, y| if is_letter(x, y) { over(tone(x, y, photo)) } else { tone(x, y, photo) })
}

fn cutting(photo: u32) -> Vec<u8> {
    pgm(320, 260, |x, y| tone(x + 90, y + 60, photo))
}

/// A case with these pictures, an ad each.
fn scene(pictures: impl Iterator<Item = (String, Vec<u8>)>) -> Scene {
    let (scene, mut ads) = (Scene::new(), String::new());
    for (name, bytes) in pictures {
        scene.write(format!("images/{name}.pgm"), bytes);
        let site = &name[..1];
        ads.push_str(&format!(
            "{{\"site\":\"{site}.example\",\"ad_id\":\"{name}\",\"images\":[\"images/{name}.pgm\"]}}\n"
        ));
    }
    scene.write("ads.jsonl", ads);
    scene.ingest("ads.jsonl").unwrap();
    scene
}

fn linked(scene: &Scene, pixels_are_there: bool, known: &[PixelCheck]) -> Findings {
    let case = scene.case();
    let snapshot = case.snapshot_with_features().unwrap();
    let files = OriginalFiles::new(&snapshot, case.all_originals(&snapshot).unwrap(), Limits::default());
    let pixels: &dyn Pixels = if pixels_are_there { &files } else { &NoPixels };
    let sources = Sources { pixels, pixel_checks: known };
    link_with(&snapshot, &sources, &LinkOptions::default(), &Silent).unwrap()
}

fn marked_ones() -> impl Iterator<Item = (String, Vec<u8>)> {
    (0..PHOTOS).map(|photo| (format!("m{photo}"), marked(photo)))
}

#[test]
fn a_photo_under_a_watermark_is_found_elsewhere_and_stays_found_without_originals() {
    let scene = scene(marked_ones().chain((0..PHOTOS).map(|photo| (format!("w{photo}"), cutting(photo)))));
    let findings = linked(&scene, true, &[]);
    let snapshot = scene.snapshot();
    let shown = |image: ImageRow| {
        let seen =
            snapshot.sightings.iter().find(|seen| seen.image == image).expect("every image is in an ad");
        snapshot.ads[seen.ad].key.ad_id.clone()
    };
    let pairs: BTreeSet<(String, String)> = findings
        .pairs
        .iter()
        .map(|pair| (shown(pair.a).to_string(), shown(pair.b).to_string()))
        .map(|(a, b)| if a < b { (a, b) } else { (b, a) })
        .collect();
    let expected: BTreeSet<_> = (0..PHOTOS).map(|photo| (format!("m{photo}"), format!("w{photo}"))).collect();
    assert!(pairs.is_subset(&expected) && 2 * pairs.len() >= expected.len(), "{pairs:?}");
    assert!(findings.pairs.iter().all(|pair| pair.proof.tier == Tier::Partial));

    let known = findings.pixel_checks.clone();
    assert!(known.iter().any(|kept| kept.a == kept.b), "features without the watermark are kept");
    let again = linked(&scene, true, &known);
    assert_eq!((again.pairs, again.pixel_checks), (findings.pairs.clone(), Vec::new()));
    assert_eq!(linked(&scene, false, &known).pairs, findings.pairs);
}

#[test]
fn of_too_few_pictures_no_watermark_is_known() {
    let few = |letter: char| (4..8).map(move |photo| (format!("{letter}{photo}"), photo));
    let marked = few('m').map(|(name, photo)| (name, marked(photo)));
    let cuttings = few('w').map(|(name, photo)| (name, cutting(photo)));
    let findings = linked(&scene(marked.chain(cuttings)), true, &[]);
    assert!(findings.pixel_checks.iter().all(|kept| kept.a < kept.b));
}

#[test]
fn a_watermark_alone_links_nothing() {
    let findings = linked(&scene(marked_ones()), true, &[]);
    assert_eq!(findings.pairs, []);
}

#[test]
fn a_picture_with_dark_and_light_exchanged_is_found() {
    let negative = |photo: u32| pgm(WIDTH, HEIGHT, |x, y| 255.0 - tone(x, y, photo));
    let plain = |photo: u32| pgm(WIDTH, HEIGHT, |x, y| tone(x, y, photo));
    let both = |photo: u32| [(format!("p{photo}"), plain(photo)), (format!("n{photo}"), negative(photo))];
    let scene = scene((0..4).flat_map(both));
    for pixels_are_there in [true, false] {
        let findings = linked(&scene, pixels_are_there, &[]);
        assert_eq!(findings.pairs.len(), 4);
        assert!(findings.pairs.iter().all(|pair| pair.proof.tier == Tier::Transformed));
    }
}
