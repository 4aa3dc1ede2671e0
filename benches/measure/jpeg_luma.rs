//! Luma of JPEGs: adlink's decoding beside the bare zune-jpeg luma decode, file by file in turn, levels compared.
//!
//! `cargo bench --bench jpeg_luma -- FOLDER [ROUNDS]`. Each file is decoded in turn by both, ROUNDS times, and the least
//! time of each counts. The trap: adlink's includes the survey of segments and the search for damage.

#![allow(clippy::print_stdout, reason = "a program")]

use adlink::decode::{Limits, decode};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let folder = arguments.first().ok_or("usage: jpeg_luma FOLDER [ROUNDS]")?;
    let rounds: u32 = arguments.get(1).map_or(Ok(5), |rounds| rounds.parse())?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    let (mut pixels, mut general, mut ours, mut differ) = (0, Duration::ZERO, Duration::ZERO, 0);
    for file in files {
        let bytes = std::fs::read(&file)?;
        let (time, theirs) = least(rounds, || luma(&bytes));
        let Some(theirs) = theirs else { continue };
        general += time;
        let (time, found) = least(rounds, || decode(&bytes, &Limits::default()).ok());
        ours += time;
        pixels += theirs.len();
        let found = found.ok_or_else(|| format!("{} is refused", file.display()))?;
        differ += usize::from(found.orientation == 1 && found.luma.pixels() != theirs);
    }
    let per_pixel = |time: Duration| time.as_nanos() as f64 / pixels as f64;
    println!(
        "zune-jpeg {:.3} ns a pixel, adlink {:.3}: {:.3}",
        per_pixel(general),
        per_pixel(ours),
        ours.as_secs_f64() / general.as_secs_f64()
    );
    assert_eq!(differ, 0, "files whose levels differ");
    Ok(())
}

fn least<T>(rounds: u32, mut decoded: impl FnMut() -> T) -> (Duration, T) {
    let mut timed = || {
        let start = Instant::now();
        let found = decoded();
        (start.elapsed(), found)
    };
    let mut best = timed();
    for _ in 1..rounds {
        let next = timed();
        best.0 = best.0.min(next.0);
    }
    best
}

fn luma(bytes: &[u8]) -> Option<Vec<u8>> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().ok()
}
