//! Who may come in: a random token in the printed address, exchanged once for a cookie; both stand for one reviewer.
//!
//! Every reviewer has an address of their own, so a decision carries the name its token was printed for, not one
//! typed into a form. The trap: cookies of one host are shared by all its ports, so the cookie's name is made from
//! the token, lest two desks throw each other's reviewers out.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::record::{Decision, ImageId};

/// Where the desk is reached, and who may come in.
pub(crate) struct Door {
    addresses: Vec<String>,
    sessions: Vec<Arc<Session>>,
}

impl Door {
    /// With a session for every reviewer.
    pub(crate) fn new(address: SocketAddr, reviewers: &[String]) -> Result<Self> {
        let sessions =
            reviewers.iter().map(|name| Session::new(name).map(Arc::new)).collect::<Result<_>>()?;
        Ok(Self { addresses: addresses(address), sessions })
    }

    /// For every reviewer: name, and the address that lets them in.
    pub(crate) fn entrances(&self) -> impl Iterator<Item = (&str, String)> {
        let address = &self.addresses[0];
        let sessions = self.sessions.iter();
        sessions.map(move |s| (&*s.reviewer, format!("http://{address}/enter?token={}", s.token)))
    }

    /// The reviewer for whom an address with this token was printed.
    pub(crate) fn with_token(&self, token: &str) -> Option<&Arc<Session>> {
        self.sessions.iter().find(|session| same(token, &session.token))
    }

    /// The reviewer whose cookie a `Cookie` header carries.
    pub(crate) fn with_cookie(&self, header: &str) -> Option<&Arc<Session>> {
        self.sessions.iter().find(|session| session.has_cookie(header))
    }

    /// True when a `Host` header names this desk.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        self.addresses.iter().any(|address| address.eq_ignore_ascii_case(host))
    }
}

/// The names under which a socket may be addressed. Any other is one that somebody pointed here.
fn addresses(at: SocketAddr) -> Vec<String> {
    let mut names = vec![at.to_string()];
    if at.ip().is_loopback() {
        names.push(format!("localhost:{}", at.port()));
    }
    names
}

/// A reviewer at the desk.
pub(crate) struct Session {
    /// As they named themselves.
    pub(crate) reviewer: String,
    token: String,
    cookie: String,
    form: String,
    desk: Mutex<OnDesk>,
}

/// What a reviewer did since the desk was opened.
#[derive(Default)]
struct OnDesk {
    revealed: BTreeSet<ImageId>,
    reveals: u64,
    made: Vec<Vec<Decision>>,
}

impl Session {
    /// With a new token of 256 random bits.
    fn new(reviewer: &str) -> Result<Self> {
        let token = random()?;
        let derived = |purpose: &str| hex(&Sha256::digest(format!("{purpose}:{token}")));
        Ok(Self {
            reviewer: reviewer.to_string(),
            cookie: derived("cookie"),
            form: derived("form"),
            token,
            desk: Mutex::default(),
        })
    }

    /// What every form of this reviewer's pages must send back.
    pub(crate) fn form(&self) -> &str {
        &self.form
    }

    pub(crate) fn has_form(&self, form: &str) -> bool {
        same(form, &self.form)
    }

    /// True for a `Cookie` header that carries this reviewer's cookie.
    fn has_cookie(&self, header: &str) -> bool {
        let name = self.cookie_name();
        let values = header.split(';').filter_map(|one| one.trim().split_once('='));
        values.filter(|(found, _)| *found == name).any(|(_, value)| same(value, &self.cookie))
    }

    /// The `Set-Cookie` header that lets this reviewer in until the browser is closed.
    pub(crate) fn set_cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name(), self.cookie)
    }

    fn cookie_name(&self) -> String {
        format!("adlink-{}", &hex(&Sha256::digest(self.token.as_bytes()))[..12])
    }

    /// Notes that an image was shown unblurred; returns how often that happened so far.
    pub(crate) fn reveal(&self, image: ImageId) -> u64 {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.revealed.insert(image);
        desk.reveals += 1;
        desk.reveals
    }

    /// How many of these images the reviewer has seen unblurred.
    pub(crate) fn seen(&self, images: &[ImageId]) -> usize {
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        images.iter().filter(|image| desk.revealed.contains(image)).count()
    }

    /// Times an image was shown unblurred.
    pub(crate) fn reveals(&self) -> u64 {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).reveals
    }

    /// Notes decisions made in one act, so that they can be taken back together.
    pub(crate) fn made(&self, decisions: Vec<Decision>) {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).made.push(decisions);
    }

    /// The decisions of the last act that was not taken back.
    pub(crate) fn take_last(&self) -> Option<Vec<Decision>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).made.pop()
    }
}

/// Equal texts, found out without telling by the time it takes where they differ: digests are compared, not texts.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    a.iter().zip(b.iter()).fold(0, |different, (x, y)| different | (x ^ y)) == 0
}

fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("read", "the system's random numbers", std::io::Error::other(error)))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cookies_and_forms_are_all_different_and_never_repeat() {
        let (one, two) = (Session::new("a").unwrap(), Session::new("a").unwrap());
        let secrets =
            BTreeSet::from([&one.token, &one.cookie, &one.form, &two.token, &two.cookie, &two.form]);
        assert_eq!(secrets.len(), 6);
        assert!(secrets.iter().all(|secret| secret.len() == 64));
        let door = Door { addresses: Vec::new(), sessions: vec![Arc::new(one), Arc::new(two)] };
        let of = |token: &str| door.with_token(token).map(|session| session.token.clone());
        assert!(door.sessions.iter().all(|session| of(&session.token).as_ref() == Some(&session.token)));
        assert_eq!(of(""), None);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let session = Session::new("a").unwrap();
        let cookie = session.set_cookie();
        let pair = cookie.split(';').next().unwrap();
        assert!(session.has_cookie(pair));
        assert!(session.has_cookie(&format!("x=1; {pair}; y=2")));
        assert!(!session.has_cookie("x=1"));
        assert!(!session.has_cookie(&pair[..pair.len() - 1]));
    }
}
