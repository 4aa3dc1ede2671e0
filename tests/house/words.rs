//! Every text that code says has a row in the table of words, and every row is said.
//!
//! Read out of the sources: what stands in `say!`, `phrase!` and `word!`, what tables of `codes!` give as words, and what
//! `count` counts, one and several. The trap: a text that reaches `say(...)` unmarked is not seen here; the pages that
//! `tests/results/marked.rs` makes find it.

use super::architecture::rust_files;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What code says.
#[derive(Debug, Default)]
struct Said {
    texts: BTreeSet<String>,
    /// Nouns that are counted, as said of one.
    nouns: BTreeSet<String>,
}

/// Calls whose first argument is said, if it is written there.
const SAYING: [&str; 6] = ["say!(", "phrase!(", "word!(", "say(", "phrase(", "fill("];
/// Calls whose last text is a noun that is counted.
const COUNTING: [&str; 2] = ["count(", "room.left_out("];

impl Said {
    fn read(&mut self, source: &str) {
        let code = code_of(source);
        for call in SAYING {
            self.texts.extend(after(&code, call).filter_map(|rest| Some(literal(rest.trim_start())?.0)));
        }
        for call in COUNTING {
            let texts = after(&code, call).filter_map(|rest| literals(arguments(rest)).pop());
            self.nouns.extend(texts.filter(|text| text.chars().all(|c| c.is_ascii_lowercase() || c == ' ')));
        }
        for table in after(&code, "codes! {") {
            let table = table.split("\n}").next().unwrap_or_default();
            // Of `Code => "NAME", "words";` the second.
            let rows = table.split("=> \"").skip(1).filter_map(|row| row.split_once("\", "));
            self.texts.extend(rows.filter_map(|(_, rest)| Some(literal(rest)?.0)));
        }
    }

    fn all(&self) -> BTreeSet<String> {
        let several = self.nouns.iter().map(|noun| format!("{noun}s"));
        self.texts.iter().cloned().chain(self.nouns.iter().cloned()).chain(several).collect()
    }
}

/// Without comments and tests.
fn code_of(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    source.lines().filter(is_code).map(|line| format!("{line}\n")).collect()
}

/// What follows each call of that name; a method of that name is another.
fn after<'c>(code: &'c str, call: &'c str) -> impl Iterator<Item = &'c str> {
    let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_.".contains(c));
    code.match_indices(call).filter(move |(at, _)| begins(*at)).map(move |(at, _)| &code[at + call.len()..])
}

/// The text that begins here in quotes, and where it ends.
fn literal(code: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = code.char_indices().skip(1).peekable();
    if !code.starts_with('"') {
        return None;
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, at + 1)),
            '\\' => match chars.next()?.1 {
                '\n' => while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {},
                'u' => {
                    let digits: String =
                        chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').skip(1).collect();
                    text.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)?);
                }
                escaped => text.push(escaped),
            },
            _ => text.push(c),
        }
    }
    None
}

/// All texts in quotes.
fn literals(mut code: &str) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(at) = code.find('"') {
        let Some((text, end)) = literal(&code[at..]) else { break };
        all.push(text);
        code = &code[at + end..];
    }
    all
}

/// Up to the bracket that closes a call.
fn arguments(code: &str) -> &str {
    let mut depth = 1;
    let end = code.find(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    &code[..end.unwrap_or(code.len())]
}

fn said() -> Said {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let mut said = Said::default();
    for file in files {
        said.read(&fs::read_to_string(file).expect("source is UTF-8"));
    }
    said
}

fn rows() -> BTreeSet<String> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/language/words.csv");
    let mut reader = csv::Reader::from_path(table).expect("the table is there");
    reader.records().map(|row| row.expect("rows are whole")[0].to_string()).collect()
}

#[test]
fn every_text_has_a_row_and_every_row_is_said() {
    let (said, rows) = (said(), rows());
    let missing: Vec<String> = said.texts.iter().filter(|text| !rows.contains(*text)).cloned().collect();
    assert!(missing.is_empty(), "said and not in words.csv: {missing:#?}");
    let all = said.all();
    let dead: Vec<&String> = rows.iter().filter(|row| !all.contains(*row)).collect();
    assert!(dead.is_empty(), "in words.csv and not said: {dead:#?}");
}

#[test]
fn what_pages_count_has_a_row_for_one_and_for_several() {
    let rows = rows();
    let half: Vec<String> = said()
        .nouns
        .into_iter()
        .filter(|noun| rows.contains(noun) != rows.contains(&format!("{noun}s")))
        .collect();
    assert!(half.is_empty(), "one of two rows is missing: {half:?}");
}

#[test]
fn texts_are_read_out_of_sources() {
    let source = "
fn a() -> String {
    // say!(\"in a comment\")
    say!(\"one\");
    say!(
        \"two \\\"{x}\\\" \\
         and \\u{2019}\",
        x = words::count(list.len(), \"more ad\"),
    );
    room.left_out(entry, n.saturating_sub(1), \"photo\");
    word!(\"three\"); phrase!(\"four {y}\", y = html! { \"not said\" }); essay(\"no call\"); say(x);
}
codes! {
    enum Kind: u8 {
        /// Doc.
        A => \"A_NAME\", \"five\";
    }
}
#[cfg(test)]
mod tests { fn b() { say!(\"in a test\") } }
";
    let mut said = Said::default();
    said.read(source);
    let texts = ["five", "four {y}", "one", "three", "two \"{x}\" and \u{2019}"];
    assert_eq!(said.texts.iter().collect::<Vec<_>>(), texts);
    assert_eq!(said.nouns.iter().collect::<Vec<_>>(), ["more ad", "photo"]);
}
