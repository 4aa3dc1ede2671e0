//! What the desk knows: the case and its model, decisions made, the queue and the course through it, pictures.

pub(crate) mod bridges;
pub(crate) mod course;
pub(crate) mod desk;
pub(crate) mod ledger;
pub(crate) mod model;
pub(crate) mod photo_course;
pub(crate) mod pictures;
pub(crate) mod queue;
pub(crate) mod text_query;
