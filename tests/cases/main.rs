//! From ads on disk to a case and back: reading in, what is declared, decisions, custody, stored features.
//!
//! Every test has a folder and a case of its own (`scene`). The trap: a case that an older version wrote must open, so
//! `fixtures/cases` holds one file per schema version and they are never written again.

mod bank_index;
mod banks;
mod case;
mod collection;
mod containers;
mod custody;
mod decisions;
mod declared;
mod elsewhere;
mod feature_folder;
mod hash_list_faults;
mod hash_lists;
mod hostile_containers;
mod ingest;
mod inputs;
mod notes;
mod outside;
mod preview;
#[path = "../scene/mod.rs"]
mod scene;
mod seal;
mod stored_features;
