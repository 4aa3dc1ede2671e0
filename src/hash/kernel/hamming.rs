//! Hamming distances in bulk: tiles of whole hashes, and 16-bit sketches of them.
//!
//! [`Hamming::best`] looks at the CPU once; the value it returns is the proof that the instructions exist.
//! `scalar` defines the results, the other files only repeat them faster. The trap: every function reports
//! through a closure that is called inside the vector loop, so keep it small (push, and look at it later).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::hash::Hash256;

/// Hashes in a [`Block`].
pub const LANES: usize = 8;

/// Eight hashes, word by word: `0[word][lane]`, so that one vector holds the same word of eight hashes.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub struct Block([[u64; LANES]; 4]);

impl Block {
    /// Transposes up to eight hashes; lanes beyond the slice hold zeros.
    #[inline]
    pub fn new(hashes: &[Hash256]) -> Self {
        let mut block = Self::default();
        for (lane, hash) in hashes.iter().take(LANES).enumerate() {
            for (row, word) in block.0.iter_mut().zip(hash.words()) {
                row[lane] = *word;
            }
        }
        block
    }

    /// The hash in one lane.
    #[inline]
    pub fn hash(&self, lane: usize) -> Hash256 {
        Hash256::from_words(std::array::from_fn(|word| self.0[word][lane]))
    }
}

/// A set of instructions this CPU is known to have.
#[derive(Debug, Clone, Copy)]
pub struct Hamming(HammingLevel);

#[derive(Debug, Clone, Copy)]
enum HammingLevel {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::HammingAvx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Avx512),
    #[cfg(target_arch = "aarch64")]
    Neon(neon::HammingNeon),
}

/// Calls the function of the same name of the level's own type.
macro_rules! dispatch {
    ($self:expr, $function:ident($($argument:expr),*)) => {
        match $self.0 {
            HammingLevel::Scalar => scalar::$function($($argument),*),
            #[cfg(target_arch = "x86_64")]
            HammingLevel::Avx2(level) => level.$function($($argument),*),
            #[cfg(target_arch = "x86_64")]
            HammingLevel::Avx512(level) => level.$function($($argument),*),
            #[cfg(target_arch = "aarch64")]
            HammingLevel::Neon(level) => level.$function($($argument),*),
        }
    };
}

impl Hamming {
    /// Portable code: the definition, and the way round a suspected CPU bug.
    pub const fn scalar() -> Self {
        Self(HammingLevel::Scalar)
    }

    /// The fastest set this CPU has.
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::scalar())
    }

    /// Every set this CPU has, slowest first.
    pub fn available() -> Vec<Self> {
        let levels = [
            Some(HammingLevel::Scalar),
            #[cfg(target_arch = "x86_64")]
            avx2::HammingAvx2::new().map(HammingLevel::Avx2),
            #[cfg(target_arch = "x86_64")]
            avx512::Avx512::new().map(HammingLevel::Avx512),
            #[cfg(target_arch = "aarch64")]
            neon::HammingNeon::new().map(HammingLevel::Neon),
        ];
        levels.into_iter().flatten().map(Self).collect()
    }

    /// Its name: `scalar`, `avx2`, `avx512`, `neon`.
    pub fn name(self) -> &'static str {
        match self.0 {
            HammingLevel::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            HammingLevel::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            HammingLevel::Avx512(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            HammingLevel::Neon(_) => "neon",
        }
    }

    /// Bits in which two hashes given as words differ; words beyond the shorter slice do not count.
    #[inline]
    pub fn distance(self, a: &[u64], b: &[u64]) -> u32 {
        dispatch!(self, distance(a, b))
    }

    /// Reports `(query, row, distance)` for every row of `blocks` (lanes of zeros included) at most `radius`
    /// bits from a query. Fastest when `blocks` fits the first-level cache: some 64 blocks.
    #[inline]
    pub fn tile(
        self,
        queries: &[Hash256],
        blocks: &[Block],
        radius: u32,
        mut report: impl FnMut(usize, usize, u32),
    ) {
        dispatch!(self, tile(queries, blocks, radius, &mut report));
    }

    /// Reports `(left, right)` for every pair of a left row and a right row of `range` (positions in `right`) whose
    /// `N` sketches, their differences laid over each other, differ in at most `limit` bits. Two sketches so cost
    /// hardly more than one: differences that cover each other count once, so a pair that differs in `limit` bits of
    /// all its sketches is never missed, and few others are reported. `right` beyond `range` is padding that may be
    /// read.
    #[inline]
    pub fn sketches<const N: usize>(
        self,
        left: &[[u16; N]],
        right: [&[u16]; N],
        range: Range<usize>,
        limit: u16,
        mut report: impl FnMut(usize, usize),
    ) {
        dispatch!(self, sketches(left, right, range, limit, &mut report));
    }

    /// Reports `(left, right, difference, distance)` for every listed pair of rows.
    #[inline]
    pub fn compare(
        self,
        left: &[Hash256],
        right: &[Hash256],
        pairs: &[(u32, u32)],
        mut report: impl FnMut(u32, u32, Hash256, u32),
    ) {
        dispatch!(self, compare(left, right, pairs, &mut report));
    }

    /// Appends `(left, right, distance)` for every listed pair of rows at most `radius` bits apart that `band` is
    /// the first to admit.
    pub fn first_admitted(
        self,
        (left, right): (&[Hash256], &[Hash256]),
        pairs: &[(u32, u32)],
        radius: u32,
        (bands, band): (&Bands16, usize),
        into: &mut Vec<(u32, u32, u32)>,
    ) {
        // Written always, kept if wanted: hits and misses come in no order that a CPU could predict.
        let begin = into.len();
        into.resize(begin + pairs.len(), (0, 0, 0));
        let kept =
            dispatch!(self, first_admitted(left, right, pairs, radius, bands, band, &mut into[begin..]));
        into.truncate(begin + kept);
    }
}

/// Sixteen bands of 16 bits: band `i` admits a difference with `x` set bits in it and `y` in the two bands after it
/// (0 after 15) if `x <= most[i]` and `x + y <= reach[i]`.
#[derive(Debug, Clone, Copy)]
pub struct Bands16 {
    /// Most bits of the band itself, negative where it admits nothing.
    pub most: [i16; 16],
    /// Most bits of the band and the next two.
    pub reach: [i16; 16],
}

impl Bands16 {
    /// One bit for each band that admits `difference`.
    #[inline(always)]
    pub fn admitting(&self, difference: &Hash256) -> u32 {
        let words = difference.words();
        let bits: [i16; 16] =
            std::array::from_fn(|band| ((words[band / 4] >> (16 * (band % 4))) as u16).count_ones() as i16);
        (0..16).fold(0, |admitting, band| {
            let three = bits[band] + bits[(band + 1) % 16] + bits[(band + 2) % 16];
            let admits = (bits[band] <= self.most[band]) & (three <= self.reach[band]);
            admitting | u32::from(admits) << band
        })
    }
}

/// True if the lowest bit set is `bit`.
#[inline(always)]
fn lowest_is(mask: u32, bit: usize) -> bool {
    mask & ((2 << bit) - 1) == 1 << bit
}

/// Asks the cache for an element that will be read soon; nothing happens beyond the end.
#[inline]
pub fn prefetch<T>(slice: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(element) = slice.get(index) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of x86_64, the address is that of a live element.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, index);
}

/// How many of the four words decide nearly always: among unrelated hashes the distance over this many words
/// alone exceeds `radius` by three standard deviations, so the rest is looked at rarely. Kernels begin with the
/// last word: rows that come sorted by the first ones are alike there, eight at a time.
fn deciding_words(radius: u32) -> usize {
    match radius {
        0..=47 => 2,
        48..=75 => 3,
        _ => 4,
    }
}

/// The rare second look of [`Hamming::tile`]: lanes of `block` that passed on their first words.
#[inline(always)]
fn report_lanes(
    mut lanes: u32,
    block: &Block,
    first_row: usize,
    query: &Hash256,
    radius: u32,
    mut report: impl FnMut(usize, u32),
) {
    while lanes != 0 {
        let lane = lanes.trailing_zeros() as usize;
        let distance = block.hash(lane).distance(query);
        if distance <= radius {
            report(first_row + lane, distance);
        }
        lanes &= lanes - 1;
    }
}

/// The body of `distance` on every level, as of `compare_pairs`.
#[inline(always)]
fn word_distance(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// The body of `compare` on every level; what differs is the popcount the compiler may use.
#[inline(always)]
fn compare_pairs(
    left: &[Hash256],
    right: &[Hash256],
    pairs: &[(u32, u32)],
    report: &mut impl FnMut(u32, u32, Hash256, u32),
) {
    for &(a, b) in pairs {
        let (first, second) = (left[a as usize].words(), right[b as usize].words());
        let difference = Hash256::from_words(std::array::from_fn(|word| first[word] ^ second[word]));
        let distance = difference.words().iter().map(|word| word.count_ones()).sum();
        report(a, b, difference, distance);
    }
}
