//! Banks: named, versioned lists of hashes, and what may be said of one.
//!
//! A bank is told apart by its name in files and flags, and by its id where it may be renamed meanwhile. The trap: a
//! bank that is off or past its day is still there, and still exported; it only takes no part in matching.

use super::decision_form::refused;
use crate::codes::codes;
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt;

/// Characters of a name.
const MAX_NAME: usize = 255;
/// Characters of a source, and of a mark of handling.
const MAX_TEXT: usize = 500;

/// A bank of one case. Never used again, also when the bank is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankId(pub u32);

impl fmt::Display for BankId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

codes! {
    /// What a bank is a list of.
    pub enum BankKind: u8 {
        /// Stock pictures, logos, placeholders.
        Common => "common", "photos shown by many who have nothing to do with each other";
        /// What somebody looks for.
        Known => "known", "photos that are looked for";
        /// Made here.
        Ours => "ours", "photos of this office";
        /// Handed over by a partner.
        Theirs => "theirs", "photos of a partner";
    }
}

/// A named list of hashes as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Bank {
    /// Stays through renaming.
    pub id: BankId,
    /// What is said of it.
    pub facts: NewBank,
    /// Counts its changes, from 1; see [`BankVersion`].
    pub version: u64,
}

impl Bank {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// Whether its day is over at `now`, in Unix seconds. The day itself still counts.
    pub fn is_expired(&self, now: i64) -> bool {
        if self.facts.expires.is_empty() {
            return false;
        }
        let today = Timestamp::from_second(now).map(|now| now.to_zoned(TimeZone::UTC).date());
        let last = self.facts.expires.parse::<Date>();
        matches!((today, last), (Ok(today), Ok(last)) if today > last)
    }
}

/// What is said of a bank, also of one that is still to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBank {
    /// Capitals, digits and `_`, and no digit first: what exchanges of hashes take.
    pub name: String,
    /// What it is a list of.
    pub kind: BankKind,
    /// Who gave it.
    pub source: String,
    /// How it is to be handled: a protective marking.
    pub handling: String,
    /// The last day on which it is used, as `2027-01-31`; empty for none.
    pub expires: String,
    /// Share of look-ups that it answers, 0 to 1: 0 is off, 1 is on.
    pub ratio: f64,
}

impl NewBank {
    /// One that is on, of which no more is said.
    pub fn named(name: impl Into<String>, kind: BankKind) -> Self {
        let unsaid = String::new;
        Self { name: name.into(), kind, source: unsaid(), handling: unsaid(), expires: unsaid(), ratio: 1.0 }
    }

    /// Refuses what cannot be said of a bank.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::error::Error::Parameter) names the field.
    pub fn check(&self) -> Result<()> {
        if !is_bank_name(&self.name) {
            let expected =
                format!("capitals, digits and `_`, no digit first, at most {MAX_NAME}: KNOWN_2026");
            return Err(refused("bank", &self.name, expected));
        }
        for (name, text) in [("source", &self.source), ("handling", &self.handling)] {
            if text.chars().count() > MAX_TEXT || text.contains(char::is_control) {
                return Err(refused(name, text, format!("one line of at most {MAX_TEXT} characters")));
            }
        }
        if !self.expires.is_empty() && self.expires.parse::<Date>().is_err() {
            return Err(refused("expires", &self.expires, "a day such as 2027-01-31".into()));
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            return Err(refused("ratio", &self.ratio.to_string(), "a number from 0 to 1".into()));
        }
        Ok(())
    }

    /// The same after a change.
    #[must_use]
    pub fn changed(&self, change: &BankChange) -> Self {
        let text = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        Self {
            name: text(&change.name, &self.name),
            kind: change.kind.unwrap_or(self.kind),
            source: text(&change.source, &self.source),
            handling: text(&change.handling, &self.handling),
            expires: text(&change.expires, &self.expires),
            ratio: change.ratio.unwrap_or(self.ratio),
        }
    }
}

/// Whether a bank may be called so.
pub fn is_bank_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase() || first == '_')
        && letters.all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
        && name.len() <= MAX_NAME
}

/// What is to be said of a bank from now on; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BankChange {
    /// See [`NewBank::name`].
    pub name: Option<String>,
    /// See [`NewBank::kind`].
    pub kind: Option<BankKind>,
    /// See [`NewBank::source`].
    pub source: Option<String>,
    /// See [`NewBank::handling`].
    pub handling: Option<String>,
    /// See [`NewBank::expires`].
    pub expires: Option<String>,
    /// See [`NewBank::ratio`].
    pub ratio: Option<f64>,
}

/// What made one version of a bank out of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankVersion {
    /// What the bank was called then.
    pub name: String,
    /// From 1.
    pub version: u64,
    /// When, ISO 8601 UTC.
    pub at: String,
    /// Who was at work; empty when nobody said.
    pub by: String,
    /// What was done: `create`, `change`, `add`, `import`, `change-entry`, `remove-entry`, `withdraw`, `remove`.
    pub action: String,
    /// What was read, if anything was.
    pub list: ListOrigin,
    /// What became of the entries.
    pub entries: EntryCounts,
}

/// Where entries came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOrigin {
    /// Name of the file or folder; empty for entries that came one by one.
    pub file: String,
    /// SHA-256 of its bytes, in hex; empty where there were none.
    pub sha256: String,
}

/// How many entries a change of a bank touched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryCounts {
    /// New.
    pub added: u64,
    /// Gone.
    pub removed: u64,
    /// The same, with something else said of it.
    pub changed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_exchanges_take() {
        for name in ["A", "_", "KNOWN_2026", "A1", &"A".repeat(255)] {
            assert!(is_bank_name(name), "{name}");
        }
        for name in ["", "1A", "known", "A-B", "A B", "Ä", "A\n", &"A".repeat(256)] {
            assert!(!is_bank_name(name), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused_by_its_field() {
        let good = NewBank::named("A", BankKind::Known);
        assert!(good.check().is_ok());
        for (bad, field) in [
            (NewBank { name: "a".into(), ..good.clone() }, "bank"),
            (NewBank { source: "a\nb".into(), ..good.clone() }, "source"),
            (NewBank { handling: "x".repeat(501), ..good.clone() }, "handling"),
            (NewBank { expires: "soon".into(), ..good.clone() }, "expires"),
            (NewBank { ratio: 1.5, ..good.clone() }, "ratio"),
            (NewBank { ratio: f64::NAN, ..good.clone() }, "ratio"),
        ] {
            let error = bad.check().expect_err(field).to_string();
            assert!(error.starts_with(field), "{error}");
        }
    }

    #[test]
    fn the_last_day_still_counts() {
        let facts = NewBank { expires: "2026-01-31".into(), ..NewBank::named("A", BankKind::Known) };
        let bank = Bank { id: BankId(1), facts, version: 1 };
        let at = |text: &str| text.parse::<Timestamp>().expect("a time").as_second();
        assert!(!bank.is_expired(at("2026-01-31T23:59:59Z")));
        assert!(bank.is_expired(at("2026-02-01T00:00:00Z")));
        let unlimited = Bank { facts: NewBank::named("A", BankKind::Known), ..bank };
        assert!(!unlimited.is_expired(at("2099-01-01T00:00:00Z")));
    }
}
