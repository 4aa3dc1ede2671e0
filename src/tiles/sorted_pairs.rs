//! Pairs in order, each once with the least of its distances, however many there are.
//!
//! What does not fit is sorted and laid aside in a file without a name, and everything is merged in the end. The trap:
//! families of near copies make more pairs than images by far; memory here never grows with them.

use super::pairs::IdPair;
use crate::error::{Error, Result};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Pairs held at once: 400 MB.
const HELD: usize = 1 << 24;

/// Bytes of a pair that is laid aside.
const BYTES: usize = 18;

/// Pairs on their way into order.
pub(super) struct SortedPairs {
    held: Vec<IdPair>,
    most: usize,
    aside: Vec<File>,
    folder: PathBuf,
}

impl SortedPairs {
    /// Lays aside in `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { held: Vec::new(), most: HELD, aside: Vec::new(), folder }
    }

    pub(super) fn push(&mut self, pair: IdPair) -> Result<()> {
        self.held.push(pair);
        if self.held.len() < self.most { Ok(()) } else { self.make_room() }
    }

    /// A pair is found in several orientations, so sorting alone may do.
    fn make_room(&mut self) -> Result<()> {
        self.sort();
        if 2 * self.held.len() < self.most {
            return Ok(());
        }
        let file = self.lay_aside().map_err(|error| Error::io("lay pairs aside in", &*self.folder, error))?;
        self.aside.push(file);
        self.held.clear();
        Ok(())
    }

    fn sort(&mut self) {
        self.held.sort_unstable();
        self.held.dedup_by_key(|pair| (pair.a, pair.b));
    }

    fn lay_aside(&self) -> io::Result<File> {
        let mut out = BufWriter::new(tempfile::tempfile_in(&self.folder)?);
        for pair in &self.held {
            out.write_all(&pair.a.to_le_bytes())?;
            out.write_all(&pair.b.to_le_bytes())?;
            out.write_all(&pair.d.to_le_bytes())?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)
    }

    /// All of them, in order.
    pub(super) fn merge(mut self, mut take: impl FnMut(IdPair) -> Result<()>) -> Result<()> {
        self.sort();
        let failed = |error| Error::io("read pairs laid aside in", &*self.folder, error);
        let mut runs: Vec<PairRun> = vec![PairRun::Held(self.held.into_iter())];
        for file in self.aside {
            runs.push(PairRun::aside(file).map_err(failed)?);
        }
        let mut heads = BinaryHeap::new();
        for (place, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next().map_err(failed)?.map(|pair| Reverse((pair, place))));
        }
        let mut last = None;
        while let Some(Reverse((pair, place))) = heads.pop() {
            heads.extend(runs[place].next().map_err(failed)?.map(|pair| Reverse((pair, place))));
            if last.replace((pair.a, pair.b)) != Some((pair.a, pair.b)) {
                take(pair)?;
            }
        }
        Ok(())
    }
}

/// Pairs in order.
enum PairRun {
    Held(std::vec::IntoIter<IdPair>),
    Aside(BufReader<File>),
}

impl PairRun {
    fn aside(mut file: File) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        Ok(Self::Aside(BufReader::new(file)))
    }

    fn next(&mut self) -> io::Result<Option<IdPair>> {
        let file = match self {
            Self::Held(pairs) => return Ok(pairs.next()),
            Self::Aside(file) => file,
        };
        let mut bytes = [0; BYTES];
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let id = |at: usize| i64::from_le_bytes(std::array::from_fn(|k| bytes[at + k]));
        Ok(Some(IdPair { a: id(0), b: id(8), d: u16::from_le_bytes([bytes[16], bytes[17]]) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn pairs_come_in_order_each_once_whatever_was_laid_aside(
            pairs in prop::collection::vec((0..9_i64, 0..9_i64, 0..40_u16), 0..60), most in 2..20_usize,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut sorted = SortedPairs { most, ..SortedPairs::new(folder.path().into()) };
            let mut least = BTreeMap::new();
            for &(a, b, d) in &pairs {
                sorted.push(IdPair { a, b, d }).unwrap();
                let known = least.entry((a, b)).or_insert(d);
                *known = d.min(*known);
            }
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "files have no names");
            let mut found = Vec::new();
            sorted.merge(|pair| { found.push(pair); Ok(()) }).unwrap();
            let slow: Vec<IdPair> = least.into_iter().map(|((a, b), d)| IdPair { a, b, d }).collect();
            prop_assert_eq!(found, slow);
        }
    }
}
