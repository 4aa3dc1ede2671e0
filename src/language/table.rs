//! The table of words, read once.
//!
//! The trap: a row that code no longer says is dead weight for translators; a test holds rows and code against each other.

use super::Language;
use super::pieces::{Piece, Pieces};
use std::collections::HashMap;
use std::sync::LazyLock;

/// First row: tags of languages, English first. Then a sentence a row. Every cell is filled.
const WORDS: &str = include_str!("words.csv");

/// By English: the sentence in each language, in the order of [`Language::ALL`].
type WordTable = HashMap<String, [String; Language::ALL.len()]>;

static TABLE: LazyLock<WordTable> = LazyLock::new(read);

/// By English: the sentence with its words between marks.
static MARKED: LazyLock<HashMap<&str, String>> =
    LazyLock::new(|| TABLE.keys().map(|english| (&**english, marked(english))).collect());

fn read() -> WordTable {
    let mut table = WordTable::new();
    for row in csv::Reader::from_reader(WORDS.as_bytes()).records().flatten() {
        let cells = std::array::from_fn(|column| row.get(column).unwrap_or_default().to_owned());
        table.insert(row.get(0).unwrap_or_default().to_owned(), cells);
    }
    table
}

fn marked(english: &str) -> String {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Words(words) => format!("\u{27e6}{words}\u{27e7}"),
        Piece::Place(name) => format!("{{{name}}}"),
    };
    Pieces(english).map(piece).collect()
}

/// The sentence in a language; itself where the table has none.
pub(super) fn translation(english: &'static str, language: Language) -> &'static str {
    known(english, language).unwrap_or(english)
}

/// The sentence in a language, where the table has it.
pub(super) fn known(english: &str, language: Language) -> Option<&'static str> {
    match language {
        Language::Marked => MARKED.get(english).map(String::as_str),
        _ => TABLE.get(english).map(|row| &*row[language as usize]).filter(|cell| !cell.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(sentence: &str) -> Vec<&str> {
        let mut places: Vec<&str> = Pieces(sentence)
            .filter_map(|piece| match piece {
                Piece::Place(name) => Some(name),
                Piece::Words(_) => None,
            })
            .collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn the_table_is_one_column_a_language() {
        let mut reader = csv::Reader::from_reader(WORDS.as_bytes());
        let tags: Vec<&str> = Language::ALL.iter().map(|language| language.tag()).collect();
        assert_eq!(reader.headers().expect("a first row").iter().collect::<Vec<_>>(), tags);
        let rows: Vec<_> = reader.records().map(|row| row.expect("as many cells as languages")).collect();
        assert_eq!(rows.len(), TABLE.len(), "a sentence stands in two rows");
        for row in &rows {
            assert!(row.iter().all(|cell| !cell.trim().is_empty()), "an empty cell: {row:?}");
            assert!(row.iter().all(|cell| places(cell) == places(&row[0])), "other places: {row:?}");
            let ends = |cell: &str| [cell.starts_with(' '), cell.ends_with(' ')];
            assert!(row.iter().all(|cell| ends(cell) == ends(&row[0])), "other blanks at its ends: {row:?}");
        }
    }

    /// The lead keeps the table in this order, so that a row is found and two are not written for one sentence.
    #[test]
    fn rows_are_sorted_by_their_english() {
        let mut reader = csv::Reader::from_reader(WORDS.as_bytes());
        let rows: Vec<String> = reader.records().map(|row| row.expect("a row")[0].to_string()).collect();
        let wrong = rows.windows(2).find(|two| two[0] > two[1]);
        assert!(wrong.is_none(), "out of order: {wrong:?}");
    }
}
