//! The pictures that ffmpeg shows: PPM files, one behind the other.

use super::SIDE;
use std::io::{self, BufRead, Read};

/// One PPM file as ffmpeg writes it; `None` at the end.
pub(super) fn next(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut picture = Vec::new();
    for _ in 0..3 {
        if reader.by_ref().take(32).read_until(b'\n', &mut picture)? == 0 {
            return if picture.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
    }
    let wrong = || io::Error::other("not a picture of a size that was asked for");
    let head = std::str::from_utf8(&picture).map_err(|_| wrong())?;
    let words: Vec<&str> = head.split_whitespace().collect();
    let ["P6", width, height, "255"] = words[..] else { return Err(wrong()) };
    let side =
        |text: &str| text.parse::<usize>().ok().filter(|side| (1..=SIDE).contains(side)).ok_or_else(wrong);
    let bytes = (side(width)? * side(height)? * 3) as u64;
    if reader.by_ref().take(bytes).read_to_end(&mut picture)? as u64 != bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(picture))
}
