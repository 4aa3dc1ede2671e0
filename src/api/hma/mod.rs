//! The routes of Hasher-Matcher-Actioner, so that its clients work unchanged: `/h` hashes, `/m` matches, `/c` curates.
//!
//! Answers have its forms, odd ones included: a distance is text in look-ups and a number in comparisons. Look-ups are
//! upright, as there; `turned=true` asks for all eight turns. The trap: what is wrong with a request is 400 here, also where
//! HTTP has a better word for it.

pub(crate) mod banks;
pub(crate) mod content;
pub(crate) mod hashing;
pub(crate) mod kinds;
pub(crate) mod lookup;
pub(crate) mod status;
