//! One object of JSON as columns.
//!
//! The trap: ids of some sites are whole numbers that no double holds; they stay text.

use super::layout::Columns;
use super::scan::{LONGEST, Raw};
use std::borrow::Cow;

/// The object that some bytes are.
pub(in crate::ingest) fn parse(bytes: &[u8]) -> Result<Columns, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
    serde_json::from_str(&exact(text)).map_err(|error| match bytes.first() {
        Some(b'{') => error.to_string().replace(" at line 1 column ", " at column "),
        _ => format!("a record must be an object: {error}").replace(" at line 1 column ", " at column "),
    })
}

/// As [`parse`], of a value that was taken out of a document.
pub(super) fn parse_raw(raw: &Raw) -> Result<Columns, String> {
    if raw.size > LONGEST as u64 {
        return Err(format!("longer than {} MiB", LONGEST >> 20));
    }
    if raw.cut {
        return Err(format!("the file ends within it; {} bytes were not read", raw.size));
    }
    parse(&raw.bytes)
}

/// Digits of a whole number that no reader of doubles keeps.
const TOO_MANY: usize = 17;

/// The text with whole numbers of so many digits in quotes: ids of some sites are such numbers, and two of them must
/// not become one.
fn exact(text: &str) -> Cow<'_, str> {
    let mut run = 0;
    let long = text.bytes().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run == TOO_MANY
    });
    if !long {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::with_capacity(text.len() + 16);
    let (mut in_text, mut escaped, mut rest) = (false, false, text);
    while let Some(letter) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let whole = !matches!(rest.as_bytes().get(digits), Some(b'.' | b'e' | b'E'))
            && !quoted.ends_with(['.', '-', '+', 'e', 'E']);
        if !in_text && digits >= TOO_MANY && whole {
            quoted.extend(['"']);
            quoted.push_str(&rest[..digits]);
            quoted.push('"');
            rest = &rest[digits..];
            continue;
        }
        let taken = if digits > 0 && !in_text { digits } else { letter.len_utf8() };
        (in_text, escaped) = match letter {
            '"' if !escaped => (!in_text, false),
            '\\' if in_text => (true, !escaped),
            _ => (in_text, false),
        };
        quoted.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_too_long_to_be_exact_stay_as_they_are_written() {
        let text = r#"{"id":12345678901234567890123,"n":1.12345678901234567890,"t":"12345678901234567890 \"","s":[9007199254740993000]}"#;
        let columns = parse(text.as_bytes()).unwrap();
        assert_eq!(columns["id"], "12345678901234567890123");
        assert!(columns["n"].is_f64());
        assert_eq!(columns["t"], "12345678901234567890 \"");
        assert_eq!(columns["s"][0], "9007199254740993000");
        assert_eq!(parse(br#"{"id":1704254706789}"#).unwrap()["id"], 1_704_254_706_789_u64);
    }
}
