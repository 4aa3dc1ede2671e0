//! Which files of a folder are looked at: hidden ones are not, and an image is known by its name or its first bytes.

use crate::decode::is_image;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Endings that promise an image. What keeps the promise is found out by decoding.
const ENDINGS: [&str; 30] = [
    "apng", "arw", "avif", "bmp", "cr2", "cr3", "dib", "dng", "gif", "heic", "heif", "jfif", "jp2", "jpe",
    "jpeg", "jpg", "jxl", "nef", "orf", "pam", "pbm", "pgm", "png", "pnm", "ppm", "psd", "svg", "tif",
    "tiff", "webp",
];

pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a name promises an image.
pub(super) fn is_image_name(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    ENDINGS.iter().any(|known| ending == *known)
}

pub(super) fn looks_like_image(path: &Path) -> bool {
    if is_image_name(path) {
        return true;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    read.is_ok() && is_image(&head)
}

/// Kinds of files that are no pictures, by the endings of their names.
const KINDS: &[(&str, &[&str])] = &[
    (
        "video",
        &[
            "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv",
            "webm", "wmv",
        ],
    ),
    ("sound", &["aac", "flac", "m4a", "mp3", "ogg", "opus", "wav"]),
    ("page", &["htm", "html", "mht", "mhtml", "xhtml"]),
    (
        "table or list",
        &["csv", "db", "jl", "json", "jsonl", "ndjson", "ods", "parquet", "sqlite", "tsv", "xls", "xlsx"],
    ),
    ("archive", &["7z", "bz2", "gz", "rar", "tar", "tgz", "wacz", "warc", "xz", "zip", "zst"]),
    ("document", &["doc", "docx", "odt", "pdf", "rtf", "txt", "xml"]),
];

/// Whether a name promises a video.
pub(in crate::ingest) fn is_video_name(path: &Path) -> bool {
    kind_of(path) == "video"
}

/// What kind of file this is, for counting what is not used.
pub(super) fn kind_of(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    let ending = ending.to_str().unwrap_or_default();
    KINDS.iter().find(|(_, endings)| endings.contains(&ending)).map_or("other file", |(kind, _)| kind)
}
