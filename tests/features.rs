//! Local features from outside: what they promise about prefixes, turns, small and empty pictures.

use adlink::features::{self, Features, QUERY, STORED};
use adlink::hash::{Dihedral, Luma};

/// Discs of many sizes on grey: as many keypoints as a photo has.
fn picture(width: u32, height: u32, seed: u64) -> Luma {
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
    Luma::new(width, height, sums.into_iter().map(|sum| sum.clamp(0, 255) as u8).collect()).unwrap()
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
