//! What can go wrong, in two kinds.
//!
//! [`Error`] ends a run: the case is unreadable, a folder cannot be written, a parameter makes no sense.
//! [`ImageError`] concerns one input: it becomes a row of `skipped.csv`, is counted, and the run goes on.
//!
//! A newcomer's trap: there is no `From<io::Error>`. An I/O error is only useful with the path and the verb,
//! so it can only be made through [`Error::io`].

use crate::codes::codes;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Result of an operation that can end a run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A run that cannot go on. `Display` says its own level only; the cause is [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, as a verb phrase: `read`, `create folder`.
        action: &'static str,
        /// The file or folder concerned.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file of records that cannot be used as a whole (a bad line alone is an [`ImageError`]).
    #[error("manifest `{}`, line {line}: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// 1-based line; 0 when the file as a whole is meant.
        line: u64,
        /// What is wrong, in words.
        reason: String,
    },
    /// A table that cannot be used, such as a truth to compare with.
    #[error("`{}`, line {line}: {reason}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// 1-based line; 0 when the file as a whole is meant.
        line: u64,
        /// What is wrong, in words.
        reason: String,
    },
    /// A parameter outside its range.
    #[error("{name} is `{value}`, expected {expected}")]
    Parameter {
        /// Name of the option or field, as the user knows it.
        name: &'static str,
        /// The value given.
        value: String,
        /// What would have been accepted.
        expected: String,
    },
    /// The case file cannot be used.
    #[error("case `{}` cannot be used", path.display())]
    Case {
        /// The case file.
        path: PathBuf,
        /// Why.
        source: CaseError,
    },
    /// A feature index on disk cannot be used; it can always be made again from what it was made of.
    #[error("feature index `{}` cannot be used: {reason}", path.display())]
    FeatureIndex {
        /// Its folder, or the file of it that is damaged.
        path: PathBuf,
        /// Why, in words.
        reason: String,
    },
    /// There is nothing to work on.
    #[error("no ads in the input: {0}")]
    NoInput(String),
    /// There was something to work on, and nothing came of it.
    #[error("{what}")]
    Fruitless {
        /// What came of it, in words.
        what: String,
        /// What the user can do.
        hint: String,
    },
    /// The user asked to stop; what was committed stays.
    #[error("stopped before the end; everything hashed so far is kept")]
    Interrupted,
}

/// Why a case file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// Some other file: not SQLite, or SQLite without adlink's application id.
    #[error("it is not an adlink case")]
    NotACase,
    /// Written by a newer adlink.
    #[error("format version {found}, this build reads up to {supported}")]
    Version {
        /// The file's version.
        found: i64,
        /// The newest version this build reads.
        supported: i64,
    },
    /// Another process is writing.
    #[error("another adlink is writing to it{}", holder.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Busy {
        /// Who, as far as known.
        holder: Option<String>,
    },
    /// The file does not exist and the command does not create one.
    #[error("there is no such file")]
    Missing,
    /// It is there in encrypted form only.
    #[error("it is locked: only its encrypted form is there")]
    Locked,
    /// Whoever locked it was stopped while the plain file was being removed.
    #[error("an `adlink lock` was stopped while it removed the plain file: `{}` is what is left of that{}", left.display(),
        if *sealed { "" } else { ", and the encrypted form is gone" })]
    HalfRemoved {
        /// The rest.
        left: PathBuf,
        /// Whether its encrypted form is there.
        sealed: bool,
    },
    /// No space is left for it.
    #[error("its disk is full; what was committed is kept")]
    Full,
    /// The file or its folder does not let itself be written.
    #[error("it, or the folder it lies in, cannot be written to")]
    ReadOnly,
    /// SQLite's own complaint.
    #[error("{0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its tables, or what acts on them, were made by somebody else.
    #[error("its tables are not those that adlink makes: {0}")]
    Foreign(String),
    /// It was killed while it was being made, before it held anything.
    #[error("it is an empty file: whoever began to make it was stopped before it held anything")]
    Unfinished,
    /// The machine says that it is another age.
    #[error("the clock of this machine is beyond the year 9999")]
    Clock,
    /// A stored value that no adlink writes.
    #[error("damaged content: {0}")]
    Damaged(String),
}

impl Error {
    /// An I/O error with its verb and path.
    pub fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    /// What the user can do about it, when there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("check who owns it and whether it is write-protected".into())
            }
            Self::Case { source: CaseError::Version { .. }, .. } => {
                Some("open it with a newer adlink, or ingest into a new case".into())
            }
            Self::Case { source: CaseError::NotACase, .. } => {
                Some("name a new file, or one that `adlink link` or `adlink ingest` made".into())
            }
            Self::Case { source: CaseError::Busy { .. }, .. } => {
                Some("wait until it is done; reading commands work meanwhile".into())
            }
            Self::Case { source: CaseError::Full, .. } => {
                Some("make room and run the same command again; it goes on where it stopped".into())
            }
            Self::Case { source: CaseError::ReadOnly, .. } => {
                Some("check who owns the file and its folder and whether they are write-protected".into())
            }
            Self::Case { source: CaseError::Foreign(_), .. } => {
                Some("somebody changed the file; go back to a copy that you trust".into())
            }
            Self::Case { source: CaseError::Unfinished, .. } => {
                Some("run the `adlink link` or `adlink ingest` again that was to make it".into())
            }
            Self::Case { source: CaseError::Missing, .. } => {
                Some("`adlink ingest ADS --case FILE` makes one".into())
            }
            Self::Case { source: CaseError::Locked, .. } => {
                Some("`adlink unlock --case FILE` opens it with its passphrase".into())
            }
            Self::Case { source: CaseError::HalfRemoved { sealed: true, .. }, .. } => {
                Some("`adlink lock --case FILE` removes it, `adlink unlock --case FILE` does and opens the case".into())
            }
            Self::Case { source: CaseError::HalfRemoved { sealed: false, .. }, .. } => Some(
                "put the encrypted form back beside it; without one, give that file the name of the case and ask `adlink verify`"
                    .into(),
            ),
            Self::FeatureIndex { .. } => Some("delete that folder; it can be made again at any time".into()),
            Self::NoInput(_) => {
                Some("give JSON Lines, CSV, or a folder that holds images; see `adlink link --help`".into())
            }
            Self::Fruitless { hint, .. } => Some(hint.clone()),
            Self::Io { action: "read" | "use", path, .. } if input_hint(path).is_some() => {
                input_hint(path).map(str::to_string)
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("make room and run the same command again".into())
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                Some("name a place that can be written to".into())
            }
            Self::Interrupted => Some("run the same command again to go on where it stopped".into()),
            _ => None,
        }
    }
}

/// What helps where an input cannot be used that is no picture by its name: an address, or an archive.
pub fn input_hint(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy().to_ascii_lowercase();
    let is_address = ["http:/", "https:/", "ftp:/", "s3:/"].iter().any(|scheme| text.starts_with(scheme));
    let is_archive = [".zip", ".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2", ".7z", ".rar", ".warc"]
        .iter()
        .any(|ending| text.ends_with(ending));
    match (is_address, is_archive) {
        (true, _) => Some("adlink fetches nothing: save it first, then name the file"),
        (_, true) => Some(
            "an archive is no picture: `adlink link` and `adlink ingest` read zip, tar, gz, zst and WARC; to name one \
             picture, or for other archives, unpack it first",
        ),
        _ => None,
    }
}

codes! {
    /// Why one input was left out. The name (`Display`) is stable: it stands in `skipped.csv` and `run.json`.
    pub enum SkipReason: u16 {
        /// A manifest line that is not a record.
        BadRecord => "BAD_RECORD", "Records that could not be read";
        /// The manifest names an image file that is not there.
        Missing => "MISSING", "Image files that are not there";
        /// The operating system would not let us read it.
        Unreadable => "UNREADABLE", "Files the system would not let adlink read";
        /// Zero bytes.
        Empty => "EMPTY", "Empty files";
        /// Content that is no image (a web page saved as .jpg, text, an archive).
        NotAnImage => "NOT_AN_IMAGE", "Files that are no image, such as a web page saved as one";
        /// An image of a kind this build cannot decode.
        Unsupported => "UNSUPPORTED", "Images of a kind this build cannot decode";
        /// An image whose bytes are damaged beyond use.
        Malformed => "MALFORMED", "Images damaged beyond use";
        /// Less than half of the picture is in the file.
        Truncated => "TRUNCATED", "Images of which less than half is there";
        /// Over a limit on pixels, bytes, frames or memory.
        TooLarge => "TOO_LARGE", "Images over a limit of size";
        /// The decoder panicked; a bug worth reporting, contained.
        DecoderPanic => "DECODER_PANIC", "Images that made the decoder fail";
        /// The record names an image only by URL; adlink does not fetch.
        NotLocal => "NOT_LOCAL", "Images given by address only; adlink fetches nothing";
        /// Withdrawn from this case: `adlink withdraw` said that it must not come back.
        Withdrawn => "WITHDRAWN", "Images withdrawn from this case";
        /// The manifest declares another digest or hash than the file has. The file is used as it is; what could not be
        /// used is the declaration.
        DigestMismatch => "DIGEST_MISMATCH", "Digests or hashes that the manifest declares and the file does not have; the file itself was used";
        /// A name or link that leads out of the folders of an input; nothing was looked for there.
        Outside => "OUTSIDE", "Names and links that lead out of the folders of the input";
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One input that could not be used: never fatal, always counted and exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct ImageError {
    /// Stable code.
    pub reason: SkipReason,
    /// For a person: what was found, what was expected, the remedy when there is one.
    pub detail: String,
}

impl ImageError {
    /// An error with its reason and detail.
    pub fn new(reason: SkipReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
