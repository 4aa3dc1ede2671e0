//! The frame around every page: head, navigation, help, status line, and at its foot the choice of the language.
//!
//! No inline script and no inline style: the policy in `guard` forbids both, so that nothing an ad says can ever
//! run, even if an escape were forgotten. Whatever comes from a case goes through the report's `text` all the same.

use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

use super::access::{Session, Visit};
use crate::language::{Language, current, say, word};
use crate::report::shown;
use crate::view::{STOP, stop_and_report};

pub(crate) const STYLE_PATH: &str = "/desk.css";
pub(crate) const SCRIPT_PATH: &str = "/desk.js";
/// Takes the choice of a language.
pub(crate) const LANGUAGE_PATH: &str = "/language";
pub(crate) const ICON_PATH: &str = "/favicon.ico";

/// The report's style first, so that its tables and charts look the same here.
pub(crate) const STYLE: &str = concat!(include_str!("../../report/style.css"), include_str!("desk.css"));
pub(crate) const SCRIPT: &str = include_str!("desk.js");

/// What keys do on the page of a pair: key as shown, what it does.
const KEYS: [(&str, &str); 16] = [
    ("S", word!("same photo")),
    ("D", word!("different photos")),
    ("C", word!("common photo: stock picture, logo, placeholder")),
    ("U", word!("unsure")),
    ("N", word!("next pair, without a decision")),
    ("Z", word!("take the last decision back")),
    (word!("Space"), word!("show the pictures for as long as it is held")),
    ("T", word!("image B as it lies in its file, where it is turned or mirrored")),
    ("X", word!("swap the two sides")),
    ("B", word!("blink between the two, laid over each other")),
    ("F", word!("difference of the two")),
    ("+", word!("zoom")),
    ("G", word!("without colours")),
    ("P", word!("the whole photo group")),
    ("W", word!("on the queue: whole photos first, all copies of one at once")),
    ("?", word!("this list")),
];

/// What the script says, by the name it asks for.
const SCRIPT_WORDS: [(&str, &str); 11] = [
    ("older", word!("; this page is older")),
    ("silent", word!("The desk does not answer")),
    ("turns", word!("A and B in turn, B laid on A")),
    ("difference", word!("Difference: black where the two agree")),
    ("filtered", word!("{shown} of {all} ads")),
    ("searching", word!("Searching")),
    ("large", word!("This file is too large.")),
    ("large-or-silent", word!("This file is too large, or the desk does not answer.")),
    ("storing", word!("Storing {file}")),
    ("large-list", word!("This list is too large to be dropped: choose it in the folder view.")),
    ("not-stored", word!("It could not be stored.")),
];

/// How current the networks are that a page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Currency {
    /// They do not know the latest decisions yet.
    pub(crate) updating: bool,
    /// How often they were replaced so far.
    pub(crate) generation: u64,
}

/// A page of the desk; without `currency` no case is open, and there is nothing else to go to. `country` is where the case is
/// worked on, empty where nobody said.
pub(crate) fn page(
    currency: Option<Currency>,
    visit: &Visit,
    country: &str,
    title: &str,
    body: &Markup,
) -> Markup {
    let generation = currency.map_or(0, |currency| currency.generation);
    document(
        title,
        &html! {
            body.desk data-form=(visit.form()) data-generation=(generation) data-words=(script_words()) {
                a.skip href="#main" { (say!("Skip to the content")) }
                header.bar {
                    nav aria-label=(say!("Desk")) {
                        @if visit.whole_job { a href="/start" { (say!("Case")) } }
                        @if currency.is_some() {
                            a href="/" { (say!("Desk")) }
                            a href="/queue" { (say!("Queue")) }
                            a href="/networks" { (say!("Networks")) }
                            a href="/search" { (say!("Search")) }
                            @if visit.whole_job { a href="/hand-out" { (say!("Hand out")) } }
                        }
                    }
                    @if let Some(currency) = currency { p #status role="status" { (status(currency.updating)) } }
                    p.who { (shown(&visit.reviewer)) }
                    button.help type="button" data-opens="help" aria-keyshortcuts="?" { (say!("Keys")) kbd { "?" } }
                }
                main #main tabindex="-1" { (body) }
                (foot(visit))
                (help(visit, country))
            }
        },
    )
}

/// A text as the value of a query in an address.
pub(crate) fn query_value(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// Whether the networks shown know all decisions.
pub(crate) fn status(updating: bool) -> &'static str {
    if updating { say!("Networks are being updated") } else { say!("Networks are up to date") }
}

fn script_words() -> String {
    let words = SCRIPT_WORDS.iter().map(|&(name, words)| (name.to_string(), Value::from(say(words))));
    Value::Object(words.collect::<Map<String, Value>>()).to_string()
}

/// The languages to choose from; the choice leads back to this page.
fn foot(visit: &Visit) -> Markup {
    html! {
        footer.foot {
            form.languages method="post" action=(LANGUAGE_PATH) {
                input type="hidden" name="form" value=(visit.form());
                input type="hidden" name="back" value=(visit.address);
                span.minor { (say!("Language")) }
                @for language in Language::ALL {
                    button name="language" value=(language.tag()) lang=(language.tag()) aria-pressed=((language == current()).to_string()) { (language.name()) }
                }
            }
        }
    }
}

fn help(session: &Session, country: &str) -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { (say!("Keys")) }
            dl.keys { @for (key, does) in KEYS { dt { kbd { (say(key)) } } dd { (say(does)) } } }
            p { label { input #keys-off type="checkbox"; " " (say!("Single keys off (buttons still work)")) } }
            p.minor {
                (say!(
                    "Pictures stay blurred until you ask. Each time one is shown is counted: {number} so far. Take breaks; nobody has to look.",
                    number = session.reveals()
                ))
            }
            p.minor { strong { (say(STOP)) ": " } (stop_and_report(country)) }
            form method="dialog" { button { (say!("Close")) } }
        }
    }
}

/// Said to whoever comes with an address that somebody came in with before.
pub(crate) const USED: &str = word!(
    "This address was used already: each lets in one browser. If that was not you, tell whoever runs the desk. Ending adlink there and starting it again prints new addresses."
);

/// The page for whoever is not let in.
pub(crate) fn refusal(reason: &str) -> Markup {
    let title = say!("Not here");
    let back = html! { p { a href="/" { (say!("To the desk")) } } };
    document(title, &html! { body.desk { main { h1 { (title) } p { (reason) } (back) } } })
}

/// The page that the printed address shows: it leads on from inside, for a browser does not send a strict cookie
/// along when somebody else's page led here.
pub(crate) fn entrance() -> Markup {
    html! {
        (DOCTYPE)
        html lang=(current().tag()) {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content="0; url=/";
                title { "adlink" }
                link rel="stylesheet" href=(STYLE_PATH);
            }
            body.desk { main { h1 { (say!("The desk is open")) } p { a href="/" { (say!("Go on")) } } } }
        }
    }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(current().tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " \u{b7} adlink" }
                link rel="stylesheet" href=(STYLE_PATH);
                script src=(SCRIPT_PATH) defer {}
            }
            (body)
        }
    }
}
