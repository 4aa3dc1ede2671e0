//! From a record in somebody's words to an ad, and from the images it names to files.
//!
//! [`fields`] knows what columns mean, [`times`] what a time says, [`images`] what a list of images says, [`locate`]
//! where an image lies. Nothing here reads a manifest or writes to a case.

mod addresses;
mod aliases;
mod bounds;
mod fields;
mod images;
mod listing;
mod lists;
mod locate;
mod times;
mod values;

pub(super) use aliases::knows_column;
pub(super) use bounds::Bounds;
pub use fields::{ColumnUse, field_names};
pub(super) use fields::{Fields, Parsed, Setting};
pub(super) use images::{Declared, ImageRef};
pub(super) use lists::literal;
pub(super) use locate::{Files, ImageRoots, Located, Place, percent_decoded};
pub use times::DayOrder;
pub(super) use times::two_numbers;
