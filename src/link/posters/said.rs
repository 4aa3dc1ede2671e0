//! What somebody said about photos: the user's bank, or a reviewer.

use super::photo_uses::PhotoUses;
use super::verdict::Said;
use crate::corpus::{HashClassRow, PhotoRow, Rows};
use crate::link::findings::CommonReason;
use crate::record::Ruling;

/// What was said about each shared photo, given what reviewers decided of hash classes, the earlier first. A reviewer
/// who confirms a photo goes before the bank, and the bank before one who calls it common; of two reviewers the later
/// holds.
pub(super) fn said(
    decided: &[(HashClassRow, Ruling)],
    uses: &PhotoUses,
    in_bank: &Rows<PhotoRow, bool>,
) -> Rows<PhotoRow, Said> {
    let mut all = Rows::filled(Said::Nothing, in_bank.len());
    for &(class, ruling) in decided {
        if let Some(photo) = uses.photo_of_class(class) {
            all[photo] = match ruling {
                Ruling::Confirm => Said::Confirmed,
                _ => Said::Common(CommonReason::Reviewer),
            };
        }
    }
    for (_, said) in all.iter_mut().filter(|(photo, _)| in_bank[*photo]) {
        if *said != Said::Confirmed {
            *said = Said::Common(CommonReason::Bank);
        }
    }
    all
}
