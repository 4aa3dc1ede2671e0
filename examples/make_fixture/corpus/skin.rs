//! Surfaces: what colour a body has at a point of its own frame.
//!
//! Patterns lie on the two axes that the normal does not point along, so that a plank floor and a brick wall
//! need no texture coordinates.

use super::math::{V3, cells, fractal, lattice, noise, rgb, smooth, v3, wave};

#[derive(Clone, Copy)]
pub(crate) enum Pattern {
    /// Slightly mottled.
    Plain,
    /// Squares of two colours.
    Checks,
    /// Stripes of two colours.
    Stripes,
    /// Boards with grain, the second colour in the joints.
    Planks,
    /// Bricks, the second colour is mortar.
    Bricks,
    /// Rows of windows in a wall; the second colour is the glass.
    Windows,
    /// Veins of the second colour.
    Marble,
    /// Blotches that fade into the second colour upwards: fruit, leaves.
    Blotches,
    /// A repeated ornament.
    Ornament,
    /// Irregular stones, the second colour between them.
    Cobbles,
    /// A rug: frames of the two colours inside each other.
    Rug,
    /// Hills under a sky: what hangs in a picture frame or stands outside a window.
    View,
    /// Spines of books side by side.
    Books,
}

#[derive(Clone, Copy)]
pub(crate) struct Skin {
    pub(crate) pattern: Pattern,
    pub(crate) first: V3,
    pub(crate) second: V3,
    /// Size of one repeat in metres; for `Rug` and `View`, half the extent.
    pub(crate) size: f32,
    pub(crate) shine: f32,
    pub(crate) glows: bool,
    pub(crate) seed: u32,
}

impl Skin {
    pub(crate) fn new(pattern: Pattern, first: u32, second: u32, size: f32, seed: u32) -> Self {
        Self { pattern, first: rgb(first), second: rgb(second), size, shine: 0.0, glows: false, seed }
    }

    pub(crate) fn plain(colour: u32, seed: u32) -> Self {
        Self::new(Pattern::Plain, colour, colour, 0.4, seed)
    }

    pub(crate) fn shiny(self, shine: f32) -> Self {
        Self { shine, ..self }
    }

    pub(crate) fn glowing(self, strength: f32) -> Self {
        Self { glows: true, first: self.first * strength, second: self.second * strength, ..self }
    }

    /// Colour at `at`, a point relative to the body's centre, where the outward normal is `normal`.
    pub(crate) fn colour(&self, at: V3, normal: V3) -> V3 {
        let (nx, ny, nz) = (normal.x.abs(), normal.y.abs(), normal.z.abs());
        let (u, v) = if ny >= nx && ny >= nz {
            (at.x, at.z)
        } else if nx > nz {
            (at.z, at.y)
        } else {
            (at.x, at.y)
        };
        let (u, v) = (u / self.size, v / self.size);
        self.mottle(u, v, self.pattern(u, v, at))
    }

    fn mottle(&self, u: f32, v: f32, colour: V3) -> V3 {
        colour * (0.82 + 0.36 * fractal(u * 3.0 + 40.0, v * 3.0 + 40.0, 4, self.seed))
    }

    fn pattern(&self, u: f32, v: f32, at: V3) -> V3 {
        let between = |t: f32| self.first.mix(self.second, t.clamp(0.0, 1.0));
        let fold = |x: f32| x - x.floor();
        match self.pattern {
            Pattern::Plain => self.first,
            Pattern::Checks => between(if (u.floor() + v.floor()) as i32 & 1 == 0 { 0.0 } else { 1.0 }),
            Pattern::Stripes => between(smooth(-0.1, 0.1, wave(u))),
            Pattern::Planks => {
                let board = u.floor();
                let along = v * 0.25 + lattice(board as i32, 3, self.seed);
                let tone = lattice(board as i32, along.floor() as i32, self.seed);
                let grain = fractal(u * 9.0, v * 0.7 + tone * 50.0, 3, self.seed);
                let joint = fold(u) < 0.05 || fold(along) < 0.012;
                if joint { self.second } else { self.first * (0.65 + 0.45 * tone) * (0.7 + 0.6 * grain) }
            }
            Pattern::Bricks => {
                let row = (v * 2.2).floor();
                let shifted = u + 0.5 * (row - 2.0 * (row * 0.5).floor());
                if fold(shifted) < 0.06 || fold(v * 2.2) < 0.12 {
                    self.second
                } else {
                    self.first * (0.6 + 0.6 * lattice(shifted.floor() as i32, row as i32, self.seed))
                }
            }
            Pattern::Windows => self.window(u, v, fold(u), fold(v)),
            Pattern::Marble => {
                between(smooth(0.0, 0.9, wave(u + 2.5 * fractal(u * 1.3, v * 1.3, 4, self.seed)).abs()))
            }
            Pattern::Blotches => between(
                0.5 + 1.2 * v * self.size + 1.6 * (noise(u * 2.0 + 9.0, v * 2.0 + at.z, self.seed) - 0.5),
            ),
            Pattern::Ornament => {
                let (a, b) = (fold(u) - 0.5, fold(v + 0.5 * (u.floor() - 2.0 * (u * 0.5).floor())) - 0.5);
                between(smooth(-0.2, 0.2, wave((a * a + b * b).sqrt() * 2.6)))
            }
            Pattern::Cobbles => {
                let (_, border, cell) = cells(u, v, self.seed);
                let tone = 0.5 + (cell & 255) as f32 / 400.0;
                self.second.mix(self.first * tone, smooth(0.02, 0.14, border))
            }
            Pattern::Rug => {
                let ring = u.abs().max(v.abs());
                between(if ring > 0.93 {
                    1.0
                } else {
                    smooth(-0.1, 0.1, wave(ring * 2.7 + 0.05 * wave(u * 6.0)))
                })
            }
            Pattern::View => self.view(u, v),
            Pattern::Books => self.book(u, v),
        }
    }

    fn window(&self, u: f32, v: f32, a: f32, b: f32) -> V3 {
        let (inside, frame) = ((a - 0.5).abs() < 0.27 && (b - 0.55).abs() < 0.3, (a - 0.5).abs() < 0.02);
        let sill = (a - 0.5).abs() < 0.33 && (b - 0.22).abs() < 0.035;
        if sill || (inside && frame) {
            return self.first.mix(v3(1.0, 1.0, 1.0), 0.6);
        }
        if !inside {
            return self.first;
        }
        match lattice(u.floor() as i32, v.floor() as i32, self.seed) {
            lit if lit < 0.18 => rgb(0xf2d58a),
            curtain if curtain < 0.4 && b > 0.6 => rgb(0xcfc6b4),
            tone => self.second * (0.5 + tone) + v3(0.1, 0.12, 0.15) * b,
        }
    }

    fn view(&self, u: f32, v: f32) -> V3 {
        let ridge = 1.1 * fractal(u * 1.6 + 7.0, 0.5, 4, self.seed) - 0.7;
        let near = 0.9 * fractal(u * 2.5 + 31.0, 8.5, 4, self.seed) - 1.1;
        if v < near {
            self.first * (0.25 + 0.5 * fractal(u * 8.0, v * 8.0, 3, self.seed))
        } else if v < ridge {
            self.first.mix(self.second, 0.45)
        } else {
            self.second * (0.75 + 0.5 * fractal(u * 2.0 + 5.0, v * 4.0, 4, self.seed))
        }
    }

    fn book(&self, u: f32, v: f32) -> V3 {
        let book = (u * 1.0 + 0.3 * noise(u * 0.7, 0.5, self.seed)).floor() as i32;
        let pick = lattice(book, 1, self.seed);
        let spine = self.first.mix(self.second, pick) * (0.4 + lattice(book, 2, self.seed));
        let band = (v - 1.2 * lattice(book, 4, self.seed)).abs() < 0.2;
        if band { spine.mix(v3(0.9, 0.8, 0.6), 0.7) } else { spine }
    }
}
