//! Streams that may be compressed, read as what is in them: gzip (several members too) and Zstandard.
//!
//! Known by their first bytes, never by their name. The trap: a small file may expand without end. Whoever reads gets an
//! error once it grows beyond all sense, and holds no more of it than a buffer.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What compression makes of text at best; beyond it, and beyond [`FREE`], the file is made to fill a disk.
const RATIO: u64 = 1200;
const FREE: u64 = if cfg!(test) { 1 << 20 } else { 1 << 30 };

/// How a stream is compressed, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstandard,
}

impl Compression {
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstandard),
            _ => None,
        }
    }
}

/// A stream of bytes that threads may hand to each other.
pub(crate) type Stream<'r> = Box<dyn Read + Send + 'r>;

/// The content of a stream, whether it is compressed or not.
pub(crate) fn opened<'r>(
    mut reader: impl BufRead + Send + 'r,
) -> io::Result<(Stream<'r>, Option<Compression>)> {
    let found = Compression::of(reader.fill_buf()?);
    let counted = BufReader::new(CompressedReader { inner: reader, read: Arc::default() });
    let read = Arc::clone(&counted.get_ref().read);
    let guard = |inner: Stream<'r>| -> Stream<'r> { Box::new(Guarded { inner, read, made: 0 }) };
    Ok(match found {
        None => (Box::new(counted), None),
        Some(Compression::Gzip) => (guard(Box::new(MultiGzDecoder::new(counted))), found),
        Some(Compression::Zstandard) => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(counted)?;
            // 128 MiB of window: what `zstd --long=27` asks for, and the most that its own program takes unasked.
            decoder.window_log_max(27)?;
            (guard(Box::new(decoder)), found)
        }
    })
}

/// Counts what is taken from the compressed side.
struct CompressedReader<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for CompressedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

struct Guarded<'r> {
    inner: Stream<'r>,
    read: Arc<AtomicU64>,
    made: u64,
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.made += count as u64;
        if self.made > FREE && self.made / RATIO > self.read.load(Ordering::Relaxed) {
            return Err(io::Error::other(format!(
                "expands to more than {RATIO} times its size; made to fill a disk?"
            )));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn content_comes_out_whatever_the_form() {
        let text = b"some text, some text, some text".repeat(50);
        let several = [gzip(&text), gzip(b"and more")].concat();
        for (bytes, kind, expected) in [
            (text.clone(), None, text.clone()),
            (gzip(&text), Some(Compression::Gzip), text.clone()),
            (several, Some(Compression::Gzip), [&text[..], b"and more"].concat()),
            (zstd::encode_all(&text[..], 3).unwrap(), Some(Compression::Zstandard), text.clone()),
        ] {
            let (mut reader, found) = opened(&bytes[..]).unwrap();
            let mut content = Vec::new();
            reader.read_to_end(&mut content).unwrap();
            assert_eq!((found, content), (kind, expected));
        }
    }

    #[test]
    fn what_expands_without_end_is_an_error() {
        let (reader, _) =
            opened(std::io::Cursor::new(zstd::encode_all(io::repeat(0).take(64 << 20), 1).unwrap())).unwrap();
        let mut reader = reader;
        let error = io::copy(&mut reader, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("expands"), "{error}");
    }
}
