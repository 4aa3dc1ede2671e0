//! A package: one tar archive with every file of a profile, a `README.txt` and digests.
//!
//! Times, owners and modes in it are fixed, so that the same findings give the same bytes.

use super::Profile;
use super::marks::Marks;
use crate::error::{Error, Result};
use crate::record::ImageId;
use sha2::{Digest, Sha256};
use std::io;

/// Files by name into an archive.
pub(super) fn tar(
    files: impl Iterator<Item = Result<(String, Vec<u8>)>>,
    profile: Profile,
    marks: &Marks,
) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let failed = |error: io::Error| Error::io("write", "package", error);
    let mut digests = String::new();
    let readme = readme(profile, marks).into_bytes();
    for file in std::iter::once(Ok(("README.txt".into(), readme))).chain(files) {
        let (name, bytes) = file?;
        digests.push_str(&format!("{}  {name}\n", ImageId(Sha256::digest(&bytes).into())));
        append(&mut archive, &name, &bytes).map_err(failed)?;
    }
    append(&mut archive, "manifest-sha256.txt", digests.as_bytes()).map_err(failed)?;
    archive.into_inner().map_err(failed)
}

fn append(archive: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    archive.append_data(&mut header, name, bytes)
}

fn readme(profile: Profile, marks: &Marks) -> String {
    format!(
        "adlink {}: ads that show the same photo\n\n{}\n\n{}\n\n\
         Check the files with `sha256sum -c manifest-sha256.txt`. Perceptual hashes and links are personal data:\n\
         protect them as you would the photos, and delete them when the purpose is served.\n",
        env!("CARGO_PKG_VERSION"),
        marks.text(),
        profile.description()
    )
}
