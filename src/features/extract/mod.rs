//! From luma to keypoints and their codes.

pub(crate) mod descriptor;
pub(crate) mod detect;
pub mod plane;
pub(crate) mod projection;
pub(crate) mod pyramid;
pub(crate) mod select;
