//! Findings joined with the snapshot they refer to, and put into plain words.
//!
//! Everything a result file or a page says about an ad, a link or a network is looked up, counted and worded
//! here once, so that the table, the graph and the report never disagree. The trap: rows are places in *this*
//! snapshot; anything that leaves the process names ads by key and images by SHA-256.

mod between;
mod coordinates;
mod dates;
mod figures;
mod joined;
mod many_contacts;
mod network;
mod notes;
mod stop;
mod why_not;
pub mod words;

pub use between::{Apart, Between, Chain, ChainStep, between};
pub use coordinates::coordinates;
pub use dates::{day, days_between};
pub(crate) use figures::share;
pub use figures::{Figures, Reuse};
pub use joined::{Joined, key_of};
pub(crate) use joined::{ad_name, ad_time, bits, extent};
pub use many_contacts::ManyContacts;
pub use network::{NetworkFacts, WeakestLink, ranked};
pub use notes::{NetworkNotes, PlacedNote};
pub use stop::{HOTLINES, HotlineOffice, STOP, hotline, stop_and_report};
pub use why_not::why_not;
