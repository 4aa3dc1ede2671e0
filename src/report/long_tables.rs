//! Tables that may be longer than a page bears: how many rows are shown, and where the others are.

use crate::corpus::ImageRow;
use crate::view::{Joined, words};
use maud::{Markup, html};

/// Rows of the longer tables; the CSV files hold the rest.
pub(super) const MOST_ROWS: usize = 100;

/// A path under which an image was seen.
pub(super) fn example<'a>(joined: &Joined<'a>, image: ImageRow) -> &'a str {
    joined.sightings_of_image(image).map(|seen| &*seen.path).min().unwrap_or_default()
}

/// Says how many rows of a file are not shown.
pub(super) fn more(rows: usize, file: &str) -> Markup {
    html! { @if rows > MOST_ROWS { p.minor { (words::thousands(rows - MOST_ROWS)) " more in " code { (file) } "." } } }
}
