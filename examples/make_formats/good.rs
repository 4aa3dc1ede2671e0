//! The fixtures that must decode. The name says what is seen: everything before the first `-` or `.`.
//!
//! `rgb`, `grey`: the picture; `bit1`, `bit2`, `bit4`: its grey in so many bits; `alpha`, `greyalpha`: fading to
//! white on the right; `tiny`: one pixel wide or high. All are upright when decoded.

use super::jpeg::{self, Component, Options, Scans};
use super::picture::{
    HEIGHT, WIDTH, alpha, bits, bits_level, deep, grey, luma_of, lying, other, pixels, rgb,
};
use super::plain::{self, Tiff};
use super::{exif, png};

const SIZE: (u32, u32) = (WIDTH, HEIGHT);

/// Name and content of every file.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    [jpegs(), pngs(), webps(), others()]
        .concat()
        .into_iter()
        .map(|(name, bytes)| (name.to_string(), bytes))
        .collect()
}

fn ycc([r, g, b]: [u8; 3]) -> [u8; 3] {
    let (r, g, b) = (f64::from(r), f64::from(g), f64::from(b));
    [
        0.299 * r + 0.587 * g + 0.114 * b,
        128.0 - 0.168_736 * r - 0.331_264 * g + 0.5 * b,
        128.0 + 0.5 * r - 0.418_688 * g - 0.081_312 * b,
    ]
    .map(|level| level.round() as u8)
}

/// Ink of a colour, black taken out: cyan, magenta, yellow, black.
fn ink(colour: [u8; 3]) -> [u8; 4] {
    let brightest = colour.into_iter().max().unwrap_or(0).max(1);
    let [c, m, y] = colour.map(|level| 255 - (u32::from(level) * 255 / u32::from(brightest)) as u8);
    [c, m, y, 255 - brightest]
}

type Level<'a> = Box<dyn Fn(u32, u32) -> u8 + 'a>;

fn components<'a>(levels: &'a [Level<'a>], ids: &[u8], sampling: &[(u32, u32)]) -> Vec<Component<'a>> {
    let parts = levels.iter().zip(ids).zip(sampling);
    parts.map(|((level, &id), &sampling)| Component { id, sampling, level }).collect()
}

/// A YCbCr file with the luma sampled `(h, v)` times as densely as the colour.
fn ycc_jpeg(sampling: (u32, u32), options: &Options) -> Vec<u8> {
    let levels: [Level<'_>; 3] =
        std::array::from_fn(|i| Box::new(move |x, y| ycc(rgb(x, y))[i]) as Level<'_>);
    jpeg::file(&components(&levels, &[1, 2, 3], &[sampling, (1, 1), (1, 1)]), options)
}

/// A file whose stored picture needs the EXIF orientation 6.
fn turned_jpeg() -> Vec<u8> {
    let levels: [Level<'_>; 3] =
        std::array::from_fn(|i| Box::new(move |x, y| ycc(lying(x, y))[i]) as Level<'_>);
    let exif = jpeg::segment(0xe1, &[b"Exif\0\0", &exif::orientation(6)[..]].concat());
    let options = Options { segments: vec![exif], size: (HEIGHT, WIDTH), ..Options::default() };
    jpeg::file(&components(&levels, &[1, 2, 3], &[(2, 2), (1, 1), (1, 1)]), &options)
}

/// Four components, inverted as Adobe does and readers assume: ink, or YCC and black.
fn ink_jpeg(transform: Option<u8>, sampling: (u32, u32)) -> Vec<u8> {
    let level = move |i: usize, x: u32, y: u32| {
        let stored = ink(rgb(x, y)).map(|level| 255 - level);
        match (transform, i) {
            // YCCK carries the complement of the stored ink as colour.
            (Some(2), 0..3) => ycc([255 - stored[0], 255 - stored[1], 255 - stored[2]])[i],
            _ => stored[i],
        }
    };
    let levels: [Level<'_>; 4] = std::array::from_fn(|i| Box::new(move |x, y| level(i, x, y)) as Level<'_>);
    let segments = transform.into_iter().map(jpeg::adobe).collect();
    jpeg::file(
        &components(&levels, &[1, 2, 3, 4], &[sampling, (1, 1), (1, 1), sampling]),
        &Options { segments, ..Options::default() },
    )
}

fn rgb_jpeg(ids: [u8; 3], segments: Vec<Vec<u8>>) -> Vec<u8> {
    let levels: [Level<'_>; 3] = std::array::from_fn(|i| Box::new(move |x, y| rgb(x, y)[i]) as Level<'_>);
    jpeg::file(&components(&levels, &ids, &[(1, 1); 3]), &Options { segments, ..Options::default() })
}

fn grey_jpeg(size: (u32, u32), scans: Scans) -> Vec<u8> {
    let levels: [Level<'_>; 1] = [Box::new(grey)];
    jpeg::file(&components(&levels, &[1], &[(1, 1)]), &Options { scans, size, ..Options::default() })
}

fn jpegs() -> Vec<(&'static str, Vec<u8>)> {
    let plain = Options::default;
    let scans = |scans| Options { scans, ..Options::default() };
    vec![
        ("rgb-444.jpg", ycc_jpeg((1, 1), &plain())),
        ("rgb-422.jpg", ycc_jpeg((2, 1), &plain())),
        ("rgb-440.jpg", ycc_jpeg((1, 2), &plain())),
        ("rgb-420.jpg", ycc_jpeg((2, 2), &plain())),
        ("rgb-411.jpg", ycc_jpeg((4, 1), &plain())),
        ("rgb-restart.jpg", ycc_jpeg((2, 2), &Options { restart: 2, ..plain() })),
        ("rgb-separate_scans.jpg", ycc_jpeg((1, 1), &scans(Scans::Separate))),
        ("rgb-progressive.jpg", ycc_jpeg((1, 1), &scans(Scans::Progressive))),
        ("rgb-progressive_420.jpg", ycc_jpeg((2, 2), &scans(Scans::Progressive))),
        ("rgb-progressive_440.jpg", ycc_jpeg((1, 2), &scans(Scans::Progressive))),
        ("rgb-exif6.jpg", turned_jpeg()),
        ("rgb-broken_exif.jpg", {
            let exif = jpeg::segment(0xe1, b"Exif\0\0II*\0\xff\xff\xff\x7f");
            ycc_jpeg((1, 1), &Options { segments: vec![exif], ..plain() })
        }),
        ("rgb-adobe_rgb.jpg", rgb_jpeg([1, 2, 3], vec![jpeg::adobe(0)])),
        ("rgb-ids_rgb.jpg", rgb_jpeg(*b"RGB", Vec::new())),
        ("rgb-adobe_cmyk.jpg", ink_jpeg(Some(0), (1, 1))),
        ("rgb-adobe_ycck.jpg", ink_jpeg(Some(2), (1, 1))),
        ("rgb-adobe_ycck_420.jpg", ink_jpeg(Some(2), (2, 2))),
        ("rgb-plain_cmyk.jpg", ink_jpeg(None, (1, 1))),
        ("grey.jpg", grey_jpeg(SIZE, Scans::One)),
        ("grey-progressive.jpg", grey_jpeg(SIZE, Scans::Progressive)),
        ("tiny-1x1.jpg", grey_jpeg((1, 1), Scans::One)),
        ("tiny-1x30.jpg", grey_jpeg((1, 30), Scans::One)),
        ("tiny-40x1.jpg", grey_jpeg((40, 1), Scans::Progressive)),
        // The extension lies; the content counts.
        ("rgb-jpeg_called.png", ycc_jpeg((1, 1), &plain())),
    ]
}

fn pngs() -> Vec<(&'static str, Vec<u8>)> {
    let data = |rows: &[u8]| png::chunk(b"IDAT", &png::stored(rows));
    let colour = |x: u32, y: u32, c: u32| u16::from(rgb(x, y)[c as usize]);
    let faded = |x: u32, y: u32, c: u32| if c == 3 { u16::from(alpha(x, y)) } else { colour(x, y, c) };
    let deep_faded = |x: u32, y: u32, c: u32| deep(faded(x, y, c) as u8, x, y);
    let palette = png::chunk(b"PLTE", &(0..=255_u8).flat_map(|v| [v, v, v]).collect::<Vec<_>>());
    let shallow = |depth: u8| {
        let rows = png::rows(depth, 1, |x, y, _| u16::from(bits(x, y, depth)));
        png::file(depth, 0, false, &[data(&rows)])
    };
    let four_levels =
        png::chunk(b"PLTE", &[0, 85, 170, 255].into_iter().flat_map(|v| [v, v, v]).collect::<Vec<_>>());
    vec![
        ("grey.png", png::file(8, 0, false, &[data(&png::rows(8, 1, |x, y, _| u16::from(grey(x, y))))])),
        ("bit1.png", shallow(1)),
        ("bit2.png", shallow(2)),
        ("bit4.png", shallow(4)),
        (
            "grey-16bit.png",
            png::file(16, 0, false, &[data(&png::rows(16, 1, |x, y, _| deep(grey(x, y), x, y)))]),
        ),
        ("rgb.png", png::file(8, 2, false, &[data(&png::rows(8, 3, colour))])),
        ("rgb-16bit.png", {
            png::file(16, 2, false, &[data(&png::rows(16, 3, |x, y, c| deep(colour(x, y, c) as u8, x, y)))])
        }),
        ("rgb-interlaced.png", png::file(8, 2, true, &[data(&png::interlaced_rows(8, 3, colour))])),
        ("grey-palette.png", {
            png::file(8, 3, false, &[palette, data(&png::rows(8, 1, |x, y, _| u16::from(grey(x, y))))])
        }),
        ("bit2-palette.png", {
            let rows = png::rows(2, 1, |x, y, _| u16::from(bits(x, y, 2)));
            png::file(2, 3, false, &[four_levels, data(&rows)])
        }),
        ("alpha.png", png::file(8, 6, false, &[data(&png::rows(8, 4, faded))])),
        ("alpha-16bit.png", png::file(16, 6, false, &[data(&png::rows(16, 4, deep_faded))])),
        ("greyalpha.png", {
            let sample = |x: u32, y: u32, c: u32| u16::from(if c == 0 { grey(x, y) } else { alpha(x, y) });
            png::file(8, 4, false, &[data(&png::rows(8, 2, sample))])
        }),
        ("rgb-exif6.png", {
            let rows: Vec<u8> = (0..WIDTH)
                .flat_map(|y| std::iter::once(0).chain((0..HEIGHT).flat_map(move |x| lying(x, y))))
                .collect();
            let chunks = [png::chunk(b"eXIf", &exif::orientation(6)), data(&rows)];
            png::sized(HEIGHT, WIDTH, [8, 2, 0, 0, 0], &chunks)
        }),
        ("rgb-animated.png", animated_png()),
    ]
}

/// APNG of the picture, nearly the picture again, and another one.
fn animated_png() -> Vec<u8> {
    let control = |number: u32| {
        let numbers: Vec<u8> = [number, WIDTH, HEIGHT, 0, 0].iter().flat_map(|n| n.to_be_bytes()).collect();
        png::chunk(b"fcTL", &[&numbers[..], &[0, 1, 0, 10, 0, 0]].concat())
    };
    let frame = |number: u32, pixel: &dyn Fn(u32, u32) -> [u8; 3]| {
        let rows = png::rows(8, 3, |x, y, c| u16::from(pixel(x, y)[c as usize]));
        png::chunk(b"fdAT", &[&number.to_be_bytes()[..], &png::stored(&rows)].concat())
    };
    let rows = png::rows(8, 3, |x, y, c| u16::from(rgb(x, y)[c as usize]));
    let chunks = [
        png::chunk(b"acTL", &[0, 0, 0, 3, 0, 0, 0, 0]),
        control(0),
        png::chunk(b"IDAT", &png::stored(&rows)),
        control(1),
        frame(2, &|x, y| rgb(x, y).map(|level| level.saturating_add(3))),
        control(3),
        frame(4, &other),
    ];
    png::file(8, 2, false, &chunks)
}

fn webps() -> Vec<(&'static str, Vec<u8>)> {
    let colour =
        |pixel: fn(u32, u32) -> [u8; 3]| plain::vp8l(SIZE, &pixels(pixel), image::ExtendedColorType::Rgb8);
    let faded = pixels(|x, y| {
        let [r, g, b] = rgb(x, y);
        [r, g, b, alpha(x, y)]
    });
    let lying: Vec<u8> = (0..WIDTH).flat_map(|y| (0..HEIGHT).flat_map(move |x| lying(x, y))).collect();
    let animation = plain::riff_chunk(b"ANIM", &[0; 6]);
    let nearly: fn(u32, u32) -> [u8; 3] = |x, y| rgb(x, y).map(|level| level.saturating_add(3));
    let frames = [colour(rgb), colour(nearly), colour(other)].map(|picture| plain::anmf(SIZE, &picture));
    vec![
        ("rgb-lossless.webp", plain::riff(&[colour(rgb)])),
        ("alpha-lossless.webp", plain::riff(&[plain::vp8l(SIZE, &faded, image::ExtendedColorType::Rgba8)])),
        ("rgb-exif6.webp", plain::webp_turned(6, (HEIGHT, WIDTH), &lying)),
        ("rgb-animated.webp", {
            plain::riff(&[vec![plain::vp8x(0x02, SIZE), animation], frames.to_vec()].concat())
        }),
    ]
}

fn others() -> Vec<(&'static str, Vec<u8>)> {
    let levels = |pixel: &dyn Fn(u32, u32) -> u8| pixels(|x, y| [pixel(x, y)]);
    let frame = |pixel: &dyn Fn(u32, u32) -> u8| (WIDTH as u16, HEIGHT as u16, levels(pixel));
    let screen = (WIDTH as u16, HEIGHT as u16);
    let nearly = |x, y| grey(x, y).saturating_add(3);
    let deep_bytes = |x: u32, y: u32| deep(grey(x, y), x, y);
    let packed: Vec<u8> = (0..HEIGHT)
        .flat_map(|y| {
            (0..WIDTH / 8).map(move |n| (0..8).fold(0, |byte, x| byte << 1 | bits(n * 8 + x, y, 1)))
        })
        .collect();
    let text: String = pixels(rgb).iter().map(|level| format!("{level}\n")).collect();
    let lying: Vec<u8> = (0..WIDTH).flat_map(|y| (0..HEIGHT).flat_map(move |x| lying(x, y))).collect();
    vec![
        ("grey.gif", plain::gif(screen, &[frame(&grey)])),
        ("grey-animated.gif", {
            plain::gif(screen, &[frame(&grey), frame(&nearly), frame(&|x, y| luma_of(other(x, y)))])
        }),
        ("rgb.bmp", plain::bmp(SIZE, 24, |x, y| rgb(x, y).into_iter().rev().collect())),
        ("grey.bmp", plain::bmp(SIZE, 8, |x, y| vec![grey(x, y)])),
        ("grey.tif", plain::tiff(&Tiff::default(), &levels(&grey))),
        ("grey-16bit.tif", {
            let about = Tiff { bits: 16, ..Tiff::default() };
            plain::tiff(&about, &pixels(|x, y| deep_bytes(x, y).to_le_bytes()))
        }),
        ("rgb.tif", plain::tiff(&Tiff { samples: 3, ..Tiff::default() }, &pixels(rgb))),
        ("bit1.tif", plain::tiff(&Tiff { bits: 1, ..Tiff::default() }, &packed)),
        ("rgb-exif6.tif", {
            let about = Tiff { samples: 3, orientation: 6, size: (HEIGHT, WIDTH), ..Tiff::default() };
            plain::tiff(&about, &lying)
        }),
        ("grey.pgm", plain::pnm('5', SIZE, Some(255), &levels(&grey))),
        (
            "grey-16bit.pgm",
            plain::pnm('5', SIZE, Some(65_535), &pixels(|x, y| deep_bytes(x, y).to_be_bytes())),
        ),
        ("rgb.ppm", plain::pnm('6', SIZE, Some(255), &pixels(rgb))),
        ("rgb-text.ppm", plain::pnm('3', SIZE, Some(255), text.as_bytes())),
        // In PBM a one is black.
        ("bit1.pbm", plain::pnm('4', SIZE, None, &packed.iter().map(|byte| !byte).collect::<Vec<_>>())),
        ("tiny-40x1.pgm", plain::pnm('5', (40, 1), Some(255), &levels(&|x, _| bits_level(x, 0, 8))[..40])),
    ]
}
