//! The frame around every page: head, navigation, help, status line.
//!
//! No inline script and no inline style: the policy in `guard` forbids both, so that nothing an ad says can ever
//! run, even if an escape were forgotten. Whatever comes from a case goes through the report's `text` all the same.

use maud::{DOCTYPE, Markup, html};

use super::access::Session;
use crate::report::shown;
use crate::view::{STOP, stop_and_report};

pub(crate) const STYLE_PATH: &str = "/desk.css";
pub(crate) const SCRIPT_PATH: &str = "/desk.js";
pub(crate) const ICON_PATH: &str = "/favicon.ico";

/// The report's style first, so that its tables and charts look the same here.
pub(crate) const STYLE: &str = concat!(include_str!("../../report/style.css"), include_str!("desk.css"));
pub(crate) const SCRIPT: &str = include_str!("desk.js");

/// What keys do on the page of a pair: key as shown, what it does.
const KEYS: [(&str, &str); 16] = [
    ("S", "same photo"),
    ("D", "different photos"),
    ("C", "common photo: stock picture, logo, placeholder"),
    ("U", "unsure"),
    ("N", "next pair, without a decision"),
    ("Z", "take the last decision back"),
    ("Space", "show the pictures for as long as it is held"),
    ("T", "image B as it lies in its file, where it is turned or mirrored"),
    ("X", "swap the two sides"),
    ("B", "blink between the two, laid over each other"),
    ("F", "difference of the two"),
    ("+", "zoom"),
    ("G", "without colours"),
    ("P", "the whole photo group"),
    ("W", "on the queue: whole photos first, all copies of one at once"),
    ("?", "this list"),
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
    session: &Session,
    country: &str,
    title: &str,
    body: &Markup,
) -> Markup {
    let generation = currency.map_or(0, |currency| currency.generation);
    document(
        title,
        &html! {
            body.desk data-form=(session.form()) data-generation=(generation) {
                a.skip href="#main" { "Skip to the content" }
                header.bar {
                    nav aria-label="Desk" {
                        @if session.whole_job { a href="/start" { "Case" } }
                        @if currency.is_some() {
                            a href="/" { "Desk" }
                            a href="/queue" { "Queue" }
                            a href="/networks" { "Networks" }
                            a href="/search" { "Search" }
                            @if session.whole_job { a href="/hand-out" { "Hand out" } }
                        }
                    }
                    @if let Some(currency) = currency { p #status role="status" { (status(currency.updating)) } }
                    p.who { (shown(&session.reviewer)) }
                    button.help type="button" data-opens="help" aria-keyshortcuts="?" { "Keys" kbd { "?" } }
                }
                main #main tabindex="-1" { (body) }
                (help(session, country))
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
pub(crate) const fn status(updating: bool) -> &'static str {
    if updating { "Networks are being updated" } else { "Networks are up to date" }
}

fn help(session: &Session, country: &str) -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl.keys { @for (key, does) in KEYS { dt { kbd { (key) } } dd { (does) } } }
            p { label { input #keys-off type="checkbox"; " Single keys off (buttons still work)" } }
            p.minor {
                "Pictures stay blurred until you ask. Each time one is shown is counted: "
                (session.reveals()) " so far. Take breaks; nobody has to look."
            }
            p.minor { strong { (STOP) ": " } (stop_and_report(country)) }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// Said to whoever comes with an address that somebody came in with before.
pub(crate) const USED: &str = "This address was used already: each lets in one browser. If that was not you, tell whoever \
                               runs the desk. Ending adlink there and starting it again prints new addresses.";

/// The page for whoever is not let in.
pub(crate) fn refusal(reason: &str) -> Markup {
    document("Not here", &html! { body.desk { main { h1 { "Not here" } p { (reason) } } } })
}

/// The page that the printed address shows: it leads on from inside, for a browser does not send a strict cookie
/// along when somebody else's page led here.
pub(crate) fn entrance() -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content="0; url=/";
                title { "adlink" }
                link rel="stylesheet" href=(STYLE_PATH);
            }
            body.desk { main { h1 { "The desk is open" } p { a href="/" { "Go on" } } } }
        }
    }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
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
