//! Photo groups as hash classes: which show a photo as a whole, and which contain it.
//!
//! The trap: a class is core of one group only, and may be container of many.

use crate::corpus::{HashClassRow, Row, Rows};
use crate::link::candidates::HashEdge;

/// One photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Hash classes whose whole picture is the photo, ascending. No class is core of two groups.
    pub(crate) core: Vec<HashClassRow>,
    /// Hash classes that contain it beside other things, ascending.
    pub(crate) containers: Vec<HashClassRow>,
}

/// Photo groups by their first core class, and the edges whose ends ended up in no common group.
pub(crate) struct Grouping {
    pub(crate) groups: Vec<Group>,
    pub(crate) cut: Vec<HashEdge>,
}

impl Grouping {
    /// The groups (by first core class) and those of the edges that none of them holds.
    pub(crate) fn new(classes: usize, groups: Vec<Group>, edges: impl IntoIterator<Item = HashEdge>) -> Self {
        let mut home: Rows<HashClassRow, u32> = Rows::filled(u32::NONE, classes);
        for (group, place) in groups.iter().zip(0..) {
            group.core.iter().for_each(|&class| home[class] = place);
        }
        let holds =
            |group: u32, class: HashClassRow| groups[group.index()].containers.binary_search(&class).is_ok();
        let apart = |edge: &HashEdge| {
            let (a, b) = (home[edge.a], home[edge.b]);
            a != b && !holds(a, edge.b) && !holds(b, edge.a)
        };
        let cut = edges.into_iter().filter(apart).collect();
        Self { groups, cut }
    }
}
