//! Image bytes to pixels, in luma and in colour, within small limits.
#![no_main]
use adlink::decode::{Limits, decode, decode_rgb, decode_stored};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_pixels: 1 << 20, max_memory: 64 << 20, max_frames: 3, ..Limits::default() };
    let luma = decode(bytes, &limits);
    let colour = decode_rgb(bytes, &limits);
    // What cannot be decoded one way cannot be decoded the other.
    assert!(luma.is_ok() || colour.is_err());
    let _ = decode_stored(bytes, &limits);
});
