//! CSV cells and JSON numbers as every table here writes them.
//!
//! Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula, and ad titles and phone numbers
//! do begin so. [`text`] takes that away with a leading `'`; it is for free text only, as it changes the value.
//! The JSON Lines files hold every value untouched.

use crate::record::Ad;
use crate::view::words;
use serde_json::Value;
use std::borrow::Cow;
use std::io::{self, Write};

/// A CSV writer with a heading.
pub(super) fn csv_with<'o>(
    heading: &[&str],
    out: &'o mut dyn Write,
) -> io::Result<csv::Writer<&'o mut dyn Write>> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(heading)?;
    Ok(writer)
}

/// Free text that no spreadsheet runs as a formula; control characters other than line breaks become U+FFFD.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    let formula = is_formula(text.trim_start_matches('\''));
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if !formula && !text.contains(control) {
        return Cow::Borrowed(text);
    }
    let cleaned = text.chars().map(|c| if control(c) { '\u{fffd}' } else { c });
    Cow::Owned(formula.then_some('\'').into_iter().chain(cleaned).collect())
}

/// What [`text`] was given: text that begins with `'` and a formula gets another `'`, so one can always be taken off.
pub(super) fn formula_as_written(cell: &str) -> &str {
    let rest = cell.trim_start_matches('\'');
    if is_formula(rest) { cell.strip_prefix('\'').unwrap_or(cell) } else { cell }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// Characters of a title where it stands once for every link of its ad; the ad's own text is in `networks.jsonl`.
const TITLE: usize = 300;

/// A title as it stands beside a link.
pub(super) fn title(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(TITLE) {
        Some((end, _)) => Cow::Owned(format!("{}\u{2026}", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Four decimals, as far as a weight or score is worth reading.
pub(super) fn number(value: f64) -> String {
    format!("{value:.4}")
}

/// The same as a JSON number; `null` when it is not finite.
pub(super) fn json_number(value: f64) -> Value {
    Value::from((value * 10_000.0).round() / 10_000.0)
}

/// One JSON value and a line feed.
pub(super) fn json_line(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Adds what an ad keeps on request; nothing for one that keeps nothing.
pub(super) fn put_kept(ad_value: &mut Value, ad: &Ad) {
    let kept: serde_json::Map<String, Value> =
        words::kept(ad).into_iter().map(|(k, v)| (k, v.into())).collect();
    if !kept.is_empty() {
        ad_value["kept"] = kept.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for hostile in ["=1+1", "+00 0", "-2", "@SUM(A1)", "\tx", "\u{ff1d}1"] {
            assert_eq!(text(hostile), format!("'{hostile}"));
        }
        assert_eq!(text("a=b"), "a=b");
        assert_eq!(text("'=1"), "''=1");
        for written in ["=1", "'=1", "''+2", "'quoted'", "", "a=b"] {
            assert_eq!(formula_as_written(&text(written)), written);
        }
        assert_eq!(text("nul\0 esc\u{1b}"), "nul\u{fffd} esc\u{fffd}");
    }
}
