//! Where bytes are, and how they are read: the one way in to originals.
//!
//! Bytes are a file, or a member of one: of a zip, a tar, a web archive, a page. Both are named by a path
//! ([`locator`] says how) and read by [`load`], in place; nothing is unpacked. Files are only ever read, what is read is
//! bounded by the caller, and comes with the [`Stamp`] of the file that was opened. Knows nothing of ads or cases.

mod codecs;
mod compressed;
mod embedded;
mod file;
mod locator;
mod members;
mod opener;
mod region;
mod tar;
mod warc;
mod zip;

pub(crate) use codecs::base64_text;
pub(crate) use compressed::{Stream, opened};
pub(crate) use embedded::embedded;
pub(crate) use file::Stamp;
pub(crate) use locator::{Codec, Step};
pub(crate) use members::{Container, list};
pub(crate) use opener::{Opener, order, read_file, stamp, stream};
pub(crate) use tar::is_tar;
pub(crate) use warc::{Capture, captures};
