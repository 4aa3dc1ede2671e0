//! What an index of features proposes for a picture, and what its pixels say of that: in a case of which only that is read.
//!
//! The index and the proof are apart: an index says which images are worth a look, for the picture and for each of its
//! tilts; then a snapshot is taken of those and they are proven as everywhere. The trap: rows of hits are rows of that
//! snapshot.

use super::parts::{PartHit, PartProver, promising};
use crate::analysis::Analysis;
use crate::case::{Case, ImageKey};
use crate::corpus::{ImageRow, Originals, Snapshot};
use crate::decode::Limits;
use crate::error::Result;
use crate::features::Features;
use crate::hash::Dihedral;
use crate::link::OriginalFiles;
use crate::verify::tilt::Tilted;
use std::collections::{BTreeMap, BTreeSet};

/// What an index of features proposes for a picture and its tilts.
pub(super) struct Proposals {
    tilts: Vec<Tilted>,
    /// Those of the picture itself, then of each tilt.
    found: Vec<Vec<(ImageKey, Dihedral)>>,
}

impl Proposals {
    /// `candidates` asks the index.
    pub(super) fn new(
        picture: &Analysis,
        tilts: Vec<Tilted>,
        candidates: impl FnMut(&Features) -> Result<Vec<(ImageKey, Dihedral)>>,
    ) -> Result<Self> {
        let looks = std::iter::once(&picture.features).chain(tilts.iter().map(|tilted| &tilted.features));
        let found = looks.map(candidates).collect::<Result<_>>()?;
        Ok(Self { tilts, found })
    }

    pub(super) fn images(&self) -> impl Iterator<Item = ImageKey> + '_ {
        self.found.iter().flatten().map(|(key, _)| *key)
    }

    pub(super) fn proven(
        &self,
        case: &Case,
        snapshot: &Snapshot,
        picture: &Analysis,
        known: &BTreeSet<ImageRow>,
    ) -> Result<Vec<PartHit>> {
        let mut rows = BTreeMap::new();
        for key in self.images() {
            if let Some(row) = case.image_id(key)?.and_then(|id| snapshot.image_row(&id)) {
                rows.insert(key, row);
            }
        }
        let pixels =
            OriginalFiles::new(snapshot, originals(case, snapshot, rows.values())?, Limits::default());
        let (features, luma) = (&picture.features, &picture.luma);
        let prover = PartProver { snapshot, pixels: &pixels, query: (features, luma), tilts: &self.tilts };
        let mut looks = self.found.iter();
        Ok(prover.find(|_, found| {
            let proposed = looks.next().into_iter().flatten();
            promising(proposed.filter_map(|(key, turn)| Some((*rows.get(key)?, *turn))), known, found)
        }))
    }
}

/// The files of some images.
fn originals<'r>(
    case: &Case,
    snapshot: &Snapshot,
    rows: impl Iterator<Item = &'r ImageRow>,
) -> Result<Originals> {
    let mut originals = Originals::default();
    for &row in rows {
        for path in case.originals(&snapshot.images[row].id())? {
            if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                let folder = originals.add_folder(folder.to_path_buf());
                originals.add_file(row, folder, name.to_os_string());
            }
        }
    }
    originals.sort();
    Ok(originals)
}
