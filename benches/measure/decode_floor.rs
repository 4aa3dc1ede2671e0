//! The floor under hashing: the bare zune-jpeg luma decode of every JPEG in a folder, and nothing else.
//!
//! `cargo bench --bench decode_floor -- FOLDER`. The peer script compares adlink's whole path with it.

use std::path::PathBuf;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: decode_floor FOLDER")?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut pixels = 0;
    for file in files {
        let bytes = std::fs::read(file)?;
        pixels += JpegDecoder::new_with_options(ZCursor::new(bytes.as_slice()), options).decode()?.len();
    }
    assert!(pixels > 0, "no JPEG in the folder");
    Ok(())
}
