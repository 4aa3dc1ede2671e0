//! What manifests say of images' bytes, held against the files once they are read.
//!
//! A manifest may give an image's SHA-256 and PDQ, as whoever collected it computed them. Where they do not fit, the
//! file was changed or mixed up since, and a reader of the results has to know; the file itself is used as it is. The
//! trap: PDQ is not one number. Tools differ by some bits and about orientation, so only another photo is a mismatch; and
//! where the SHA-256 holds, the file is the one that is meant, whatever a tool made of its pixels.

use crate::case::Writer;
use crate::error::Result;
use crate::hash::{Dihedral, Hash256, Pdq, Quality};
use crate::ingest::record::Declared;
use crate::record::ImageId;

/// Bits within which two tools' PDQ hashes are of one photo.
const SAME_PHOTO: u32 = 31;

/// A declaration, where it stands, and the file it is about.
#[derive(Debug)]
pub(in crate::ingest) struct Claim {
    pub(in crate::ingest) file: i64,
    pub(in crate::ingest) record: i64,
    pub(in crate::ingest) position: u32,
    /// Path as the manifest gives it.
    pub(in crate::ingest) path: String,
    pub(in crate::ingest) manifest: i64,
    pub(in crate::ingest) line: u64,
    pub(in crate::ingest) declared: Box<Declared>,
}

/// Notes in the case every claim that its file does not bear out, and counts them. Files without readable bytes are
/// passed over: they are listed anyway.
pub(in crate::ingest) fn check(writer: &mut Writer<'_>, claims: &[Claim]) -> Result<u64> {
    let mut mismatches = 0;
    for claim in claims {
        let Some((sha256, pdq)) = writer.content_of(claim.file)? else { continue };
        for fault in faults(&claim.declared, &sha256, pdq.as_ref()) {
            mismatches += 1;
            writer.mismatch(claim.record, claim.position, &claim.path, claim.manifest, claim.line, &fault)?;
        }
        writer.step(1)?;
    }
    Ok(mismatches)
}

/// What is wrong, in words.
pub(in crate::ingest) fn faults(declared: &Declared, sha256: &ImageId, pdq: Option<&Pdq>) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(text) = &declared.sha256 {
        match ImageId::parse(text) {
            Some(id) if id == *sha256 => return faults,
            Some(id) => faults.push(format!("declared sha256 is {id}, that of the file {sha256}")),
            None => faults.push(format!("declared sha256 `{}` is not 64 hex digits", short(text))),
        }
    }
    if let (Some(text), Some(pdq)) = (&declared.pdq, pdq) {
        // What reads 64 hex digits reads a hash, too.
        match ImageId::parse(text).map(|id| Hash256::from_bytes(&id.0)) {
            None => faults.push(format!("declared pdq `{}` is not 64 hex digits", short(text))),
            Some(_) if !pdq.is_usable(Quality::USABLE) => {}
            Some(hash) => {
                let turned = Dihedral::ALL.into_iter().map(|turn| pdq.oriented(turn).distance(&hash));
                let nearest = turned.min().expect("eight turns");
                if nearest > SAME_PHOTO {
                    faults.push(format!("declared pdq is {nearest} of 256 bits from that of the file"));
                }
            }
        }
    }
    faults
}

fn short(text: &str) -> String {
    text.chars().take(70).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_photo_or_other_bytes_are_a_mismatch() {
        let mut words =
            [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0x2545_f491_4f6c_dd1d];
        let base = [1, 2, 3, 4]
            .map(|turn: u64| Hash256::from_words(words.map(|word: u64| word.rotate_left(turn as u32))));
        let pdq = Pdq::from_base(base, Quality::new(100));
        words[1] ^= 0xff;
        let near = Hash256::from_words(words.map(|word| word.rotate_left(1)));
        let id = ImageId([7; 32]);
        let found = |sha256: Option<String>, pdq_text: Option<String>| {
            faults(&Declared { sha256, pdq: pdq_text, ..Declared::default() }, &id, Some(&pdq)).len()
        };
        assert_eq!(found(Some(id.to_string().to_uppercase()), Some(pdq.hash().to_string())), 0);
        assert_eq!(found(None, Some(near.to_string())), 0);
        assert_eq!(found(None, Some("ab".repeat(32))), 1);
        assert_eq!(
            found(Some(id.to_string()), Some("ab".repeat(32))),
            0,
            "the bytes are those that are meant"
        );
        for turn in Dihedral::ALL {
            assert_eq!(found(None, Some(pdq.oriented(turn).to_string())), 0, "{turn:?}");
        }
        assert_eq!(found(Some(ImageId([8; 32]).to_string()), Some("ab".repeat(32))), 2);
        assert_eq!(found(Some("abc".into()), Some("x".repeat(500))), 2);
    }
}
