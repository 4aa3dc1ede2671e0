//! Walks a document of JSON as it is read, and gives every element of its lists, one at a time.
//!
//! A list within an object of a list is walked itself, as the media within a case are. The trap: an entry may have a
//! list of such a name as well, `items` say, and whether an object is an entry or around some is known only when all
//! of it was read. So within a list such lists are held until then, as far as an entry could be so long.

use super::{fields, vics};
use crate::error::{Error, Result};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Values of an object, and of a list in it, that are kept; more are no entry of anything.
const MOST_VALUES: usize = 1000;

/// What kind of element an array has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementOf {
    /// Project VIC's `Media`, or `value` with media in it.
    Media,
    /// StopNCII's `hashRecords`.
    HashRecords,
    /// Another.
    Other,
}

impl ElementOf {
    /// The kind of an array of this name, if it is one to walk.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Media" => Self::Media,
            "hashRecords" => Self::HashRecords,
            "value" | "entries" | "hashes" | "signals" | "items" => Self::Other,
            _ => return None,
        })
    }
}

/// Why the reading stopped, where that was no fault of the document.
#[derive(Default)]
pub(super) struct ReadingStopped(pub(super) Option<Error>);

/// Takes an element, or why it is none.
type Give<'e> = dyn FnMut(ElementOf, Result<Map<String, Value>, String>) -> Result<()> + 'e;

/// A value that may be an element, or hold some.
pub(super) struct Elements<'e, 'g> {
    pub(super) array: ElementOf,
    /// It is an element of a list, and not the document itself.
    pub(super) listed: bool,
    pub(super) give: &'e mut Give<'g>,
    pub(super) stopped: &'e mut ReadingStopped,
}

impl<'g> Elements<'_, 'g> {
    /// An element of a list of this kind.
    fn within(&mut self, array: ElementOf) -> Elements<'_, 'g> {
        Elements { array, listed: true, give: &mut *self.give, stopped: &mut *self.stopped }
    }

    fn give<E: serde::de::Error>(&mut self, element: Result<Map<String, Value>, String>) -> Result<(), E> {
        self.give_of(self.array, element)
    }

    fn give_of<E: serde::de::Error>(
        &mut self,
        array: ElementOf,
        element: Result<Map<String, Value>, String>,
    ) -> Result<(), E> {
        (self.give)(array, element).map_err(|error| {
            self.stopped.0 = Some(error);
            E::custom("stopped")
        })
    }

    /// A number, say, where an entry is expected.
    fn none<E: serde::de::Error>(mut self, value: impl fmt::Display) -> Result<(), E> {
        self.give(Err(format!("`{value}` is no entry: expected an object or a hash as text")))
    }

    /// Walks a list that was held.
    fn walk<E: serde::de::Error>(&mut self, array: ElementOf, list: Vec<Value>) -> Result<(), E> {
        list.into_iter().try_for_each(|value| self.within(array).deserialize(value).map_err(E::custom))
    }

    /// Reads a list of an object: held as far as it may be a value of an entry, and else walked.
    fn list<'de, A: SeqAccess<'de>>(
        &mut self,
        array: ElementOf,
        holding: Holding,
        mut list: A,
    ) -> Result<Option<Vec<Value>>, A::Error> {
        let mut held = Vec::new();
        while holding != Holding::Nothing && held.len() < MOST_VALUES {
            match list.next_element::<Value>() {
                Ok(None) => return Ok(Some(held)),
                Ok(Some(value)) => held.push(value),
                Err(error) => {
                    self.walk(array, held)?;
                    return Err(error);
                }
            }
            if holding == Holding::Plain && held.last().is_some_and(Value::is_object) {
                break;
            }
        }
        self.walk(array, held)?;
        while list.next_element_seed(self.within(array))?.is_some() {}
        Ok(None)
    }
}

/// Which lists of an object may be values of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    Nothing,
    /// Those of plain values. A document may have a digest beside its list of objects.
    Plain,
    All,
}

impl<'de> DeserializeSeed<'de> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, or a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let array = self.array;
        while list.next_element_seed(self.within(array))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (mut object, mut around) = (Map::new(), false);
        while let Some(name) = map.next_key::<String>()? {
            match ElementOf::of(&name) {
                // A key of that name with a plain value is a field like any other.
                Some(array) => {
                    let holding = match array {
                        ElementOf::Other if self.listed => Holding::All,
                        ElementOf::Other if fields::names_hash(&object) => Holding::Plain,
                        _ => Holding::Nothing,
                    };
                    let seed = ListOrValue { elements: self.within(array), holding };
                    match map.next_value_seed(seed)? {
                        Some(value) => drop(object.insert(name, value)),
                        None => around = true,
                    }
                }
                None if object.len() < MOST_VALUES => drop(object.insert(name, map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if vics::is_medium(&object) {
            return self.give_of(ElementOf::Media, Ok(object));
        }
        let is_entry = fields::names_hash(&object);
        if !is_entry {
            for (name, value) in &mut object {
                if let (Some(array), Value::Array(list)) = (ElementOf::of(name), value) {
                    self.walk(array, std::mem::take(list))?;
                    around = true;
                }
            }
        }
        if around && !(is_entry && self.listed) { Ok(()) } else { self.give(Ok(object)) }
    }

    /// A list of bare hashes.
    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> Result<(), E> {
        self.give(Ok(Map::from_iter([("hash".to_string(), text.into())])))
    }

    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<(), E> {
        self.none(yes)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.none(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.none(number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.none(number)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.none("null")
    }
}

/// The value of a key under which entries may lie: what is to be walked is, and anything else is returned.
struct ListOrValue<'e, 'g> {
    elements: Elements<'e, 'g>,
    holding: Holding,
}

impl<'de> DeserializeSeed<'de> for ListOrValue<'_, '_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<Value>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListOrValue<'_, '_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, list: A) -> Result<Option<Value>, A::Error> {
        let array = self.elements.array;
        Ok(self.elements.list(array, self.holding, list)?.map(Value::Array))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Value>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<Value>, E> {
        Ok(Some(text.into()))
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Option<Value>, E> {
        Ok(Some(yes.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<Value>, E> {
        Ok(Some(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<Value>, E> {
        Ok(Some(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<Value>, E> {
        Ok(Some(number.into()))
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(Some(Value::Null))
    }
}
