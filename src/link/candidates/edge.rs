//! Two hash classes within the radius, and what makes one such edge better than another.
//!
//! The trap: costs order edges and say which tier they prove; they are no distances.

use crate::corpus::HashClassRow;
use crate::record::ViewKind;
use crate::verify::Tier;

/// Two classes within the radius. `a < b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HashEdge {
    /// How plain the story is, then how near: smaller is better.
    pub(crate) cost: Cost,
    pub(crate) a: HashClassRow,
    pub(crate) b: HashClassRow,
}

/// Order of edges: whole pictures before parts, upright before turned, all before the middle square, near before far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost(u16);

impl Cost {
    /// That of two classes that a reviewer confirmed.
    pub(crate) const CONFIRMED: Self = Self(0);

    /// No edge costs more.
    pub(crate) const ANY: Self = Self(u16::MAX);

    pub(crate) fn new(kind_a: ViewKind, kind_b: ViewKind, turned: bool, distance: u32) -> Self {
        let part = is_part(kind_a) || is_part(kind_b);
        let plain = kind_a == ViewKind::Whole && kind_b == ViewKind::Whole && !turned;
        let cut = [kind_a, kind_b].contains(&ViewKind::Square);
        let order = u16::from(part) << 11 | u16::from(!plain) << 10 | u16::from(cut) << 9;
        Self(order | distance.min(0x1ff) as u16)
    }

    /// As a number of the same order.
    pub(crate) fn rank(self) -> u16 {
        self.0
    }

    /// What it proves.
    pub(crate) fn tier(self) -> Tier {
        if self.0 >> 10 == 0 { Tier::NearCopy } else { Tier::Transformed }
    }

    /// True when a part of one picture is (a part of) the other, so that the rest may differ.
    pub(crate) fn is_part(self) -> bool {
        self.0 >> 11 == 1
    }
}

/// True for views that show one of several things in an image.
pub(crate) fn is_part(kind: ViewKind) -> bool {
    matches!(kind, ViewKind::Pane | ViewKind::Frame)
}
