//! Work that writes to the case, and what is said where it could not.
//!
//! The trap: it waits for the disk and for other writers, so it never runs on the threads that answer.

use crate::error::{CaseError, Error};
use crate::language::word;
use crate::review::http::guard::Refusal;
use axum::http::StatusCode;

/// Does it on a thread of its own.
pub(super) async fn blocking(
    work: impl FnOnce() -> Result<(), Error> + Send + 'static,
) -> Result<(), Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Error::Case { source: CaseError::Busy { .. }, .. })) => Err(Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            word!(
                "Nothing was saved: another adlink is writing to the case. Go back and try again when it is done."
            ),
        )),
        Ok(Err(Error::Parameter { .. })) => Err(Refusal(
            StatusCode::BAD_REQUEST,
            word!("Nothing was saved: a field holds what cannot be stored."),
        )),
        _ => Err(Refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            word!("Nothing was saved: the case cannot be written."),
        )),
    }
}
