//! From bytes to what is stored of a picture: decoding, limits, PDQ against its reference, views, local features.
//!
//! The generator of `fixtures/formats` is compiled in, so that tests can make files of any kind. The trap: this binary
//! counts what each thread allocates (`hostile_images`), so a test that spawns threads is measured only in part.

mod decode_codecs;
mod decode_formats;
mod decode_reference;
mod designs;
mod features;
mod hostile_images;
mod odd_jpegs;
mod packed;
mod pdq_reference;
mod views;

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/make_formats/jpeg.rs"]
mod jpeg;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/make_formats/picture.rs"]
mod picture;
#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/make_formats/png.rs"]
mod png;
