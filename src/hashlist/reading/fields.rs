//! An entry out of named values, whatever layout they stood in: columns of a table, keys of an object.
//!
//! Names are compared without regard to case and signs, so `PDQ_Hash`, `pdqHash` and `pdq-hash` are one. What no name
//! of ours takes, and what finds its place taken, is kept as metadata. The trap: a row of a part of a picture, of a
//! film, or of a file that could not be hashed has digits, too, and says nothing of a photo.

use super::digits::{BareDigits, DigitKind, holds_digits, put};
use super::note;
use super::tally::ListSaid;
use crate::corpus::{DisableUntil, NewEntry};
use crate::hash::{Quality, ViewKind};
use crate::hashlist::cells::{formula_as_written, words_of_cell};
use serde_json::{Map, Value};

/// Names of a hash of which the kind is not said.
const OPEN: [&str; 7] = ["hash", "hashvalue", "signal", "signalvalue", "value", "imagehash", "digest"];
/// Names of an id, the one that is meant for others first.
const IDS: [&str; 4] = ["outsideid", "externalid", "contentid", "id"];
/// Words by which a list says that an entry is on it no more.
const TAKEN_BACK: [&str; 4] = ["withdrawn", "deleted", "removed", "revoked"];
/// Words by which a list says that nothing went wrong.
const NO_ERROR: [&str; 6] = ["false", "0", "no", "none", "null", "ok"];
/// Values of one name.
const MOST_ALIKE: usize = 100;

/// Values of one entry, by name.
pub(super) struct EntryFields {
    bare: BareDigits,
    entry: NewEntry,
    padded: bool,
    /// Digits of which a type beside them says what they are, under their name.
    open: Option<(String, String)>,
    kind: Option<DigitKind>,
    /// What the id was called, and its place in [`IDS`].
    id: Option<(usize, String)>,
    taken_back: bool,
    nothing: bool,
    fault: Option<String>,
    metadata: Map<String, Value>,
}

/// A name without case and signs.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The kind of digits that a word names.
pub(super) fn kind_of(word: &str) -> Option<DigitKind> {
    kind_of_plain(&plain(word))
}

fn kind_of_plain(name: &str) -> Option<DigitKind> {
    Some(match name {
        "pdq" | "pdqhash" | "imagepdq" | "pdqhex" => DigitKind::Pdq,
        "md5" | "md5hash" | "imagemd5" => DigitKind::Md5,
        "sha1" | "sha1hash" | "imagesha1" => DigitKind::Sha1,
        "sha256" | "sha256hash" | "imagesha256" => DigitKind::Sha256,
        _ => return None,
    })
}

/// Whether a column of this name holds a hash or a digest.
pub(super) fn is_hash_name(name: &str) -> bool {
    let name = plain(name);
    kind_of_plain(&name).is_some() || OPEN.contains(&&*name)
}

/// Whether an object is an entry, and not something around a list: it has a hash or digest itself.
pub(super) fn names_hash(object: &Map<String, Value>) -> bool {
    object.iter().any(|(name, value)| value.is_string() && is_hash_name(name))
}

/// A plain value as text; nothing of a list or an object; `None` for what says nothing.
fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => formula_as_written(text.trim()).to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(list) => return (!list.is_empty()).then(String::new),
        Value::Object(object) => return (!object.is_empty()).then(String::new),
    };
    (!text.is_empty()).then_some(text)
}

impl EntryFields {
    pub(super) fn new(bare: BareDigits) -> Self {
        Self {
            bare,
            entry: NewEntry::default(),
            padded: false,
            open: None,
            kind: None,
            id: None,
            taken_back: false,
            nothing: false,
            fault: None,
            metadata: Map::new(),
        }
    }

    /// Takes a value by its name; nothing and empty text say nothing.
    pub(super) fn put(&mut self, name: &str, value: Value) {
        let Some(text) = text_of(&value) else { return };
        let key = plain(name);
        if let Some(kind) = kind_of_plain(&key) {
            return self.digits(kind, &text);
        }
        match &*key {
            "labels" | "label" | "tags" | "tag" => self.labels(name, value, &text),
            "note" | "notes" | "comment" | "comments" => self.note(name, value, text),
            "metadata" => self.metadata(name, value, &text),
            // Whom a list was made for, and what our own lists number by, is not of the photo.
            "handling" | "entry" | "imageid" => {}
            "error" => self.nothing |= !NO_ERROR.contains(&&*text.to_lowercase()),
            // Lists and objects are none of what follows.
            _ if text.is_empty() => self.keep(name, value),
            "view" => self.nothing |= text != ViewKind::Whole.name(),
            "signaltype" | "hashtype" | "hashname" | "type" => self.kind(name, &key, text),
            "quality" | "pdqquality" | "imagequality" => self.quality(name, text),
            "uri" | "url" | "contenturi" | "sourceuri" | "path" | "filepath" | "file" | "filename" => {
                self.uri(name, text);
            }
            "status" | "hashstatus" | "state" => self.status(name, text),
            "disableuntilts" | "disableuntil" => self.disable(&text),
            open if OPEN.contains(&open) => self.open(name, text),
            id if IDS.contains(&id) => self.id(name, id, text),
            _ => self.keep(name, value),
        }
    }

    /// Keeps what has no place of its own, beside what has the same name.
    fn keep(&mut self, name: &str, value: Value) {
        let (mut place, mut number) = (name.to_string(), 1);
        while self.metadata.get(&place).is_some_and(|held| *held != value) {
            number += 1;
            if number > MOST_ALIKE {
                self.fault = Some(format!("more than {MOST_ALIKE} values called `{name}`"));
                return;
            }
            place = format!("{name}_{number}");
        }
        self.metadata.insert(place, value);
    }

    /// What was read.
    pub(super) fn raw(&mut self, raw: String) {
        self.entry.raw = raw;
    }

    fn digits(&mut self, kind: DigitKind, text: &str) {
        match put(&mut self.entry, kind, text, self.bare) {
            Ok(padded) => self.padded |= padded,
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// Of several, the one that looks like a hash is it.
    fn open(&mut self, name: &str, text: String) {
        match self.open.take() {
            Some((held_name, held)) if !holds_digits(held.as_bytes()) && holds_digits(text.as_bytes()) => {
                self.keep(&held_name, held.into());
                self.open = Some((name.into(), text));
            }
            Some(held) => {
                self.open = Some(held);
                self.keep(name, text.into());
            }
            None => self.open = Some((name.into(), text)),
        }
    }

    /// What `signal_type` and its like say goes before a `type`, which may be that of anything.
    fn kind(&mut self, name: &str, key: &str, text: String) {
        match kind_of(&text) {
            Some(kind) if key != "type" || self.kind.is_none() => self.kind = Some(kind),
            None if key != "type" => self.nothing = true,
            _ => self.keep(name, text.into()),
        }
    }

    fn id(&mut self, name: &str, key: &str, text: String) {
        let rank = IDS.iter().position(|id| *id == key).unwrap_or(IDS.len());
        match self.id.take() {
            Some((held, held_name)) if held <= rank => {
                self.id = Some((held, held_name));
                if text != self.entry.outside_id {
                    self.keep(name, text.into());
                }
            }
            before => {
                let replaced = std::mem::replace(&mut self.entry.outside_id, text);
                self.id = Some((rank, name.into()));
                if let Some((_, name)) = before.filter(|_| replaced != self.entry.outside_id) {
                    self.keep(&name, replaced.into());
                }
            }
        }
    }

    fn uri(&mut self, name: &str, text: String) {
        if self.entry.uri.is_empty() {
            self.entry.uri = text;
        } else if self.entry.uri != text {
            self.keep(name, text.into());
        }
    }

    fn quality(&mut self, name: &str, text: String) {
        if self.entry.quality.is_some() {
            return self.keep(name, text.into());
        }
        // Some writers say 87.0.
        let number = text.parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
        match number {
            Some(number) => self.entry.quality = Some(Quality::new(number as u8)),
            None => self.fault = Some(format!("`{text}` is not a quality: expected 0 to 100")),
        }
    }

    fn labels(&mut self, name: &str, value: Value, text: &str) {
        let words = match value {
            Value::Array(list) => {
                let (words, others): (Vec<Value>, Vec<Value>) =
                    list.into_iter().partition(|word| word.is_string() || word.is_number());
                if !others.is_empty() {
                    self.keep(name, others.into());
                }
                words.iter().filter_map(text_of).collect()
            }
            Value::Object(_) => return self.keep(name, value),
            _ => words_of_cell(text),
        };
        self.entry.labels.extend(words);
    }

    /// A note of several lines may be a list of them. What is too long, or a second note, is metadata.
    fn note(&mut self, name: &str, value: Value, text: String) {
        let text = match value {
            Value::Array(list) if list.iter().all(Value::is_string) => {
                list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            }
            Value::Array(_) | Value::Object(_) => return self.keep(name, value),
            _ => text,
        };
        if let Some(further) = note::put(&mut self.entry, &text) {
            self.keep(name, further.into());
        }
    }

    /// What came with an entry, as an object or as its text.
    fn metadata(&mut self, name: &str, value: Value, text: &str) {
        match serde_json::from_str(text).unwrap_or(value) {
            Value::Object(inner) => inner.into_iter().for_each(|(name, value)| self.keep(&name, value)),
            value => self.keep(name, value),
        }
    }

    fn status(&mut self, name: &str, text: String) {
        if TAKEN_BACK.contains(&&*text.to_lowercase()) {
            self.taken_back = true;
        } else {
            self.keep(name, text.into());
        }
    }

    fn disable(&mut self, text: &str) {
        match text.parse() {
            Ok(until) => self.entry.disable_until = DisableUntil(until),
            Err(_) => self.fault = Some(format!("`{text}` is not a time: expected 0, 1 or Unix seconds")),
        }
    }

    /// What all of it says.
    pub(super) fn said(mut self) -> Result<ListSaid, String> {
        if self.nothing {
            return Ok(ListSaid::Nothing);
        }
        if let Some((name, digits)) = self.open.take() {
            // A `value` beside a hash may be any.
            match self.entry.names_something() && !holds_digits(digits.as_bytes()) {
                true => self.keep(&name, digits.into()),
                false => self.digits(self.kind.unwrap_or(DigitKind::Unsaid), &digits),
            }
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if !self.metadata.is_empty() {
            self.entry.metadata = Value::Object(self.metadata).to_string();
        }
        let named = self.entry.names_something();
        if self.taken_back && (named || !self.entry.outside_id.is_empty()) {
            return Ok(ListSaid::Withdrawn(Box::new(self.entry)));
        }
        if !named {
            return Err("it holds no hash".into());
        }
        Ok(ListSaid::Entry(Box::new(self.entry), self.padded))
    }
}
