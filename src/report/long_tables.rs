//! Tables that may be longer than a page bears: what stands open, what is folded, and where the others are.
//!
//! The trap: what is folded is not printed unless somebody unfolds it first, so every fold says how many rows it holds.

use crate::corpus::ImageRow;
use crate::language::{phrase, say};
use crate::view::{Joined, words};
use maud::{Markup, html};

/// Rows that stand open.
pub(super) const OPEN_ROWS: usize = 20;
/// Rows of the longer tables, open or folded; the CSV files hold the rest.
pub(super) const MOST_ROWS: usize = 100;

/// A table, folded where it is long.
pub(super) struct LongTable<'t> {
    /// What it is, for those who hear the page.
    pub(super) caption: &'t str,
    pub(super) class: Option<&'t str>,
    pub(super) head: Markup,
    pub(super) rows: Vec<Markup>,
    /// Rows that stand open.
    pub(super) open: usize,
}

impl LongTable<'_> {
    /// Its first rows, and the others folded. A few more than the first are no reason to fold.
    pub(super) fn show(&self) -> Markup {
        let open = if self.rows.len() > self.open + self.open / 2 { self.open } else { self.rows.len() };
        let (first, others) = self.rows.split_at(open);
        html! {
            (self.part(self.caption, first))
            @if !others.is_empty() {
                details.list {
                    summary { (say!("{rows} more", rows = words::thousands(others.len()))) }
                    (self.part(&say!("{table}, continued", table = self.caption), others))
                }
            }
        }
    }

    fn part(&self, caption: &str, rows: &[Markup]) -> Markup {
        html! {
            section.scroll tabindex="0" aria-label=(caption) {
                table class=[self.class] { thead { (self.head) } tbody { @for row in rows { (row) } } }
            }
        }
    }
}

/// A path under which an image was seen.
pub(super) fn example<'a>(joined: &Joined<'a>, image: ImageRow) -> &'a str {
    joined.sightings_of_image(image).map(|seen| &*seen.path).min().unwrap_or_default()
}

/// Says how many rows of a file are not shown.
pub(super) fn more(rows: usize, file: &str) -> Markup {
    let said = |rows: usize| {
        phrase!("{rows} more in {file}.", rows = words::thousands(rows), file = html! { code { (file) } })
    };
    html! { @if rows > MOST_ROWS { p.minor { (said(rows - MOST_ROWS)) } } }
}

/// The end of a list that was cut: `, and 3 more`.
pub(super) fn and_more(names: usize) -> String {
    say!(", and {names} more", names = words::thousands(names))
}
