//! Pages of the whole job: choosing, checking and running, handing out.

pub(super) mod choose;
pub(super) mod hand_out;
mod outcome;
mod parts;
pub(super) mod work;
