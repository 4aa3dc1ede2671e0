//! What the pairs of many files connect: union-find over ids, the files read twice and never held.
//!
//! The first reading learns which ids there are, the second joins them: 12 bytes an image that has a pair, and as many
//! again while ids are gathered. A component is named after its smallest id. The trap: images without any pair are in no
//! file of pairs, so they are in no component here.

use super::pairs::{self, failed, writer};
use crate::error::{Error, Result};
use crate::hashlist::required;
use crate::progress::Progress;
use crate::sets::Roots;
use parquet::data_type::Int64Type;
use parquet::file::writer::SerializedFileWriter;
use std::io::Write;
use std::path::{Path, PathBuf};

/// New ids that wait before they are put in order with the known ones.
const WAITING: usize = 1 << 20;

/// Rows that are written at once.
const ROWS_PER_GROUP: usize = 1 << 20;

/// Images and what they are connected to.
pub struct Components {
    /// Ascending.
    ids: Vec<i64>,
    /// The smallest row of each one's component.
    first: Vec<u32>,
    /// Pairs read.
    pub pairs: u64,
    /// Rows that were no pairs.
    pub refused: u64,
}

impl Components {
    /// Of the pairs of these files, those of at most `within` bits where that is given.
    ///
    /// # Errors
    /// When a file cannot be read or is none of pairs; when files were joined with different radii, or less than
    /// `within`, so that pairs would be missing; [`Error::Interrupted`].
    pub fn of(files: &[PathBuf], within: Option<u32>, progress: &dyn Progress) -> Result<Self> {
        one_radius(files, within)?;
        let counts = |d: u16| within.is_none_or(|within| u32::from(d) <= within);
        let mut known = KnownIds::default();
        for file in files {
            pairs::read(file, |pair| {
                if counts(pair.d) {
                    known.add(pair.a);
                    known.add(pair.b);
                }
            })?;
            go_on(progress)?;
        }
        let ids = known.in_order();
        let row = |id: i64| ids.binary_search(&id).map_or(0, |row| row as u32);
        let (mut sets, mut count, mut refused) = (Roots::<u32>::new(ids.len()), 0, 0);
        for file in files {
            refused += pairs::read(file, |pair| {
                if counts(pair.d) {
                    count += 1;
                    sets.join(row(pair.a), row(pair.b));
                }
            })?;
            go_on(progress)?;
        }
        let first = sets.labels();
        Ok(Self { ids, first, pairs: count, refused })
    }

    /// (image, smallest id of its component), ascending.
    pub fn rows(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.ids.iter().zip(&self.first).map(|(&id, &first)| (id, self.ids[first as usize]))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        (0..).zip(&self.first).filter(|(row, first)| row == *first).count()
    }

    /// Images in them.
    pub fn images(&self) -> usize {
        self.ids.len()
    }
}

fn go_on(progress: &dyn Progress) -> Result<()> {
    if progress.stop_requested() { Err(Error::Interrupted) } else { Ok(()) }
}

/// Refuses files that cannot be put together.
fn one_radius(files: &[PathBuf], within: Option<u32>) -> Result<()> {
    let mut first: Option<(&Path, u64)> = None;
    for file in files {
        let noted = super::task::file_notes(file)?;
        // What others wrote need not say.
        let Some(radius) = noted.of("adlink.radius").map(|_| noted.number("adlink.radius")) else { continue };
        let wrong = |reason: String| Err(Error::Table { path: file.clone(), line: 0, reason });
        match (within, first) {
            (Some(within), _) if radius < u64::from(within) => {
                return wrong(format!(
                    "its pairs are within {radius} bits; join it again with `--radius {within}`"
                ));
            }
            (None, Some((other, known))) if known != radius => {
                let other = other.display();
                return wrong(format!(
                    "its pairs are within {radius} bits, those of `{other}` within {known}; name the smaller with `--within`"
                ));
            }
            _ => first = first.or(Some((file, radius))),
        }
    }
    Ok(())
}

/// Ids met so far.
#[derive(Default)]
struct KnownIds {
    /// Ascending.
    known: Vec<i64>,
    waiting: Vec<i64>,
}

impl KnownIds {
    fn add(&mut self, id: i64) {
        self.waiting.push(id);
        if self.waiting.len() >= WAITING.max(self.known.len()) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.waiting.sort_unstable();
        self.waiting.dedup();
        let known = &self.known;
        self.waiting.retain(|id| known.binary_search(id).is_err());
        self.known.append(&mut self.waiting);
        // Two runs in order: a stable sort merges them.
        self.known.sort();
    }

    fn in_order(mut self) -> Vec<i64> {
        self.settle();
        self.known
    }
}

/// Writes components.
pub struct ComponentWriter<W: Write + Send> {
    out: SerializedFileWriter<W>,
    target: PathBuf,
}

impl<W: Write + Send> ComponentWriter<W> {
    /// Starts a file with these words about it. `target` names the output in errors.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn new(out: W, target: impl Into<PathBuf>, notes: &[(&str, String)]) -> Result<Self> {
        let target = target.into();
        let schema = "message components { required int64 image_id; required int64 component; }";
        Ok(Self { out: writer(out, schema, &target, notes)?, target })
    }

    /// Writes all of them and completes the file.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn write(mut self, components: &Components) -> Result<()> {
        let rows: Vec<(i64, i64)> = components.rows().collect();
        for rows in rows.chunks(ROWS_PER_GROUP) {
            let written = self.out.next_row_group().and_then(|mut group| {
                required::<Int64Type, W>(&mut group, rows.iter().map(|row| row.0).collect())?;
                required::<Int64Type, W>(&mut group, rows.iter().map(|row| row.1).collect())?;
                group.close().map(|_| ())
            });
            written.map_err(|error| failed(&self.target, error))?;
        }
        self.out.close().map(|_| ()).map_err(|error| failed(&self.target, error))
    }
}
