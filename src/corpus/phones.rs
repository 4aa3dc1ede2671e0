//! Phone numbers in one form: what makes two writings the same number, for linking, reports and the desk alike.
//!
//! A number is its country code and its digits without trunk zeros. Where the writing has no country code, that of the
//! site's other ads is taken, or that of the one number in the corpus which is the same but for it. The trap: whether
//! two writings are one number depends on the corpus, so keys of two corpora are not compared.

use crate::record::Ad;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// A number, the same for every writing of it in one corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneKey(u64);

/// Digits, with the country code where it is known.
impl fmt::Display for PhoneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A written number taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WrittenNumber {
    /// Country code, 0 when the writing has none.
    country: u16,
    /// The rest without leading zeros.
    rest: u64,
}

/// Country codes of two digits; 1 and 7 have one digit, all others three.
const TWO_DIGITS: [u16; 44] = [
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
    60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// Digits of a number, country code included.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// Numbers with a country code from which that of most of them is a site's.
const ENOUGH: u32 = 3;

impl WrittenNumber {
    /// `None` for what is no number: too short or long, one digit repeated, a row of digits.
    fn parse(text: &str) -> Option<Self> {
        let mut digits = String::new();
        let mut international = false;
        for c in text.chars() {
            match digit(c) {
                Some(digit) => digits.push(digit),
                None if c == '+' && digits.is_empty() => international = true,
                None => {}
            }
        }
        // `+44 (0)20`: the zero is for callers at home.
        if international && text.contains("(0)") {
            digits = text.replacen("(0)", "", 1).chars().filter_map(digit).collect();
        }
        if let Some(rest) = digits.strip_prefix("00").filter(|_| !international) {
            (digits, international) = (rest.to_string(), true);
        }
        if !DIGITS.contains(&digits.len()) || is_placeholder(&digits) {
            return None;
        }
        if international { Self::international(&digits) } else { Self::national(&digits) }
    }

    fn international(digits: &str) -> Option<Self> {
        let length = match digits.get(..2)?.parse::<u16>().ok()? {
            10..=19 | 70..=79 => 1,
            two if TWO_DIGITS.contains(&two) => 2,
            _ => 3,
        };
        let (country, rest) = digits.split_at_checked(length)?;
        Self::with(country.parse().ok()?, rest)
    }

    /// At home the North American and the Russian trunk prefix stand before ten digits.
    fn national(digits: &str) -> Option<Self> {
        match (digits.len(), digits.as_bytes()) {
            (11, [b'1', b'2'..=b'9', ..]) => Self::with(1, &digits[1..]),
            (11, [b'8' | b'7', b'9', ..]) => Self::with(7, &digits[1..]),
            _ => Self::with(0, digits),
        }
    }

    fn with(country: u16, rest: &str) -> Option<Self> {
        let rest = rest.trim_start_matches('0');
        if rest.len() < 5 || is_placeholder(rest) {
            return None;
        }
        Some(Self { country, rest: rest.parse().ok()? })
    }

    /// Country code and rest as one number.
    fn whole(self) -> u64 {
        let digits = self.rest.checked_ilog10().unwrap_or(0) + 1;
        u64::from(self.country) * 10_u64.pow(digits) + self.rest
    }
}

/// What one corpus knows about its numbers.
#[derive(Debug, Clone, Default)]
pub struct PhoneBook {
    /// The country of most numbers of a site.
    sites: BTreeMap<String, u16>,
    /// Rest and whole of every number with a country, sorted.
    by_rest: Vec<(u64, u64)>,
    /// The wholes, sorted.
    whole: Vec<u64>,
}

impl PhoneBook {
    /// From all numbers that ads, in the order of their sites, give in their fields or their texts. O(n log n).
    pub fn of(ads: &[Ad]) -> Self {
        Self::of_numbers(ads, &ads.iter().map(numbers_of).collect::<Vec<_>>())
    }

    /// As [`of`](Self::of), with the keys of every ad, sorted and without repeats.
    pub(crate) fn with_keys(ads: &[Ad]) -> (Self, Vec<Vec<PhoneKey>>) {
        let written: Vec<Vec<WrittenNumber>> = ads.par_iter().map(numbers_of).collect();
        let book = Self::of_numbers(ads, &written);
        let keys = ads.par_iter().zip(written).map(|(ad, written)| {
            let mut keys: Vec<PhoneKey> =
                written.into_iter().map(|written| book.resolved(&ad.key.site, written)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys
        });
        let keys = keys.collect();
        (book, keys)
    }

    fn of_numbers(ads: &[Ad], written: &[Vec<WrittenNumber>]) -> Self {
        let mut book = Self::default();
        let mut row = 0;
        for of_site in ads.chunk_by(|x, y| x.key.site == y.key.site) {
            let mut countries: BTreeMap<u16, u32> = BTreeMap::new();
            let numbers = written[row..row + of_site.len()].iter().flatten();
            for number in numbers.filter(|number| number.country != 0) {
                *countries.entry(number.country).or_default() += 1;
                book.by_rest.push((number.rest, number.whole()));
            }
            row += of_site.len();
            let all: u32 = countries.values().sum();
            let most = countries.into_iter().max_by_key(|&(_, count)| count);
            if let Some((country, _)) = most.filter(|&(_, count)| count >= ENOUGH && 2 * count > all) {
                book.sites.insert(of_site[0].key.site.clone(), country);
            }
        }
        book.by_rest.par_sort_unstable();
        book.by_rest.dedup();
        book.whole = book.by_rest.iter().map(|&(_, whole)| whole).collect();
        book.whole.par_sort_unstable();
        book
    }

    /// The number that a text on a site means; `None` for what is no number, placeholders among it.
    pub fn key(&self, site: &str, text: &str) -> Option<PhoneKey> {
        WrittenNumber::parse(text).map(|written| self.resolved(site, written))
    }

    fn resolved(&self, site: &str, written: WrittenNumber) -> PhoneKey {
        if written.country != 0 {
            return PhoneKey(written.whole());
        }
        let is_known = |whole: u64| self.whole.binary_search(&whole).is_ok();
        // Written with the country code, but without its sign.
        if is_known(written.rest) {
            return PhoneKey(written.rest);
        }
        let at_home = self.sites.get(site).map(|&country| WrittenNumber { country, ..written }.whole());
        match at_home {
            Some(home) if is_known(home) => PhoneKey(home),
            _ => PhoneKey(self.elsewhere(written.rest).or(at_home).unwrap_or(written.rest)),
        }
    }

    /// The one number of any country that is the same but for its country code.
    fn elsewhere(&self, rest: u64) -> Option<u64> {
        let from = self.by_rest.partition_point(|&(other, _)| other < rest);
        match self.by_rest[from..].iter().take_while(|(other, _)| *other == rest).collect::<Vec<_>>()[..] {
            [&(_, whole)] => Some(whole),
            _ => None,
        }
    }

    /// The numbers of an ad, sorted and without repeats: those of its field and those in its title and text.
    pub fn of_ad(&self, ad: &Ad) -> Vec<PhoneKey> {
        let mut keys: Vec<PhoneKey> =
            numbers_of(ad).into_iter().map(|written| self.resolved(&ad.key.site, written)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

fn numbers_of(ad: &Ad) -> Vec<WrittenNumber> {
    written_in(ad).iter().filter_map(|text| WrittenNumber::parse(text)).collect()
}

/// The numbers of an ad as written.
fn written_in(ad: &Ad) -> Vec<String> {
    let field = |text: &String| spelled_in(text).unwrap_or_else(|| with_zeros(text).into_owned());
    let mut written: Vec<String> = ad.phones.iter().map(field).collect();
    let texts = || [&ad.title, &ad.text].into_iter();
    for text in texts().chain([&ad.poster]).chain(&ad.phones).filter(|text| may_hold_number(text)) {
        written.extend(super::contacts::phone_links(text));
    }
    for text in texts().map(|text| with_zeros(text)).filter(|text| may_hold_number(text)) {
        written.extend(in_text(&text));
    }
    written.extend(texts().filter_map(|text| spelled_in(text)));
    written
}

/// Are there eight digits in a row, whatever joins them? Asked first, as most texts hold none. Bytes of other scripts may be
/// digits.
fn may_hold_number(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = match byte {
            b'0'..=b'9' | 0x80.. => digits + 1,
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'*' | b'_' | b'+' | b'%' | b'=' | b':' => digits,
            _ => 0,
        };
        digits >= 8
    })
}

/// The text with the letter O among digits as the zero that it stands for.
fn with_zeros(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_digit = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_digit);
    let is_letter = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_alphabetic);
    let is_zero = |place: usize| {
        let (before, after) = (place.wrapping_sub(1), place + 1);
        matches!(bytes[place], b'O' | b'o')
            && (is_digit(before) || is_digit(after))
            && !is_letter(before)
            && !is_letter(after)
    };
    if !(0..bytes.len()).any(is_zero) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.char_indices().map(|(place, c)| if is_zero(place) { '0' } else { c }).collect())
}

/// Words that stand for digits where people hide numbers, from 0 to 9.
const DIGIT_WORDS: [&[&str]; 10] = [
    &["zero", "oh", "o", "null", "cero"],
    &["one", "eins", "uno", "un"],
    &["two", "zwei", "zwo", "dos", "deux"],
    &["three", "drei", "tres", "trois"],
    &["four", "vier", "cuatro", "quatre"],
    &["five", "f\u{fc}nf", "cinco", "cinq"],
    &["six", "sechs", "seis"],
    &["seven", "sieben", "siete", "sept"],
    &["eight", "acht", "ocho", "huit"],
    &["nine", "neun", "nueve", "neuf"],
];

/// Such words that make a number of a row of digits; two may stand in any sentence.
const SPELLED: usize = 3;

/// Numbers written out: `oh one seven oh, five five five 01 23`.
fn spelled_in(text: &str) -> Option<String> {
    let (mut run, mut words, mut found) = (String::new(), 0, None);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let all = text.as_bytes().split(|byte| !is_word(byte)).filter(|word| !word.is_empty());
    for word in all.chain([&b"."[..]]) {
        if let Some(digit) = digit_word(word) {
            run.push(digit);
            words += 1;
        } else if word.len() <= 8 && word.iter().all(u8::is_ascii_digit) {
            run.extend(word.iter().map(|&digit| char::from(digit)));
        } else if !run.is_empty() {
            let is_number = words >= SPELLED && (9..=*DIGITS.end()).contains(&run.len());
            found = found.or(is_number.then(|| std::mem::take(&mut run)));
            (words, run) = (0, String::new());
        }
    }
    found
}

/// The digit that a word stands for. Asked of every short word of every text, so a word is looked up as one number.
fn digit_word(word: &[u8]) -> Option<char> {
    static BY_WORD: LazyLock<Vec<(u64, char)>> = LazyLock::new(|| {
        let of_digit = |(digit, words): (char, &&[&str])| -> Vec<(u64, char)> {
            words.iter().map(|word| (as_number(word.as_bytes()), digit)).collect()
        };
        let mut all: Vec<(u64, char)> = ('0'..='9').zip(&DIGIT_WORDS).flat_map(of_digit).collect();
        all.sort_unstable();
        all
    });
    if word.len() > 6 {
        return None;
    }
    let place = BY_WORD.binary_search_by_key(&as_number(word), |&(number, _)| number).ok()?;
    Some(BY_WORD[place].1)
}

/// Up to eight bytes, in small letters.
fn as_number(word: &[u8]) -> u64 {
    word.iter().fold(0, |number, byte| number << 8 | u64::from(byte.to_ascii_lowercase()))
}

/// Numbers in running text: a sign or a leading zero and eight digits at least, ten digits in the North American
/// groups, or nine digits in one piece. Prices, dates and times are none of these.
fn in_text(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run = String::new();
    for c in without_references(text).chars().chain(['\n']) {
        let joins = matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{2011}' | '\u{2013}');
        match digit(c) {
            Some(digit) => run.push(digit),
            None if c == '+' => {
                found.extend(Some(std::mem::take(&mut run)).filter(|run| is_number(run)));
                run.push('+');
            }
            None if is_mark(c) => {}
            None if joins && !run.is_empty() && run.len() < 40 => run.push(if c == '-' { '-' } else { ' ' }),
            None => found.extend(Some(std::mem::take(&mut run)).filter(|run| is_number(run))),
        }
    }
    found
}

/// Words before a number that is none to call. Not `no` or `number`: a phone stands after them as often.
const REFERENCES: [&str; 4] = ["ref", "reference", "licence", "license"];
/// Words that make one of an `id` after them; after others a messenger's id may be a phone.
const OF_SITES: [&str; 3] = ["ad", "post", "listing"];

/// The text without links, and without what a reference such as `Ad ID: 3312345678` names.
fn without_references(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut refers, mut before) = (false, String::new());
    for word in text.split_inclusive(char::is_whitespace) {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let is_link = word.contains("://") && !word.contains("tel:");
        let is_named = refers && plain.len() >= 6 && plain.bytes().all(|byte| byte.is_ascii_digit());
        kept.push_str(if is_link || is_named { "\n" } else { word });
        refers =
            REFERENCES.contains(&plain.as_str()) || (plain == "id" && OF_SITES.contains(&before.as_str()));
        before = plain;
    }
    kept
}

fn is_number(run: &str) -> bool {
    let groups: Vec<&str> =
        run.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_date = run.contains('-') && matches!(lengths[..], [4, 2, 2, ..] | [2, 2, 4, ..]);
    let leads = run.starts_with('+') || run.starts_with('0');
    let whole = groups.iter().any(|group| group.len() >= 9);
    !is_date
        && digits <= *DIGITS.end() + 1
        && ((leads && digits >= 8) || whole || matches!(lengths[..], [3, 3, 4] | [1, 3, 3, 4]))
}

/// The same digit so often in a row is in nobody's number.
const SAME: usize = 7;

/// One digit repeated, a row such as 1234567, or two or three digits over and over.
fn is_placeholder(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let has_same = bytes.windows(SAME).any(|part| part.iter().all(|digit| *digit == part[0]));
    let repeats = |period: usize| {
        bytes.len() >= 3 * period && bytes.windows(period + 1).all(|part| part[0] == part[period])
    };
    if has_same || repeats(2) || repeats(3) {
        return true;
    }
    let row = digits.trim_matches('0');
    let rows = row.len() > 4 && "123456789".contains(row) || "987654321".contains(row) && row.len() > 4;
    bytes.iter().all(|digit| *digit == bytes[0]) || rows
}

/// The ASCII digit that a character shows, in any of the scripts in which people hide numbers.
pub(super) fn digit(c: char) -> Option<char> {
    let of = |first: u32| char::from_digit(u32::from(c).wrapping_sub(first), 10);
    if c.is_ascii() {
        return Some(c).filter(char::is_ascii_digit);
    }
    [0x660, 0x6f0, 0x966, 0xe50, 0xff10].into_iter().find_map(of).or_else(|| match u32::from(c) {
        mathematical @ 0x1d7ce..=0x1d7ff => char::from_digit((mathematical - 0x1d7ce) % 10, 10),
        circled @ 0x2460..=0x2468 => char::from_digit(circled - 0x245f, 10),
        0x24ea => Some('0'),
        _ => None,
    })
}

/// What stands on or between digits and says nothing: emoji keycaps, joiners, marks of direction.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{20e3}' | '\u{fe0e}' | '\u{fe0f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '*' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::AdKey;
    use std::collections::BTreeSet;

    fn ad(site: &str, phones: &[&str], text: &str) -> Ad {
        Ad {
            phones: phones.iter().map(|phone| phone.to_string()).collect(),
            text: text.into(),
            ..Ad::blank(AdKey { site: site.into(), ad_id: "1".into() })
        }
    }

    #[test]
    fn a_phone_is_the_same_however_written() {
        let writings = [
            "+44 20 7946 0018",
            "(020) 7946-0018",
            "0044 2079460018",
            "+44 (0)20 7946 0018",
            "020.7946.0018",
            "442079460018",
            "\u{ff10}20 7946 0018",
            "0\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}079460018",
        ];
        let book = PhoneBook::of(&[ad("a.example", &writings, "")]);
        let keys: BTreeSet<_> = writings.iter().map(|text| book.key("a.example", text)).collect();
        assert_eq!(keys.len(), 1, "{keys:?}");
        assert_ne!(book.key("a.example", "020 7946 0018"), book.key("a.example", "020 7946 0019"));
    }

    #[test]
    fn a_missing_country_is_that_of_the_sites_other_ads() {
        let ads = [
            ad("a.example", &["+49 170 1234501", "+49 170 1234502", "+49 170 1234503", "0171 555012"], ""),
            ad("b.example", &["+43 660 123450", "+43 660 123451", "+43 660 123452", "0171 555012"], ""),
        ];
        let book = PhoneBook::of(&ads);
        assert_eq!(book.key("a.example", "0171 555012"), book.key("c.example", "+49171555012"));
        assert_ne!(book.key("a.example", "0171 555012"), book.key("b.example", "0171 555012"));
    }

    #[test]
    fn placeholders_are_no_numbers() {
        let book = PhoneBook::default();
        for text in [
            "12345",
            "000 000 000",
            "n/a",
            "+49 000 0000000",
            "0123456789",
            "1111111111",
            "555",
            "call me",
            "+1 234 567 890",
            "987654321",
            "+1 234 567 8900",
            "0170 1111111",
            "+49 170 0000000",
            "123123123",
            "1212121212",
        ] {
            assert_eq!(book.key("a.example", text), None, "{text}");
        }
        assert!(book.key("a.example", "555 0100 200").is_some());
    }

    #[test]
    fn numbers_are_found_in_text_and_nothing_else_is() {
        let count = |text: &str| PhoneBook::default().of_ad(&ad("a.example", &[], text)).len();
        for text in [
            "call +49 170 555 01 23 now",
            "0170/5550123",
            "(555) 010-0201",
            "ring 1705550123 or write",
            "0 1 7 0 5 5 5 0 1 2 3",
            "https://wa.me/491705550123",
            "whatsapp://send?phone=491705550123",
            "my number 01705550123",
            "Tel. Nr. 01705550123",
            "LINE ID: 0812345678",
            "call oh one seven oh, FIVE five five zero one two three",
            "zero one seven zero 3125687",
            "O17O 3125687 any time",
            "(four one five) five five five 0 1 2 3",
            "uno siete cero cinco cinco cinco cero uno dos tres",
        ] {
            assert_eq!(count(text), 1, "{text}");
        }
        for text in [
            "100 150 200 250",
            "on 2024-01-02 at 12.30",
            "01-02-2024 10:00",
            "1,900 EUR",
            "ad 123456",
            "Ad ID: 3312345678, ref 4471882093",
            "https://cdn.example/p/2126640001.jpg",
            "18-25, 90-60-90",
            "one or two or three of the four",
            "one two three four, come in",
        ] {
            assert_eq!(count(text), 0, "{text}");
        }
        assert_eq!(count("+49 170 5550123 +49 170 5550124"), 2);
    }
}
