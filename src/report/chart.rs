//! The picture of a network in time: a lane for each site or place, a mark for each ad.
//!
//! Drawn as SVG with positions in percent, so that it fills a phone and a desk alike while its text keeps its
//! size. Marks that would touch move to another row of their lane; a lane too full for that shows dots, one for all ads
//! of about the same day.

use super::labels::Labels;
use super::text::{shown, visible};
use crate::corpus::AdRow;
use crate::language::say;
use crate::record::Ad;
use crate::view::{Joined, ad_time, day, words};
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Closest two labelled marks of one row may stand, in percent of the width (a label's width on a phone).
const APART: f64 = 11.0;
/// Rows a lane may have before its marks become dots.
const ROWS: usize = 6;
/// Lanes drawn; further ones are counted below.
const LANES: usize = 16;
const ROW_HEIGHT: usize = 22;

/// Places across that dots of a full lane may have: more could not be told apart.
const DOTS: f64 = 150.0;

struct Mark {
    at: f64,
    day: Date,
    label: String,
    title: String,
}

/// Days from first to last and the ticks between.
struct TimeAxis {
    first: Date,
    days: f64,
}

impl TimeAxis {
    fn at(&self, date: Date) -> f64 {
        if self.days == 0.0 { 50.0 } else { 4.0 + 92.0 * days(self.first, date) / self.days }
    }

    /// The finest round step that gives five ticks or fewer.
    fn ticks(&self) -> Vec<(f64, String)> {
        if self.days == 0.0 {
            return vec![(50.0, self.first.strftime(say!("%-d %b %Y")).to_string())];
        }
        let month = self.first.first_of_month();
        let year = self.first.first_of_year();
        let (of_day, of_month) = (say!("%-d %b"), say!("%b %Y"));
        let steps = [
            (self.first, 1.day(), of_day),
            (self.first, 2.days(), of_day),
            (self.first, 1.week(), of_day),
            (self.first, 2.weeks(), of_day),
            (month, 1.month(), of_month),
            (month, 2.months(), of_month),
            (year, 3.months(), of_month),
            (year, 6.months(), of_month),
            (year, 1.year(), "%Y"),
            (year, 2.years(), "%Y"),
            (year, 5.years(), "%Y"),
            (year, 20.years(), "%Y"),
            (year, 100.years(), "%Y"),
        ];
        let ticks = steps.into_iter().map(|(start, step, format)| {
            let dates = start.series(step).skip_while(|date| *date < self.first);
            let inside = dates.take_while(|date| days(self.first, *date) <= self.days).take(6);
            inside.map(|date| (self.at(date), date.strftime(format).to_string())).collect::<Vec<_>>()
        });
        ticks.into_iter().find(|ticks| ticks.len() <= 5).unwrap_or_default()
    }
}

fn days(from: Date, to: Date) -> f64 {
    from.until(to).map_or(0.0, |span| f64::from(span.get_days()))
}

/// Lanes by site, and by place where two or more are claimed; nothing when no ad has a date.
pub(super) fn charts(joined: &Joined<'_>, labels: &Labels) -> Markup {
    let dated: Vec<(AdRow, Date)> =
        labels.ads.iter().filter_map(|&row| Some((row, day(ad_time(joined.ad(row)))?))).collect();
    let (Some(first), Some(last)) =
        (dated.iter().map(|(_, date)| *date).min(), dated.iter().map(|(_, date)| *date).max())
    else {
        return html! { p.minor { (say!("None of these ads has a date, so there is no picture in time.")) } };
    };
    let axis = TimeAxis { first, days: days(first, last) };
    let undated = labels.ads.len() - dated.len();
    let by_site = lanes(joined, labels, &dated, &axis, |ad| &ad.key.site);
    let by_place = lanes(joined, labels, &dated, &axis, |ad| &ad.location);
    html! {
        figure.chart {
            (chart(say!("By site"), &by_site, &axis))
            @if by_place.keys().filter(|place| !place.is_empty()).count() > 1 {
                (chart(say!("By place, as the ads claim it"), &by_place, &axis))
            }
            figcaption.minor {
                (say!("One mark for each ad, on the day it was posted, or else collected."))
                @if undated > 0 { " " (say!("Not drawn: {ads} without a date.", ads = words::count(undated, "ad"))) }
            }
        }
    }
}

fn lanes<'a>(
    joined: &Joined<'a>,
    labels: &Labels,
    dated: &[(AdRow, Date)],
    axis: &TimeAxis,
    lane_of: fn(&Ad) -> &str,
) -> BTreeMap<&'a str, Vec<Mark>> {
    let mut lanes: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
    for &(row, date) in dated {
        let ad = joined.ad(row);
        let label = labels.ad(row);
        let place =
            if ad.location.is_empty() { String::new() } else { format!(", {}", visible(&ad.location)) };
        let title = format!("{label}: {} {}, {date}{place}", visible(&ad.key.site), visible(&ad.key.ad_id));
        lanes.entry(lane_of(ad)).or_default().push(Mark { at: axis.at(date), day: date, label, title });
    }
    lanes
}

fn chart(title: &str, lanes: &BTreeMap<&str, Vec<Mark>>, axis: &TimeAxis) -> Markup {
    let ticks = axis.ticks();
    // Those that begin first stand on top: the eye then reads a spread as a staircase.
    let mut order: Vec<_> = lanes.iter().collect();
    order.sort_by(|a, b| a.1[0].at.total_cmp(&b.1[0].at).then(a.0.cmp(b.0)));
    let summary: Vec<String> = order
        .iter()
        .take(LANES)
        .map(|(name, marks)| format!("{}: {}", visible(name), words::count(marks.len(), "ad")))
        .collect();
    html! {
        p.chart-title { (title) }
        div.lanes role="img" aria-label=(say!("{title}. {lanes}. The table of ads gives the dates.", title = title, lanes = summary.join(", "))) {
            @for (name, marks) in order.iter().take(LANES) {
                (lane(name, marks, &ticks))
            }
            div.lane.axis {
                div.lane-name {}
                svg width="100%" height="20" {
                    @for (at, text) in &ticks {
                        text x=(percent(*at)) y="14" text-anchor=(anchor(*at)) { (text) }
                    }
                }
            }
        }
        @if order.len() > LANES {
            p.minor { (say!("Not drawn: {lanes} more with later first dates.", lanes = words::thousands(order.len() - LANES))) }
        }
    }
}

fn lane(name: &str, marks: &[Mark], ticks: &[(f64, String)]) -> Markup {
    let rows = rows(marks);
    let depth = rows.iter().max().map_or(1, |row| row + 1);
    let labelled = depth <= ROWS;
    let height = if labelled { depth * ROW_HEIGHT + 8 } else { ROW_HEIGHT + 8 };
    let y = |row: usize| if labelled { 4 + row * ROW_HEIGHT + ROW_HEIGHT / 2 } else { height / 2 };
    let (first, last) = marks.iter().fold((f64::MAX, f64::MIN), |(a, b), m| (a.min(m.at), b.max(m.at)));
    html! {
        div.lane {
            div.lane-name { @if name.is_empty() { span.minor { (say!("not given")) } } @else { (shown(name)) } }
            svg width="100%" height=(height) {
                @for (at, _) in ticks {
                    line.grid x1=(percent(*at)) x2=(percent(*at)) y1="0" y2=(height) {}
                }
                line.span x1=(percent(first)) x2=(percent(last)) y1=(y(0)) y2=(y(0)) {}
                @if labelled {
                    @for (mark, row) in marks.iter().zip(&rows) {
                        g {
                            title { (mark.title) }
                            // The half width is taken off by a shift: positions are percentages, sizes are not.
                            rect.mark x=(percent(mark.at)) y=(y(*row) - 9) width="28" height="18" rx="4" transform="translate(-14)" {}
                            text.mark-label x=(percent(mark.at)) y=(y(*row) + 4) text-anchor="middle" { (mark.label) }
                        }
                    }
                } @else {
                    @for (at, title) in dots(marks) {
                        g { title { (title) } circle.dot cx=(percent(at)) cy=(y(0)) r="4" {} }
                    }
                }
            }
        }
    }
}

/// Where the dots of a full lane stand, and what each says.
fn dots(marks: &[Mark]) -> Vec<(f64, String)> {
    let mut by_place: BTreeMap<u64, Vec<&Mark>> = BTreeMap::new();
    for mark in marks {
        by_place.entry((mark.at / 100.0 * DOTS).round() as u64).or_default().push(mark);
    }
    let dot = |marks: Vec<&Mark>| match &marks[..] {
        [only] => (only.at, only.title.clone()),
        [first, .., last] => {
            let ads = words::count(marks.len(), "ad");
            let title = if first.day == last.day {
                say!("{ads} on {day}", ads = ads, day = first.day)
            } else {
                say!("{ads} from {first} to {last}", ads = ads, first = first.day, last = last.day)
            };
            (first.at, title)
        }
        [] => (0.0, String::new()),
    };
    by_place.into_values().map(dot).collect()
}

/// The first row of its lane in which each mark has room. Marks come in order of time.
fn rows(marks: &[Mark]) -> Vec<usize> {
    let mut ends: Vec<f64> = Vec::new();
    let place = |mark: &Mark| {
        let row = ends.iter().position(|end| mark.at - end >= APART).unwrap_or(ends.len());
        if row == ends.len() {
            ends.push(mark.at);
        }
        ends[row] = mark.at;
        row
    };
    marks.iter().map(place).collect()
}

fn percent(at: f64) -> String {
    format!("{at:.2}%")
}

/// Keeps the outermost tick labels inside the picture.
fn anchor(at: f64) -> &'static str {
    match at {
        at if at < 8.0 => "start",
        at if at > 92.0 => "end",
        _ => "middle",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(first: &str, last: &str) -> TimeAxis {
        let (first, last): (Date, Date) = (first.parse().unwrap(), last.parse().unwrap());
        TimeAxis { first, days: days(first, last) }
    }

    #[test]
    fn ticks_are_few_and_inside() {
        for (first, last) in [
            ("2024-01-02", "2024-01-02"),
            ("2024-01-02", "2024-01-03"),
            ("2024-01-02", "2024-03-05"),
            ("2019-07-09", "2024-03-05"),
            ("1900-01-01", "2024-03-05"),
        ] {
            let ticks = axis(first, last).ticks();
            assert!((1..=5).contains(&ticks.len()), "{first} {last}: {ticks:?}");
            assert!(ticks.iter().all(|(at, _)| (4.0..=96.0).contains(at)), "{first} {last}: {ticks:?}");
        }
    }

    fn mark(at: f64) -> Mark {
        let day = "2024-01-02".parse().unwrap();
        Mark { at, day, label: String::new(), title: format!("at {at}") }
    }

    #[test]
    fn a_full_lane_has_a_bounded_number_of_dots_that_stand_for_all_ads() {
        let marks: Vec<Mark> = (0..10_000).map(|k| mark(f64::from(k) / 100.0)).collect();
        let dots = dots(&marks);
        assert!(dots.len() <= DOTS as usize + 1, "{}", dots.len());
        let ads = dots.iter().map(|(_, title)| title.split(' ').next().unwrap().parse::<usize>().unwrap());
        assert_eq!(ads.sum::<usize>(), 10_000);
        assert_eq!(super::dots(&[mark(3.0)]), [(3.0, "at 3".to_string())]);
    }

    #[test]
    fn marks_that_would_touch_get_another_row() {
        let marks = [3.0, 5.0, 20.0].map(mark);
        assert_eq!(rows(&marks), [0, 1, 0]);
    }
}
