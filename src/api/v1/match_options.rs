//! What a look-up is to go through, and what counts as found.
//!
//! The trap: an option that leaves something out changes what an answer without hits means, so each of them stands in
//! `not_done` when it does.

use super::given::Given;
use super::undone::Undone;
use crate::api::http::answer::Problem;
use crate::bank::{BankFilter, BankIndex};
use crate::verify::Tier;
use std::collections::BTreeSet;

/// Hits that one answer lists, unless a request wants other.
pub(crate) const LISTED: u64 = 100;
/// The most that it can want.
pub(crate) const MOST_LISTED: u64 = 10_000;

/// What is to be looked through, and what counts as found.
#[derive(Debug, Clone)]
pub(crate) struct MatchOptions {
    /// `None` for all, an empty list for none.
    pub(super) banks: Option<Vec<String>>,
    pub(super) posts: bool,
    pub(super) tiers: Vec<Tier>,
    leads: bool,
    pub(super) limit: usize,
    pub(super) radius: u32,
}

impl MatchOptions {
    /// Everything, within a radius.
    pub(crate) fn all(radius: u32) -> Self {
        Self {
            banks: None,
            posts: true,
            tiers: Tier::PHOTO.to_vec(),
            leads: true,
            limit: LISTED as usize,
            radius,
        }
    }

    pub(crate) fn read(given: &mut Given, radius: u32) -> Result<Self, Problem> {
        let usual = Self::all(radius);
        let tier = |name: String| {
            let found = Tier::PHOTO.into_iter().find(|tier| tier.name() == name);
            found.ok_or_else(|| {
                let names = Tier::PHOTO.map(Tier::name).join(", ");
                Problem::bad("`tiers` names a tier that is not known").with(format!("known are {names}"))
            })
        };
        let tiers = given.list("tiers")?.map(|names| names.into_iter().map(tier).collect::<Result<_, _>>());
        let banks = given.list("banks")?;
        if let Some(name) = banks.iter().flatten().find(|name| !crate::corpus::is_bank_name(name)) {
            let shown: String = name.chars().take(60).collect();
            return Err(Problem::bad(format!("`{shown}` is no name of a bank")));
        }
        Ok(Self {
            banks,
            posts: given.switch("posts")?.unwrap_or(usual.posts),
            tiers: tiers.transpose()?.unwrap_or(usual.tiers),
            leads: given.switch("leads")?.unwrap_or(usual.leads),
            limit: given.number("limit", 1, MOST_LISTED)?.unwrap_or(LISTED) as usize,
            radius: given.number("radius", 0, 63)?.map_or(radius, |radius| radius as u32),
        })
    }

    /// 404 for a bank that is named and not there: whoever misspells one would take silence for an all-clear.
    pub(crate) fn check_banks(&self, index: &BankIndex) -> Result<(), Problem> {
        let Some(named) = &self.banks else { return Ok(()) };
        let banks = index.banks();
        let known: BTreeSet<&str> = banks.iter().map(|bank| bank.name()).collect();
        match named.iter().find(|name| !known.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Problem::no_bank().with(format!("`{name}`"))),
        }
    }

    pub(super) fn wants(&self, tier: Option<Tier>) -> bool {
        match tier {
            Some(tier) if tier.is_same_photo() => self.tiers.contains(&tier),
            Some(_) => self.leads && self.tiers.contains(&Tier::Partial),
            None => false,
        }
    }

    /// The banks that are asked, as far as they are on.
    pub(super) fn filter(&self) -> BankFilter {
        self.banks.as_ref().map_or_else(BankFilter::default, |banks| BankFilter::of(banks.clone()))
    }

    /// What they leave out.
    pub(super) fn leave_out(&self, not_done: &mut Vec<Undone>) {
        for tier in Tier::PHOTO.into_iter().filter(|tier| !self.tiers.contains(tier)) {
            not_done.push(Undone::new(tier.name(), "`tiers` leaves it out"));
        }
        if !self.leads {
            not_done.push(Undone::new("leads", "`leads` leaves them out"));
        }
        if !self.posts {
            not_done.push(Undone::new("posts", "`posts` leaves them out"));
        }
    }
}
