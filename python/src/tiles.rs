//! Joins of hash files and components of pairs: what `adlink join` and `adlink components` do, for jobs of Spark, Ray or any
//! scheduler that runs Python.
//!
//! The trap: a worker's folder is not the driver's; paths are best absolute.

use crate::errors::failed;
use crate::work::beside;
use adlink::Progress;
use adlink::hash::Quality;
use adlink::output::NewFile;
use adlink::tiles::{ComponentWriter, Components, HashFile, PairWriter, TileMode, TileOptions, join_tile};
use pyo3::prelude::*;
use std::io::BufWriter;
use std::path::PathBuf;

/// Joins two files of hashes, or one with itself, and writes the near pairs as Parquet (`a`, `b`, `d`); their number.
///
/// Files are Parquet with `image_id` (64 bits) and `pdq` (32 bytes, or hex digits), as `adlink hash --dihedral` writes them.
/// `forest` lists only what connects; `upright` compares hashes as they are only. The output has its name when it is whole.
#[pyfunction]
#[pyo3(signature = (left, right, output, *, radius=31, min_quality=50, forest=false, upright=false))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn join_files(
    py: Python<'_>,
    left: PathBuf,
    right: PathBuf,
    output: PathBuf,
    radius: u32,
    min_quality: u8,
    forest: bool,
    upright: bool,
) -> PyResult<u64> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    let options = TileOptions {
        radius,
        min_quality: Quality::new(min_quality),
        upright,
        mode: if forest { TileMode::Forest } else { TileMode::All },
        spill: folder.map_or_else(|| ".".into(), PathBuf::from),
    };
    let join = |told: &dyn Progress| {
        let first = HashFile::read(&left, &options)?;
        let second = if left == right { None } else { Some(HashFile::read(&right, &options)?) };
        let file = NewFile::create(&output)?;
        let notes = [("adlink.mode", options.mode.name().into()), ("adlink.radius", radius.to_string())];
        let mut pairs = PairWriter::new(BufWriter::new(file.writer()?), &output, &notes)?;
        join_tile(&first, second.as_ref(), &options, told, |pair| pairs.push(pair))?;
        let found = pairs.finish()?;
        file.keep()?;
        Ok(found)
    };
    beside(py, None, join)?.map_err(|error: adlink::Error| failed(&error))
}

/// Puts together what the pairs of these files connect, and writes it as Parquet (`image_id`, `component`: the smallest id);
/// the number of components. `within` counts pairs of at most so many bits.
#[pyfunction]
#[pyo3(signature = (pairs, output, *, within=None))]
pub(crate) fn components(
    py: Python<'_>,
    pairs: Vec<PathBuf>,
    output: PathBuf,
    within: Option<u32>,
) -> PyResult<usize> {
    let put_together = |told: &dyn Progress| {
        let components = Components::of(&pairs, within, told)?;
        let file = NewFile::create(&output)?;
        ComponentWriter::new(BufWriter::new(file.writer()?), &output, &[])?.write(&components)?;
        file.keep()?;
        Ok(components.count())
    };
    beside(py, None, put_together)?.map_err(|error: adlink::Error| failed(&error))
}
