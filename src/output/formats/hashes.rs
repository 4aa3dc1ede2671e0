//! `hashes.csv`, `hashes.jsonl`, `hashes.parquet`: the hashes of every image and of its views.
//!
//! Made on request only: whoever holds a hash list can test any photo against it, so the result folder has none. The
//! trap: Parquet keeps its metadata inside, so a note on handling has to be known before the file is written.

use super::{Content, Export, Home, RowCounts};
use crate::hashlist::{CsvHashes, HashColumns, HashList, JsonHashes, ParquetHashes};
use crate::view::Joined;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) struct HashesCsv;
pub(super) struct HashesJsonl;
pub(super) struct HashesParquet;

const COLUMNS: HashColumns = HashColumns { dihedral: false, views: true, digests: true, analyses: false };

impl Export for HashesCsv {
    fn file_name(&self) -> &'static str {
        "hashes.csv"
    }

    fn content(&self) -> Content {
        Content::Hashes
    }

    fn home(&self) -> Home {
        Home::Package
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let list = CsvHashes::new(out, self.file_name(), COLUMNS).map_err(io::Error::other)?;
        write_all(joined, Box::new(list))
    }
}

impl Export for HashesJsonl {
    fn file_name(&self) -> &'static str {
        "hashes.jsonl"
    }

    fn content(&self) -> Content {
        Content::Hashes
    }

    fn home(&self) -> Home {
        Home::Package
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        write_all(joined, Box::new(JsonHashes::new(out, self.file_name(), COLUMNS)))
    }
}

impl Export for HashesParquet {
    fn file_name(&self) -> &'static str {
        "hashes.parquet"
    }

    fn content(&self) -> Content {
        Content::Hashes
    }

    fn home(&self) -> Home {
        Home::Package
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        parquet(joined, self.file_name(), None, out)
    }

    fn write_with_note(
        &self,
        joined: &Joined<'_>,
        note: &str,
        out: &mut dyn Write,
    ) -> Option<io::Result<RowCounts>> {
        Some(parquet(joined, self.file_name(), Some(note), out))
    }
}

fn parquet(
    joined: &Joined<'_>,
    name: &'static str,
    note: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<RowCounts> {
    let bytes = Kept::default();
    let mut list = ParquetHashes::new(bytes.clone(), name, COLUMNS).map_err(io::Error::other)?;
    if let Some(note) = note {
        list.note("adlink.handling", note);
    }
    let rows = write_all(joined, Box::new(list))?;
    out.write_all(&bytes.0.lock().unwrap_or_else(PoisonError::into_inner))?;
    Ok(rows)
}

fn write_all(joined: &Joined<'_>, mut list: Box<dyn HashList + '_>) -> io::Result<RowCounts> {
    for (row, image) in joined.images() {
        let path = joined.sightings_of_image(row).map(|seen| &*seen.path).min().unwrap_or_default();
        list.write(path, &Ok(image.clone())).map_err(io::Error::other)?;
    }
    list.finish().map_err(io::Error::other)?;
    Ok(RowCounts::all(joined.snapshot.images.len()))
}

/// Bytes that are still there when the list that was given them is finished and gone.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
