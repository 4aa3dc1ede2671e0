//! Times of scrapers to ISO 8601: `2024-01-02`, or `2024-01-03T04:05:06Z`.
//!
//! What names a day stays a day. A time of day without a zone is taken as UTC, which is what scrapers write; a
//! time whose order of day and month is anyone's guess is refused rather than guessed.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// What comes first in a date such as `02/01/2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOrder {
    /// The day: most of the world.
    DayFirst,
    /// The month: the United States.
    MonthFirst,
}

impl DayOrder {
    /// As `--dates` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayFirst => "dmy",
            Self::MonthFirst => "mdy",
        }
    }
}

/// The normal form of a time, or `None` when it cannot be understood. `text` is trimmed and not empty.
pub(in crate::ingest) fn normalise(text: &str, days: Option<DayOrder>) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return compact(text).or_else(|| epoch(text)).or_else(|| numbered(text, days?));
    }
    let zoned = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
    let dashed = year_first(zoned);
    day(&dashed)
        .or_else(|| dashed.parse::<Timestamp>().ok().and_then(moment))
        .or_else(|| hour_zone(&dashed)?.parse::<Timestamp>().ok().and_then(moment))
        .or_else(|| dashed.parse::<DateTime>().ok().and_then(utc))
        .or_else(|| rfc2822::parse(text).ok().and_then(|zoned| moment(zoned.timestamp())))
        .or_else(|| worded(zoned))
        .or_else(|| numbered(zoned, days?))
}

/// The two numbers before the year in `02/01/2024`, `2.1.24` or `02-01-2024`, whose order is anyone's guess.
pub(in crate::ingest) fn two_numbers(text: &str) -> Option<(u8, u8)> {
    let (first, second, ..) = parts(text)?;
    (first > 0 && second > 0 && first.max(second) <= 31 && first.min(second) <= 12).then_some((first, second))
}

/// Two numbers, the year, and the time of day that follows.
fn parts(text: &str) -> Option<(u8, u8, i16, &str)> {
    let date_end = text.find([' ', 'T', ',']).unwrap_or(text.len());
    let (date, clock) = text.split_at(date_end);
    let numbers: Vec<&str> = date.split(['/', '.', '-']).collect();
    let [first, second, year] = numbers[..] else { return None };
    let digits = |text: &str, most: usize| {
        (!text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then_some(())
    };
    digits(first, 2).and(digits(second, 2)).and(digits(year, 4))?;
    let year = match year.len() {
        4 => year.parse().ok()?,
        2 => 2000 + year.parse::<i16>().ok()?,
        _ => return None,
    };
    Some((first.parse().ok()?, second.parse().ok()?, year, clock.trim_start_matches([' ', 'T', ','])))
}

fn numbered(text: &str, days: DayOrder) -> Option<String> {
    let (first, second, year, clock) = parts(text)?;
    let (day, month) = match days {
        DayOrder::DayFirst => (first, second),
        DayOrder::MonthFirst => (second, first),
    };
    with_clock(Date::new(year, month.cast_signed(), day.cast_signed()).ok()?, clock)
}

/// `2 Jan 2024`, `Jan 2, 2024`, `2 January 2024 14:05`: the month is a word of English.
fn worded(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split([' ', ',', '-', '/']).filter(|word| !word.is_empty()).take(6).collect();
    let month = |word: &&&str| month_named(word).is_some();
    let place = words.iter().take(3).position(|word| month(&word))?;
    let (day, year, rest) = match place {
        0 => (words.get(1)?, words.get(2)?, 3),
        1 => (words.first()?, words.get(2)?, 3),
        _ => return None,
    };
    let day = day.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th");
    let year = (year.len() == 4).then(|| year.parse().ok())??;
    let date = Date::new(year, month_named(words[place])?, day.parse().ok()?).ok()?;
    with_clock(date, &words[rest..].join(" "))
}

fn month_named(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let is = |name: &&str| {
        word == **name || word.len() == 3 && name.starts_with(&word) || word == "sept" && *name == "september"
    };
    MONTHS.iter().position(is).map(|place| place as i8 + 1)
}

/// A day, or a moment where a time of day follows, such as `14:05`, `14:05:06` or `2:05 PM`.
fn with_clock(day: Date, clock: &str) -> Option<String> {
    let clock = clock.trim().to_ascii_lowercase();
    if clock.is_empty() {
        return date(day);
    }
    let (clock, half) = match clock
        .strip_suffix("pm")
        .map(|rest| (rest, 12))
        .or_else(|| Some((clock.strip_suffix("am")?, 0)))
    {
        Some((rest, half)) => (rest.trim_end().to_string(), Some(half)),
        None => (clock, None),
    };
    let numbers: Vec<i8> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hour, minute, second) = match numbers[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    utc(DateTime::new(day.year(), day.month(), day.day(), hour, minute, second, 0).ok()?)
}

/// `2024-01-02 03:04:05+00` of Postgres, with the minutes of the zone that ISO wants.
fn hour_zone(text: &str) -> Option<String> {
    let sign = text.len().checked_sub(3)?;
    let is_zone = matches!(text.as_bytes()[sign], b'+' | b'-') && text.contains(':');
    (is_zone && text.is_char_boundary(sign)).then(|| format!("{text}:00"))
}

/// `2024/01/02 ...` as `2024-01-02 ...`.
fn year_first(text: &str) -> String {
    match text.as_bytes() {
        [_, _, _, _, b'/', _, _, b'/', ..] => text.replacen('/', "-", 2),
        _ => text.to_string(),
    }
}

/// `20240102` and the `20240102030405` of web archives.
fn compact(text: &str) -> Option<String> {
    match text.len() {
        8 => Date::strptime("%Y%m%d", text).ok().and_then(date),
        14 => DateTime::strptime("%Y%m%d%H%M%S", text).ok().and_then(utc),
        _ => None,
    }
}

/// Seconds, milliseconds or microseconds since 1970, told apart by their size: each range spans 1973 to 5138.
fn epoch(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    let seconds = match number {
        1e8..1e11 => number,
        1e11..1e14 => number / 1e3,
        1e14..1e17 => number / 1e6,
        _ => return None,
    };
    moment(Timestamp::from_second(seconds.floor() as i64).ok()?)
}

fn day(text: &str) -> Option<String> {
    (text.len() == "2024-01-02".len()).then(|| text.parse::<Date>().ok())?.and_then(date)
}

fn date(date: Date) -> Option<String> {
    (date.year() > 0).then(|| date.strftime("%Y-%m-%d").to_string())
}

fn utc(time: DateTime) -> Option<String> {
    moment(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn moment(time: Timestamp) -> Option<String> {
    (time.to_zoned(TimeZone::UTC).year() > 0).then(|| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_forms() {
        for (given, expected) in [
            ("2024-01-02", "2024-01-02"),
            ("2024/01/02", "2024-01-02"),
            ("20240102", "2024-01-02"),
            ("2024-01-03T04:05:06Z", "2024-01-03T04:05:06Z"),
            ("2024-01-03T04:05:06.789+02:00", "2024-01-03T02:05:06Z"),
            ("2024-01-03T04:05:06+0200", "2024-01-03T02:05:06Z"),
            ("2024-01-03 04:05:06", "2024-01-03T04:05:06Z"),
            ("2024-01-03 04:05:06 UTC", "2024-01-03T04:05:06Z"),
            ("2024/01/03 04:05", "2024-01-03T04:05:00Z"),
            ("20240103040506", "2024-01-03T04:05:06Z"),
            ("1704254706", "2024-01-03T04:05:06Z"),
            ("1704254706789", "2024-01-03T04:05:06Z"),
            ("1704254706.789", "2024-01-03T04:05:06Z"),
            ("1704254706789000", "2024-01-03T04:05:06Z"),
            ("Wed, 3 Jan 2024 06:05:06 +0200", "2024-01-03T04:05:06Z"),
            ("2024-01-03 04:05:06+00", "2024-01-03T04:05:06Z"),
            ("2024-01-03 06:05:06.123456+02", "2024-01-03T04:05:06Z"),
            ("2 Jan 2024", "2024-01-02"),
            ("Jan 2, 2024", "2024-01-02"),
            ("January 2nd, 2024 2:05 PM", "2024-01-02T14:05:00Z"),
            ("2 Sept. 2024 14:05", "2024-09-02T14:05:00Z"),
        ] {
            assert_eq!(normalise(given, None).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn what_would_be_a_guess_is_refused() {
        for given in
            ["01/02/2024", "yesterday", "2024", "2024-13-01", "0", "12:30", "...", "99999999999999999999"]
        {
            assert_eq!(normalise(given, None), None, "{given}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_told_not_guessed() {
        for (given, day_first, month_first) in [
            ("02/01/2024", Some("2024-01-02"), Some("2024-02-01")),
            ("31/12/2024", Some("2024-12-31"), None),
            ("12/31/2024 11:59 PM", None, Some("2024-12-31T23:59:00Z")),
            ("02.01.2024 14:05", Some("2024-01-02T14:05:00Z"), Some("2024-02-01T14:05:00Z")),
            ("2.1.24, 09:05:06", Some("2024-01-02T09:05:06Z"), Some("2024-02-01T09:05:06Z")),
            ("31/31/2024", None, None),
        ] {
            assert_eq!(normalise(given, Some(DayOrder::DayFirst)).as_deref(), day_first, "{given}");
            assert_eq!(normalise(given, Some(DayOrder::MonthFirst)).as_deref(), month_first, "{given}");
            assert_eq!(normalise(given, None), None, "{given}");
        }
        assert_eq!(two_numbers("31/12/2024 10:00"), Some((31, 12)));
        assert_eq!(two_numbers("31/31/2024"), None);
        assert_eq!(two_numbers("2024-01-02"), None);
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "[-0-9TZ:+./ a-zA-Z]{1,30}") {
            if let Some(once) = normalise(text.trim(), None) {
                prop_assert_eq!(normalise(&once, None), Some(once.clone()));
            }
        }

        #[test]
        fn all_seconds_survive(second in 100_000_000_i64..99_999_999_999) {
            let expected = jiff::Timestamp::from_second(second).unwrap().to_string();
            prop_assert_eq!(normalise(&second.to_string(), None), Some(expected));
        }
    }
}
