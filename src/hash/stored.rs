//! Hashes and views as bytes: the form in which a case and a packed analysis hold them.
//!
//! Big-endian, as in every file adlink writes. Reading trusts nothing: bytes that no writer makes are `None`, never a
//! panic. The trap: these bytes lie in the files of users, so a change here needs a new version of both forms.

use super::{Hash256, Pdq, Quality, Rect, View, ViewKind};

const HASH: usize = 32;
/// Bytes of the four hashes of a picture.
pub(crate) const PDQ_BYTES: usize = 4 * HASH;
/// Kind, quality, rectangle, hashes.
pub(crate) const VIEW_BYTES: usize = 2 + 16 + PDQ_BYTES;

/// The four hashes one after the other.
pub(crate) fn pdq_bytes(pdq: &Pdq) -> Vec<u8> {
    pdq.base().iter().flat_map(|hash| hash.to_bytes()).collect()
}

/// What [`pdq_bytes`] wrote, with its quality.
pub(crate) fn pdq_from(bytes: &[u8], quality: u8) -> Option<Pdq> {
    let (hashes, rest) = bytes.as_chunks::<HASH>();
    let base: [[u8; HASH]; 4] = hashes.try_into().ok().filter(|_| rest.is_empty() && quality <= 100)?;
    Some(Pdq::from_base(base.map(|hash| Hash256::from_bytes(&hash)), Quality::new(quality)))
}

/// Views one after the other; empty for an image without views, which most are.
pub(crate) fn views_bytes(views: &[View]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(views.len() * VIEW_BYTES);
    for view in views {
        bytes.push(code(view.kind));
        bytes.push(view.pdq.quality.get());
        for number in [view.rect.x, view.rect.y, view.rect.width, view.rect.height] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend(pdq_bytes(&view.pdq));
    }
    bytes
}

/// What [`views_bytes`] wrote.
pub(crate) fn views_from(bytes: &[u8]) -> Option<Vec<View>> {
    let (views, rest) = bytes.as_chunks::<VIEW_BYTES>();
    if rest.is_empty() { views.iter().map(view_from).collect() } else { None }
}

fn view_from(bytes: &[u8; VIEW_BYTES]) -> Option<View> {
    let (numbers, _) = bytes[2..].as_chunks::<4>();
    let number = |n: usize| u32::from_be_bytes(numbers[n]);
    Some(View {
        kind: kind(bytes[0])?,
        rect: Rect { x: number(0), y: number(1), width: number(2), height: number(3) },
        pdq: pdq_from(&bytes[VIEW_BYTES - PDQ_BYTES..], bytes[1])?,
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

const fn kind(code: u8) -> Option<ViewKind> {
    match code {
        0 => Some(ViewKind::Whole),
        1 => Some(ViewKind::ContentBox),
        2 => Some(ViewKind::Pane),
        3 => Some(ViewKind::Frame),
        4 => Some(ViewKind::Enlarged),
        5 => Some(ViewKind::Square),
        _ => None,
    }
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
        (0..6u8, any::<[u32; 4]>(), any_pdq()).prop_map(|(code, [x, y, width, height], pdq)| View {
            kind: kind(code).unwrap(),
            rect: Rect { x, y, width, height },
            pdq,
        })
    }

    proptest! {
        #[test]
        fn views_round_trip(views in proptest::collection::vec(any_view(), 0..4)) {
            prop_assert_eq!(views_from(&views_bytes(&views)), Some(views));
        }

        #[test]
        fn bytes_of_another_length_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), quality: u8) {
            prop_assert!(bytes.len() == PDQ_BYTES && quality <= 100 || pdq_from(&bytes, quality).is_none());
            prop_assert!(bytes.len() % VIEW_BYTES == 0 || views_from(&bytes).is_none());
        }
    }
}
