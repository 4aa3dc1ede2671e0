//! Reads who imports whom out of sources: file to file, through re-exports to where a name is defined.
//!
//! Sources are given as text, so that the checks can be checked on made-up ones. Code of tests is left out. The trap:
//! a folder's `mod.rs` that only hands a name on is not what the importer depends on; the file that defines it is.

use std::collections::{BTreeMap, BTreeSet};

/// Sources of a crate: path below `src` and text.
pub(crate) struct Sources {
    files: BTreeMap<Module, File>,
}

/// A module as its path: `["link", "photos"]`.
pub(crate) type Module = Vec<String>;

struct File {
    path: String,
    /// Without comments, tests and `use`.
    code: String,
    /// Path of the name as written here, and whether it is handed on (`pub use` of any kind).
    uses: Vec<(Vec<String>, bool)>,
    /// Child modules declared `pub`.
    public: BTreeSet<String>,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// Importing module.
    pub(crate) from: Module,
    /// Module as the path names it, before re-exports are followed.
    pub(crate) named: Module,
    /// Module that defines what is imported.
    pub(crate) to: Module,
    /// Only handed on.
    pub(crate) handed_on: bool,
}

impl Sources {
    /// From (path below `src`, text).
    pub(crate) fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let all: Vec<(String, String)> = files.into_iter().collect();
        let tests: BTreeSet<Module> = all.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
        let files = all
            .into_iter()
            .filter(|(path, _)| !(1..=module(path).len()).any(|n| tests.contains(&module(path)[..n])))
            .map(|(path, text)| (module(&path), File::new(path, &text)))
            .collect();
        Self { files }
    }

    /// Path below `src` of a module's file.
    pub(crate) fn path(&self, module: &Module) -> &str {
        &self.files[module].path
    }

    /// Every type with the path of its file; those inside an `impl` or a function are left out unless a macro makes them.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .values()
            .flat_map(|file| file.code.lines().filter_map(|line| Some((type_of(line)?, &*file.path))))
    }

    /// Is this module, seen from outside its parent, private?
    pub(crate) fn is_hidden(&self, module: &Module) -> bool {
        let Some((name, parent)) = module.split_last() else { return false };
        self.files.get(parent).is_some_and(|file| !file.public.contains(name))
    }

    /// All imports between files.
    pub(crate) fn imports(&self) -> BTreeSet<Import> {
        let mut all = BTreeSet::new();
        for (from, file) in &self.files {
            let inline = file.inline_paths().into_iter().map(|path| (path, false));
            for (path, handed_on) in file.uses.iter().cloned().chain(inline) {
                let Some((named, to)) = self.resolve(from, &path, 0) else { continue };
                if to != *from {
                    all.insert(Import { from: from.clone(), named, to, handed_on });
                }
            }
        }
        all
    }

    /// Files that reach themselves over imports, each set of them once. What a folder's `mod.rs` defines is its
    /// files' to use, as what stands in a file is its own.
    pub(crate) fn circles(&self) -> Vec<Vec<&str>> {
        let mut next: BTreeMap<&Module, Vec<Module>> = BTreeMap::new();
        let counts = |import: &Import| !import.handed_on && !import.from.starts_with(&import.to);
        for import in self.imports().into_iter().filter(counts) {
            let (from, _) = self.files.get_key_value(&import.from).expect("imports are of files");
            next.entry(from).or_default().push(import.to);
        }
        let reached = |from: &Module| {
            let mut seen: BTreeSet<Module> = BTreeSet::new();
            let mut open = next.get(from).cloned().unwrap_or_default();
            while let Some(module) = open.pop() {
                if seen.insert(module.clone()) {
                    open.extend(next.get(&module).into_iter().flatten().cloned());
                }
            }
            seen
        };
        let reach: BTreeMap<&Module, BTreeSet<Module>> =
            self.files.keys().map(|module| (module, reached(module))).collect();
        let both = |a: &Module, b: &Module| reach[a].contains(b) && reach[b].contains(a);
        let circle = |module: &Module| -> Vec<&str> {
            self.files.iter().filter(|(other, _)| both(module, other)).map(|(_, file)| &*file.path).collect()
        };
        let circles: BTreeSet<Vec<&str>> = self.files.keys().map(circle).filter(|c| !c.is_empty()).collect();
        circles.into_iter().collect()
    }

    /// Does a module hand on something of this name that is no module?
    fn hands_on(&self, module: &Module, name: &str) -> bool {
        let Some(file) = self.files.get(module) else { return false };
        let of_that_name = |path: &[String]| path.len() > 1 && path.last().is_some_and(|last| last == name);
        let defined = file.code.contains(&format!("fn {name}("));
        defined || file.uses.iter().any(|(path, visible)| *visible && of_that_name(path))
    }

    /// The module that a path names, and the one that defines what it says.
    fn resolve(&self, from: &Module, path: &[String], depth: usize) -> Option<(Module, Module)> {
        let (mut module, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                (from[..from.len().checked_sub(up)?].to_vec(), &path[up..])
            }
            first if self.files.contains_key(&child(from, first)) => (from.clone(), path),
            _ => return None,
        };
        while let Some(inner) = rest.first().map(|part| child(&module, part)) {
            if !self.files.contains_key(&inner) || rest.len() == 1 && self.hands_on(&module, &rest[0]) {
                break;
            }
            (module, rest) = (inner, &rest[1..]);
        }
        let file = self.files.get(&module)?;
        let handed = |name: &String| {
            let found = file.uses.iter().find(|(path, _)| path.last() == Some(name))?;
            self.resolve(&module, &found.0, depth + 1).map(|(_, to)| to)
        };
        let to = rest.first().filter(|_| depth < 8).and_then(handed).unwrap_or_else(|| module.clone());
        Some((module, to))
    }
}

impl File {
    fn new(path: String, text: &str) -> Self {
        let code = without_tests(text);
        let mut uses = Vec::new();
        let mut other = code.clone();
        for (visible, tree) in statements(&code, "use ") {
            expand(&mut Vec::new(), &tree, &mut |path| uses.push((path, visible)));
            other = other.replace(&tree, "");
        }
        let public = statements(&code, "mod ").into_iter().filter(|(visible, _)| *visible);
        let public = public.map(|(_, name)| name.trim().to_string()).collect();
        Self { path, uses, public, code: other }
    }

    /// Paths that start with `crate` or `super` outside `use`.
    fn inline_paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for start in ["crate::", "super::"] {
            for (at, _) in self.code.match_indices(start) {
                let before = self.code[..at].chars().next_back().unwrap_or(' ');
                let is_scope = self.code[..at].ends_with("pub(in ");
                if !is_scope && !is_word(before) && before != ':' && before != '$' {
                    let end = self.code[at..].find(|c: char| !is_word(c) && c != ':');
                    let path = &self.code[at..end.map_or(self.code.len(), |end| at + end)];
                    found.push(path.split("::").filter(|part| !part.is_empty()).map(String::from).collect());
                }
            }
        }
        found
    }
}

/// The name of the type that a line defines. A `type` that stands further in is one that a trait asks for.
fn type_of(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let text = match text.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => text,
    };
    let (keyword, rest) = text.split_once(' ')?;
    let defines = matches!(keyword, "struct" | "enum" | "trait" | "union")
        || keyword == "type" && !line.starts_with(' ');
    let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| defines && !name.is_empty())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn child(module: &[String], name: &str) -> Module {
    [module, &[name.to_string()]].concat()
}

/// `link/photos/mod.rs` and `link/photos.rs` are `link::photos`.
fn module(path: &str) -> Module {
    let parts = path.trim_end_matches(".rs").split('/').map(String::from);
    parts.filter(|part| part != "mod" && part != "lib").collect()
}

/// Modules that exist in tests only.
fn test_modules(path: &str, text: &str) -> Vec<Module> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let tests = lines.windows(2).filter(|two| two[0] == "#[cfg(test)]");
    let name = |two: &[&str]| Some(two[1].split_once("mod ")?.1.strip_suffix(';')?.to_string());
    tests.filter_map(name).map(|name| child(&module(path), &name)).collect()
}

/// Code without comments, without the tests at the end of a file, and without what only tests use.
fn without_tests(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut code = String::new();
    let mut skip = false;
    for line in lines {
        if line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test") {
            skip = true;
        } else if skip {
            // An inline module of tests is the end of its file; a statement is one line, as rustfmt leaves it.
            if line.starts_with("mod ") && line.ends_with('{') {
                break;
            }
            skip = line.starts_with('#');
        } else {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// What stands between a keyword at the start of a statement and `;`, and whether the statement is visible outside.
fn statements(code: &str, keyword: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let text = line.trim_start();
        let (visible, rest) = match text.strip_prefix("pub") {
            Some(rest) if rest.starts_with('(') => (true, rest.split_once(") ").map_or("", |(_, rest)| rest)),
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        // `pub(crate) mod` is hidden from users; only plain `pub` shows a module.
        let visible = visible && (keyword == "use " || text.starts_with("pub mod"));
        if rest.starts_with(keyword) {
            let start = at + line.len() - rest.len() + keyword.len();
            let end = code[start..].find(';').map_or(code.len(), |end| start + end);
            found.push((visible, code[start..end].to_string()));
        }
        at += line.len();
    }
    found
}

/// `a::{b, c::{d, self}}` as `a::b`, `a::c::d`, `a::c`.
fn expand(prefix: &mut Vec<String>, tree: &str, give: &mut dyn FnMut(Vec<String>)) {
    let tree = tree.trim();
    let depth = prefix.len();
    match tree.split_once('{') {
        Some((path, inner)) => {
            prefix.extend(path.split("::").map(str::trim).filter(|p| !p.is_empty()).map(String::from));
            let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
            split_top(inner).into_iter().for_each(|part| expand(prefix, part, give));
        }
        None => {
            // A name that is imported under another is followed under the other.
            let path = tree.rsplit_once(" as ").map_or(tree, |(path, _)| path);
            prefix.extend(path.split("::").map(str::trim).filter(|p| !p.is_empty()).map(String::from));
            if prefix.len() > depth {
                give(prefix.iter().filter(|part| *part != "self" || prefix.len() == 1).cloned().collect());
            }
        }
    }
    prefix.truncate(depth);
}

/// Parts between commas that stand in no braces.
fn split_top(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}
