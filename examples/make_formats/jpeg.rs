//! A JPEG writer for fixtures: any components, sampling, colour transform, restarts, one or many scans.
//!
//! Made to be read: Huffman codes are the symbols' numbers in a list, all of one length, and the transform is the
//! textbook sum. Quantisation is fine (4), so decoded levels stay within a few of the picture's.

use super::picture::{HEIGHT, WIDTH};

/// One component: its id, its sampling factors, its level at a pixel of the whole picture.
pub(crate) struct Component<'a> {
    pub(crate) id: u8,
    pub(crate) sampling: (u32, u32),
    pub(crate) level: &'a dyn Fn(u32, u32) -> u8,
}

/// How the components are spread over scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scans {
    One,
    /// One for each component.
    Separate,
    /// Progressive: the means first, then two bands of detail for each component.
    Progressive,
}

pub(crate) struct Options {
    pub(crate) scans: Scans,
    /// Groups of blocks between restart markers; 0: none.
    pub(crate) restart: u16,
    /// Segments before the frame header, whole.
    pub(crate) segments: Vec<Vec<u8>>,
    /// Stored size.
    pub(crate) size: (u32, u32),
}

impl Default for Options {
    fn default() -> Self {
        Self { scans: Scans::One, restart: 0, segments: Vec::new(), size: (WIDTH, HEIGHT) }
    }
}

const QUANT: f64 = 4.0;

pub(crate) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker][..], &length, body].concat()
}

/// Adobe's segment with its colour transform: 0 none, 1 YCbCr, 2 YCCK.
pub(crate) fn adobe(transform: u8) -> Vec<u8> {
    segment(0xee, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat())
}

pub(crate) fn file(components: &[Component<'_>], options: &Options) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    out.extend(options.segments.concat());
    out.extend(segment(0xdb, &[&[0][..], &[QUANT as u8; 64]].concat()));
    out.extend(frame_header(
        if options.scans == Scans::Progressive { 0xc2 } else { 0xc0 },
        8,
        components,
        options.size,
    ));
    out.extend(segment(0xc4, &table(0x00, 4, &(0..12).collect::<Vec<_>>())));
    out.extend(segment(0xc4, &table(0x10, 8, &ac_symbols())));
    if options.restart > 0 {
        out.extend(segment(0xdd, &options.restart.to_be_bytes()));
    }
    let all: Vec<usize> = (0..components.len()).collect();
    match options.scans {
        Scans::One => scan(&mut out, components, &all, (0, 63), options),
        Scans::Separate => all.iter().for_each(|&i| scan(&mut out, components, &[i], (0, 63), options)),
        Scans::Progressive => {
            scan(&mut out, components, &all, (0, 0), options);
            for band in [(1, 5), (6, 63)] {
                all.iter().for_each(|&i| scan(&mut out, components, &[i], band, options));
            }
        }
    }
    out.extend([0xff, 0xd9]);
    out
}

pub(crate) fn frame_header(
    marker: u8,
    precision: u8,
    components: &[Component<'_>],
    (width, height): (u32, u32),
) -> Vec<u8> {
    let mut body = vec![precision];
    body.extend((height as u16).to_be_bytes());
    body.extend((width as u16).to_be_bytes());
    body.push(components.len() as u8);
    for component in components {
        let (h, v) = component.sampling;
        body.extend([component.id, (h << 4 | v) as u8, 0]);
    }
    segment(marker, &body)
}

/// A Huffman table whose codes all have one length: the code of a symbol is its place in the list.
fn table(class: u8, length: usize, symbols: &[u8]) -> Vec<u8> {
    let mut counts = [0; 16];
    counts[length - 1] = symbols.len() as u8;
    [&[class][..], &counts, symbols].concat()
}

fn ac_symbols() -> Vec<u8> {
    let runs = (0..16_u8).flat_map(|run| (1..11).map(move |size| run << 4 | size));
    [0x00, 0xf0].into_iter().chain(runs).collect()
}

/// One scan of a band of coefficients: all given components interleaved, or one by its own grid of blocks.
fn scan(
    out: &mut Vec<u8>,
    components: &[Component<'_>],
    chosen: &[usize],
    band: (usize, usize),
    options: &Options,
) {
    let mut header = vec![chosen.len() as u8];
    chosen.iter().for_each(|&i| header.extend([components[i].id, 0]));
    header.extend([band.0 as u8, band.1 as u8, 0]);
    out.extend(segment(0xda, &header));
    let full = components.iter().fold((1, 1), |(h, v), c| (c.sampling.0.max(h), c.sampling.1.max(v)));
    let alone = chosen.len() == 1;
    let (unit_w, unit_h) = match alone {
        true => {
            (8 * full.0 / components[chosen[0]].sampling.0, 8 * full.1 / components[chosen[0]].sampling.1)
        }
        false => (8 * full.0, 8 * full.1),
    };
    let (across, down) = (options.size.0.div_ceil(unit_w), options.size.1.div_ceil(unit_h));
    let mut bits = Bits::default();
    let mut previous = vec![0; components.len()];
    for unit in 0..across * down {
        if options.restart > 0 && unit > 0 && unit % u32::from(options.restart) == 0 {
            out.extend(bits.finish());
            out.extend([0xff, 0xd0 + ((unit / u32::from(options.restart) - 1) % 8) as u8]);
            previous.fill(0);
        }
        for &i in chosen {
            let (h, v) = if alone { (1, 1) } else { components[i].sampling };
            for block in 0..h * v {
                let x = (unit % across * h + block % h) * 8;
                let y = (unit / across * v + block / h) * 8;
                let coefficients = transform(&components[i], (x, y), full, options.size);
                encode(&mut bits, &coefficients, band, &mut previous[i]);
            }
        }
    }
    out.extend(bits.finish());
}

/// The quantised coefficients of one block, in zigzag order. `x`, `y` count samples of this component.
fn transform(component: &Component<'_>, (x, y): (u32, u32), full: (u32, u32), size: (u32, u32)) -> [i32; 64] {
    let scale = (full.0 / component.sampling.0, full.1 / component.sampling.1);
    // A sample is the mean of the pixels it stands for.
    let level = |i: u32, j: u32| {
        let stood_for = (0..scale.0 * scale.1).map(|n| {
            let column = (x + i) * scale.0 + n % scale.0;
            let row = (y + j) * scale.1 + n / scale.0;
            f64::from((component.level)(column.min(size.0 - 1), row.min(size.1 - 1)))
        });
        stood_for.sum::<f64>() / f64::from(scale.0 * scale.1) - 128.0
    };
    let wave: [[f64; 8]; 8] = std::array::from_fn(|k| {
        std::array::from_fn(|n| (std::f64::consts::PI * (k * (2 * n + 1)) as f64 / 16.0).cos())
    });
    let levels: [f64; 64] = std::array::from_fn(|n| level(n as u32 % 8, n as u32 / 8));
    let norm = |k: usize| if k == 0 { 0.125_f64.sqrt() } else { 0.5 };
    zigzag().map(|(u, v)| {
        let sum: f64 = (0..64).map(|n| levels[n] * wave[u][n % 8] * wave[v][n / 8]).sum();
        (sum * norm(u) * norm(v) / QUANT).round() as i32
    })
}

/// (column, row) frequencies along the anti-diagonals, turning at each edge.
fn zigzag() -> [(usize, usize); 64] {
    let mut order: Vec<(usize, usize)> = (0..64).map(|n| (n % 8, n / 8)).collect();
    order.sort_by_key(|&(u, v)| (u + v, if (u + v) % 2 == 0 { u } else { v }));
    order.try_into().expect("64 frequencies")
}

fn encode(bits: &mut Bits, coefficients: &[i32; 64], (from, to): (usize, usize), previous: &mut i32) {
    let mut start = from;
    if from == 0 {
        let difference = coefficients[0] - *previous;
        *previous = coefficients[0];
        let size = magnitude(difference);
        bits.put(size, 4);
        bits.value(difference, size);
        start = 1;
    }
    if to == 0 {
        return;
    }
    let symbols = ac_symbols();
    let code = |symbol: u8| symbols.iter().position(|&s| s == symbol).expect("a symbol of the table") as u32;
    let mut run = 0;
    for &value in &coefficients[start..=to] {
        if value == 0 {
            run += 1;
            continue;
        }
        while run > 15 {
            bits.put(code(0xf0), 8);
            run -= 16;
        }
        let size = magnitude(value);
        bits.put(code(run << 4 | size as u8), 8);
        bits.value(value, size);
        run = 0;
    }
    if run > 0 {
        bits.put(code(0x00), 8);
    }
}

fn magnitude(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// Bits, high one first, with a zero stuffed after every 0xff.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, code: u32, width: u32) {
        for bit in (0..width).rev() {
            self.held = self.held << 1 | (code >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.held as u8);
                if self.held as u8 == 0xff {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// Negative values as ones' complement.
    fn value(&mut self, value: i32, size: u32) {
        self.put((if value < 0 { value - 1 } else { value }) as u32, size);
    }

    fn finish(&mut self) -> Vec<u8> {
        while self.count != 0 {
            self.put(1, 1);
        }
        std::mem::take(&mut self.bytes)
    }
}
