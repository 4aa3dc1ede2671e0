//! Documents of JSON: lists of objects, of a kind that their names tell, at any place of one object.
//!
//! Project VIC's hash sets and cases, StopNCII's records, and lists of plain objects. The trap: a document that
//! breaks off says nothing of what it would have said, so its rest is one refusal, and no entry goes for being
//! missing.

use super::elements::{ElementOf, Elements, ReadingStopped};
use super::stream::{ListStream, Watch, WatchedReader};
use super::tally::ListIntake;
use super::{json_lines, stopncii, vics};
use crate::error::Result;
use serde::de::DeserializeSeed;

pub(super) fn read(stream: &mut ListStream<'_>, intake: &mut ListIntake<'_>) -> Result<()> {
    let watch = Watch::default();
    let mut stopped = ReadingStopped::default();
    let outcome = {
        let reader = WatchedReader::new(stream.reader(), &watch);
        let mut json = serde_json::Deserializer::from_reader(reader);
        let mut give = |array: ElementOf, element: Result<_, String>| {
            watch.element();
            let said = element.and_then(|object| match array {
                ElementOf::HashRecords => {
                    intake.is_feed();
                    stopncii::said(object)
                }
                ElementOf::Media => vics::said(&object),
                ElementOf::Other => json_lines::said(object, intake.bare),
            });
            intake.take(watch.line(), said)
        };
        let array = ElementOf::Other;
        let elements = Elements { array, listed: false, give: &mut give, stopped: &mut stopped };
        elements.deserialize(&mut json).and_then(|()| json.end())
    };
    if let Some(error) = stopped.0 {
        return Err(error);
    }
    if let Err(error) = outcome {
        intake.refuse(watch.line(), format!("{error}; the rest of the file was not read"));
    }
    Ok(())
}
