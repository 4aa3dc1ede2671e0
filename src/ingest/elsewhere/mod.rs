//! Analyses made elsewhere: what other machines found out about images, taken in place of decoding them here.
//!
//! An image whose file can be read here is known by its bytes: their SHA-256 says which analysis is theirs. One whose file
//! is not here is known by its name. The trap: an analysis is believed only where an ingest of the original would have
//! found the same, so what was made in another way, or with fewer features, is counted and passed over.

#[cfg(feature = "parquet")]
mod files;
#[cfg(feature = "parquet")]
mod spool;

use crate::analysis::Analysed;
use crate::decode::Limits;
#[cfg(not(feature = "parquet"))]
use crate::error::Error;
use crate::error::{ImageError, Result};
use crate::packed::{PackedAnalysis, PackedFault, unpack};
use crate::progress::Progress;
use crate::record::{Digests, ImageId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What became of analyses that were made elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnalysesGiven {
    /// The files they came in, with the SHA-256 of each, in the order given.
    pub files: Vec<(String, String)>,
    /// Rows of these files.
    pub rows: u64,
    /// Images that the case knows by them now.
    pub taken: u64,
    /// Rows, and analyses of images that were read here, that could not be used.
    pub refused: u64,
}

/// What names mean: 80 bytes of memory a name, 90 a distinct image; analyses lie in a file.
#[derive(Default)]
pub(super) struct Elsewhere {
    #[cfg(feature = "parquet")]
    spool: Option<spool::Spool>,
    names: HashMap<NameKey, NameMeaning>,
    pub(super) given: AnalysesGiven,
}

/// The beginning of a digest of a name.
type NameKey = [u8; 16];

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "no file of analyses can be read"))]
enum NameMeaning {
    /// These bytes.
    Image(ImageId),
    /// A file that could not be read there.
    Fault(Box<ImageError>),
    /// Two different things.
    Unclear,
}

/// What an analysis must be of to be believed.
struct Wanted<'a> {
    limits: &'a Limits,
    keypoints: u16,
}

impl Wanted<'_> {
    /// The analysis, or why it is none that the ingest would have made.
    fn check(&self, packed: &[u8]) -> Result<PackedAnalysis, String> {
        let found = unpack(packed).map_err(|fault: PackedFault| fault.to_string())?;
        let (wanted, keypoints) = (self.keypoints, found.keypoints);
        if found.limits != *self.limits {
            return Err("made under other limits of size and memory".into());
        }
        if keypoints < wanted {
            return Err(format!("made with {keypoints} local features, {wanted} are wanted (--features)"));
        }
        Ok(found)
    }

    /// As if it had been made with as many features as are wanted.
    fn cut(&self, found: PackedAnalysis) -> Analysed {
        let wanted = usize::from(self.keypoints);
        let features = found.analysed.features.filter(|_| wanted > 0);
        let features =
            features.map(|all| if all.keypoints.len() > wanted { all.prefix(wanted) } else { all });
        Analysed { features, ..found.analysed }
    }
}

impl Elsewhere {
    /// Reads the files, and those of folders. Analyses are laid aside in a file without a name beside the case.
    ///
    /// # Errors
    /// When a file cannot be read or has no analyses, and those of writing beside the case. A row that cannot be used is
    /// told and counted.
    #[cfg(feature = "parquet")]
    pub(super) fn read(
        given: &[PathBuf],
        case: &Path,
        (limits, keypoints): (&Limits, u16),
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut elsewhere = Self::default();
        if !given.is_empty() {
            let beside = case.parent().filter(|folder| !folder.as_os_str().is_empty());
            elsewhere.spool = Some(spool::Spool::beside(beside.unwrap_or(Path::new(".")))?);
            let wanted = Wanted { limits, keypoints };
            for file in files::listed(given)? {
                files::read(&mut elsewhere, &file, &wanted, progress)?;
            }
        }
        Ok(elsewhere)
    }

    /// Of a build that reads no Parquet.
    #[cfg(not(feature = "parquet"))]
    pub(super) fn read(given: &[PathBuf], _: &Path, _: (&Limits, u16), _: &dyn Progress) -> Result<Self> {
        match given.first() {
            None => Ok(Self::default()),
            Some(file) => Err(Error::Fruitless {
                what: format!("{}: this build reads no Parquet", file.display()),
                hint: "build adlink with the feature `parquet`".into(),
            }),
        }
    }

    /// What was found out about bytes that were read here, as `analyse_for_case` would. Faults are not taken on trust:
    /// whoever has the bytes may see more in them.
    pub(super) fn of_bytes(
        &self,
        digests: &Digests,
        bytes: u64,
        limits: &Limits,
        keypoints: u16,
    ) -> Result<BytesKnown> {
        let Some(packed) = self.packed(&digests.sha256)? else { return Ok(BytesKnown::No) };
        let wanted = Wanted { limits, keypoints };
        match wanted.check(&packed) {
            Ok(found) if found.analysed.digests != *digests || found.analysed.bytes != bytes => {
                Ok(BytesKnown::Refused)
            }
            Ok(found) if found.analysed.outcome.is_ok() => Ok(BytesKnown::Yes(Box::new(wanted.cut(found)))),
            Ok(_) => Ok(BytesKnown::No),
            Err(_) => Ok(BytesKnown::Refused),
        }
    }

    /// What was found out about an image that is not here, by one of the names it may go by.
    pub(super) fn of_name(
        &self,
        names: &[String],
        limits: &Limits,
        keypoints: u16,
    ) -> Result<Option<Result<Analysed, ImageError>>> {
        let id = match names.iter().find_map(|name| self.names.get(&name_key(name))) {
            None | Some(NameMeaning::Unclear) => return Ok(None),
            Some(NameMeaning::Fault(why)) => return Ok(Some(Err((**why).clone()))),
            Some(NameMeaning::Image(id)) => id,
        };
        let Some(packed) = self.packed(id)? else { return Ok(None) };
        let wanted = Wanted { limits, keypoints };
        Ok(wanted.check(&packed).ok().map(|found| Ok(wanted.cut(found))))
    }

    #[cfg(feature = "parquet")]
    fn packed(&self, id: &ImageId) -> Result<Option<Vec<u8>>> {
        self.spool.as_ref().map_or(Ok(None), |spool| spool.get(id))
    }

    #[cfg(not(feature = "parquet"))]
    fn packed(&self, _: &ImageId) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// What is known about bytes that were read here.
pub(super) enum BytesKnown {
    /// Nothing that spares decoding them.
    No,
    /// Something that contradicts them, or was found out in another way.
    Refused,
    /// All of it.
    Yes(Box<Analysed>),
}

/// The names under which an image of a manifest may have been analysed elsewhere: as the manifest has it, without what
/// stands before it on the machine it comes from, and in `images/`.
pub(super) fn names(shown: &str, prefixes: &[String]) -> Vec<String> {
    let plain = plain_name(shown);
    let stripped = prefixes.iter().filter_map(|prefix| {
        let rest = plain.strip_prefix(plain_name(prefix).as_str())?.trim_start_matches('/');
        (!rest.is_empty()).then(|| rest.to_string())
    });
    let all: Vec<String> = std::iter::once(plain.clone()).chain(stripped).collect();
    let below: Vec<String> = all.iter().map(|name| format!("images/{name}")).collect();
    [all, below].concat()
}

/// A name with `/` between its parts and nothing before the first.
fn plain_name(name: &str) -> String {
    let slashed = name.trim().replace('\\', "/");
    slashed.strip_prefix("./").unwrap_or(&slashed).to_string()
}

fn name_key(name: &str) -> NameKey {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(plain_name(name).as_bytes());
    *digest.first_chunk().expect("a SHA-256 has 32 bytes")
}
