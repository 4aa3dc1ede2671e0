//! Webhooks: what happens to the case, told to addresses that the operator named, and to no other.
//!
//! The change feed is the queue: a webhook is a place in it, kept on the disk, so nothing waits in memory, nothing is
//! lost over a restart, and a receiver that is down for a week is told everything in order. The trap: a receiver that
//! answers too late was told all the same, so it may be told again; changes have numbers by which it knows them.

pub(super) mod cursor;
mod delivery;
mod follow;
pub(super) mod target;

pub use follow::tell_webhooks;
pub use target::{WebhookSecret, WebhookTarget};
