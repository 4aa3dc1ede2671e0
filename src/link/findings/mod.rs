//! What linking found, as plain data, and what is new in it since an earlier run.

pub(crate) mod caveats;
pub(crate) mod evidence_run;
pub(crate) mod found;
pub(crate) mod ids;
pub(crate) mod kinds;
pub(crate) mod news;
