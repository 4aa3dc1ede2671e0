//! Who asks: a bearer token, or, on this machine alone and as long as no token was ever made, anybody.
//!
//! Without tokens a web page in a browser on this machine could ask, too, so then the address must be this machine's own
//! and no other site may stand behind the request. The trap: tokens are looked up in a file that changes while the service
//! runs; a revoked one ends within [`LOOK_AGAIN`], and so do all when the file is gone or damaged: what it would say of
//! them nobody knows.

use super::answer::Problem;
use crate::api::tokens::{TokenFile, TokenScope};
use crate::error::{Error, Result};
use crate::source::Stamp;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName};
use jiff::Timestamp;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

/// How often the file of tokens is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Who asks, as logs and the audit chain name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) String);

/// What lets callers in.
pub(crate) struct Gate {
    path: PathBuf,
    address: SocketAddr,
    /// Tokens are wanted even while there is none.
    strict: bool,
    tokens: RwLock<KnownTokens>,
    looked: Mutex<Looked>,
}

/// What the file of tokens says.
#[derive(Debug)]
enum KnownTokens {
    Read(TokenFile),
    /// It was there and cannot be used any more: nobody comes in.
    Lost(Problem),
}

/// When the file was looked at, and what it looked like.
struct Looked {
    at: Instant,
    stamp: Option<Stamp>,
}

impl Gate {
    /// # Errors
    /// Those of reading the file of tokens.
    pub(crate) fn open(path: PathBuf, address: SocketAddr, strict: bool) -> Result<Self> {
        let looked = Mutex::new(Looked { at: Instant::now(), stamp: stamp(&path) });
        let tokens = RwLock::new(KnownTokens::Read(TokenFile::read(&path)?));
        Ok(Self { path, address, strict, tokens, looked })
    }

    /// Whether anybody on this machine may ask.
    pub(crate) fn is_open(&self) -> bool {
        !self.strict && matches!(&*self.known(), KnownTokens::Read(tokens) if tokens.tokens().is_empty())
    }

    /// Why nobody comes in at all.
    pub(crate) fn lost(&self) -> Option<Problem> {
        self.look_again();
        match &*self.known() {
            KnownTokens::Read(_) => None,
            KnownTokens::Lost(why) => Some(why.clone()),
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, KnownTokens> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who asks, if they may.
    pub(crate) fn admit(&self, headers: &HeaderMap, scope: TokenScope) -> Result<Caller, Problem> {
        if let Some(why) = self.lost() {
            return Err(why);
        }
        if self.is_open() {
            return self.local_caller(headers);
        }
        let refused = |message: &str| Problem::new(StatusCode::UNAUTHORIZED, message);
        let text = bearer(headers).ok_or_else(|| refused("a bearer token is needed"))?;
        let known = self.known();
        let tokens = match &*known {
            KnownTokens::Read(tokens) => tokens,
            KnownTokens::Lost(why) => return Err(why.clone()),
        };
        let token = tokens.find(text).filter(|token| token.is_good(Timestamp::now()));
        let token = token.ok_or_else(|| refused("this token is unknown, has ended or was revoked"))?;
        if !token.allows(scope) {
            let message = format!("this token does not allow `{}`", scope.name());
            return Err(Problem::new(StatusCode::FORBIDDEN, message));
        }
        Ok(Caller(token.id.clone()))
    }

    fn local_caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(header::HOST).unwrap_or_default();
        if !self.is_here(host) {
            let message = "without tokens only this machine's own address is answered to";
            return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, message));
        }
        let site = text(HeaderName::from_static("sec-fetch-site"));
        let elsewhere = site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
            || text(header::ORIGIN).is_some_and(|origin| !self.is_here(origin.trim_start_matches("http://")));
        if elsewhere {
            let message = "without tokens no request of another site's page is answered";
            return Err(Problem::new(StatusCode::FORBIDDEN, message));
        }
        Ok(Caller("local".into()))
    }

    fn is_here(&self, host: &str) -> bool {
        let name = host
            .rsplit_once(':')
            .filter(|(_, port)| port.parse::<u16>().is_ok())
            .map_or(host, |(name, _)| name);
        let is_loopback = |name: &str| name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        name.eq_ignore_ascii_case("localhost")
            || is_loopback(name.trim_start_matches('[').trim_end_matches(']'))
            || host == self.address.to_string()
    }

    /// Reads the file again if it changed. One that is gone or cannot be read keeps everybody out until it can: whoever
    /// removes it means to end what it held, and no door may open by it.
    fn look_again(&self) {
        let Ok(mut looked) = self.looked.try_lock() else { return };
        if looked.at.elapsed() < LOOK_AGAIN {
            return;
        }
        looked.at = Instant::now();
        let now = stamp(&self.path);
        let is_lost = matches!(&*self.known(), KnownTokens::Lost(_));
        if now == looked.stamp && !is_lost {
            return;
        }
        let tokens = match (now, TokenFile::read(&self.path)) {
            (None, Ok(_)) => KnownTokens::Lost(lost("is gone", None)),
            (Some(_), Ok(tokens)) => KnownTokens::Read(tokens),
            (_, Err(error)) => KnownTokens::Lost(lost("cannot be used", Some(&error))),
        };
        looked.stamp = now;
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
    }
}

/// 503 for everybody; where the file lies is for the operator alone.
fn lost(how: &str, error: Option<&Error>) -> Problem {
    let message = format!("the service's file of tokens {how}: nobody is let in until it is restored");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, message);
    match error {
        None => problem,
        Some(error) => problem.because(error),
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|file| Stamp::of(&file))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (kind, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        of.iter().map(pair).collect()
    }

    fn gate(path: PathBuf, strict: bool) -> Gate {
        Gate::open(path, "127.0.0.1:4711".parse().unwrap(), strict).unwrap()
    }

    #[test]
    fn without_tokens_only_this_machine_is_answered_to() {
        let folder = tempfile::tempdir().unwrap();
        let gate = gate(folder.path().join("tokens"), false);
        let asked = |of: &[(&'static str, &str)]| {
            gate.admit(&headers(of), TokenScope::Admin).map_err(|why| why.status.as_u16())
        };
        for host in ["127.0.0.1:4711", "localhost:4711", "LocalHost", "[::1]:4711", "127.0.0.1"] {
            assert_eq!(asked(&[("host", host)]), Ok(Caller("local".into())), "{host}");
        }
        for host in
            ["", "evil.example", "evil.example:4711", "localhost.evil.example:4711", "127.0.0.1.evil.example"]
        {
            assert_eq!(asked(&[("host", host)]), Err(421), "{host}");
        }
        let here = ("host", "localhost:4711");
        assert_eq!(asked(&[here, ("origin", "http://evil.example")]), Err(403));
        assert_eq!(asked(&[here, ("origin", "null")]), Err(403));
        assert_eq!(asked(&[here, ("sec-fetch-site", "cross-site")]), Err(403));
        assert!(asked(&[here, ("sec-fetch-site", "none")]).is_ok());
    }

    #[test]
    fn tokens_open_what_they_allow_and_nothing_once_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let mut file = TokenFile::default();
        let now = Timestamp::now();
        let text = file.create("x", &[TokenScope::Match], None, now).unwrap();
        let ended = file.create("y", &[TokenScope::Match], Some(now), now).unwrap();
        file.write(&path).unwrap();
        let gate = gate(path.clone(), false);
        let asked = |value: &str, scope| {
            let headers = headers(&[("authorization", value), ("host", "anything.example")]);
            gate.admit(&headers, scope).map_err(|why| why.status.as_u16())
        };
        assert_eq!(
            asked(&format!("Bearer {text}"), TokenScope::Match),
            Ok(Caller(file.tokens()[0].id.clone()))
        );
        assert!(asked(&format!("bearer  {text} "), TokenScope::Match).is_ok());
        assert_eq!(asked(&format!("Bearer {text}"), TokenScope::Write), Err(403));
        assert_eq!(asked(&format!("Bearer {ended}"), TokenScope::Match), Err(401));
        assert_eq!(asked(&format!("Basic {text}"), TokenScope::Match), Err(401));
        assert_eq!(asked("Bearer x", TokenScope::Match), Err(401));
        assert_eq!(asked("", TokenScope::Match), Err(401));
        let id = file.tokens()[0].id.clone();
        file.revoke(&id, now);
        file.write(&path).unwrap();
        std::thread::sleep(LOOK_AGAIN);
        assert_eq!(asked(&format!("Bearer {text}"), TokenScope::Match), Err(401));
    }

    /// Whatever becomes of the file, a token that was good a moment ago opens nothing, and the file back opens again.
    #[test]
    fn a_file_of_tokens_that_is_lost_shuts_the_door() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let mut file = TokenFile::default();
        let text = file.create("x", &[TokenScope::Match], None, Timestamp::now()).unwrap();
        file.write(&path).unwrap();
        let gate = gate(path.clone(), false);
        let asked = || {
            std::thread::sleep(LOOK_AGAIN);
            let headers = headers(&[("authorization", &format!("Bearer {text}")), ("host", "localhost")]);
            gate.admit(&headers, TokenScope::Match).map_err(|why| (why.status.as_u16(), why.message))
        };
        let whole = fs::read(&path).unwrap();
        for lose in ["gone", "cut", "empty", "folder"] {
            match lose {
                "cut" => fs::write(&path, &whole[..whole.len() / 2]).unwrap(),
                "empty" => fs::write(&path, b"").unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            if lose == "folder" {
                fs::create_dir(&path).unwrap();
            }
            let (status, message) = asked().unwrap_err();
            assert!(status == 503 && message.contains("file of tokens"), "{lose}: {status} {message}");
            assert!(!gate.is_open() && !message.contains(folder.path().to_str().unwrap()), "{lose}");
            let _ = fs::remove_dir(&path);
            fs::write(&path, &whole).unwrap();
            assert!(asked().is_ok(), "{lose}");
        }
    }

    /// A file that comes later and is none does not leave the door open either.
    #[test]
    fn an_unusable_first_file_shuts_the_door() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let gate = gate(path.clone(), false);
        let here = headers(&[("host", "localhost:4711")]);
        assert!(gate.admit(&here, TokenScope::Match).is_ok());
        fs::write(&path, b"[]").unwrap();
        std::thread::sleep(LOOK_AGAIN);
        assert_eq!(gate.admit(&here, TokenScope::Match).unwrap_err().status.as_u16(), 503);
    }

    #[test]
    fn beyond_this_machine_nobody_comes_in_without_a_token() {
        let folder = tempfile::tempdir().unwrap();
        let gate = gate(folder.path().join("tokens"), true);
        let refused = gate.admit(&headers(&[("host", "localhost")]), TokenScope::Match).unwrap_err();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }
}
