//! What a pseudonym of an export stands for: the way back, which only the holder of the case has.
//!
//! Nothing is stored for it: every site, ad, place and image of the case is given its pseudonym again and compared. The
//! trap: pseudonyms are those of one recipient; those of exports that an older adlink made are the same for all.

use super::profile::{ad_name, image_name, place_name, site_name};
use crate::case::{Case, Keyed};
use crate::error::Result;
use std::collections::BTreeSet;

/// What a pseudonym stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resolved {
    /// `site`, `ad`, `place` or `image`.
    pub kind: &'static str,
    /// Its name: of an ad, site and id; of an image, its SHA-256.
    pub name: String,
    /// Who was given the pseudonym; empty for an export of an older adlink, whose pseudonyms were the same for all.
    pub recipient: String,
}

/// Looks a pseudonym up, of these recipients; of all that the audit chain names when there are none. An image may be
/// given by the first 8 or more of its 64 digits.
///
/// # Errors
/// When the case cannot be read.
pub fn resolve(case: &Case, pseudonym: &str, recipients: &[String]) -> Result<Vec<Resolved>> {
    let wanted = pseudonym.trim().to_lowercase();
    let keyed = case.keyed()?;
    let mut keys: Vec<(String, Keyed)> = Vec::new();
    let known = if recipients.is_empty() { recipients_on_record(case)? } else { recipients.to_vec() };
    keys.extend(known.into_iter().map(|recipient| (recipient.clone(), keyed.of_recipient(&recipient))));
    keys.push((String::new(), keyed));
    let snapshot = case.snapshot()?;
    let mut found = BTreeSet::new();
    for (recipient, keyed) in &keys {
        let mut add =
            |kind, name: String| found.insert(Resolved { kind, name, recipient: recipient.clone() });
        for ad in &snapshot.ads {
            let (site, ad_id) = (&ad.key.site, &ad.key.ad_id);
            if ad_name(keyed, site, ad_id) == wanted {
                add("ad", format!("{site}/{ad_id}"));
            }
            if site_name(keyed, site) == wanted {
                add("site", site.clone());
            }
            if place_name(keyed, &ad.location) == wanted && !ad.location.is_empty() {
                add("place", ad.location.clone());
            }
        }
        for id in snapshot.images.iter().map(|image| image.id()) {
            if wanted.len() >= 8 && image_name(keyed, &id).to_string().starts_with(&wanted) {
                add("image", id.to_string());
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Everybody who was ever given an export.
fn recipients_on_record(case: &Case) -> Result<Vec<String>> {
    let exports = case.audit_entries()?.into_iter().filter(|entry| entry.action == "export");
    let names = exports.filter_map(|entry| entry.detail["recipient"].as_str().map(str::to_string));
    Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
}
