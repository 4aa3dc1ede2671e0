//! Where a passphrase comes from: a file, else the environment, else the terminal.
//!
//! Never from the command line, which other users of the machine can read.

use adlink::Error;
use adlink::share::Passphrase;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of the file that are looked at for its first line.
const LONGEST: u64 = 1 << 16;

/// The passphrase; asked for twice where it is a new one.
pub(super) fn passphrase(file: Option<&Path>, new: bool) -> adlink::Result<Passphrase> {
    if let Some(path) = file {
        let failed = |error| Error::io("read", path, error);
        let mut text = String::new();
        File::open(path).map_err(failed)?.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
        return Passphrase::new(text.lines().next().unwrap_or_default());
    }
    match std::env::var("ADLINK_PASSPHRASE") {
        Ok(text) => Passphrase::new(&text),
        Err(_) => ask(new),
    }
}

/// Whether there is one without asking.
pub(super) fn is_given(file: Option<&Path>) -> bool {
    file.is_some() || std::env::var_os("ADLINK_PASSPHRASE").is_some()
}

fn ask(new: bool) -> adlink::Result<Passphrase> {
    let terminal = console::Term::stderr();
    let failed = |error| Error::io("read a passphrase from", "the terminal", error);
    let read = |prompt: &str| {
        terminal.write_str(prompt)?;
        terminal.read_secure_line()
    };
    if !terminal.is_term() {
        let error = io::Error::other("there is none; use --passphrase-file or ADLINK_PASSPHRASE");
        return Err(failed(error));
    }
    let first = read("Passphrase: ").map_err(failed)?;
    if new && read("Again: ").map_err(failed)? != first {
        return Err(failed(io::Error::other("the two are not the same")));
    }
    Passphrase::new(&first)
}
