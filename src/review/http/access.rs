//! Who may come in: a random token in the printed address, exchanged once for a cookie; both stand for one reviewer. The
//! token is used up by that: an address that is found later, in a history or a log, opens nothing.
//!
//! Every reviewer has an address of their own, so a decision carries the name its token was printed for, not one
//! typed into a form. The trap: cookies of one host are shared by all its ports, so the cookie's name is made from
//! the token, lest two desks throw each other's reviewers out.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::corpus::reviewer_name;
use crate::error::{Error, Result};
use crate::language::Language;
use crate::record::{Decision, ImageId, hex};

/// Where the desk is reached, and who may come in.
pub(crate) struct Door {
    names: HostNames,
    sessions: Vec<Arc<Session>>,
    /// Of the pages, where adlink was started with one; else each browser says.
    language: Option<Language>,
}

/// What comes of a token.
pub(crate) enum Entrance {
    /// The reviewer it was made for comes in.
    Open(Arc<Session>),
    /// Somebody came in with it before.
    Used,
    /// No address with it was printed.
    Unknown,
}

impl Door {
    /// With a session for every reviewer. `whole_job`: they may open cases and read ads in, too.
    pub(crate) fn new(
        address: SocketAddr,
        reviewers: &[String],
        language: Option<Language>,
        whole_job: bool,
    ) -> Result<Self> {
        let session = |name: &String| {
            let session = Session::new(name)?;
            Ok(Arc::new(Session { whole_job, ..session }))
        };
        let sessions = reviewers.iter().map(session).collect::<Result<_>>()?;
        Ok(Self { names: HostNames::of(address, machine_name()), sessions, language })
    }

    /// For every reviewer: name, and the address that lets them in.
    pub(crate) fn entrances(&self) -> impl Iterator<Item = (&str, String)> {
        let address = &self.names.names[0];
        let sessions = self.sessions.iter();
        sessions.map(move |s| (&*s.reviewer, format!("http://{address}/enter?token={}", s.token)))
    }

    /// Takes a token. The browser that used it may come again with it.
    pub(crate) fn enter(&self, token: &str, cookies: &str) -> Entrance {
        match self.sessions.iter().find(|session| same(token, &session.token)) {
            None => Entrance::Unknown,
            Some(session) if session.used.swap(true, Ordering::SeqCst) && !session.has_cookie(cookies) => {
                Entrance::Used
            }
            Some(session) => Entrance::Open(session.clone()),
        }
    }

    /// The reviewer whose cookie a `Cookie` header carries.
    pub(crate) fn with_cookie(&self, header: &str) -> Option<&Arc<Session>> {
        self.sessions.iter().find(|session| session.has_cookie(header))
    }

    /// The language of a request with this `Cookie` and this `Accept-Language` header: what its reviewer chose goes before
    /// what adlink was started with, and that before what the browser asks for.
    pub(crate) fn language(&self, cookies: &str, accepted: &str) -> Language {
        let chosen = self.with_cookie(cookies).and_then(|session| session.language());
        chosen.or(self.language).unwrap_or_else(|| Language::preferred(accepted))
    }

    /// True when a `Host` header names this desk.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        self.names.hold(host)
    }
}

/// The names under which a socket may be addressed. Any other is one that somebody pointed here.
struct HostNames {
    /// With port; the first is for printing.
    names: Vec<String>,
    /// The port, where the desk listens at all addresses of the machine. Nobody can point an address elsewhere, as
    /// they can a name.
    any_address: Option<u16>,
}

impl HostNames {
    fn of(at: SocketAddr, machine: Option<String>) -> Self {
        let (ip, port) = (at.ip(), at.port());
        let mut names = vec![at.to_string()];
        if ip.is_loopback() || ip.is_unspecified() {
            names.push(format!("localhost:{port}"));
        }
        if let Some(machine) = machine.filter(|_| !ip.is_loopback()) {
            names.extend([format!("{machine}:{port}"), format!("{machine}.local:{port}")]);
        }
        if ip.is_unspecified() {
            // `http://0.0.0.0` leads nowhere.
            let printed = usize::from(names.len() > 2) + 1;
            names.swap(0, printed);
        }
        if port == 80 {
            let bare: Vec<String> =
                names.iter().filter_map(|name| name.strip_suffix(":80")).map(String::from).collect();
            names.extend(bare);
        }
        Self { names, any_address: ip.is_unspecified().then_some(port) }
    }

    fn hold(&self, host: &str) -> bool {
        let address = || match host.parse::<SocketAddr>() {
            Ok(address) => Some(address.port()),
            Err(_) => host.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|_| 80),
        };
        self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
            || self.any_address.is_some_and(|port| address() == Some(port))
    }
}

/// What the machine calls itself, where it says so.
fn machine_name() -> Option<String> {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let said = || ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name = kernel.or_else(said)?.trim().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// A reviewer at the desk.
pub(crate) struct Session {
    /// As they named themselves.
    pub(crate) reviewer: String,
    /// Whether they may do more than review one case.
    pub(crate) whole_job: bool,
    token: String,
    used: AtomicBool,
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
    language: Option<Language>,
}

/// A request of a reviewer.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) session: Arc<Session>,
    /// Path and query that were asked for.
    pub(crate) address: Arc<str>,
}

impl Deref for Visit {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Session {
    /// With a new token of 256 random bits.
    fn new(reviewer: &str) -> Result<Self> {
        let token = random()?;
        let derived = |purpose: &str| hex(&Sha256::digest(format!("{purpose}:{token}")));
        Ok(Self {
            reviewer: reviewer_name(reviewer)?,
            whole_job: false,
            used: AtomicBool::new(false),
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

    /// The language that the reviewer chose, where they did.
    pub(crate) fn language(&self) -> Option<Language> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).language
    }

    /// From now on all their pages are in this language.
    pub(crate) fn choose_language(&self, language: Language) {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).language = Some(language);
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
        let names = HostNames::of("127.0.0.1:1".parse().unwrap(), None);
        let door = Door { names, sessions: vec![Arc::new(one), Arc::new(two)], language: None };
        for session in &door.sessions {
            let open = |cookies: &str| match door.enter(&session.token, cookies) {
                Entrance::Open(found) => Some(found.token == session.token),
                Entrance::Used => None,
                Entrance::Unknown => panic!("the token is one of the door's"),
            };
            assert_eq!((open(""), open(""), open("x=1")), (Some(true), None, None));
            assert_eq!(open(&session.set_cookie()), Some(true), "the browser that came in may come again");
        }
        assert!(matches!(door.enter("", ""), Entrance::Unknown));
    }

    #[test]
    fn a_socket_answers_to_the_names_of_its_machine_and_to_no_other() {
        let holds =
            |at: &str, host: &str| HostNames::of(at.parse().unwrap(), Some("desk-7".into())).hold(host);
        for (at, host) in [
            ("127.0.0.1:47", "127.0.0.1:47"),
            ("127.0.0.1:47", "LOCALHOST:47"),
            ("10.0.0.5:47", "10.0.0.5:47"),
            ("10.0.0.5:47", "desk-7:47"),
            ("10.0.0.5:47", "Desk-7.local:47"),
            ("0.0.0.0:47", "desk-7:47"),
            ("0.0.0.0:47", "localhost:47"),
            ("0.0.0.0:47", "10.0.0.5:47"),
            ("[::]:47", "[fe80::1]:47"),
            ("0.0.0.0:80", "10.0.0.5"),
            ("0.0.0.0:80", "desk-7"),
        ] {
            assert!(holds(at, host), "{at} {host}");
        }
        for (at, host) in [
            ("127.0.0.1:47", "desk-7:47"),
            ("127.0.0.1:47", "10.0.0.5:47"),
            ("10.0.0.5:47", "10.0.0.6:47"),
            ("10.0.0.5:47", "localhost:47"),
            ("0.0.0.0:47", "evil.example:47"),
            ("0.0.0.0:47", "10.0.0.5:48"),
            ("0.0.0.0:47", "10.0.0.5"),
            ("0.0.0.0:47", ""),
        ] {
            assert!(!holds(at, host), "{at} {host}");
        }
        let printed = |at: &str, machine: Option<&str>| {
            HostNames::of(at.parse().unwrap(), machine.map(String::from)).names.swap_remove(0)
        };
        assert_eq!(printed("0.0.0.0:47", Some("desk-7")), "desk-7:47");
        assert_eq!(printed("0.0.0.0:47", None), "localhost:47");
        assert_eq!(printed("10.0.0.5:47", Some("desk-7")), "10.0.0.5:47");
    }

    #[test]
    fn a_choice_goes_before_the_start_and_that_before_the_browser() {
        let door =
            |language| Door::new("127.0.0.1:1".parse().unwrap(), &["a".into()], language, false).unwrap();
        let (free, started) = (door(None), door(Some(Language::German)));
        assert_eq!(free.language("", "de-AT, en;q=0.5"), Language::German);
        assert_eq!(free.language("", ""), Language::English);
        assert_eq!(started.language("", "en"), Language::German);
        let session = &started.sessions[0];
        let cookie = session.set_cookie();
        assert_eq!(started.language(&cookie, "en"), Language::German);
        session.choose_language(Language::English);
        assert_eq!(started.language(&cookie, "de"), Language::English);
        assert_eq!(started.language("", "en"), Language::German, "others are not asked");
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
