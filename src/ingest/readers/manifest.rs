//! A manifest being read: its text, its digest, its name, and where its images are looked for.
//!
//! The digest is of the file as it lies there; the text is what is in it, without compression and in UTF-8 where the
//! file says that it is UTF-16. The trap: places in the text are places in the file only where nothing was undone.

use crate::corpus::readable;
use crate::error::{Error, Result};
use crate::ingest::options::Input;
use crate::record::hex;
use crate::source::{HeadFirst, Patient, Stream, opened, stream};
use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is looked at to tell what a manifest is.
const HEAD: usize = 1 << 16;

/// An open manifest.
pub(in crate::ingest) struct Manifest {
    text: BufReader<Stream<'static>>,
    raw: SharedReader,
    /// As the user gave it; for opening and for errors.
    pub(in crate::ingest) path: PathBuf,
    /// Whether places in the text are places in the file.
    pub(in crate::ingest) in_place: bool,
}

impl Manifest {
    /// Opens a manifest that is no folder.
    pub(in crate::ingest) fn open(input: &Input) -> Result<Self> {
        let (inner, path): (Stream<'static>, _) = match input {
            Input::Stdin => (Box::new(Patient::stdin()), PathBuf::from("-")),
            Input::Records { name, text } => (Box::new(io::Cursor::new(text.clone())), PathBuf::from(name)),
            Input::Path(path) if is_pipe(path) => {
                let pipe = path.clone();
                (Box::new(Patient::new(|| std::fs::File::open(pipe))), path.clone())
            }
            Input::Path(path) => {
                let content = stream(path).map_err(|error| Error::io("read", path, error))?;
                (content, path.clone())
            }
        };
        let raw = SharedReader(Arc::new(Mutex::new(DigestReader { inner, digest: Sha256::new(), bytes: 0 })));
        let failed = |error| Error::io("read", &path, error);
        let packed = BufReader::with_capacity(HEAD, HeadFirst::new(raw.clone(), HEAD));
        let (content, compression) = opened(packed).map_err(failed)?;
        let mut content = BufReader::with_capacity(HEAD, HeadFirst::new(content, HEAD));
        let encoding = utf16(content.fill_buf().map_err(failed)?);
        let in_place = compression.is_none() && encoding.is_none();
        let text: Stream<'static> = match encoding {
            Some(encoding) => Box::new(Decoding::new(content, encoding)),
            None => Box::new(content),
        };
        Ok(Self { text: BufReader::with_capacity(HEAD, text), raw, path, in_place })
    }

    /// As the user gave it, in readable form.
    pub(in crate::ingest) fn shown(&self) -> String {
        readable(self.path.as_os_str())
    }

    /// The folder that relative paths in it are relative to.
    pub(in crate::ingest) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The ending of its name in lower case, without that of a compression; `jsonl` for standard input.
    pub(super) fn ending(&self) -> String {
        let lower = |path: &Path| path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if self.path.as_os_str() == "-" {
            return "jsonl".into();
        }
        match lower(&self.path).as_str() {
            "gz" | "gzip" | "zst" | "zstd" => lower(Path::new(self.path.file_stem().unwrap_or_default())),
            ending => ending.to_string(),
        }
    }

    /// Its first bytes, without taking them.
    pub(super) fn head(&mut self) -> Result<&[u8]> {
        self.text.fill_buf().map_err(|error| Error::io("read", &self.path, error))
    }

    /// The rest of it.
    pub(super) fn reader(&mut self) -> &mut BufReader<Stream<'static>> {
        &mut self.text
    }

    /// An error of reading it.
    pub(in crate::ingest) fn failed(&self, error: io::Error) -> Error {
        Error::io("read", &self.path, error)
    }

    /// Reads on to the end; the SHA-256, in hex, and the size of everything.
    pub(in crate::ingest) fn finish(mut self) -> Result<(String, u64)> {
        drop(self.text);
        io::copy(&mut self.raw, &mut io::sink()).map_err(|error| Error::io("read", &self.path, error))?;
        let digesting = self.raw.own();
        Ok((hex(&digesting.digest.clone().finalize()), digesting.bytes))
    }
}

/// UTF-16 by its mark, or by the zeros that Latin letters have in it.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The file itself, shared by what decodes it and what digests it.
#[derive(Clone)]
struct SharedReader(Arc<Mutex<DigestReader>>);

impl SharedReader {
    fn own(&self) -> MutexGuard<'_, DigestReader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct DigestReader {
    inner: Stream<'static>,
    digest: Sha256,
    bytes: u64,
}

impl Read for SharedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut own = self.own();
        let count = own.inner.read(buffer)?;
        own.digest.update(&buffer[..count]);
        own.bytes += count as u64;
        Ok(count)
    }
}

/// Text of another encoding as UTF-8.
struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    /// Decoded and not handed on.
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: BufRead> Decoding<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self { inner, decoder: encoding.new_decoder(), ready: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let input = self.inner.fill_buf()?;
        self.ended = input.is_empty();
        let room = self.decoder.max_utf8_buffer_length(input.len()).unwrap_or(4 * input.len() + 16);
        self.ready.resize(room, 0);
        let (_, taken, made, _) = self.decoder.decode_to_utf8(input, &mut self.ready, self.ended);
        self.inner.consume(taken);
        self.ready.truncate(made);
        self.given = 0;
        Ok(())
    }
}

impl<R: BufRead> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Whether opening or reading may wait for somebody.
fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}
