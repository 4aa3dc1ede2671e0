//! Hex digits of a list: a hash, or a digest of a file.
//!
//! 32 digits are an MD5 and 40 a SHA-1. 64 are a PDQ hash unless the list says otherwise, and 48 to 63 one that lost
//! its leading zeros: half of its bits are set, so that it loses few. The trap: 64 digits may be a SHA-256 as well,
//! and nothing in them tells.

use crate::corpus::NewEntry;
use crate::hash::Hash256;
use crate::record::ImageId;

/// Hex digits that a PDQ hash has at least.
const LEAST: usize = 48;

/// What 64 hex digits are of which nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BareDigits {
    /// A PDQ hash.
    #[default]
    Pdq,
    /// A SHA-256.
    Sha256,
}

/// What a word beside the digits says they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DigitKind {
    /// Nothing: their number tells.
    Unsaid,
    Pdq,
    Md5,
    Sha1,
    Sha256,
}

/// Hex digits in a row that are meant as a hash, if a mistyped one.
const SOME: usize = 16;

/// Whether anything in a text may be a hash, whole or not.
pub(super) fn holds_digits(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_hexdigit()).any(|run| run.len() >= SOME)
}

/// Puts digits where they belong in an entry; whether zeros were put before them. An entry has one hash of a kind.
pub(super) fn put(
    entry: &mut NewEntry,
    kind: DigitKind,
    text: &str,
    bare: BareDigits,
) -> Result<bool, String> {
    let text = text.trim().trim_matches('"');
    let kind = match (kind, text.len(), bare) {
        (DigitKind::Unsaid, 32, _) => DigitKind::Md5,
        (DigitKind::Unsaid, 40, _) => DigitKind::Sha1,
        (DigitKind::Unsaid, _, BareDigits::Sha256) => DigitKind::Sha256,
        (DigitKind::Unsaid, ..) => DigitKind::Pdq,
        (kind, ..) => kind,
    };
    match kind {
        DigitKind::Md5 => one(&mut entry.md5, bytes(text, "an MD5")?, "MD5")?,
        DigitKind::Sha1 => one(&mut entry.sha1, bytes(text, "a SHA-1")?, "SHA-1")?,
        DigitKind::Sha256 => one(&mut entry.sha256, ImageId(bytes(text, "a SHA-256")?), "SHA-256")?,
        DigitKind::Pdq | DigitKind::Unsaid => {
            let hash = text.parse::<Hash256>().map_err(|error| error.to_string())?;
            if text.len() < LEAST {
                return Err(format!("`{text}` is too short for a PDQ hash: expected 64 hex digits"));
            }
            one(&mut entry.pdq, hash, "PDQ hash")?;
            return Ok(text.len() < 64);
        }
    }
    Ok(false)
}

/// Puts a hash where none is, or the same one.
fn one<T: PartialEq>(place: &mut Option<T>, hash: T, what: &str) -> Result<(), String> {
    match place.replace(hash) {
        Some(before) if place.as_ref() != Some(&before) => {
            Err(format!("it has a second {what}: which is it?"))
        }
        _ => Ok(()),
    }
}

fn bytes<const N: usize>(text: &str, what: &str) -> Result<[u8; N], String> {
    let wrong = || {
        let start: String = text.chars().take(80).collect();
        format!("`{start}` is not {what}: expected {} hex digits", 2 * N)
    };
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(wrong());
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16).unwrap_or_default() as u8;
        *byte = digit(0) << 4 | digit(1);
    }
    Ok(bytes)
}
