//! What stands between a browser and the pages: the socket, who may come in, the frame around every page.

pub(crate) mod access;
pub(crate) mod guard;
pub(crate) mod listen;
pub(crate) mod page;
pub(crate) mod speech;
