//! A sentence of the table in pieces: words, and places for values.
//!
//! The trap: a bracket that nothing closes is a word like any other.

/// A part of a sentence.
pub(super) enum Piece<'a> {
    Words(&'a str),
    /// The name in brackets.
    Place(&'a str),
}

/// Words and places of a sentence, one after the other.
pub(super) struct Pieces<'a>(pub(super) &'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.0.is_empty() {
            return None;
        }
        if let Some(rest) = self.0.strip_prefix('{')
            && let Some((name, rest)) = rest.split_once('}')
        {
            self.0 = rest;
            return Some(Piece::Place(name));
        }
        let start = usize::from(self.0.starts_with('{'));
        let end = self.0[start..].find('{').map_or(self.0.len(), |at| at + start);
        let (words, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(Piece::Words(words))
    }
}
