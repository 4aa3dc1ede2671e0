//! Pictures that hold other pictures, through ingest and linking: what such a picture shows beside a photo never makes a
//! pair, nor a photo group, of two photos.
//!
//! The scene is the hardest there is: a photo laid over the middle of another shares enough with both to be taken for
//! either, and copies of both bear the same sticker where the two fall on each other.

use crate::scene::Scene;
use adlink::corpus::ImageRow;
use adlink::decode::Limits;
use adlink::link::{Findings, LinkOptions, OriginalFiles, Sources, link_with};
use adlink::progress::Silent;
use std::collections::BTreeMap;

const WIDTH: u32 = 480;
const HEIGHT: u32 = 360;

/// Grey levels, row by row.
#[derive(Clone)]
struct Picture {
    width: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// Discs of many sizes: as many keypoints as a photo has.
    fn drawn(seed: u64) -> Self {
        let mut state = seed;
        let mut draw = |below: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) as u32) % below
        };
        let mut levels = vec![128_i32; (WIDTH * HEIGHT) as usize];
        for _ in 0..WIDTH * HEIGHT / 250 {
            let radius = 2 + draw(6) * draw(6);
            let (x, y, level) = (draw(WIDTH), draw(HEIGHT), draw(120) as i32 - 60);
            for v in y.saturating_sub(radius)..(y + radius).min(HEIGHT) {
                for u in x.saturating_sub(radius)..(x + radius).min(WIDTH) {
                    if u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2) < radius * radius {
                        levels[(v * WIDTH + u) as usize] += level;
                    }
                }
            }
        }
        Self { width: WIDTH, pixels: levels.into_iter().map(|level| level.clamp(0, 255) as u8).collect() }
    }

    fn height(&self) -> u32 {
        self.pixels.len() as u32 / self.width
    }

    fn at(&self, x: u32, y: u32) -> u8 {
        self.pixels[(y * self.width + x) as usize]
    }

    fn of(width: u32, height: u32, level: impl Fn(u32, u32) -> u8) -> Self {
        Self { width, pixels: (0..width * height).map(|k| level(k % width, k / width)).collect() }
    }

    /// Made smaller: means of what falls on each pixel, in sixteenths.
    fn scaled(&self, percent: u32) -> Self {
        let mean = |x: u32, y: u32| {
            let sum: u32 = (0..16)
                .map(|k| {
                    let place = |at: u32, sub: u32| (at * 400 + sub * 100 + 50) / (percent * 4);
                    u32::from(
                        self.at(place(x, k % 4).min(self.width - 1), place(y, k / 4).min(self.height() - 1)),
                    )
                })
                .sum();
            (sum / 16) as u8
        };
        Self::of(self.width * percent / 100, self.height() * percent / 100, mean)
    }

    fn cropped(&self, left: u32, top: u32, width: u32, height: u32) -> Self {
        Self::of(width, height, |x, y| self.at(left + x, top + y))
    }

    fn with(&self, other: &Self, left: u32, top: u32) -> Self {
        Self::of(self.width, self.height(), |x, y| match (x.checked_sub(left), y.checked_sub(top)) {
            (Some(u), Some(v)) if u < other.width && v < other.height() => other.at(u, v),
            _ => self.at(x, y),
        })
    }

    /// With a face of this radius on it.
    fn with_face(&self, (x, y): (u32, u32), radius: u32) -> Self {
        let inside = |at: (u32, u32), centre: (u32, u32), radius: u32| {
            at.0.abs_diff(centre.0).pow(2) + at.1.abs_diff(centre.1).pow(2) < radius * radius
        };
        let (aside, up) = (radius * 3 / 8, radius / 4);
        Self::of(self.width, self.height(), |u, v| {
            let eye = [x - aside, x + aside].iter().any(|&eye| inside((u, v), (eye, y - up), radius / 6));
            let mouth =
                inside((u, v), (x, y + up), radius / 2) && !inside((u, v), (x, y + up - 6), radius / 2);
            match inside((u, v), (x, y), radius) {
                true if eye || mouth => 5,
                true => 205,
                false => self.at(u, v),
            }
        })
    }

    fn pgm(&self) -> Vec<u8> {
        let mut bytes = format!("P5\n{} {}\n255\n", self.width, self.height()).into_bytes();
        bytes.extend(&self.pixels);
        bytes
    }
}

/// Pictures by the photos that they show.
fn pictures() -> Vec<(&'static str, Picture)> {
    let (host, guest) = (Picture::drawn(51), Picture::drawn(52));
    let block = Picture::of(150, 130, |_, _| 70);
    let copies = |photo: &Picture| {
        [
            photo.clone(),
            photo.cropped(60, 40, 330, 270),
            photo.with(&block, 20, 20),
            photo.with(&block, 300, 200),
            photo.cropped(20, 60, 400, 250),
        ]
    };
    let mut all = Vec::new();
    all.extend(copies(&host).map(|picture| ("h", picture)));
    all.extend(copies(&guest).map(|picture| ("g", picture)));
    // The guest covers two fifths of the host, and of their common picture.
    let (left, top) = (80, 60);
    let inset = host.with(&guest.scaled(65), left, top);
    all.push(("gh", inset.cropped(10, 10, 460, 340)));
    all.push(("gh", inset));
    // A face on a copy of each, nearly where the other's falls when the guest lies in its place.
    all.push(("h", host.with_face((245, 190), 55)));
    all.push(("g", guest.with_face((230, 185), 84)));
    all
}

fn findings(sources: &dyn Fn(&Scene) -> Option<OriginalFiles>, scene: &Scene) -> Findings {
    let snapshot = scene.case().snapshot_with_features().unwrap();
    let pixels = sources(scene);
    let sources = pixels.as_ref().map_or(Sources::NONE, |pixels| Sources { pixels, pixel_checks: &[] });
    link_with(&snapshot, &sources, &LinkOptions::default(), &Silent).unwrap()
}

fn originals(scene: &Scene) -> Option<OriginalFiles> {
    let case = scene.case();
    let snapshot = case.snapshot_with_features().unwrap();
    Some(OriginalFiles::new(&snapshot, case.all_originals(&snapshot).unwrap(), Limits::default()))
}

#[test]
fn what_a_picture_shows_beside_a_photo_is_not_that_photo() {
    let scene = Scene::new();
    let pictures = pictures();
    for (number, (photos, picture)) in (0..).zip(&pictures) {
        scene.write(format!("pictures/{photos}_{number}.pgm"), picture.pgm());
    }
    scene.ingest("pictures").unwrap();
    let snapshot = scene.snapshot();
    let shows: BTreeMap<ImageRow, &str> = snapshot
        .sightings
        .iter()
        .map(|seen| (seen.image, seen.path.split('_').next().unwrap().rsplit('/').next().unwrap()))
        .collect();
    let share = |a: ImageRow, b: ImageRow| shows[&a].chars().any(|photo| shows[&b].contains(photo));
    // Without pixels two pictures of one collage are enough to put both photos in one group, though no pair comes of it.
    for with_pixels in [true, false] {
        let sources: &dyn Fn(&Scene) -> Option<OriginalFiles> =
            if with_pixels { &originals } else { &|_| None };
        let findings = findings(sources, &scene);
        let wrong: Vec<(ImageRow, ImageRow)> =
            findings.pairs.iter().map(|pair| (pair.a, pair.b)).filter(|&(a, b)| !share(a, b)).collect();
        assert_eq!(wrong, [], "of {} pairs", findings.pairs.len());
        for group in findings.groups.iter().filter(|_| with_pixels) {
            let shown: Vec<&str> = group.images.iter().map(|image| shows[image]).collect();
            assert!(
                ["h", "g"].iter().any(|photo| shown.iter().all(|shown| shown.contains(photo))),
                "{shown:?}"
            );
        }
        // As many pairs of either photo as its six own copies make: nothing was split to keep the two apart. Without
        // pixels only keypoints of continuous tone speak, and the guest has few.
        let least = if with_pixels { 15 } else { 12 };
        let found = |photo: char| {
            let of = |row: ImageRow| shows[&row].contains(photo);
            findings.pairs.iter().filter(|pair| of(pair.a) && of(pair.b)).count()
        };
        assert!(found('h') >= 15 && found('g') >= least, "{} and {} of 28", found('h'), found('g'));
    }
}
