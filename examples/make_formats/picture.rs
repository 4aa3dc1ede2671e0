//! The picture that every fixture shows, as formulas: the tests compare decoded pixels with these, not with files.
//!
//! 40 x 30 pixels, smooth enough for JPEG and different in every corner, so that a wrong turn or a swapped
//! channel shows. The trap: 16-bit samples carry an offset that a correct rounding takes away again and a mere
//! cut of the low byte does not.

pub(crate) const WIDTH: u32 = 40;
pub(crate) const HEIGHT: u32 = 30;

/// Red falls to the right, green rises downwards, blue has a blob right of the middle.
pub(crate) fn rgb(x: u32, y: u32) -> [u8; 3] {
    let (fx, fy) = (f64::from(x) / f64::from(WIDTH - 1), f64::from(y) / f64::from(HEIGHT - 1));
    let blob = (-((fx - 0.7).powi(2) + (fy - 0.4).powi(2)) * 9.0).exp();
    [235.0 - 190.0 * fx, 30.0 + 170.0 * fy, 40.0 + 180.0 * blob].map(|level| level as u8)
}

/// round(0.299 R + 0.587 G + 0.114 B), the long way.
pub(crate) fn luma_of(rgb: [u8; 3]) -> u8 {
    let [r, g, b] = rgb.map(f64::from);
    ((299.0 * r + 587.0 * g + 114.0 * b) / 1000.0 + 0.5).floor() as u8
}

pub(crate) fn grey(x: u32, y: u32) -> u8 {
    luma_of(rgb(x, y))
}

/// Opaque at the left, clear at the right.
pub(crate) fn alpha(x: u32, _: u32) -> u8 {
    (255 - 255 * x / (WIDTH - 1)) as u8
}

/// A grey level reduced to 1, 2 or 4 bits, as the number stored.
pub(crate) fn bits(x: u32, y: u32, depth: u8) -> u8 {
    grey(x, y) >> (8 - depth)
}

/// The level that such a number means.
pub(crate) fn bits_level(x: u32, y: u32, depth: u8) -> u8 {
    (u32::from(bits(x, y, depth)) * 255 / ((1 << depth) - 1)) as u8
}

/// A 16-bit sample that rounds to the 8-bit level but has another high byte for about half of the pixels.
pub(crate) fn deep(level: u8, x: u32, y: u32) -> u16 {
    let offset = (x * 71 + y * 113) % 241;
    (u32::from(level) * 257 + offset).saturating_sub(120).min(65_535) as u16
}

/// All pixels, row by row.
pub(crate) fn pixels<const N: usize>(pixel: impl Fn(u32, u32) -> [u8; N]) -> Vec<u8> {
    (0..WIDTH * HEIGHT).flat_map(|i| pixel(i % WIDTH, i / WIDTH)).collect()
}

/// The picture stored so that EXIF orientation 6 (a quarter clockwise) makes it upright: 30 wide, 40 high.
pub(crate) fn lying(x: u32, y: u32) -> [u8; 3] {
    rgb(WIDTH - 1 - y, x)
}

/// Another picture, for animations.
pub(crate) fn other(x: u32, y: u32) -> [u8; 3] {
    let [r, g, b] = rgb(x, y);
    [255 - g, 255 - b, r]
}
