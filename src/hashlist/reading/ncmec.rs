//! Pages of NCMEC's hash exchange, version 2: XML, an element an image, read as it comes.
//!
//! Names of elements are taken without their namespace. Entities beyond the five of XML are refused, so nothing in a
//! page grows when it is read. The trap: ids are unique for one member only, so an entry is known by both; and a page
//! says what changed, so an image that it does not name is still wanted.

use super::digits::{BareDigits, put};
use super::fields::kind_of;
use super::stream::{ListStream, Watch, WatchedReader};
use super::tally::{ListIntake, ListSaid};
use crate::corpus::NewEntry;
use crate::error::{Error, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

/// Elements within elements at the most.
const DEEPEST: usize = 32;
/// Bytes of text of one image at the most.
const MOST_TEXT: usize = 64 << 10;

pub(super) fn read(stream: &mut ListStream<'_>, intake: &mut ListIntake<'_>) -> Result<()> {
    let watch = Watch::default();
    let mut xml = Reader::from_reader(WatchedReader::new(stream.reader(), &watch));
    let (mut bytes, mut page) = (Vec::new(), NcmecPage::default());
    intake.is_feed();
    loop {
        bytes.clear();
        let outcome = match xml.read_event_into(&mut bytes) {
            Ok(Event::Eof) if page.path.is_empty() && page.met_root => return Ok(()),
            Ok(Event::Eof) => Err("it ends before it is complete".into()),
            Ok(event) => page.event(&event),
            Err(quick_xml::Error::Io(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(said)) => {
                watch.element();
                intake.take(watch.line(), said)?;
            }
            Err(reason) if !page.met_root => {
                return Err(Error::Table { path: intake.file().into(), line: watch.line(), reason });
            }
            Err(reason) => {
                intake.refuse(watch.line(), format!("{reason}; the rest of the file was not read"));
                return Ok(());
            }
        }
    }
}

/// Where the reading is, and the image it is in.
#[derive(Default)]
struct NcmecPage {
    met_root: bool,
    path: Vec<String>,
    image: Option<ListedImage>,
}

/// An image on its way.
#[derive(Default)]
struct ListedImage {
    /// How deep its element lies.
    depth: usize,
    /// It is on the list no more, or it is no picture.
    deleted: bool,
    film: bool,
    member: String,
    id: String,
    text: String,
    size: usize,
    fingerprints: Vec<(String, String)>,
    facts: Map<String, Value>,
}

/// What an event tells: an image with all of it, or why the rest cannot be read.
type NcmecTold = Result<Option<Result<ListSaid, String>>, String>;

impl NcmecPage {
    fn event(&mut self, event: &Event<'_>) -> NcmecTold {
        match event {
            Event::Start(start) => self.start(start).map(|()| None),
            Event::Empty(start) => {
                self.start(start)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(name) => self.text(&resolved(name)?),
            Event::DocType(_) => Err("a document type: pages of lists have none".into()),
            _ => Ok(None),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = start.local_name().as_ref().to_string();
        if !self.met_root {
            if name != "queryResult" {
                return Err(format!("`{name}` is no list that is known: expected NCMEC's `queryResult`"));
            }
            self.met_root = true;
        }
        if self.path.len() >= DEEPEST {
            return Err(format!("more than {DEEPEST} elements within each other"));
        }
        self.path.push(name);
        let depth = self.path.len();
        let name = &self.path[depth - 1];
        match &mut self.image {
            None if matches!(name.as_str(), "image" | "deletedImage" | "video" | "deletedVideo") => {
                self.image = Some(ListedImage {
                    depth,
                    deleted: name.starts_with("deleted"),
                    film: name.to_lowercase().ends_with("video"),
                    ..ListedImage::default()
                });
            }
            None => {}
            Some(image) => {
                image.text.clear();
                if depth > image.depth + 1 && self.path[image.depth] != "fingerprints" {
                    image.further(&self.path[image.depth], format!("{name}{}", start.attributes_raw()))?;
                }
                // Those who gave feedback are members, too.
                if name == "member" && depth == image.depth + 1 {
                    let id = start.try_get_attribute("id").map_err(|error| error.to_string())?;
                    image.member = id.map_or_else(String::new, |id| id.value.trim().into());
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> NcmecTold {
        if let Some(image) = &mut self.image {
            image.size += text.len();
            if image.size > MOST_TEXT {
                return Err(format!("an image of more than {} KiB of text", MOST_TEXT >> 10));
            }
            image.text.push_str(text);
        }
        Ok(None)
    }

    fn end(&mut self) -> NcmecTold {
        let depth = self.path.len();
        let Some(name) = self.path.pop() else { return Ok(None) };
        let Some(image) = &mut self.image else { return Ok(None) };
        if image.depth == depth {
            return Ok(self.image.take().map(ListedImage::said));
        }
        let text = std::mem::take(&mut image.text).trim().to_string();
        let is_direct = depth == image.depth + 1;
        if self.path.last().is_some_and(|around| around == "fingerprints") {
            image.fingerprints.push((name, text));
        } else if is_direct && name == "id" {
            image.id = text;
        } else if is_direct && !text.is_empty() {
            image.facts.insert(name, text.into());
        } else if !text.is_empty() {
            image.further(&self.path[image.depth], text)?;
        }
        Ok(None)
    }
}

impl ListedImage {
    /// Keeps what lies deeper, one word after the other: who gave which feedback.
    fn further(&mut self, of: &str, word: String) -> Result<(), String> {
        self.size += word.len();
        if self.size > MOST_TEXT {
            return Err(format!("an image of more than {} KiB of text", MOST_TEXT >> 10));
        }
        match self.facts.entry(of).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(words) => words.push(word.into()),
            other => *other = Value::Array(vec![other.take(), word.into()]),
        }
        Ok(())
    }

    fn said(self) -> Result<ListSaid, String> {
        if self.film {
            return Ok(ListSaid::Nothing);
        }
        if self.id.is_empty() {
            return Err("an image without `id`".into());
        }
        let mut entry =
            NewEntry { outside_id: format!("{}/{}", self.member, self.id), ..NewEntry::default() };
        if self.deleted {
            return Ok(ListSaid::Withdrawn(Box::new(entry)));
        }
        let (mut padded, mut facts) = (false, self.facts);
        for (name, digits) in self.fingerprints.into_iter().filter(|(_, digits)| !digits.is_empty()) {
            match kind_of(&name) {
                Some(kind) => padded |= put(&mut entry, kind, &digits, BareDigits::Pdq)?,
                None => drop(facts.insert(name, digits.into())),
            }
        }
        if !entry.names_something() {
            return Err(format!("image `{}` without PDQ, MD5 or SHA1", self.id));
        }
        let class = facts.get("classification").and_then(Value::as_str).map(str::to_string);
        entry.labels = class.into_iter().collect();
        entry.metadata = Value::Object(facts).to_string();
        Ok(ListSaid::Entry(Box::new(entry), padded))
    }
}

/// One of the five entities of XML, or a character by its number.
fn resolved(name: &BytesRef<'_>) -> Result<String, String> {
    if let Some(letter) = name.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(letter.to_string());
    }
    let letter = match &**name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        other => return Err(format!("the entity `{}`, which XML does not have", other)),
    };
    Ok(letter.into())
}
