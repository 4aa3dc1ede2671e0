//! Who may come in: a random token in the printed address, exchanged once for a cookie; both stand for one reviewer.
//!
//! Every reviewer has an address of their own, so a decision carries the name its token was printed for, not one
//! typed into a form. The trap: cookies of one host are shared by all its ports, so the cookie's name is made from
//! the token, lest two desks throw each other's reviewers out.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::record::{Decision, ImageId};

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
    pub(crate) fn new(reviewer: &str) -> Result<Self> {
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

    /// What the printed address ends with.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// What every form of this reviewer's pages must send back.
    pub(crate) fn form(&self) -> &str {
        &self.form
    }

    pub(crate) fn has_token(&self, token: &str) -> bool {
        same(token, &self.token)
    }

    pub(crate) fn has_form(&self, form: &str) -> bool {
        same(form, &self.form)
    }

    /// True for a `Cookie` header that carries this reviewer's cookie.
    pub(crate) fn has_cookie(&self, header: &str) -> bool {
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
        assert!(one.has_token(one.token()) && !one.has_token(two.token()) && !one.has_token(""));
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
