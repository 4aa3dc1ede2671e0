//! CSV cells and JSON numbers as every table here writes them.
//!
//! Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula, and ad titles and phone numbers
//! do begin so. [`text`] takes that away with a leading `'`; it is for free text only, as it changes the value.
//! The JSON Lines files hold every value untouched.

pub(super) use crate::hashlist::{formula_as_written, formula_safe as text};
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
