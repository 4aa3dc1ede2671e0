//! The time of now, as an error where the clock says what cannot be written down.

use crate::error::CaseError;
use jiff::Timestamp;
use std::time::SystemTime;

/// Now; a clock beyond the year 9999 is refused.
pub(in crate::case) fn now() -> Result<Timestamp, CaseError> {
    Timestamp::try_from(SystemTime::now()).map_err(|_| CaseError::Clock)
}
