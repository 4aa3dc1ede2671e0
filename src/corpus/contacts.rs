//! Contacts other than phones, in normal form: handles, mail addresses, messenger links.
//!
//! They are read from an ad's fields and its text. The trap is the placeholder: `n/a`, `anonymous` and a bare dash
//! stand in the field of every ad that gives no contact, and would make one voice of them all.

use crate::record::Ad;

/// What stands where nobody is named.
const PLACEHOLDERS: [&str; 65] = [
    "advertiser",
    "anonymous user",
    "anuncio particular",
    "escort",
    "guest user",
    "independent",
    "new user",
    "particular",
    "particulier",
    "poster",
    "premium user",
    "privatanbieter",
    "private person",
    "registered user",
    "unbekannt",
    "username",
    "verified",
    "vip member",
    "\u{430}\u{43d}\u{43e}\u{43d}\u{438}\u{43c}",
    "\u{533f}\u{540d}",
    "admin",
    "agency",
    "agent",
    "anon",
    "anonym",
    "anonymous",
    "ask",
    "call",
    "call me",
    "contact",
    "contact via site",
    "dealer",
    "deleted",
    "deleted user",
    "guest",
    "hidden",
    "keine",
    "keiner",
    "landlord",
    "member",
    "n a",
    "na",
    "nan",
    "nil",
    "no",
    "no name",
    "no phone",
    "nobody",
    "none",
    "null",
    "owner",
    "private",
    "private owner",
    "private seller",
    "privat",
    "see ad",
    "seller",
    "tba",
    "test",
    "undefined",
    "unknown",
    "user",
    "user deleted",
    "x",
    "не указан",
];

/// Domains at which nobody has an address.
const OF_NOBODY: [&str; 4] = ["example.com", "example.net", "example.org", "none.com"];

/// Before the at sign of addresses that are a site's or a help line's, whoever wrote the ad.
const ROLES: [&str; 8] =
    ["abuse", "help", "no-reply", "none", "noreply", "postmaster", "support", "webmaster"];

/// Hosts of messengers and the path before a name.
const NAMES: [&str; 15] = [
    "t.me/",
    "telegram.me/",
    "telegram.dog/",
    "m.me/",
    "instagram.com/",
    "facebook.com/",
    "twitter.com/",
    "x.com/",
    "snapchat.com/add/",
    "line.me/ti/p/~",
    "line.me/r/ti/p/~",
    "tiktok.com/@",
    "onlyfans.com/",
    "kik.me/",
    "linktr.ee/",
];

/// What stands before a phone number in a messenger link.
const NUMBERS: [&str; 8] = [
    "wa.me/",
    "whatsapp.com/send?phone=",
    "whatsapp://send?phone=",
    "viber://chat?number=",
    "viber://add?number=",
    "signal.me/#p/",
    "tel:",
    "sms:",
];

/// What stands before a name on a messenger, with a colon or `id` between, or before one that holds digits.
const MESSENGERS: [&str; 25] = [
    "\u{5fae}\u{4fe1}",
    "vx",
    "telegram",
    "tg",
    "line",
    "wechat",
    "weixin",
    "wx",
    "qq",
    "kik",
    "snap",
    "snapchat",
    "sc",
    "insta",
    "instagram",
    "ig",
    "skype",
    "signal",
    "viber",
    "zalo",
    "kakao",
    "kakaotalk",
    "discord",
    "twitter",
    "onlyfans",
];

/// Letters of the longest.
const LONGEST_MESSENGER: usize = 9;

/// Words that stand there and name nobody.
const NO_NAMES: [&str; 18] = [
    "also",
    "available",
    "below",
    "call",
    "chat",
    "contact",
    "here",
    "https",
    "just",
    "message",
    "number",
    "only",
    "please",
    "same",
    "text",
    "this",
    "user",
    "with",
];

/// The handle of an ad's poster; `None` when the field names nobody.
pub(crate) fn handle(ad: &Ad) -> Option<String> {
    let folded = ad.poster.trim().trim_start_matches('@').to_lowercase();
    if names_nobody(&folded) {
        return None;
    }
    // A first name is an account on one site, and on another somebody else's.
    let is_plain_name = folded.chars().all(|c| c.is_alphabetic() || c == ' ');
    Some(if is_plain_name { format!("{folded} ({})", ad.key.site) } else { folded })
}

/// Mail addresses and names on messengers that an ad gives, sorted and without repeats.
pub(crate) fn addresses(ad: &Ad) -> Vec<String> {
    let mut found = Vec::new();
    for text in [&ad.title, &ad.text, &ad.poster].into_iter().chain(&ad.phones) {
        in_text(text, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn in_text(text: &str, found: &mut Vec<String>) {
    labelled(text, found);
    match plain_mail(text) {
        Some(plain) => links_and_mail(&plain, found),
        None => links_and_mail(text, found),
    }
}

fn links_and_mail(text: &str, found: &mut Vec<String>) {
    if !text.contains(['@', '/']) {
        return;
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | '(' | ')' | '|');
    for word in text.split(ends).filter(|word| word.contains(['@', '/'])) {
        let word = word.to_lowercase();
        if let Some(name) = NAMES.iter().find_map(|host| after(&word, host)) {
            let end = name.find(|c: char| !is_name(c)).unwrap_or(name.len());
            found.extend(named(&name[..end]));
        } else if let Some((local, domain)) = word.split_once('@') {
            let local = local.rsplit(['/', ':']).next().unwrap_or_default();
            let end = domain.find(|c: char| !is_name(c)).unwrap_or(domain.len());
            let domain = domain[..end].trim_end_matches('.');
            if local.is_empty() {
                found.extend(named(domain));
            } else if domain.contains('.')
                && local.chars().all(|c| is_name(c) || c == '+')
                && !is_role(local, domain)
            {
                found.push(format!("{local}@{domain}"));
            }
        }
    }
}

/// The text with `lily (at) mail (dot) example` as it is meant; `None` where nothing is written so.
fn plain_mail(text: &str) -> Option<String> {
    // Most texts hold no bracket, and none is copied for nothing.
    if !text.contains(['(', '[', '{']) {
        return None;
    }
    let mut text = text.to_lowercase();
    if !["(at)", "[at]", "{at}"].iter().any(|at| text.contains(at)) {
        return None;
    }
    for (written, meant) in [("at", "@"), ("dot", ".")] {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}")] {
            let written = format!("{open}{written}{close}");
            for spaced in [format!(" {written} "), format!(" {written}"), format!("{written} "), written] {
                text = text.replace(&spaced, meant);
            }
        }
    }
    Some(text.replace(" dot ", "."))
}

/// Names after a messenger's: `WeChat: lily_77`, `Line ID lily_77`.
fn labelled(text: &str, found: &mut Vec<String>) {
    /// What the words so far lead to.
    #[derive(PartialEq)]
    enum Before {
        Nothing,
        Messenger,
        Name,
    }
    let mut before = Before::Nothing;
    for word in text.split_whitespace() {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@' && c != ':');
        let (label, name) =
            word.split_once([':', '=', '\u{ff1a}']).map_or((word, None), |(label, name)| (label, Some(name)));
        let is = |known: &&str| known.eq_ignore_ascii_case(label);
        let is_label = label.len() <= LONGEST_MESSENGER
            && (MESSENGERS.iter().any(is) || (before == Before::Messenger && ["id", ""].iter().any(is)));
        before = match (is_label, name) {
            (true, Some("")) => Before::Name,
            (true, Some(name)) => {
                found.extend(name_of(&name.to_lowercase()));
                Before::Nothing
            }
            (true, None) if label.eq_ignore_ascii_case("id") => Before::Name,
            (true, None) => Before::Messenger,
            // Without a colon only what no word is: `TG lily77`.
            (false, None) if before == Before::Messenger && is_mixed(word) => {
                found.extend(name_of(&word.to_lowercase()));
                Before::Nothing
            }
            (false, _) if before == Before::Name => {
                found.extend(name_of(&word.to_lowercase()));
                Before::Nothing
            }
            (false, _) => Before::Nothing,
        };
    }
}

fn is_mixed(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.contains(is);
    has(|c| c.is_ascii_digit()) && has(char::is_alphabetic)
}

fn name_of(word: &str) -> Option<String> {
    let word = word.trim_start_matches('@').trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
    (word.chars().all(is_name) && !NO_NAMES.contains(&word)).then(|| named(word)).flatten()
}

/// A name with an at sign before it, so that a link to it and a mention of it are the same.
fn named(name: &str) -> Option<String> {
    let name = name.trim_matches('.');
    (name.chars().count() >= 4 && !names_nobody(name) && name != "share" && name != "joinchat")
        .then(|| format!("@{name}"))
}

fn is_role(local: &str, domain: &str) -> bool {
    ROLES.contains(&local) || OF_NOBODY.contains(&domain)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// What follows a host in a link; nothing when the host is the end of a longer one.
fn after<'t>(word: &'t str, host: &str) -> Option<&'t str> {
    let at = word.find(host)?;
    let before = word[..at].chars().next_back();
    let begins = before.is_none_or(|c| !c.is_alphanumeric() && c != '-');
    begins.then(|| &word[at + host.len()..])
}

/// Phone numbers in links to messengers, with their country codes.
pub(super) fn phone_links(text: &str) -> Vec<String> {
    if !text.contains(['/', ':']) {
        return Vec::new();
    }
    let text = text.to_lowercase();
    let number = |place: usize, prefix: &str| {
        let rest = text[place + prefix.len()..].trim_start_matches(['+', ' ']);
        let rest = rest.strip_prefix("%2b").unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        (end >= 8).then(|| format!("+{}", rest[..end].trim_start_matches("00")))
    };
    let with = |prefix: &&'static str| {
        text.match_indices(*prefix).filter_map(|(at, prefix)| number(at, prefix)).collect::<Vec<_>>()
    };
    NUMBERS.iter().flat_map(with).collect()
}

fn names_nobody(folded: &str) -> bool {
    let plain: String = folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = plain.chars().next();
    let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    plain.is_empty()
        || PLACEHOLDERS.contains(&plain.as_str())
        || plain.chars().all(|c| Some(c) == first)
        || (digits && "1234567890".starts_with(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::AdKey;

    fn ad(poster: &str, text: &str) -> Ad {
        Ad {
            poster: poster.into(),
            text: text.into(),
            ..Ad::blank(AdKey { site: "a.example".into(), ad_id: "1".into() })
        }
    }

    #[test]
    fn placeholders_name_nobody() {
        let nobody =
            ["", " - ", "N/A", "none", "Anonymous", "xxxx", "0000", "@user", "...", "Private seller", "1234"];
        for poster in nobody {
            assert_eq!(handle(&ad(poster, "")), None, "{poster}");
        }
        assert_eq!(handle(&ad(" Lily_77 ", "")).as_deref(), Some("lily_77"));
        assert_eq!(handle(&ad("Anna", "")).as_deref(), Some("anna (a.example)"));
        for text in ["abuse@a.example", "info@example.com", "none@none.com", "noreply@mail.example"] {
            assert!(addresses(&ad("", text)).is_empty(), "{text}");
        }
        assert_eq!(addresses(&ad("", "10001@qq.com")), ["10001@qq.com"], "a provider with a short name");
    }

    #[test]
    fn a_name_is_the_same_in_a_link_and_in_a_mention() {
        let found = |text: &str| addresses(&ad("", text));
        for text in
            ["write @Lily_77!", "https://t.me/lily_77", "TELEGRAM.ME/lily_77?start=1", "see (t.me/lily_77)"]
        {
            assert_eq!(found(text), ["@lily_77"], "{text}");
        }
        assert_eq!(found("mail Lily@Mail.example."), ["lily@mail.example"]);
        assert_eq!(found("mailto:lily@mail.example, @lily_77"), ["@lily_77", "lily@mail.example"]);
        for text in [
            "WeChat: lily_77",
            "line id lily_77",
            "LINE ID: @lily_77.",
            "my kik:Lily_77",
            "telegram : lily_77",
            "LINE ID lily_77",
            "TG lily_77",
            "\u{5fae}\u{4fe1}\u{ff1a}lily_77",
        ] {
            assert_eq!(found(text), ["@lily_77"], "{text}");
        }
        for text in ["lily (at) mail.example", "lily[at]mail [dot] example", "Lily (AT) mail (DOT) example"] {
            assert_eq!(found(text), ["lily@mail.example"], "{text}");
        }
        for text in
            ["telegram: available", "on line now, id here", "wechat please", "line: yes", "meet (at) home"]
        {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
        for text in ["me @ home", "not.t.mexico/anna", "just.me/anna", "a/b", "50% @ n/a"] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
