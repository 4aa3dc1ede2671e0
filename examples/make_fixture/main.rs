//! Writes the fixture: `cargo run --release --example make_fixture [-- OUT]`, by default `fixtures/ads`.
//!
//! An invented corpus of ads with known truth, small enough to commit: rendered pictures, six sites with house
//! styles, eight networks that reuse photos, and what goes wrong in real collections. `fixtures/README.md` says
//! what is in it. The same bytes come out on every machine; `tests/fixture.rs` compares them.

mod corpus;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let out = env::args_os()
        .nth(1)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads"), PathBuf::from);
    let fixture = corpus::build();
    let complaints = corpus::check(&fixture);
    for complaint in &complaints {
        tell(complaint);
    }
    if !complaints.is_empty() {
        return ExitCode::FAILURE;
    }
    match write(&out, &fixture) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("cannot write {}: {error}", out.display()));
            ExitCode::FAILURE
        }
    }
}

/// Replaces the folder, so that no file of an earlier version stays behind.
fn write(out: &Path, fixture: &corpus::Corpus) -> io::Result<()> {
    match fs::remove_dir_all(out) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for (path, bytes) in &fixture.files {
        let target = out.join(path);
        fs::create_dir_all(target.parent().unwrap_or(out))?;
        fs::write(target, bytes)?;
    }
    Ok(())
}

fn tell(line: &str) {
    use io::Write;
    // Nothing is left to be done when even stderr is closed.
    let _ = writeln!(io::stderr(), "{line}");
}
