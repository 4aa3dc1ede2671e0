//! One picture, many contacts: photos on several ads whose contacts differ and that have nothing else in common.
//!
//! They may be one poster's who changes phones, or a stock picture: only a person can tell, so they are listed with
//! what a person needs, the most contacts first. The trap: they are not common, and they join nobody; a reviewer
//! makes a network of one by confirming the photo, or a stock picture by calling it common.

use super::joined::{Joined, extent};
use crate::corpus::PhoneBook;
use crate::corpus::{addresses, handle};
use crate::link::PhotoGroup;
use std::collections::{BTreeMap, BTreeSet};

/// One picture, summed up. Text is sorted and without repeats.
#[derive(Debug, Clone)]
pub struct ManyContacts<'a> {
    /// The photo group.
    pub group: &'a PhotoGroup,
    /// Different contacts: each phone as first written, then handles and addresses.
    pub contacts: Vec<String>,
    /// Ads that give no contact.
    pub silent: usize,
    /// Sites.
    pub sites: Vec<&'a str>,
    /// Places as claimed.
    pub places: Vec<&'a str>,
    /// Earliest known time of an ad; empty when unknown.
    pub first_seen: String,
    /// Latest known time of an ad.
    pub last_seen: String,
}

impl<'a> ManyContacts<'a> {
    /// All of a case, the most contacts first, then the most ads. O(n log n) in the ads of these photos, once the
    /// phones of the case are read.
    pub fn of(joined: &Joined<'a>) -> Vec<Self> {
        let groups: Vec<&PhotoGroup> =
            joined.findings.groups.iter().filter(|group| group.many_contacts).collect();
        if groups.is_empty() {
            return Vec::new();
        }
        let book = joined.phone_book();
        let mut all: Vec<Self> = groups.into_iter().map(|group| Self::new(joined, book, group)).collect();
        all.sort_by(|x, y| {
            let size = |one: &Self| (one.contacts.len(), one.group.ads.len());
            size(y).cmp(&size(x)).then_with(|| x.group.id.cmp(&y.group.id))
        });
        all
    }

    fn new(joined: &Joined<'a>, book: &PhoneBook, group: &'a PhotoGroup) -> Self {
        let ads = || group.ads.iter().map(|&row| joined.ad(row));
        let texts = |texts: BTreeSet<&'a str>| texts.into_iter().filter(|text| !text.is_empty()).collect();
        let (first_seen, last_seen) = extent(ads().flat_map(|ad| [&*ad.posted_at, &*ad.collected_at]));
        let (mut phones, mut names, mut silent) = (BTreeMap::new(), BTreeSet::new(), 0);
        for ad in ads() {
            let keys = book.of_ad(ad);
            let others: Vec<String> = handle(ad).into_iter().chain(addresses(ad)).collect();
            silent += usize::from(keys.is_empty() && others.is_empty());
            for phone in ad.phones.iter().filter_map(|text| Some((book.key(&ad.key.site, text)?, text))) {
                phones.entry(phone.0).or_insert_with(|| phone.1.clone());
            }
            for key in keys {
                phones.entry(key).or_insert_with(|| key.to_string());
            }
            names.extend(others);
        }
        Self {
            group,
            contacts: phones.into_values().chain(names).collect(),
            silent,
            sites: texts(ads().map(|ad| &*ad.key.site).collect()),
            places: texts(ads().map(|ad| &*ad.location).collect()),
            first_seen,
            last_seen,
        }
    }

    /// What would settle whose it is.
    pub fn would_settle(&self) -> &'static str {
        "a text, place or second photo that these ads share, or the picture on a stock site or in a catalogue; then \
         confirm the photo or call it common"
    }
}
