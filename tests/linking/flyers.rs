//! Flyers through ingest and linking: one design with other words is one network, one photo inside many designs is none.
//!
//! Both kinds show one photo at one place, so their hashes are near. The trap: every size is asked, as an answer that is
//! right for eight flyers and wrong for three is of no use to anybody.

use crate::scene::Scene;
use adlink::decode::Limits;
use adlink::link::{Findings, LinkOptions, NetworkKind, OriginalFiles, Sources, link_with};
use adlink::progress::Silent;
use adlink::view::{Joined, ManyContacts};

const WIDTH: u32 = 360;
const HEIGHT: u32 = 480;

/// A number for a place and a seed.
fn mixed(x: u32, y: u32, seed: u32) -> u32 {
    let place = u64::from(x) << 40 | u64::from(y) << 20 | (u64::from(seed) + 1);
    let once = (place ^ place >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((once ^ once >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) as u32
}

/// A line of made-up letters in cells of 10 by 16 pixels.
fn letters(x: u32, y: u32, words: u32) -> bool {
    let (column, u) = (x / 10, x % 10);
    let letter = mixed(column, 0, words);
    y < 16 && u < 7 && !letter.is_multiple_of(5) && (letter >> (u / 3 + 3 * (y / 4)) & 1) == 1
}

/// Continuous tone with structure at every scale.
fn tone(x: u32, y: u32, seed: u32) -> u8 {
    let wave = |across: u32, down: u32, size: f64| {
        let (u, v) = (f64::from(x) / size, f64::from(y) / size);
        (u * f64::from(across) + 0.7 * v + f64::from(seed)).sin() * (v * f64::from(down) - 0.6 * u).cos()
    };
    let grain = f64::from(mixed(x / 2, y / 2, seed) % 32) - 16.0;
    (128.0 + 48.0 * wave(1, 2, 40.0) + 36.0 * wave(2, 1, 17.0) + 24.0 * wave(1, 1, 7.0) + grain) as u8
}

/// A flyer: a logo, a photo, four lines of words and at the end of the last a phone; as a PGM file.
fn flyer(ground: u8, logo: u32, photo: u32, lines: [u32; 4], phone: u32) -> Vec<u8> {
    let ink = if ground > 127 { 10 } else { 245 };
    let mut bytes = format!("P5\n{WIDTH} {HEIGHT}\n255\n").into_bytes();
    for (x, y) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y))) {
        let line = y.checked_sub(340).map(|below| (below / 30, below % 30));
        bytes.push(match line {
            _ if (20..80).contains(&x) && (16..76).contains(&y) => {
                (mixed((x - 20) / 12, (y - 16) / 12, logo) % 6 * 50) as u8
            }
            _ if (20..340).contains(&x) && (90..320).contains(&y) => tone(x, y, photo),
            Some((row, below))
                if row < 4
                    && (20..320).contains(&x)
                    && letters(
                        x - 20,
                        below,
                        if row == 3 && x > 200 { phone } else { lines[row as usize] },
                    ) =>
            {
                ink
            }
            _ => ground,
        });
    }
    bytes
}

/// Flyers, each in an ad with a phone of its own, on two sites.
fn findings(flyers: &[Vec<u8>], read: impl Fn(&Findings, &Joined<'_>)) {
    let scene = Scene::new();
    let mut ads = String::new();
    for (k, flyer) in flyers.iter().enumerate() {
        scene.write(format!("images/{k}.pgm"), flyer);
        ads.push_str(&format!(
            r#"{{"site":"s{}.example","ad_id":"{k}","phones":["+49 170 55501{k:02}"],"images":["images/{k}.pgm"]}}"#,
            k % 2
        ));
        ads.push('\n');
    }
    scene.write("ads.jsonl", ads);
    scene.ingest("ads.jsonl").unwrap();
    let case = scene.case();
    let snapshot = case.snapshot_with_features().unwrap();
    let pixels = OriginalFiles::new(&snapshot, case.all_originals(&snapshot).unwrap(), Limits::default());
    let sources = Sources { pixels: &pixels, pixel_checks: &[] };
    let findings = link_with(&snapshot, &sources, &LinkOptions::default(), &Silent).unwrap();
    read(&findings, &Joined::new(&snapshot, &findings));
}

#[test]
fn one_photo_inside_many_designs_is_one_picture_with_many_contacts() {
    for count in [2, 3, 5, 8, 12] {
        let flyers: Vec<Vec<u8>> = (0..count)
            .map(|k| {
                let ground = if k % 3 == 0 { 40 + k as u8 } else { 180 + 4 * k as u8 };
                flyer(ground, 100 + k, 7, [200 + k, 300 + k, 400 + k, 500 + k], 600 + k)
            })
            .collect();
        findings(&flyers, |findings, joined| {
            assert_eq!(findings.networks.len(), 0, "{count} flyers: {:?}", findings.networks);
            let many = ManyContacts::of(joined);
            assert_eq!(many.len(), 1, "{count} flyers");
            assert_eq!(
                (many[0].kind, many[0].ads.len(), many[0].contacts.len()),
                ("photo", count as usize, count as usize)
            );
            let settles = many[0].would_settle(joined);
            assert!(settles.contains(&many[0].contacts[0]), "{settles}");
        });
    }
}

#[test]
fn one_design_with_other_words_is_a_network_of_its_own_kind() {
    for count in [2, 3, 5, 8, 12] {
        let flyers: Vec<Vec<u8>> =
            (0..count).map(|k| flyer(220, 100, 7, [200, 300, 400, 500], 600 + k)).collect();
        findings(&flyers, |findings, _| {
            let networks: Vec<_> = findings.networks.iter().map(|n| (n.ads.len(), n.kind)).collect();
            assert_eq!(networks, [(count as usize, NetworkKind::Template)], "{count} flyers");
        });
    }
}
