//! How one image lies on another, and why a picture is not to be had, as pages say it.
//!
//! The trap: pictures are kept and shown to many readers, so what is kept of them are facts; they become words here, in
//! the language of whoever asks.

use crate::language::say;
use crate::review::state::pictures::{HowLaid, NoPicture};

/// How the two of a pair lie on each other.
pub(super) fn laid_in_words(how: &HowLaid) -> String {
    match how {
        HowLaid::Laid { alignment, differ } => say!(
            "Laid over each other: {lie}; half of the pixels there differ by {levels} of 255 levels or less.",
            lie = alignment.words(),
            levels = differ
        ),
        HowLaid::Not => say!("Not laid over each other: nothing says how.").into(),
        HowLaid::Missing(why) => why_not(why),
    }
}

/// Why there is no picture.
pub(super) fn why_not(why: &NoPicture) -> String {
    match why {
        NoPicture::Unknown => say!("The original is not known to the case any more.").into(),
        NoPicture::Gone(path) => say!("The original is not at its place: {path}", path = path),
        NoPicture::Changed => say!("The file at its place has changed since it was read.").into(),
        NoPicture::Undecoded(reason) => say!("It cannot be decoded: {reason}", reason = reason),
        NoPicture::Unshown(reason) => say!("It cannot be shown: {reason}", reason = reason),
        NoPicture::Failed => say!("It could not be made.").into(),
        NoPicture::Closing => say!("The desk is closing.").into(),
    }
}
