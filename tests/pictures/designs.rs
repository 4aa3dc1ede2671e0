//! What sites, apps and senders put around photos, and pictures that are all design: none of it makes one photo of two.
//!
//! Each kind stands beside its true copy, so that refusing everything is found out. The trap: generated ink must have
//! exact levels and generated photos continuous tone, as real ones do.

use crate::features::{pasted, picture, proven};
use adlink::features::plane::reduce;
use adlink::features::texture::TextureMap;
use adlink::features::{STORED, WORKING_SIDE, extract};
use adlink::hash::Luma;
use adlink::verify::Tier;

fn draw(width: u32, height: u32, level: impl Fn(u32, u32) -> u8) -> Luma {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| level(x, y));
    Luma::new(width, height, pixels.collect()).unwrap()
}

/// A number for a place and a seed.
fn mixed(x: u32, y: u32, seed: u32) -> u32 {
    let place = u64::from(x) << 40 | u64::from(y) << 20 | (u64::from(seed) + 1);
    let once = (place ^ place >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((once ^ once >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) as u32
}

/// Lines of made-up type, in cells of 8 by 14 pixels: dark on light.
fn type_at(x: u32, y: u32, seed: u32) -> bool {
    let (column, row, u, v) = (x / 8, y / 20, x % 8, y % 20);
    let letter = mixed(column, row, seed);
    !letter.is_multiple_of(6) && v < 14 && u < 6 && (letter >> (u / 2 + 3 * (v / 3)) & 1) == 1
}

/// A site's page: its panel of type, which all pages share, and the type of its own below.
fn page(photo: &Luma, own: u32) -> Luma {
    let ground = draw(500, 600, |x, y| {
        let shared = x > 330 && y < 260;
        let ink = if shared { type_at(x, y, 7) } else { y > 300 && type_at(x, y, own) };
        if y < 30 {
            60
        } else if ink {
            20
        } else {
            245
        }
    });
    pasted(&ground, photo, 20, 50)
}

/// A frame of shapes that an app puts around every photo.
fn framed(photo: &Luma) -> Luma {
    let ground = draw(400, 480, |x, y| {
        let cell = mixed(x / 18, y / 18, 3);
        if cell.is_multiple_of(3) { (cell >> 8) as u8 } else { 90 }
    });
    pasted(&ground, photo, 70, 60)
}

/// A site's name tiled over the whole photo.
fn watermarked(photo: &Luma) -> Luma {
    draw(photo.width(), photo.height(), |x, y| {
        let level = photo.row(y)[x as usize];
        if y / 20 % 2 == 0 && type_at(x, y, 9) { level / 2 + 127 } else { level }
    })
}

/// A code: squares, dark or light; the corners as all codes have them.
fn code(seed: u32) -> Luma {
    draw(330, 330, |x, y| {
        let (u, v) = (x / 10, y / 10);
        let inside = |at: u32| (8..=24).contains(&at);
        let corner = !(inside(u) || inside(v) || (u > 24 && v > 24));
        let dark = mixed(u, v, if corner { 1 } else { seed }).is_multiple_of(2);
        if dark && (2..31).contains(&u) && (2..31).contains(&v) { 0 } else { 255 }
    })
}

/// Stripes of a number.
fn barcode(seed: u32) -> Luma {
    draw(400, 220, |x, y| {
        let dark = mixed(x / 5, 0, seed).is_multiple_of(2) && y > 20 && y < 190 && x > 30 && x < 370;
        if dark { 0 } else { 255 }
    })
}

/// A form: the questions, and answers of `own`.
fn form(own: u32) -> Luma {
    draw(420, 540, |x, y| {
        let answer = x > 160 && (y / 20) % 2 == 1;
        let rule = x > 150 && y % 40 == 17;
        let ink = rule || if answer { x < 330 && type_at(x, y, own) } else { x < 140 && type_at(x, y, 5) };
        if ink { 10 } else { 250 }
    })
}

/// A flyer with the logo of a board in the corner.
fn flyer(photo: &Luma, own: u32) -> Luma {
    let ground = draw(420, 540, |x, y| {
        let logo = x < 130 && y < 110;
        let square = mixed(x / 16, y / 16, 11);
        let ink = y > 330 && type_at(x, y, own);
        if logo {
            (square % 5 * 50) as u8
        } else if ink {
            30
        } else {
            210
        }
    });
    pasted(&ground, photo, 30, 120)
}

#[test]
fn what_stands_around_different_photos_makes_no_link() {
    type Framed = fn(&Luma, u32) -> Luma;
    let kinds: [(&str, Framed, (u32, u32)); 4] = [
        ("page", page, (290, 220)),
        ("frame", |photo, _| framed(photo), (260, 340)),
        ("watermark", |photo, _| watermarked(photo), (420, 320)),
        ("flyer", flyer, (360, 190)),
    ];
    for (name, make, (width, height)) in kinds {
        let photo = |seed| picture(width, height, seed);
        let (one, two) = (make(&photo(51), 21), make(&photo(52), 22));
        let tier = proven(&one, &two);
        assert!(tier.is_none_or(|tier| !tier.is_same_photo()), "{name}: {tier:?}");
        let again = make(&photo(51), 23);
        assert_eq!(proven(&one, &again), Some(Tier::Partial), "{name}: one photo twice");
    }
}

#[test]
fn codes_and_forms_of_other_content_are_no_copies() {
    for (name, make) in [("code", code as fn(u32) -> Luma), ("barcode", barcode), ("form", form)] {
        let tier = proven(&make(31), &make(32));
        assert!(tier.is_none_or(|tier| !tier.is_same_photo()), "{name}: {tier:?}");
    }
    // The same form, a little larger.
    let (small, large) = (form(31), draw(504, 648, form_at_scale));
    assert_eq!(proven(&small, &large), Some(Tier::Partial));
}

/// The form of 31 enlarged by a fifth.
fn form_at_scale(x: u32, y: u32) -> u8 {
    thread_local!(static FORM: Luma = form(31));
    FORM.with(|form| form.row((y * 5 / 6).min(539))[(x * 5 / 6).min(419) as usize])
}

#[test]
fn stickers_and_bars_over_a_photo_leave_it_linked() {
    let photo = picture(480, 360, 61);
    let covered = draw(480, 360, |x, y| {
        let sticker = |u: u32, v: u32, r: u32| x.abs_diff(u).pow(2) + y.abs_diff(v).pow(2) < r * r;
        let on = sticker(90, 80, 60) || sticker(300, 220, 80) || sticker(420, 60, 50) || y > 320;
        if on { if (x / 9 + y / 9) % 4 == 0 { 40 } else { 235 } } else { photo.row(y)[x as usize] }
    });
    assert_eq!(proven(&photo, &covered), Some(Tier::Partial));
}

#[test]
fn blocks_are_told_apart_whatever_their_contrast() {
    let shares = |luma: &Luma| TextureMap::of(&reduce(luma, WORKING_SIDE)).shares();
    for ink in [code(1), barcode(1), form(1)] {
        let found = shares(&ink);
        assert!(found.photo < 0.05 && found.design > 0.2, "{found:?}");
        // Grey on grey.
        let faint = draw(ink.width(), ink.height(), |x, y| 100 + ink.row(y)[x as usize] / 6);
        assert!(shares(&faint).photo < 0.05, "{:?}", shares(&faint));
    }
    let found = shares(&picture(480, 360, 71));
    assert!(found.photo > 0.8, "{found:?}");
}

#[test]
fn a_page_keeps_its_keypoints_for_the_photo() {
    let page = page(&picture(290, 220, 81), 24);
    let features = extract(&page, STORED);
    let on_photo = features.keypoints.iter().filter(|keypoint| {
        let (x, y) = keypoint.position();
        let scale = page.height() as f32 / f32::from(features.height);
        (20.0..310.0).contains(&(x * scale)) && (50.0..270.0).contains(&(y * scale))
    });
    assert!(on_photo.count() >= 70, "three in four, though the page is full of type");
}
