//! A fresh folder per test, the program, and what it wrote.

use assert_cmd::cargo::CommandCargoExt;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use tempfile::TempDir;

/// The bundled ads.
pub(crate) fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads")
}

/// The program, ready for arguments.
pub(crate) fn adlink() -> Command {
    Command::cargo_bin("adlink").expect("the program is built with its tests")
}

/// What a finished run said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program to its end.
pub(crate) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Said {
    let Output { status, stdout, stderr } = adlink().args(args).output().expect("the program starts");
    Said {
        code: status.code().expect("ended by itself"),
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
    }
}

impl Said {
    /// Fails with both streams unless the exit code is `code`.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// `adlink link ADS --out OUT` and more flags.
pub(crate) fn link(ads: &Path, out: &Path, more: &[&str]) -> Said {
    let paths = [OsStr::new("link"), ads.as_os_str(), OsStr::new("--out"), out.as_os_str()];
    run(paths.into_iter().chain(more.iter().map(OsStr::new)))
}

/// What one run makes of the bundled ads, with its case: made once for all tests that compare with it. Whoever writes to
/// it takes [`copy_of_case`].
pub(crate) fn whole() -> &'static Path {
    static WHOLE: LazyLock<TempDir> = LazyLock::new(|| made(&[]));
    WHOLE.path()
}

/// [`whole`] with `--images`, by which the reason for a missing file is worded otherwise.
pub(crate) fn whole_by_images() -> &'static Path {
    static WHOLE: LazyLock<TempDir> =
        LazyLock::new(|| made(&["--images", fixture().join("images").to_str().expect("UTF-8")]));
    WHOLE.path()
}

fn made(more: &[&str]) -> TempDir {
    let out = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    // 3: the fixture holds inputs that have to be skipped.
    link(&fixture().join("ads.jsonl"), out.path(), more).expect(3);
    out
}

/// A case of the bundled ads, linked once, in a folder of its own.
pub(crate) fn copy_of_case(folder: &Path) -> PathBuf {
    let case = folder.join("case.adlink");
    fs::copy(whole().join("case.adlink"), &case).expect("a copy");
    case
}

/// Every result file below a folder by relative name, but the case and `run.json`, which know when they were made.
pub(crate) fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    gather(folder, "", &mut files);
    assert!(files.contains_key("report.html"), "no results in {}", folder.display());
    files.retain(|name, _| name != "run.json" && !name.starts_with("case.adlink"));
    files
}

fn gather(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let entry = entry.expect("readable");
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).expect("readable"));
        }
    }
}

/// Fails naming the files that differ.
pub(crate) fn assert_same(a: &Path, b: &Path) {
    assert_same_but(a, b, &[]);
}

/// [`assert_same`], some files apart.
pub(crate) fn assert_same_but(a: &Path, b: &Path, but: &[&str]) {
    let (mut a, mut b) = (results(a), results(b));
    for name in but {
        assert!(a.remove(*name).is_some() && b.remove(*name).is_some(), "{name} is in both");
    }
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    let differing: Vec<&String> =
        a.iter().filter(|(name, bytes)| b[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "these files differ: {differing:?}");
}

/// [`assert_same`] but for the numbers of networks, by which the report names them: what was a network in an earlier run
/// of a case keeps its number.
pub(crate) fn assert_same_but_numbers(a: &Path, b: &Path) {
    assert_same_but(a, b, &["manifest-sha256.txt", "networks.jsonl", "report.html"]);
    assert_eq!(unnumbered(a), unnumbered(b));
}

/// The networks without the numbers by which a case knows them.
fn unnumbered(folder: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(folder.join("networks.jsonl")).unwrap();
    let network = |line: &str| {
        let mut network: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(network["number"].take().is_u64());
        network
    };
    text.lines().map(network).collect()
}

/// The rows of a CSV file by column name.
pub(crate) fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut table = csv::Reader::from_path(path).expect("a CSV file");
    table.deserialize().map(|row| row.expect("a row of text")).collect()
}

/// `run.json` of a result folder.
pub(crate) fn run_json(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("run.json")).expect("run.json")).expect("JSON")
}
