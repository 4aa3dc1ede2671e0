//! A folder with pictures and manifests in it, and a case beside them: what tests of ingest and case start from.

use adlink::case::Case;
use adlink::corpus::Snapshot;
use adlink::error::Result;
use adlink::ingest::{IngestOptions, IngestSummary, Input, ingest};
use adlink::progress::Silent;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A temporary folder, gone with the value.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("folders");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// The case, made when it is not there.
    pub(crate) fn case(&self) -> Case {
        Case::open_or_create(&self.path("case.adlink")).expect("a case")
    }

    /// Ingests a manifest or folder into the case, with default options.
    pub(crate) fn ingest(&self, name: &str) -> Result<IngestSummary> {
        self.ingest_with(name, &IngestOptions::default())
    }

    pub(crate) fn ingest_with(&self, name: &str, options: &IngestOptions) -> Result<IngestSummary> {
        ingest(&mut self.case(), &[Input::Path(self.path(name))], options, &Silent)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.case().snapshot().expect("a snapshot")
    }
}

/// A small grey picture; every seed gives other pixels.
pub(crate) fn picture(seed: u32) -> Vec<u8> {
    let mut bytes = b"P5\n24 20\n255\n".to_vec();
    bytes.extend((0..24 * 20u32).map(|k| (k.wrapping_mul(seed.wrapping_mul(2_654_435_761) | 1) >> 7) as u8));
    bytes
}

/// A snapshot as one text, for comparing all of it.
pub(crate) fn text(snapshot: &Snapshot) -> String {
    format!("{snapshot:#?}")
}
