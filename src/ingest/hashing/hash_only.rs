//! Images of which a record gives only a hash: what a case can hold of them.
//!
//! Ids are content digests wherever the source gives one; else they are made up from the place of the image, so that two
//! images with one PDQ are near copies, not one file. The trap: nothing of this was computed here. Such an image says so
//! in everything that comes of it (`SOURCE_HASH_ONLY`).

use crate::hash::{Hash256, Pdq, Quality};
use crate::ingest::record::Declared;
use crate::record::{AdKey, Digests, Image, ImageId};
use sha2::{Digest, Sha256};

/// The image that a declaration describes; why it describes none. `None` when no hash is declared that links images.
pub(in crate::ingest) fn image(
    declared: &Declared,
    ad: &AdKey,
    position: u32,
) -> Option<Result<Image, String>> {
    let text = declared.pdq.as_deref()?.trim();
    let Some(hash) = ImageId::parse(text).map(|id| Hash256::from_bytes(&id.0)) else {
        let shown: String = text.chars().take(70).collect();
        return Some(Err(format!("declared pdq `{shown}` is not 64 hex digits")));
    };
    let quality = match declared.quality.as_deref().map(str::trim) {
        // Who exchanges a hash without its quality means it to be used.
        None => Quality::USABLE,
        Some(text) => match text.parse::<f64>() {
            Ok(number) if (0.0..=100.0).contains(&number) => Quality::new(number as u8),
            _ => return Some(Err(format!("declared quality `{text}` is not 0 to 100"))),
        },
    };
    let digests = digests(declared, hash, ad, position);
    Some(Ok(Image::of_hash(digests, Pdq::from_upright(hash, quality))))
}

fn digests(declared: &Declared, hash: Hash256, ad: &AdKey, position: u32) -> Digests {
    let md5: Option<[u8; 16]> = bytes(declared.md5.as_deref());
    let sha1: Option<[u8; 20]> = bytes(declared.sha1.as_deref());
    let sha256: Option<[u8; 32]> = bytes(declared.sha256.as_deref());
    let made_up = || {
        let mut digest = Sha256::new_with_prefix("adlink: an image known by its hash");
        match (&md5, &sha1) {
            (Some(md5), _) => digest.update(md5),
            (None, Some(sha1)) => digest.update(sha1),
            (None, None) => {
                for part in
                    [ad.site.as_bytes(), ad.ad_id.as_bytes(), &position.to_be_bytes(), &hash.to_bytes()]
                {
                    digest.update((part.len() as u64).to_be_bytes());
                    digest.update(part);
                }
            }
        }
        digest.finalize().into()
    };
    Digests {
        sha256: ImageId(sha256.unwrap_or_else(made_up)),
        sha1: sha1.unwrap_or_default(),
        md5: md5.unwrap_or_default(),
    }
}

/// Bytes written as hex digits of either case.
fn bytes<const N: usize>(text: Option<&str>) -> Option<[u8; N]> {
    let text = text?.trim();
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{Dihedral, Luma, pdq};

    const HASH: &str = "f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22";

    fn known(declared: &Declared, ad: &str) -> Image {
        image(declared, &AdKey { site: "s".into(), ad_id: ad.into() }, 0).unwrap().unwrap()
    }

    #[test]
    fn one_file_is_known_by_its_digest_and_one_hash_is_not_one_file() {
        let hash = Declared { pdq: Some(HASH.to_uppercase()), ..Declared::default() };
        let (one, two) = (known(&hash, "1"), known(&hash, "2"));
        assert_eq!((one.pdq, one.pdq.hash().to_string().as_str()), (two.pdq, HASH));
        assert_ne!(one.id(), two.id());
        assert!(one.is_hash_only() && one.pdq.is_usable(Quality::USABLE));
        let md5 = Declared { md5: Some("BB0C40BA7959CDAA4CCBE818FCE60C83".into()), ..hash.clone() };
        assert_eq!(known(&md5, "1").id(), known(&md5, "2").id());
        let sha256 = Declared { sha256: Some("0f".repeat(32)), ..hash };
        assert_eq!(known(&sha256, "1").id().to_string(), "0f".repeat(32));
    }

    #[test]
    fn what_is_no_hash_is_said() {
        let faulty = |pdq: &str, quality: Option<&str>| {
            let declared = Declared {
                pdq: Some(pdq.into()),
                quality: quality.map(str::to_string),
                ..Declared::default()
            };
            image(&declared, &AdKey { site: "s".into(), ad_id: "1".into() }, 0).unwrap().is_err()
        };
        assert!(faulty("abc", None) && faulty(HASH, Some("101")) && faulty(HASH, Some("good")));
        assert!(!faulty(HASH, Some("87")));
    }

    /// The mirrored hashes that follow from the upright one are nearly those of the mirrored picture.
    #[test]
    fn mirrored_hashes_follow_from_the_upright_one() {
        let pixel = |x: u32, y: u32| ((x * x / 7 + y * 3 + (x * y) % 97 + (x / 9) * (y / 13)) % 251) as u8;
        let pixels = (0..256 * 256).map(|k| pixel(k % 256, k / 256)).collect();
        let whole = pdq(&Luma::new(256, 256, pixels).unwrap());
        let known = Pdq::from_upright(whole.hash(), whole.quality);
        for turn in Dihedral::ALL {
            let apart = known.oriented(turn).distance(&whole.oriented(turn));
            assert!(apart <= 24, "{turn}: {apart}");
        }
    }
}
