//! Which files of a folder are looked at: hidden ones are not, and an image is known by its name or its first bytes.

use crate::decode::is_image;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Endings that promise an image. What keeps the promise is found out by decoding.
const ENDINGS: [&str; 22] = [
    "apng", "avif", "bmp", "dib", "gif", "heic", "heif", "jfif", "jp2", "jpe", "jpeg", "jpg", "jxl", "pam",
    "pbm", "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp",
];

pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

pub(super) fn looks_like_image(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ENDINGS.iter().any(|known| ending == *known) {
        return true;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    read.is_ok() && is_image(&head)
}
