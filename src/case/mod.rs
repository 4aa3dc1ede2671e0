//! The case: one SQLite file that holds images, ads, sightings and what was skipped. It holds no pixels.
//!
//! One writer, many readers. Everything downstream works on a [`Snapshot`](crate::corpus::Snapshot): plain vectors in content order, so
//! results do not depend on the order in which things were ingested. To keep that true nothing is ever merged on
//! the way in: records, sightings and files are sets, and what an ad says *now* is derived when a snapshot is
//! taken. A newcomer's trap: row ids of the tables are an accident of history and must not reach a result.

mod audit;
mod decisions;
mod notes;
mod removal;
mod store;

pub use audit::Counts;
pub use audit::{Altered, AuditCheck, AuditEntry, AuditFault, AuditHead, DataCheck, DataFault, FileRecord};
pub use decisions::{Imported, decide};
pub use removal::{Purge, RemovalCounts, Withdrawal, Withdrawn};
#[cfg(feature = "report")]
pub(crate) use store::sync_folder;
pub use store::{AddedEntries, Case, FeatureFacts, ImageKey, Keyed, SettledCase, ViewHashes, Whereabouts};
pub(crate) use store::{FileState, Lookup, Pending, Read, Tombstones, Writer};
pub use store::{begins_as_case, exposed_place, features_path, finish_removal, half_removed, sealed_path};
