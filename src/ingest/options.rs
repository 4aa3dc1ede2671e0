//! What an ingest is asked for: where ads come from and how they are read.
//!
//! Plain values, shared by all stages. The trap: whatever is added here changes what an ingest does to a case, so it
//! belongs into the note of the audit chain, too (`start_note` beside [`ingest`](super::ingest())).

use crate::decode::Limits;
use crate::features::STORED;
use crate::ingest::record::DayOrder;
use std::path::PathBuf;

/// Where ads come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A manifest (JSON Lines, JSON array, CSV, TSV) or a folder of images.
    Path(PathBuf),
    /// JSON Lines on standard input; image paths are relative to the current folder.
    Stdin,
    /// JSON Lines that are in memory already, under a name. Their images have no files.
    Records {
        /// What they are called in messages and in the case.
        name: String,
        /// The lines.
        text: Vec<u8>,
    },
}

/// `-` is standard input.
impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path) }
    }
}

/// What counts as one ad when the input is a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdPer {
    /// Every folder that holds images; images directly in the input folder are ads of their own.
    #[default]
    Folder,
    /// Every image.
    Image,
}

/// How to ingest.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Folder that image paths of manifests are relative to. Without it: the manifest's folder, then `images/`
    /// in it.
    pub images: Option<PathBuf>,
    /// What counts as one ad when the input is a folder.
    pub ad_per: AdPer,
    /// Columns with names adlink does not know: (field of adlink, name in the input).
    pub map: Vec<(String, String)>,
    /// Site of records that name none.
    pub site: Option<String>,
    /// What comes first in dates such as `02/01/2024`; without it, guessed where a whole column allows one reading.
    pub dates: Option<DayOrder>,
    /// What stands before image paths on the machine they come from.
    pub strip_prefixes: Vec<String>,
    /// Whether image paths and links may lead out of the input's folder and of `images`.
    pub allow_outside: bool,
    /// The `ffmpeg` by which frames of videos are looked at, by its absolute path; without it videos are only counted.
    pub ffmpeg: Option<PathBuf>,
    /// Columns to keep although adlink drops them (personal traits) or does not know them.
    pub keep_fields: Vec<String>,
    /// Threads for decoding and hashing; all cores without it.
    pub threads: Option<usize>,
    /// Decode and hash again what was analysed before.
    pub rehash: bool,
    /// Keypoints stored per image, each 20 bytes; 0 for none. Files of the case whose images have fewer are read
    /// again, so that all images have as many as the last ingest with features asked for.
    pub features: u16,
    /// Files, or folders of files, of analyses that were made elsewhere (`adlink hash --analyses`): an image that is in
    /// them is not decoded here, and one whose file is not here is taken from them by its name.
    pub analysed: Vec<PathBuf>,
    /// What one image may cost.
    pub limits: Limits,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            images: None,
            ad_per: AdPer::default(),
            map: Vec::new(),
            site: None,
            dates: None,
            strip_prefixes: Vec::new(),
            allow_outside: false,
            ffmpeg: None,
            keep_fields: Vec::new(),
            threads: None,
            rehash: false,
            features: STORED as u16,
            analysed: Vec::new(),
            limits: Limits::default(),
        }
    }
}
