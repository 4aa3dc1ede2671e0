//! The whole job at the desk: a case and its ads chosen, read in and linked with progress, results handed out.
//!
//! [`Workplace`] stands before a [`Desk`](super::Desk) and puts one up when a case is open. Long work is a [`Run`](run::Run) on a
//! thread of its own, one at a time. The trap: unlike the pages of the desk, these take paths from a browser; each is
//! resolved and held against [`VisibleRoots`](roots::VisibleRoots) before it is used.

mod outcome;
mod pages;
mod plan;
mod roots;
mod routes;
mod run;
mod tasks;
mod workplace;

pub use routes::workplace_router;
pub use workplace::Workplace;
