//! Routes of adlink's own: hash, match, ads, networks, decisions, feedback, changes, banks.
//!
//! One file a route or noun. The trap: whatever a search did not do stands in its answer as `not_done`, with the reason;
//! an empty list of hits alone would be taken for an all-clear.

mod ad_key;
pub(crate) mod ads;
pub(crate) mod banks;
pub(crate) mod changes;
pub(crate) mod decisions;
pub(crate) mod entries;
pub(crate) mod feedback;
pub(crate) mod given;
pub(crate) mod hash;
mod in_banks;
mod in_posts;
mod match_options;
pub(crate) mod matching;
pub(crate) mod networks;
pub(crate) mod query;
mod shares;
mod undone;
mod verdict;
