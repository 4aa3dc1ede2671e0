//! One photo: a kind of scene, a seed, a shape; rendered to pixels.
//!
//! The seeds in `plan` were chosen so that every photo hashes well and far from all others. Changing a scene's
//! code changes all its photos: [`super::check`] then names those that need another seed.

use super::flat::{Fields, Flowers, Poster};
use super::math::{Rng, V3, lattice, v3};
use super::outdoors::Landscape;
use super::ray::{Camera, Scene};
use super::{indoors, street};
use image::{Rgb, RgbImage};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Landscape,
    StillLife,
    Room,
    Street,
    Cottage,
    Fields,
    Flowers,
    Poster,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Landscape,
        Self::StillLife,
        Self::Room,
        Self::Street,
        Self::Cottage,
        Self::Fields,
        Self::Flowers,
        Self::Poster,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Landscape => "landscape",
            Self::StillLife => "still-life",
            Self::Room => "room",
            Self::Street => "street",
            Self::Cottage => "cottage",
            Self::Fields => "fields",
            Self::Flowers => "flowers",
            Self::Poster => "poster",
        }
    }
}

const SHAPES: [(u32, u32); 7] =
    [(400, 300), (420, 280), (320, 400), (360, 360), (400, 300), (330, 440), (432, 324)];

/// Renders a photo. Same arguments, same pixels, on every machine.
pub(crate) fn render(kind: Kind, seed: u64) -> RgbImage {
    let rng = Rng::new(seed * 8 + kind as u64);
    let (width, height) = rng.pick(&SHAPES);
    let aspect = width as f32 / height as f32;
    let traced = |(scene, camera): (Scene, Camera), sky: Option<Landscape>| {
        paint(width, height, |x, y, grain| {
            let ray = camera.ray(x - aspect * 0.5, y);
            scene
                .light(camera.eye, ray, grain)
                .unwrap_or_else(|| sky.as_ref().map_or(v3(0.0, 0.0, 0.0), |sky| sky.colour(x, y)))
        })
    };
    match kind {
        Kind::StillLife => traced(indoors::still_life(&rng), None),
        Kind::Room => traced(indoors::room(&rng), None),
        Kind::Street | Kind::Cottage => {
            let sky = Landscape::new(&rng, aspect);
            let set = if kind == Kind::Street { street::street } else { street::cottage };
            traced(set(&rng), Some(sky))
        }
        Kind::Landscape => {
            let scene = Landscape::new(&rng, aspect);
            paint(width, height, |x, y, _| scene.colour(x, y))
        }
        Kind::Fields => {
            let scene = Fields::new(&rng);
            paint(width, height, |x, y, _| scene.colour(x, y))
        }
        Kind::Flowers => {
            let scene = Flowers::new(&rng, aspect);
            paint(width, height, |x, y, _| scene.colour(x, y))
        }
        Kind::Poster => {
            let scene = Poster::new(&rng, aspect);
            paint(width, height, |x, y, _| scene.colour(x, y))
        }
    }
}

/// Two samples a pixel, then a camera's part: exposure shoulder, vignette, gamma 2, a trace of sensor noise.
fn paint(width: u32, height: u32, colour: impl Fn(f32, f32, (i32, i32)) -> V3) -> RgbImage {
    let step = 1.0 / height as f32;
    let aspect = width as f32 * step;
    RgbImage::from_fn(width, height, |px, py| {
        let mut sum = v3(0.0, 0.0, 0.0);
        for (k, (dx, dy)) in [(0.25, 0.25), (0.75, 0.75)].into_iter().enumerate() {
            let (x, y) = ((px as f32 + dx) * step, (py as f32 + dy) * step);
            sum = sum + colour(x, y, ((px * 2 + k as u32) as i32, py as i32));
        }
        let (cx, cy) = ((px as f32 + 0.5) * step / aspect - 0.5, (py as f32 + 0.5) * step - 0.5);
        let vignette = 1.08 - 0.45 * (cx * cx + cy * cy);
        let grain = 5.0 * (lattice(px as i32, py as i32, 4711) - 0.5);
        let develop = |light: f32| {
            let light = (light * 0.5 * vignette).max(0.0);
            let shoulder = light * (1.0 + light * 0.25) / (1.0 + light * 0.5);
            (shoulder.sqrt() * 255.0 + grain).clamp(0.0, 255.0) as u8
        };
        Rgb([develop(sum.x), develop(sum.y), develop(sum.z)])
    })
}
