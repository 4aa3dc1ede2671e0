//! Encryption under a passphrase, in the format of `age`: `age -d FILE` opens it anywhere.
//!
//! Without the cargo feature `encrypt` there is only a refusal here.

use crate::error::{Error, Result};
use std::fmt;
use std::path::Path;

/// A passphrase; stays out of logs.
pub struct Passphrase(String);

impl Passphrase {
    /// Fewest characters: what is behind it can be tried at leisure by whoever gets the file.
    pub const LEAST: usize = 12;

    /// # Errors
    /// When it is too short to keep anything.
    pub fn new(text: &str) -> Result<Self> {
        if text.chars().count() < Self::LEAST {
            return Err(Error::Parameter {
                name: "passphrase",
                value: "(not shown)".into(),
                expected: format!("{} characters or more", Self::LEAST),
            });
        }
        Ok(Self(text.to_string()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// 2 to the power of this; it takes a gibibyte of memory.
#[cfg(feature = "encrypt")]
const MOST_WORK: u8 = 20;

#[cfg(feature = "encrypt")]
pub(super) fn seal(bytes: &[u8], passphrase: &Passphrase, target: &Path) -> Result<Vec<u8>> {
    use std::io::Write;
    let encryptor = age::Encryptor::with_user_passphrase(passphrase.0.clone().into());
    let sealed = || {
        let mut out = encryptor.wrap_output(Vec::new())?;
        out.write_all(bytes)?;
        out.finish()
    };
    sealed().map_err(|error| Error::io("encrypt", target, error))
}

#[cfg(not(feature = "encrypt"))]
pub(super) fn seal(_: &[u8], passphrase: &Passphrase, target: &Path) -> Result<Vec<u8>> {
    let _ = &passphrase.0;
    Err(Error::io("encrypt", target, std::io::Error::other("this adlink was built without encryption")))
}

/// Encrypts what is written to it.
#[cfg(feature = "encrypt")]
pub(super) struct Sealer<W: std::io::Write>(age::stream::StreamWriter<W>);

#[cfg(feature = "encrypt")]
impl<W: std::io::Write> Sealer<W> {
    pub(super) fn new(out: W, passphrase: &Passphrase) -> std::io::Result<Self> {
        age::Encryptor::with_user_passphrase(passphrase.0.clone().into()).wrap_output(out).map(Self)
    }

    /// Writes what is left; without it the file is cut.
    pub(super) fn finish(self) -> std::io::Result<W> {
        self.0.finish()
    }
}

#[cfg(feature = "encrypt")]
impl<W: std::io::Write> std::io::Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// What an encrypted stream holds.
#[cfg(feature = "encrypt")]
pub(super) fn opener<R: std::io::Read + 'static>(
    sealed: R,
    passphrase: &Passphrase,
) -> std::io::Result<Box<dyn std::io::Read>> {
    let identity = identity(passphrase);
    let decryptor = age::Decryptor::new(sealed).map_err(std::io::Error::other)?;
    let identities = std::iter::once(&identity as &dyn age::Identity);
    Ok(Box::new(decryptor.decrypt(identities).map_err(std::io::Error::other)?))
}

/// The passphrase as what opens a file. How much work a file may ask for is by default judged by how fast this machine
/// is at the moment, so that one which was sealed on an idle machine would not open on a busy one.
#[cfg(feature = "encrypt")]
fn identity(passphrase: &Passphrase) -> age::scrypt::Identity {
    let mut identity = age::scrypt::Identity::new(passphrase.0.clone().into());
    identity.set_max_work_factor(MOST_WORK);
    identity
}

/// Whether these are bytes of a file in the format of `age`.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/")
}

#[cfg(feature = "encrypt")]
pub(super) fn open(bytes: &[u8], passphrase: &Passphrase, path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let identity = identity(passphrase);
    let opened = || -> std::io::Result<Vec<u8>> {
        let decryptor = age::Decryptor::new(bytes).map_err(std::io::Error::other)?;
        let identities = std::iter::once(&identity as &dyn age::Identity);
        let mut content = Vec::new();
        decryptor.decrypt(identities).map_err(std::io::Error::other)?.read_to_end(&mut content)?;
        Ok(content)
    };
    opened().map_err(|error| Error::io("decrypt", path, error))
}

#[cfg(not(feature = "encrypt"))]
pub(super) fn open(_: &[u8], _: &Passphrase, path: &Path) -> Result<Vec<u8>> {
    Err(Error::io("decrypt", path, std::io::Error::other("this adlink was built without encryption")))
}
