//! The one place that prints. Data goes to stdout, talk to stderr; a closed pipe is not an error.
//!
//! File names and ad texts are hostile: on a terminal, control and bidirectional characters are shown escaped.

use super::{Common, When};
use adlink::Error;
use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

/// Says things to the user, as loudly as asked.
#[derive(Clone)]
pub(super) struct Talk {
    quiet: bool,
    verbose: bool,
    colour: bool,
}

impl Talk {
    pub(super) fn new(common: &Common) -> Self {
        let colour = match common.color {
            When::Always => true,
            When::Never => false,
            When::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Self { quiet: common.quiet, verbose: common.verbose, colour }
    }

    /// An error with its causes and a remedy, in the form of the contract.
    pub(super) fn error(&self, error: &Error) {
        let mut text = format!("{} {}\n", self.paint("error:", "1;31"), printable(&error.to_string()));
        let mut cause = error.source();
        while let Some(inner) = cause {
            let _ = writeln!(text, "  caused by: {}", printable(&inner.to_string()));
            cause = inner.source();
        }
        if let Some(hint) = error.hint() {
            let _ = write!(text, "\n{} {}\n", self.paint("hint:", "1;36"), printable(&hint));
        }
        stderr(&text);
    }

    /// One thing that is wrong, of several.
    pub(super) fn fault(&self, message: &str) {
        stderr(&format!("{} {}\n", self.paint("error:", "1;31"), printable(message)));
    }

    /// Something the user should know though the run goes on.
    pub(super) fn warn(&self, message: &str) {
        if !self.quiet {
            stderr(&format!("{} {}\n", self.paint("warning:", "1;33"), printable(message)));
        }
    }

    /// What the user can do.
    pub(super) fn hint(&self, message: &str) {
        if !self.quiet {
            stderr(&format!("{} {}\n", self.paint("hint:", "1;36"), printable(message)));
        }
    }

    /// A line of ordinary talk.
    pub(super) fn say(&self, message: &str) {
        if !self.quiet {
            stderr(&format!("{}\n", printable(message)));
        }
    }

    /// A line for those who asked for more.
    pub(super) fn detail(&self, message: &str) {
        if self.verbose {
            self.say(message);
        }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// Prints data. A reader that closed its end (`| head`) has had enough: no error, and nothing more to do.
pub(super) fn data(text: &str) -> adlink::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write to", "standard output", error))
        }
        _ => Ok(()),
    }
}

/// How the program is used, for who used it wrongly.
pub(super) fn usage(text: &str) {
    stderr(text);
}

/// Asks on stderr and waits for a line; true for `y` or `yes`.
pub(super) fn ask(question: &str) -> adlink::Result<bool> {
    stderr(question);
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|error| Error::io("read from", "standard input", error))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn stderr(text: &str) {
    // Nowhere is left to report a failure of stderr itself.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Text with control and bidirectional characters (but newline and tab) shown as escapes.
pub(super) fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        let hidden = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if hidden || (c.is_control() && c != '\n' && c != '\t') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

/// `1 ad`, `2 ads`.
pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_shown() {
        assert_eq!(printable("a\x1b[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(printable("schön 🎈 \"x\""), "schön 🎈 \"x\"");
    }
}
