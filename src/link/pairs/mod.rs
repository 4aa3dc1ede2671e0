//! Step 3: the image pairs that are listed, each with the best proof there is.

pub(crate) mod doubt;
pub(crate) mod listing;
pub(crate) mod prover;
pub(crate) mod same_proofs;
pub(crate) mod together;
