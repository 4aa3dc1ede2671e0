//! Cost of local features on one core: extraction at the working size and from a larger picture, matching of a pair
//! that matches and of one that does not, the dense check, and a query of the index.
//!
//! The picture is made, not loaded: sums of soft discs of many sizes, which give as many keypoints as a photo.

use adlink::features::{self, CANDIDATES, Code, FeatureIndex, Features, STORED};
use adlink::hash::Luma;
use adlink::internals::dense;
use adlink::internals::geometry::{WeightedFeatures, match_any_turn};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// A textured picture of this size.
fn picture(width: u32, height: u32) -> Luma {
    let mut sums = vec![128i32; (width * height) as usize];
    let mut state = 1u64;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as u32) % below
    };
    for _ in 0..1500 {
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
    let pixels = sums.into_iter().map(|sum| sum.clamp(0, 255) as u8).collect();
    Luma::new(width, height, pixels).expect("one value per pixel")
}

fn extraction(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(20);
    for (width, height) in [(384, 512), (1080, 1440)] {
        let luma = picture(width, height);
        group.bench_function(format!("extract {width}x{height}"), |bencher| {
            bencher.iter(|| features::extract(black_box(&luma), STORED));
        });
    }
    group.finish();
}

/// The picture without its outer tenth.
fn cropped(luma: &Luma) -> Luma {
    let (x, y) = (luma.width() / 10, luma.height() / 10);
    let (width, height) = (luma.width() - 2 * x, luma.height() - 2 * y);
    let rows =
        (y..y + height).flat_map(|row| luma.row(row)[x as usize..(x + width) as usize].iter().copied());
    Luma::new(width, height, rows.collect()).expect("one value per pixel")
}

fn verification(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(20);
    let luma = picture(384, 512);
    let (crop, other) = (cropped(&luma), picture(386, 512));
    let extract = |luma: &Luma| features::extract(luma, STORED);
    let (whole, part, unrelated) = (extract(&luma), extract(&crop), extract(&other));
    for (name, other) in [("copy", &part), ("other photo", &unrelated)] {
        group.bench_function(format!("match any turn, {name}"), |bencher| {
            bencher.iter(|| {
                match_any_turn(WeightedFeatures::from(black_box(other)), WeightedFeatures::from(&whole))
            });
        });
    }
    let found = match_any_turn(WeightedFeatures::from(&part), WeightedFeatures::from(&whole))
        .expect("a crop matches");
    group.bench_function("dense check", |bencher| {
        bencher.iter(|| dense::check(black_box(&crop), &luma, &found.plane));
    });
    group.finish();
}

fn index(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(20);
    let base = features::extract(&picture(384, 512), STORED);
    let mut state = 9u64;
    let mut flips = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state & state.rotate_left(23) & state.rotate_left(41)
    };
    // Pictures with the codes of one, an eighth of the bits turned over: far more crowded than a real corpus.
    let mut picture = || {
        let mut features = base.clone();
        for keypoint in &mut features.keypoints {
            let [low, high] = *keypoint.code.words();
            keypoint.code = Code::from_words([low ^ flips(), high ^ flips()]);
        }
        features
    };
    let pictures: Vec<Features> = (0..2000).map(|_| picture()).collect();
    let index = FeatureIndex::build((0..).zip(&pictures));
    group.bench_function("candidates among 2,000 alike", |bencher| {
        bencher.iter(|| index.candidates(black_box(&base), CANDIDATES));
    });
    group.finish();
}

criterion_group!(benches, extraction, verification, index);
criterion_main!(benches);
