//! What was done to a case, and whether the case still says what it said then.
//!
//! `entry` writes the chain, `walk` follows it and names what was done to it, `seal` makes it cover the data, `rows`
//! reads every row as results would, `checks` is what a case is asked, `file` asks SQLite whether the file is sound. The
//! trap: an entry must be written in the transaction of the change it tells of, or a kill parts the two.

mod checks;
mod entry;
mod file;
mod rows;
pub(super) mod seal;
mod walk;

pub use entry::{AuditEntry, AuditHead};
pub(super) use entry::{append, seals_data};
pub use file::{Counts, FileRecord};
pub use seal::{Altered, DataCheck, DataFault};
pub use walk::{AuditCheck, AuditFault};
