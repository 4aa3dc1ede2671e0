//! Cells of CSV: text that a spreadsheet would run, and several words in one.
//!
//! What would be run has a `'` before it when it is written, taken off when it is read. The trap: this changes the
//! value, so it is for free text only, and whoever reads free text back has to undo it.

#[cfg(feature = "report")]
use std::borrow::Cow;

/// Free text that no spreadsheet runs as a formula; control characters other than line breaks become U+FFFD.
#[cfg(feature = "report")]
pub(crate) fn formula_safe(text: &str) -> Cow<'_, str> {
    let formula = is_formula(text.trim_start_matches('\''));
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if !formula && !text.contains(control) {
        return Cow::Borrowed(text);
    }
    let cleaned = text.chars().map(|c| if control(c) { '\u{fffd}' } else { c });
    Cow::Owned(formula.then_some('\'').into_iter().chain(cleaned).collect())
}

/// A cell of free text for a table that others may open in a spreadsheet.
#[cfg(feature = "report")]
pub fn cell(text: &str) -> String {
    formula_safe(text).into_owned()
}

/// What was written before spreadsheets were thought of: text that begins with `'` and a formula gets another `'`, so
/// one can always be taken off.
pub(crate) fn formula_as_written(cell: &str) -> &str {
    let rest = cell.trim_start_matches('\'');
    if is_formula(rest) { cell.strip_prefix('\'').unwrap_or(cell) } else { cell }
}

/// What parts words in one cell.
const BETWEEN: [char; 2] = [';', '|'];

/// Several words in one cell, parted by `;`; as a list of JSON where a word has such a sign itself.
#[cfg(feature = "report")]
pub fn cell_of_words(words: &[String]) -> String {
    let is_plain = |word: &String| !word.contains(BETWEEN);
    match words.first() {
        Some(first) if first.starts_with('[') || !words.iter().all(is_plain) => {
            serde_json::Value::from(words).to_string()
        }
        _ => words.join(";"),
    }
}

/// The words of a cell.
pub(super) fn words_of_cell(cell: &str) -> Vec<String> {
    if let Ok(words) = serde_json::from_str::<Vec<String>>(cell) {
        return words.into_iter().filter(|word| !word.trim().is_empty()).collect();
    }
    let words = cell.split(BETWEEN).map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_string).collect()
}

/// Would a spreadsheet run it?
pub(crate) fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

#[cfg(all(test, feature = "report"))]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_formula_safe() {
        for hostile in ["=1+1", "+00 0", "-2", "@SUM(A1)", "\tx", "\u{ff1d}1"] {
            assert_eq!(formula_safe(hostile), format!("'{hostile}"));
        }
        assert_eq!(formula_safe("a=b"), "a=b");
        assert_eq!(formula_safe("'=1"), "''=1");
        for written in ["=1", "'=1", "''+2", "'quoted'", "", "a=b"] {
            assert_eq!(formula_as_written(&formula_safe(written)), written);
        }
        assert_eq!(formula_safe("nul\0 esc\u{1b}"), "nul\u{fffd} esc\u{fffd}");
    }

    #[test]
    fn words_come_back_as_they_went_in() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(cell_of_words(&words(&["a", "b c"])), "a;b c");
        assert_eq!(words_of_cell("a; b|c;"), words(&["a", "b", "c"]));
        assert_eq!(words_of_cell("[a;b]"), words(&["[a", "b]"]));
        for all in
            [&[][..], &["a"], &["a;b", "c|d"], &["[\"x\"]"], &["[", "]"], &["a\"b", ";"], &["=1", "-2|3"]]
        {
            let all = words(all);
            assert_eq!(words_of_cell(&cell_of_words(&all)), all);
        }
    }
}
