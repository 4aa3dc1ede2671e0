//! The house rule: a room imports rooms on lower floors only; floor mates never meet; the binary uses the
//! public API alone. A room is a file or folder directly under `src/`.

use std::fs;
use std::path::{Path, PathBuf};

/// Floor of every room. A room that is not listed fails the test, so new rooms are placed on purpose.
const FLOORS: &[(&str, u32)] = &[
    ("error", 0),
    ("progress", 0),
    ("sets", 0),
    ("eval", 1),
    ("hash", 1),
    ("record", 2),
    ("source", 3),
    ("decode", 3),
    ("index", 3),
    ("features", 3),
    ("corpus", 4),
    ("verify", 5),
    ("case", 5),
    ("ingest", 6),
    ("link", 6),
    ("picture", 6),
    ("search", 7),
    ("view", 7),
    ("report", 8),
    ("hashlist", 8),
    ("output", 9),
    ("share", 10),
    ("review", 10),
];

fn floor(room: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn room_of(file: &Path) -> String {
    let first = file.components().next().expect("a path below src").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_string()
}

/// Rooms named in `crate::room` or `crate::{room, room::X}` on one line; lines are what rustfmt leaves.
fn rooms_named(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    line.match_indices("crate::")
        .flat_map(|(at, found)| {
            let rest = &line[at + found.len()..];
            match rest.strip_prefix('{') {
                Some(list) => list.split(',').map(|item| word(item.trim())).collect(),
                None => vec![word(rest)],
            }
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn rooms_import_lower_floors_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut broken = Vec::new();
    for file in &files {
        let relative = file.strip_prefix(&source).expect("below src");
        let room = room_of(relative);
        let text = fs::read_to_string(file).expect("source is UTF-8");
        if room == "lib" {
            continue;
        }
        let binary = room == "main" || room == "cli";
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for named in rooms_named(line) {
                let allowed = match (binary, floor(&room), floor(&named)) {
                    (true, _, _) => named == "cli",
                    (false, Some(from), Some(to)) => named == room || to < from,
                    // A re-export at the crate root (`crate::Error`) is reached through its room instead.
                    (false, _, _) => false,
                };
                if !allowed {
                    broken.push(format!("{}:{}: {room} names {named}", relative.display(), number + 1));
                }
            }
        }
    }
    assert!(files.len() > 5, "no sources found under {}", source.display());
    assert!(broken.is_empty(), "imports against the house rule:\n{}", broken.join("\n"));
}

#[test]
fn every_file_opens_with_a_header_and_stays_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        if root.join(folder).is_dir() {
            rust_files(&root.join(folder), &mut files);
        }
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("source is UTF-8");
        assert!(text.starts_with("//!"), "{} has no header", file.display());
        assert!(text.lines().count() <= 700, "{} is over 700 lines", file.display());
    }
}

#[test]
fn unsafe_lives_in_the_kernels_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    for file in files.iter().filter(|file| !file.starts_with(source.join("hash").join("kernel"))) {
        let text = fs::read_to_string(file).expect("source is UTF-8");
        let found =
            text.lines().position(|line| !line.trim_start().starts_with("//") && line.contains("unsafe "));
        assert!(found.is_none(), "{}:{} uses unsafe", file.display(), found.unwrap_or(0) + 1);
    }
}
