//! What the service holds: the case behind one writer, connections for readers, indexes in memory, pictures that are kept.

mod bank_acts;
pub(crate) mod banks;
pub(crate) mod disclosure;
pub(crate) mod kept;
pub(crate) mod readers;
pub(crate) mod service;
pub(crate) mod writer;
