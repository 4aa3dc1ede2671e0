//! Ids of the forms that other tools ask for, made from what they name: the same thing has the same id in every export.
//!
//! Version 5 of RFC 9562, a SHA-1 over a namespace and a name. The trap: an id of a pseudonym is not the id of what it
//! stands for, which is as it should be.

use sha1::{Digest, Sha1};
use std::fmt;

/// A UUID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Uuid([u8; 16]);

impl Uuid {
    /// What adlink's own ids are made under; drawn once.
    const OWN: Self = Self(*b"\x5d\x2f\x8a\x0e\x91\x74\x4c\x3b\xa6\x0f\x3e\x77\x1b\xc4\xd8\x52");

    pub(super) const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// That of a thing of some kind, by its name.
    pub(super) fn of(kind: &str, name: &str) -> Self {
        Self::OWN.named(&format!("{kind} {name}"))
    }

    /// That of a name in this namespace.
    pub(super) fn named(self, name: &str) -> Self {
        let digest = Sha1::new().chain_update(self.0).chain_update(name).finalize();
        let mut bytes: [u8; 16] = digest[..16].try_into().expect("a SHA-1 has 20 bytes");
        bytes[6] = bytes[6] & 0x0f | 0x50;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if [4, 6, 8, 10].contains(&place) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_ids_of_the_standard() {
        let dns = Uuid(*b"\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8");
        assert_eq!(dns.named("www.example.com").to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
