//! Where data goes that a command writes: a file, guarded and whole or not at all, or standard output.
//!
//! Every `-o` ends here, so `-` means standard output everywhere.

use super::terminal::Talk;
use adlink::Error;
use adlink::output::{Guard, NewFile};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Name of standard output in messages; a broken pipe there is no error.
pub(super) const STDOUT: &str = "standard output";

pub(super) enum OutputSink {
    Stdout,
    File(NewFile, PathBuf),
}

impl OutputSink {
    /// Standard output for none and for `-`; else a file that `guard` lets pass.
    pub(super) fn open(path: Option<&Path>, guard: &Guard<'_>, talk: &Talk) -> adlink::Result<Self> {
        match path.filter(|path| *path != Path::new("-")) {
            None => Ok(Self::Stdout),
            Some(path) => {
                if let Some(replaced) = guard.file(path)? {
                    talk.warn(&format!("replaces {replaced}"));
                }
                Ok(Self::File(NewFile::create(path)?, path.into()))
            }
        }
    }

    pub(super) fn writer(&self) -> adlink::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Stdout => Box::new(BufWriter::new(io::stdout())),
            Self::File(file, _) => Box::new(BufWriter::new(file.writer()?)),
        })
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> PathBuf {
        match self {
            Self::Stdout => STDOUT.into(),
            Self::File(_, path) => path.clone(),
        }
    }

    /// Writes all of a text and keeps it.
    pub(super) fn text(self, text: &str) -> adlink::Result<()> {
        let written = self.writer().and_then(|mut out| {
            let all = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            all.map_err(|error| Error::io("write", self.name(), error))
        });
        written.and_then(|()| self.keep())
    }

    /// Gives a file its name, when all of it is written.
    pub(super) fn keep(self) -> adlink::Result<()> {
        match self {
            Self::Stdout => Ok(()),
            Self::File(file, _) => file.keep(),
        }
    }
}
