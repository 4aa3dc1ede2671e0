//! Luma and colour difference, as video codecs store pictures, to grey or RGB of 8 bits.
//!
//! The trap is what the levels mean: black is 0 or 16, white 255 or 235, and which share of luma red and blue have is a
//! matter of the matrix; both come from the file, and a wrong guess shifts every hash a little. Colour sampled more coarsely
//! is repeated, not interpolated: luma, which is hashed, stays as it was stored.

/// One plane; samples of more than 8 bits take two bytes, in the machine's order.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredPlane<'a> {
    pub(super) bytes: &'a [u8],
    /// Bytes from one row to the next.
    pub(super) stride: usize,
}

/// How luma came of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum YuvMatrix {
    /// The planes are green, blue and red.
    Identity,
    /// The shares of red and blue.
    Shares(f32, f32),
}

impl YuvMatrix {
    /// Of the number in ITU-T H.273; what is unspecified is BT.601, as browsers have it. `None`: no plain matrix.
    pub(super) fn of_cicp(number: u16) -> Option<Self> {
        Some(match number {
            0 => Self::Identity,
            1 => Self::Shares(0.2126, 0.0722),
            2 | 5 | 6 => Self::Shares(0.299, 0.114),
            4 => Self::Shares(0.30, 0.11),
            7 => Self::Shares(0.212, 0.087),
            9 => Self::Shares(0.2627, 0.0593),
            _ => return None,
        })
    }
}

/// Colour planes; `wide` and `high` say whether a sample stands for two columns, for two rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColourPlanes<'a> {
    pub(super) blue: StoredPlane<'a>,
    pub(super) red: StoredPlane<'a>,
    pub(super) wide: bool,
    pub(super) high: bool,
}

/// Planes and what their levels mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct YuvPicture<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) bits: u32,
    pub(super) full_range: bool,
    pub(super) matrix: YuvMatrix,
    pub(super) luma: StoredPlane<'a>,
    pub(super) colour: Option<ColourPlanes<'a>>,
}

impl YuvPicture<'_> {
    /// Luma alone, spread to 0 to 255.
    pub(super) fn grey(&self) -> Vec<u8> {
        let levels = self.luma_levels();
        self.places().map(|(x, y)| to_byte(levels.of(self.sample(&self.luma, x, y)))).collect()
    }

    /// Red, green, blue; `None` where there are no colour planes.
    pub(super) fn rgb(&self) -> Option<Vec<u8>> {
        let planes = self.colour?;
        let (luma, colour) = (self.luma_levels(), self.colour_levels());
        let mut out = Vec::with_capacity(self.width * self.height * 3);
        for (x, y) in self.places() {
            let (cx, cy) = (x >> u32::from(planes.wide), y >> u32::from(planes.high));
            let level = luma.of(self.sample(&self.luma, x, y));
            let blue = colour.of(self.sample(&planes.blue, cx, cy));
            let red = colour.of(self.sample(&planes.red, cx, cy));
            out.extend(mixed(self.matrix, level, blue, red).map(to_byte));
        }
        Some(out)
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let width = self.width;
        (0..self.height).flat_map(move |y| (0..width).map(move |x| (x, y)))
    }

    fn sample(&self, plane: &StoredPlane<'_>, x: usize, y: usize) -> f32 {
        let row = &plane.bytes[y * plane.stride..];
        match self.bits {
            8 => f32::from(row[x]),
            _ => f32::from(u16::from_ne_bytes([row[2 * x], row[2 * x + 1]])),
        }
    }

    /// Luma to 0 to 1.
    fn luma_levels(&self) -> Levels {
        let step = (1_u32 << (self.bits - 8)) as f32;
        match self.full_range {
            true => Levels { zero: 0.0, range: self.highest() },
            false => Levels { zero: 16.0 * step, range: 219.0 * step },
        }
    }

    /// Colour difference to -1/2 to 1/2; of green, blue and red it is a level like luma.
    fn colour_levels(&self) -> Levels {
        let step = (1_u32 << (self.bits - 8)) as f32;
        match (self.matrix, self.full_range) {
            (YuvMatrix::Identity, _) => self.luma_levels(),
            (_, true) => Levels { zero: 128.0 * step, range: self.highest() },
            (_, false) => Levels { zero: 128.0 * step, range: 224.0 * step },
        }
    }

    fn highest(&self) -> f32 {
        ((1_u32 << self.bits) - 1) as f32
    }
}

/// A linear scale of stored numbers.
struct Levels {
    zero: f32,
    range: f32,
}

impl Levels {
    fn of(&self, sample: f32) -> f32 {
        (sample - self.zero) / self.range
    }
}

fn mixed(matrix: YuvMatrix, luma: f32, blue: f32, red: f32) -> [f32; 3] {
    let YuvMatrix::Shares(of_red, of_blue) = matrix else { return [red, luma, blue] };
    let r = luma + 2.0 * (1.0 - of_red) * red;
    let b = luma + 2.0 * (1.0 - of_blue) * blue;
    let g = (luma - of_red * r - of_blue * b) / (1.0 - of_red - of_blue);
    [r, g, b]
}

fn to_byte(level: f32) -> u8 {
    (level * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(bytes: &[u8], stride: usize) -> StoredPlane<'_> {
        StoredPlane { bytes, stride }
    }

    /// One pixel of three samples.
    fn pixel(cicp: u16, full_range: bool, samples: [u16; 3], bits: u32) -> Vec<u8> {
        let bytes = samples.map(|sample| match bits {
            8 => vec![sample as u8],
            _ => sample.to_ne_bytes().to_vec(),
        });
        let [luma, blue, red] = bytes.each_ref().map(|bytes| plane(bytes, bytes.len()));
        let colour = Some(ColourPlanes { blue, red, wide: false, high: false });
        let matrix = YuvMatrix::of_cicp(cicp).expect("a plain matrix");
        YuvPicture { width: 1, height: 1, bits, full_range, matrix, luma, colour }.rgb().expect("colour")
    }

    #[test]
    fn levels_mean_what_range_matrix_and_depth_say() {
        assert_eq!(pixel(6, false, [16, 128, 128], 8), [0, 0, 0]);
        assert_eq!(pixel(6, false, [235, 128, 128], 8), [255, 255, 255]);
        assert_eq!(pixel(6, true, [16, 128, 128], 8), [16, 16, 16]);
        assert_eq!(pixel(1, false, [940, 512, 512], 10), [255, 255, 255]);
        // Pure red: in BT.601 of full range, and in BT.709 of limited range.
        assert_eq!(pixel(6, true, [76, 85, 255], 8), [254, 0, 0]);
        assert_eq!(pixel(1, false, [63, 102, 240], 8), [255, 1, 0]);
        assert_eq!(pixel(0, true, [10, 20, 30], 8), [30, 10, 20]);
        assert_eq!(YuvMatrix::of_cicp(14), None);
    }

    #[test]
    fn coarse_colour_is_repeated_and_rows_are_padded() {
        let luma = [50, 60, 70, 0, 80, 90, 100, 0];
        let (blue, red) = ([128, 128], [128, 200]);
        let colour =
            Some(ColourPlanes { blue: plane(&blue, 2), red: plane(&red, 2), wide: true, high: true });
        let picture = YuvPicture {
            width: 3,
            height: 2,
            bits: 8,
            full_range: true,
            matrix: YuvMatrix::of_cicp(2).expect("BT.601"),
            luma: plane(&luma, 4),
            colour,
        };
        assert_eq!(picture.grey(), [50, 60, 70, 80, 90, 100]);
        let rgb = picture.rgb().expect("colour");
        assert_eq!(rgb[..6], [50, 50, 50, 60, 60, 60]);
        assert!(rgb[6] > 165 && rgb[15] > 195, "the third column is red: {rgb:?}");
    }
}
