//! Where the ads of a network were, drawn from the coordinates that their records gave: no tiles, no server, no
//! look-up.
//!
//! An equirectangular map with its true scale in the middle. The trap: longitudes meet at 180 degrees; ads on both
//! sides of that line are drawn beside each other, as far apart as they are.

use crate::corpus::AdRow;
use maud::{Markup, html};
use std::collections::BTreeMap;

use crate::language::{current, say};
use crate::link::Network;
use crate::report::{shown, visible};
use crate::review::state::model::CaseState;
use crate::view::{coordinates, words};

/// Size of the drawing.
const WIDTH: f64 = 760.0;
const MOST_HEIGHT: f64 = 460.0;
const LEAST_HEIGHT: f64 = 220.0;
/// Kept free around the outermost places.
const MARGIN: f64 = 56.0;
/// Degrees that are shown at least, so that one place has something around it.
const LEAST_SPAN: f64 = 0.05;
/// Ads nearer than this on the drawing are one spot.
const TOUCHING: f64 = 13.0;
/// Kilometres of a degree of latitude.
const DEGREE: f64 = 111.2;
/// Distances between lines of the net, in degrees.
const STEPS: [f64; 15] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 45.0, 60.0, 90.0];
/// Characters of a place's name on the drawing.
const NAME: usize = 26;

/// Ads at one place of the drawing.
struct MapSpot {
    /// Of the first of them, in points of the drawing.
    at: [f64; 2],
    ads: usize,
    /// Ads by the place they name.
    named: BTreeMap<String, usize>,
}

/// From degrees to points of the drawing.
struct Projection {
    /// Longitude and latitude of the left upper corner.
    corner: [f64; 2],
    /// Points for a degree of longitude and of latitude.
    scale: [f64; 2],
    height: f64,
}

/// The map, with what is not on it; `None` where no ad gives coordinates.
pub(super) fn map(case: &CaseState<'_>, network: &Network) -> Option<Markup> {
    let of = |&ad: &AdRow| Some((coordinates(case.joined.ad(ad))?, &*case.joined.ad(ad).location));
    let placed: Vec<([f64; 2], &str)> = network.ads.iter().filter_map(of).collect();
    if placed.is_empty() {
        return None;
    }
    let points = side_by_side(placed.iter().map(|(point, _)| *point).collect());
    let projection = Projection::of(&points);
    let spots = spots(&projection, points.iter().zip(&placed).map(|(point, (_, name))| (*point, *name)));
    let missing = network.ads.len() - placed.len();
    Some(html! {
        div.scroll tabindex="0" role="region" aria-label=(say!("Map")) { (drawing(&projection, &spots)) }
        p.minor {
            (say!(
                "{ads} with coordinates, as the records gave them (WGS 84); north is up.",
                ads = words::count(placed.len(), "ad")
            ))
            @if missing > 0 { " " (say!("{ads} without are not on the map.", ads = words::count(missing, "ad"))) }
        }
        details {
            summary { (say!("The same as a list")) }
            ul.map-places { @for spot in &spots { li { (words::count(spot.ads, "ad")) ": " (names(spot)) } } }
        }
    })
}

/// Longitudes as they lie beside each other: where more than half of the globe would be empty between, those west of
/// the line count on from 180 degrees.
fn side_by_side(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let mut longitudes: Vec<f64> = points.iter().map(|point| point[0]).collect();
    longitudes.sort_by(f64::total_cmp);
    let gap = longitudes.windows(2).map(|two| (two[1] - two[0], two[1])).max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((gap, east)) = gap
        && gap > 180.0
    {
        points.iter_mut().filter(|point| point[0] < east).for_each(|point| point[0] += 360.0);
    }
    points
}

impl Projection {
    fn of(points: &[[f64; 2]]) -> Self {
        let extent = |axis: usize| {
            let values = || points.iter().map(move |point| point[axis]);
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
        };
        let ((west, east), (south, north)) = (extent(0), extent(1));
        let (middle_x, middle_y) = (f64::midpoint(west, east), f64::midpoint(south, north));
        // Never 0: nobody advertises at a pole, but a record may say so.
        let narrowing = middle_y.to_radians().cos().max(0.05);
        let (span_x, span_y) = ((east - west).max(LEAST_SPAN / narrowing), (north - south).max(LEAST_SPAN));
        let room = |size: f64| size - 2.0 * MARGIN;
        let degree = (room(WIDTH) / (span_x * narrowing)).min(room(MOST_HEIGHT) / span_y);
        let height = (span_y * degree + 2.0 * MARGIN).max(LEAST_HEIGHT);
        let scale = [degree * narrowing, degree];
        let corner = [middle_x - WIDTH / 2.0 / scale[0], middle_y + height / 2.0 / scale[1]];
        Self { corner, scale, height }
    }

    fn point(&self, degrees: [f64; 2]) -> [f64; 2] {
        [(degrees[0] - self.corner[0]) * self.scale[0], (self.corner[1] - degrees[1]) * self.scale[1]]
    }

    /// Degrees at which lines of the net stand along an axis.
    fn lines(&self, axis: usize) -> Vec<f64> {
        let (size, sign) = if axis == 0 { (WIDTH, 1.0) } else { (self.height, -1.0) };
        let span = size / self.scale[axis];
        let step = STEPS.into_iter().find(|step| span / step <= 7.0).unwrap_or(90.0);
        let ends = [self.corner[axis], self.corner[axis] + sign * span];
        let first = (ends[0].min(ends[1]) / step).ceil() as i32;
        let last = (ends[0].max(ends[1]) / step).floor() as i32;
        let lines = (first..=last).map(|line| f64::from(line) * step);
        lines.filter(|line| axis == 0 || line.abs() <= 90.0).collect()
    }
}

/// Ads that would lie on each other together, the largest first.
fn spots<'n>(projection: &Projection, points: impl Iterator<Item = ([f64; 2], &'n str)>) -> Vec<MapSpot> {
    let mut spots: Vec<MapSpot> = Vec::new();
    for (degrees, name) in points {
        let at = projection.point(degrees);
        let near = |spot: &MapSpot| (spot.at[0] - at[0]).hypot(spot.at[1] - at[1]) < TOUCHING;
        let place = spots.iter().position(near).unwrap_or(spots.len());
        if place == spots.len() {
            spots.push(MapSpot { at, ads: 0, named: BTreeMap::new() });
        }
        let spot = &mut spots[place];
        spot.ads += 1;
        if !name.is_empty() {
            *spot.named.entry(name.to_string()).or_default() += 1;
        }
    }
    spots.sort_by_key(|spot| std::cmp::Reverse(spot.ads));
    spots
}

/// The names that ads of a spot give, the most frequent first.
fn by_ads(spot: &MapSpot) -> Vec<&str> {
    let mut names: Vec<(&str, usize)> = spot.named.iter().map(|(name, ads)| (&**name, *ads)).collect();
    names.sort_by_key(|&(name, ads)| (std::cmp::Reverse(ads), name));
    names.into_iter().map(|(name, _)| name).collect()
}

fn names(spot: &MapSpot) -> Markup {
    html! {
        @if spot.named.is_empty() { (say!("no place named")) }
        @for (place, name) in by_ads(spot).into_iter().enumerate() { @if place > 0 { ", " } (shown(name)) }
    }
}

fn drawing(projection: &Projection, spots: &[MapSpot]) -> Markup {
    let height = projection.height;
    let label = say!("Map of {places} where its ads were", places = words::count(spots.len(), "place"));
    html! {
        svg.map xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH:.0} {height:.0}")) role="img" aria-label=(label) {
            rect.sea width=(WIDTH) height=(format!("{height:.0}")) {}
            (net(projection))
            @for spot in spots {
                @let [x, y] = spot.at;
                circle.spot cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r=(format!("{:.1}", radius(spot))) {}
                @if spot.ads > 1 { text.inside x=(format!("{x:.1}")) y=(format!("{:.1}", y + 4.0)) text-anchor="middle" { (spot.ads) } }
            }
            @for name in placed_names(spots, height) { (name) }
            (bar(projection))
        }
    }
}

fn radius(spot: &MapSpot) -> f64 {
    (4.0 + 3.2 * (spot.ads as f64).sqrt()).min(20.0)
}

fn net(projection: &Projection) -> Markup {
    let height = projection.height;
    html! {
        @for degrees in projection.lines(0) {
            @let x = projection.point([degrees, 0.0])[0];
            line.net x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1="0" y2=(format!("{height:.0}")) {}
            text.degrees x=(format!("{:.1}", x + 4.0)) y="13" { (longitude(degrees)) }
        }
        @for degrees in projection.lines(1) {
            @let y = projection.point([0.0, degrees])[1];
            line.net x1="0" x2=(WIDTH) y1=(format!("{y:.1}")) y2=(format!("{y:.1}")) {}
            // The corner is that of the longitudes.
            @if y > 30.0 { text.degrees x="4" y=(format!("{:.1}", y - 4.0)) { (latitude(degrees)) } }
        }
    }
}

/// `13.4° E`.
fn longitude(degrees: f64) -> String {
    let within = if degrees > 180.0 { degrees - 360.0 } else { degrees };
    let rounded = number((within.abs() * 100.0).round() / 100.0);
    if within < 0.0 {
        say!("{degrees}° W", degrees = rounded)
    } else {
        say!("{degrees}° E", degrees = rounded)
    }
}

/// `52.5° N`.
fn latitude(degrees: f64) -> String {
    let rounded = number((degrees.abs() * 100.0).round() / 100.0);
    if degrees < 0.0 {
        say!("{degrees}° S", degrees = rounded)
    } else {
        say!("{degrees}° N", degrees = rounded)
    }
}

/// With as many decimals as it has.
fn number(number: f64) -> String {
    number.to_string().replace('.', current().decimal_mark())
}

/// A bar of a round length, true in the middle of the map.
fn bar(projection: &Projection) -> Markup {
    let kilometre = projection.scale[1] / DEGREE;
    let round = (-1..5).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
    let length = round.take_while(|length| length * kilometre <= 170.0).last().unwrap_or(0.1);
    let (width, y) = (length * kilometre, projection.height - 14.0);
    let (right, left) = (WIDTH - 16.0, WIDTH - 16.0 - width);
    let line = format!("M{left:.1} {:.1}V{y:.1}H{right:.1}V{:.1}", y - 5.0, y - 5.0);
    html! {
        path.bar-line d=(line) {}
        text.degrees x=(format!("{:.1}", f64::midpoint(left, right))) y=(format!("{:.1}", y - 7.0)) text-anchor="middle" { (say!("{length} km", length = number(length))) }
    }
}

/// Names beside their spots, the largest first; one that finds no room is left to the list.
fn placed_names(spots: &[MapSpot], height: f64) -> Vec<Markup> {
    let mut taken: Vec<[f64; 4]> = spots
        .iter()
        .map(|spot| {
            let ([x, y], r) = (spot.at, radius(spot));
            [x - r, y - r, x + r, y + r]
        })
        .collect();
    let mut texts = Vec::new();
    for spot in spots {
        let Some(text) = name_of(spot) else { continue };
        let (width, [x, y], r) = (7.3 * text.chars().count() as f64, spot.at, radius(spot) + 4.0);
        let tries =
            [(x + r, y), (x - r - width, y), (x - width / 2.0, y - r - 6.0), (x - width / 2.0, y + r + 8.0)];
        let free = tries.into_iter().find_map(|(left, middle)| {
            let box_of = [left, middle - 8.0, left + width, middle + 8.0];
            let inside =
                left >= 2.0 && box_of[2] <= WIDTH - 2.0 && box_of[1] >= 2.0 && box_of[3] <= height - 2.0;
            (inside && !taken.iter().any(|other| overlap(*other, box_of))).then_some(box_of)
        });
        if let Some(room) = free {
            taken.push(room);
            texts.push(html! { text.place-name x=(format!("{:.1}", room[0])) y=(format!("{:.1}", room[1] + 12.5)) { (text) } });
        }
    }
    texts
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// The name most of a spot's ads give, cut, and how many others there are.
fn name_of(spot: &MapSpot) -> Option<String> {
    let names = by_ads(spot);
    let first = visible(names.first()?);
    let cut = match first.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}\u{2026}", &first[..end]),
        None => first,
    };
    Some(if names.len() > 1 { format!("{cut} +{}", names.len() - 1) } else { cut })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_lies_on_both_sides_of_the_line_is_drawn_beside_each_other() {
        let points = side_by_side(vec![[179.0, 0.0], [-178.0, 1.0], [178.0, 0.0]]);
        assert_eq!(points, [[179.0, 0.0], [182.0, 1.0], [178.0, 0.0]]);
        let apart = vec![[-120.0, 40.0], [10.0, 50.0]];
        assert_eq!(side_by_side(apart.clone()), apart);
        assert_eq!((longitude(182.0), longitude(13.4)), ("178° W".into(), "13.4° E".into()));
        assert_eq!((latitude(-0.05), latitude(52.5)), ("0.05° S".into(), "52.5° N".into()));
    }

    proptest! {
        #[test]
        fn every_place_is_on_the_map_with_a_net_around_it(
            points in prop::collection::vec((-180.0f64..=180.0, -90.0f64..=90.0), 1..20),
        ) {
            let points: Vec<[f64; 2]> = points.into_iter().map(|(x, y)| [x, y]).collect();
            let points = side_by_side(points);
            let projection = Projection::of(&points);
            prop_assert!(projection.height <= MOST_HEIGHT + 1e-6);
            for point in &points {
                let [x, y] = projection.point(*point);
                prop_assert!((MARGIN - 1e-6..=WIDTH - MARGIN + 1e-6).contains(&x), "{x}");
                prop_assert!((MARGIN - 1e-6..=projection.height - MARGIN + 1e-6).contains(&y), "{y}");
            }
            for axis in [0, 1] {
                prop_assert!(projection.lines(axis).len() <= 9);
            }
            let spots = spots(&projection, points.iter().map(|point| (*point, "x")));
            prop_assert_eq!(spots.iter().map(|spot| spot.ads).sum::<usize>(), points.len());
        }
    }
}
