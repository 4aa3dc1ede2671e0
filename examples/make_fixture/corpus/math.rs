//! Numbers for pictures: seeded randomness, three-vectors, noise.
//!
//! Everything is built from `+ - * /`, `sqrt` and `floor`, which IEEE 754 fixes to the bit. `sin`, `exp` and
//! `powf` are left to each platform's library and would give other bytes on another machine: use [`wave`].

use std::cell::Cell;
use std::ops::{Add, Mul, Sub};

/// SplitMix64: small, seedable, the same everywhere. Drawn from by shared reference, so that several draws can
/// stand in one expression (Rust evaluates them left to right).
pub(crate) struct Rng(Cell<u64>);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = Self(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d));
        rng.bits();
        rng
    }

    pub(crate) fn bits(&self) -> u64 {
        let mut z = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(z);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0.0..1.0`.
    pub(crate) fn unit(&self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    pub(crate) fn range(&self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn below(&self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(crate) fn chance(&self, share: f32) -> bool {
        self.unit() < share
    }

    /// Seed for the noise functions.
    pub(crate) fn seed(&self) -> u32 {
        (self.bits() >> 32) as u32
    }

    pub(crate) fn shuffle<T>(&self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// A point, a direction or a linear colour. Its operations are inlined at any optimisation: a photo takes millions of
/// them, and tests are built with little of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct V3 {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) z: f32,
}

#[inline(always)]
pub(crate) const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

/// A colour from the 8-bit values one would pick in a paint program.
pub(crate) fn rgb(hex: u32) -> V3 {
    let channel = |shift: u32| {
        let value = ((hex >> shift) & 255) as f32 / 255.0;
        value * value
    };
    v3(channel(16), channel(8), channel(0))
}

impl Add for V3 {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl Sub for V3 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f32> for V3 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, k: f32) -> Self {
        v3(self.x * k, self.y * k, self.z * k)
    }
}

/// Channel by channel: a surface's colour times the light on it.
impl Mul for V3 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        v3(self.x * o.x, self.y * o.y, self.z * o.z)
    }
}

impl V3 {
    #[inline(always)]
    pub(crate) fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    pub(crate) fn cross(self, o: Self) -> Self {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    #[inline(always)]
    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    #[inline(always)]
    pub(crate) fn unit(self) -> Self {
        self * (1.0 / self.length().max(1e-9))
    }

    #[inline(always)]
    pub(crate) fn mix(self, o: Self, t: f32) -> Self {
        self + (o - self) * t
    }
}

/// Sine of a full turn: `wave(0.25)` is 1. Parabolas, refined once; within 0.001.
pub(crate) fn wave(turns: f32) -> f32 {
    let t = turns - turns.floor();
    let half = if t < 0.5 { t } else { t - 0.5 };
    let arch = 16.0 * half * (0.5 - half);
    let arch = 0.225 * (arch * arch - arch) + arch;
    if t < 0.5 { arch } else { -arch }
}

/// Cosine and sine of an angle in turns.
pub(crate) fn turn(turns: f32) -> (f32, f32) {
    (wave(turns + 0.25), wave(turns))
}

/// 0 below `a`, 1 above `b`, smooth between.
pub(crate) fn smooth(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Pseudo-random in `0.0..1.0` for a lattice point.
pub(crate) fn lattice(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8da6_b343) ^ (y as u32).wrapping_mul(0xd816_3841) ^ seed;
    h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
    h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    ((h ^ (h >> 16)) >> 8) as f32 / 16_777_216.0
}

/// Smooth value noise, `0.0..1.0`, features of size 1.
pub(crate) fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (i, j) = (fx as i32, fy as i32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - fx), ease(y - fy));
    let top = lattice(i, j, seed) * (1.0 - u) + lattice(i + 1, j, seed) * u;
    let bottom = lattice(i, j + 1, seed) * (1.0 - u) + lattice(i + 1, j + 1, seed) * u;
    top * (1.0 - v) + bottom * v
}

/// Fractal noise, about `0.0..1.0` with mean 0.5.
pub(crate) fn fractal(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut size, mut scale, mut total) = (0.0, 0.5, 1.0, 0.0);
    for octave in 0..octaves {
        sum += size * noise(x * scale, y * scale, seed.wrapping_add(octave * 7919));
        total += size;
        size *= 0.5;
        scale *= 2.03;
    }
    sum / total
}

/// Cells around scattered points: (distance to the nearest, distance to the border, the cell's own number).
pub(crate) fn cells(x: f32, y: f32, seed: u32) -> (f32, f32, u32) {
    let (i, j) = (x.floor() as i32, y.floor() as i32);
    let (mut first, mut second, mut cell) = (9.0_f32, 9.0_f32, 0);
    for dj in -1..=1 {
        for di in -1..=1 {
            let (a, b) = (i + di, j + dj);
            let dx = a as f32 + 0.1 + 0.8 * lattice(a, b, seed) - x;
            let dy = b as f32 + 0.1 + 0.8 * lattice(a, b, seed ^ 0x5bd1) - y;
            let distance = (dx * dx + dy * dy).sqrt();
            if distance < first {
                second = first;
                first = distance;
                cell = (lattice(a, b, seed ^ 0x3c6e) * 65_536.0) as u32;
            } else if distance < second {
                second = distance;
            }
        }
    }
    (first, second - first, cell)
}
