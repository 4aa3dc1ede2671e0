//! Writes the descriptors of a folder of images for `benches/learn_projection.py`: `descriptors FOLDER OUT`.
//!
//! Per image, by name: width and height of the working image and number of keypoints (u32), then per keypoint x, y
//! and log2 of sigma (f32) and 128 values (u8), little-endian. Files that are no images are left out.

use adlink::decode::{Limits, decode};
use adlink::features;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

const KEYPOINTS: usize = 200;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: descriptors FOLDER OUT"));
    };
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    files.sort();
    let mut out = io::BufWriter::new(fs::File::create(out)?);
    for file in files {
        let Ok(decoded) = decode(&fs::read(file)?, &Limits::default()) else { continue };
        let luma = decoded.luma;
        let found = features::descriptors(&luma, KEYPOINTS);
        let (width, height) =
            adlink::internals::plane::reduced_size(luma.width(), luma.height(), features::WORKING_SIDE);
        for number in [width, height, found.len() as u32] {
            out.write_all(&number.to_le_bytes())?;
        }
        for (keypoint, descriptor) in &found {
            let (x, y) = keypoint.position();
            for value in [x, y, f32::from(keypoint.scale) / 8.0] {
                out.write_all(&value.to_le_bytes())?;
            }
            out.write_all(&descriptor.map(|value| value as u8))?;
        }
    }
    out.flush()
}
