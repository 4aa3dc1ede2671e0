//! Days out of the snapshot's time texts.
//!
//! Times are ISO 8601 text that sorts as text; only charts and spans need them as dates. A text that does not
//! begin with a date (an unknown time is empty) has no day, and says so by `None`.

use jiff::civil::Date;

/// The day of `2024-01-02` or `2024-01-03T04:05:06Z`.
pub fn day(time: &str) -> Option<Date> {
    time.get(..10)?.parse().ok()
}

/// Whole days from `first` to `last`; `None` when one of them is no date.
pub fn days_between(first: &str, last: &str) -> Option<i64> {
    let span = day(last)?.since(day(first)?).ok()?;
    Some(i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_days_whatever_the_precision() {
        assert_eq!(days_between("2024-02-28", "2024-03-01T23:00:00Z"), Some(2));
        assert_eq!(days_between("2023-12-31T23:59:59Z", "2024-12-31"), Some(366));
        assert_eq!(days_between("", "2024-12-31"), None);
        assert_eq!(days_between("last tuesday", "2024-12-31"), None);
    }

    #[test]
    fn a_day_is_cut_at_character_borders_only() {
        assert_eq!(day("2024-01-0\u{2460}"), None);
    }
}
