//! All that a decoder gives, and never more than a limit: what a member claims to hold is not believed.

use crate::error::{ImageError, SkipReason};
use std::io::{self, Read};

/// What cannot be decoded.
pub(super) fn broken(error: &io::Error) -> ImageError {
    ImageError::new(SkipReason::Unreadable, format!("damaged in its container: {error}"))
}

/// All that a decoder gives, up to a limit.
pub(super) fn read(decoder: impl Read, limit: u64) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    decoder.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    if bytes.len() as u64 > limit {
        return Err(ImageError::new(SkipReason::TooLarge, format!("expands to more than {limit} bytes")));
    }
    Ok(bytes)
}
