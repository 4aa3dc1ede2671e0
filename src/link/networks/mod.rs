//! Step 5: ad links with their evidence, those set aside, and networks of ads.

pub(crate) mod judgement;
pub(crate) mod links;
