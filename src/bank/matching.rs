//! Where a picture, an image of a case or an entry of a list stands on the banks, with what a person needs to judge it.
//!
//! By digests first, which are the same bytes; then by the hash of every usable view under eight turns, the plainest
//! story first. The trap: a bank holds a hash and no second one, so stripes, checks and lattices, whose hashes lie
//! near each other whatever they show, are found and said to be weak.

use super::filter::{BankFilter, EntriesLeftOut};
use super::index::{BankHit, BankIndex};
use crate::case::Case;
use crate::corpus::{Bank, BankEntry, BankId, EntryId, NewEntry};
use crate::error::Result;
use crate::hash::{Dihedral, Pdq, Quality};
use crate::record::{Digests, Image, ImageId, Rect, ViewKind};
use crate::verify::{HashEvidence, SAME_FILE, Strength, Tier, pdq_score};
use std::collections::BTreeMap;

/// Asks the banks of a case.
pub struct BankMatcher<'c> {
    /// The entries and what they say.
    pub case: &'c Case,
    /// Their hashes.
    pub index: &'c BankIndex,
    /// What may answer.
    pub filter: BankFilter,
    /// Bits between two hashes of one photo, at the most.
    pub radius: u32,
    /// Now, in Unix seconds.
    pub now: i64,
}

/// An entry that shows the same photo.
#[derive(Debug, Clone, PartialEq)]
pub struct BankMatch {
    /// Its bank as it is now.
    pub bank: Bank,
    /// What it says.
    pub entry: BankEntry,
    /// How that is known.
    pub tier: Tier,
    /// PDQ bits between the two; `None` where a digest says it.
    pub distance: Option<u32>,
    /// The turn that maps the query on it.
    pub turn: Dihedral,
    /// What part of the query that is.
    pub view: ViewKind,
    /// Log-likelihood ratio, as of pairs.
    pub score: f64,
    /// Stripes, checks and lattices have such hashes, too.
    pub is_regular: bool,
}

impl BankMatch {
    /// The score in words.
    pub fn strength(&self) -> Strength {
        match (self.tier, self.is_regular) {
            (Tier::SameFile, _) => Strength::Identical,
            (_, true) => Strength::Weak,
            (tier, false) => Strength::of(tier, self.score),
        }
    }
}

/// What the banks say of one query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BankMatches {
    /// Surest first.
    pub found: Vec<BankMatch>,
    /// What else was near.
    pub left_out: EntriesLeftOut,
    /// The query is too plain for its hash to tell anything: only digests were compared.
    pub too_plain: bool,
}

/// An entry that shows the same photo, before what it says is read: [`BankMatcher::read`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundEntry {
    bank: BankId,
    entry: EntryId,
    /// How that is known.
    pub tier: Tier,
    distance: Option<u32>,
    turn: Dihedral,
    view: ViewKind,
    score: f64,
    /// The query's hash is that of stripes, checks or lattices.
    from_regular: bool,
}

/// [`BankMatches`] before their entries are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FoundEntries {
    /// Surest first.
    pub found: Vec<FoundEntry>,
    /// What else was near.
    pub left_out: EntriesLeftOut,
    /// As [`BankMatches::too_plain`].
    pub too_plain: bool,
}

/// The quality of a hash of which nobody said it: whoever exchanges one means it to be used.
const UNSAID: Quality = Quality::USABLE;

/// A view of the query that may be compared: what it is, how much of the query, its hash.
type QueryView<'q> = (ViewKind, f64, &'q Pdq);

impl BankMatcher<'_> {
    /// Entries that show the photo of an image.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn image(&self, image: &Image) -> Result<BankMatches> {
        self.whole(self.find(image)?)
    }

    /// Entries that show the photo of an image, for who reads only some of them: a photo that thousands of entries show
    /// costs a read of each.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn find(&self, image: &Image) -> Result<FoundEntries> {
        let whole = Rect { x: 0, y: 0, width: image.width, height: image.height };
        let views = image.views.iter().map(|view| (view.kind, share(view.rect, whole), &view.pdq));
        let all = std::iter::once((ViewKind::Whole, 1.0, &image.pdq)).chain(views);
        let usable: Vec<QueryView<'_>> =
            all.filter(|(_, _, pdq)| pdq.quality >= self.filter.min_quality).collect();
        // What was made up for an image without a file is no digest of anything.
        let digests = match image.is_hash_only() {
            true => Digests { sha256: ImageId([0; 32]), ..image.digests },
            false => image.digests,
        };
        self.query(&digests, &usable)
    }

    /// Entries that show the photo that an entry of another list names.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn listed(&self, listed: &NewEntry) -> Result<BankMatches> {
        let digests = Digests {
            md5: listed.md5.unwrap_or_default(),
            sha1: listed.sha1.unwrap_or_default(),
            sha256: listed.sha256.unwrap_or(ImageId([0; 32])),
        };
        let quality = listed.quality.unwrap_or(UNSAID);
        let pdq = listed.pdq.map(|hash| Pdq::from_upright(hash, quality));
        let usable = pdq.as_ref().filter(|pdq| pdq.quality >= self.filter.min_quality);
        let views: Vec<QueryView<'_>> = usable.map(|pdq| (ViewKind::Whole, 1.0, pdq)).into_iter().collect();
        let mut matches = self.whole(self.query(&digests, &views)?)?;
        matches.too_plain &= listed.pdq.is_some();
        Ok(matches)
    }

    /// What an entry says that was found; `None` when it is gone since.
    ///
    /// # Errors
    /// Those of reading the case.
    pub fn read(&self, found: &FoundEntry) -> Result<Option<BankMatch>> {
        let FoundEntry { tier, distance, turn, view, score, from_regular, .. } = *found;
        let (Some(entry), Some(bank)) = (self.case.any_entry(found.entry)?, self.index.bank(found.bank))
        else {
            return Ok(None);
        };
        let by_hash = distance.is_some();
        let is_regular = by_hash && (from_regular || entry.content.pdq.is_some_and(|hash| hash.is_regular()));
        Ok(Some(BankMatch { bank, entry, tier, distance, turn, view, score, is_regular }))
    }

    fn whole(&self, FoundEntries { found, left_out, too_plain }: FoundEntries) -> Result<BankMatches> {
        let read = found.iter().filter_map(|found| self.read(found).transpose());
        Ok(BankMatches { found: read.collect::<Result<_>>()?, left_out, too_plain })
    }

    fn query(&self, digests: &Digests, views: &[QueryView<'_>]) -> Result<FoundEntries> {
        let mut matches = FoundEntries { too_plain: views.is_empty(), ..FoundEntries::default() };
        let mut best = BTreeMap::new();
        self.by_digests(digests, &mut matches, &mut best)?;
        for view in views {
            let answer = self.index.find_turned(view.2, self.radius, &self.filter, self.now);
            // Parts are near the same entries again.
            if view.0 == ViewKind::Whole {
                matches.left_out += answer.left_out;
            }
            answer.hits.iter().for_each(|hit| by_hash(hit, *view, &mut best));
        }
        matches.found = best.into_values().collect();
        matches.found.sort_by_key(rank);
        Ok(matches)
    }

    fn by_digests(&self, digests: &Digests, matches: &mut FoundEntries, best: &mut Best) -> Result<()> {
        for id in self.case.entries_with(digests)? {
            let Some(entry) = self.case.any_entry(id)? else { continue };
            let Some(bank) = self.index.bank(entry.bank).filter(|bank| self.filter.asks(bank)) else {
                continue;
            };
            let until = entry.content.disable_until;
            let silenced = self.filter.silences(&bank, self.now);
            if let Some(why) = silenced.or_else(|| self.filter.silences_entry(until, None, self.now)) {
                // One with a hash is near by that, too, and counted there.
                if matches.too_plain || entry.content.pdq.is_none() {
                    matches.left_out += why;
                }
                continue;
            }
            let found = FoundEntry {
                bank: bank.id,
                entry: id,
                tier: Tier::SameFile,
                distance: None,
                turn: Dihedral::None,
                view: ViewKind::Whole,
                score: SAME_FILE,
                from_regular: false,
            };
            best.insert(id, found);
        }
        Ok(())
    }
}

/// Keeps the plainest story of every entry.
fn by_hash(hit: &BankHit, (view, share, query): QueryView<'_>, best: &mut Best) {
    let whole = view == ViewKind::Whole && hit.turn == Dihedral::None;
    let tier = if whole { Tier::NearCopy } else { Tier::Transformed };
    let told = (tier, Some(hit.distance), hit.turn, view);
    let known = best.get(&hit.entry);
    if known.is_some_and(|found| (found.tier, found.distance, found.turn, found.view) <= told) {
        return;
    }
    let evidence = HashEvidence {
        tier,
        distance: hit.distance,
        quality: hit.quality.unwrap_or(UNSAID).min(query.quality),
        overlap: share,
        second: None,
    };
    let found = FoundEntry {
        bank: hit.bank,
        entry: hit.entry,
        tier,
        distance: Some(hit.distance),
        turn: hit.turn,
        view,
        score: pdq_score(&evidence),
        from_regular: query.hash().is_regular(),
    };
    best.insert(hit.entry, found);
}

/// The best of every entry so far.
type Best = BTreeMap<EntryId, FoundEntry>;

fn rank(found: &FoundEntry) -> (Tier, Option<u32>, EntryId) {
    (found.tier, found.distance, found.entry)
}

fn share(view: Rect, whole: Rect) -> f64 {
    if whole.area() == 0 { 1.0 } else { (view.area() as f64 / whole.area() as f64).min(1.0) }
}
