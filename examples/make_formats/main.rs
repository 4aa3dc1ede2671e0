//! Writes `fixtures/formats/` (must decode) and `fixtures/bad/` (must be refused): `cargo run --example make_formats`.
//!
//! Some files in `fixtures/formats/` are not written here, because no encoder for them is at hand: `rgb-lossy.webp`,
//! `alpha-lossy.webp` and `rgb-lossy.avif` hold the same picture, encoded once by libwebp and libavif; the other AVIF and
//! the JPEG XL files are of `fixtures/codecs/make.py`.

mod bad;
mod exif;
mod good;
mod jpeg;
mod picture;
mod plain;
mod png;

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (folder, files) in [("formats", good::files()), ("bad", bad::files())] {
        let folder = root.join(folder);
        fs::create_dir_all(&folder)?;
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
