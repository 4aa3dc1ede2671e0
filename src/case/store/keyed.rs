//! Keyed digests: names that tell nothing to those who do not hold the case.
//!
//! Every case has a key of its own, made when it is first written to. With it the holder gives ads and images
//! pseudonyms for partners (stable inside the case, of no use across cases) and remembers what was withdrawn without
//! keeping it. A plain digest would do neither: whoever guesses a phone number or has the photo could test it. The
//! same holds for whoever gets both the case and a guess: the key protects what leaves the case, not the case.

use crate::error::CaseError;
use crate::record::{AdKey, ImageId};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension};
use sha2::Sha256;
use std::collections::HashSet;
use std::io;

/// Makes keyed digests of one case.
#[derive(Clone)]
pub struct Keyed {
    mac: Hmac<Sha256>,
}

/// The key stays out of logs.
impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyed")
    }
}

impl Keyed {
    /// HMAC-SHA-256 of a kind of thing and its parts, each behind its length.
    pub fn digest(&self, kind: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in [kind.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Keyed digests for one recipient: nobody can join what two recipients were given. Names that differ in case or in
    /// spaces at the ends are one recipient.
    pub fn of_recipient(&self, recipient: &str) -> Self {
        let key = self.digest("recipient", &[recipient.trim().to_lowercase().as_bytes()]);
        Self::new(&key)
    }

    fn new(key: &[u8; 32]) -> Self {
        Self { mac: Hmac::new_from_slice(key).expect("HMAC takes keys of any length") }
    }

    /// What remains of a withdrawn image.
    pub(in crate::case) fn image_tombstone(&self, id: &ImageId) -> [u8; 32] {
        self.digest("withdrawn image", &[&id.0])
    }

    /// What remains of a withdrawn ad.
    pub(in crate::case) fn ad_tombstone(&self, key: &AdKey) -> [u8; 32] {
        self.digest("withdrawn ad", &[key.site.as_bytes(), key.ad_id.as_bytes()])
    }
}

/// What was withdrawn from a case and must not come back.
#[derive(Debug)]
pub(crate) struct Tombstones {
    keyed: Keyed,
    digests: HashSet<[u8; 32]>,
}

impl Tombstones {
    pub(in crate::case) fn load(db: &Connection) -> Result<Self, CaseError> {
        let mut select = db.prepare("SELECT digest FROM tombstone")?;
        let digests = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Self { keyed: keyed(db)?, digests })
    }

    pub(crate) fn image(&self, id: &ImageId) -> bool {
        !self.digests.is_empty() && self.digests.contains(&self.keyed.image_tombstone(id))
    }

    pub(crate) fn ad(&self, key: &AdKey) -> bool {
        !self.digests.is_empty() && self.digests.contains(&self.keyed.ad_tombstone(key))
    }
}

/// Gives the case a key unless it has one.
pub(in crate::case) fn ensure_key(connection: &Connection) -> Result<(), CaseError> {
    if key(connection)?.is_none() {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh)
            .map_err(|error| CaseError::Database(Box::new(io::Error::other(error))))?;
        connection
            .execute("INSERT INTO meta (name, value) VALUES ('key', ?1)", [ImageId(fresh).to_string()])?;
    }
    Ok(())
}

pub(in crate::case) fn keyed(db: &Connection) -> Result<Keyed, CaseError> {
    let key = key(db)?.ok_or_else(|| CaseError::Damaged("the key of the case is missing".into()))?;
    Ok(Keyed::new(&key))
}

fn key(db: &Connection) -> Result<Option<[u8; 32]>, CaseError> {
    let text: Option<String> =
        db.query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| row.get(0)).optional()?;
    text.map(|text| ImageId::parse(&text).map(|key| key.0).ok_or_else(damaged)).transpose()
}

fn damaged() -> CaseError {
    CaseError::Damaged("the key of the case".into())
}
