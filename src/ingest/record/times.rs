//! Times of scrapers to ISO 8601: `2024-01-02`, or `2024-01-03T04:05:06Z`.
//!
//! What names a day stays a day. A time of day without a zone is taken as UTC, which is what scrapers write; a
//! time whose order of day and month is anyone's guess is refused rather than guessed.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// The normal form of a time, or `None` when it cannot be understood. `text` is trimmed and not empty.
pub(in crate::ingest) fn normalise(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return compact(text).or_else(|| epoch(text));
    }
    let zoned = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
    let dashed = year_first(zoned);
    day(&dashed)
        .or_else(|| dashed.parse::<Timestamp>().ok().and_then(moment))
        .or_else(|| dashed.parse::<DateTime>().ok().and_then(utc))
        .or_else(|| rfc2822::parse(text).ok().and_then(|zoned| moment(zoned.timestamp())))
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
    use super::normalise;
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
        ] {
            assert_eq!(normalise(given).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn what_would_be_a_guess_is_refused() {
        for given in
            ["01/02/2024", "yesterday", "2024", "2024-13-01", "0", "12:30", "...", "99999999999999999999"]
        {
            assert_eq!(normalise(given), None, "{given}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "[-0-9TZ:+./ a-zA-Z]{1,30}") {
            if let Some(once) = normalise(text.trim()) {
                prop_assert_eq!(normalise(&once), Some(once.clone()));
            }
        }

        #[test]
        fn all_seconds_survive(second in 100_000_000_i64..99_999_999_999) {
            let expected = jiff::Timestamp::from_second(second).unwrap().to_string();
            prop_assert_eq!(normalise(&second.to_string()), Some(expected));
        }
    }
}
