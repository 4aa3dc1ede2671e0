//! The table of words, read once.
//!
//! The trap: a row that code no longer says is dead weight for translators; a test holds rows and code against each other.

use super::Language;
use std::collections::HashMap;
use std::sync::LazyLock;

/// First row: tags of languages, English first. Then a sentence a row. Every cell is filled.
const WORDS: &str = include_str!("words.csv");

/// By English: the sentence in each language, in the order of [`Language::ALL`].
type Table = HashMap<String, [String; Language::ALL.len()]>;

static TABLE: LazyLock<Table> = LazyLock::new(read);

fn read() -> Table {
    let mut table = Table::new();
    for row in csv::Reader::from_reader(WORDS.as_bytes()).records().flatten() {
        let cells = std::array::from_fn(|column| row.get(column).unwrap_or_default().to_owned());
        table.insert(row.get(0).unwrap_or_default().to_owned(), cells);
    }
    table
}

/// The sentence in a language; itself where the table has none.
pub(super) fn translation(english: &'static str, language: Language) -> &'static str {
    match TABLE.get(english) {
        Some(row) if !row[language as usize].is_empty() => &row[language as usize],
        _ => english,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_one_column_a_language() {
        let mut reader = csv::Reader::from_reader(WORDS.as_bytes());
        let tags: Vec<&str> = Language::ALL.iter().map(|language| language.tag()).collect();
        assert_eq!(reader.headers().expect("a first row").iter().collect::<Vec<_>>(), tags);
        let rows: Vec<_> = reader.records().map(|row| row.expect("as many cells as languages")).collect();
        assert_eq!(rows.len(), TABLE.len(), "a sentence stands in two rows");
        for row in &rows {
            assert!(row.iter().all(|cell| !cell.trim().is_empty()), "an empty cell: {row:?}");
        }
    }
}
