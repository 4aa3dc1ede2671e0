//! The course of one scan: group after group of blocks, from restart marker to restart marker, and what is lost.
//!
//! After damage the next restart marker says where the picture goes on; without one the rest of the scan is lost. The
//! trap: damage shows late. Wrong bits are read as picture for a while, so the rows before the place where it shows may
//! be wrong as well; what is counted here is what is missing for certain.

use super::bits::BitReader;
use std::ops::Range;

/// Bytes between the last block and the next marker that nobody minds: encoders pad.
const PADDING: usize = 8;

/// How a scan went.
#[derive(Debug, Default)]
pub(super) struct ScanCourse {
    /// Groups that were not read, ascending.
    pub(super) missing: Vec<Range<usize>>,
    /// Some bits made no sense, or there was more or in another order than the picture needs.
    pub(super) wrong: bool,
    /// It ended before its last group.
    pub(super) cut: bool,
    /// Where the file goes on: at the marker behind the data.
    pub(super) after: usize,
}

/// What reads the groups of a scan.
pub(super) trait McuReader {
    /// Means and runs begin anew.
    fn restart(&mut self);

    /// Reads one group; `None` where the bits make no sense.
    fn read(&mut self, bits: &mut BitReader<'_>, number: usize) -> Option<()>;
}

/// Reads `all` groups from a place in the file on.
pub(super) fn course(
    bytes: &[u8],
    at: usize,
    restart: usize,
    all: usize,
    groups: &mut impl McuReader,
) -> ScanCourse {
    let mut course = ScanCourse::default();
    let mut bits = BitReader::new(bytes, at);
    let (mut next, mut interval) = (0, 0_usize);
    loop {
        let end = if restart == 0 { all } else { all.min(next + restart) };
        groups.restart();
        let read = (next..end).find(|&group| groups.read(&mut bits, group).is_none() || bits.overran());
        let (marker, unread) = bits.next_marker();
        if let Some(lost) = read {
            course.missing.push(lost..end);
            course.wrong |= !bits.overran();
        }
        match marker {
            Some((code @ 0xd0..=0xd7, after)) if end < all => {
                let ahead = (usize::from(code & 7) + 8 - interval % 8) % 8;
                course.wrong |= ahead > 0 || read.is_none() && unread > PADDING;
                next = (end + ahead * restart).min(all);
                course.missing.extend((next > end).then_some(end..next));
                interval += ahead + 1;
                bits = BitReader::new(bytes, after);
                course.after = after;
                if next < all {
                    continue;
                }
            }
            _ => {
                course.missing.extend((end < all).then_some(end..all));
                course.cut = end < all || read.is_some() && bits.overran();
                course.wrong |= read.is_none() && end == all && unread > PADDING && marker.is_some();
                course.after = end_of_data(bytes, bits.place());
            }
        }
        return course;
    }
}

/// The marker that ends the entropy-coded data which begins at a place; the end of the file where there is none.
pub(super) fn end_of_data(bytes: &[u8], at: usize) -> usize {
    let mut bits = BitReader::new(bytes, at);
    loop {
        match bits.next_marker() {
            (Some((0xd0..=0xd7, after)), _) => bits = BitReader::new(bytes, after),
            (Some((_, after)), _) => return after - 2,
            (None, _) => return bytes.len(),
        }
    }
}

/// Which rows of a picture of `height` are there, of which each row of `across` groups holds `rows`.
pub(super) fn rows_read(missing: &[Range<usize>], across: usize, rows: usize, height: usize) -> Vec<bool> {
    let mut read = vec![true; height];
    for lost in missing.iter().filter(|lost| !lost.is_empty()) {
        let (first, end) = (lost.start / across * rows, (lost.end - 1) / across * rows + rows);
        read[first.min(height)..end.min(height)].fill(false);
    }
    read
}
