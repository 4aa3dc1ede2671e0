//! What linking found, as plain data, and what is new in it since an earlier run.
//!
//! The steps fill it and never ask it anything. The trap: rows refer to one snapshot; ids last.

mod caveats;
mod certainty;
mod evidence_run;
mod found;
mod ids;
mod network_numbering;
mod news;

pub use caveats::{Caveat, CaveatLimits};
pub use certainty::Certainty;
pub use evidence_run::{Evidence, EvidenceRun};
pub use found::{
    CommonReason, Contradiction, Corroboration, Design, Effect, Findings, LeftOut, Link, LinkId, Network,
    NetworkKind, NetworkRow, Pair, PartialWork, PhotoGroup, Rarity, RemovedLink, Seen,
};
pub use ids::design_id;
pub(super) use ids::{link_id, network_id, photo_group_id};
pub use network_numbering::number_networks;
pub use news::{NetworkNews, News, input_digest, news, reported};
