//! Text of unknown origin, made safe to look at; dates as people read them.
//!
//! Escaping `<` is not enough: a title can hold characters that turn the reading direction round, hide, or break
//! lines, and so show something other than what is there. Those are spelled out as `⟨U+202E⟩`, and every such
//! text is isolated (`bdi`) from what stands beside it.

use crate::language::say;
use crate::verify::Tier;
use crate::view::day;
use maud::{Markup, html};

/// Text as found, inert and with nothing hidden in it.
pub(crate) fn shown(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

/// A path, which may break after each separator.
pub(crate) fn path(path: &str) -> Markup {
    html! {
        code { bdi {
            @for (place, part) in path.split_inclusive(['/', '\\']).enumerate() {
                @if place > 0 { wbr; }
                (visible(part))
            }
        } }
    }
}

/// The same, cut to about `most` characters.
pub(crate) fn shortened(text: &str, most: usize) -> Markup {
    match text.char_indices().nth(most) {
        Some((end, _)) => html! { bdi { (visible(&text[..end])) "\u{2026}" } },
        None => shown(text),
    }
}

/// An ad's own words, linked to its address when that is plain http(s).
pub(crate) fn linked(text: &str, url: &str) -> Markup {
    if is_web(url) {
        html! { a href=(url) rel="noreferrer noopener nofollow" { (shown(text)) } }
    } else {
        shown(text)
    }
}

/// True for http and https without blanks or control characters; nothing else becomes a link.
fn is_web(url: &str) -> bool {
    let scheme = |name: &str| url.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    (scheme("http://") || scheme("https://")) && !url.contains(|c: char| c.is_whitespace() || hidden(c))
}

/// Spells out what a reader would not see.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            out.push_str(&format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Control characters, direction marks and overrides, invisible separators, tags, non-characters.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// `2024-01-02`, or with the minute where it is known; a dash when unknown.
pub(crate) fn moment(time: &str) -> Markup {
    let minute = time.get(11..16).filter(|_| time.as_bytes().get(10) == Some(&b'T'));
    match (day(time), minute) {
        (Some(day), Some(minute)) => html! { time datetime=(time) { (day) " " span.minor { (minute) } } },
        (Some(day), None) => html! { time datetime=(time) { (day) } },
        (None, _) if time.is_empty() => html! { span.minor { (say!("unknown")) } },
        (None, _) => shown(time),
    }
}

/// `2 Jan 2024`; the text itself when it is no date. How a day is written is a row of the table, as months have names.
pub(crate) fn date(time: &str) -> String {
    day(time).map_or_else(|| visible(time), |day| day.strftime(say!("%-d %b %Y")).to_string())
}

/// `from 2 Jan to 5 Mar 2024`, `on 2 Jan 2024`, or nothing when unknown.
pub(crate) fn period(first: &str, last: &str) -> Option<String> {
    match (day(first), day(last)) {
        (Some(a), Some(b)) if a == b => Some(say!("on {day}", day = date(first))),
        (Some(a), Some(b)) if a.year() == b.year() => {
            let first = a.strftime(say!("%-d %b"));
            Some(say!("from {first} to {last}", first = first, last = date(last)))
        }
        (Some(_), Some(_)) => Some(say!("from {first} to {last}", first = date(first), last = date(last))),
        _ => None,
    }
}

/// The tier as a small word with its own outline, so that it does not depend on colour: its code, as in files.
pub(super) fn tier_chip(tier: Tier) -> Markup {
    html! { span class=(format!("tier {}", tier.name())) { (tier.name()) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, in_language};

    #[test]
    fn nothing_is_hidden() {
        assert_eq!(
            visible("a\u{202e}b\u{1}\n"),
            "a\u{27e8}U+202E\u{27e9}b\u{27e8}U+0001\u{27e9}\u{27e8}U+000A\u{27e9}"
        );
        assert_eq!(
            visible("\u{645}\u{631}\u{62d}\u{628}\u{627} \u{1f469}\u{200d}\u{1f4bb}").chars().count(),
            9
        );
        assert_eq!(shown("<b>").into_string(), "<bdi>&lt;b&gt;</bdi>");
    }

    #[test]
    fn only_plain_web_addresses_become_links() {
        for url in ["http://a.example/?q=1", "HTTPS://a.example"] {
            assert!(is_web(url), "{url}");
        }
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            " https://a.example",
            "https://a\u{202e}",
            "",
            "https:/",
        ] {
            assert!(!is_web(url), "{url}");
        }
    }

    #[test]
    fn dates_read_well() {
        assert_eq!(period("2024-01-02", "2024-03-05T00:00:00Z").unwrap(), "from 2 Jan to 5 Mar 2024");
        assert_eq!(period("2023-01-02", "2024-03-05").unwrap(), "from 2 Jan 2023 to 5 Mar 2024");
        assert_eq!(period("2023-01-02", "2023-01-02T01:01:01Z").unwrap(), "on 2 Jan 2023");
        assert_eq!(period("", "2023-01-02"), None);
        let german = in_language(Language::German, || period("2024-01-02", "2024-03-05T00:00:00Z"));
        assert_eq!(german.unwrap(), "von 2024-01-02 bis 2024-03-05");
        assert_eq!(shortened("abcdef", 3).into_string(), "<bdi>abc\u{2026}</bdi>");
    }
}
