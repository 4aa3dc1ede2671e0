//! JSON Lines: an entry an object, an object a line.
//!
//! A line that is broken is refused alone; the next one stands for itself. The trap: a line may be a medium of Project
//! VIC, whose films and other hashes are told in another way.

use super::digits::BareDigits;
use super::fields::EntryFields;
use super::stream::ListStream;
use super::tally::{ListIntake, ListSaid};
use super::vics;
use crate::error::Result;
use serde_json::{Map, Value};

pub(super) fn read(stream: &mut ListStream<'_>, intake: &mut ListIntake<'_>) -> Result<()> {
    stream.each_line(intake, str::is_empty, |text, bare| {
        let object = serde_json::from_str(text).map_err(|error| error.to_string());
        object.and_then(|object| said(object, bare))
    })
}

/// What an object says.
pub(super) fn said(object: Map<String, Value>, bare: BareDigits) -> Result<ListSaid, String> {
    if vics::is_medium(&object) {
        return vics::said(&object);
    }
    let mut fields = EntryFields::new(bare);
    object.into_iter().for_each(|(name, value)| fields.put(&name, value));
    fields.said()
}
