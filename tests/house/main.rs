//! The house itself: who may import whom, what a file looks like, one meaning
//! a name, whether documents and the committed fixture are true.
//!
//! Nothing of the library runs here; this is the cheapest suite. The trap: a new room, or a new test folder, fails
//! until it is placed on purpose in `architecture.rs`.

mod architecture;
mod documents;
mod fixture;
mod imports;
mod names;
mod words;
