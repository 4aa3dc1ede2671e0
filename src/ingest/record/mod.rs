//! From a record in somebody's words to an ad, and from the images it names to files.
//!
//! [`fields`] knows what columns mean, [`times`] what a time says, [`locate`] where an image lies. Nothing here reads a
//! manifest or writes to a case.

mod fields;
mod locate;
mod times;

pub(super) use fields::{Fields, Parsed};
pub(super) use locate::{Declared, Located, Place, Roots};
