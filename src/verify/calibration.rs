//! The fitted numbers behind every score: `calibration.csv`, made by `benches/calibrate.py` and never by hand.
//!
//! A curve gives nats of log-likelihood ratio for one kind of evidence, in straight lines between its knots and flat
//! beyond them. The trap: curves are fitted together and only mean something as a sum; the level is carried by
//! `upright` or `transformed` for hashes and by `features` or `alone` for local features, the others are differences from it.

use std::sync::LazyLock;

/// The committed table.
pub(super) static CALIBRATION: LazyLock<Calibration> =
    LazyLock::new(|| Calibration::read(TABLE).expect("the committed table is one that the tests have read"));

const TABLE: &str = include_str!("calibration.csv");

/// Every curve, and how often photos recur.
#[derive(Debug)]
pub(super) struct Calibration {
    /// Natural log of the number of other images that show an image's photo, on average.
    pub(super) copies: Curve,
    /// Natural log of the least doubt that the pairs measured can vouch for.
    pub(super) doubt: Curve,
    /// Bits between the PDQ hashes of two whole pictures, upright.
    pub(super) upright: Curve,
    /// Bits between those of the views that won, one of them turned or a part.
    pub(super) transformed: Curve,
    /// Bits between the second hashes.
    pub(super) second: Curve,
    /// Lower PDQ quality of the two.
    pub(super) quality: Curve,
    /// Smaller share covered of the two.
    pub(super) overlap: Curve,
    /// Evidence by local features, beside that of the pixels.
    pub(super) features: Curve,
    /// Evidence by local features where there are no pixels.
    pub(super) alone: Curve,
    /// Sameness of the pixels.
    pub(super) sameness: Curve,
}

/// Nats at knots; there is at least one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve(Vec<(f64, f64)>);

impl Curve {
    /// Nats at `x`; those of the nearest end beyond the knots.
    pub(super) fn at(&self, x: f64) -> f64 {
        let right = self.0.partition_point(|knot| knot.0 < x).clamp(1, self.0.len().max(2) - 1);
        let ((x0, y0), (x1, y1)) = (self.0[right - 1], *self.0.get(right).unwrap_or(&self.0[right - 1]));
        if x1 <= x0 { y0 } else { y0 + (y1 - y0) * ((x.clamp(x0, x1) - x0) / (x1 - x0)) }
    }
}

impl Calibration {
    /// Reads `curve,at,nats` below `#` lines. `None` for anything else.
    fn read(table: &str) -> Option<Self> {
        let curve = |name: &str| {
            let knots: Vec<(f64, f64)> =
                rows(table).filter(|row| row.0 == name).map(|row| (row.1, row.2)).collect();
            let rising = knots.windows(2).all(|pair| pair[0].0 < pair[1].0);
            (rising && !knots.is_empty()).then_some(Curve(knots))
        };
        Some(Self {
            copies: curve("copies")?,
            doubt: curve("doubt")?,
            upright: curve("upright")?,
            transformed: curve("transformed")?,
            second: curve("second")?,
            quality: curve("quality")?,
            overlap: curve("overlap")?,
            features: curve("features")?,
            alone: curve("alone")?,
            sameness: curve("sameness")?,
        })
    }
}

fn rows(table: &str) -> impl Iterator<Item = (&str, f64, f64)> {
    table.lines().filter_map(|line| {
        let mut cells = line.split(',');
        let (name, at, nats) = (cells.next()?, cells.next()?, cells.next()?);
        Some((name, at.parse().ok()?, nats.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// As `render` of benches/calibrate.py writes it: nothing was lost in reading, and nobody edited it by hand.
    #[test]
    fn the_table_is_in_the_form_the_fit_writes() {
        let mut again: String = TABLE
            .lines()
            .filter(|line| line.starts_with('#'))
            .fold(String::new(), |all, line| all + line + "\n");
        again += "curve,at,nats\n";
        for (name, at, nats) in rows(TABLE) {
            let _ = writeln!(again, "{name},{at:.2},{nats:.4}");
        }
        assert_eq!(again, TABLE);
        assert!(TABLE.starts_with("# Made by benches/calibrate.py"), "no provenance");
    }

    #[test]
    fn every_curve_is_read_and_runs_one_way() {
        let read = Calibration::read(TABLE).expect("every curve is there");
        let falls = |curve: &Curve| curve.0.windows(2).all(|pair| pair[0].1 >= pair[1].1);
        let rises = |curve: &Curve| curve.0.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        assert!([&read.upright, &read.transformed, &read.second].into_iter().all(falls));
        assert!(
            [&read.quality, &read.overlap, &read.features, &read.alone, &read.sameness]
                .into_iter()
                .all(rises)
        );
    }

    #[test]
    fn curves_are_straight_between_knots_and_flat_beyond() {
        let curve = Curve(vec![(0.0, 4.0), (2.0, 0.0), (4.0, -1.0)]);
        assert_eq!(
            [-1.0, 0.0, 0.5, 2.0, 3.0, 4.0, 9.0].map(|x| curve.at(x)),
            [4.0, 4.0, 3.0, 0.0, -0.5, -1.0, -1.0]
        );
        assert_eq!(Curve(vec![(0.0, 1.5)]).at(7.0), 1.5);
    }

    #[test]
    fn a_table_without_a_curve_is_refused() {
        let short: String =
            TABLE.lines().filter(|line| !line.starts_with("second")).collect::<Vec<_>>().join("\n");
        assert!(Calibration::read(&short).is_none());
    }
}
