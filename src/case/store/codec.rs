//! Hashes and views as bytes of a column, and back.
//!
//! Hashes are stored big-endian, as in every file adlink writes. Reading trusts nothing: a column of the wrong
//! length is damage, not a panic.

use crate::codes::{EnumSet, NamedCode};
use crate::error::{CaseError, SkipReason};
use crate::hash::{Hash256, Pdq, Quality};
use crate::record::{ImageCaveat, Rect, View, ViewKind};

const HASH: usize = 32;
const PDQ: usize = 4 * HASH;
/// Kind, quality, rectangle, hashes.
const VIEW: usize = 2 + 16 + PDQ;

/// The four hashes one after the other.
pub(super) fn pdq_bytes(pdq: &Pdq) -> Vec<u8> {
    pdq.base().iter().flat_map(|hash| hash.to_bytes()).collect()
}

pub(super) fn pdq_from(bytes: &[u8], quality: u8) -> Result<Pdq, CaseError> {
    if bytes.len() != PDQ || quality > 100 {
        return Err(CaseError::Damaged(format!("a PDQ hash of {} bytes, quality {quality}", bytes.len())));
    }
    let hash = |n: usize| Hash256::from_bytes(&array(&bytes[n * HASH..]));
    Ok(Pdq::from_base([hash(0), hash(1), hash(2), hash(3)], Quality::new(quality)))
}

/// The upright hash of a PDQ column: the first of its four.
pub(super) fn upright(pdq: &[u8]) -> Result<Hash256, CaseError> {
    let whole: [u8; PDQ] = exactly(pdq, "a PDQ hash")?;
    Ok(Hash256::from_bytes(&array(&whole)))
}

/// Quality and upright hash of every view of a column.
pub(super) fn upright_of_views(bytes: &[u8]) -> Result<impl Iterator<Item = (u8, Hash256)> + '_, CaseError> {
    if !bytes.len().is_multiple_of(VIEW) {
        return Err(CaseError::Damaged(format!("views of {} bytes", bytes.len())));
    }
    Ok(bytes.chunks_exact(VIEW).map(|view| (view[1], Hash256::from_bytes(&array(&view[VIEW - PDQ..])))))
}

pub(super) fn hash_from(bytes: &[u8]) -> Result<Hash256, CaseError> {
    exactly(bytes, "a hash").map(|bytes| Hash256::from_bytes(&bytes))
}

/// `None` for an image without views, which most are.
pub(super) fn views_bytes(views: &[View]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(views.len() * VIEW);
    for view in views {
        bytes.push(code(view.kind));
        bytes.push(view.pdq.quality.get());
        for number in [view.rect.x, view.rect.y, view.rect.width, view.rect.height] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend(pdq_bytes(&view.pdq));
    }
    (!bytes.is_empty()).then_some(bytes)
}

pub(super) fn views_from(bytes: &[u8]) -> Result<Vec<View>, CaseError> {
    if !bytes.len().is_multiple_of(VIEW) {
        return Err(CaseError::Damaged(format!("views of {} bytes", bytes.len())));
    }
    bytes.chunks_exact(VIEW).map(view_from).collect()
}

fn view_from(bytes: &[u8]) -> Result<View, CaseError> {
    let number = |n: usize| u32::from_be_bytes(array(&bytes[2 + 4 * n..]));
    Ok(View {
        kind: kind(bytes[0])?,
        rect: Rect { x: number(0), y: number(1), width: number(2), height: number(3) },
        pdq: pdq_from(&bytes[VIEW - PDQ..], bytes[1])?,
    })
}

const fn code(kind: ViewKind) -> u8 {
    match kind {
        ViewKind::Whole => 0,
        ViewKind::ContentBox => 1,
        ViewKind::Pane => 2,
        ViewKind::Frame => 3,
        ViewKind::Enlarged => 4,
        ViewKind::Square => 5,
        // Follows from the whole picture: nothing stores it, and what holds it is damaged.
        ViewKind::Negative => 6,
    }
}

fn kind(code: u8) -> Result<ViewKind, CaseError> {
    match code {
        0 => Ok(ViewKind::Whole),
        1 => Ok(ViewKind::ContentBox),
        2 => Ok(ViewKind::Pane),
        3 => Ok(ViewKind::Frame),
        4 => Ok(ViewKind::Enlarged),
        5 => Ok(ViewKind::Square),
        other => Err(CaseError::Damaged(format!("a view of kind {other}"))),
    }
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
    use proptest::prelude::*;

    fn any_pdq() -> impl Strategy<Value = Pdq> {
        (any::<[[u64; 4]; 4]>(), 0..=100u8).prop_map(|(words, quality)| {
            Pdq::from_base(words.map(Hash256::from_words), Quality::new(quality))
        })
    }

    fn any_view() -> impl Strategy<Value = View> {
        (0..4u8, any::<[u32; 4]>(), any_pdq()).prop_map(|(code, [x, y, width, height], pdq)| View {
            kind: kind(code).unwrap(),
            rect: Rect { x, y, width, height },
            pdq,
        })
    }

    proptest! {
        #[test]
        fn views_round_trip(views in proptest::collection::vec(any_view(), 0..4)) {
            let bytes = views_bytes(&views).unwrap_or_default();
            let upright: Vec<_> = upright_of_views(&bytes).unwrap().collect();
            let expected: Vec<_> =
                views.iter().map(|view| (view.pdq.quality.get(), view.pdq.hash())).collect();
            prop_assert_eq!(upright, expected);
            prop_assert_eq!(views_from(&bytes).unwrap(), views);
        }

        #[test]
        fn damaged_columns_are_errors(bytes in proptest::collection::vec(any::<u8>(), 0..400), quality: u8) {
            prop_assert!(bytes.len() == 32 || hash_from(&bytes).is_err());
            prop_assert!(bytes.len() == 128 && quality <= 100 || pdq_from(&bytes, quality).is_err());
            prop_assert!(bytes.len() % VIEW == 0 || views_from(&bytes).is_err());
        }
    }
}
