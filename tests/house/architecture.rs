//! The house rule: a room imports rooms on lower floors only; floor mates never meet; so do the steps of `link`; no
//! files import each other in a circle; nobody reaches into a file that another room hides.
//!
//! A room is a file or folder directly under `src/`. The binary uses the public API alone, which the compiler sees
//! to. The trap: a new room fails the test until it is placed on a floor on purpose.

use super::imports::{Import, Module, Sources};
use std::fs;
use std::path::{Path, PathBuf};

/// Floor of every room. A room that is not listed fails the test, so new rooms are placed on purpose.
const FLOORS: &[(&str, i32)] = &[
    // Under everything: errors have codes, too.
    ("codes", -1),
    // Sets and groups are of rows.
    ("rows", -1),
    ("error", 0),
    ("erase", 0),
    ("progress", 0),
    ("grouped", 0),
    ("language", 0),
    ("internals", 12),
    ("sets", 0),
    ("eval", 1),
    ("hash", 1),
    ("record", 2),
    ("source", 3),
    ("analysis", 4),
    ("decode", 3),
    ("index", 3),
    ("features", 3),
    ("corpus", 4),
    ("packed", 5),
    ("verify", 5),
    ("case", 5),
    ("ingest", 6),
    ("link", 6),
    ("link_case", 7),
    ("picture", 6),
    ("bank", 7),
    ("search", 7),
    ("view", 7),
    ("report", 8),
    ("hashlist", 8),
    ("output", 9),
    ("tiles", 9),
    ("share", 10),
    ("review", 11),
    ("api", 10),
];

pub(crate) fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
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

/// The steps of `link` and what lies beneath them. Findings are data that every step fills, so they are lowest.
const STEPS: &[(&str, i32)] = &[
    ("findings", 0),
    ("options", 0),
    ("decisions", 1),
    ("ads_of_images", 1),
    ("candidates", 2),
    ("photos", 3),
    ("pairs", 4),
    ("posters", 5),
    ("networks", 6),
    ("sections", 7),
    ("whole", 8),
];

/// The sources under `src`: of the library, or of the binary.
pub(crate) fn sources(binary: bool) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 5, "no sources found under {}", root.display());
    let relative = |file: &PathBuf| file.strip_prefix(&root).expect("below src").to_path_buf();
    let of_binary = |file: &PathBuf| ["main", "cli"].contains(&&*room_of(&relative(file)));
    let files = files.iter().filter(|file| of_binary(file) == binary);
    Sources::new(files.map(|file| {
        let text = fs::read_to_string(file).expect("source is UTF-8");
        (relative(file).to_string_lossy().into_owned(), text)
    }))
}

/// Imports from one part of a room (of the crate, if `room` is empty) to another that is not on a lower floor, or that
/// stands on no floor.
fn upward(sources: &Sources, room: &[&str], floors: &[(&str, i32)]) -> Vec<String> {
    let part = |module: &Module| {
        let inside = module.len() > room.len() && module[..room.len()] == *room;
        inside.then(|| module[room.len()].clone())
    };
    let floor = |part: &str| floors.iter().find(|(name, _)| *name == part).map(|(_, floor)| *floor);
    let is_broken = |import: &&Import| {
        let (Some(from), to) = (part(&import.from), part(&import.named)) else { return false };
        // A step that names the room names what the room makes of all steps; a room that names the crate, likewise.
        let Some(to) = to else { return import.named == *room };
        from != to && floor(&to).is_none_or(|to| floor(&from).is_none_or(|from| to >= from))
    };
    told(sources, sources.imports().iter().filter(is_broken))
}

/// Imports that name a file of another room, or of another step of `link`, which that one does not show.
fn reaching_in(sources: &Sources) -> Vec<String> {
    let is_broken = |import: &&Import| {
        let (from, to) = (&import.from, &import.named);
        let shared = from.iter().zip(to).take_while(|(x, y)| x == y).count();
        let room = if to.first().is_some_and(|room| room == "link") { 2 } else { 1 };
        shared < room.min(to.len()) && (room + 1..=to.len()).any(|n| sources.is_hidden(&to[..n].to_vec()))
    };
    told(sources, sources.imports().iter().filter(is_broken))
}

fn told<'i>(sources: &Sources, imports: impl Iterator<Item = &'i Import>) -> Vec<String> {
    imports
        .map(|import| format!("{} names {}", sources.path(&import.from), import.named.join("::")))
        .collect()
}

fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

#[test]
fn rooms_import_lower_floors_only() {
    assert_none("imports against the house rule", &upward(&sources(false), &[], FLOORS));
}

#[test]
fn steps_of_linking_import_lower_steps_only() {
    assert_none("imports against the order of steps", &upward(&sources(false), &["link"], STEPS));
}

#[test]
fn nobody_reaches_into_a_file_that_another_room_hides() {
    assert_none("files that their room does not show", &reaching_in(&sources(false)));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for binary in [false, true] {
        let sources = sources(binary);
        let circles: Vec<String> = sources.circles().iter().map(|circle| circle.join(" <-> ")).collect();
        assert_none("circles of files", &circles);
    }
}

/// Made-up sources of a small house.
fn made_up(files: &[(&str, &str)]) -> Sources {
    Sources::new(files.iter().map(|(path, text)| (path.to_string(), text.to_string())))
}

#[test]
fn planted_faults_are_found() {
    let house = [
        ("lib.rs", "mod link;\nmod view;\npub use link::Pair;\n"),
        ("link/mod.rs", "mod candidates;\nmod photos;\npub use photos::Pair;\nuse candidates::find;\n"),
        ("link/candidates/mod.rs", "mod join;\npub(super) use join::find;\n"),
        ("link/candidates/join.rs", "pub(super) fn find() {}\n"),
        ("link/photos/mod.rs", "use crate::link::{\n    candidates::{self, find},\n};\npub struct Pair;\n"),
        ("view.rs", "use crate::link::Pair;\n"),
    ];
    let planted = |path: &str, text: &str| {
        let mut files = house.to_vec();
        let file = files.iter_mut().find(|(at, _)| *at == path).expect("a file of the house");
        let whole = format!("{}{text}", file.1);
        file.1 = &whole;
        let sources = made_up(&files);
        [
            upward(&sources, &[], &[("link", 6), ("view", 7)]).len(),
            upward(&sources, &["link"], STEPS).len(),
            reaching_in(&sources).len(),
            sources.circles().len(),
        ]
    };
    assert_eq!(planted("view.rs", ""), [0, 0, 0, 0]);
    let up = "use crate::link::photos::Pair;\n";
    assert_eq!(planted("link/candidates/join.rs", up), [0, 1, 0, 1], "a step that imports a later one");
    assert_eq!(planted("link/candidates/join.rs", "use super::super::photos::Pair;\n"), [0, 1, 0, 1]);
    assert_eq!(planted("link/candidates/join.rs", "fn f(_: crate::link::Pair) {}\n"), [0, 1, 0, 1]);
    let by_test = "#[cfg(test)]\nmod tests {\n    use crate::link::photos::Pair;\n}\n";
    assert_eq!(planted("link/candidates/join.rs", by_test), [0, 0, 0, 0], "tests may look anywhere");
    assert_eq!(
        planted("link/photos/mod.rs", "use crate::view::X;\n"),
        [1, 0, 0, 1],
        "a room that imports a higher one"
    );
    assert_eq!(planted("link/photos/mod.rs", "use super::candidates::join::find;\n"), [0, 0, 1, 0]);
    assert_eq!(planted("view.rs", "use crate::link::candidates::join::find;\n"), [0, 0, 1, 0]);
    assert_eq!(planted("view.rs", "use crate::Pair;\n"), [1, 0, 0, 0], "the crate root is nobody's");
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

/// What makes a connection to somebody else.
const CALLS: [&str; 6] =
    ["TcpStream::connect", "UdpSocket", "UnixStream", "lookup_host", "to_socket_addrs", "TcpSocket"];

#[test]
fn only_webhooks_call_anybody() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let calls = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a source");
        CALLS.iter().any(|call| text.contains(call))
    };
    let calling: Vec<PathBuf> = files.into_iter().filter(calls).collect();
    assert_eq!(calling, [root.join("api/webhooks/delivery.rs")]);
}
