//! Time per pixel of every stage between luma and hashes, beside the form it replaces.
//!
//! The peer in each group is the reference's own order of f32 operations (`exact`), on the same pixels in the
//! same run, and its hash must be equal: a fast wrong answer is no answer. Throughput is in pixels, so 1 Gelem/s
//! is 1 ns per pixel. A 64x64 picture needs no reduction: its time is the frequencies, medians and quality.

use adlink::hash::{Luma, LumaF32, pdq, pdq_exact, second_hash, views};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// A small side, an ad photo, a phone screen, a camera.
const SIZES: [(u32, u32); 4] = [(64, 64), (500, 375), (1080, 1440), (4000, 3000)];

/// Interleaved RGB: soft blobs of all sizes and some grain, as photos have.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let wave =
        |x: f32, y: f32, k: f32| ((x * k + 1.7 * k).sin() * (y * k * 1.3 - k).cos() + 1.0) * 32.0 / k.sqrt();
    (0..width * height)
        .flat_map(|k| {
            let (x, y) = ((k % width) as f32 / width as f32, (k / width) as f32 / height as f32);
            let shape: f32 = [3.0, 7.0, 17.0, 31.0].iter().map(|&k| wave(x, y, k)).sum();
            let grain = (k.wrapping_mul(0x9e37_79b1) >> 28) as f32;
            [shape + grain, shape * 0.8 + grain, shape * 0.5 + 2.0 * grain].map(|value| value as u8)
        })
        .collect()
}

fn pdq_stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pdq");
    group.sample_size(20);
    for (width, height) in SIZES {
        let rgb = picture(width, height);
        let colour = Luma::from_rgb(width, height, &rgb).expect("three bytes a pixel");
        let grey = Luma::new(width, height, colour.pixels().to_vec()).expect("one byte a pixel");
        let (exact_grey, exact_colour) =
            (LumaF32::from(&grey), LumaF32::from_rgb(width, height, &rgb).expect("three bytes a pixel"));
        assert_eq!(pdq(&grey), pdq_exact(exact_grey.clone()), "grey {width}x{height}");
        assert_eq!(pdq(&colour), pdq_exact(exact_colour), "colour {width}x{height}");

        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        let size = format!("{width}x{height}");
        group.bench_function(BenchmarkId::new("fast grey", &size), |bench| {
            bench.iter(|| pdq(black_box(&grey)))
        });
        group.bench_function(BenchmarkId::new("fast colour", &size), |bench| {
            bench.iter(|| pdq(black_box(&colour)))
        });
        group.bench_function(BenchmarkId::new("luma of rgb", &size), |bench| {
            bench.iter(|| Luma::from_rgb(width, height, black_box(&rgb)))
        });
        if width < 2000 {
            group.bench_function(BenchmarkId::new("exact grey", &size), |bench| {
                bench.iter_batched(|| exact_grey.clone(), pdq_exact, criterion::BatchSize::LargeInput)
            });
        }
    }
    group.finish();
}

/// What else every image is asked for; on a photo without a border or panes, as most are.
fn other_stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("beside pdq");
    group.sample_size(20);
    for (width, height) in SIZES {
        let pixels = Luma::from_rgb(width, height, &picture(width, height)).expect("three bytes a pixel");
        let grey = Luma::new(width, height, pixels.pixels().to_vec()).expect("one byte a pixel");
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        let size = format!("{width}x{height}");
        group
            .bench_function(BenchmarkId::new("views", &size), |bench| bench.iter(|| views(black_box(&grey))));
        group.bench_function(BenchmarkId::new("second hash", &size), |bench| {
            bench.iter(|| second_hash(black_box(&grey)))
        });
    }
    group.finish();
}

criterion_group!(benches, pdq_stages, other_stages);
criterion_main!(benches);
