//! The `adlink` program: arguments in, library calls, words and exit codes out.
//!
//! All it knows of the library is the public API, as any other user. Everything it prints goes through
//! `cli::output`: data on stdout, talk on stderr.

mod cli;

use std::process::ExitCode;

/// Keeps the memory of one picture for the next. The system's allocator hands it back between two pictures, and the
/// page faults that follow cost a tenth of decoding. Without huge pages: clearing them takes longer than a short run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
