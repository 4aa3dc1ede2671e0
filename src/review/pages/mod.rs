//! Pages, and the requests that change something.

pub(crate) mod acts;
pub(crate) mod find;
pub(crate) mod lists;
pub(crate) mod network;
pub(crate) mod pair;
pub(crate) mod parts;
pub(crate) mod photo;
pub(crate) mod views;
