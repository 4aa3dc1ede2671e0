//! What a site prints over its pictures: found in many of them as the edges that all have at one place, and taken off one.
//!
//! Photos differ and a watermark does not, so of pictures of one size the directions in which grey changes agree where it
//! lies and nowhere else (Dekel et al., "On the Effectiveness of Visible Watermarks", 2017, who go on to subtract it; to
//! compare photos it is enough to know where not to look). The trap: a page around photos agrees at one place as well. What
//! lies beside the lines of a page is the page; what lies beside the letters of a watermark is another photo each time.

use crate::hash::Luma;
use crate::sets::Sets;
use sha2::{Digest, Sha256};

/// Pictures of different photos in which a watermark shows, at the least.
pub const FEWEST: usize = 5;
/// Likeness of the edges of two pictures with one watermark, at the least; and as a share of what either has with the picture it
/// is most alike. Unrelated photos have up to 0.04; those with two watermarks of one make up to 0.14, where 0.5 is usual.
const ALIKE: f32 = 0.08;
const AS_ALIKE: f32 = 0.35;
/// Change of grey across two pixels that counts as an edge.
const EDGE: f32 = 6.0;
/// Mean of the directions, as vectors of length one, from which an edge is the watermark's; and, times the number of
/// pictures, the square of that mean which one in a hundred places has by chance.
const AGREEING: f32 = 0.6;
const CHANCE: f32 = 4.6;
/// Share of the picture that a watermark covers, at the least and at the most.
const AREA: std::ops::RangeInclusive<f64> = 0.002..=0.5;
/// Deviation of the grey beside a watermark over its pictures, the median: of pages and chats it is up to 9, of a frame around
/// photos up to 15, of watermarks 17 to 50.
const BESIDE: f32 = 16.0;
/// Pixels between two edges that are two sides of one stroke.
const STROKE: usize = 2;

/// Where pictures of one size have something printed on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    width: u32,
    height: u32,
    covered: Vec<bool>,
}

/// Where grey changes in a picture, and which way.
pub struct GreyEdges {
    size: (u32, u32),
    /// Of length one; of length zero where nothing changes.
    directions: Vec<(f32, f32)>,
}

impl GreyEdges {
    /// Of a picture: one pass over its pixels.
    pub fn of(luma: &Luma) -> Self {
        let grid = MaskGrid { width: luma.width() as usize, height: luma.height() as usize };
        let mut directions = vec![(0.0, 0.0); luma.pixels().len()];
        for y in 1..grid.height.saturating_sub(1) {
            for x in 1..grid.width.saturating_sub(1) {
                let (across, down) = grid.change(luma.pixels(), x, y);
                let length = across.hypot(down);
                if length >= EDGE {
                    directions[y * grid.width + x] = (across / length, down / length);
                }
            }
        }
        Self { size: (luma.width(), luma.height()), directions }
    }

    /// How far two pictures change alike where both change: 1 the same way everywhere, 0 no more than by chance.
    fn likeness(&self, other: &Self) -> f32 {
        let mut both = (0.0f64, 0u32);
        for (one, two) in self.directions.iter().zip(&other.directions) {
            if *one != (0.0, 0.0) && *two != (0.0, 0.0) {
                both = (both.0 + f64::from(one.0 * two.0 + one.1 * two.1), both.1 + 1);
            }
        }
        (both.0 / f64::from(both.1.max(1))) as f32
    }
}

/// Sets of [`FEWEST`] or more pictures, by place, that change alike at one place: as those do that bear one watermark. All are
/// of one size and show different photos. O(n²) passes over the pixels.
pub fn alike(pictures: &[GreyEdges]) -> Vec<Vec<u32>> {
    let mut likeness = vec![0.0f32; pictures.len() * pictures.len()];
    for (a, one) in pictures.iter().enumerate() {
        for (b, other) in pictures.iter().enumerate().skip(a + 1) {
            let value = if one.size == other.size { one.likeness(other) } else { 0.0 };
            likeness[a * pictures.len() + b] = value;
            likeness[b * pictures.len() + a] = value;
        }
    }
    let rows: Vec<&[f32]> = likeness.chunks_exact(pictures.len().max(1)).collect();
    let most: Vec<f32> = rows.iter().map(|row| row.iter().copied().fold(0.0, f32::max)).collect();
    let mut sets = Sets::new(pictures.len());
    for (a, row) in rows.iter().enumerate() {
        for (b, &value) in row.iter().enumerate().skip(a + 1) {
            if value >= ALIKE.max(AS_ALIKE * most[a].min(most[b])) {
                sets.join(a as u32, b as u32);
            }
        }
    }
    sets.of_two_or_more().into_iter().filter(|set| set.len() >= FEWEST).collect()
}

impl Watermark {
    /// From pictures of one size that show different photos and all bear it; `None` where they have nothing in common at one
    /// place, or no photos but a page around it. One pass over the pixels of each.
    pub fn of(pictures: &[(&Luma, &GreyEdges)]) -> Option<Self> {
        let (pictures, edges): (Vec<&Luma>, Vec<&GreyEdges>) = pictures.iter().copied().unzip();
        let (width, height) = (pictures.first()?.width(), pictures.first()?.height());
        let alike = pictures.iter().all(|luma| (luma.width(), luma.height()) == (width, height));
        if pictures.len() < FEWEST || !alike || width.min(height) < 8 {
            return None;
        }
        let grid = MaskGrid { width: width as usize, height: height as usize };
        let edges = grid.common_edges(&edges);
        let covered = grid.grown(&grid.shrunk(&grid.grown(&edges, STROKE), STROKE), 1);
        let area = covered.iter().filter(|covered| **covered).count() as f64 / covered.len() as f64;
        let over_photos = grid.deviation_beside(&covered, &pictures)? >= BESIDE;
        (AREA.contains(&area) && over_photos).then_some(Self { width, height, covered })
    }

    /// Share of the picture that it covers, 0 to 1.
    pub fn area(&self) -> f64 {
        self.covered.iter().filter(|covered| **covered).count() as f64 / self.covered.len() as f64
    }

    /// Tells watermarks apart: two that cover the same have one digest.
    pub fn digest(&self) -> u32 {
        let bytes: Vec<u8> = self.covered.iter().map(|&covered| u8::from(covered)).collect();
        let digest = Sha256::new().chain_update(self.width.to_le_bytes()).chain_update(bytes).finalize();
        u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// The picture with what is covered filled from around it, so that nothing is to be seen there; as it is where it has
    /// another size.
    pub fn taken_off(&self, luma: &Luma) -> Luma {
        if (luma.width(), luma.height()) != (self.width, self.height) {
            return luma.clone();
        }
        let grid = MaskGrid { width: self.width as usize, height: self.height as usize };
        let pixels = grid.filled(luma.pixels(), &self.covered);
        Luma::new(self.width, self.height, pixels).expect("as many pixels as before")
    }
}

/// Rows and columns of pictures of one size.
struct MaskGrid {
    width: usize,
    height: usize,
}

impl MaskGrid {
    /// Pixels at which grey changes the same way in nearly all pictures.
    fn common_edges(&self, pictures: &[&GreyEdges]) -> Vec<bool> {
        let count = pictures.len() as f32;
        let least = AGREEING.max((CHANCE / count).sqrt()) * count;
        let mut sums = vec![(0.0f32, 0.0f32); self.width * self.height];
        for edges in pictures {
            for (sum, direction) in sums.iter_mut().zip(&edges.directions) {
                *sum = (sum.0 + direction.0, sum.1 + direction.1);
            }
        }
        sums.into_iter().map(|(across, down)| across.hypot(down) >= least).collect()
    }

    /// How grey changes across two pixels and down two (Sobel).
    fn change(&self, pixels: &[u8], x: usize, y: usize) -> (f32, f32) {
        let at = |across: usize, down: usize| f32::from(pixels[(y + down - 1) * self.width + x + across - 1]);
        let column = |across: usize| at(across, 0) + 2.0 * at(across, 1) + at(across, 2);
        let row = |down: usize| at(0, down) + 2.0 * at(1, down) + at(2, down);
        ((column(2) - column(0)) / 4.0, (row(2) - row(0)) / 4.0)
    }

    /// With all pixels within `reach` of one that is set: rows first, then columns.
    fn grown(&self, set: &[bool], reach: usize) -> Vec<bool> {
        let near = |at: usize, last: usize| at.saturating_sub(reach)..=(at + reach).min(last);
        let mut wide = vec![false; set.len()];
        for y in 0..self.height {
            for x in 0..self.width {
                wide[y * self.width + x] = near(x, self.width - 1).any(|x| set[y * self.width + x]);
            }
        }
        let mut grown = vec![false; set.len()];
        for y in 0..self.height {
            for x in 0..self.width {
                grown[y * self.width + x] = near(y, self.height - 1).any(|y| wide[y * self.width + x]);
            }
        }
        grown
    }

    /// Without all pixels within `reach` of one that is not set.
    fn shrunk(&self, set: &[bool], reach: usize) -> Vec<bool> {
        let outside: Vec<bool> = set.iter().map(|set| !set).collect();
        self.grown(&outside, reach).into_iter().map(|outside| !outside).collect()
    }

    /// Deviation over pictures of the pixels beside what is covered from each picture's mean of them, as pages come in many
    /// colours: the median; `None` where there are none.
    fn deviation_beside(&self, covered: &[bool], pictures: &[&Luma]) -> Option<f32> {
        let around = self.grown(covered, 2);
        let beside: Vec<usize> =
            (0..covered.len()).filter(|&place| around[place] && !covered[place]).collect();
        let mean = |luma: &&Luma| {
            let sum: u64 = beside.iter().map(|&place| u64::from(luma.pixels()[place])).sum();
            sum as f32 / beside.len().max(1) as f32
        };
        let means: Vec<f32> = pictures.iter().map(mean).collect();
        let deviation = |&place: &usize| {
            let greys =
                pictures.iter().zip(&means).map(|(luma, mean)| f32::from(luma.pixels()[place]) - mean);
            let (sum, squares) =
                greys.fold((0.0, 0.0), |(sum, squares), grey| (sum + grey, squares + grey * grey));
            let mean = sum / pictures.len() as f32;
            (squares / pictures.len() as f32 - mean * mean).max(0.0).sqrt()
        };
        let mut deviations: Vec<f32> = beside.iter().map(deviation).collect();
        let middle = deviations.len() / 2;
        (!deviations.is_empty()).then(|| *deviations.select_nth_unstable_by(middle, f32::total_cmp).1)
    }

    /// Covered pixels as the nearest uncovered ones of their row and column have it, the nearer the more.
    fn filled(&self, pixels: &[u8], covered: &[bool]) -> Vec<u8> {
        let mut sums = vec![(0.0f32, 0.0f32); pixels.len()];
        for y in 0..self.height {
            self.spread(pixels, covered, (0..self.width).map(|x| y * self.width + x), &mut sums);
            self.spread(pixels, covered, (0..self.width).rev().map(|x| y * self.width + x), &mut sums);
        }
        for x in 0..self.width {
            self.spread(pixels, covered, (0..self.height).map(|y| y * self.width + x), &mut sums);
            self.spread(pixels, covered, (0..self.height).rev().map(|y| y * self.width + x), &mut sums);
        }
        let fill = |(place, &(grey, weight)): (usize, &(f32, f32))| match covered[place] && weight > 0.0 {
            true => (grey / weight).round() as u8,
            false => pixels[place],
        };
        sums.iter().enumerate().map(fill).collect()
    }

    /// Adds to every covered pixel on a way the last uncovered one before it, by how far back that is.
    fn spread(
        &self,
        pixels: &[u8],
        covered: &[bool],
        way: impl Iterator<Item = usize>,
        sums: &mut [(f32, f32)],
    ) {
        let mut last: Option<(f32, f32)> = None;
        for place in way {
            if !covered[place] {
                last = Some((f32::from(pixels[place]), 0.0));
            } else if let Some((grey, steps)) = &mut last {
                *steps += 1.0;
                let weight = 1.0 / *steps;
                sums[place] = (sums[place].0 + weight * *grey, sums[place].1 + weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: u32 = 192;
    const PICTURES: u32 = 30;

    /// A number from 0 to 1 for a place of a picture.
    fn drawn(seed: u32, x: u32, y: u32) -> f64 {
        let place = (u64::from(seed) << 40) | (u64::from(x) << 20) | (u64::from(y) + 1);
        let mixed = (place ^ (place >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f64 / f64::from(1 << 24)
    }

    /// A photo of its own for each seed: greys drawn every few pixels, and slopes between.
    fn photo(seed: u32, few: u32) -> Vec<u8> {
        let grey = |x: u32, y: u32| {
            let (right, below) = (f64::from(x % few) / f64::from(few), f64::from(y % few) / f64::from(few));
            let row = |y: u32| (1.0 - right) * drawn(seed, x / few, y) + right * drawn(seed, x / few + 1, y);
            30.0 + 190.0 * ((1.0 - below) * row(y / few) + below * row(y / few + 1))
        };
        (0..SIDE * SIDE).map(|place| grey(place % SIDE, place / SIDE) as u8).collect()
    }

    fn plain(seed: u32, few: u32) -> Luma {
        Luma::new(SIDE, SIDE, photo(seed, few)).unwrap()
    }

    /// Bars with gaps, as lines of letters have.
    fn is_printed(place: u32) -> bool {
        let (x, y) = (place % SIDE, place / SIDE);
        (20..32).contains(&(y % 48)) && x % 12 < 5 && (12..180).contains(&x)
    }

    fn printed(seed: u32, few: u32) -> Luma {
        let pixels = photo(seed, few).into_iter().zip(0..);
        let over = |(grey, place)| if is_printed(place) { grey / 3 + 160 } else { grey };
        Luma::new(SIDE, SIDE, pixels.map(over).collect()).unwrap()
    }

    fn watermark(pictures: &[Luma]) -> Option<Watermark> {
        let edges: Vec<GreyEdges> = pictures.iter().map(GreyEdges::of).collect();
        Watermark::of(&pictures.iter().zip(&edges).collect::<Vec<_>>())
    }

    #[test]
    fn pictures_with_one_mark_are_a_set_and_others_are_not() {
        let edges = |pictures: Vec<Luma>| -> Vec<GreyEdges> { pictures.iter().map(GreyEdges::of).collect() };
        let printed = edges((0..6).map(|seed| printed(seed, 8)).collect());
        let plain = edges((6..12).map(|seed| plain(seed, 8)).collect());
        assert_eq!(alike(&printed), [[0, 1, 2, 3, 4, 5]]);
        assert_eq!(alike(&printed[..FEWEST - 1]), Vec::<Vec<u32>>::new());
        assert_eq!(alike(&plain), Vec::<Vec<u32>>::new());
    }

    #[test]
    fn what_is_printed_on_all_is_found_and_taken_off() {
        let pictures: Vec<Luma> = (0..PICTURES).map(|seed| printed(seed, 16)).collect();
        let mark = watermark(&pictures).expect("all bear it");
        let found =
            (0..SIDE * SIDE).filter(|&place| is_printed(place) && mark.covered[place as usize]).count();
        let all = (0..SIDE * SIDE).filter(|&place| is_printed(place)).count();
        assert!(found * 10 >= all * 9, "{found} of {all}");
        assert!(mark.area() < 0.25, "{}", mark.area());
        let (off, clean) = (mark.taken_off(&pictures[3]), photo(3, 16));
        let error = |luma: &Luma| -> u32 {
            luma.pixels().iter().zip(&clean).map(|(&x, &y)| u32::from(x.abs_diff(y))).sum()
        };
        assert!(3 * error(&off) < error(&pictures[3]), "{} {}", error(&off), error(&pictures[3]));
    }

    #[test]
    fn photos_alone_a_page_and_too_few_have_none() {
        let plain: Vec<Luma> = (0..PICTURES).map(|seed| plain(seed, 16)).collect();
        assert!(watermark(&plain).is_none());
        let few: Vec<Luma> = (0..FEWEST as u32 - 1).map(|seed| printed(seed, 16)).collect();
        assert!(watermark(&few).is_none());
        // White paper with words on it, and a photo below.
        let page = |seed| {
            let pixels = photo(seed, 16).into_iter().zip(0..).map(|(grey, place)| match place / SIDE {
                0..60 if is_printed(place) => 20,
                0..60 => 250,
                _ => grey,
            });
            Luma::new(SIDE, SIDE, pixels.collect()).unwrap()
        };
        let pages: Vec<Luma> = (0..PICTURES).map(page).collect();
        assert!(watermark(&pages).is_none());
    }

    #[test]
    fn a_picture_of_another_size_stays() {
        let pictures: Vec<Luma> = (0..PICTURES).map(|seed| printed(seed, 16)).collect();
        let mark = watermark(&pictures).unwrap();
        let other = Luma::new(4, 4, vec![7; 16]).unwrap();
        assert_eq!(mark.taken_off(&other), other);
        assert_eq!(mark.digest(), mark.clone().digest());
    }
}
