//! The review desk: pages on which reviewers judge pairs, served to a browser on the same machine.
//!
//! [`Desk`] holds the case and what is known; [`router`] answers requests; [`serve`] puts it on a socket. A [`Workplace`]
//! stands before it where the whole job is done in the browser: cases opened, ads read in, results handed out. Pages are
//! whole documents and decisions plain forms: script adds keys, holding and blinking, and nothing depends on it but
//! those. The trap: no part of an address of the desk ever reaches the file system. Images are named by SHA-256, looked up
//! in the case, and read from where the case says they were.

mod http;
mod job;
mod pages;
mod routes;
mod state;

pub use http::guard::MOST_UPLOADED;
pub use http::listen::serve;
pub use job::{Workplace, workplace_router};
pub use routes::router;
pub use state::desk::Desk;
