//! Undoes how the bytes of a member are written, within a limit on what comes out.

use super::limited::{broken, read};
use super::locator::Codec;
use super::warc_record;
use crate::error::{ImageError, SkipReason};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Undoes one codec.
pub(super) fn undo(codec: Codec, bytes: &[u8], limit: u64) -> Result<Vec<u8>, ImageError> {
    match codec {
        Codec::Deflate => read(flate2::read::DeflateDecoder::new(bytes), limit),
        Codec::Gzip => read(flate2::read::GzDecoder::new(bytes), limit),
        Codec::Zstandard => {
            let mut decoder =
                zstd::stream::read::Decoder::with_buffer(bytes).map_err(|error| broken(&error))?;
            decoder.window_log_max(27).map_err(|error| broken(&error))?;
            read(decoder, limit)
        }
        Codec::Base64 => base64(bytes),
        Codec::Response => warc_record::body(bytes, limit),
    }
}

/// How much of some text is base64: up to the first byte that cannot be part of it.
pub(crate) fn base64_text(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_base64(*byte)).unwrap_or(text.len())
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'\\' | b'\r' | b'\n')
}

fn base64(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let digit = |byte: &u8| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(*byte),
        byte if byte.is_ascii_alphanumeric() => Some(*byte),
        _ => None,
    };
    let mut digits: Vec<u8> = bytes.iter().filter_map(digit).collect();
    // A last digit that stands alone has no whole byte in it.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        STANDARD_NO_PAD.config().with_decode_allow_trailing_bits(true),
    );
    engine
        .decode(digits)
        .map_err(|error| ImageError::new(SkipReason::Unreadable, format!("not base64: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_as_mail_and_json_write_it() {
        for text in ["aGVsbG8gd29ybGQ=", "aGVs\r\nbG8gd29y\nbGQ", "aGVsbG8gd29ybGQ=\\n"] {
            assert_eq!(base64(text.as_bytes()).unwrap()[..11], *b"hello world", "{text}");
        }
        assert_eq!(base64(b"\\/\\/8").unwrap(), [255, 255]);
        assert_eq!(base64_text(b"aGVs bG8"), 4);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, codec in 0usize..5) {
            let codec = [Codec::Deflate, Codec::Gzip, Codec::Zstandard, Codec::Base64, Codec::Response][codec];
            if let Ok(out) = undo(codec, &bytes, 1000) {
                prop_assert!(out.len() <= 1000.max(bytes.len()));
            }
        }
    }
}
