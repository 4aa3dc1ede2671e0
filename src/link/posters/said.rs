//! Why photos are common because somebody says so: the user's bank, or a reviewer.

use super::photo_uses::Showings;
use crate::link::findings::CommonReason;

/// The reason of each shared photo; the bank's word stands before that of the reviewer, who named these classes.
pub(crate) fn common(
    called_common: &[u32],
    showings: &Showings,
    in_bank: &[bool],
) -> Vec<Option<CommonReason>> {
    let bank = |named: &bool| named.then_some(CommonReason::Bank);
    let mut reasons: Vec<Option<CommonReason>> = in_bank.iter().map(bank).collect();
    for photo in called_common.iter().filter_map(|&class| showings.photo_of_class(class)) {
        reasons[photo as usize].get_or_insert(CommonReason::Reviewer);
    }
    reasons
}
