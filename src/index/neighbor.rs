//! What searches and joins answer with: rows, and how far apart their hashes are.
//!
//! The trap: a neighbour orders by distance first, a pair by its rows.

/// A row within the radius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbor {
    /// Hamming distance in bits.
    pub distance: u32,
    /// Row in the indexed slice.
    pub row: u32,
}

/// Two rows within the radius: `a` of the first slice, `b` of the second (`a < b` in a self-join).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JoinPair {
    /// Row in the first slice.
    pub a: u32,
    /// Row in the second slice.
    pub b: u32,
    /// Hamming distance in bits.
    pub distance: u32,
}
