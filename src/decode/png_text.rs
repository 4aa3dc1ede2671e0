//! PNG files without their text: a decoder keeps every text chunk, and a file of nothing but tiny ones swells tenfold.
//!
//! No pixel depends on text. Files with a little of it are left as they are.

use super::sniff::FileFormat;
use std::borrow::Cow;

/// Text of so many chunks or bytes is left out.
const CHUNKS: usize = 64;
const BYTES: usize = 1 << 20;

const SIGNATURE: usize = 8;
/// Length, kind and check sum of a chunk.
const AROUND: usize = 12;

/// The file without its text, if it is a PNG with much of it.
pub(super) fn without(format: FileFormat, bytes: &[u8]) -> Cow<'_, [u8]> {
    if format != FileFormat::Png {
        return Cow::Borrowed(bytes);
    }
    let text = chunks(bytes).filter(|chunk| is_text(chunk));
    let (count, size) = text.fold((0, 0), |(count, size), chunk| (count + 1, size + chunk.len()));
    if count <= CHUNKS && size <= BYTES {
        return Cow::Borrowed(bytes);
    }
    let mut kept = Vec::with_capacity(bytes.len() - size);
    kept.extend_from_slice(&bytes[..SIGNATURE.min(bytes.len())]);
    chunks(bytes).filter(|chunk| !is_text(chunk)).for_each(|chunk| kept.extend_from_slice(chunk));
    Cow::Owned(kept)
}

fn is_text(chunk: &[u8]) -> bool {
    matches!(chunk.get(4..8), Some(b"tEXt" | b"zTXt" | b"iTXt"))
}

/// Chunk after chunk, each with its length, kind and check sum; the last one may be cut short.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = rest.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length) as usize);
        let (chunk, after) = rest.split_at(length.saturating_add(AROUND).min(rest.len()));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32).to_be_bytes()[..], kind, body, &[1, 2, 3, 4]].concat()
    }

    #[test]
    fn much_text_goes_and_nothing_else() {
        let head = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &[7; 13])].concat();
        let tail = [chunk(b"IDAT", &[9; 40]), chunk(b"IEND", &[])].concat();
        let little = [&head[..], &chunk(b"tEXt", b"a"), &tail].concat();
        assert_eq!(&*without(FileFormat::Png, &little), little);
        let much = [&head[..], &chunk(b"tEXt", b"a").repeat(1000), &tail].concat();
        assert_eq!(&*without(FileFormat::Png, &much), [&head[..], &tail].concat());
        assert_eq!(&*without(FileFormat::Gif, &much), much);
        for cut in 0..much.len().min(400) {
            without(FileFormat::Png, &much[..cut]);
        }
        let cut = &much[..much.len() - 30];
        assert!(without(FileFormat::Png, cut).len() < 120);
    }
}
