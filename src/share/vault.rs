//! A case under a passphrase while nobody works on it: `case.adlink` becomes `case.adlink.age`, and back.
//!
//! The encrypted file is written beside, read back as a whole and compared before the plain one goes, and the same the
//! other way. The trap: two files that both look like the case. While both are there, neither is replaced unasked; what a
//! removal that was cut short has left goes only once the encrypted file was read as a whole.

use super::encrypt::{Passphrase, Sealer, opener};
use crate::case::{Case, begins_as_case, finish_removal, half_removed, sealed_path};
use crate::error::{Error, Result};
use crate::output::NewFile;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Encrypts a case and removes the plain file; where the encrypted one is. `by` is who does it, for the audit chain. Run
/// again after it was stopped it goes on with the removal.
///
/// # Errors
/// While somebody works on the case; when the encrypted file is there already and `replace` is not said; when what was
/// written does not read back as the case. The plain file is as it was then.
pub fn lock_case(case: &Path, passphrase: &Passphrase, by: Option<&str>, replace: bool) -> Result<PathBuf> {
    let sealed = sealed_path(case);
    if !case.exists() && half_removed(case).is_some() && sealed.is_file() {
        must_hold_a_case(&sealed, passphrase)?;
        finish_removal(case)?;
        return Ok(sealed);
    }
    if sealed.exists() && !replace {
        return Err(there(&sealed, "an encrypted form of this or another day; --force replaces it"));
    }
    let mut open = Case::open(case)?;
    note(&mut open, "lock", by)?;
    let settled = open.settle()?;
    let new = NewFile::create(&sealed)?;
    let failed = |error| Error::io("encrypt", &sealed, error);
    let mut out = Sealer::new(BufWriter::new(new.writer()?), passphrase).map_err(failed)?;
    let written = copied(&mut settled.open()?, &mut out).map_err(failed)?;
    out.finish().and_then(|mut file| file.flush()).map_err(failed)?;
    new.keep()?;
    let back = opened(&sealed, passphrase).and_then(|mut plain| copied(&mut plain, &mut io::sink()));
    if back.map_err(|error| Error::io("decrypt", &sealed, error))? != written {
        return Err(failed(io::Error::other("what was written does not read back; the case is as it was")));
    }
    settled.remove()?;
    Ok(sealed)
}

/// Decrypts a case and removes the encrypted file. `by` is who does it, for the audit chain.
///
/// # Errors
/// When the plain file is there, the passphrase is another, the file was changed, or it is no case. The encrypted file is
/// as it was then.
pub fn unlock_case(case: &Path, passphrase: &Passphrase, by: Option<&str>) -> Result<()> {
    let sealed = sealed_path(case);
    if case.exists() {
        return Err(there(case, "it is open already; delete it, or the encrypted one, whichever is older"));
    }
    let failed = |error| Error::io("decrypt", &sealed, error);
    let new = NewFile::create(case)?;
    let mut out = BufWriter::new(new.writer()?);
    let written =
        opened(&sealed, passphrase).and_then(|mut plain| copied(&mut plain, &mut out)).map_err(failed)?;
    out.flush().map_err(failed)?;
    drop(out);
    new.keep()?;
    let read = |path: &Path| File::open(path).map_err(|error| Error::io("read", path, error));
    let back = copied(&mut read(case)?, &mut io::sink()).map_err(failed)?;
    if back != written || !begins_as_case(read(case)?) {
        fs::remove_file(case).map_err(|error| Error::io("remove", case, error))?;
        return Err(failed(io::Error::other("what is in it is no case")));
    }
    note(&mut Case::open(case)?, "unlock", by)?;
    finish_removal(case)?;
    fs::remove_file(&sealed).map_err(|error| Error::io("remove", &sealed, error))
}

/// Writes into the audit chain of a case what is done with it, and by whom.
fn note(case: &mut Case, action: &str, by: Option<&str>) -> Result<()> {
    case.act_as(by.unwrap_or_default());
    case.note(action, &json!({ "version": env!("CARGO_PKG_VERSION") }))
}

/// Reads all of an encrypted case: what is not whole, or no case, is none.
fn must_hold_a_case(sealed: &Path, passphrase: &Passphrase) -> Result<()> {
    let failed = |error| Error::io("decrypt", sealed, error);
    let mut plain = opened(sealed, passphrase).map_err(failed)?;
    if !begins_as_case(&mut plain) {
        return Err(failed(io::Error::other("what is in it is no case")));
    }
    copied(&mut plain, &mut io::sink()).map(drop).map_err(failed)
}

fn opened(sealed: &Path, passphrase: &Passphrase) -> io::Result<Box<dyn Read>> {
    opener(BufReader::new(File::open(sealed)?), passphrase)
}

/// Copies, and digests what is copied.
fn copied(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(digest.finalize().into());
        }
        digest.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}

fn there(path: &Path, what: &str) -> Error {
    Error::Parameter {
        name: "--case",
        value: path.display().to_string(),
        expected: format!("no such file: {what}"),
    }
}
