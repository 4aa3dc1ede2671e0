//! The program as users run it: every command, its exit codes, its words, and what survives a kill.
//!
//! One binary, one module per subject. Each test has a folder of its own; the failure text shows both streams.

mod analysed;
mod bad_input;
mod banks;
mod commands;
mod common;
mod decisions;
mod determinism;
mod eval;
mod interrupted;
mod killed;
mod link_fixture;
mod locked;
#[cfg(target_os = "linux")]
mod no_room;
mod notes;
mod outputs;
mod pictures;
mod privacy;
mod search;
mod sections;
mod since;
mod support;
mod terminal;
mod tiles;
mod videos;
mod zipped;
