//! Local features from outside: what they promise about prefixes, turns, small and empty pictures, and what they
//! and the pixels prove about a pair.

use adlink::decode::{Limits, decode};
use adlink::features::{self, Features, QUERY, STORED};
use adlink::hash::{Dihedral, Luma};
use adlink::internals::affine::{Affine, Overlap};
use adlink::internals::geometry::{GeometricMatch, WeightedFeatures, match_any_turn};
use adlink::internals::{dense, partial};
use adlink::verify::{Projective, Tier};
use std::fs;
use std::path::Path;

/// Discs of many sizes on grey, shaded and grainy: as many keypoints as a photo has, and its continuous tone.
pub(crate) fn picture(width: u32, height: u32, seed: u64) -> Luma {
    let mut sums = vec![128i32; (width * height) as usize];
    let mut state = seed;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as u32) % below
    };
    for _ in 0..width * height / 250 {
        let radius = (2 + draw(6) * draw(6)) as i32;
        let (x, y, level) = (draw(width) as i32, draw(height) as i32, draw(120) as i32 - 60);
        for v in (y - radius).max(0)..(y + radius).min(height as i32) {
            for u in (x - radius).max(0)..(x + radius).min(width as i32) {
                if (u - x).pow(2) + (v - y).pow(2) < radius * radius {
                    sums[(v * width as i32 + u) as usize] += level;
                }
            }
        }
    }
    let wave = |at: u32, length: u32| (at % (2 * length)).abs_diff(length) as i32 * 40 / length as i32 - 20;
    let grain = |place: u32| {
        let mixed = (u64::from(place) + 1).wrapping_mul(seed | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed >> 40) % 13) as i32 - 6
    };
    let shaded = |(sum, place): (i32, u32)| {
        let (x, y) = (place % width, place / width);
        (sum + wave(x + y / 3, 37) + wave(y, 53) + grain(place)).clamp(0, 255) as u8
    };
    Luma::new(width, height, sums.into_iter().zip(0..).map(shaded).collect()).unwrap()
}

fn mirrored(luma: &Luma) -> Luma {
    let pixels = (0..luma.height()).flat_map(|y| luma.row(y).iter().rev().copied()).collect();
    Luma::new(luma.width(), luma.height(), pixels).unwrap()
}

fn transposed(luma: &Luma) -> Luma {
    let pixels = (0..luma.width()).flat_map(|x| (0..luma.height()).map(move |y| luma.row(y)[x as usize]));
    Luma::new(luma.height(), luma.width(), pixels.collect()).unwrap()
}

/// Share of `a`'s keypoints that `b` has too: within a pixel, the same scale, nearly the same code.
fn shared(a: &Features, b: &Features) -> f64 {
    let close = |x: u16, y: u16| x.abs_diff(y) <= 2;
    let found = a.keypoints.iter().filter(|p| {
        b.keypoints.iter().any(|q| {
            close(p.x, q.x)
                && close(p.y, q.y)
                && p.scale.abs_diff(q.scale) <= 1
                && p.code.distance(&q.code) <= 12
        })
    });
    found.count() as f64 / a.keypoints.len() as f64
}

#[test]
fn every_prefix_is_what_a_smaller_limit_gives() {
    let luma = picture(400, 300, 5);
    let many = features::extract(&luma, QUERY);
    assert_eq!(many.keypoints.len(), QUERY);
    for limit in [0, 1, 17, STORED, QUERY] {
        assert_eq!(many.prefix(limit), features::extract(&luma, limit), "limit {limit}");
    }
}

#[test]
fn turned_features_are_the_features_of_the_turned_picture() {
    // Odd all the way up the octaves, so that halving takes the same pixels from either end.
    let luma = picture(417, 305, 6);
    let features = features::extract(&luma, STORED);
    let (mirror, transpose) = (mirrored(&luma), transposed(&luma));
    for (turn, picture) in [
        (Dihedral::FlipY, &mirror),
        (Dihedral::FlipPlus1, &transpose),
        (Dihedral::Rot90, &transposed(&mirror)),
        (Dihedral::Rot270, &mirrored(&transpose)),
    ] {
        let found = shared(&features.turned(turn), &features::extract(picture, QUERY));
        assert!(found > 0.9, "{turn}: {found}");
        assert_eq!(features.turned(turn).turned(turn.inverse()), features, "{turn}");
    }
}

#[test]
fn pictures_without_structure_have_no_features() {
    for luma in [
        Luma::new(0, 0, Vec::new()).unwrap(),
        Luma::new(31, 400, vec![7; 31 * 400]).unwrap(),
        Luma::new(3000, 40, vec![7; 3000 * 40]).unwrap(),
        Luma::new(640, 480, vec![200; 640 * 480]).unwrap(),
    ] {
        let features = features::extract(&luma, QUERY);
        assert!(features.keypoints.is_empty(), "{luma:?}");
        assert_eq!(Features::from_bytes(&features.to_bytes()), Some(features));
    }
}

#[test]
fn a_larger_picture_gives_the_same_features_at_the_working_size() {
    let small = picture(256, 200, 9);
    let doubled: Vec<u8> = (0..800)
        .flat_map(|y| (0..1024).map(move |x| (y / 4, x / 4)))
        .map(|(y, x)| small.row(y)[x as usize])
        .collect();
    let large = features::extract(&Luma::new(1024, 800, doubled).unwrap(), STORED);
    assert_eq!((large.width, large.height), (512, 400));
    assert_eq!(large.keypoints.len(), STORED);
}

fn cropped(luma: &Luma, x: u32, y: u32, width: u32, height: u32) -> Luma {
    let rows =
        (y..y + height).flat_map(|row| luma.row(row)[x as usize..(x + width) as usize].iter().copied());
    Luma::new(width, height, rows.collect()).unwrap()
}

/// The picture with another pasted on it.
pub(crate) fn pasted(luma: &Luma, other: &Luma, x: u32, y: u32) -> Luma {
    let mut pixels = luma.pixels().to_vec();
    for row in 0..other.height() {
        let at = ((y + row) * luma.width() + x) as usize;
        pixels[at..at + other.width() as usize].copy_from_slice(other.row(row));
    }
    Luma::new(luma.width(), luma.height(), pixels).unwrap()
}

fn matched(a: &Luma, b: &Luma) -> Option<GeometricMatch> {
    let (a, b) = (features::extract(a, STORED), features::extract(b, STORED));
    match_any_turn(WeightedFeatures::from(&a), WeightedFeatures::from(&b))
}

/// What features and pixels prove of two pictures.
pub(crate) fn proven(a: &Luma, b: &Luma) -> Option<Tier> {
    let found = matched(a, b)?;
    partial::tier(&found, dense::check(a, b, &found.plane).as_ref())
}

#[test]
fn a_mirrored_crop_says_what_it_shows() {
    let luma = picture(480, 360, 11);
    let crop = mirrored(&cropped(&luma, 100, 60, 300, 240));
    let found = matched(&crop, &luma).unwrap();
    assert_eq!(found.turn, Dihedral::FlipY);
    assert!(found.score > 20.0 && found.overlap.share_a > 0.98, "{found:?}");
    assert!((found.overlap.share_b - 300.0 * 240.0 / (480.0 * 360.0)).abs() < 0.02, "{found:?}");
    assert!(
        found.words().starts_with("mirrored; ") && !found.words().contains("tilted"),
        "{}",
        found.words()
    );
    // The crop's left edge is the mirror image of the photo's column 399.
    let (x, y) = found.map.apply((0.0, 0.0));
    assert!((x - 399.0).abs() < 1.5 && (y - 60.0).abs() < 1.5, "({x}, {y})");
    assert_eq!(proven(&crop, &luma), Some(Tier::Partial));
    let back = matched(&luma, &crop).unwrap();
    assert!((back.overlap.share_a - found.overlap.share_b).abs() < 0.02 && back.inliers.len() > 20);
}

#[test]
fn a_copy_with_a_blob_is_the_same_photo_and_another_photo_of_the_room_is_not() {
    let (room, blank) = (picture(480, 360, 12), Luma::new(200, 180, vec![90; 200 * 180]).unwrap());
    assert_eq!(proven(&room, &pasted(&room, &blank, 140, 90)), Some(Tier::Partial));
    // The same wall behind two other things that fill most of the picture.
    let (one, two) = (picture(340, 300, 13), picture(340, 300, 14));
    let (first, second) = (pasted(&room, &one, 70, 30), pasted(&room, &two, 70, 30));
    assert_ne!(proven(&first, &second), Some(Tier::Partial));
    assert_eq!(proven(&first, &first), Some(Tier::Partial));
}

#[test]
fn two_plain_things_on_one_floor_were_exchanged_and_a_bar_over_one_was_put_on() {
    let floor = picture(480, 360, 15);
    let plain =
        |width: u32, height: u32| Luma::new(width, height, vec![40; (width * height) as usize]).unwrap();
    let (trousers, shirt) = (plain(130, 300), plain(300, 130));
    let (first, second) = (pasted(&floor, &trousers, 175, 30), pasted(&floor, &shirt, 90, 115));
    let still = Projective::from_affine(&Affine([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
    let tone = |a: &Luma, b: &Luma| dense::check(a, b, &still).unwrap().photo;
    // Each shows some eighty patches of floor that the other hides.
    let exchanged = tone(&first, &second);
    assert!(exchanged.differ > 120 && exchanged.agree > 200, "{exchanged:?}");
    let put_on = tone(&floor, &second);
    assert!(put_on.differ < 20 && put_on.agree > 300, "{put_on:?}");
    assert_eq!(proven(&floor, &second), Some(Tier::Partial));
}

/// With a tuft of thread every few pixels, of another lightness in every photo of it: what light and camera make of cloth.
fn tufted(luma: &Luma, size: u32, depth: u32, seed: u32) -> Luma {
    let tuft = |x: u32, y: u32| {
        let mixed = (x / size * 7919 + y / size).wrapping_mul(2_654_435_769) ^ seed.wrapping_mul(0x9e37_79b1);
        let mixed = (mixed ^ mixed >> 16).wrapping_mul(0x85eb_ca6b);
        ((mixed ^ mixed >> 13) >> 8) % (2 * depth + 1)
    };
    let level =
        |x: u32, y: u32, level: u8| (u32::from(level) + tuft(x, y)).saturating_sub(depth).min(255) as u8;
    let rows =
        (0..luma.height()).flat_map(|y| luma.row(y).iter().zip(0..).map(move |(&v, x)| level(x, y, v)));
    Luma::new(luma.width(), luma.height(), rows.collect()).unwrap()
}

#[test]
fn another_photo_of_a_carpet_is_the_same_scene_and_a_noisy_copy_is_not() {
    let carpet = picture(480, 360, 31);
    let hat = |seed| picture(130, 110, seed);
    let first = pasted(&tufted(&carpet, 4, 20, 1), &hat(32), 170, 120);
    let second = pasted(&tufted(&carpet, 4, 20, 2), &hat(33), 175, 125);
    let found = matched(&first, &second).unwrap();
    let check = dense::check(&first, &second, &found.plane).unwrap();
    assert!(check.sameness() > 0.56 && check.grain < 0.05, "{check:?}: as like as a copy, but for the grain");
    assert_eq!(proven(&first, &second), Some(Tier::SameScene), "{}: {check:?}", found.score);
    // As rough a noise, but pixel by pixel, and one more blob.
    let copy = pasted(&tufted(&first, 1, 13, 3), &hat(34), 40, 40);
    assert_eq!(proven(&first, &copy), Some(Tier::Partial));
}

/// Photos of one carpet, one bed, one floor: each of another garment.
#[test]
fn photos_of_one_floor_are_the_same_scene() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/photos"));
    let read = |name: &str| Some(decode(&fs::read(folder.join(name)).ok()?, &Limits::default()).ok()?.luma);
    let pairs =
        [("d0134", "d0177"), ("d0121", "d0197"), ("d0115", "d0171"), ("d0171", "d0208"), ("d0056", "d0062")];
    for (a, b) in pairs {
        let (Some(one), Some(two)) = (read(&format!("{a}.jpg")), read(&format!("{b}.jpg"))) else {
            #[allow(clippy::print_stderr, reason = "says why nothing was tested")]
            return eprintln!("no photos at {}", folder.display());
        };
        let (x, y) = (features::extract(&one, QUERY), features::extract(&two, QUERY));
        let found = match_any_turn(WeightedFeatures::from(&x), WeightedFeatures::from(&y)).unwrap();
        let check = dense::check(&one, &two, &found.plane);
        let tier = partial::tier(&found, check.as_ref());
        assert_eq!(tier, Some(Tier::SameScene), "{a} {b}: {} {check:?}", found.score);
    }
}

#[test]
fn what_matched_lies_where_its_own_map_puts_it() {
    let luma = picture(480, 360, 41);
    let crop = cropped(&luma, 60, 40, 300, 240);
    let found = matched(&crop, &luma).unwrap();
    let (a, b) = (features::extract(&crop, STORED), features::extract(&luma, STORED));
    assert!(found.strays(&a, &b, &found.map) < 1.0);
    let aside = found.map.then(&Affine([1.0, 0.0, 30.0, 0.0, 1.0, -40.0]));
    assert!((found.strays(&a, &b, &aside) - 50.0).abs() < 1.0);
}

#[test]
fn two_photos_in_one_collage_do_not_follow_from_it() {
    let (one, two) = (picture(240, 320, 21), picture(240, 320, 22));
    let collage =
        pasted(&pasted(&Luma::new(500, 320, vec![255; 500 * 320]).unwrap(), &one, 0, 0), &two, 260, 0);
    let crop = cropped(&one, 40, 40, 180, 240);
    let (to_collage, back) = (matched(&one, &collage).unwrap(), matched(&two, &collage).unwrap());
    assert_eq!(partial::tier(&to_collage, None), Some(Tier::Partial));
    let through = |map: &Affine, size: (f64, f64)| {
        Overlap::of(&to_collage.map.then(&map.inverse().unwrap()), (240.0, 320.0), size)
    };
    assert!(through(&back.map, (240.0, 320.0)).is_none_or(|overlap| !partial::follows(&overlap, None)));
    let cut = matched(&crop, &collage).unwrap();
    let overlap = through(&cut.map, (180.0, 240.0)).unwrap();
    assert!(overlap.share_b > 0.95 && partial::follows(&overlap, None), "{overlap:?}");
    let map = to_collage.map.then(&cut.map.inverse().unwrap());
    assert!(partial::follows(&overlap, dense::check(&one, &crop, &Projective::from_affine(&map)).as_ref()));
}

#[test]
fn a_shared_badge_is_no_pair() {
    let badge = picture(110, 110, 15);
    let first = pasted(&picture(480, 360, 16), &badge, 10, 10);
    let second = pasted(&picture(480, 360, 17), &badge, 355, 235);
    assert_eq!(proven(&first, &second), None);
    assert_eq!(proven(&picture(480, 360, 18), &picture(480, 360, 19)), None);
}

#[test]
fn lattices_stripes_and_noise_make_no_pair() {
    let draw = |f: &dyn Fn(u32, u32) -> u32| {
        let pixels =
            (0..300).flat_map(|y| (0..400).map(move |x| (x, y))).map(|(x, y)| f(x, y) as u8).collect();
        Luma::new(400, 300, pixels).unwrap()
    };
    let noise = |seed: u32| {
        draw(&|x, y| {
            let mixed = (x * 400 + y).wrapping_mul(2_654_435_769) ^ seed.wrapping_mul(0x9e37_79b1);
            let mixed = (mixed ^ mixed >> 16).wrapping_mul(0x85eb_ca6b);
            (mixed ^ mixed >> 15).wrapping_mul(2_246_822_519) >> 24
        })
    };
    let pictures = [
        draw(&|x, y| if (x / 12 + y / 12) % 2 == 0 { 40 } else { 210 }),
        draw(&|x, y| if (x % 16 < 5) ^ (y % 16 < 5) { 60 } else { 190 }),
        draw(&|x, _| if x / 9 % 2 == 0 { 20 } else { 230 }),
        noise(1),
        noise(77_777),
        picture(400, 300, 20),
    ];
    for (i, a) in pictures.iter().enumerate() {
        for b in &pictures[i + 1..] {
            assert_ne!(proven(a, b), Some(Tier::Partial), "picture {i}");
        }
    }
}
