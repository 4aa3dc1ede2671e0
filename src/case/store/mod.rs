//! The file: its tables, who may write, what is written, and how rows become a snapshot.
//!
//! `schema` holds the tables, `open` the open case, `writer` all that an ingest adds, `load` the way from rows to what
//! linking reads. Row ids are an accident of history and must not reach a result.

pub(super) mod banks;
pub(super) mod clock;
pub(super) mod codec;
mod connection;
mod feature_facts;
pub(super) mod features;
mod files;
mod header;
mod header_rows;
pub(super) mod keyed;
pub(super) mod load;
mod lock;
pub(super) mod names;
pub(super) mod network_numbers;
mod open;
mod originals;
pub(super) mod photo_groups;
mod pixel_checks;
mod place;
mod read_only;
pub(super) mod runs;
mod schema;
mod settings;
mod settled;
mod videos;
mod view_hashes;
mod whereabouts;
mod writer;

pub use banks::AddedEntries;
pub use feature_facts::FeatureFacts;
#[cfg(feature = "report")]
pub(crate) use files::sync_folder;
pub use files::{features_path, half_removed, sealed_path};
pub use keyed::Keyed;
pub(crate) use keyed::Tombstones;
pub use open::Case;
pub use place::exposed_place;
pub use settled::{SettledCase, begins_as_case, finish_removal};
pub use view_hashes::{ImageKey, ViewHashes};
pub use whereabouts::Whereabouts;
pub(crate) use writer::{FileState, Lookup, Pending, Read, Writer};
