//! What the pixels of two pictures, laid over each other, say of what they share: one photo, one scene, one design.
//!
//! A photo needs continuous tone that agrees, and little of it that does not; a site's menu, a frame, a watermark are
//! shared by pictures of different photos. That it is one *shot* and not another of the same carpet shows in the last
//! detail, or, where a copy was blurred or photographed and has lost that, in very many keypoints. The trap: pictures of
//! nothing but design exist (a price list, a code). They are one picture only if all of their ink agrees.

use super::dense::DenseCheck;
use super::doubt::Doubt;

/// What two pictures share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// The same photo.
    Photo,
    /// The same place in another shot, as far as can be told.
    Scene,
    /// The same layout with other content.
    Design,
    /// Nothing that counts.
    Nothing,
}

/// Patches of tone that agree, at the least.
const LEAST_TONE: u32 = 10;
/// Or so many, and so many for each that does not, where there is hardly any.
const LITTLE_TONE: (u32, u32) = (5, 10);
/// Share of the tone that agrees, at the least. Stickers, bars and mosaics are not tone; another photo laid over a part is.
const TONE_SHARE: f64 = 0.5;
/// Tone that agrees for each patch that is tone in one picture and not in the other.
const BESIDE_MIXED: f64 = 0.3;
/// A part smaller than this may be a logo, unless so many patches of tone agree, and such a share of them.
const SMALL: (f64, u32, f64) = (0.3, 20, 0.8);
/// Patches of ink that agree, at the least, and share of the ink that may not where there is no tone.
const INK: (u32, f64) = (20, 0.01);
/// Score by features, at the least, of two pictures that are nothing but ink: two frames agree in every line where the
/// map may stretch one.
const INK_SCORE: f64 = 15.0;
/// Pixels up to which they lie still: shots of one chessboard from many sides had 0.3 and more.
const INK_DRIFT: f64 = 0.25;
/// Pixels beyond which hashes that are not near enough to be beyond doubt are of two shots: portraits of one person in one
/// pose had 0.4 to 0.7. Copies that drift as far were blurred, which moves no hash so far.
const ADRIFT: f64 = 0.38;
/// Patches of ink around a photo that can tell designs apart, at the least, and share of them that agrees where it is one:
/// flyers of many employers around one photo, or one logo, have up to four fifths in common by the places of their lines, the
/// currency, the country code.
const AROUND: (u32, f64) = (16, 0.87);
/// Of a design with other words in it: patches of ink that agree and that differ, at the least; of one without a photo so many
/// more agree.
const REWORDED: (u32, u32) = (20, 2);
const REWORDED_ALONE: u32 = 80;
/// Patches of tone up to which a picture counts as design.
const NO_TONE: u32 = 3;

/// Share of the agreeing tone that is the same to the last detail: one shot. Other shots of a place had up to 0.35.
const FINE: f64 = 0.4;
/// Of pictures that had to be enlarged: portraits of one person, a moment apart, come near the last detail.
const FINE_ENLARGED: f64 = 0.9;
/// Scores by features and shares of tone that agrees, either of which stands for detail that a copy has lost. Other
/// shots had up to 23 with 0.9; portraits of 100 pixels up to 40; garments on one floor any score with up to 0.6.
const STRONG: [(f64, f64); 3] = [(30.0, 0.68), (20.0, 0.95), (15.0, 0.97)];
const STRONG_ENLARGED: [(f64, f64); 1] = [(45.0, 0.9)];
/// With less grain than this, what agrees may be another photo of one carpet, and so much sameness is needed.
const COARSE: (f64, f64) = (0.09, 0.85);
/// Two pictures that each show something beyond the other are rather two shots: so much must be shared of one, or else more
/// is asked.
const WHOLE: f64 = 0.98;
/// Pixels within which the agreeing patches of one shot lie, as a rule: half of all copies within 0.07. Other shots of a
/// place had 0.2 to 0.6, the nearest, of a floor, a plain or a till receipt, 0.09.
const STILL: f64 = 0.13;
/// One of these goes with it: share of the tone that agrees, that of tone in either, median correlation. Shots of one floor
/// had less of all.
const STILL_WELL: (f64, f64, f64) = (0.75, 0.55, 0.96);
/// Share of the tone that agrees without which neither detail nor what either shows is enough: of a floor around two garments
/// half is to be seen in both, to the last detail.
const MOST: f64 = 0.6;
/// Pixels, and share of the tone that agrees, of a copy that was softened; of one that had to be enlarged.
const SOFTENED: (f64, f64) = (0.25, 0.95);
const SOFTENED_ENLARGED: (f64, f64) = (0.17, 0.95);
/// Of two that each show something beyond the other: pixels, with so much of the tone the same to the last detail, at the
/// least; pixels that go with such a correlation; pixels that go with so much detail and correlation at half resolution.
const BEYOND: (f64, f64) = (0.1, 0.3);
const BEYOND_WELL: (f64, f64) = (0.13, 0.97);
const BEYOND_FINE: (f64, f64, f64) = (0.2, 0.6, 0.98);
/// Little tone is believed where it lies as still, or correlates as well: till receipts of one shop have specks of it.
const LITTLE_STILL: (f64, f64) = (0.085, 0.96);

/// What two pictures share that were found by features of this score; `overlap` is the larger share of either that the
/// other shows, `whole` that of its photo.
pub fn by_features(pixels: &DenseCheck, score: f64, overlap: f64, whole: f64) -> Shared {
    match by_kind(pixels) {
        Shared::Photo if overlap < SMALL.0 && !has_photo_of_its_own(pixels) => Shared::Nothing,
        Shared::Photo if !has_tone(pixels) && (score < INK_SCORE || pixels.drift > INK_DRIFT) => {
            Shared::Design
        }
        Shared::Photo if has_tone(pixels) && !is_one_shot(pixels, score, whole) => Shared::Scene,
        shared => shared,
    }
}

/// What two pictures share whose hashes are near, though in doubt.
pub fn by_hashes(pixels: &DenseCheck, doubt: Doubt) -> Shared {
    match by_kind(pixels) {
        Shared::Photo if doubt == Doubt::Far && has_tone(pixels) && pixels.drift > ADRIFT => Shared::Scene,
        shared => shared,
    }
}

/// What two pictures share that belong together otherwise: by hash, or as each matches a third.
pub fn by_kind(pixels: &DenseCheck) -> Shared {
    if has_tone(pixels) {
        return Shared::Photo;
    }
    let ink = &pixels.design;
    if ink.agree >= INK.0 && pixels.photo.all() <= NO_TONE && pixels.mixed.differ <= NO_TONE {
        let differ = (INK.1 * f64::from(ink.all())).max(1.0);
        return if f64::from(ink.differ) <= differ { Shared::Photo } else { Shared::Design };
    }
    if ink.agree >= INK.0.max(pixels.photo.agree) { Shared::Design } else { Shared::Nothing }
}

/// Is one the other with some words changed? Nearly all of the ink agrees, around a photo or alone; ink in one of them only
/// is something put on, and no other word.
pub fn is_reworded(pixels: &DenseCheck) -> bool {
    let (tone, mixed, ink) = (&pixels.photo, &pixels.mixed, &pixels.around);
    let (least, alike) = match much_tone(pixels) {
        true => (REWORDED.0, is_one_design(pixels)),
        false => (REWORDED_ALONE, tone.differ + mixed.differ <= NO_TONE),
    };
    alike && ink.share() >= AROUND.1 && ink.agree >= least && pixels.design.differ >= REWORDED.1
}

/// Does what lies around a photo agree as the photo does, or is there nothing to speak of?
pub fn is_one_design(pixels: &DenseCheck) -> bool {
    let (tone, mixed, ink) = (&pixels.photo, &pixels.mixed, &pixels.around);
    let around = ink.all() < AROUND.0 || ink.share() >= AROUND.1;
    around && 2 * (tone.differ + mixed.differ) <= tone.agree + mixed.agree
}

/// Does continuous tone agree, and hardly any disagree?
fn has_tone(pixels: &DenseCheck) -> bool {
    let (tone, mixed, ink) = (&pixels.photo, &pixels.mixed, &pixels.design);
    // A plain photo on a page: little tone, and all of it agrees.
    let little = tone.agree >= 1
        && tone.agree + mixed.agree >= LITTLE_TONE.0
        && LITTLE_TONE.1 * (tone.differ + mixed.differ) <= tone.agree + mixed.agree
        && ink.differ <= ink.agree
        && (pixels.drift <= LITTLE_STILL.0 || pixels.correlation[0] >= LITTLE_STILL.1);
    little || much_tone(pixels)
}

/// Is even a small part no logo, but a photo that agrees throughout?
fn has_photo_of_its_own(pixels: &DenseCheck) -> bool {
    pixels.photo.agree >= SMALL.1 && pixels.photo.share() >= SMALL.2
}

fn much_tone(pixels: &DenseCheck) -> bool {
    let tone = &pixels.photo;
    tone.agree >= LEAST_TONE
        && tone.share() >= TONE_SHARE
        && f64::from(tone.agree) >= BESIDE_MIXED * f64::from(pixels.mixed.differ)
}

/// Does what the two share lie still, as only one shot laid over itself does, or does it share detail enough?
fn is_one_shot(pixels: &DenseCheck, score: f64, whole: f64) -> bool {
    if whole < WHOLE {
        return is_one_shot_beyond(pixels);
    }
    let agrees = pixels.photo.share();
    let softened = if pixels.enlarged { SOFTENED_ENLARGED } else { SOFTENED };
    let (tone, mixed) = (&pixels.photo, &pixels.mixed);
    let either = f64::from(tone.agree + mixed.agree) / f64::from((tone.all() + mixed.all()).max(1));
    let by_either = agrees >= MOST && either >= STILL_WELL.1;
    let well = agrees >= STILL_WELL.0 || by_either || pixels.correlation[0] >= STILL_WELL.2;
    let faint = pixels.correlation[0] < STILL_WELL.2;
    let still = pixels.drift <= STILL && well && !(faint && is_coarse(pixels));
    still || (pixels.drift <= softened.0 && agrees >= softened.1) || shares_detail(pixels, score)
}

/// Has what agrees not the grain of a copy, and does much differ?
fn is_coarse(pixels: &DenseCheck) -> bool {
    pixels.grain < COARSE.0 && pixels.sameness() < COARSE.1
}

fn is_one_shot_beyond(pixels: &DenseCheck) -> bool {
    let [full, half] = pixels.correlation;
    let still = pixels.drift <= BEYOND.0 || (pixels.drift <= BEYOND_WELL.0 && full >= BEYOND_WELL.1);
    let (drift, fine, least) = BEYOND_FINE;
    (pixels.fine >= BEYOND.1 && still) || (pixels.drift <= drift && pixels.fine >= fine && half >= least)
}

fn shares_detail(pixels: &DenseCheck, score: f64) -> bool {
    let (fine, strong): (f64, &[(f64, f64)]) =
        if pixels.enlarged { (FINE_ENLARGED, &STRONG_ENLARGED) } else { (FINE, &STRONG) };
    if is_coarse(pixels) {
        return false;
    }
    let agrees = pixels.photo.share();
    let strong = strong.iter().any(|needed| score >= needed.0 && agrees >= needed.1);
    (pixels.fine >= fine && agrees >= MOST) || strong
}
