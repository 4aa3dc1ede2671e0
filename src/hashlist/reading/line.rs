//! Lists of a hash or digest a line: bare, behind the name of its kind, before the name of a file, or among
//! `key=value`.
//!
//! What ThreatExchange's tools write and read, and what `md5sum` and its like write. The trap: `sha256sum` parts
//! digest and name by two spaces or a space and a star; that, and nothing in the digits, tells a SHA-256 from a PDQ
//! hash.

use super::digits::{BareDigits, DigitKind, put};
use super::fields;
use super::stream::ListStream;
use super::tally::{ListIntake, ListSaid};
use crate::corpus::NewEntry;
use crate::error::Result;
use crate::hash::Quality;

pub(super) fn read(stream: &mut ListStream<'_>, intake: &mut ListIntake<'_>) -> Result<()> {
    stream.each_line(intake, |text| text.is_empty() || text.starts_with('#'), said)
}

/// What a line says.
pub(super) fn said(text: &str, bare: BareDigits) -> Result<ListSaid, String> {
    let text = text.trim();
    let mut entry = NewEntry::default();
    let padded = if let Some((kind, digits)) = typed(text) {
        put(&mut entry, kind, digits, bare)?
    } else if text.contains('=')
        && text.split(',').any(|part| part.trim().to_lowercase().starts_with("hash="))
    {
        return pairs(text, bare);
    } else if let Some((digits, name)) = digest_and_name(text) {
        let kind = if digits.len() == 64 { DigitKind::Sha256 } else { DigitKind::Unsaid };
        entry.uri = name.into();
        put(&mut entry, kind, digits, bare)?
    } else {
        cells(&mut entry, text, bare)?
    };
    if entry.pdq.is_none_or(|hash| hash.to_string() != text) {
        entry.raw = text.into();
    }
    Ok(ListSaid::Entry(Box::new(entry), padded))
}

/// `pdq <hex>`: the kind as a word before it.
fn typed(text: &str) -> Option<(DigitKind, &str)> {
    let (word, digits) = text.split_once([' ', '\t', ':'])?;
    let kind = fields::kind_of(word)?;
    Some((kind, digits.trim()))
}

/// `<hex>  name`, as `md5sum` and its like write.
fn digest_and_name(text: &str) -> Option<(&str, &str)> {
    let (digits, name) = text.split_once(' ')?;
    let name = name.strip_prefix([' ', '*'])?;
    let is_digest =
        matches!(digits.len(), 32 | 40 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_digest && !name.is_empty()).then_some((digits, name))
}

/// `hex`, or `hex,quality,file`.
fn cells(entry: &mut NewEntry, text: &str, bare: BareDigits) -> Result<bool, String> {
    let mut cells = text.splitn(3, ',').map(str::trim);
    let padded = put(entry, DigitKind::Unsaid, cells.next().unwrap_or_default(), bare)?;
    if let Some(quality) = cells.next().filter(|cell| !cell.is_empty()) {
        let number = quality.parse::<u8>().ok().filter(|number| *number <= 100);
        let number = number.ok_or_else(|| format!("`{quality}` is not a quality: expected 0 to 100"))?;
        entry.quality = Some(Quality::new(number));
    }
    entry.uri = cells.next().unwrap_or_default().trim_matches('"').into();
    Ok(padded)
}

/// `hash=hex,k=v`.
fn pairs(text: &str, bare: BareDigits) -> Result<ListSaid, String> {
    let pairs = text.split(',').map(|part| part.split_once('=').unwrap_or((part, "")));
    let mut fields = fields::EntryFields::new(bare);
    for (name, value) in pairs {
        fields.put(name.trim(), value.trim().into());
    }
    fields.raw(text.into());
    fields.said()
}
