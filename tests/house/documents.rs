//! What the documents for whoever comes next say of this house is true: files they name are there.

use std::fs;
use std::path::Path;

/// Words in backticks that are paths of this repository.
fn paths_in(text: &str) -> Vec<&str> {
    let roots = ["src/", "tests/", "examples/", "benches/", "fixtures/", ".ci/"];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| roots.iter().any(|root| word.starts_with(root)))
        .collect()
}

#[test]
fn documents_name_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        let text = fs::read_to_string(root.join(document)).expect("the document is committed");
        let paths = paths_in(&text);
        assert!(!paths.is_empty(), "{document} names no file");
        for path in paths {
            let path = path.split(' ').next().expect("a first word");
            assert!(root.join(path).exists(), "{document} names `{path}`, which is not there");
        }
    }
}

#[test]
fn the_glossary_stays_short() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"));
    let text = text.expect("the document is committed");
    let glossary = text.split("## Glossary").nth(1).expect("a glossary");
    let terms = glossary.lines().filter(|line| line.starts_with("| ")).count() - 1;
    assert!((10..=25).contains(&terms), "{terms} terms");
}
