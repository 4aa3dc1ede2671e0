//! What an output must not replace: inputs, originals and manifests that a case knows, cases, results of another case.
//!
//! Asked before anything is written. What a run read, what a case knows and any case are never replaced; anything else that
//! is no earlier output of adlink only when the user insists, and then named. The trap: one file has many paths, so files
//! are compared by what the system says they are, not by their names.

use super::earlier::is_earlier_output;
use super::folder::{digest_of, pages_in};
use super::stream::is_no_file;
use crate::case::{Case, begins_as_case};
use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

const SQLITE: &[u8] = b"SQLite format 3\0";
const MANIFEST: &str = "manifest-sha256.txt";

/// Asks whether outputs may be written.
#[derive(Debug, Default)]
pub struct Guard<'g> {
    inputs: Vec<PathBuf>,
    case: Option<&'g Case>,
    insist: bool,
}

impl<'g> Guard<'g> {
    /// Spares nothing but cases; `insist` lets through what is refused only because it looks like no output.
    pub fn new(insist: bool) -> Self {
        Self { insist, ..Self::default() }
    }

    /// Spares what a run reads.
    pub fn inputs(mut self, inputs: impl IntoIterator<Item = PathBuf>) -> Self {
        self.inputs.extend(inputs);
        self
    }

    /// Spares the originals and manifests of a case, and lets its own result folders be written again.
    pub fn case(mut self, case: &'g Case) -> Self {
        self.case = Some(case);
        self
    }

    /// Whether one file may be written; says what it will replace when that is worth telling.
    ///
    /// # Errors
    /// [`Error::Parameter`] says what stands there.
    pub fn file(&self, path: &Path) -> Result<Option<String>> {
        match fs::symlink_metadata(path) {
            Err(_) => return Ok(None),
            Ok(found) if found.is_dir() => return Err(refused(path, "it is a folder")),
            Ok(_) => {}
        }
        self.spare(path)?;
        if is_no_file(path) || is_earlier_output(path) || self.is_on_record(path)? {
            return Ok(None);
        }
        let kind = foreign_kind(path);
        match self.insist {
            true => Ok(Some(format!("`{}`, {kind}", path.display()))),
            false => Err(refused(path, &format!("it is {kind}; --force replaces it"))),
        }
    }

    /// Whether the case remembers that it handed a file out: an encrypted one says nothing of itself.
    fn is_on_record(&self, path: &Path) -> Result<bool> {
        let Some(case) = self.case else { return Ok(false) };
        let Ok(size) = fs::metadata(path).map(|found| found.len()) else { return Ok(false) };
        let entries = case.audit_entries()?;
        let mut of_size = entries.iter().filter(|entry| entry.detail["bytes"] == size).peekable();
        if of_size.peek().is_none() {
            return Ok(false);
        }
        let digest = fs::read(path).map(|bytes| digest_of(&bytes)).unwrap_or_default();
        Ok(of_size.any(|entry| entry.detail["sha256"] == digest.as_str()))
    }

    /// Whether a result folder with files of these names may be written; says what it will replace when that is worth
    /// telling.
    ///
    /// # Errors
    /// [`Error::Parameter`] says what stands there.
    pub fn folder(&self, path: &Path, names: &[impl AsRef<Path>]) -> Result<Option<String>> {
        match fs::metadata(path) {
            Err(_) => return Ok(None),
            Ok(found) if !found.is_dir() => return Err(refused(path, "it is a file")),
            Ok(_) => {}
        }
        let mut replaced = Vec::new();
        let results = names.iter().map(|name| path.join(name)).filter(|file| file.is_file());
        for file in results.chain(pages_in(path)) {
            replaced.extend(self.file(&file)?);
        }
        if !self.is_ours(path)? {
            if !self.insist {
                return Err(refused(path, "it holds the results of another case; --force replaces them"));
            }
            replaced.push(format!("the results of another case in `{}`", path.display()));
        }
        Ok((!replaced.is_empty()).then(|| replaced.join("; ")))
    }

    /// Whether a folder holds no whole results, or such of this case. A run that was killed when all was written is not
    /// in the audit chain, but its `run.json` names the case.
    fn is_ours(&self, folder: &Path) -> Result<bool> {
        let read = (fs::read(folder.join(MANIFEST)), fs::read(folder.join("run.json")), self.case);
        let (Ok(manifest), Ok(run), Some(case)) = read else { return Ok(true) };
        let run: serde_json::Value = serde_json::from_slice(&run).unwrap_or_default();
        if run["case_id"] == case.id()?.as_str() {
            return Ok(true);
        }
        let digest = digest_of(&manifest);
        let known =
            |entry: &crate::case::AuditEntry| entry.detail["output"]["manifest_sha256"] == digest.as_str();
        Ok(case.audit_entries()?.iter().any(known))
    }

    /// Refuses what is never replaced.
    fn spare(&self, path: &Path) -> Result<()> {
        if let Some(input) = self.inputs.iter().find(|input| same_file(input, path)) {
            return Err(refused(path, &format!("it is the input `{}`", input.display())));
        }
        if self.case.is_some_and(|case| same_file(case.path(), path)) || is_case(path) {
            return Err(refused(path, "it is a case"));
        }
        let knows = |case: &Case| -> Result<bool> {
            let paths = [std::path::absolute(path).ok(), fs::canonicalize(path).ok()];
            for path in paths.into_iter().flatten() {
                if case.knows_path(&path)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        match self.case.map(knows).transpose()? {
            Some(true) => Err(refused(path, "it is an original or a manifest that the case knows")),
            _ => Ok(()),
        }
    }
}

fn refused(path: &Path, why: &str) -> Error {
    Error::Parameter {
        name: "output",
        value: path.display().to_string(),
        expected: format!("another place: {why}"),
    }
}

/// Whether two paths lead to one file.
fn same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
        use std::os::unix::fs::MetadataExt;
        return (a.dev(), a.ino()) == (b.dev(), b.ino());
    }
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// Whether a file is a case, or one of the files that lie beside one: SQLite's own, the lock, the encrypted form.
fn is_case(path: &Path) -> bool {
    let text = path.to_string_lossy();
    // Whoever wrote to a case left its lock, also where the case is encrypted now.
    if text.strip_suffix(".age").is_some_and(|case| Path::new(&format!("{case}-lock")).exists()) {
        return true;
    }
    let beside = ["-wal", "-shm", "-journal", "-lock", ".removing"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending));
    has_our_mark(path) || beside.is_some_and(|case| has_our_mark(Path::new(case)))
}

fn has_our_mark(path: &Path) -> bool {
    path.is_file() && File::open(path).is_ok_and(begins_as_case)
}

/// The first bytes of a file; none of what is no file.
fn head(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if path.is_file()
        && let Ok(file) = File::open(path)
    {
        // What cannot be read is not recognised; writing it will tell.
        let _ = file.take(100).read_to_end(&mut bytes);
    }
    bytes
}

/// What a file is that no command of adlink wrote: pictures are evidence until somebody says otherwise.
fn foreign_kind(path: &Path) -> &'static str {
    let head = head(path);
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(SQLITE) {
        return "a database";
    }
    let riff = starts(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let avif = head.get(4..8) == Some(b"ftyp");
    let magics = [
        &b"\xff\xd8\xff"[..],
        b"\x89PNG",
        b"GIF8",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"\xff\x0a",
        b"\0\0\0\x0cJXL ",
    ];
    match magics.iter().any(|magic| starts(magic)) || riff || avif {
        true => "a picture that adlink did not make",
        false => "a file that adlink did not write",
    }
}
