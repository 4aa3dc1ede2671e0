//! When is a broken file still a picture? When at least half of its rows were decoded.
//!
//! `TRUNCATED` (caveat or reason): bytes are missing at the end. `DAMAGED` (caveat) and `MALFORMED` (reason): the
//! bytes are there but contradict the format. The trap: bit errors that still decode cannot be seen at all, so
//! no caveat is no proof of health.

use std::error::Error as _;
use std::io;

use super::budget::too_large;
use super::limits::Limits;
use crate::error::{ImageError, SkipReason};
use crate::record::ImageCaveat;

/// How much of a file arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    None,
    Cut { rows: usize, of: usize },
    Wrong { rows: usize, of: usize },
}

impl Damage {
    /// A file whose end is missing.
    pub(super) fn cut(decoded: &[bool]) -> Self {
        Self::Cut { rows: count(decoded), of: decoded.len() }
    }

    /// A file that is all there but did not decode cleanly.
    pub(super) fn wrong(decoded: &[bool]) -> Self {
        Self::Wrong { rows: count(decoded), of: decoded.len() }
    }

    /// The caveat to hash it with, or the reason not to.
    pub(super) fn settle(self) -> Result<Option<ImageCaveat>, ImageError> {
        let (rows, of, caveat, reason) = match self {
            Self::None => return Ok(None),
            Self::Cut { rows, of } => (rows, of, ImageCaveat::Truncated, SkipReason::Truncated),
            Self::Wrong { rows, of } => (rows, of, ImageCaveat::Damaged, SkipReason::Malformed),
        };
        if rows > 0 && rows * 2 >= of {
            Ok(Some(caveat))
        } else {
            Err(ImageError::new(reason, format!("only {rows} of {of} rows can be decoded")))
        }
    }
}

fn count(decoded: &[bool]) -> usize {
    decoded.iter().filter(|decoded| **decoded).count()
}

/// An error of the `image` crate, in our terms.
pub(super) fn refusal(error: &image::ImageError, limits: &Limits) -> ImageError {
    let reason = match error {
        image::ImageError::Limits(_) => {
            let limit = limits.max_memory;
            return too_large(format!(
                "a part asks for more than the limit of {limit} bytes allows: {error}"
            ));
        }
        image::ImageError::Unsupported(_) => SkipReason::Unsupported,
        _ if ran_out(error) => SkipReason::Truncated,
        _ => SkipReason::Malformed,
    };
    ImageError::new(reason, error.to_string())
}

/// Whether reading went past the end of the file, anywhere down the chain of causes.
pub(super) fn ran_out(error: &image::ImageError) -> bool {
    if let image::ImageError::IoError(error) = error {
        return error.kind() == io::ErrorKind::UnexpectedEof;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
