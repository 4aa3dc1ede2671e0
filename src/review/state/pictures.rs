//! Pictures of evidence, made from the originals when somebody looks, kept in memory for a while, never on disk.
//!
//! Each is made once, clear and blurred together: decoding and laying over is what costs. The trap: the blurred form
//! is what pages show; the clear one leaves only through a counted reveal, so the two must never share an address.

use axum::body::Bytes;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore};

use super::course::Ids;
use crate::analysis::{digest, read_file};
use crate::corpus::readable;
use crate::decode::{Limits, decode_rgb};
use crate::hash::Dihedral;
use crate::picture::{Alignment, PanelStyle, Panels, Rgb, Start};
use crate::record::{Image, ImageId};
use crate::verify::Proof;

/// Longest side of a picture of a pair.
const SIDE: u32 = 720;
/// Longest side of a picture that stands alone.
const SINGLE_SIDE: u32 = 480;
/// Pictures kept, some half a megabyte each.
const KEPT: usize = 48;
/// Originals decoded at a time.
const AT_ONCE: usize = 2;
const JPEG_QUALITY: u8 = 84;

/// What can be looked at of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// Image A, what both share outlined.
    First,
    /// Image B, likewise, turned as image A lies: a mirrored copy beside its original is hard to compare.
    Second,
    /// Image A without outline.
    Plain,
    /// Image B as image A shows it.
    Mapped,
    /// Difference of the two.
    Difference,
    /// Image B as it lies in its file, where that is not how it is shown.
    Filed,
}

impl Panel {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "first" => Self::First,
            "second" => Self::Second,
            "plain" => Self::Plain,
            "mapped" => Self::Mapped,
            "difference" => Self::Difference,
            "filed" => Self::Filed,
            _ => return None,
        })
    }

    /// Which of the two images it shows.
    pub(crate) fn shows(self, ids: &Ids) -> Vec<ImageId> {
        match self {
            Self::First | Self::Plain => vec![ids.0],
            Self::Second | Self::Mapped | Self::Filed => vec![ids.1],
            Self::Difference => vec![ids.0, ids.1],
        }
    }
}

/// A picture in both forms, as JPEG.
#[derive(Debug, Clone)]
pub(crate) struct BothForms {
    pub(crate) clear: Bytes,
    pub(crate) blurred: Bytes,
}

/// All pictures of a pair, and how the two lie on each other.
#[derive(Debug)]
pub(crate) struct PairPictures {
    kinds: [Option<BothForms>; 6],
    pub(crate) how: HowLaid,
}

/// How the two of a pair lie on each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum HowLaid {
    /// So; half of the pixels there differ by so many of 255 levels or less.
    Laid { alignment: Box<Alignment>, differ: u8 },
    /// Nothing says how.
    Not,
    /// One of them is not to be had.
    Missing(NoPicture),
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoPicture {
    /// The case knows of no file.
    Unknown,
    /// No file is where it was expected first.
    Gone(String),
    /// Another file is there now.
    Changed,
    /// The decoder says why.
    Undecoded(String),
    /// The encoder says why.
    Unshown(String),
    /// A fault.
    Failed,
    /// The desk ends.
    Closing,
}

impl PairPictures {
    pub(crate) fn of(&self, kind: Panel) -> Option<&BothForms> {
        self.kinds[kind as usize].as_ref()
    }
}

/// An image of the case and where its files were.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    pub(crate) image: Image,
    pub(crate) paths: Vec<PathBuf>,
}

type Made<T> = Result<Arc<T>, NoPicture>;
type Shelf<K, T> = Mutex<VecDeque<(K, Arc<OnceCell<Made<T>>>)>>;

/// Pictures made so far.
#[derive(Debug)]
pub(crate) struct Pictures {
    pairs: Shelf<(Ids, bool), PairPictures>,
    singles: Shelf<(ImageId, bool), BothForms>,
    slots: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { pairs: Mutex::default(), singles: Mutex::default(), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Pictures {
    /// The pictures of a pair.
    pub(crate) async fn pair(
        &self,
        a: Original,
        b: Original,
        proof: Option<Proof>,
        grey: bool,
    ) -> Made<PairPictures> {
        let cell = place(&self.pairs, ((a.image.id(), b.image.id()), grey));
        let slots = self.slots.clone();
        cell.get_or_init(|| working(slots, move || pair(&a, &b, proof.as_ref(), grey))).await.clone()
    }

    /// The picture of one image.
    pub(crate) async fn single(&self, original: Original, grey: bool) -> Made<BothForms> {
        let cell = place(&self.singles, (original.image.id(), grey));
        let slots = self.slots.clone();
        cell.get_or_init(|| working(slots, move || single(&original, grey))).await.clone()
    }
}

/// The place of a key; a full shelf drops the oldest.
fn place<K: PartialEq + Copy, T>(shelf: &Shelf<K, T>, key: K) -> Arc<OnceCell<Made<T>>> {
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    // What failed is tried again: the disk may be back.
    shelf.retain(|(_, cell)| !matches!(cell.get(), Some(Err(_))));
    if let Some((_, cell)) = shelf.iter().find(|(found, _)| *found == key) {
        return cell.clone();
    }
    if shelf.len() >= KEPT {
        shelf.pop_front();
    }
    let cell = Arc::new(OnceCell::new());
    shelf.push_back((key, cell.clone()));
    cell
}

async fn working<T: Send + Sync + 'static>(
    slots: Arc<Semaphore>,
    work: impl FnOnce() -> Result<T, NoPicture> + Send + 'static,
) -> Made<T> {
    let slot = slots.acquire_owned().await.map_err(|_| NoPicture::Closing)?;
    let made = tokio::task::spawn_blocking(move || {
        let made = work();
        drop(slot);
        made
    });
    made.await.map_err(|_| NoPicture::Failed)?.map(Arc::new)
}

fn single(original: &Original, grey: bool) -> Result<BothForms, NoPicture> {
    let picture = colours(&bytes(original)?)?.reduced(SINGLE_SIDE);
    in_both_forms(&if grey { picture.grey() } else { picture })
}

fn pair(a: &Original, b: &Original, proof: Option<&Proof>, grey: bool) -> Result<PairPictures, NoPicture> {
    let (bytes_a, bytes_b) = match (bytes(a), bytes(b)) {
        (Ok(a), Ok(b)) => (a, b),
        (Ok(one), Err(why)) => return alone(&one, why, true, grey),
        (Err(why), Ok(one)) => return alone(&one, why, false, grey),
        (Err(why), Err(_)) => return Err(why),
    };
    let (rgb_a, rgb_b) = (colours(&bytes_a)?, colours(&bytes_b)?);
    let starts = Start::of_pair((&a.image, &bytes_a), (&b.image, &bytes_b), proof);
    let alignment = Alignment::new(&rgb_a, &rgb_b, &starts);
    let panels =
        Panels::new(&rgb_a, &rgb_b, alignment.as_ref(), PanelStyle { side: SIDE, blurred: false, grey });
    let laid = panels.laid.as_ref();
    let how = match (&alignment, laid) {
        (Some(alignment), Some(laid)) => {
            HowLaid::Laid { alignment: Box::new(alignment.clone()), differ: laid.median_difference }
        }
        _ => HowLaid::Not,
    };
    // The outline is drawn after blurring, or nothing would be left of it.
    let outlined =
        |panels: &Panels| Panels { a: panels.a.blurred(), b: panels.b.blurred(), laid: panels.laid.clone() };
    let blurred_panels = outlined(&panels);
    let both = |clear: &Rgb, blurred: &Rgb| {
        Ok::<_, NoPicture>(Some(BothForms { clear: jpeg(clear)?, blurred: jpeg(blurred)? }))
    };
    let blurred = |picture: Option<&Rgb>| picture.map(in_both_forms).transpose();
    let (filed, filed_blurred) = (panels.b_outlined(), blurred_panels.b_outlined());
    let back = proof.map_or(Dihedral::None, |proof| proof.transform.inverse());
    let filed_apart = if back == Dihedral::None { None } else { both(&filed, &filed_blurred)? };
    Ok(PairPictures {
        kinds: [
            both(&panels.a_outlined(), &blurred_panels.a_outlined())?,
            both(&filed.turned(back), &filed_blurred.turned(back))?,
            both(&panels.a, &blurred_panels.a)?,
            blurred(laid.map(|laid| &laid.b_on_a))?,
            blurred(laid.map(|laid| &laid.difference))?,
            filed_apart,
        ],
        how,
    })
}

/// The pictures of a pair of which only one image is to be had.
fn alone(bytes: &[u8], why: NoPicture, first: bool, grey: bool) -> Result<PairPictures, NoPicture> {
    let picture = colours(bytes)?.reduced(SIDE);
    let picture = Some(in_both_forms(&if grey { picture.grey() } else { picture })?);
    let mut kinds = [const { None }; 6];
    kinds[if first { Panel::First } else { Panel::Second } as usize] = picture;
    Ok(PairPictures { kinds, how: HowLaid::Missing(why) })
}

/// Why an image cannot be shown whose files were expected under these paths.
pub(crate) fn expected_at(paths: &[PathBuf]) -> NoPicture {
    match paths.first() {
        None => NoPicture::Unknown,
        Some(first) => NoPicture::Gone(readable(first.as_os_str())),
    }
}

/// The original's bytes, proven to be those of the image.
fn bytes(original: &Original) -> Result<Vec<u8>, NoPicture> {
    let mut why = expected_at(&original.paths);
    for path in &original.paths {
        match read_file(path, &Limits::default()) {
            Ok(bytes) if digest(&bytes).sha256 == original.image.id() => return Ok(bytes),
            Ok(_) => why = NoPicture::Changed,
            Err(_) => {}
        }
    }
    Err(why)
}

fn colours(bytes: &[u8]) -> Result<Rgb, NoPicture> {
    decode_rgb(bytes, &Limits::default())
        .map(Rgb::from)
        .map_err(|error| NoPicture::Undecoded(error.to_string()))
}

fn in_both_forms(picture: &Rgb) -> Result<BothForms, NoPicture> {
    Ok(BothForms { clear: jpeg(picture)?, blurred: jpeg(&picture.blurred())? })
}

fn jpeg(picture: &Rgb) -> Result<Bytes, NoPicture> {
    let made = picture.jpeg(JPEG_QUALITY).map(Bytes::from);
    made.map_err(|error| NoPicture::Unshown(error.to_string()))
}
