//! Bodies in parts, as browsers and HMA's clients send files.

use super::answer::Problem;
use axum::body::Bytes;
use futures_util::stream;
use multer::Multipart;
use std::convert::Infallible;

/// Parts of one body that are taken.
const MOST_PARTS: usize = 256;

/// A field of a form, or a file.
pub(crate) struct FormPart {
    /// Name of the field.
    pub(crate) name: String,
    /// Name of the file, as the sender calls it; `None` for a plain field.
    pub(crate) file: Option<String>,
    pub(crate) bytes: Bytes,
}

impl FormPart {
    /// A plain field as text.
    pub(crate) fn text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.bytes).map_err(|_| Problem::bad(format!("`{}` is not UTF-8", self.name)))
    }
}

/// Takes a body of `multipart/form-data` apart.
pub(crate) async fn parts(body: Bytes, boundary: String) -> Result<Vec<FormPart>, Problem> {
    let mut multipart = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let broken =
        |error: multer::Error| Problem::bad("the parts of the body cannot be read").with(error.to_string());
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        if parts.len() == MOST_PARTS {
            return Err(Problem::bad(format!("more than {MOST_PARTS} parts")));
        }
        let name = field.name().unwrap_or_default().to_string();
        let file = field.file_name().map(str::to_string);
        parts.push(FormPart { name, file, bytes: field.bytes().await.map_err(broken)? });
    }
    Ok(parts)
}
