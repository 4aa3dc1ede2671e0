//! Previews for the report, from the originals as they are now.
//!
//! Only where asked for: without it no result file holds a pixel. Each photo of a network has one, made from its
//! largest image of which a file with the same bytes is still there; where none is, the report says so. The links that
//! the leading networks hang on have both their pictures, and the photos of these networks one of each copy.

use crate::analysis::{digest, read_file};
use crate::case::Case;
use crate::corpus::{ImageRow, LinkRow, Originals, PhotoRow, Snapshot};
use crate::decode::{Limits, decode_rgb};
use crate::error::{ImageError, Result};
use crate::language::{current, in_language, say, word};
use crate::link::{Findings, Link};
use crate::picture::{COPY_SIDE, PREVIEW_SIDE, PreviewForm, Rgb, SmallPair, Start, preview};
use crate::report::{LinkPictures, Previews, pictured_copies, pictured_links};
use crate::view::Joined;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Makes the previews of all photos that hold networks together, and the pictures of the links that leading networks
/// hang on, said in the language of this thread. Costs a decode in colour for each.
///
/// # Errors
/// When the case cannot be read; an original that cannot be is counted as missing.
pub fn previews(
    case: &Case,
    snapshot: &Snapshot,
    findings: &Findings,
    form: PreviewForm,
) -> Result<Previews> {
    let shelf = Shelved { originals: case.all_originals(snapshot)?, snapshot, form };
    let photos: BTreeSet<PhotoRow> =
        findings.networks.iter().flat_map(|network| network.groups.iter().copied()).collect();
    let made = |group: PhotoRow| (group, shelf.photo(&findings.groups[group].images));
    let all: Vec<(PhotoRow, Option<Vec<u8>>)> = photos.into_par_iter().map(made).collect();
    let missing = all.iter().filter(|(_, jpeg)| jpeg.is_none()).count();
    let jpegs = all.into_iter().filter_map(|(group, jpeg)| Some((group, jpeg?))).collect();
    let joined = Joined::new(snapshot, findings);
    let copies: Vec<ImageRow> = pictured_copies(&joined).into_iter().collect();
    let small = |row: ImageRow| Some((row, shelf.image(row, COPY_SIDE)?));
    let copies = copies.into_par_iter().filter_map(small).collect();
    let wanted = pictured_links(&joined);
    let language = current();
    let drawn = |row: LinkRow| (row, in_language(language, || shelf.link(&findings.links[row])));
    let links = wanted.into_par_iter().map(drawn).collect();
    Ok(Previews { form: Some(form), jpegs, missing, copies, links })
}

/// The originals, and how much of them is shown.
struct Shelved<'s> {
    originals: Originals,
    snapshot: &'s Snapshot,
    form: PreviewForm,
}

impl Shelved<'_> {
    /// The preview of a photo by its images.
    fn photo(&self, images: &[ImageRow]) -> Option<Vec<u8>> {
        let mut images = images.to_vec();
        images.sort_by_key(|&row| {
            let image = &self.snapshot.images[row];
            (Reverse(u64::from(image.width) * u64::from(image.height)), row)
        });
        images.into_iter().find_map(|row| self.image(row, PREVIEW_SIDE))
    }

    /// A small picture of one image; `None` where its file is not there any more.
    fn image(&self, row: ImageRow, side: u32) -> Option<Vec<u8>> {
        preview(&self.bytes(row).ok()?, &Limits::default(), self.form, side).ok()
    }

    /// Both pictures of a link's strongest photo, or why there are none, as a sentence.
    fn link(&self, link: &Link) -> LinkPictures {
        let Some(evidence) = link.evidence.first() else {
            return Err(
                say!("The two ads share no photo, so there are no pictures to lay side by side.").into()
            );
        };
        let (a, b) = (evidence.image_a, evidence.image_b);
        let file_a =
            self.bytes(a).map_err(|why| say!("The original in the first ad {why}.", why = say(why)))?;
        let rgb_a = colours(&file_a)
            .map_err(|why| say!("The original in the first ad cannot be decoded: {why}.", why = why))?;
        if a == b {
            return Ok(SmallPair::of_one(&rgb_a, self.form));
        }
        let file_b =
            self.bytes(b).map_err(|why| say!("The original in the second ad {why}.", why = say(why)))?;
        let rgb_b = colours(&file_b)
            .map_err(|why| say!("The original in the second ad cannot be decoded: {why}.", why = why))?;
        let image = |row: ImageRow| &self.snapshot.images[row];
        let starts = Start::of_pair((image(a), &file_a), (image(b), &file_b), Some(&evidence.proof));
        Ok(SmallPair::new(&rgb_a, &rgb_b, &starts, self.form))
    }

    /// An original, proven to be the image's, or what became of it, in English.
    fn bytes(&self, row: ImageRow) -> std::result::Result<Vec<u8>, &'static str> {
        let id = self.snapshot.images[row].id();
        let mut why = word!("is not known to the case any more");
        for path in self.originals.of(row) {
            match read_file(&path, &Limits::default()) {
                Ok(bytes) if digest(&bytes).sha256 == id => return Ok(bytes),
                Ok(_) => why = word!("has changed since it was read"),
                Err(_) => why = word!("is not at its place any more"),
            }
        }
        Err(why)
    }
}

fn colours(file: &[u8]) -> std::result::Result<Rgb, ImageError> {
    decode_rgb(file, &Limits::default()).map(Rgb::from)
}
