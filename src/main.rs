//! The `adlink` program: arguments in, library calls, words and exit codes out.
//!
//! All it knows of the library is the public API, as any other user. Everything it prints goes through
//! `cli::output`: data on stdout, talk on stderr.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
