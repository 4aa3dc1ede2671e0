//! The time of now, as an error where the clock says what cannot be written down.

use crate::error::CaseError;
use jiff::Timestamp;
use std::time::SystemTime;

/// Now; a clock beyond the year 9999 is refused.
pub(in crate::case) fn now() -> Result<Timestamp, CaseError> {
    told(SystemTime::now())
}

fn told(clock: SystemTime) -> Result<Timestamp, CaseError> {
    Timestamp::try_from(clock).map_err(|_| CaseError::Clock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_beyond_the_year_9999_is_an_error() {
        let at = |seconds| told(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0).unwrap(), Timestamp::UNIX_EPOCH);
        assert!(matches!(at(253_402_300_800 + 86_400), Err(CaseError::Clock)));
    }
}
