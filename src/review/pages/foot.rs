//! The choice at the foot of every page: the language in which a reviewer reads.
//!
//! It is kept with the reviewer until the desk is closed, as nothing of it belongs into the case. The trap: the way back
//! comes with the form, and only a path of the desk itself is followed.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::PageResult;
use crate::language::{Language, word};
use crate::review::http::guard::{FormFields, Refusal};

const NO_LANGUAGE: Refusal =
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, word!("The desk does not speak that language."));

pub(crate) async fn choose_language(fields: FormFields) -> PageResult {
    let language = Language::of_tag(fields.one("language")).ok_or(NO_LANGUAGE)?;
    fields.session.choose_language(language);
    let back = fields.one("back");
    Ok(Redirect::to(if is_own_path(back) { back } else { "/" }).into_response())
}

/// Whether an address leads nowhere but to a page of this desk: `//` would name another host, and browsers take `\` for
/// `/`.
fn is_own_path(address: &str) -> bool {
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain && address.starts_with('/') && !address.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_desk_lead_back() {
        for own in ["/", "/pair/a/b?order=site&show=all", "/search?q=%2F%2Fx"] {
            assert!(is_own_path(own), "{own}");
        }
        for other in ["", "//evil.example", "/\\evil.example", "http://evil.example", "x", "/a\nb", "/ b"] {
            assert!(!is_own_path(other), "{other}");
        }
    }
}
