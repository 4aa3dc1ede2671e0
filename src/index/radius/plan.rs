//! Which bands of a hash are looked up, and why nothing within the radius can be missed.
//!
//! The 256 bits stand in a ring, cut into `m` bands. Two hashes at distance `D <= r` differ in `x_0 .. x_(m-1)`
//! bits of the bands, summing to `D`. Give band `i` a budget `b_i >= 0` with `b_0 + .. + b_(m-1) = r + 1`.
//!
//! **Ring lemma.** There is a band `i` such that for every run of bands starting there,
//! `x_i + .. + x_(i+l-1) <= b_i + .. + b_(i+l-1) - 1`, for `l = 1 ..= m`.
//!
//! *Proof.* Let `z_j = x_j - b_j`, continued round the ring, `P_k = z_0 + .. + z_(k-1)`, and `Z = P_m = D - (r+1)
//! <= -1`. Among `k = 0 .. m-1` take `i` as the last `k` with the largest `P_k`. For `i < k < m`, `P_k < P_i` as `i`
//! is the last. For `m <= k <= m + i`, `P_k = P_(k-m) + Z <= P_i - 1`. So every partial sum of `z` from `i` on is
//! negative, and being whole, at most -1. ∎
//!
//! With `l = 1`, the pair differs in at most `b_i - 1` bits of band `i`: look up every key that near (a band
//! without budget is never a start). Longer runs filter: the 16 bits after the band (its *sketch*) are compared
//! before the hash is fetched, with the budgets of all bands they touch; in joins, the sketch after that as well.
//! Fewer bits than the run can only have fewer differences, so the filter too loses nothing. This is multi-index
//! hashing (Norouzi, Punjani, Fleet, 2014) with the whole-number pigeonring (Qin and Xiao, 2018).
//!
//! The trap: a pair is usually admitted by several bands; [`Plan::first_admitting`] makes one of them report it.

use crate::hash::Hash256;
use crate::hash::kernel::hamming::Bands16;

/// Bits of a hash.
const BITS: u32 = 256;
/// Bits of a sketch.
const SKETCH: u32 = 16;
/// Widest band: its table has 2^24 entries.
const MAX_WIDTH: u32 = 24;
/// Most keys looked up per band; beyond that, scanning everything is cheaper anyway.
const MAX_KEYS: u64 = 20_000;

/// `width` bits from bit `first` on, round the ring. `width` is 1 to 32.
#[inline]
pub(crate) fn window(hash: &Hash256, first: u32, width: u32) -> u32 {
    let words = hash.words();
    let (word, shift) = ((first / 64) as usize % 4, first % 64);
    // Shifting twice, as a shift by 64 would overflow.
    let both = words[word] >> shift | words[(word + 1) % 4] << 1 << (63 - shift);
    (both & ((1 << width) - 1)) as u32
}

/// A run of bits used as a key, and the sketch bits after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Band {
    first: u32,
    pub(crate) width: u32,
    sketch_width: u32,
    /// How many bands after this one the sketch touches.
    touched: usize,
}

impl Band {
    #[inline]
    pub(crate) fn key(&self, hash: &Hash256) -> u32 {
        window(hash, self.first, self.width)
    }

    #[inline]
    pub(crate) fn sketch(&self, hash: &Hash256) -> u16 {
        window(hash, self.first + self.width, self.sketch_width) as u16
    }
}

/// How the ring is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) bands: Vec<Band>,
}

impl Layout {
    /// Fewest and most bands.
    pub(crate) const COUNTS: std::ops::RangeInclusive<u32> = BITS.div_ceil(MAX_WIDTH)..=32;

    /// `count` bands as equal as possible, wider ones first.
    pub(crate) fn new(count: u32) -> Self {
        debug_assert!(Self::COUNTS.contains(&count));
        let width = |band: u32| BITS / count + u32::from(band % count < BITS % count);
        let mut first = 0;
        let bands = (0..count)
            .map(|band| {
                let (sketch_width, touched) = whole_bands(|after| width(band + after));
                let this = Band { first, width: width(band), sketch_width, touched };
                first += this.width;
                this
            })
            .collect();
        Self { bands }
    }

    /// The band whose sketch follows that of this one: a second sketch of the bits after a key.
    pub(crate) fn beyond(&self, band: usize) -> &Band {
        &self.bands[(band + self.bands[band].touched) % self.bands.len()]
    }

    /// Memory of all tables' key ranges, in bytes.
    pub(crate) fn table_bytes(&self) -> u64 {
        self.bands.iter().map(|band| 4 << band.width).sum()
    }
}

/// The sketch after a band: as many whole bands as fit in 16 bits, else the first 16 bits of the next. Half a band
/// more would cost its whole budget.
fn whole_bands(width: impl Fn(u32) -> u32) -> (u32, usize) {
    let (mut bits, mut bands) = (0, 0);
    while bits + width(bands + 1) <= SKETCH {
        bits += width(bands + 1);
        bands += 1;
    }
    if bands == 0 { (SKETCH, 1) } else { (bits, bands as usize) }
}

/// A band at which a pair may be found.
#[derive(Debug, Clone)]
pub(crate) struct BandStart {
    /// Place in [`Layout::bands`].
    pub(crate) band: usize,
    /// Every set of flipped bits worth looking up, ascending; the first is 0.
    pub(crate) flips: Vec<u32>,
    /// Most bits flipped.
    most: u32,
    /// Bits that key and sketch together may differ in.
    pub(crate) limit: u32,
    /// Bits that key and both sketches together may differ in.
    reach: u32,
}

impl BandStart {
    /// What is left for the sketch when the key differs by `flip`.
    #[inline]
    pub(crate) fn sketch_limit(&self, flip: u32) -> u16 {
        (self.limit - flip.count_ones()) as u16
    }

    /// What is left for both sketches when the key differs by `flip`.
    #[inline]
    pub(crate) fn sketches_limit(&self, flip: u32) -> u16 {
        (self.reach - flip.count_ones()) as u16
    }
}

/// A layout with the budgets for one radius.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) layout: Layout,
    pub(crate) starts: Vec<BandStart>,
    /// Set if all bands have 16 bits.
    pub(crate) bands16: Option<Bands16>,
}

impl Plan {
    /// Spreads `radius + 1` over the bands; `None` if a band would need too many look-ups.
    pub(crate) fn new(layout: Layout, radius: u32) -> Option<Self> {
        let count = layout.bands.len() as u32;
        let budget = |band: usize| {
            let band = band as u32 % count;
            (radius + 1) / count + u32::from(band < (radius + 1) % count)
        };
        let mut starts = Vec::new();
        for (band, bits) in layout.bands.iter().enumerate().filter(|&(band, _)| budget(band) > 0) {
            let most = budget(band) - 1;
            if keys_within(bits.width, most) > MAX_KEYS {
                return None;
            }
            let within = |touched: usize| (band..=band + touched).map(budget).sum::<u32>() - 1;
            let (limit, reach) = (within(bits.touched), within(bits.touched + layout.beyond(band).touched));
            starts.push(BandStart { band, flips: flips(bits.width, most), most, limit, reach });
        }
        let bands16 = (count == 16).then(|| {
            let mut bands = Bands16 { most: [-1; 16], reach: [-1; 16] };
            for start in &starts {
                bands.most[start.band % 16] = start.most as i16;
                bands.reach[start.band % 16] = start.reach as i16;
            }
            bands
        });
        Some(Self { layout, starts, bands16 })
    }

    /// The place in `starts` of the first start that admits a pair with this XOR. Every pair within the radius has
    /// one, by the ring lemma.
    #[inline]
    pub(crate) fn first_admitting(&self, difference: &Hash256) -> Option<usize> {
        self.starts.iter().position(|start| {
            let band = &self.layout.bands[start.band];
            let key_bits = band.key(difference).count_ones();
            let sketches =
                [band, self.layout.beyond(start.band)].map(|band| band.sketch(difference).count_ones());
            key_bits <= start.most && key_bits + sketches[0] + sketches[1] <= start.reach
        })
    }

    /// Look-ups per query.
    pub(crate) fn probes(&self) -> usize {
        self.starts.iter().map(|start| start.flips.len()).sum()
    }

    /// Of `rows` unrelated rows, how many reach the sketch and how many of these pass it, or `both` sketches.
    /// `evenness` is the share of each bit that counts, see [`crate::index::radius::cost::evenness`].
    pub(crate) fn expected(&self, rows: f64, evenness: f64, both: bool) -> (f64, f64) {
        let (mut compared, mut passed) = (0.0, 0.0);
        for start in &self.starts {
            let band = &self.layout.bands[start.band];
            let bucket = rows / (f64::from(band.width) * evenness).exp2();
            let (bits, limit) = match both {
                true => (band.sketch_width + self.layout.beyond(start.band).sketch_width, start.reach),
                false => (band.sketch_width, start.limit),
            };
            for flipped in 0..=start.most {
                let keys = binomial(band.width, flipped) as f64;
                compared += keys * bucket;
                let sketch_bits = (f64::from(bits) * evenness).round() as u32;
                let near = keys_within(sketch_bits, (limit - flipped).min(sketch_bits)) as f64;
                passed += keys * bucket * near / f64::from(sketch_bits).exp2();
            }
        }
        (compared, passed)
    }
}

fn binomial(of: u32, choose: u32) -> u64 {
    (0..u64::from(choose)).fold(1, |product, k| product * (u64::from(of) - k) / (k + 1))
}

/// How many keys of `width` bits are at most `most` bits from a given one.
fn keys_within(width: u32, most: u32) -> u64 {
    (0..=most.min(width)).map(|flipped| binomial(width, flipped)).sum()
}

/// Every `width`-bit number with at most `most` bits set, ascending.
fn flips(width: u32, most: u32) -> Vec<u32> {
    let mut all = vec![0u32];
    let mut previous = 0..1;
    for _ in 0..most {
        for place in previous.clone() {
            // Adding only bits above the highest makes every set once.
            let above = 32 - all[place].leading_zeros();
            for bit in above..width {
                all.push(all[place] | 1 << bit);
            }
        }
        previous = previous.end..all.len();
    }
    // Neighbouring keys lie side by side in memory.
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layouts() -> impl Strategy<Value = Layout> {
        Layout::COUNTS.prop_map(Layout::new)
    }

    proptest! {
        /// The lemma and the filter at once: every difference within the radius is admitted somewhere.
        #[test]
        fn every_near_pair_is_admitted(
            layout in layouts(),
            radius in 0u32..64,
            bits in proptest::collection::vec(any::<u8>(), 0..64),
            packed in any::<bool>(),
            at in any::<u8>(),
        ) {
            let Some(plan) = Plan::new(layout, radius) else { return Ok(()) };
            let mut words = [0u64; 4];
            for (n, &bit) in bits.iter().take(radius as usize).enumerate() {
                // Packed differences are the worst case for bands: they fill some and leave others equal.
                let bit = if packed { at.wrapping_add(n as u8) } else { bit };
                words[usize::from(bit) / 64] |= 1 << (bit % 64);
            }
            let difference = Hash256::from_words(words);
            let admitting = plan.first_admitting(&difference);
            prop_assert!(admitting.is_some());
            let start = &plan.starts[admitting.unwrap()];
            let (band, beyond) = (&plan.layout.bands[start.band], plan.layout.beyond(start.band));
            let (flip, sketch, far) = (band.key(&difference), band.sketch(&difference), beyond.sketch(&difference));
            prop_assert!(start.flips.contains(&flip));
            prop_assert!((sketch | far).count_ones() <= u32::from(start.sketches_limit(flip)));
            if let Some(bands) = plan.bands16 {
                prop_assert_eq!(bands.admitting(&difference).trailing_zeros() as usize, start.band);
            }
        }

        #[test]
        fn windows_are_runs_of_bits(words: [u64; 4], first in 0u32..300, width in 1u32..=32) {
            let hash = Hash256::from_words(words);
            for bit in 0..width {
                let expected = hash.bit(((first + bit) % 256) as usize);
                prop_assert_eq!(window(&hash, first, width) >> bit & 1 == 1, expected);
            }
            prop_assert_eq!(u64::from(window(&hash, first, width)) >> width, 0);
        }
    }

    #[test]
    fn layouts_cover_the_ring() {
        for layout in Layout::COUNTS.map(Layout::new) {
            let mut next = 0;
            for band in &layout.bands {
                assert_eq!(band.first, next);
                next += band.width;
            }
            assert_eq!(next, 256);
        }
    }

    #[test]
    fn flips_are_all_the_small_sets() {
        for (width, most) in [(16, 0), (16, 1), (16, 3), (23, 2), (8, 8)] {
            let found = flips(width, most);
            let mut sorted = found.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len() as u64, keys_within(width, most));
            assert!(sorted.iter().all(|set| set.count_ones() <= most && u64::from(*set) < 1 << width));
            assert_eq!(found, sorted);
        }
    }

    #[test]
    fn the_classic_plan_at_31_is_sixteen_bands_with_one_flip() {
        let plan = Plan::new(Layout::new(16), 31).unwrap();
        assert_eq!(plan.probes(), 16 * 17);
        assert!(plan.starts.iter().all(|start| (start.limit, start.reach) == (3, 5)));
    }
}
