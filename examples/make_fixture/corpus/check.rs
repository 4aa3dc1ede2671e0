//! Whether the fixture is what its truth says, measured with adlink's own decoder and PDQ.
//!
//! A complaint after a change of decoder or hash is a reason to look, and at worst to choose other seeds in `plan`.

use super::{Corpus, Published};
use adlink::decode::{Limits, decode};
use adlink::hash::{Dihedral, Luma, Pdq, Quality, pdq};
use image::RgbImage;
use rayon::prelude::*;

/// Bits by which unrelated photos differ at least, over the eight orientations.
const UNRELATED: u32 = 90;
/// The same for published copies of different photos, marks and all.
const UNRELATED_COPIES: u32 = 70;
/// Bits by which copies differ at most, borders cut off.
const FOUND: u32 = 30;
const BYTES: usize = 3_000_000;

/// Complaints, each naming photos or files; empty when all is well.
pub(crate) fn check(corpus: &Corpus) -> Vec<String> {
    let photos: Vec<(&str, Pdq)> =
        corpus.photos.par_iter().map(|(id, picture)| (id.as_str(), pdq(&grey(picture)))).collect();
    let mut complaints = Vec::new();
    for (k, (id, own)) in photos.iter().enumerate() {
        if own.quality < Quality::USABLE {
            complaints.push(format!("{id} has quality {}", own.quality));
        }
        for (other, theirs) in &photos[..k] {
            let distance = apart(own, theirs);
            if distance < UNRELATED {
                complaints.push(format!("{id} and {other} are {distance} bits apart"));
            }
        }
    }
    complaints.extend(check_copies(corpus));
    let bytes: usize = corpus.files.values().map(Vec::len).sum();
    if bytes >= BYTES {
        complaints.push(format!("{bytes} bytes in all"));
    }
    complaints
}

fn check_copies(corpus: &Corpus) -> Vec<String> {
    let hash = |copy: &Published| {
        pdq(&without_border(&decoded(&corpus.files[&format!("images/{}", copy.path)]), copy.border))
    };
    let hashes: Vec<Pdq> = corpus.published.par_iter().map(hash).collect();
    let copies: Vec<(&Published, &Pdq)> = corpus.published.iter().zip(&hashes).collect();
    let mut complaints = Vec::new();
    for (k, (a, own)) in copies.iter().enumerate() {
        if own.quality < Quality::USABLE {
            complaints.push(format!("{} has quality {}", a.path, own.quality));
        }
        for (b, theirs) in &copies[..k] {
            let distance = apart(own, theirs);
            let wrong = match a.photo_id == b.photo_id {
                false => distance < UNRELATED_COPIES,
                true => a.ad_id != b.ad_id && distance > FOUND,
            };
            if wrong {
                let (p, q) = (&a.photo_id, &b.photo_id);
                complaints.push(format!("{} ({p}) and {} ({q}) are {distance} bits apart", a.path, b.path));
            }
        }
    }
    complaints
}

/// Smallest distance over the eight orientations, whichever of the two is turned: the larger of both ways, as a
/// hash of a turned picture is not quite the turned hash.
fn apart(a: &Pdq, b: &Pdq) -> u32 {
    let one_way = |a: &Pdq, b: &Pdq| {
        let turned = Dihedral::ALL.map(|turn| a.oriented(turn).distance(&b.hash()));
        turned.into_iter().min().unwrap_or_default()
    };
    one_way(a, b).max(one_way(b, a))
}

fn decoded(bytes: &[u8]) -> Luma {
    decode(bytes, &Limits::default()).expect("published pictures decode").luma
}

/// The picture that a border was put around.
fn without_border(sheet: &Luma, (across, down): (u32, u32)) -> Luma {
    let margin = |side: u32, percent: u32| (side * percent).div_ceil(100 + 2 * percent);
    let (left, top) = (margin(sheet.width(), across), margin(sheet.height(), down));
    let (width, height) = (sheet.width() - 2 * left, sheet.height() - 2 * top);
    let rows = (top..top + height).flat_map(|y| &sheet.row(y)[left as usize..][..width as usize]);
    Luma::new(width, height, rows.copied().collect()).expect("one value a pixel")
}

fn grey(picture: &RgbImage) -> Luma {
    let pixels = image::imageops::grayscale(picture).into_raw();
    Luma::new(picture.width(), picture.height(), pixels).expect("one value a pixel")
}
