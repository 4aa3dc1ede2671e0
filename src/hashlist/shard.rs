//! A share of a list of files, so that many machines hash one list: `3/8` is the third of eight.
//!
//! Which share a file is in follows from a digest of its path as it is listed (the column `source_uri`). By its place in
//! the list, every share would change when one file is added. The trap: all jobs must name the files in the same way,
//! since `a.jpg` and `./a.jpg` are two paths.

use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// One of so many shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: u32,
    of: u32,
}

impl Shard {
    /// Is a file in this share? Every file is in exactly one.
    pub fn holds(self, path: &Path) -> bool {
        let digest = Sha256::digest(path.to_string_lossy().as_bytes());
        let head = digest.first_chunk::<8>().expect("a SHA-256 has 32 bytes");
        u64::from_be_bytes(*head) % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// Text that names no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N with I from 1 to N, such as 3/8")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (number, of) = text.split_once('/').ok_or(NoShard)?;
        let (number, of) = (number.parse().map_err(|_| NoShard)?, of.parse().map_err(|_| NoShard)?);
        if number == 0 || number > of { Err(NoShard) } else { Ok(Self { number, of }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_path_is_in_one_share(path in ".{0,40}", of in 1_u32..50) {
            let shards = (1..=of).map(|number| format!("{number}/{of}").parse::<Shard>().unwrap());
            prop_assert_eq!(shards.filter(|shard| shard.holds(Path::new(&path))).count(), 1);
        }
    }

    #[test]
    fn shares_are_of_a_size_and_never_change() {
        let shard: Shard = "3/8".parse().unwrap();
        let held: Vec<u32> =
            (0..8_000).filter(|k| shard.holds(Path::new(&format!("photos/{k}.jpg")))).collect();
        assert!((900..1_100).contains(&held.len()), "{} of 8,000", held.len());
        // What one release hashed, the next must not hash on another machine.
        assert_eq!(held[..4], FIRST);
    }

    const FIRST: [u32; 4] = [1, 2, 3, 4];

    #[test]
    fn what_names_no_share_is_refused() {
        for text in ["", "3", "0/8", "9/8", "a/8", "3/8/2", "-1/8", "3/0"] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }
}
