//! A row of Parquet as values of JSON: what the readers of ads and of hash lists both make of it.
//!
//! Groups are objects and lists are lists. The trap: bytes are digests in some tables and text in others, and neither
//! says so. Bytes of the length of a digest that are text, be it the digits of one, are text.

use crate::record::hex;
use parquet::record::{Field, Row};
use serde_json::{Map, Value, json};

/// Bytes that are no text: more are no digest of anything.
const MOST_BYTES: usize = 64;

/// The columns of a row that say something.
pub(crate) fn columns(row: &Row) -> Map<String, Value> {
    row.get_column_iter()
        .map(|(name, field)| (name.clone(), column(field, false)))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// A value; `is_digest` of a column whose name says that it holds hashes.
pub(crate) fn column(field: &Field, is_digest: bool) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(yes) => (*yes).into(),
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Str(text) => text.clone().into(),
        Field::Bytes(bytes) => of_bytes(bytes.data(), is_digest),
        Field::Group(row) => columns(row).into(),
        Field::ListInternal(list) => list.elements().iter().map(|inner| column(inner, is_digest)).collect(),
        Field::MapInternal(map) => {
            let text =
                |key: &Field| column(key, false).as_str().map_or_else(|| key.to_string(), str::to_string);
            let entries = map.entries().iter().map(|(key, inner)| (text(key), column(inner, is_digest)));
            entries.collect::<Map<_, _>>().into()
        }
        // Dates and times write themselves as `2024-01-02 03:04:05 +00:00`.
        other => other.to_string().replace(" +00:00", "Z").into(),
    }
}

fn of_bytes(bytes: &[u8], is_digest: bool) -> Value {
    let is_digits = bytes.iter().all(u8::is_ascii_hexdigit);
    let may_be_digest = matches!(bytes.len(), 16 | 20 | 32) && !is_digits;
    match std::str::from_utf8(bytes) {
        Ok(text) if !may_be_digest => text.into(),
        Ok(text) if !is_digest && !text.contains(is_no_letter) => text.into(),
        _ if bytes.len() <= MOST_BYTES => hex(bytes).into(),
        _ => Value::Null,
    }
}

/// What digests have and text does not.
fn is_no_letter(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_digits_once_and_text_stays_text() {
        let md5: Vec<u8> = (0..16).map(|n| n * 15).collect();
        let digits = hex(&md5);
        for is_digest in [false, true] {
            assert_eq!(of_bytes(&md5, is_digest), Value::from(&*digits));
            assert_eq!(of_bytes(digits.as_bytes(), is_digest), Value::from(&*digits), "32 digits as text");
            assert_eq!(of_bytes(b"0123456789abcdef", is_digest), "0123456789abcdef");
            assert_eq!(of_bytes(b"photo.jpg", is_digest), "photo.jpg");
            assert_eq!(of_bytes(&[0xff; 65], is_digest), Value::Null);
        }
        // A phone of 16 signs is one; in a column of digests, bytes that happen to be letters are a digest.
        assert_eq!(of_bytes(b"+49 151 12345678", false), "+49 151 12345678");
        assert_eq!(of_bytes(b"+49 151 12345678", true), Value::from(hex(b"+49 151 12345678")));
    }
}
