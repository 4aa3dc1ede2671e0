//! The language of pages: report and desk say everything through one table, `words.csv`, a row a sentence, a column a
//! language.
//!
//! English is the key: code reads as its page does, and what the table lacks appears in English and never as nothing.
//! Words in braces, `{ads}`, are places for values; a translation has the same ones in any order.
//! What comes from a case (titles, names, notes) never goes through here, so no evidence is translated. A text that is
//! said elsewhere than where it stands is marked by `word!`, so that the test of the table finds it.
//!
//! The trap: the language is that of the thread which makes a page ([`in_language`]); files for machines are made
//! outside of it and stay English, and so would words said on another thread.

mod macros;
mod pieces;
mod table;

#[cfg(feature = "report")]
pub(crate) use macros::phrase;
pub(crate) use macros::{say, word};

#[cfg(feature = "report")]
use maud::{Markup, PreEscaped, Render};
use pieces::{Piece, Pieces};
use std::borrow::Cow;
use std::cell::Cell;

/// A language that pages are made in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// The one that is always complete.
    #[default]
    English,
    /// German.
    German,
    /// For tests: English, all that the table says between marks, so that what was forgotten stands out. Nobody chooses it.
    Marked,
}

impl Language {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag as in HTML's `lang` and in `--lang`: `en`, `de`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Marked => "x-marked",
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Marked => "Marked",
        }
    }

    /// What stands between thousands and millions in numbers.
    pub const fn thousands_mark(self) -> &'static str {
        match self {
            Self::German => ".",
            _ => ",",
        }
    }

    /// What stands before the decimals of a number.
    pub const fn decimal_mark(self) -> &'static str {
        match self {
            Self::German => ",",
            _ => ".",
        }
    }

    /// The language of a tag, also of one with a region: `de-AT`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag).trim();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// What a browser likes best of what there is, by its `Accept-Language`; English where it names none of it.
    pub fn preferred(accept_language: &str) -> Self {
        let mut best = (0.0, Self::default());
        for choice in accept_language.split(',') {
            let (tag, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok());
            let weight: f64 = weight.unwrap_or(0.0);
            if let Some(language) = Self::of_tag(tag)
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

thread_local! {
    static CURRENT: Cell<Language> = const { Cell::new(Language::English) };
}

/// Sets the language back, also when making a page panics.
struct Restore(Language);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Makes a page, or any text, in a language.
pub fn in_language<T>(language: Language, make: impl FnOnce() -> T) -> T {
    let _restore = Restore(CURRENT.replace(language));
    make()
}

/// The language of what is being made.
pub fn current() -> Language {
    CURRENT.get()
}

/// A sentence, by its English; for a text that `word!` marks where it stands.
pub fn say(english: &'static str) -> &'static str {
    table::translation(english, current())
}

/// A sentence with values in its places, as plain text: whoever puts it into a page escapes it.
pub fn fill(english: &'static str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut text = String::new();
    for piece in Pieces(say(english)) {
        match piece {
            Piece::Words(words) => text.push_str(words),
            Piece::Place(name) => match values.iter().find(|(of, _)| *of == name) {
                Some((_, value)) => text.push_str(&value.to_string()),
                None => text.push_str(name),
            },
        }
    }
    text
}

/// What is counted, `ad` for one and `ads` for any other number: two rows of the table.
pub fn noun(one: &str, number: usize) -> Cow<'_, str> {
    if number == 1 {
        return table::known(one, current()).map_or(Cow::Borrowed(one), Cow::Borrowed);
    }
    let several = format!("{one}s");
    table::known(&several, current()).map_or(Cow::Owned(several), Cow::Borrowed)
}

/// A sentence with markup in its places: links, emphasis. Its own words are escaped.
#[cfg(feature = "report")]
pub fn phrase(english: &'static str, values: &[(&str, Markup)]) -> Markup {
    let mut html = String::new();
    for piece in Pieces(say(english)) {
        match piece {
            Piece::Words(words) => words.render_to(&mut html),
            Piece::Place(name) => match values.iter().find(|(of, _)| *of == name) {
                Some((_, value)) => html.push_str(&value.0),
                None => name.render_to(&mut html),
            },
        }
    }
    PreEscaped(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_choose_among_what_there_is() {
        assert_eq!(Language::preferred("fr-FR, de-AT;q=0.8, en;q=0.5"), Language::German);
        assert_eq!(Language::preferred("en ; q=0.5, de; q=0.8"), Language::German);
        assert_eq!(Language::preferred("en-GB,en;q=0.9,de;q=0.8"), Language::English);
        assert_eq!(Language::preferred("fr, *;q=0.1"), Language::English);
        assert_eq!(Language::preferred(""), Language::English);
        assert_eq!(Language::of_tag("DE_ch"), Some(Language::German));
        assert_eq!(Language::of_tag("deutsch"), None);
    }

    #[test]
    fn what_is_counted_has_two_rows() {
        assert_eq!((noun("ad", 1), noun("ad", 2), noun("ad", 0)), ("ad".into(), "ads".into(), "ads".into()));
        assert_eq!(
            (noun("no such row", 1), noun("no such row", 3)),
            ("no such row".into(), "no such rows".into())
        );
        let german = in_language(Language::German, || (noun("ad", 1), noun("ad", 2), noun("no such row", 3)));
        assert_eq!(german, ("Anzeige".into(), "Anzeigen".into(), "no such rows".into()));
    }

    #[test]
    fn marks_stand_around_words_and_not_around_values() {
        let marked =
            in_language(Language::Marked, || fill("{ads} on {sites}", &[("ads", &2), ("sites", &"b")]));
        assert_eq!(marked, "2\u{27e6} on \u{27e7}b");
    }

    #[test]
    #[cfg(feature = "report")]
    fn values_go_into_their_places() {
        use maud::html;
        assert_eq!(
            fill("no such row: {ads} on {sites}", &[("sites", &"a {b}"), ("ads", &2)]),
            "no such row: 2 on a {b}"
        );
        assert_eq!(fill("no such row: {", &[]), "no such row: {");
        let link = html! { a href="/x" { "A & B" } };
        assert_eq!(
            phrase("no such row: < {link}", &[("link", link)]).0,
            "no such row: &lt; <a href=\"/x\">A &amp; B</a>"
        );
    }

    #[test]
    fn a_language_ends_with_what_was_made_in_it() {
        let inside =
            in_language(Language::German, || (current(), in_language(Language::English, current), current()));
        assert_eq!(inside, (Language::German, Language::English, Language::German));
        let panicked =
            std::panic::catch_unwind(|| in_language(Language::German, || panic!("a page that fails")));
        assert!(panicked.is_err());
        assert_eq!(current(), Language::English);
    }
}
