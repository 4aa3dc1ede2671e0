//! A file of hashes, read for joining: ids, hashes under the turns that are stored, equal ones collapsed.
//!
//! What adlink, Spark or anybody wrote: `image_id` (64 bits), `pdq` (32 bytes or hex digits), and where they are there
//! `pdq_quality` and the hashes of the flipped pictures. The trap: without these, the turned hashes are derived from the
//! upright one, which loses some bits near the limit; a list by `adlink hash --dihedral` has them.

use super::options::TileOptions;
use crate::error::Result;
use crate::grouped::Grouped;
use crate::hash::{Hash256, Pdq, Quality};
use crate::source::{ColumnFile, FileColumn};
use parquet::data_type::ByteArray;
use rayon::prelude::*;
use std::path::Path;

/// Rows of bad values that are told one by one.
const TOLD: usize = 20;

/// Hashes of images; some 190 bytes a row while it is read, 150 for each distinct hash and 8 for each image then.
pub struct HashFile {
    /// Distinct, in order.
    pdqs: Vec<Pdq>,
    /// The images that have each, ascending.
    ids: Grouped<u32, i64>,
    /// What became of the rows.
    pub tally: HashFileTally,
}

/// What became of the rows of a hash file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HashFileTally {
    /// All rows.
    pub rows: u64,
    /// Rows without a hash: files that could not be hashed.
    pub without_hash: u64,
    /// Rows whose hash tells nothing: a picture too plain, or too regular.
    pub plain: u64,
    /// Rows with a value that makes no sense.
    pub refused: u64,
    /// The first of these.
    pub told: Vec<RefusedRow>,
    /// Were the turned hashes derived from the upright ones?
    pub derived: bool,
}

/// A row that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// From 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

impl HashFileTally {
    pub(super) fn refuse(&mut self, row: u64, reason: String) {
        self.refused += 1;
        if self.told.len() < TOLD {
            self.told.push(RefusedRow { row, reason });
        }
    }
}

/// The columns of a hash file.
struct HashFileColumns {
    id: FileColumn,
    /// Upright, `flipx`, `flipy`, `rot180`; the last three may be missing.
    hashes: [Option<FileColumn>; 4],
    quality: Option<FileColumn>,
}

impl HashFileColumns {
    fn of(file: &ColumnFile, upright: bool) -> Result<Self> {
        let remedy = "`adlink hash --format parquet` writes such files";
        let id = file.wanted(&["image_id", "rep", "id"], remedy)?;
        let pdq = file.wanted(&["pdq", "hash"], remedy)?;
        let turned = ["flipx", "flipy", "rot180"].map(|name| file.column(&[name]).filter(|_| !upright));
        let all = turned.iter().all(Option::is_some);
        let [flip_x, flip_y, rot180] = turned.map(|column| column.filter(|_| all));
        let hashes = [Some(pdq), flip_x, flip_y, rot180];
        Ok(Self { id, hashes, quality: file.column(&["pdq_quality", "quality"]) })
    }
}

impl HashFile {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no Parquet file, or has no ids or hashes. A row that makes no sense is counted.
    pub fn read(path: &Path, options: &TileOptions) -> Result<Self> {
        let file = ColumnFile::open(path)?;
        let columns = HashFileColumns::of(&file, options.upright)?;
        let mut tally = HashFileTally { derived: columns.hashes[1].is_none(), ..HashFileTally::default() };
        let mut rows = Vec::new();
        for group in 0..file.groups() {
            read_group(&file, group, &columns, options.min_quality, &mut rows, &mut tally)?;
        }
        Ok(Self::collapsed(rows, tally))
    }

    /// Equal hashes put together.
    pub(super) fn collapsed(mut rows: Vec<(Pdq, i64)>, tally: HashFileTally) -> Self {
        rows.par_sort_unstable_by(|(p, x), (q, y)| p.base().cmp(q.base()).then(x.cmp(y)));
        rows.dedup_by(|(p, x), (q, y)| p.base() == q.base() && x == y);
        let same = |(p, _): &(Pdq, i64), (q, _): &(Pdq, i64)| p.base() == q.base();
        let mut ids = Grouped::with_capacity(0, rows.len());
        let mut pdqs = Vec::new();
        for equal in rows.chunk_by(same) {
            pdqs.push(equal[0].0);
            ids.push(equal.iter().map(|(_, id)| *id));
        }
        Self { pdqs, ids, tally }
    }

    /// Distinct hashes.
    pub fn pdqs(&self) -> &[Pdq] {
        &self.pdqs
    }

    /// The images that have a distinct hash, ascending.
    pub fn ids_of(&self, place: u32) -> &[i64] {
        self.ids.of(place)
    }

    /// The images of all hashes.
    pub fn ids(&self) -> &[i64] {
        self.ids.values()
    }
}

fn read_group(
    file: &ColumnFile,
    group: usize,
    columns: &HashFileColumns,
    min_quality: Quality,
    rows: &mut Vec<(Pdq, i64)>,
    tally: &mut HashFileTally,
) -> Result<()> {
    let ids = file.numbers(group, columns.id)?;
    let qualities = columns.quality.map(|column| file.numbers(group, column)).transpose()?;
    let [upright, flip_x, flip_y, rot180] = columns.hashes;
    let cells = |column: Option<FileColumn>| column.map(|column| file.bytes(group, column)).transpose();
    let hashes = [cells(upright)?, cells(flip_x)?, cells(flip_y)?, cells(rot180)?];
    let is_text = columns.hashes.map(|column| column.is_some_and(|column| column.is_text));
    for (place, id) in ids.iter().enumerate() {
        tally.rows += 1;
        let cell = |of: usize| hashes[of].as_ref().and_then(|cells| cells.get(place)?.as_ref());
        let Some(upright) = cell(0).filter(|bytes| !bytes.is_empty()) else {
            tally.without_hash += 1;
            continue;
        };
        let parsed = |of: usize| cell(of).map(|bytes| hash(bytes, is_text[of])).transpose();
        let read = || -> Result<(i64, Pdq), String> {
            let id = id.ok_or("it has a hash and no id")?;
            let upright = hash(upright, is_text[0])?;
            let quality = quality(qualities.as_ref().map(|all| all[place]))?;
            Ok((
                id,
                match (parsed(1)?, parsed(2)?, parsed(3)?) {
                    (Some(x), Some(y), Some(half)) => Pdq::from_base([upright, x, y, half], quality),
                    _ => Pdq::from_upright(upright, quality),
                },
            ))
        };
        match read() {
            Ok((id, pdq)) if pdq.is_usable(min_quality) => rows.push((pdq, id)),
            Ok(_) => tally.plain += 1,
            Err(reason) => tally.refuse(tally.rows, reason),
        }
    }
    Ok(())
}

/// Whoever exchanges a hash without its quality means it to be used.
fn quality(cell: Option<Option<i64>>) -> Result<Quality, String> {
    match cell.flatten() {
        None => Ok(Quality::USABLE),
        Some(number @ 0..=100) => Ok(Quality::new(number as u8)),
        Some(number) => Err(format!("quality {number} is not 0 to 100")),
    }
}

/// 32 bytes, or hex digits.
fn hash(bytes: &ByteArray, is_text: bool) -> Result<Hash256, String> {
    let data = bytes.data();
    if let Ok(bytes) = <&[u8; 32]>::try_from(data)
        && !is_text
    {
        return Ok(Hash256::from_bytes(bytes));
    }
    let text = str::from_utf8(data).map_err(|_| format!("a hash of {} bytes, expected 32", data.len()))?;
    text.trim().parse().map_err(|error: crate::hash::ParseHashError| error.to_string())
}
