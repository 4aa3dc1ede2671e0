//! Keys to the service: who may ask what, until when. Kept as digests in a file beside the case.
//!
//! Not in the case itself, so not under its seal: keys must be revocable while the service holds the case for writing, and
//! a copy of a case that goes to a partner or a court must not carry them. What is done with a key stands in the audit
//! chain under its id. The trap: a token is shown once, when it is made; the file holds its SHA-256 alone, which is
//! enough for 256 random bits.

use super::private_file;
use crate::error::{Error, Result};
use crate::record::hex;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenScope {
    /// Hash pictures and look them up.
    Match,
    /// Add ads, banks and entries.
    Write,
    /// Read ads, networks and changes; decide and give feedback.
    Review,
    /// All of it; remove banks, change what is matched, read counters.
    Admin,
}

impl TokenScope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Match, Self::Write, Self::Review, Self::Admin];

    /// Name in flags and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Write => "write",
            Self::Review => "review",
            Self::Admin => "admin",
        }
    }

    /// The scope of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Stands in logs and in the audit chain.
    pub id: String,
    /// Whom it was made for.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None` for never.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    digest: [u8; 32],
}

impl Token {
    /// Whether it opens anything at a time.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|end| now < end)
    }

    /// Whether it allows what this scope does.
    pub fn allows(&self, scope: TokenScope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&TokenScope::Admin)
    }

    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "scopes": self.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>(),
            "created": self.created.to_string(),
            "expires": self.expires.map(|time| time.to_string()),
            "revoked": self.revoked.map(|time| time.to_string()),
            "sha256": hex(&self.digest),
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let time = |name: &str| text(name).map(str::parse::<Timestamp>).transpose().ok();
        let scope = |scope: &Value| TokenScope::from_name(scope.as_str()?);
        Some(Self {
            id: text("id")?.to_string(),
            name: text("name")?.to_string(),
            scopes: value.get("scopes")?.as_array()?.iter().map(scope).collect::<Option<_>>()?,
            created: time("created")??,
            expires: time("expires")?,
            revoked: time("revoked")?,
            digest: crate::record::ImageId::parse(text("sha256")?)?.0,
        })
    }
}

/// The tokens of a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFile {
    tokens: Vec<Token>,
}

/// Where the tokens of a case are kept unless somebody says otherwise.
pub fn token_path(case: &Path) -> PathBuf {
    private_file::beside(case, "-tokens")
}

impl TokenFile {
    /// Reads the file; one that is not there holds no token.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Table`] when it is no file of tokens.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let parse = || {
            let value: Value = serde_json::from_slice(&bytes).ok()?;
            value.get("tokens")?.as_array()?.iter().map(Token::from_json).collect::<Option<Vec<_>>>()
        };
        let damaged = || Error::Table {
            path: path.to_path_buf(),
            line: 0,
            reason: "no file of tokens, or damaged: restore it, or remove it and make new tokens".into(),
        };
        parse().map(|tokens| Self { tokens }).ok_or_else(damaged)
    }

    /// Writes the file beside itself and puts it in its place, readable by its owner only.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = json!({ "tokens": self.tokens.iter().map(Token::to_json).collect::<Vec<_>>() });
        private_file::replace(path, format!("{text:#}\n").as_bytes())
            .map_err(|error| Error::io("write", path, error))
    }

    /// All tokens, oldest first.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Makes a token and returns its text, which nobody can find out again.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn create(
        &mut self,
        name: &str,
        scopes: &[TokenScope],
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<String> {
        let mut random = [0; 36];
        getrandom::fill(&mut random)
            .map_err(|error| Error::io("read", "the system's random numbers", io::Error::other(error)))?;
        let (id, secret) = random.split_at(4);
        let id = format!("t{}", hex(id));
        let text = format!("adlink_{id}_{}", hex(secret));
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let digest = Sha256::digest(text.as_bytes()).into();
        self.tokens.push(Token {
            id,
            name: name.into(),
            scopes,
            created: now,
            expires,
            revoked: None,
            digest,
        });
        Ok(text)
    }

    /// Revokes a token by its id, in letters of either case: one that somebody dictates must not stay good for that. False
    /// when there is none such, or it was revoked before.
    pub fn revoke(&mut self, id: &str, now: Timestamp) -> bool {
        let is_it = |token: &Token| token.id.eq_ignore_ascii_case(id.trim()) && token.revoked.is_none();
        let token = self.tokens.iter_mut().find(|token| is_it(token));
        token.map(|token| token.revoked = Some(now)).is_some()
    }

    /// The token of a text, whether it is good or not. Takes as long for any text of a length.
    pub fn find(&self, text: &str) -> Option<&Token> {
        let asked: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        self.tokens
            .iter()
            .fold(None, |found, token| if same(&token.digest, &asked) { Some(token) } else { found })
    }
}

/// Equal digests, found out without telling by the time it takes where they differ.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |different, (x, y)| different | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_opens_what_it_allows_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = token_path(&folder.path().join("case.adlink"));
        assert_eq!(TokenFile::read(&path).unwrap(), TokenFile::default());
        let mut file = TokenFile::default();
        let (made, ends) = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        let text = file.create("partner", &[TokenScope::Match], Some(ends), made).unwrap();
        let all = file.create("ann", &[TokenScope::Admin], None, made).unwrap();
        file.write(&path).unwrap();
        let stored = fs::read_to_string(&path).unwrap();
        assert!(!stored.contains(&text) && !stored.contains(&text[17..]), "the secret is in the file");
        let mut read = TokenFile::read(&path).unwrap();
        assert_eq!(read, file);
        let token = read.find(&text).unwrap();
        assert!(token.is_good(made) && !token.is_good(ends));
        assert!(token.allows(TokenScope::Match) && !token.allows(TokenScope::Write));
        assert!(TokenScope::ALL.iter().all(|scope| read.find(&all).unwrap().allows(*scope)));
        assert_eq!(read.find(&text[..text.len() - 1]), None);
        assert_eq!(read.find(""), None);
        let id = token.id.clone();
        assert!(read.clone().revoke(&format!(" {} ", id.to_uppercase()), made));
        assert!(read.revoke(&id, made) && !read.revoke(&id, made) && !read.revoke("t0", made));
        assert!(!read.find(&text).unwrap().is_good(made));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["case.adlink-tokens"]);
    }

    #[test]
    fn a_damaged_file_lets_nobody_in_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for text in [
            "",
            "{}",
            "{\"tokens\":[{}]}",
            "{\"tokens\":[{\"id\":\"t\",\"name\":\"n\",\"scopes\":[\"all\"]}]}",
        ] {
            fs::write(&path, text).unwrap();
            assert!(matches!(TokenFile::read(&path), Err(Error::Table { .. })), "{text}");
        }
    }
}
