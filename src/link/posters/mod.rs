//! Step 4: which ads belong together, and which photos are common: judged from who shows what, and what else they say.

pub(crate) mod common;
pub(crate) mod communities;
mod cores;
pub(crate) mod facts;
pub(crate) mod hub_photos;
pub(crate) mod mirror;
pub(crate) mod photo_uses;
