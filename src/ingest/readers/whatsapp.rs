//! Chats that WhatsApp exports: a text of messages, and the files they name beside it. A message with pictures is an ad.
//!
//! The trap: the form of a line and the order of its date are those of the phone's country. The order is told from all
//! dates of the chat, where they allow one reading.

use super::layout::{At, Sink};
use super::sidecars::by_itself;
use super::tree::{Entry, Tree};
use crate::error::Result;
use crate::ingest::record::Place;
use crate::source::read_file;
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// The largest chat that is read.
const LARGEST: u64 = 256 << 20;

/// The texts of chats in a tree.
pub(super) fn chats(tree: &Tree) -> Vec<&Entry> {
    let is_chat = |entry: &&Entry| {
        let name = entry.file_name();
        name == "_chat.txt" || name.starts_with("WhatsApp") && name.ends_with(".txt")
    };
    tree.entries.iter().filter(is_chat).collect()
}

/// A message as the chat has it.
struct Message {
    line: u64,
    time: String,
    sender: String,
    text: String,
}

/// Hands on the messages with pictures.
pub(super) fn read(tree: &Tree, sink: &mut dyn Sink) -> Result<()> {
    let mut used = BTreeSet::new();
    for chat in chats(tree) {
        used.insert(chat.name.clone());
        let text = match read_file(&chat.path, LARGEST) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(fault) => {
                sink.record(At::default(), Err(format!("{}: {}", chat.name, fault.detail)))?;
                continue;
            }
        };
        let messages = messages(&text);
        let day_first = messages.iter().any(|message| leading(&message.time).0 > 12);
        let month_first = messages.iter().any(|message| leading(&message.time).1 > 12);
        if day_first == month_first && !messages.is_empty() {
            sink.note("days", "no date of the chat tells whether the day or the month comes first; taken as day first, as most phones write it");
        }
        let site = if chat.folder().is_empty() { tree.site.clone() } else { chat.folder().to_string() };
        for message in &messages {
            let places = places(tree, chat.folder(), &message.text, &mut used);
            if !places.is_empty() {
                sink.shown(
                    At::line(message.line),
                    columns(message, &site, month_first && !day_first),
                    places,
                )?;
            }
        }
    }
    for entry in tree.entries.iter().filter(|entry| !used.contains(&entry.name)) {
        if entry.is_image() {
            by_itself(entry, &format!("whatsapp {}", tree.site), sink)?;
        } else {
            sink.unused(entry.kind(), 1);
        }
    }
    Ok(())
}

fn columns(message: &Message, site: &str, month_first: bool) -> Map<String, serde_json::Value> {
    let (first, second) = leading(&message.time);
    let (day, month) = if month_first { (second, first) } else { (first, second) };
    let rest: String = message.time.split(['.', '/', '-']).nth(2).unwrap_or_default().into();
    let (year, clock) = rest.split_once([',', ' ']).unwrap_or((rest.as_str(), ""));
    let year = if year.len() == 2 { format!("20{year}") } else { year.to_string() };
    let clock: String = clock.trim().chars().map(|c| if c == '\u{202f}' { ' ' } else { c }).collect();
    let posted = format!("{day} {} {year} {clock}", MONTHS.get(month.wrapping_sub(1)).unwrap_or(&""));
    let pairs = [
        ("site", json!(format!("whatsapp {site}"))),
        ("ad_id", json!(format!("{} {}", message.time, message.line))),
        ("posted_at", json!(posted.trim())),
        ("poster", json!(message.sender)),
        ("text", json!(message.text)),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The first two numbers of a date.
fn leading(time: &str) -> (usize, usize) {
    let mut numbers = time.split(['.', '/', '-']).map(|part| part.trim().parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// `[01.01.26, 10:00:00] Name: text` of iPhones, `1/2/26, 10:00 - Name: text` of Android; other lines go on.
fn messages(text: &str) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line: String =
            line.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}')).collect();
        match begins(&line) {
            Some((time, rest)) => {
                let (sender, words) = rest.split_once(": ").unwrap_or(("", rest));
                messages.push(Message {
                    line: number,
                    time: time.into(),
                    sender: sender.into(),
                    text: words.into(),
                });
            }
            None => {
                if let Some(message) = messages.last_mut() {
                    message.text.push('\n');
                    message.text.push_str(&line);
                }
            }
        }
    }
    messages
}

fn begins(line: &str) -> Option<(&str, &str)> {
    let (time, rest) = match line.strip_prefix('[') {
        Some(inner) => inner.split_once("] ")?,
        None => line.split_once(" - ")?,
    };
    let digits = time.bytes().filter(u8::is_ascii_digit).count();
    let dated = time.starts_with(|c: char| c.is_ascii_digit())
        && time.contains(':')
        && (7..=14).contains(&digits)
        && time.len() < 32;
    dated.then_some((time, rest))
}

/// The pictures that a message names: `<attached: NAME>`, or `NAME (file attached)` in whatever language.
fn places(tree: &Tree, folder: &str, text: &str, used: &mut BTreeSet<String>) -> Vec<Place> {
    let words = text.split(['<', '>', ' ', '\n', '(', ')', ':']);
    let mut places = Vec::new();
    for word in words.filter(|word| word.contains('.')) {
        let name = if folder.is_empty() { word.to_string() } else { format!("{folder}/{word}") };
        if let Some(entry) = tree.get(&name).filter(|entry| entry.is_image()) {
            used.insert(name);
            places.push(Place { position: places.len() as u32, ..entry.place() });
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_both_phones() {
        let found = messages(
            "[01.01.26, 10:00:00] X: hi\nthere\n1/2/26, 10:05 PM - +49 1: IMG-1.jpg (file attached)\nno: date",
        );
        let found: Vec<_> =
            found.iter().map(|m| (m.line, m.time.as_str(), m.sender.as_str(), m.text.as_str())).collect();
        assert_eq!(
            found,
            [
                (1, "01.01.26, 10:00:00", "X", "hi\nthere"),
                (3, "1/2/26, 10:05 PM", "+49 1", "IMG-1.jpg (file attached)\nno: date"),
            ]
        );
        let told = columns(&messages("[13.01.26, 10:00:00] X: hi")[0], "s", false);
        assert_eq!(told["posted_at"], "13 Jan 2026 10:00:00");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\[|\\] |[0-9./:, -]|X: |\n|é){0,40}") {
            messages(&text).iter().for_each(|message| drop(columns(message, "s", true)));
        }
    }
}
