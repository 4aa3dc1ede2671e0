//! The course a reviewer takes through the queue: which pairs, in which order, and what comes next.
//!
//! It travels in the address of every page, so that two tabs can take two courses and nothing has to be remembered.
//! Pairs that somebody decided are passed over; a reviewer who wants to give a second opinion asks for those.

use serde::Deserialize;
use std::fmt;

use super::ledger::{DecisionState, Ledger};
use super::model::CaseState;
use super::queue::{Item, PairOrder};
use crate::language::word;
use crate::record::{ImageId, Ruling};

/// Two images, the smaller id first.
pub(crate) type Ids = (ImageId, ImageId);

/// As it stands in an address; all of it may be absent.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Course {
    #[serde(default)]
    order: String,
    #[serde(default)]
    across: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    network: String,
}

/// Which pairs are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Decided by nobody, or left unsure by others.
    Open,
    /// Leads among these.
    Leads,
    /// Decided by others only: for a second opinion.
    Second,
    /// On which reviewers disagree.
    Disputed,
    /// Left unsure.
    Unsure,
    /// All.
    All,
}

impl Show {
    pub(crate) const ALL: [Self; 6] =
        [Self::Open, Self::Leads, Self::Second, Self::Disputed, Self::Unsure, Self::All];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Leads => "leads",
            Self::Second => "second",
            Self::Disputed => "disputed",
            Self::Unsure => "unsure",
            Self::All => "all",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Open => word!("not decided"),
            Self::Leads => word!("leads only"),
            Self::Second => word!("decided by others only"),
            Self::Disputed => word!("reviewers disagree"),
            Self::Unsure => word!("unsure"),
            Self::All => word!("all"),
        }
    }
}

impl Course {
    /// From the fields of a form.
    pub(crate) fn of_fields<'f>(one: impl Fn(&'static str) -> &'f str) -> Self {
        let own = |name| one(name).to_string();
        Self { order: own("order"), across: own("across"), show: own("show"), network: own("network") }
    }

    /// Through one network only.
    pub(crate) fn in_network(network: &str) -> Self {
        Self { network: network.to_string(), ..Self::default() }
    }

    pub(crate) fn order(&self) -> PairOrder {
        PairOrder::from_name(&self.order)
    }

    pub(crate) fn show(&self) -> Show {
        Show::ALL.into_iter().find(|show| show.name() == self.show).unwrap_or(Show::Open)
    }

    pub(crate) fn across(&self) -> bool {
        self.across == "1"
    }

    pub(crate) fn network(&self) -> &str {
        &self.network
    }

    /// Its parts, for the hidden fields of a form. Only names that mean something leave again.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let mut fields = vec![("order", self.order().name()), ("show", self.show().name())];
        if self.across() {
            fields.push(("across", "1"));
        }
        if is_network_id(&self.network) {
            fields.push(("network", &self.network));
        }
        fields
    }

    /// The pairs on this course.
    pub(crate) fn items<'v>(
        &self,
        case: &'v CaseState<'_>,
        ledger: &'v Ledger,
        reviewer: &'v str,
    ) -> impl Iterator<Item = &'v Item> {
        let (show, across) = (self.show(), self.across());
        let id = self.network.clone();
        let networks = &case.joined.findings.networks;
        case.queue.in_order(self.order()).filter(move |item| {
            let inside = || item.network.is_some_and(|network| networks[network].id == id);
            (!across || item.across) && (id.is_empty() || inside()) && shows(show, ledger, reviewer, item)
        })
    }

    /// The pair after another one, from the start again at the end; `None` when nothing else is left.
    pub(crate) fn next(
        &self,
        case: &CaseState<'_>,
        ledger: &Ledger,
        reviewer: &str,
        after: Option<&Ids>,
    ) -> Option<Ids> {
        let place = after.and_then(|ids| case.queue.in_order(self.order()).position(|item| item.ids == *ids));
        let rank = |ids: &Ids| case.queue.in_order(self.order()).position(|item| item.ids == *ids);
        let left: Vec<Ids> = self
            .items(case, ledger, reviewer)
            .map(|item| item.ids)
            .filter(|ids| Some(ids) != after)
            .collect();
        let behind = place.and_then(|place| left.iter().find(|ids| rank(ids).is_some_and(|at| at > place)));
        behind.or(left.first()).copied()
    }
}

fn shows(show: Show, ledger: &Ledger, reviewer: &str, item: &Item) -> bool {
    let state = || ledger.state(&item.ids);
    let mine = || ledger.word_of(reviewer, &item.ids);
    match show {
        Show::All => true,
        Show::Open => is_open(ledger, reviewer, item),
        Show::Leads => item.lead && is_open(ledger, reviewer, item),
        Show::Second => {
            mine().is_none() && matches!(state(), DecisionState::Settled(_) | DecisionState::Disputed)
        }
        Show::Disputed => state() == DecisionState::Disputed,
        Show::Unsure => state() == DecisionState::Unsure || mine() == Some(Ruling::Unsure),
    }
}

/// Decided by nobody, or left unsure by others.
fn is_open(ledger: &Ledger, reviewer: &str, item: &Item) -> bool {
    match ledger.state(&item.ids) {
        DecisionState::Open => true,
        DecisionState::Unsure => ledger.word_of(reviewer, &item.ids).is_none(),
        _ => false,
    }
}

/// `n-` and hex digits: nothing else goes back into an address.
fn is_network_id(id: &str) -> bool {
    id.strip_prefix("n-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// As the query of an address, with its question mark.
impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.fields().into_iter().enumerate() {
            write!(f, "{}{name}={value}", if place == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// The address of a pair's page, without its course.
pub(crate) fn pair_path(ids: &Ids) -> String {
    format!("/pair/{}/{}", ids.0, ids.1)
}

/// An image id of 64 hex digits. Whatever else stands in a path is not even looked up.
pub(crate) fn image_id(text: &str) -> Option<ImageId> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut id = [0; 32];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16).filter(|_| !c.is_ascii_uppercase());
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(ImageId(id))
}

/// Two different ids in order.
pub(crate) fn ids(a: &str, b: &str) -> Option<Ids> {
    let (a, b) = (image_id(a)?, image_id(b)?);
    (a != b).then(|| (a.min(b), a.max(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_64_small_hex_digits_name_an_image() {
        let text = "0a".repeat(32);
        assert_eq!(image_id(&text).unwrap().to_string(), text);
        for bad in [
            "",
            "..",
            "../../etc/passwd",
            &"0A".repeat(32),
            &"0a".repeat(33),
            &"g0".repeat(32),
            &"é".repeat(32),
        ] {
            assert!(image_id(bad).is_none(), "{bad}");
        }
        assert!(ids(&text, &text).is_none());
    }

    #[test]
    fn an_address_holds_only_what_means_something() {
        let odd =
            Course { order: "x\r\n".into(), across: "<".into(), show: "y".into(), network: "n-0&a=1".into() };
        assert_eq!(odd.to_string(), "?order=effect&show=open");
        assert_eq!(Course::in_network("n-0f").to_string(), "?order=effect&show=open&network=n-0f");
    }
}
