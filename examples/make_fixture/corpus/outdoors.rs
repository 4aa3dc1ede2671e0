//! Landscapes: sky, clouds, ridges behind each other, water, trees.
//!
//! Painted back to front in picture coordinates (`y` from 0 at the top to 1, `x` from 0 to the aspect ratio);
//! no ray is traced.

use super::math::{Rng, V3, cells, fractal, lattice, noise, rgb, smooth, v3, wave};

/// Sky above, sky at the horizon, far land, near land, sunlight.
const LIGHTS: [[u32; 5]; 8] = [
    [0x3f74b5, 0xcfe2ee, 0x7f98ac, 0x3f5a2c, 0xfff6dc],
    [0x26365e, 0xf2a45c, 0x6a5470, 0x241c24, 0xffd890],
    [0x6fa0c8, 0xf6e3c0, 0x98a884, 0x6e6a2a, 0xfff0c0],
    [0x101a38, 0x46608c, 0x2c3c58, 0x0e141c, 0xe8f0ff],
    [0x88949c, 0xd4d8d6, 0x8c979a, 0x3c4a44, 0xf4f4ee],
    [0x3a5f8e, 0xf4c4b4, 0xa898a8, 0x5a3c2c, 0xffe4d0],
    [0x2c84c0, 0xd8f0f4, 0xb89c70, 0x9c7438, 0xfffbe8],
    [0x5878a8, 0xe8eef4, 0xa8bccc, 0xdfe6ec, 0xffffff],
];

#[derive(Clone, Copy, PartialEq)]
enum Ground {
    Meadow,
    Water,
    Trees,
    Stones,
    Path,
}

struct Ridge {
    level: f32,
    height: f32,
    scale: f32,
    trees: f32,
    seed: u32,
}

struct Tree {
    x: f32,
    foot: f32,
    height: f32,
    width: f32,
    conifer: bool,
    seed: u32,
}

pub(crate) struct Landscape {
    colours: [V3; 5],
    horizon: f32,
    sun: (f32, f32, f32),
    cloud: (f32, f32, u32),
    ridges: Vec<Ridge>,
    ground: Ground,
    trees: Vec<Tree>,
    seed: u32,
}

impl Landscape {
    pub(crate) fn new(rng: &Rng, aspect: f32) -> Self {
        let colours = rng.pick(&LIGHTS).map(rgb);
        let horizon = rng.range(0.32, 0.72);
        let sun = (rng.range(0.1, 0.9) * aspect, rng.range(0.08, horizon), rng.range(0.02, 0.075));
        let cloud = (rng.range(0.25, 0.62), rng.range(1.2, 4.0), rng.seed());
        let count = 2 + rng.below(4);
        let ridges = (0..count)
            .map(|k| {
                let near = (k + 1) as f32 / count as f32;
                Ridge {
                    level: horizon - 0.02 + 0.05 * near,
                    height: rng.range(0.08, 0.42) * (1.15 - 0.6 * near),
                    scale: rng.range(0.9, 2.6),
                    trees: if rng.chance(0.4) { rng.range(0.012, 0.05) * (0.4 + near) } else { 0.0 },
                    seed: rng.seed(),
                }
            })
            .collect();
        let ground = rng.pick(&[
            Ground::Meadow,
            Ground::Water,
            Ground::Trees,
            Ground::Stones,
            Ground::Path,
            Ground::Water,
        ]);
        let trees = (0..rng.below(5)).map(|_| Tree::new(rng, aspect, horizon)).collect();
        Self { colours, horizon, sun, cloud, ridges, ground, trees, seed: rng.seed() }
    }

    pub(crate) fn colour(&self, x: f32, y: f32) -> V3 {
        if let Some(tree) = self.trees.iter().rev().find_map(|tree| tree.colour(x, y, self)) {
            return tree;
        }
        self.land(x, y)
    }

    fn land(&self, x: f32, y: f32) -> V3 {
        for (number, ridge) in self.ridges.iter().enumerate().rev() {
            let top = ridge.top(x);
            if y > top && y <= ridge.level {
                return self.slope(ridge, number, x, y, top);
            }
        }
        if y <= self.ridges.last().map_or(self.horizon, |ridge| ridge.level) {
            return self.sky(x, y);
        }
        self.ground(x, y)
    }

    fn sky(&self, x: f32, y: f32) -> V3 {
        let [above, below, .., sunlight] = self.colours;
        let (sx, sy, size) = self.sun;
        let base = above.mix(below, smooth(0.0, self.horizon, y));
        let away = ((x - sx) * (x - sx) + (y - sy) * (y - sy)).sqrt();
        let glow = 0.5 / (1.0 + 24.0 * away * away) + if away < size { 1.0 } else { 0.0 };
        let (share, scale, seed) = self.cloud;
        let drift = fractal(x * scale, y * scale * 2.6, 6, seed);
        let lit = fractal(x * scale + 0.12, y * scale * 2.6 + 0.22, 4, seed);
        let cloud = smooth(1.0 - share - 0.12, 1.0 - share + 0.16, drift + 0.12);
        let white = below.mix(sunlight, 0.7) * (1.25 - 0.9 * smooth(0.35, 0.75, lit));
        (base + sunlight * glow).mix(white, cloud * 0.9)
    }

    fn slope(&self, ridge: &Ridge, number: usize, x: f32, y: f32, top: f32) -> V3 {
        let [_, below, far, near, sunlight] = self.colours;
        let depth = (number + 1) as f32 / self.ridges.len() as f32;
        let rough = fractal(x * 14.0, y * 22.0, 5, ridge.seed ^ 0x51);
        let lit = fractal(x * 5.0 * ridge.scale + 0.25, y * 6.0, 4, ridge.seed)
            - fractal(x * 5.0 * ridge.scale, y * 6.0 + 0.1, 4, ridge.seed);
        let snow = ridge.height > 0.25 && y - top < 0.10 * rough + 0.02 && ridge.trees == 0.0;
        let base = if snow { v3(0.85, 0.88, 0.93) } else { far.mix(near, depth) };
        let shade = (0.35 + 0.9 * rough + 3.2 * lit).max(0.08);
        (base * shade + sunlight * (0.05 * lit.max(0.0))).mix(below, 0.5 * (1.0 - depth) + 0.1)
    }

    fn ground(&self, x: f32, y: f32) -> V3 {
        let [_, _, _, near, sunlight] = self.colours;
        let shore = self.ridges.last().map_or(self.horizon, |ridge| ridge.level);
        let depth = (y - shore) / (1.0 - shore);
        let away = 1.0 / (0.06 + depth);
        let (u, v) = ((x - 0.6) * away, away * 2.2);
        match self.ground {
            Ground::Water => {
                let ripple = fractal(x * 3.0 / (0.15 + depth), 26.0 * away.sqrt(), 3, self.seed) - 0.5;
                let mirrored =
                    self.land(x + 0.06 * ripple, (2.0 * shore - y + 0.25 * ripple * depth).max(0.0));
                let glint = smooth(0.16, 0.3, ripple);
                (mirrored * 0.62 + self.colours[0] * 0.1).mix(sunlight, 0.5 * glint)
            }
            Ground::Stones => {
                let (_, border, cell) = cells(u * 1.8, v * 1.8, self.seed);
                let tone = 0.35 + (cell & 255) as f32 / 230.0;
                let moss = near.mix(v3(0.5, 0.47, 0.42), 0.6 + 0.4 * noise(u, v, self.seed));
                moss * tone * (0.25 + 0.75 * smooth(0.02, 0.2, border))
            }
            Ground::Path => {
                let bend = 0.5 * wave(0.25 * v + lattice(1, 1, self.seed)) + 0.2;
                let track = smooth(0.35, 0.28, (u - bend).abs());
                let earth = rgb(0xb09070) * (0.6 + 0.8 * fractal(u * 6.0, v * 6.0, 4, self.seed ^ 9));
                self.meadow(u, v, depth).mix(earth, track)
            }
            Ground::Trees => {
                let row = (v * 0.9).floor();
                let crown = noise(u * 3.0 + row * 7.3, row, self.seed);
                near * (0.2 + 0.9 * crown) * (0.5 + fractal(u * 7.0, v * 5.0, 4, self.seed))
            }
            Ground::Meadow => self.meadow(u, v, depth),
        }
    }

    fn meadow(&self, u: f32, v: f32, depth: f32) -> V3 {
        let near = self.colours[3];
        let tufts = fractal(u * 6.0, v * 9.0, 5, self.seed);
        let patches = smooth(0.35, 0.65, fractal(u * 0.7, v * 0.7, 3, self.seed ^ 5));
        let dry = near.mix(rgb(0xc8b060), 0.75);
        let (flower, _, cell) = cells(u * 4.0, v * 4.0, self.seed ^ 3);
        let grass = near.mix(dry, patches) * (0.35 + 1.3 * tufts) * (0.7 + 0.4 * depth);
        if flower < 0.16 && cell & 7 < 3 { grass.mix(rgb(0xf0e0e8), 0.7) } else { grass }
    }
}

impl Ridge {
    fn top(&self, x: f32) -> f32 {
        let mountain = fractal(x * self.scale, 3.7, 6, self.seed);
        let tree = if self.trees > 0.0 {
            let (cell, place) = ((x / self.trees * 1.6).floor(), x / self.trees * 1.6);
            let own = lattice(cell as i32, 9, self.seed);
            let off = (place - cell - 0.5).abs() * 2.0;
            self.trees * (0.5 + own) * (1.0 - off).max(0.0) * 1.6
        } else {
            0.0
        };
        self.level - self.height * (1.7 * mountain - 0.35).max(0.0) - tree
    }
}

impl Tree {
    fn new(rng: &Rng, aspect: f32, horizon: f32) -> Self {
        Self {
            x: rng.range(0.02, 0.98) * aspect,
            foot: rng.range(horizon + 0.12, 1.05),
            height: rng.range(0.3, 0.85),
            width: rng.range(0.12, 0.3),
            conifer: rng.chance(0.45),
            seed: rng.seed(),
        }
    }

    fn colour(&self, x: f32, y: f32, land: &Landscape) -> Option<V3> {
        let up = (self.foot - y) / self.height;
        let side = (x - self.x) / self.width;
        if !(0.0..=1.1).contains(&up) || side.abs() > 1.2 {
            return None;
        }
        let [_, below, far, near, sunlight] = land.colours;
        let leaf = near.mix(far, 0.15) * 0.9 + sunlight * 0.02;
        let edge = fractal(x * 26.0, y * 26.0, 4, self.seed);
        let inside = if self.conifer {
            let tier = up * 7.0 - (up * 7.0).floor();
            (1.02 - up) * (0.55 + 0.35 * (1.0 - tier)) * (0.7 + 0.6 * edge) - side.abs()
        } else {
            let dy = (up - 0.66) / 0.36;
            let bumps = fractal(x * 8.0, y * 8.0, 3, self.seed ^ 1);
            0.45 + 0.85 * bumps + 0.4 * (edge - 0.5) - (side * side + dy * dy).sqrt()
        };
        let crown_starts = if self.conifer { 0.12 } else { 0.2 };
        if inside > 0.0 && up > crown_starts {
            let tuft = fractal(x * 18.0, y * 18.0, 4, self.seed ^ 2);
            let lit = smooth(-1.0, 1.0, side * if land.sun.0 > self.x { 1.0 } else { -1.0 });
            return Some((leaf * (0.25 + 1.5 * tuft * (0.4 + lit))).mix(below, 0.04));
        }
        let bark = rgb(0x4a3626) * (0.4 + fractal(x * 60.0, y * 9.0, 3, self.seed ^ 4));
        (side.abs() < 0.07 * (1.5 - up) && up < 0.7).then_some(bark)
    }
}
