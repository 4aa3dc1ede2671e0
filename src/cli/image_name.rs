//! Images of a case as people name them: by a digest, by the beginning of one, or by a file; and their originals.
//!
//! The trap: an image of the case is known by its bytes. A file at its place that has changed is not its original.

use adlink::Error;
use adlink::analysis::{analyse, digest, read_file};
use adlink::case::Case;
use adlink::corpus::Snapshot;
use adlink::decode::Limits;
use adlink::record::ImageId;
use std::path::{Path, PathBuf};

/// The file that still holds an image of the case; a name that is a file is taken as it is.
pub(super) fn original(case: &Case, snapshot: &Snapshot, name: &Path) -> adlink::Result<PathBuf> {
    if name.is_file() {
        return Ok(name.to_path_buf());
    }
    let text = name.to_string_lossy();
    let id = named_image(snapshot, "the image", &text)?;
    let refused = |expected: &str| Error::Parameter {
        name: "the image",
        value: text.to_string(),
        expected: expected.into(),
    };
    if snapshot.images.binary_search_by_key(&id, |image| image.id()).is_err() {
        return Err(refused("an image of the case, which holds none with this SHA-256"));
    }
    let holds =
        |path: &PathBuf| read_file(path, &Limits::default()).is_ok_and(|bytes| digest(&bytes).sha256 == id);
    case.originals(&id)?.into_iter().find(holds).ok_or_else(|| {
        refused("one whose original is still where the case read it, unchanged; name the file itself where it has moved")
    })
}

/// The image that a digest, the beginning of one, or a file names.
pub(super) fn named_image(
    snapshot: &Snapshot,
    argument: &'static str,
    name: &str,
) -> adlink::Result<ImageId> {
    if Path::new(name).is_file() {
        return of_file(argument, Path::new(name));
    }
    let refused = |expected: &str| Error::Parameter {
        name: argument,
        value: name.into(),
        expected: expected.to_string(),
    };
    let prefix = name.to_ascii_lowercase();
    if !(4..=64).contains(&prefix.len()) || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(refused("a file, or 4 to 64 hex digits of a SHA-256"));
    }
    let mut images =
        snapshot.images.iter().map(|image| image.id()).filter(|id| id.to_string().starts_with(&prefix));
    match (images.next(), images.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(refused("more digits: several images of the case begin so")),
        // A decision may be older than the case: a whole digest is taken at its word.
        (None, _) => whole_digest(&prefix).ok_or_else(|| refused("an image of the case; none begins so")),
    }
}

fn of_file(argument: &'static str, path: &Path) -> adlink::Result<ImageId> {
    let limits = Limits::default();
    let analysed = read_file(path, &limits).and_then(|bytes| analyse(&bytes, &limits));
    analysed.map(|image| image.id()).map_err(|error| Error::Parameter {
        name: argument,
        value: path.display().to_string(),
        expected: format!("an image: {error}"),
    })
}

fn whole_digest(hex: &str) -> Option<ImageId> {
    let byte = |at: usize| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..32).map(byte).collect::<Option<_>>()?;
    Some(ImageId(bytes.try_into().ok()?))
}
