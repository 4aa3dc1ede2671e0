//! A PNG writer for fixtures: any depth and colour type, interlacing, metadata, animation, and headers that lie.
//!
//! Picture data is stored, not compressed: the files stay readable in a hex editor and need no deflate.

use super::picture::{HEIGHT, WIDTH};

/// Signature, `IHDR` for the standard size, the chunks given, `IEND`.
pub(crate) fn file(depth: u8, colour: u8, interlaced: bool, chunks: &[Vec<u8>]) -> Vec<u8> {
    sized(WIDTH, HEIGHT, [depth, colour, 0, 0, u8::from(interlaced)], chunks)
}

/// A file of any claimed size.
pub(crate) fn sized(width: u32, height: u32, kind: [u8; 5], chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &kind].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &header));
    file.extend(chunks.concat());
    file.extend(chunk(b"IEND", &[]));
    file
}

pub(crate) fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = (body.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    let crc = chunk[4..].iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    });
    chunk.extend((!crc).to_be_bytes());
    chunk
}

/// zlib data of stored blocks.
pub(crate) fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = data.chunks(60_000).count();
    for (i, block) in data.chunks(60_000).enumerate() {
        let length = block.len() as u16;
        out.push(u8::from(i + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// Unfiltered rows of samples of `depth` bits, `channels` a pixel.
pub(crate) fn rows(depth: u8, channels: u32, sample: impl Fn(u32, u32, u32) -> u16) -> Vec<u8> {
    pass((0, 1), (0, 1), depth, channels, &sample)
}

/// The seven passes of Adam7.
pub(crate) fn interlaced_rows(depth: u8, channels: u32, sample: impl Fn(u32, u32, u32) -> u16) -> Vec<u8> {
    [
        ((0, 8), (0, 8)),
        ((4, 8), (0, 8)),
        ((0, 4), (4, 8)),
        ((2, 4), (0, 4)),
        ((0, 2), (2, 4)),
        ((1, 2), (0, 2)),
        ((0, 1), (1, 2)),
    ]
    .into_iter()
    .flat_map(|(columns, lines)| pass(columns, lines, depth, channels, &sample))
    .collect()
}

fn pass(
    (left, step): (u32, u32),
    (top, stride): (u32, u32),
    depth: u8,
    channels: u32,
    sample: &impl Fn(u32, u32, u32) -> u16,
) -> Vec<u8> {
    let mut out = Vec::new();
    for y in (top..HEIGHT).step_by(stride as usize) {
        out.push(0);
        let samples =
            (left..WIDTH).step_by(step as usize).flat_map(|x| (0..channels).map(move |c| sample(x, y, c)));
        let (mut held, mut count) = (0_u32, 0);
        for value in samples {
            held = held << depth | u32::from(value);
            count += depth;
            while count >= 8 {
                count -= 8;
                out.push((held >> count) as u8);
            }
        }
        if count > 0 {
            out.push((held << (8 - count)) as u8);
        }
    }
    out
}
