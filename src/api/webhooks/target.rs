//! Where changes are told, and the secret by which a receiver knows who tells them.
//!
//! The trap: what is told names ads and decisions, so plain HTTP goes to this machine alone.

use crate::error::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use hyper::Uri;
use sha2::Sha256;
use std::fmt;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

/// Bytes of a secret, at least.
const SHORTEST: usize = 16;

/// An address that changes are told to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookTarget {
    pub(super) address: Uri,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_secure: bool,
}

impl FromStr for WebhookTarget {
    type Err = Error;

    /// Of an address that begins with `https://`, or with `http://` on this machine.
    fn from_str(text: &str) -> Result<Self> {
        let refused = |expected: &str| Error::Parameter {
            name: "--webhook",
            value: text.to_string(),
            expected: expected.to_string(),
        };
        let whole = "an address such as https://partner.example/changes";
        let address: Uri = text.parse().map_err(|_| refused(whole))?;
        let (scheme, host) = (address.scheme_str(), address.host());
        let (Some(scheme), Some(host)) = (scheme, host) else { return Err(refused(whole)) };
        if address.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refused(
                "an address without a name and password; --webhook-secret signs what is sent",
            ));
        }
        let is_secure = match scheme {
            "https" => true,
            "http" if is_here(host) => false,
            "http" => return Err(refused("https:// beyond this machine: what is told names ads")),
            _ => return Err(refused(whole)),
        };
        let port = address.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let host = host.trim_start_matches('[').trim_end_matches(']').to_string();
        Ok(Self { host, port, is_secure, address })
    }
}

impl fmt::Display for WebhookTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What deliveries are signed with.
#[derive(Clone)]
pub struct WebhookSecret(Hmac<Sha256>);

/// The secret stays out of logs.
impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// The secret that a file holds; white space at its ends is none of it.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Parameter`] when it is too short to be one.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(|error| Error::io("read", path, error))?;
        let secret = bytes.trim_ascii();
        if secret.len() < SHORTEST {
            let expected = format!("a file with a secret of at least {SHORTEST} bytes");
            return Err(Error::Parameter {
                name: "--webhook-secret",
                value: path.display().to_string(),
                expected,
            });
        }
        Ok(Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length")))
    }

    /// HMAC-SHA-256 of a time, a full stop and a body.
    pub(super) fn sign(&self, time: i64, body: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(format!("{time}.").as_bytes());
        mac.update(body);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_of_this_machine() {
        for (good, host, port) in [
            ("https://partner.example/changes?x=1", "partner.example", 443),
            ("https://partner.example:8443", "partner.example", 8443),
            ("http://127.0.0.1:9/x", "127.0.0.1", 9),
            ("http://[::1]:9/x", "::1", 9),
            ("http://localhost/", "localhost", 80),
        ] {
            let target: WebhookTarget = good.parse().unwrap();
            assert_eq!((target.host.as_str(), target.port), (host, port), "{good}");
        }
        for bad in [
            "",
            "partner.example",
            "/changes",
            "ftp://partner.example/",
            "http://partner.example/",
            "http://localhost.partner.example/",
            "http://10.0.0.1/",
            "https://ann:secret@partner.example/",
            "https://",
            "file:///etc/passwd",
        ] {
            assert!(matches!(bad.parse::<WebhookTarget>(), Err(Error::Parameter { .. })), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_not_told_and_not_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "  short\n").unwrap();
        assert!(matches!(WebhookSecret::read(&path), Err(Error::Parameter { .. })));
        fs::write(&path, "0123456789abcdef\n").unwrap();
        let secret = WebhookSecret::read(&path).unwrap();
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
        // As `printf '1.{}' | openssl dgst -sha256 -hmac 0123456789abcdef` has it.
        assert_eq!(
            crate::record::hex(&secret.sign(1, b"{}")),
            "2af693cb56b22c16912222aeefdc75a01de562bf70ee2015f41ecea48382997f"
        );
    }
}
