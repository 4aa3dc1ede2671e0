//! Hashes and views as columns of a case: the bytes are those of `hash::stored`, the complaints those of a case.
//!
//! Reading trusts nothing: a column of the wrong length is damage, not a panic.

use crate::codes::{EnumSet, NamedCode};
use crate::error::{CaseError, SkipReason};
use crate::hash::{self, Hash256, PDQ_BYTES, Pdq, VIEW_BYTES};
use crate::record::{ImageCaveat, View};

pub(super) fn pdq_from(bytes: &[u8], quality: u8) -> Result<Pdq, CaseError> {
    hash::pdq_from(bytes, quality)
        .ok_or_else(|| CaseError::Damaged(format!("a PDQ hash of {} bytes, quality {quality}", bytes.len())))
}

/// The upright hash of a PDQ column: the first of its four.
pub(super) fn upright(pdq: &[u8]) -> Result<Hash256, CaseError> {
    let whole: [u8; PDQ_BYTES] = exactly(pdq, "a PDQ hash")?;
    Ok(Hash256::from_bytes(&array(&whole)))
}

/// Quality and upright hash of every view of a column.
pub(super) fn upright_of_views(bytes: &[u8]) -> Result<impl Iterator<Item = (u8, Hash256)> + '_, CaseError> {
    if !bytes.len().is_multiple_of(VIEW_BYTES) {
        return Err(CaseError::Damaged(format!("views of {} bytes", bytes.len())));
    }
    let upright = |view: &[u8]| Hash256::from_bytes(&array(&view[VIEW_BYTES - PDQ_BYTES..]));
    Ok(bytes.chunks_exact(VIEW_BYTES).map(move |view| (view[1], upright(view))))
}

pub(super) fn hash_from(bytes: &[u8]) -> Result<Hash256, CaseError> {
    exactly(bytes, "a hash").map(|bytes| Hash256::from_bytes(&bytes))
}

pub(super) fn views_from(bytes: &[u8]) -> Result<Vec<View>, CaseError> {
    hash::views_from(bytes).ok_or_else(|| CaseError::Damaged(format!("views of {} bytes", bytes.len())))
}

pub(super) fn reason(code: &str) -> Result<SkipReason, CaseError> {
    SkipReason::from_name(code).ok_or_else(|| CaseError::Damaged(format!("reason `{code}`")))
}

/// Caveats of an image by their names, with spaces between.
pub(super) fn caveats(names: &str) -> Result<EnumSet<ImageCaveat>, CaseError> {
    let caveat =
        |name| ImageCaveat::from_name(name).ok_or_else(|| CaseError::Damaged(format!("caveat `{name}`")));
    names.split_whitespace().map(caveat).collect()
}

/// A column that must have exactly `N` bytes.
pub(in crate::case) fn exactly<const N: usize>(bytes: &[u8], what: &str) -> Result<[u8; N], CaseError> {
    bytes.try_into().map_err(|_| CaseError::Damaged(format!("{what} of {} bytes, not {N}", bytes.len())))
}

/// The first `N` bytes of a slice whose length was checked.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes[..N].try_into().expect("a slice of N bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Quality, Rect, ViewKind, views_bytes};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn upright_hashes_are_those_of_the_views(words in any::<[[u64; 4]; 4]>(), qualities in proptest::collection::vec(0..=100u8, 0..4)) {
            let rect = Rect { x: 1, y: 2, width: 3, height: 4 };
            let view = |quality: u8| View {
                kind: ViewKind::Pane,
                rect,
                pdq: Pdq::from_base(words.map(Hash256::from_words), Quality::new(quality)),
            };
            let views: Vec<View> = qualities.into_iter().map(view).collect();
            let bytes = views_bytes(&views);
            let found: Vec<_> = upright_of_views(&bytes).unwrap().collect();
            let expected: Vec<_> = views.iter().map(|view| (view.pdq.quality.get(), view.pdq.hash())).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn damaged_columns_are_errors(bytes in proptest::collection::vec(any::<u8>(), 0..400), quality: u8) {
            prop_assert!(bytes.len() == 32 || hash_from(&bytes).is_err());
            prop_assert!(bytes.len() == PDQ_BYTES && quality <= 100 || pdq_from(&bytes, quality).is_err());
            prop_assert!(bytes.len() % VIEW_BYTES == 0 || views_from(&bytes).is_err());
        }
    }
}
