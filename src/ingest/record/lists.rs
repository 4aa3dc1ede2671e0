//! Lists in one text, as people and programs write them: JSON, Python, Postgres, or names with a separator between.
//!
//! The trap: a separator may be part of a name. `;`, `|` and line ends always part two names; a comma or a space does so
//! only where every part looks like an image of its own, so `my photo, old.jpg` stays one.

use serde_json::{Map, Value};

/// Lists within lists that are followed; what is deeper is no list of images.
const DEEPEST: usize = 24;

/// The list or object that a text is in JSON, Python or Postgres notation; `None` for plain text.
pub(in crate::ingest) fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    let bracketed = matches!(text.as_bytes().first(), Some(b'[' | b'{' | b'('));
    if !bracketed {
        return None;
    }
    // Python quotes its texts; an array of Postgres need not, and quotes with `"` alone.
    let plain = !text.contains('\'') && !text.contains("\":");
    let first = || if plain { postgres(text) } else { python(text) };
    serde_json::from_str(text).ok().or_else(first).or_else(|| python(text)).or_else(|| postgres(text))
}

/// The names in a plain text, by the separators between them.
pub(super) fn names(text: &str) -> Vec<&str> {
    let parts = |separators: &[char]| -> Vec<&str> {
        text.split(separators).map(str::trim).filter(|part| !part.is_empty()).collect()
    };
    let strong = parts(&[';', '|', '\n', '\r']);
    if strong.len() > 1 {
        return strong;
    }
    for weak in [&[','][..], &[' ', '\t'], &[',', ' ', '\t']] {
        let weak = parts(weak);
        if weak.len() > 1 && weak.iter().all(|part| looks_like_one(part)) {
            return weak;
        }
    }
    strong
}

/// Whether a part can be an image by itself: an address, or a name with an ending that images have.
fn looks_like_one(part: &str) -> bool {
    const ENDINGS: [&str; 16] = [
        "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif",
        "jxl", "pgm", "ppm",
    ];
    let plain = part.split(['?', '#']).next().unwrap_or_default();
    let ending = plain.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) || part.contains("://")
}

/// `{a,"b c",NULL}`: an array of Postgres.
fn postgres(text: &str) -> Option<Value> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (mut items, mut item, mut quoted, mut was_quoted) = (Vec::new(), String::new(), false, false);
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => item.push(letters.next()?),
            '"' => (quoted, was_quoted) = (!quoted, true),
            ',' if !quoted => {
                items.push((std::mem::take(&mut item), was_quoted));
                was_quoted = false;
            }
            '{' | '}' if !quoted => return None,
            _ => item.push(letter),
        }
    }
    items.push((item, was_quoted));
    let kept = items.into_iter().filter(|(item, quoted)| *quoted || !(item.is_empty() || item == "NULL"));
    Some(Value::Array(kept.map(|(item, _)| Value::String(item)).collect()))
}

/// A literal of Python: lists, tuples, dicts, sets, and calls such as `Media(filename='a.jpg')`, which become objects.
fn python(text: &str) -> Option<Value> {
    let mut reader = Python { rest: text };
    let value = reader.value(0)?;
    reader.rest.trim_start_matches([',', ' ', '\n']).is_empty().then_some(value)
}

struct Python<'t> {
    rest: &'t str,
}

impl Python<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(token);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '[' => self.list("[", "]", depth),
            '(' => self.list("(", ")", depth),
            '{' => self.braces(depth),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(depth),
        }
    }

    fn list(&mut self, open: &str, close: &str, depth: usize) -> Option<Value> {
        self.eat(open);
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.value(depth + 1)?);
            if !self.eat(",") {
                return self.eat(close).then_some(Value::Array(items));
            }
        }
        Some(Value::Array(items))
    }

    /// A dict, or a set as a list.
    fn braces(&mut self, depth: usize) -> Option<Value> {
        self.eat("{");
        let (mut parts, mut items) = (Map::new(), Vec::new());
        while !self.eat("}") {
            let first = self.value(depth + 1)?;
            if self.eat(":") {
                let value = self.value(depth + 1)?;
                parts.insert(first.as_str().map_or_else(|| first.to_string(), str::to_string), value);
            } else {
                items.push(first);
            }
            if !self.eat(",") {
                self.eat("}").then_some(())?;
                break;
            }
        }
        Some(if items.is_empty() { Value::Object(parts) } else { Value::Array(items) })
    }

    fn word(&mut self, depth: usize) -> Option<Value> {
        let is_part = |letter: char| letter.is_alphanumeric() || "_.+-".contains(letter);
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "" => None,
            "None" => Some(Value::Null),
            "True" => Some(true.into()),
            "False" => Some(false.into()),
            "u" | "b" | "r" | "f" if rest.starts_with(['\'', '"']) => self.text().map(Value::String),
            _ if self.eat("(") => self.arguments(depth),
            _ => serde_json::from_str(word).ok().or_else(|| Some(Value::String(word.to_string()))),
        }
    }

    /// The named arguments of a call; others say nothing without their definition.
    fn arguments(&mut self, depth: usize) -> Option<Value> {
        let mut parts = Map::new();
        while !self.eat(")") {
            let value = self.value(depth + 1)?;
            if self.eat("=") {
                let name = value.as_str()?.to_string();
                parts.insert(name, self.value(depth + 1)?);
            }
            if !self.eat(",") {
                self.eat(")").then_some(())?;
                break;
            }
        }
        Some(Value::Object(parts))
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let mut text = String::new();
        let mut letters = self.rest[1..].char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.rest = &self.rest[1 + at + 1..];
                return Some(text);
            }
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            let digits = match letters.next()?.1 {
                'n' => {
                    text.push('\n');
                    0
                }
                't' => {
                    text.push('\t');
                    0
                }
                'r' => {
                    text.push('\r');
                    0
                }
                'x' => 2,
                'u' => 4,
                'U' => 8,
                other => {
                    text.push(other);
                    0
                }
            };
            let code =
                (0..digits).try_fold(0u32, |code, _| Some(code * 16 + letters.next()?.1.to_digit(16)?))?;
            if digits > 0 {
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn lists_of_every_kind() {
        for (text, expected) in [
            (r#"["a.jpg", "b.jpg"]"#, json!(["a.jpg", "b.jpg"])),
            ("['a.jpg', None, 'it\\'s.jpg']", json!(["a.jpg", null, "it's.jpg"])),
            ("('a.jpg',)", json!(["a.jpg"])),
            ("{'url': 'u', 'n': 3, 'ok': True}", json!({"url": "u", "n": 3, "ok": true})),
            ("[Media(filename='a.jpg', urls=['x'])]", json!([{"filename": "a.jpg", "urls": ["x"]}])),
            ("{img/a0.jpg,img/a1.jpg}", json!(["img/a0.jpg", "img/a1.jpg"])),
            (r#"{"a b.jpg",NULL,"c\"d.jpg"}"#, json!(["a b.jpg", "c\"d.jpg"])),
            ("{}", json!({})),
        ] {
            assert_eq!(literal(text), Some(expected), "{text}");
        }
        assert_eq!(literal("img/a.jpg"), None);
        assert_eq!(literal("[unclosed"), None);
    }

    #[test]
    fn separators_part_names_only_where_they_must() {
        for (text, expected) in [
            ("a;b", vec!["a", "b"]),
            ("a.jpg|b.jpg", vec!["a.jpg", "b.jpg"]),
            ("a.jpg\nb.jpg", vec!["a.jpg", "b.jpg"]),
            ("a.jpg,b.jpg", vec!["a.jpg", "b.jpg"]),
            ("a.jpg, b.png", vec!["a.jpg", "b.png"]),
            ("a.jpg b.jpg", vec!["a.jpg", "b.jpg"]),
            ("https://x/1 https://x/2", vec!["https://x/1", "https://x/2"]),
            ("my photo.jpg", vec!["my photo.jpg"]),
            ("https://cdn.example/w_100,h_200/a.jpg", vec!["https://cdn.example/w_100,h_200/a.jpg"]),
            ("one, two.jpg", vec!["one, two.jpg"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\](){}'\",:=\\\\ a-zA-Z0-9xuéN.]{0,60}") {
            literal(&text);
            names(&text);
        }
    }
}
