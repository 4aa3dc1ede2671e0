//! Pictures without a horizon: fields from above, flowers close up, printed posters.

use super::math::{Rng, V3, cells, fractal, lattice, noise, rgb, smooth, turn, v3, wave};

const FIELDS: [u32; 9] =
    [0x6f8a3c, 0xc9b25c, 0x8a6a3e, 0x3f6234, 0xa8b868, 0xd8c890, 0x5c4a34, 0x90a04a, 0xb89048];

/// Farmland from a balloon: fields with crop rows, a river, a road, farms.
pub(crate) struct Fields {
    scale: f32,
    seed: u32,
    river: Option<(f32, f32, f32, f32)>,
    road: (f32, f32),
    light: V3,
}

impl Fields {
    pub(crate) fn new(rng: &Rng) -> Self {
        let river = rng
            .chance(0.7)
            .then(|| (rng.unit(), rng.range(0.2, 0.9), rng.range(0.03, 0.1), rng.range(0.05, 0.22)));
        let light = rng.pick(&[rgb(0xfff4e0), rgb(0xe8f0ff), rgb(0xffe0b0)]);
        Self {
            scale: rng.range(2.0, 4.2),
            seed: rng.seed(),
            river,
            road: (rng.unit(), rng.range(0.2, 0.9)),
            light,
        }
    }

    pub(crate) fn colour(&self, x: f32, y: f32) -> V3 {
        let (bend_x, bend_y) =
            (noise(x * 2.0, y * 2.0, self.seed), noise(x * 2.0, y * 2.0 + 50.0, self.seed));
        let (_, border, cell) =
            cells((x + 0.1 * bend_x) * self.scale, (y + 0.1 * bend_y) * self.scale, self.seed);
        let field = rgb(FIELDS[cell as usize % FIELDS.len()]) * (0.7 + (cell >> 8 & 127) as f32 / 200.0);
        let (c, s) = turn((cell & 63) as f32 / 64.0);
        let rows = 1.0 + 0.22 * wave((c * x + s * y) * (18.0 + (cell >> 6 & 15) as f32));
        let soil = 0.55 + 0.9 * fractal(x * 16.0, y * 16.0, 5, self.seed ^ 1);
        let mut ground = field * rows * soil;
        let hedge = fractal(x * 30.0, y * 30.0, 3, self.seed ^ 2);
        if border < 0.03 + 0.06 * hedge {
            ground = rgb(0x2c4424) * (0.4 + 1.2 * hedge);
        }
        if cell % 11 == 3 {
            let crown = fractal(x * 22.0, y * 22.0, 4, self.seed ^ 7);
            ground = rgb(0x2a4a26) * (0.1 + 1.9 * crown * crown * 2.0);
        }
        let (angle, offset) = self.road;
        let (c, s) = turn(angle);
        let lane = (c * (x - 0.6) + s * (y - 0.5) - 0.3 * (offset - 0.5) + 0.04 * wave(x + y)).abs();
        if lane < 0.014 {
            ground = rgb(0xd0ccc0);
        }
        ground = self.farm(x, y).unwrap_or(ground);
        if let Some((angle, offset, swing, width)) = self.river {
            let (c, s) = turn(angle);
            let along = s * x - c * y;
            let bank =
                (c * (x - 0.6) + s * (y - 0.5) - 0.8 * (offset - 0.5) + swing * wave(along * 1.3)).abs();
            let water = rgb(0x2c5870) * (0.8 + 0.5 * fractal(x * 5.0, y * 5.0, 4, self.seed ^ 4));
            ground = ground
                .mix(rgb(0xd8c8a0), smooth(width + 0.02, width, bank))
                .mix(water, smooth(width, width - 0.012, bank));
        }
        ground * self.light
    }

    fn farm(&self, x: f32, y: f32) -> Option<V3> {
        let (i, j) = ((x * 9.0).floor(), (y * 9.0).floor());
        let own = lattice(i as i32, j as i32, self.seed ^ 6);
        if own > 0.09 {
            return None;
        }
        let (u, v) = (x * 9.0 - i - 0.5, y * 9.0 - j - 0.5);
        let (c, s) = turn(own * 11.0);
        let (a, b) = ((c * u + s * v).abs(), c * v - s * u);
        (a < 0.34 && b.abs() < 0.2).then(|| rgb(0xa8523a) * if b > 0.0 { 1.3 } else { 0.6 })
    }
}

struct Flower {
    x: f32,
    y: f32,
    radius: f32,
    petals: usize,
    start: f32,
    colour: (V3, V3),
    heart: V3,
    seed: u32,
}

/// Flowers before blurred leaves.
pub(crate) struct Flowers {
    blooms: Vec<Flower>,
    leaves: (V3, V3),
    seed: u32,
}

impl Flowers {
    pub(crate) fn new(rng: &Rng, aspect: f32) -> Self {
        let count = 1 + rng.below(6);
        let size = if count < 3 { 0.36 } else { 0.24 };
        const PETALS: [(u32, u32); 7] = [
            (0xe84c70, 0xf8c0c8),
            (0xf6f2e8, 0xe0d0b0),
            (0xf0b830, 0xf8e080),
            (0x7a58b8, 0xc8b0e8),
            (0xd84a2c, 0xf09858),
            (0x5a88d0, 0xc0d8f4),
            (0x98284c, 0xe07898),
        ];
        let blooms = (0..count)
            .map(|_| {
                let (deep, pale) = rng.pick(&PETALS);
                Flower {
                    x: rng.range(0.1, 0.9) * aspect,
                    y: rng.range(0.12, 0.85),
                    radius: size * rng.range(0.7, 1.3),
                    petals: 5 + rng.below(9),
                    start: rng.unit(),
                    colour: (rgb(deep), rgb(pale)),
                    heart: rgb(rng.pick(&[0xe0b020, 0x4a2c18, 0xd8d060])),
                    seed: rng.seed(),
                }
            })
            .collect();
        let (dark, light) = rng.pick(&[
            (0x1a3018, 0x7ca048),
            (0x203828, 0xa8c080),
            (0x2c2418, 0x98a058),
            (0x182838, 0x6c98a0),
        ]);
        Self { blooms, leaves: (rgb(dark), rgb(light)), seed: rng.seed() }
    }

    pub(crate) fn colour(&self, x: f32, y: f32) -> V3 {
        self.blooms.iter().find_map(|bloom| bloom.colour(x, y)).unwrap_or_else(|| self.behind(x, y))
    }

    fn behind(&self, x: f32, y: f32) -> V3 {
        let blur = fractal(x * 2.2, y * 2.2, 3, self.seed);
        let (spot, _, cell) = cells(x * 4.0, y * 4.0, self.seed ^ 1);
        let bokeh = if cell & 3 == 0 { 0.35 * smooth(0.36, 0.3, spot) } else { 0.0 };
        let blade = wave(3.0 * x + 5.0 * fractal(x * 1.5, y * 1.1, 2, self.seed ^ 2) + y);
        let sharp = 0.75 + 0.35 * smooth(0.1, 0.5, blade);
        self.leaves.0.mix(self.leaves.1, smooth(0.25, 0.75, blur) * sharp + bokeh)
    }
}

impl Flower {
    fn colour(&self, x: f32, y: f32) -> Option<V3> {
        let (dx, dy) = ((x - self.x) / self.radius, (y - self.y) / self.radius);
        let out = (dx * dx + dy * dy).sqrt();
        if out > 1.0 {
            return None;
        }
        if out < 0.24 {
            let (seed, ..) = cells(dx * 16.0, dy * 16.0, self.seed);
            return Some(self.heart * (1.25 - 1.1 * seed) * (1.15 - out));
        }
        for ring in 0..2 {
            for petal in 0..self.petals {
                let at = self.start + (petal as f32 + 0.5 * ring as f32) / self.petals as f32;
                let (c, s) = turn(at);
                let (along, across) = (c * dx + s * dy, c * dy - s * dx);
                let reach = 0.55 - 0.06 * ring as f32;
                let width = 1.9 / self.petals as f32 + 0.03 * noise(along * 9.0, petal as f32, self.seed);
                let (a, b) = ((along - reach) / 0.45, across / width);
                let inside = 1.0 - a * a - b * b;
                if inside > 0.0 {
                    let vein = 0.82 + 0.3 * noise(along * 3.0, across * 46.0 + petal as f32 * 7.0, self.seed);
                    let shade = (0.35 + 0.65 * smooth(0.0, 0.5, inside)) * (1.0 - 0.3 * ring as f32);
                    let tone = 0.75 + 0.4 * lattice(petal as i32, ring, self.seed);
                    return Some(
                        self.colour.0.mix(self.colour.1, smooth(0.3, 1.0, out)) * (vein * shade * tone),
                    );
                }
            }
        }
        None
    }
}

enum Ink {
    Disc(f32),
    Ring(f32, f32),
    Bar(f32, f32),
    Stripes(f32, f32),
    Wedge(f32),
    Dots(f32, f32),
}

struct Print {
    x: f32,
    y: f32,
    turn: (f32, f32),
    ink: Ink,
    colour: V3,
}

/// A screen print: large shapes in few inks on rough paper.
pub(crate) struct Poster {
    paper: V3,
    prints: Vec<Print>,
    seed: u32,
}

impl Poster {
    pub(crate) fn new(rng: &Rng, aspect: f32) -> Self {
        const INKS: [[u32; 5]; 6] = [
            [0xf2e8d5, 0xd9432f, 0x23486b, 0xe8a93a, 0x2b2b2b],
            [0x20304a, 0xf0d9a8, 0xd96a4a, 0x78a8a0, 0xf4f0e4],
            [0xe9efe6, 0x3c7a5c, 0xf0b8a0, 0x1f3d3a, 0xd8c060],
            [0xf4d8c8, 0x8a2f4f, 0x30608c, 0xf8f0e0, 0xe89048],
            [0x2c2c34, 0xe8c84a, 0x5ca0c8, 0xe86058, 0xf0ece4],
            [0xd8e4ec, 0x2f3f6c, 0xc84848, 0xf0f0e8, 0x7090a0],
        ];
        let inks = rng.pick(&INKS);
        let prints = (0..6 + rng.below(7))
            .map(|_| {
                let ink = match rng.below(7) {
                    0 | 1 => Ink::Disc(rng.range(0.1, 0.34)),
                    2 => Ink::Ring(rng.range(0.16, 0.4), rng.range(0.03, 0.09)),
                    3 => Ink::Bar(rng.range(0.15, 0.7), rng.range(0.03, 0.12)),
                    4 => Ink::Stripes(rng.range(0.15, 0.4), rng.range(0.04, 0.12)),
                    5 => Ink::Wedge(rng.range(0.18, 0.5)),
                    _ => Ink::Dots(rng.range(0.15, 0.36), rng.range(0.05, 0.1)),
                };
                Print {
                    x: rng.range(0.05, 0.95) * aspect,
                    y: rng.range(0.05, 0.95),
                    turn: turn(rng.unit()),
                    ink,
                    colour: rgb(inks[1 + rng.below(4)]),
                }
            })
            .collect();
        Self { paper: rgb(inks[0]), prints, seed: rng.seed() }
    }

    pub(crate) fn colour(&self, x: f32, y: f32) -> V3 {
        let fibre = fractal(x * 24.0, y * 24.0, 4, self.seed);
        let wear = fractal(x * 7.0, y * 7.0, 5, self.seed ^ 1);
        let mut sheet = self.paper;
        for print in &self.prints {
            let (dx, dy) = (x - print.x, y - print.y);
            let (c, s) = print.turn;
            if print.covers(c * dx + s * dy, c * dy - s * dx) && wear < 0.74 {
                sheet = sheet.mix(print.colour, 0.9);
            }
        }
        let crease = 1.0 - 0.12 * smooth(0.012, 0.0, (y - 0.5).abs()) + 0.05 * wave(x * 0.7 + y * 0.4);
        sheet * ((0.72 + 0.5 * fibre) * crease) + v3(0.004, 0.004, 0.004)
    }
}

impl Print {
    fn covers(&self, a: f32, b: f32) -> bool {
        let out = (a * a + b * b).sqrt();
        match self.ink {
            Ink::Disc(radius) => out < radius,
            Ink::Ring(radius, width) => (out - radius).abs() < width,
            Ink::Bar(length, width) => a.abs() < length && b.abs() < width,
            Ink::Stripes(size, pitch) => a.abs() < size && b.abs() < size && wave(b / pitch) > 0.0,
            Ink::Wedge(size) => b > -size * 0.5 && b < size * 0.5 && a.abs() < (size * 0.5 - b) * 0.8,
            Ink::Dots(size, pitch) => {
                let near = |v: f32| v - (v / pitch).floor() * pitch - pitch * 0.5;
                a.abs() < size
                    && b.abs() < size
                    && near(a) * near(a) + near(b) * near(b) < pitch * pitch * 0.1
            }
        }
    }
}
