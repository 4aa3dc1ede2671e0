//! Phone numbers as ads give them, the writings of one number together.
//!
//! Which writings are one number the corpus says, for this page as for linking. A text that is no number stands for
//! itself, and one that is written alike on two sites may be two numbers.

use super::long_tables::and_more;
use super::text::shown;
use crate::corpus::{PhoneBook, PhoneKey};
use crate::language::say;
use crate::link::Network;
use crate::view::Joined;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers shown; `networks.jsonl` has all of them.
const MOST: usize = 24;

/// The spellings of each number, in order of the first of each. Given as (site, writing).
fn grouped<'p>(book: &PhoneBook, phones: impl Iterator<Item = (&'p str, &'p str)>) -> Vec<Vec<&'p str>> {
    let mut by_number: BTreeMap<Result<PhoneKey, &str>, BTreeSet<&str>> = BTreeMap::new();
    for (site, phone) in phones {
        by_number.entry(book.key(site, phone).ok_or(phone)).or_default().insert(phone);
    }
    let mut spellings: Vec<Vec<&str>> =
        by_number.into_values().map(|spellings| spellings.into_iter().collect()).collect();
    spellings.sort_unstable();
    spellings
}

fn given<'j>(joined: &Joined<'j>, network: &Network) -> Vec<Vec<&'j str>> {
    let ads = network.ads.iter().map(|&row| joined.ad(row));
    let given = ads.flat_map(|ad| ad.phones.iter().map(|phone| (&*ad.key.site, &**phone)));
    grouped(joined.phone_book(), given)
}

/// How many numbers the ads of a network give, however each is written.
pub(super) fn numbers(joined: &Joined<'_>, network: &Network) -> usize {
    given(joined, network).len()
}

pub(super) fn phones(joined: &Joined<'_>, network: &Network) -> Markup {
    let numbers = given(joined, network);
    html! {
        @for (place, spellings) in numbers.iter().take(MOST).enumerate() {
            @if place > 0 { " \u{b7} " }
            span.name {
                (shown(spellings[0]))
                @if let [_, others @ ..] = &spellings[..] {
                    @if !others.is_empty() {
                        span.minor { " " (say!("also written")) " " @for (k, other) in others.iter().enumerate() {
                            @if k > 0 { ", " } (shown(other))
                        } }
                    }
                }
            }
        }
        @if numbers.len() > MOST { (and_more(numbers.len() - MOST)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_stand_together() {
        let given = ["(030) 555-0136", "030 555 0136", "+49 30 5550136", "555-0136", "ask", "call me"];
        let ad = crate::record::Ad {
            phones: given.map(String::from).to_vec(),
            ..crate::record::Ad::blank(crate::record::AdKey { site: "a.example".into(), ad_id: "1".into() })
        };
        let numbers = grouped(&PhoneBook::of(&[ad]), given.iter().map(|&phone| ("a.example", phone)));
        let expected: [&[&str]; 4] =
            [&["(030) 555-0136", "+49 30 5550136", "030 555 0136"], &["555-0136"], &["ask"], &["call me"]];
        assert_eq!(numbers, expected);
    }
}
