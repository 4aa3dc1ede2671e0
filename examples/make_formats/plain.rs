//! Writers for GIF, BMP, TIFF, PNM and the container of WebP: as small as the formats allow.

use super::exif;
use super::picture::{HEIGHT, WIDTH};

/// A GIF of grey palette; every frame covers the screen and is given as its levels.
pub(crate) fn gif((width, height): (u16, u16), frames: &[(u16, u16, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    out.extend(width.to_le_bytes());
    out.extend(height.to_le_bytes());
    out.extend([0xf7, 0, 0]);
    out.extend((0..=255_u8).flat_map(|level| [level; 3]));
    for (width, height, levels) in frames {
        // Graphic control: shown for a tenth of a second.
        out.extend([0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0]);
        out.extend(width.to_le_bytes());
        out.extend(height.to_le_bytes());
        out.extend([0, 8]);
        let codes = lzw(levels);
        codes.chunks(255).for_each(|block| {
            out.push(block.len() as u8);
            out.extend(block);
        });
        out.push(0);
    }
    out.push(0x3b);
    out
}

/// LZW that never uses its dictionary: a clear code before it would grow past nine bits.
fn lzw(levels: &[u8]) -> Vec<u8> {
    let cleared =
        levels.chunks(200).flat_map(|run| [256].into_iter().chain(run.iter().map(|&level| u32::from(level))));
    let (mut out, mut held, mut count) = (Vec::new(), 0_u32, 0);
    for code in cleared.chain([257]) {
        held |= code << count;
        count += 9;
        while count >= 8 {
            out.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    }
    out.push(held as u8);
    out
}

/// An uncompressed BMP: 24 bits without palette, 8 bits with a grey one. Rows go upwards.
pub(crate) fn bmp((width, height): (u32, u32), bits: u16, pixels: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    let palette: Vec<u8> =
        if bits == 8 { (0..=255).flat_map(|v| [v, v, v, 0]).collect() } else { Vec::new() };
    let rows: Vec<u8> = (0..HEIGHT.min(height))
        .rev()
        .flat_map(|y| (0..WIDTH.min(width)).flat_map(|x| pixels(x, y)).collect::<Vec<_>>())
        .collect();
    let start = 54 + palette.len() as u32;
    let mut out = b"BM".to_vec();
    [start + rows.len() as u32, 0, start, 40, width, height].iter().for_each(|n| out.extend(n.to_le_bytes()));
    out.extend([1, 0]);
    out.extend(bits.to_le_bytes());
    out.extend([0; 24]);
    out.extend(palette);
    out.extend(rows);
    out
}

/// What a TIFF says about its one strip.
pub(crate) struct Tiff {
    pub(crate) size: (u32, u32),
    pub(crate) bits: u16,
    pub(crate) samples: u16,
    pub(crate) orientation: u16,
    /// Claimed length of the strip; `None`: the true one.
    pub(crate) strip_length: Option<u32>,
}

impl Default for Tiff {
    fn default() -> Self {
        Self { size: (WIDTH, HEIGHT), bits: 8, samples: 1, orientation: 1, strip_length: None }
    }
}

/// A little-endian, uncompressed TIFF in one strip, directory first.
pub(crate) fn tiff(about: &Tiff, strip: &[u8]) -> Vec<u8> {
    const ENTRIES: u32 = 10;
    let after = 8 + 2 + ENTRIES * 12 + 4;
    let bits = u32::from(about.bits);
    let length = about.strip_length.unwrap_or(strip.len() as u32);
    let colour = if about.samples == 1 { 1 } else { 2 };
    let bits_at = if about.samples == 1 { bits } else { after };
    let strip_at = after + 8;
    let entries: [(u16, u16, u32, u32); ENTRIES as usize] = [
        (256, 4, 1, about.size.0),
        (257, 4, 1, about.size.1),
        (258, 3, u32::from(about.samples), bits_at),
        (259, 3, 1, 1),
        (262, 3, 1, colour),
        (273, 4, 1, strip_at),
        (274, 3, 1, u32::from(about.orientation)),
        (277, 3, 1, u32::from(about.samples)),
        (278, 4, 1, about.size.1),
        (279, 4, 1, length),
    ];
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend((ENTRIES as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    (0..4).for_each(|_| out.extend(about.bits.to_le_bytes()));
    out.extend(strip);
    out
}

/// A PNM: its header as text, then bytes.
pub(crate) fn pnm(kind: char, (width, height): (u32, u32), maximum: Option<u16>, body: &[u8]) -> Vec<u8> {
    let maximum = maximum.map_or(String::new(), |maximum| format!("{maximum}\n"));
    let mut out = format!("P{kind}\n# adlink\n{width} {height}\n{maximum}").into_bytes();
    out.extend(body);
    out
}

/// A WebP container around chunks.
pub(crate) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    [b"RIFF", &(body.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &body].concat()
}

pub(crate) fn riff_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let padding = &[0][..body.len() % 2];
    [kind, &(body.len() as u32).to_le_bytes()[..], body, padding].concat()
}

/// The extended header. Flags: 0x10 alpha, 0x08 EXIF, 0x02 animation.
pub(crate) fn vp8x(flags: u8, (width, height): (u32, u32)) -> Vec<u8> {
    let side = |n: u32| (n - 1).to_le_bytes();
    riff_chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &side(width)[..3], &side(height)[..3]].concat())
}

/// One animation frame at the origin around a picture chunk; it replaces what was there.
pub(crate) fn anmf((width, height): (u32, u32), picture: &[u8]) -> Vec<u8> {
    let side = |n: u32| (n - 1).to_le_bytes();
    let place = [&[0; 6][..], &side(width)[..3], &side(height)[..3], &[100, 0, 0, 0x02]].concat();
    riff_chunk(b"ANMF", &[&place[..], picture].concat())
}

/// The `VP8L` chunk of a lossless picture, by the encoder of the `image` crate.
pub(crate) fn vp8l((width, height): (u32, u32), pixels: &[u8], colour: image::ExtendedColorType) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut file)
        .encode(pixels, width, height, colour)
        .expect("a small picture encodes");
    let at = file.windows(4).position(|window| window == b"VP8L").expect("a lossless file has its chunk");
    let length = u32::from_le_bytes(file[at + 4..at + 8].try_into().expect("four bytes")) as usize;
    riff_chunk(b"VP8L", &file[at + 8..at + 8 + length])
}

/// A WebP that has to be turned.
pub(crate) fn webp_turned(orientation: u8, (width, height): (u32, u32), pixels: &[u8]) -> Vec<u8> {
    let picture = vp8l((width, height), pixels, image::ExtendedColorType::Rgb8);
    riff(&[vp8x(0x08, (width, height)), picture, riff_chunk(b"EXIF", &exif::orientation(orientation))])
}
