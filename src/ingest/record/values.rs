//! Values of JSON as text, and which of them say nothing.

use serde_json::Value;

/// Words that databases write for a value that is not there.
const NOTHING: [&str; 3] = ["\\N", "NULL", "null"];

/// Whether a value says nothing.
pub(super) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty() || NOTHING.contains(&text.trim()),
        Value::Array(list) => list.iter().all(is_blank),
        Value::Object(parts) => parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value as one text: the parts of lists and objects one after the other, split by `; `.
pub(super) fn plain(value: &Value) -> String {
    let several =
        |parts: Vec<String>| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_string(),
        Value::Array(list) => several(list.iter().map(plain).collect()),
        Value::Object(parts) => several(parts.values().map(plain).collect()),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
