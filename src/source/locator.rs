//! The name of some bytes: a file, or a place within one, written as a path.
//!
//! A path that leads *through* a regular file names something in it: `/x/scrape.zip/img/1.jpg@5120+8000d` is 8,000 bytes
//! of `scrape.zip` from place 5,120 on, deflated. No folder can have such a path, so nothing has to be escaped for the
//! file system, and a case stores it where it stores any path. What stands before the `@` is for people; it is never
//! looked up, and hostile names in a container lead nowhere.
//!
//! ```text
//! member   = label "@" ["~"] offset "+" length codecs      `~`: counted in the decompressed content of the container
//! codecs   = { "d" | "z" | "g" | "b" | "w" }               applied from left to right
//! label    = parts of the member's name, "%", "@" and what is not printable written as %XX
//! ```

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Longest part of a label, and longest label; what is longer is cut, since places tell members apart.
const PART: usize = 120;
const LABEL: usize = 600;

/// What has to be undone to get at the bytes of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Deflate, as in zip files.
    Deflate,
    /// Zstandard.
    Zstandard,
    /// Gzip.
    Gzip,
    /// Base64 with white space and `\/` in it, as in mail, pages and JSON.
    Base64,
    /// A record of a web archive: the body of the response in it.
    Response,
}

impl Codec {
    const ALL: [(Self, char); 5] = [
        (Self::Deflate, 'd'),
        (Self::Zstandard, 'z'),
        (Self::Gzip, 'g'),
        (Self::Base64, 'b'),
        (Self::Response, 'w'),
    ];

    fn letter(self) -> char {
        Self::ALL.iter().find(|(codec, _)| *codec == self).map_or('?', |(_, letter)| *letter)
    }
}

/// A place within a file or member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Step {
    /// Counted in what the container holds once it is decompressed as a whole.
    pub(crate) decompressed: bool,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) codecs: Vec<Codec>,
}

impl Step {
    /// Bytes as they are.
    pub(crate) fn plain(offset: u64, length: u64) -> Self {
        Self { offset, length, ..Self::default() }
    }

    /// The path of the member at this place of a container.
    pub(crate) fn below(&self, container: &Path, name: &str) -> PathBuf {
        let mut path = container.to_path_buf();
        let parts: Vec<String> = label(name);
        let (last, folders) = parts.split_last().expect("a label has a part");
        path.extend(folders);
        let start = if self.decompressed { "~" } else { "" };
        let codecs: String = self.codecs.iter().map(|codec| codec.letter()).collect();
        path.push(format!("{last}@{start}{}+{}{codecs}", self.offset, self.length));
        path
    }

    /// The place that the end of a part says; `None` for a part of a label.
    fn parse(part: &OsStr) -> Option<Self> {
        let (_, place) = part.to_str()?.rsplit_once('@')?;
        let (decompressed, place) = place.strip_prefix('~').map_or((false, place), |rest| (true, rest));
        let (offset, rest) = place.split_once('+')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let codec = |letter| Codec::ALL.iter().find(|(_, known)| *known == letter).map(|(codec, _)| *codec);
        Some(Self {
            decompressed,
            offset: offset.parse().ok()?,
            length: rest[..digits].parse().ok()?,
            codecs: rest[digits..].chars().map(codec).collect::<Option<_>>()?,
        })
    }
}

/// A path taken apart: the file, and the way from it to the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Locator {
    pub(crate) file: PathBuf,
    pub(crate) steps: Vec<Step>,
}

/// Takes a path apart where it leads through a regular file; `None` for any other path.
pub(crate) fn through_file(path: &Path) -> Option<Locator> {
    // Only the path of a member has such an end: others cost no look at the disk.
    Step::parse(path.file_name()?)?;
    let file = path.ancestors().skip(1).find(|above| above.metadata().is_ok())?;
    if !file.is_file() {
        return None;
    }
    let below = path.strip_prefix(file).ok()?;
    let steps = below.components().filter_map(|part| Step::parse(part.as_os_str())).collect();
    Some(Locator { file: file.to_path_buf(), steps })
}

/// A name of a container's member as parts of a path, at least one.
fn label(name: &str) -> Vec<String> {
    let mut left = LABEL;
    let part = |part: &str| {
        let mut written = String::new();
        for letter in part.chars() {
            if written.len() >= PART || left == 0 {
                break;
            }
            let plain = !letter.is_control() && !matches!(letter, '@' | '%' | '\\' | ':');
            let dot = letter == '.' && matches!(part, "." | "..");
            if plain && !dot {
                written.push(letter);
            } else {
                let mut bytes = [0; 4];
                letter
                    .encode_utf8(&mut bytes)
                    .bytes()
                    .for_each(|byte| written.push_str(&format!("%{byte:02X}")));
            }
            left = left.saturating_sub(1);
        }
        written
    };
    let parts: Vec<String> = name
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .map(part)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() { vec!["member".into()] } else { parts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_names_lead_nowhere() {
        let step = Step::plain(5, 7);
        for (name, expected) in [
            ("img/1.jpg", "/c/img/1.jpg@5+7"),
            ("../../etc/passwd", "/c/%2E%2E/%2E%2E/etc/passwd@5+7"),
            ("/abs\\x//y", "/c/abs/x/y@5+7"),
            ("a@1+2/b", "/c/a%401+2/b@5+7"),
            ("", "/c/member@5+7"),
            ("\0\n", "/c/%00%0A@5+7"),
        ] {
            assert_eq!(step.below(Path::new("/c"), name), PathBuf::from(expected), "{name}");
        }
        let long = step.below(Path::new("/c"), &"x/".repeat(10_000));
        assert!(long.as_os_str().len() < 3000);
    }

    #[test]
    fn only_a_path_through_a_file_is_taken_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a@1+2");
        std::fs::write(&file, "x").unwrap();
        assert_eq!(through_file(&file), None);
        assert_eq!(through_file(&folder.path().join("b@1+2")), None);
        let step =
            Step { decompressed: true, offset: 1, length: 2, codecs: vec![Codec::Gzip, Codec::Response] };
        let inner = Step::plain(9, 9);
        let path = inner.below(&step.below(&file, "in ner/x"), "y");
        assert_eq!(through_file(&path), Some(Locator { file, steps: vec![step, inner] }));
    }

    proptest! {
        #[test]
        fn a_member_is_found_again(name in "\\PC{0,30}", offset: u64, length: u64, decompressed: bool, codec in 0usize..5) {
            let step = Step { decompressed, offset, length, codecs: vec![Codec::ALL[codec].0] };
            let path = step.below(Path::new("/c"), &name);
            prop_assert_eq!(Step::parse(path.file_name().unwrap()), Some(step));
            let folders = path.parent().unwrap().components().skip(2);
            prop_assert!(folders.into_iter().all(|part| Step::parse(part.as_os_str()).is_none()));
            let normal = |part| matches!(part, std::path::Component::Normal(_));
            prop_assert!(path.components().skip(1).all(normal), "{:?}", path);
        }
    }
}
