//! What a reader of a link should know first, as codes: a set in two bytes, read as a sorted slice.
//!
//! The trap: a code that is added goes to its alphabetical place in [`Caveats::CODES`], as files list them sorted.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

/// Codes, sorted; a slice to whoever reads it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Caveats(u16);

impl Caveats {
    /// All of them, sorted: only common photos are shared; a reviewer said that two of the images show one photo;
    /// joined through other images only; low quality; an ad copied by a mirror site; near the limit of what counts
    /// as the same; no shared photo (joined by phone, poster or text because the user asked); found by local
    /// features alone, the pixels could not be compared; small images.
    pub const CODES: [&'static str; 9] = [
        "COMMON_IMAGE",
        "CONFIRMED",
        "INDIRECT",
        "LOW_QUALITY",
        "MIRROR_SITE",
        "NEAR_THRESHOLD",
        "NOT_COMPARED",
        "NO_PHOTO",
        "SMALL_IMAGE",
    ];
}

/// Place `k` holds the codes whose bits are set in `k`.
static SETS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let codes = |set: u16| (0..).zip(Caveats::CODES).filter(move |(bit, _)| set >> bit & 1 == 1);
    (0..1 << Caveats::CODES.len()).map(|set| codes(set).map(|(_, code)| code).collect()).collect()
});

impl Deref for Caveats {
    type Target = [&'static str];

    fn deref(&self) -> &[&'static str] {
        &SETS[usize::from(self.0)]
    }
}

/// What is no code is left out.
impl FromIterator<&'static str> for Caveats {
    fn from_iter<I: IntoIterator<Item = &'static str>>(codes: I) -> Self {
        let bit = |code: &str| Self::CODES.iter().position(|known| *known == code);
        Self(codes.into_iter().filter_map(bit).fold(0, |set, bit| set | 1 << bit))
    }
}

impl fmt::Debug for Caveats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_codes_it_was_made_from() {
        assert!(Caveats::CODES.is_sorted());
        for skipped in Caveats::CODES {
            let codes: Vec<&str> = Caveats::CODES.into_iter().filter(|code| *code != skipped).collect();
            let set: Caveats = codes.iter().rev().copied().collect();
            assert_eq!(*set, codes);
        }
        assert!(Caveats::default().is_empty());
    }
}
