//! CSV that survives being opened in a spreadsheet: a byte order mark, and cells that it would change written as text.
//!
//! Excel and its like run `=1+1`, turn `0049` into 49, `1e10` into a number, long ids into rounded ones and `3-4` into
//! a date, and save it so. A leading `'` keeps a cell as it is, for all columns alike. The trap: those values are not
//! those of the case any more, so these files stand beside the raw ones and never in their place.

use crate::hashlist::is_formula;
use std::borrow::Cow;
use std::io::{self, Write};

/// The folder of these files.
pub(crate) const FOLDER: &str = "spreadsheet";

/// The name of a CSV file's form for spreadsheets; `None` for other files.
pub fn spreadsheet_name(file_name: &str) -> Option<String> {
    file_name.ends_with(".csv").then(|| format!("{FOLDER}/{file_name}"))
}

/// CSV text in its form for spreadsheets.
///
/// # Errors
/// When it is no CSV.
pub fn spreadsheet(csv: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(csv.len() + csv.len() / 8);
    through(&mut out, |sheet| sheet.write_all(csv))?;
    Ok(out)
}

/// What `write` writes as CSV, in its form for spreadsheets.
pub(super) fn through(
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut sheet = CsvSheet { out: csv::Writer::from_writer(out), record: Vec::new(), quoted: false };
    write(&mut sheet)?;
    sheet.flush()
}

/// Takes CSV and hands it on record by record.
struct CsvSheet<'o> {
    out: csv::Writer<&'o mut dyn Write>,
    record: Vec<u8>,
    quoted: bool,
}

impl CsvSheet<'_> {
    fn end_record(&mut self) -> io::Result<()> {
        let mut reader = csv::ReaderBuilder::new();
        reader.has_headers(false).buffer_capacity(self.record.len());
        for record in reader.from_reader(&*self.record).records() {
            self.out.write_record(record?.iter().map(|text| cell(text).into_owned()))?;
        }
        self.record.clear();
        Ok(())
    }
}

impl Write for CsvSheet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            self.record.push(byte);
            // A quote within quotes is doubled, which turns this twice.
            self.quoted ^= byte == b'"';
            if byte == b'\n' && !self.quoted {
                self.end_record()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.record.is_empty() && !self.quoted {
            self.end_record()?;
        }
        self.out.flush()
    }
}

/// A cell that stays what it is.
fn cell(text: &str) -> Cow<'_, str> {
    if is_left_alone(text) { Cow::Borrowed(text) } else { Cow::Owned(format!("'{text}")) }
}

fn is_left_alone(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return true };
    let starts_a_value = first.is_numeric() || first.is_whitespace() || ['.', '(', '$', '%'].contains(&first);
    if is_formula(text) || starts_a_value {
        return is_plain_number(text) || is_time(text) || starts_a_value && has_a_word(text);
    }
    !is_month_and_number(text)
}

/// A number that comes back as it was written: no zeros in front, no exponent, no more digits than a double has.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && (all_digits(fraction) || !digits.contains('.'))
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() + fraction.len() <= 15
}

/// `2024-01-02`, alone or with a time: dates are dates in a spreadsheet, too.
fn is_time(text: &str) -> bool {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let is_day = day.len() == 10
        && day.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    is_day && time.bytes().all(|byte| byte.is_ascii_digit() || [b':', b'.', b'Z'].contains(&byte))
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn begins_like_a_month(word: &str) -> bool {
    MONTHS.contains(&&*word.get(..3).unwrap_or_default().to_ascii_lowercase())
}

/// A word that stands in no number and no date: `2 shared photos`.
fn has_a_word(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphabetic());
    !text.starts_with(char::is_whitespace)
        && words.any(|word| word.chars().count() > 3 && !begins_like_a_month(word))
}

/// `MAR1`, `Sep-2`: a day to a spreadsheet.
fn is_month_and_number(text: &str) -> bool {
    let word = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let rest = &text[word..];
    word <= 9
        && begins_like_a_month(text)
        && rest.contains(|c: char| c.is_ascii_digit())
        && rest.chars().all(|c| c.is_ascii_digit() || [' ', '-', '/', '.', ','].contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_change_is_text() {
        for changed in [
            "=1+1",
            "+00 123",
            "-2+3",
            "@SUM(A1)",
            "\tx",
            "0049",
            "00",
            "1e10",
            "12E3",
            "1234567890123456",
            "3-4",
            "1/2",
            "12:30",
            "5e0000000000000a",
            "MAR1",
            "1 March",
            "sept-2",
            "$5",
            "(5)",
            ".5",
            " =1",
            "\u{ff1d}1",
            "1.",
        ] {
            assert_eq!(cell(changed), format!("'{changed}"), "{changed}");
        }
        for kept in [
            "",
            "1",
            "-5.2000",
            "0.9994",
            "0",
            "123456789012345",
            "2024-01-02",
            "2024-01-03T04:05:06Z",
            "p-0123",
            "Ad 1",
            "'+00 1",
            "March sale",
            "a.example",
            "2 shared photos",
            "0123456789abcdef",
            "same-file",
            "May",
        ] {
            assert_eq!(cell(kept), kept);
        }
    }

    #[test]
    fn records_are_whole_whatever_is_in_them() {
        let raw = "id,title\n007,\"two\nlines, \"\"quoted\"\"\"\n-1.5,=x\n";
        let sheet = String::from_utf8(spreadsheet(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!(sheet, "\u{feff}id,title\n'007,\"two\nlines, \"\"quoted\"\"\"\n-1.5,'=x\n");
        assert_eq!(spreadsheet(b"").unwrap(), "\u{feff}".as_bytes());
    }
}
