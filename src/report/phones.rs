//! Phone numbers as ads give them, those with the same digits together.
//!
//! `(000) 555-0136` and `555 0136` are one number to a reader only when the digits are the same; country codes and
//! trunk zeros are left to linking, which knows more. A text without digits stands for itself.

use super::text::shown;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Numbers shown; `networks.jsonl` has all of them.
const MOST: usize = 24;

/// The spellings of each number, in order of their digits.
fn grouped<'p>(phones: &[&'p str]) -> Vec<Vec<&'p str>> {
    let mut by_digits: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for &phone in phones {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let key = if digits.is_empty() { phone.to_string() } else { digits };
        by_digits.entry(key).or_default().push(phone);
    }
    by_digits.into_values().collect()
}

pub(super) fn phones(phones: &[&str]) -> Markup {
    let numbers = grouped(phones);
    html! {
        @for (place, spellings) in numbers.iter().take(MOST).enumerate() {
            @if place > 0 { " \u{b7} " }
            span.name {
                (shown(spellings[0]))
                @if let [_, others @ ..] = &spellings[..] {
                    @if !others.is_empty() {
                        span.minor { " also written " @for (k, other) in others.iter().enumerate() {
                            @if k > 0 { ", " } (shown(other))
                        } }
                    }
                }
            }
        }
        @if numbers.len() > MOST { ", and " (numbers.len() - MOST) " more" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_stand_together() {
        let numbers = grouped(&["(000) 555-0136", "000 555 0136", "555-0136", "ask", "call me"]);
        let expected: [&[&str]; 4] =
            [&["(000) 555-0136", "000 555 0136"], &["555-0136"], &["ask"], &["call me"]];
        assert_eq!(numbers, expected);
        assert!(phones(&["+1 2", "12"]).into_string().contains("also written"));
    }
}
