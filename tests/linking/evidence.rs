//! Evidence pictures: a known map between two pictures is found to the pixel, and what is laid over agrees.
//!
//! The pictures are made here, so that the true map is known; hashes and features only see them as files.

use adlink::analysis::analyse;
use adlink::decode::{Limits, decode_rgb};
use adlink::features::{QUERY, extract};
use adlink::hash::{Dihedral, Luma, Quality};
use adlink::internals::affine::{Affine, Point};
use adlink::internals::geometry::match_any_turn;
use adlink::picture::{
    Alignment, BLURRED_SIDE, PREVIEW_SIDE, PanelStyle, Panels, PreviewForm, Rgb, Start, preview,
};
use adlink::record::Image;
use adlink::verify::verify;

/// Discs of many sizes and colours: structure at every scale, and nothing that repeats.
fn scene(width: u32, height: u32) -> Rgb {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) as u32 % below
    };
    let mut pixels = vec![90_u8; (width * height * 3) as usize];
    for k in 0..260 {
        let (x, y, colour) = (draw(width), draw(height), [draw(256), draw(256), draw(256)]);
        let radius = 4 + draw(300 / (k / 10 + 3));
        for v in y.saturating_sub(radius)..(y + radius).min(height) {
            for u in x.saturating_sub(radius)..(x + radius).min(width) {
                if u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2) < radius * radius {
                    let start = 3 * (v * width + u) as usize;
                    pixels[start..start + 3].copy_from_slice(&colour.map(|value| value as u8));
                }
            }
        }
    }
    // Edges as soft as a lens makes them.
    let soft = Rgb::new(width, height, pixels).expect("three bytes a pixel");
    soft.reduced(width.max(height) / 2)
}

/// Each colour through `change`.
fn by_channel(picture: &Rgb, change: impl Fn(&Luma) -> Luma) -> Rgb {
    let channels: Vec<Luma> = (0..3)
        .map(|k| picture.pixels().iter().skip(k).step_by(3).copied().collect())
        .map(|pixels| {
            change(&Luma::new(picture.width(), picture.height(), pixels).expect("one byte a pixel"))
        })
        .collect();
    let pixels =
        (0..channels[0].pixels().len()).flat_map(|i| [0, 1, 2].map(|k: usize| channels[k].pixels()[i]));
    Rgb::new(channels[0].width(), channels[0].height(), pixels.collect()).expect("three bytes a pixel")
}

fn cut(picture: &Rgb, (x, y): (u32, u32), (width, height): (u32, u32)) -> Rgb {
    by_channel(picture, |luma| {
        let rows = (y..y + height).flat_map(|row| &luma.row(row)[x as usize..(x + width) as usize]);
        Luma::new(width, height, rows.copied().collect()).expect("one byte a pixel")
    })
}

fn analysed(picture: &Rgb) -> Image {
    let file = picture.png(&[]).expect("a picture with pixels");
    assert_eq!(&Rgb::from(decode_rgb(&file, &Limits::default()).expect("our own PNG")), picture);
    analyse(&file, &Limits::default()).expect("our own PNG")
}

fn by_hashes(a: &Rgb, b: &Rgb) -> Alignment {
    let (image_a, image_b) = (analysed(a), analysed(b));
    let proof = verify(&image_a, &image_b, 31, Quality::USABLE).expect("a copy");
    let start = Start::of_proof(&image_a, &image_b, &proof).expect("views with a place");
    Alignment::new(a, b, &[start]).expect("they meet")
}

fn by_features(a: &Rgb, b: &Rgb) -> Alignment {
    let (features_a, features_b) = (extract(&a.luma(), QUERY), extract(&b.luma(), QUERY));
    let found = match_any_turn((&features_a).into(), (&features_b).into()).expect("a copy");
    let start = Start::of_features(&found, (a.width(), a.height()), (b.width(), b.height()));
    Alignment::new(a, b, &[start]).expect("they meet")
}

/// Largest distance between where the alignment and where the true map puts points of the shared part.
fn off(alignment: &Alignment, (width, height): (u32, u32), truth: &Affine) -> f64 {
    let point = |&(x, y): &Point| (x * f64::from(width) - 0.5, y * f64::from(height) - 0.5);
    let apart = |at: Point| {
        let ((x, y), (u, v)) = (alignment.map.apply(at), truth.apply(at));
        (x - u).hypot(y - v)
    };
    alignment.overlap.polygon_a.iter().map(point).map(apart).fold(0.0, f64::max)
}

fn median(a: &Rgb, b: &Rgb, alignment: &Alignment) -> u8 {
    let panels = Panels::new(a, b, Some(alignment), PanelStyle::default());
    panels.laid.expect("an alignment").median_difference
}

#[test]
fn every_turn_is_laid_back_to_the_pixel() {
    let a = scene(840, 660);
    for turn in Dihedral::ALL {
        let b = by_channel(&a, |luma| luma.turned(turn));
        let truth = Affine::of_turn(turn, f64::from(a.width()), f64::from(a.height()));
        for alignment in [by_hashes(&a, &b), by_features(&a, &b)] {
            assert_eq!(alignment.transform, turn);
            assert!(off(&alignment, (a.width(), a.height()), &truth) < 0.35, "{turn}: {alignment:?}");
            assert!(
                alignment.overlap.share_a > 0.99 && alignment.overlap.share_b > 0.99,
                "{turn}: {alignment:?}"
            );
            assert!(median(&a, &b, &alignment) <= 1, "{turn}");
        }
    }
}

#[test]
fn a_crop_is_laid_where_it_was_cut() {
    let a = scene(1600, 1200);
    let crop = cut(&a, (230, 120), (420, 380));
    let shift = Affine([1.0, 0.0, -230.0, 0.0, 1.0, -120.0]);
    let alignment = by_features(&a, &crop);
    assert!(off(&alignment, (a.width(), a.height()), &shift) < 0.35, "{alignment:?}");
    let share = 420.0 * 380.0 / (800.0 * 600.0);
    assert!((alignment.overlap.share_a - share).abs() < 0.005 && alignment.overlap.share_b > 0.995);
    assert!(median(&a, &crop, &alignment) <= 1);

    let mirrored = by_channel(&crop, |luma| luma.turned(Dihedral::FlipY)).reduced(210);
    let truth = shift
        .then(&Affine::of_turn(Dihedral::FlipY, 420.0, 380.0))
        .then(&Affine([0.5, 0.0, -0.25, 0.0, 0.5, -0.25]));
    let alignment = by_features(&a, &mirrored);
    assert!(off(&alignment, (a.width(), a.height()), &truth) < 0.35, "{alignment:?}");
    assert!(median(&a, &mirrored, &alignment) <= 3, "{}", median(&a, &mirrored, &alignment));
    assert!(alignment.words().starts_with("mirrored; "), "{}", alignment.words());
}

#[test]
fn panels_show_the_shared_part_equally_large() {
    let a = scene(1600, 1200);
    let b = cut(&a, (100, 50), (500, 400)).reduced(250);
    let panels = Panels::new(&a, &b, Some(&by_features(&a, &b)), PanelStyle::default());
    let laid = panels.laid.as_ref().expect("an alignment");
    let width = |outline: &[Point]| {
        let across = outline.iter().map(|point| point.0);
        across.clone().fold(f64::MIN, f64::max) - across.fold(f64::MAX, f64::min)
    };
    assert!((width(&laid.outline_a) - width(&laid.outline_b)).abs() < 2.0);
    assert!(panels.a.width().max(panels.a.height()) <= 640);
    assert_eq!((laid.b_on_a.width(), laid.difference.height()), (panels.a.width(), panels.a.height()));
}

#[test]
fn blurred_panels_hold_no_more_than_a_few_pixels() {
    let a = scene(1600, 1200);
    let style = PanelStyle { blurred: true, ..PanelStyle::default() };
    let panels = Panels::new(&a, &a, Some(&by_hashes(&a, &a)), style);
    let clear = Panels::new(&a, &a, None, PanelStyle::default());
    let laid = panels.laid.as_ref().expect("an alignment");
    for picture in [&panels.a, &panels.b, &laid.b_on_a] {
        // What is left is what so many pixels say: taking them again changes nothing to speak of.
        let again = picture.blurred();
        let worst = |x: &Rgb, y: &Rgb| x.pixels().iter().zip(y.pixels()).map(|(p, q)| p.abs_diff(*q)).max();
        assert!(worst(picture, &clear.a) > Some(60));
        assert!(worst(picture, &again) < Some(60));
        let bytes = |picture: &Rgb| picture.jpeg(60).expect("a picture").len();
        assert!(2 * bytes(picture) < bytes(&clear.a), "{} of {}", bytes(picture), bytes(&clear.a));
    }
    assert_eq!(a.blurred().reduced(BLURRED_SIDE).width(), BLURRED_SIDE);
    let grey = Panels::new(&a, &a, None, PanelStyle { grey: true, ..PanelStyle::default() }).a;
    assert!(grey.pixels().chunks_exact(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
}

#[test]
fn previews_are_small_and_always_the_same() {
    let file = scene(1600, 1200).png(&[]).expect("a picture");
    let limits = Limits::default();
    for form in [PreviewForm::Blurred, PreviewForm::Grey, PreviewForm::Clear] {
        let jpeg = preview(&file, &limits, form, PREVIEW_SIDE).expect("our own PNG");
        assert_eq!(jpeg, preview(&file, &limits, form, PREVIEW_SIDE).expect("our own PNG"));
        let shown = Rgb::from(decode_rgb(&jpeg, &limits).expect("our own JPEG"));
        assert_eq!((shown.width(), shown.height()), (PREVIEW_SIDE, 120));
        assert!(
            jpeg.len() < if form == PreviewForm::Clear { 12_000 } else { 4_000 },
            "{}: {}",
            form.name(),
            jpeg.len()
        );
    }
    assert!(preview(&file[..60], &limits, PreviewForm::Blurred, PREVIEW_SIDE).is_err());
}
