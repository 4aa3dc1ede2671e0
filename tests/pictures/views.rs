//! Content box, panes and squares: found where something was added around a picture, and not in pictures themselves.
//!
//! Most pictures here are drawn; the photos beside the repository are used when they are there. The borders are
//! made and saved as JPEG by this test, since noise beside a hard step is what makes trimming hard.

#![allow(clippy::print_stdout)]

use adlink::hash::{Luma, Pdq, Quality, Rect, View, ViewKind, pdq, second_hash, views};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage, imageops};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const PHOTOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/photos");

/// Overlapping waves with grain: texture everywhere, different for every seed.
fn drawn(width: u32, height: u32, seed: u32) -> RgbImage {
    let phase = seed as f32 * 1.7;
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let slanted = |k: f32| ((u - v) * k * 1.1 + phase * k).sin() * 0.7;
        let crossed = |k: f32| (u * k + phase + k).sin() * (v * k * 1.3 - phase * k).cos();
        let wave = |k: f32| (slanted(k) + crossed(k) + 1.7) * 12.0;
        let shape = 35.0 + [5.0, 11.0, 23.0, 41.0].map(wave).iter().sum::<f32>();
        let grain = ((x ^ (y * 7919)).wrapping_mul(0x9e37_79b1) >> 28) as f32;
        Rgb([shape + grain, shape * 0.8, shape * 0.6 + grain].map(|value| value as u8))
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).unwrap();
    image::load_from_memory(&bytes).unwrap().to_rgb8()
}

fn open(file: &std::path::Path) -> image::DynamicImage {
    image::load_from_memory(&std::fs::read(file).expect("photos are readable")).expect("photos decode")
}

fn luma(picture: &RgbImage) -> Luma {
    Luma::from_rgb(picture.width(), picture.height(), picture).unwrap()
}

fn pasted(canvas: (u32, u32), colour: [u8; 3], pictures: &[(&RgbImage, u32, u32)]) -> RgbImage {
    let mut page = RgbImage::from_pixel(canvas.0, canvas.1, Rgb(colour));
    for (picture, x, y) in pictures {
        imageops::replace(&mut page, *picture, i64::from(*x), i64::from(*y));
    }
    page
}

fn content_box(views: &[View]) -> Option<&View> {
    views.iter().find(|view| view.kind == ViewKind::ContentBox)
}

fn is_near(found: Rect, x: u32, y: u32, width: u32, height: u32, pixels: u32) -> bool {
    let ends = |rect: Rect| [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height];
    let wanted = ends(Rect { x, y, width, height });
    ends(found).iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= pixels)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Bars on any sides, in any colour that is not the picture's, through JPEG.
    #[test]
    fn bars_and_frames_are_trimmed(
        bars in prop::array::uniform4(prop_oneof![Just(0_u32), 10_u32..60]),
        colour in prop_oneof![Just([255, 255, 255]), Just([0, 0, 0]), Just([250, 190, 230]), Just([200, 255, 60])],
        quality in prop_oneof![Just(95), Just(75), Just(40)],
        seed in 0_u32..1000,
    ) {
        let [left, top, right, bottom] = bars;
        let picture = drawn(300, 220, seed);
        let page = pasted((300 + left + right, 220 + top + bottom), colour, &[(&picture, left, top)]);
        let found = views(&luma(&jpeg(&page, quality)));
        match content_box(&found) {
            None => prop_assert!(bars == [0; 4], "bars {bars:?} of {colour:?} were missed"),
            Some(view) => {
                prop_assert!(is_near(view.rect, left, top, 300, 220, 2), "{:?} for {bars:?}", view.rect);
                let distance = view.pdq.hash().distance(&pdq(&luma(&picture)).hash());
                // Coarse JPEG costs a line or two, which is what 31 bits are for.
                prop_assert!(distance <= 31 || quality < 75, "{distance} bits off");
            }
        }
    }

    #[test]
    fn any_picture_has_bounded_views_inside_it(
        width in 1_u32..200,
        height in 1_u32..200,
        stripe in 1_u32..40,
        seed: u32,
    ) {
        // Stripes and blocks of few colours: what cutting at plain lines is busiest with.
        let colour = |x: u32, y: u32| ((x / stripe) ^ (y / stripe).wrapping_mul(seed | 1)).wrapping_mul(97) as u8 & 0xc0;
        let pixels = (0..width * height).map(|k| colour(k % width, k / width)).collect();
        let found = views(&Luma::new(width, height, pixels).unwrap());
        prop_assert!(found.len() <= 27);
        for view in found {
            prop_assert!(view.rect.x + view.rect.width <= width && view.rect.y + view.rect.height <= height);
            let is_whole = view.rect.area() == u64::from(width) * u64::from(height);
            prop_assert!(!is_whole || view.kind == ViewKind::Enlarged);
            prop_assert!(view.pdq.quality >= Quality::USABLE);
        }
    }
}

#[test]
fn a_subject_on_a_plain_ground_is_not_trimmed() {
    for ground in [255, 236, 0] {
        let textured = drawn(400, 300, 5);
        let picture = RgbImage::from_fn(400, 300, |x, y| {
            let (u, v) = ((x as f32 - 190.0) / 120.0, (y as f32 - 160.0) / 100.0);
            if u * u + v * v < 1.0 { *textured.get_pixel(x, y) } else { Rgb([ground; 3]) }
        });
        for quality in [95, 60] {
            let found = views(&luma(&jpeg(&picture, quality)));
            assert!(content_box(&found).is_none(), "ground {ground}, quality {quality}: {found:?}");
        }
    }
}

#[test]
fn flat_pictures_have_no_views() {
    for (width, height) in [(1, 1), (64, 64), (300, 200), (5, 3000)] {
        let flat = Luma::new(width, height, vec![200; (width * height) as usize]).unwrap();
        assert!(views(&flat).is_empty());
    }
}

#[test]
fn pictures_on_a_page_are_panes() {
    let (large, small) = (drawn(320, 240, 1), drawn(150, 200, 2));
    let mut page = pasted((640, 700), [248, 248, 248], &[(&large, 40, 120), (&small, 440, 420)]);
    for line in 0..5 {
        let words = RgbImage::from_fn(260, 10, |x, _| Rgb([if x / 9 % 5 == 0 { 248 } else { 60 }; 3]));
        imageops::replace(&mut page, &words, 40, 430 + 22 * line);
    }
    for quality in [92, 40] {
        let found = views(&luma(&jpeg(&page, quality)));
        for (picture, x, y) in [(&large, 40, 120), (&small, 440, 420)] {
            let pane = found.iter().find(|view| {
                view.kind == ViewKind::Pane && is_near(view.rect, x, y, picture.width(), picture.height(), 2)
            });
            let pane = pane.unwrap_or_else(|| panic!("no pane at {x}, {y} among {found:?}"));
            assert!(pane.pdq.hash().distance(&pdq(&luma(picture)).hash()) <= 31);
        }
    }
}

#[test]
fn cells_of_a_collage_are_panes() {
    let cells: Vec<RgbImage> = (10..14).map(|seed| drawn(240, 180, seed)).collect();
    let place = |k: u32| (&cells[k as usize], k % 2 * 246, k / 2 * 186);
    let collage = pasted((486, 366), [255; 3], &[place(0), place(1), place(2), place(3)]);
    let found = views(&luma(&jpeg(&collage, 90)));
    for k in 0..4 {
        let (cell, x, y) = place(k);
        let pane = found.iter().find(|view| is_near(view.rect, x, y, 240, 180, 1));
        let pane = pane.unwrap_or_else(|| panic!("cell {k} is missing among {found:?}"));
        assert!(pane.pdq.hash().distance(&pdq(&luma(cell)).hash()) <= 31);
    }
}

/// What a profile page or a saved collage makes of photos: square cells with thin gutters, in a low JPEG quality.
#[test]
fn square_cells_of_a_coarse_grid_show_the_middle_of_their_photos() {
    let photos: Vec<RgbImage> = (20..29).map(|seed| drawn(400 + 20 * (seed % 3), 560, seed)).collect();
    let square = |photo: &RgbImage| {
        let side = photo.width();
        let middle = imageops::crop_imm(photo, 0, (photo.height() - side) / 2, side, side).to_image();
        imageops::resize(&middle, 110, 110, imageops::FilterType::Lanczos3)
    };
    let cells: Vec<RgbImage> = photos.iter().map(square).collect();
    for (colour, quality) in [([255; 3], 60), ([0; 3], 60), ([255; 3], 92)] {
        let place = |k: usize| (&cells[k], k as u32 % 3 * 114, k as u32 / 3 * 114);
        let grid = pasted((338, 338), colour, &(0..9).map(place).collect::<Vec<_>>());
        let found = views(&luma(&jpeg(&grid, quality)));
        let mut near = 0;
        for (k, photo) in photos.iter().enumerate() {
            let (_, x, y) = place(k);
            let pane = found.iter().find(|view| is_near(view.rect, x, y, 110, 110, 2));
            let pane = pane.unwrap_or_else(|| panic!("cell {k} at {quality} is missing among {found:?}"));
            let of_photo = views(&luma(photo));
            let middle = of_photo.iter().find(|view| view.kind == ViewKind::Square).expect("a square");
            near += usize::from(pane.pdq.hash().distance(&middle.pdq.hash()) <= 31);
        }
        assert!(near >= 7, "{near} of 9 at {quality}");
    }
}

#[test]
fn thumbnails_and_strips_have_no_square() {
    for (width, height) in [(150, 120), (300, 290), (900, 300)] {
        let found = views(&luma(&drawn(width, height, 3)));
        assert!(found.iter().all(|view| view.kind != ViewKind::Square), "{width} x {height}: {found:?}");
    }
}

/// A photo is no grid, whatever straight lines it shows.
#[test]
fn photos_are_not_cut_into_panes() {
    let files = photos(100);
    let panes = |file: &&PathBuf| {
        let found = views(&luma(&open(file).to_rgb8()));
        found.iter().filter(|view| view.kind == ViewKind::Pane).count() > 3
    };
    let cut: Vec<&PathBuf> = files.iter().filter(panes).collect();
    assert!(cut.len() * 100 <= files.len(), "cut: {cut:?}");
}

#[test]
fn the_second_hash_tells_copies_from_others() {
    let hash = |picture: &RgbImage| second_hash(&luma(picture)).unwrap();
    let (one, other) = (drawn(500, 400, 1), drawn(500, 400, 77));
    let smaller = imageops::resize(&jpeg(&one, 60), 260, 200, imageops::FilterType::Triangle);
    assert!(hash(&one).distance(&hash(&smaller)) < 32);
    assert!(hash(&one).distance(&hash(&other)) > 64);
    assert!(second_hash(&Luma::new(4, 9, vec![0; 36]).unwrap()).is_none());
}

/// At most this many photos, or none with a word about it.
fn photos(most: usize) -> Vec<PathBuf> {
    let Ok(folder) = Path::new(PHOTOS).read_dir() else {
        println!("{PHOTOS} is absent: no photo looked at");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("the folder is readable").path()).collect();
    files.sort();
    files.truncate(most);
    files
}

/// What the default settings of img2dataset make of a photo: 256x256 with white bars.
fn padded(photo: &RgbImage) -> RgbImage {
    let scale = 256.0 / f64::from(photo.width().max(photo.height()));
    let side = |n: u32| ((f64::from(n) * scale).round() as u32).max(1);
    let small =
        imageops::resize(photo, side(photo.width()), side(photo.height()), imageops::FilterType::Lanczos3);
    let (x, y) = ((256 - small.width()) / 2, (256 - small.height()) / 2);
    jpeg(&pasted((256, 256), [255; 3], &[(&small, x, y)]), 95)
}

#[test]
fn padded_photos_are_found_by_their_content_box() {
    let files = photos(300);
    let is_found = |file: &&PathBuf| {
        let photo = open(file).to_rgb8();
        let original: Pdq = pdq(&luma(&photo));
        let padded = luma(&padded(&photo));
        let found = views(&padded);
        // A square photo has no bars, and its padded form is just smaller.
        let rect = content_box(&found).map_or(padded.bounds(), |view| view.rect);
        let whole = (rect == padded.bounds()).then(|| pdq(&padded));
        let parts = found.iter().filter(|view| view.rect == rect).map(|view| view.pdq);
        whole.into_iter().chain(parts).any(|seen| original.hash().distance(&seen.hash()) <= 31)
    };
    let found = files.iter().filter(is_found).count();
    println!("{found} of {} padded photos within 31 bits", files.len());
    assert!(found * 100 >= files.len() * 96, "{found} of {}", files.len());
}

/// A few photos come with a border of their own, so not quite none.
#[test]
fn photos_without_border_are_not_trimmed() {
    let files = photos(usize::MAX);
    let is_cut = |file: &&PathBuf| {
        let photo = luma(&open(file).to_rgb8());
        let cut = |view: &View| view.rect.area() * 100 < photo.bounds().area() * 98;
        content_box(&views(&photo)).is_some_and(cut)
    };
    let cut: Vec<&PathBuf> = files.iter().filter(is_cut).collect();
    assert!(cut.len() * 100 <= files.len(), "trimmed: {cut:?}");
}
