//! A panic inside a decoder stays inside: it becomes `DECODER_PANIC` for that one file.
//!
//! Two things would otherwise leak out: the unwinding, caught here, and the message that the process-wide panic
//! hook prints on stderr. The hook is wrapped once, and stays silent only on a thread that is inside
//! [`contained`]; every other panic reaches the hook that was there before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use crate::error::{ImageError, SkipReason};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

static QUIET_HOOK: Once = Once::new();

/// Runs a decoder. The closure's captures are dropped or only read afterwards, so unwind safety holds.
pub(super) fn contained<T>(decode: impl FnOnce() -> Result<T, ImageError>) -> Result<T, ImageError> {
    QUIET_HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            // A thread being torn down has no flag any more; then the message is wanted.
            if !DECODING.try_with(Cell::get).unwrap_or(false) {
                before(info);
            }
        }));
    });
    let outer = DECODING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(outer);
    result.unwrap_or_else(|payload| {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(ImageError::new(SkipReason::DecoderPanic, format!("the decoder panicked: {message}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_reason_with_its_message() {
        let error = contained::<()>(|| panic!("index {} out of range", 7)).expect_err("it panicked");
        assert_eq!(error.reason, SkipReason::DecoderPanic);
        assert!(error.detail.contains("index 7 out of range"), "{}", error.detail);
        assert!(!DECODING.get(), "the flag is put back");
    }
}
