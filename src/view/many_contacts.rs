//! One picture, many contacts: photos and designs on several ads whose contacts differ and that share nothing else.
//!
//! They may be one poster's who changes phones, or a stock picture: only a person can tell, so they are listed with
//! what a person needs, the most contacts first. The trap: they are not common, and they join nobody; a reviewer
//! makes a network of one by confirming the photo, or a stock picture by calling it common.

use super::joined::{Joined, extent};
use super::words;
use crate::corpus::PhoneBook;
use crate::corpus::{AdRow, ImageRow, addresses, handle};
use crate::language::say;
use crate::link::{Design, PhotoGroup, design_id};
use crate::record::{Decision, ImageId, Ruling, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Does a design join nobody, and is no photo on all its ads listed or decided instead?
fn is_open(joined: &Joined<'_>, design: &Design) -> bool {
    let shows_all = |group: &&PhotoGroup| design.ads.iter().all(|ad| group.ads.binary_search(ad).is_ok());
    let settled = |group: &PhotoGroup| group.many_contacts || group.common.is_some();
    let is_decided = joined.snapshot.decisions.iter().any(|decision| decides(joined, decision, design));
    let network = joined.network_of_ad(design.ads[0]).map(|network| &network.id);
    let is_one_network = network.is_some()
        && design.ads.iter().all(|&ad| joined.network_of_ad(ad).map(|network| &network.id) == network);
    !design.joins
        && !is_decided
        && !is_one_network
        && !joined.findings.groups.iter().filter(shows_all).any(settled)
}

/// Is a decision that stands about all images of a design?
fn decides(joined: &Joined<'_>, decision: &Decision, design: &Design) -> bool {
    let id = |row: &ImageRow| joined.snapshot.images[*row].id();
    let about = |images: &[ImageId]| design.images.iter().all(|row| images.contains(&id(row)));
    decision.ruling != Ruling::Unsure && matches!(&decision.subject, Subject::Photo(images) if about(images))
}

/// One picture, summed up. Text is sorted and without repeats.
#[derive(Debug, Clone)]
pub struct ManyContacts<'a> {
    /// The photo group's, or the design's.
    pub id: String,
    /// `photo`, or `design`: the same flyer or form with other words in each.
    pub kind: &'static str,
    /// Ad rows, ascending.
    pub ads: &'a [AdRow],
    /// One image that shows it.
    pub image: ImageRow,
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
        let designs: Vec<&Design> =
            joined.findings.designs.iter().filter(|design| is_open(joined, design)).collect();
        // A photo that is a part of such a design is told with it.
        let holds = |design: &&Design, group: &PhotoGroup| {
            group.images.iter().all(|image| design.images.binary_search(image).is_ok())
        };
        let alone = |group: &&PhotoGroup| !designs.iter().any(|design| holds(design, group));
        let groups = joined.findings.groups.iter().filter(|group| group.many_contacts).filter(alone);
        let photos: Vec<&PhotoGroup> = groups.collect();
        if photos.is_empty() && designs.is_empty() {
            return Vec::new();
        }
        let book = joined.phone_book();
        let photos = photos.into_iter().map(|group| Self::of_photo(joined, book, group));
        let designs = designs.into_iter().map(|design| Self::of_design(joined, book, design));
        let mut all: Vec<Self> = photos.chain(designs.filter(|design| design.contacts.len() > 1)).collect();
        all.sort_by(|x, y| {
            let size = |one: &Self| (one.contacts.len(), one.ads.len());
            size(y).cmp(&size(x)).then_with(|| x.id.cmp(&y.id))
        });
        all
    }

    fn of_photo(joined: &Joined<'a>, book: &PhoneBook, group: &'a PhotoGroup) -> Self {
        let named = (group.id.clone(), "photo");
        Self::new(joined, book, named, &group.ads, group.images[0])
    }

    fn of_design(joined: &Joined<'a>, book: &PhoneBook, design: &'a Design) -> Self {
        let image = design.images[0];
        let id = design_id(joined.snapshot.images[image].id());
        Self::new(joined, book, (id, "design"), &design.ads, image)
    }

    fn new(
        joined: &Joined<'a>,
        book: &PhoneBook,
        (id, kind): (String, &'static str),
        rows: &'a [AdRow],
        image: ImageRow,
    ) -> Self {
        let ads = || rows.iter().map(|&row| joined.ad(row));
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
            id,
            kind,
            ads: rows,
            image,
            contacts: phones.into_values().chain(names).collect(),
            silent,
            sites: texts(ads().map(|ad| &*ad.key.site).collect()),
            places: texts(ads().map(|ad| &*ad.location).collect()),
            first_seen,
            last_seen,
        }
    }

    /// What would settle whose it is, as far as its ads do not say.
    pub fn would_settle(&self, joined: &Joined<'_>) -> String {
        let mut ways = Vec::new();
        if let [one, other, ..] = &*self.contacts {
            ways.push(say!("whether {one} and {other} belong to one poster", one = one, other = other));
        }
        if self.silent > 0 {
            let ads = words::count(self.silent, "ad");
            ways.push(say!("the contact behind {ads} that give none", ads = ads));
        }
        let posted = |ad: &AdRow| Some(&*joined.ad(*ad).posted_at).filter(|time| !time.is_empty());
        if let Some(first) = self.ads.iter().filter(|ad| posted(ad).is_some()).min_by_key(|ad| posted(ad)) {
            ways.push(say!("where the earliest, {ad}, had it from", ad = joined.ad(*first).key));
        }
        ways.push(say!("a second photo or a text of their own that two of them share").into());
        ways.push(say!("the picture in a stock library or a catalogue").into());
        ways.join("; ")
    }
}
