//! Values that a request gives, in its query, a form or JSON, with their types looked at.
//!
//! Text of a query or a form may spell a number, a switch or a list; in JSON each of them has its own type. The trap: an
//! option that is misspelt, or given twice, would change what is found, so it is refused.

use crate::api::http::answer::Problem;
use crate::api::http::request::switch;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Named values of a request.
pub(crate) struct Given {
    json: Map<String, Value>,
    texts: BTreeMap<String, String>,
}

impl Given {
    /// Of an object; what is null is not given.
    pub(crate) fn new(values: Map<String, Value>) -> Self {
        let json = values.into_iter().filter(|(_, value)| !value.is_null()).collect();
        Self { json, texts: BTreeMap::new() }
    }

    /// Adds text, as queries and forms have it.
    pub(crate) fn add(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        let twice = self.json.contains_key(name) || self.texts.contains_key(name);
        if twice {
            return Err(Problem::bad(format!("`{}` is given twice", shown(name))));
        }
        self.texts.insert(name.to_string(), text.to_string());
        Ok(())
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let value = self.texts.remove(name).map(Value::String).or_else(|| self.json.remove(name));
        match value {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::bad(format!("`{name}` must be text"))),
        }
    }

    pub(crate) fn needed(&mut self, name: &str) -> Result<String, Problem> {
        self.text(name)?.ok_or_else(|| Problem::bad(format!("`{name}` is missing")))
    }

    /// On or off; clients of HMA write it as text in JSON, too.
    pub(crate) fn switch(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        let value = self.texts.remove(name).map(Value::String).or_else(|| self.json.remove(name));
        match value {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(on)),
            Some(Value::String(text)) => switch(name, &text).map(Some),
            Some(_) => Err(Problem::bad(format!("`{name}` must be true or false"))),
        }
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Problem> {
        let number = match (self.texts.remove(name), self.json.remove(name)) {
            (None, None) => return Ok(None),
            (Some(text), _) => text.parse().ok(),
            (None, Some(value)) => value.as_u64(),
        };
        let refused = || Problem::bad(format!("`{name}` must be a whole number from {least} to {most}"));
        number.filter(|number| (least..=most).contains(number)).map(Some).ok_or_else(refused)
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&mut self, name: &str) -> Result<Option<f64>, Problem> {
        let Some(value) = self.json.remove(name) else { return Ok(None) };
        let refused = || Problem::bad(format!("`{name}` must be a number from 0 to 1"));
        value.as_f64().filter(|number| (0.0..=1.0).contains(number)).map(Some).ok_or_else(refused)
    }

    /// A list of texts; in text, with commas between.
    pub(crate) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        if let Some(text) = self.texts.remove(name) {
            return Ok(Some(text.split(',').filter(|part| !part.is_empty()).map(str::to_string).collect()));
        }
        let refused = || Problem::bad(format!("`{name}` must be a list of texts"));
        let Some(value) = self.json.remove(name) else { return Ok(None) };
        let Value::Array(values) = value else { return Err(refused()) };
        let text = |value: Value| value.as_str().map(str::to_string).ok_or_else(refused);
        values.into_iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// Whatever it is; of a query or a form, text.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.texts.remove(name).map(Value::String).or_else(|| self.json.remove(name))
    }

    /// Refuses what is left.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.json.keys().chain(self.texts.keys()).next() {
            None => Ok(()),
            Some(name) => Err(Problem::bad(format!("`{}` is not known here", shown(name)))),
        }
    }
}

/// The start of a name that a stranger chose.
fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: Value) -> Given {
        Given::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn text_spells_what_json_has_types_for() {
        let mut given = of(json!({ "null": null }));
        for (name, text) in [("n", "7"), ("s", "on"), ("l", "a,,b"), ("t", "x"), ("none", "")] {
            given.add(name, text).unwrap();
        }
        assert_eq!(given.number("n", 0, 9), Ok(Some(7)));
        assert_eq!(given.switch("s"), Ok(Some(true)));
        assert_eq!(given.list("l"), Ok(Some(vec!["a".into(), "b".into()])));
        assert_eq!(given.list("none"), Ok(Some(vec![])));
        assert_eq!(given.text("t"), Ok(Some("x".into())));
        assert_eq!((given.text("null"), given.list("gone")), (Ok(None), Ok(None)));
        assert!(given.finish().is_ok());
    }

    #[test]
    fn wrong_types_unknown_names_and_repeats_are_refused() {
        assert!(of(json!({ "a": "7" })).number("a", 0, 9).is_err());
        assert!(of(json!({ "a": 7.5 })).number("a", 0, 9).is_err());
        assert!(of(json!({ "a": 10 })).number("a", 0, 9).is_err());
        assert!(of(json!({ "a": "x" })).list("a").is_err());
        assert!(of(json!({ "a": [5] })).list("a").is_err());
        assert!(of(json!({ "a": "0.5" })).share("a").is_err());
        assert!(of(json!({ "a": 5 })).text("a").is_err());
        assert!(of(json!({ "a": 5 })).switch("a").is_err());
        assert!(of(json!({ "a": 5 })).finish().is_err());
        assert!(of(json!({ "a": 5 })).add("a", "5").is_err());
        assert!(of(json!({ "a": 5 })).needed("b").is_err());
    }
}
