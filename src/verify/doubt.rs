//! How far near hashes are to be believed; see [`super::hash_doubt`] for who doubts what.

/// Why near hashes are not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// They are.
    None,
    /// They are not near enough to be beyond doubt.
    Far,
    /// One of the two views is not mostly photo.
    Design,
}
