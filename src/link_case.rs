//! A case linked: the one recipe by which program, desk and library users get from a case to its findings.
//!
//! Reads what linking needs, lends it the originals for pixel checks, links, and keeps what pixels showed so that the
//! next run need not look again. The trap: a case opened for reading is linked just as well, but learns nothing.

use crate::case::Case;
use crate::corpus::{PixelCheck, Snapshot};
use crate::decode::Limits;
use crate::error::Result;
use crate::link::{Findings, LinkOptions, OriginalFiles, Sources, link_with, number_networks};
use crate::progress::Progress;
use crate::verify::Tier;
use std::path::PathBuf;

/// What a case held, and what linking found in it.
pub struct LinkedCase {
    /// Everything that was linked; rows in the findings are rows of this.
    pub snapshot: Snapshot,
    /// Pairs, photo groups, ad links and networks.
    pub findings: Findings,
    /// The original files by image row, for whoever wants to look at pixels next.
    pub originals: OriginalFiles,
}

/// Links everything a case holds, with pixels where the original files can still be read.
///
/// Cost: see [`crate::link::link_with`]; memory: the whole case.
///
/// # Errors
/// Those of reading the case and of [`crate::link::link_with`].
pub fn link_case(case: &mut Case, options: &LinkOptions, progress: &dyn Progress) -> Result<LinkedCase> {
    CaseToLink::read(case, options)?.link(case, options, progress)
}

/// A case read and not yet linked: [`link_case`] in two steps, for those who time them.
pub struct CaseToLink {
    snapshot: Snapshot,
    known: Vec<PixelCheck>,
    originals: OriginalFiles,
}

impl CaseToLink {
    /// Reads what linking with these options needs. Without the tier [`Tier::Partial`] local features stay unread.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn read(case: &Case, options: &LinkOptions) -> Result<Self> {
        let partial = options.tiers.contains(&Tier::Partial);
        let snapshot = if partial { case.snapshot_with_features()? } else { case.snapshot()? };
        let known = if partial { case.pixel_checks()? } else { Vec::new() };
        let originals = OriginalFiles::new(&snapshot, case.all_originals(&snapshot)?, Limits::default());
        Ok(Self { snapshot, known, originals })
    }

    /// Looks for originals in a folder, too, where each is named by its SHA-256 in hex: for cases whose images lie on other
    /// machines. What is wanted there is [`OriginalFiles::lacking`] after linking.
    #[must_use]
    pub fn with_copies(self, folder: PathBuf) -> Self {
        Self { originals: self.originals.with_copies(folder), ..self }
    }

    /// Links it. What pixels newly showed is kept in the case when it can be written.
    ///
    /// # Errors
    /// Those of [`crate::link::link_with`], and of writing to the case.
    pub fn link(self, case: &mut Case, options: &LinkOptions, progress: &dyn Progress) -> Result<LinkedCase> {
        let Self { snapshot, known, originals } = self;
        let mut findings =
            link_with(&snapshot, &Sources { pixels: &originals, pixel_checks: &known }, options, progress)?;
        number_networks(&snapshot, &mut findings, &case.network_numbers()?);
        if case.is_writable() {
            case.keep_pixel_checks(&findings.pixel_checks)?;
        }
        Ok(LinkedCase { snapshot, findings, originals })
    }
}
