//! Text inside XML.
//!
//! XML 1.0 cannot hold most control characters, not even escaped: one in an ad's title would make the whole
//! graph unreadable. They become U+FFFD, as do the two non-characters; line breaks and tabs are kept as
//! references, or attribute normalisation would turn them into blanks.

use std::fmt;

/// Shows text so that it is inert in element content and in quoted attributes.
pub(crate) struct Escaped<'t>(pub(crate) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&apos;"),
            '\t' | '\n' | '\r' => write!(f, "&#{};", c as u32),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_str("\u{fffd}"),
            other => write!(f, "{other}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_inert() {
        let shown = Escaped("<a href=\"x\" b='y'>&\n\u{1}\u{202e}").to_string();
        assert_eq!(shown, "&lt;a href=&quot;x&quot; b=&apos;y&apos;&gt;&amp;&#10;\u{fffd}\u{202e}");
    }
}
