//! The service as programs meet it: every route's good and bad answers, who is let in, what is found, what outlives a kill.
//!
//! Requests go straight into the router, a few over a socket, and those of `killed` to the program itself. What was stored
//! is read from the case file, never from what the service says about it.
#![cfg(feature = "serve")]

mod access;
mod ads;
mod banks;
mod disclosure;
mod hma;
mod killed;
mod limits;
mod matching;
mod review;
mod support;
mod webhooks;
