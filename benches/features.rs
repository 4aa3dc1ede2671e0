//! Cost of local features on one core: extraction at the working size and from a larger picture.
//!
//! The picture is made, not loaded: sums of soft discs of many sizes, which give as many keypoints as a photo.

use adlink::features::{self, STORED};
use adlink::hash::Luma;
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

criterion_group!(benches, extraction);
criterion_main!(benches);
