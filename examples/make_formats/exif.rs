//! The smallest EXIF: a TIFF structure with the orientation as its only entry.

/// Little-endian, ready for a JPEG (after `Exif\0\0`), a PNG `eXIf` or a WebP `EXIF` block.
pub(crate) fn orientation(value: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff
}
