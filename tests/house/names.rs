//! One meaning a name: no two types of `src` are called the same.
//!
//! Names that a foreign trait asks for (`Err`, `Item`) stand inside an `impl` and are not looked at, nor are types of
//! tests. The trap: a type that is private to its file counts, too; whoever reads its name elsewhere knows it already.

use super::imports::Sources;
use std::collections::BTreeMap;

/// Types that are defined more than once, with their files.
fn twice(sources: &[Sources]) -> Vec<String> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, path) in sources.iter().flat_map(Sources::types) {
        files.entry(name).or_default().push(path);
    }
    let twice = files.iter().filter(|(_, paths)| paths.len() > 1);
    twice.map(|(name, paths)| format!("{name}: {}", paths.join(", "))).collect()
}

#[test]
fn no_name_has_two_meanings() {
    let found = twice(&[super::architecture::sources(false), super::architecture::sources(true)]);
    assert!(found.is_empty(), "types of one name:\n{}", found.join("\n"));
}

#[test]
fn planted_names_are_found() {
    let other = "pub(in crate::a) type Place = u32;\nimpl Iterator for X {\n    type Item = u32;\n}\n";
    let tests = "#[cfg(test)]\nmod tests {\n    struct Edge;\n}\n";
    let file = |path: &str, text: &str| (path.to_string(), text.to_string());
    let house = |more: &str| {
        Sources::new([
            file("a.rs", "struct Edge<'a>(&'a str);\nenum Item {}\n"),
            file("b.rs", &[other, more].concat()),
        ])
    };
    assert!(twice(&[house(tests)]).is_empty());
    for planted in
        ["pub enum Edge {\n", "codes! {\n    pub enum Edge: u8 {\n", "pub(crate) type Edge = u8;\n"]
    {
        assert_eq!(twice(&[house(planted)]), ["Edge: a.rs, b.rs"], "{planted}");
    }
}
