//! How well it is borne out that two images belong together when others stand between them.
//!
//! A pair of one photo group need not have found each other: it follows from steps, each of which did. The pair is as
//! sure as the weakest of these, and its pixels were compared if those of every step were. The trap: what the two
//! show of each other is no measure of it. Two crops that share a strip of wall match poorly, and are one photo
//! beyond doubt when both lie in the same original.

/// The weakest of a number of steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PathSupport {
    /// Least score of a step, in nats; see [`crate::verify::partial_score`].
    pub(crate) score: f64,
    /// Did pixels bear out every step?
    pub(crate) seen: bool,
}

impl PathSupport {
    /// No step at all: an image and itself.
    pub(crate) const SELF: Self = Self { score: f64::INFINITY, seen: true };

    /// These steps, and further ones.
    pub(crate) fn and(self, further: Self) -> Self {
        Self { score: self.score.min(further.score), seen: self.seen && further.seen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_as_good_as_its_weakest_step() {
        let (strong, weak) =
            (PathSupport { score: 20.0, seen: false }, PathSupport { score: 9.0, seen: true });
        assert_eq!(strong.and(weak), PathSupport { score: 9.0, seen: false });
        assert_eq!(weak.and(PathSupport::SELF), weak);
    }
}
