//! The header of a case: facts about why it is held and where, kept with the other facts about the file.

use super::header_rows::load;
use super::open::Case;
use crate::case::audit;
use crate::corpus::Header;
use crate::error::{Error, Result};
use rusqlite::{Transaction, TransactionBehavior, params};
use serde_json::{Map, Value};

/// Characters of a field.
const MAX: usize = 500;

impl Case {
    /// Why the case is held.
    ///
    /// # Errors
    /// When the case cannot be read.
    pub fn header(&self) -> Result<Header> {
        self.in_case(load)
    }

    /// Says why the case is held, in place of what was said before; both stand in the audit chain. The case must be open
    /// for writing.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the field that cannot be.
    pub fn set_header(&mut self, header: &Header) -> Result<()> {
        for (name, value) in header.said() {
            let expected = match name {
                "retain_until" if value.parse::<jiff::civil::Date>().is_err() => {
                    "a day such as 2027-01-31".into()
                }
                "country"
                    if !(value.len() == 2 && value.bytes().all(|letter| letter.is_ascii_uppercase())) =>
                {
                    "the two letters of a country, such as GB".into()
                }
                _ if value.chars().count() > MAX => format!("at most {MAX} characters"),
                _ if value.contains(char::is_control) => "one line of text".into(),
                _ => continue,
            };
            return Err(Error::Parameter { name, value: value.chars().take(60).collect(), expected });
        }
        let said: Map<String, Value> =
            header.said().map(|(name, value)| (name.into(), value.into())).collect();
        let detail = self.signed(&Value::Object(said));
        self.in_case(|db| {
            let whole = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            whole.execute("DELETE FROM meta WHERE name LIKE 'case.%'", [])?;
            for (name, value) in header.said() {
                let insert = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
                whole.execute(insert, params![format!("case.{name}"), value])?;
            }
            audit::append(&whole, "header", &detail)?;
            Ok(whole.commit()?)
        })
    }
}
