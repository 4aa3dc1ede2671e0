//! Pictures in which there is nothing to recognise, or the same thing everywhere, from ingest to links: no two of them
//! show one photo, and none of them takes long.
//!
//! Every picture is of its own making, so any pair is false. The trap: a lattice laid over itself one cell further on
//! is a copy of itself, so pictures of one sort differ in measure, not in place alone.

use crate::scene::Scene;
use adlink::corpus::{ImageRow, Row, Snapshot};
use adlink::decode::Limits;
use adlink::link::{Findings, LinkOptions, OriginalFiles, Pair, Sources, link_with};
use adlink::progress::Silent;
use std::time::{Duration, Instant};

/// Far above what it takes, which is seconds: this finds loops that grow with the square of a repeated thing.
const LONGEST: Duration = Duration::from_secs(240);

/// A well mixed byte for every place and seed.
fn noise(x: u32, y: u32, seed: u32) -> u8 {
    let mut z = x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b) ^ seed.wrapping_mul(0xc2b2_ae35);
    z = (z ^ (z >> 15)).wrapping_mul(0x2c1b_3c6d);
    z = (z ^ (z >> 12)).wrapping_mul(0x297a_2d39);
    (z ^ (z >> 15)) as u8
}

fn pgm(width: u32, height: u32, level: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
    bytes.extend((0..width * height).map(|k| level(k % width, k / width)));
    bytes
}

fn ink(inked: bool) -> u8 {
    if inked { 30 } else { 235 }
}

fn stripes(period: u32, (right, down): (u32, u32)) -> Vec<u8> {
    pgm(500, 400, |x, y| ink((x * right + y * down) % period < period / 2))
}

/// Dots of one size, `pitch` pixels apart.
fn lattice(pitch: u32) -> Vec<u8> {
    pgm(480, 480, |x, y| {
        let off = |at: u32| i64::from(at % pitch) - i64::from(pitch / 2);
        ink(off(x).pow(2) + off(y).pow(2) < 25)
    })
}

/// A checkerboard; whole numbers of fields in 512 pixels leave nothing at low frequencies but rounding.
fn checks((width, height): (u32, u32), side: u32, offset: u32) -> Vec<u8> {
    pgm(width, height, |x, y| ink(((x + offset) / side + y / side).is_multiple_of(2)))
}

fn grid(spacing: u32, thickness: u32) -> Vec<u8> {
    pgm(500, 400, |x, y| ink(x % spacing < thickness || y % spacing < thickness))
}

fn bricks(width: u32) -> Vec<u8> {
    let height = width / 2;
    pgm(480, 360, |x, y| ink((x + y / height % 2 * height) % width < 2 || y % height < 2))
}

/// A flat picture behind bars, or in a frame.
fn framed(across: u32, down: u32) -> Vec<u8> {
    let inside = |at: u32, length: u32, bar: u32| (bar..length - bar).contains(&at);
    pgm(500, 400, |x, y| if inside(x, 500, across) && inside(y, 400, down) { 180 } else { 0 })
}

/// As if a camera had seen it.
fn noisy(sort: fn(u32) -> Vec<u8>, measure: u32) -> Vec<u8> {
    let mut bytes = sort(measure);
    let header =
        bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2).map_or(0, |(k, _)| k + 1);
    (0..).zip(&mut bytes[header..]).for_each(|(k, level)| {
        *level = level.saturating_add(noise(k, measure, 90) / 10).saturating_sub(12);
    });
    bytes
}

/// A page in a typeface of 26 made-up letters of 5 x 7 blocks: the letters are the same on every page, the words are not.
fn page(text: u32) -> Vec<u8> {
    pgm(480, 640, |x, y| {
        let (column, line) = (x / 12, y / 20);
        let (u, v) = (x % 12 / 2, y % 20 / 2);
        let letter = u32::from(noise(column, line, 100 + text)) % 32;
        ink(letter < 26 && u < 5 && v < 7 && noise(u, v, letter).is_multiple_of(2))
    })
}

/// By name, so that a failure says which two were taken for one.
fn pictures() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |sort: &str, number: u32, bytes: Vec<u8>| all.push((format!("{sort}_{number}.pgm"), bytes));
    for level in [0, 90, 128, 255_u8] {
        add("flat", u32::from(level), pgm(300 + u32::from(level), 400, |_, _| level));
    }
    for seed in 0..4 {
        add("noise", seed, pgm(400, 300, |x, y| noise(x, y, seed)));
        add("coarse_noise", seed, pgm(400, 400, |x, y| noise(x / 8, y / 8, 50 + seed)));
        add("page", seed, page(seed));
    }
    for (number, period) in (0..).zip([6, 14, 22, 40]) {
        add("upright_stripes", number, stripes(period, (1, 0)));
        add("level_stripes", number, stripes(period + 4, (0, 1)));
        add("slanted_stripes", number, stripes(period + 9, (1, 2)));
        add("lattice", number, lattice(period + 12));
        add("checks", number, checks((450, 500), period, 0));
        add("noisy_checks", number, noisy(|side| checks((450, 500), side, 0), period + 3));
        add("noisy_lattice", number, noisy(lattice, period + 15));
        add("grid", number, grid(period + 5, 2));
        add("thick_grid", number, grid(period + 14, 6));
        add("bricks", number, bricks(period + 10));
    }
    for (number, side) in (0..).zip([4, 5, 8, 16, 20, 23, 25, 30, 33, 48]) {
        add("square_checks", number, checks((512, 512), side, 0));
        add("wide_checks", number, checks((640, 480), side, side / 3));
        add("bars", number, framed(0, 3 * side));
        add("frame", number, framed(4 * side, 2 * side + 7));
    }
    for number in 0..3 {
        add("level_gradient", number, pgm(500, 400, |x, _| (x * (60 + 80 * number) / 500) as u8));
        add("steep_gradient", number, pgm(500, 400, |_, y| (y * (2 + number) % 256) as u8));
    }
    for (number, (width, height)) in (0..).zip([(1, 1), (2, 3), (7, 7), (31, 20), (33, 33)]) {
        add("tiny", number, pgm(width, height, |x, y| noise(x, y, 70 + number)));
    }
    for (number, (width, height)) in (0..).zip([(6000, 1), (4000, 8), (6, 3000), (40, 5000), (3000, 34)]) {
        add("long", number, pgm(width, height, |x, y| noise(x / 4, y / 4, 80 + number)));
    }
    all
}

/// The names of what each pair of rows shows.
fn named(snapshot: &Snapshot, findings: &Findings) -> Vec<String> {
    let name = |row: ImageRow| &*snapshot.sightings.iter().find(|seen| seen.image == row).unwrap().path;
    let said = |pair: &Pair| format!("{} and {}: {:?}", name(pair.a), name(pair.b), pair.proof);
    findings.pairs.iter().map(said).collect()
}

#[test]
fn nothing_is_taken_for_something_and_none_takes_long() {
    let scene = Scene::new();
    let pictures = pictures();
    for (name, bytes) in &pictures {
        scene.write(format!("pictures/{name}"), bytes);
    }
    let start = Instant::now();
    scene.ingest("pictures").unwrap();
    let case = scene.case();
    let snapshot = case.snapshot_with_features().unwrap();
    assert_eq!(snapshot.images.len(), pictures.len(), "every picture is told from the others as a file");
    let with_keypoints = ImageRow::all(snapshot.images.len())
        .filter_map(|row| snapshot.features.get(row))
        .filter(|features| features.keypoints.len() > 30);
    assert!(with_keypoints.count() > 15, "most of these have something to match, else nothing is tested");
    let pixels = OriginalFiles::new(&snapshot, case.all_originals(&snapshot).unwrap(), Limits::default());
    for sources in [Sources { pixels: &pixels, pixel_checks: &[] }, Sources::NONE] {
        let findings = link_with(&snapshot, &sources, &LinkOptions::default(), &Silent).unwrap();
        assert_eq!(named(&snapshot, &findings), Vec::<String>::new());
        assert!(findings.links.is_empty());
    }
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
}
