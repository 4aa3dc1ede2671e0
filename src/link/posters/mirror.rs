//! Mirror sites: a site that repeats a large share of another's ads after a lag, whoever posted them.
//!
//! A copy says nothing about its poster, so copied ads stay out of networks; their links are kept and marked. The
//! trap is the poster who advertises on two sites, always on one of them first: that is many ads of *one* poster,
//! so a mirror must repeat ads of many communities.

use super::facts::Facts;
use super::photo_uses::PhotoUses;
use super::totals::{SiteMatches, Totals};
use super::verdict::Verdicts;
use crate::corpus::{AdRow, CommunityRow, ImageRow, Row, Rows, Snapshot};
use rayon::prelude::*;

/// Ads of one photo beyond which it is no sign of a copy.
const MAX_ADS: usize = 64;

/// Copied ads that make a mirror, at least.
const MIN_COPIES: usize = 20;

/// Share of a site's ads that must be copies, or of the other site's ads that must be copied.
const MIN_SHARE: f64 = 0.3;

/// Share of the pairs in which the copy is the later ad.
const MIN_LATER: f64 = 0.95;

/// No poster may stand behind a larger share of the copies.
const MAX_ONE_POSTER: f64 = 0.5;

/// Marks every ad that a mirror site copied from another site; `None` where the whole corpus has to be asked first.
pub(crate) fn copied_ads(
    snapshot: &Snapshot,
    uses: &PhotoUses,
    facts: &Facts,
    verdicts: &Verdicts,
    community: &Rows<AdRow, CommunityRow>,
    totals: &mut Totals,
) -> Option<Rows<AdRow, bool>> {
    let _span = tracing::debug_span!("mirrors").entered();
    let sites = Sites::of(snapshot);
    let search = Search { uses, facts, verdicts, sites: &sites };
    let mut matches: Vec<Match> =
        (0..snapshot.ads.len()).into_par_iter().flat_map_iter(|ad| search.matches(AdRow::of(ad))).collect();
    matches.sort_unstable();
    let by_sites = || matches.chunk_by(|x, y| (x.from, x.to) == (y.from, y.to));
    let names = |pair: &[Match]| {
        let name = |site: u32| sites.names[site as usize].to_string();
        (name(pair[0].from), name(pair[0].to))
    };
    let own = by_sites().map(|pair| (names(pair), matches_of(pair, community))).collect();
    let of_corpus = totals.mirrors(own)?;
    let mut copied = Rows::filled(false, snapshot.ads.len());
    for pair in by_sites() {
        let (from, to) = names(pair);
        let least = facts.ads_of_site(&from).min(facts.ads_of_site(&to));
        if of_corpus.get(&(from, to)).is_some_and(|found| is_mirror(found, least)) {
            pair.iter().filter(|found| found.later).for_each(|found| copied[found.ad] = true);
        }
    }
    Some(copied)
}

/// An ad of site `to` that shows what an ad of site `from` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    from: u32,
    to: u32,
    ad: AdRow,
    original: AdRow,
    /// The ad on `to` is the later one.
    later: bool,
}

fn matches_of(pair: &[Match], community: &Rows<AdRow, CommunityRow>) -> SiteMatches {
    let copies = pair.iter().filter(|found| found.later);
    let mut posters: Vec<CommunityRow> = copies.map(|found| community[found.original]).collect();
    posters.sort_unstable();
    let of_one = posters.chunk_by(|x, y| x == y).map(<[CommunityRow]>::len).max().unwrap_or(0);
    SiteMatches { all: pair.len(), later: posters.len(), of_one }
}

/// Is one of two sites, of which the smaller has `least` ads, a mirror of the other?
fn is_mirror(found: &SiteMatches, least: usize) -> bool {
    let n = found.later as f64;
    found.later >= MIN_COPIES
        && n / least as f64 >= MIN_SHARE
        && n >= MIN_LATER * found.all as f64
        && found.of_one as f64 <= MAX_ONE_POSTER * n
}

/// Sites by number, in the order of their names.
struct Sites<'a> {
    of_ad: Rows<AdRow, u32>,
    names: Vec<&'a str>,
}

impl<'a> Sites<'a> {
    /// Ads are in order of their sites.
    fn of(snapshot: &'a Snapshot) -> Self {
        let (mut of_ad, mut names) = (Vec::with_capacity(snapshot.ads.len()), Vec::new());
        for ads in snapshot.ads.chunk_by(|x, y| x.key.site == y.key.site) {
            of_ad.extend(std::iter::repeat_n(names.len() as u32, ads.len()));
            names.push(&*ads[0].key.site);
        }
        Self { of_ad: of_ad.into(), names }
    }
}

struct Search<'a> {
    uses: &'a PhotoUses,
    facts: &'a Facts<'a>,
    verdicts: &'a Verdicts,
    sites: &'a Sites<'a>,
}

impl Search<'_> {
    /// For every other site, the ad there that shows most of this ad's images, half of them at least.
    fn matches(&self, ad: AdRow) -> Vec<Match> {
        let mut found: Vec<(u32, AdRow, ImageRow)> = Vec::new();
        for photo_use in self.uses.of_ad(ad) {
            let photo = &self.uses.photos[photo_use.photo];
            if self.verdicts[photo_use.photo].reason.is_none() && photo.ads.len() <= MAX_ADS {
                let elsewhere = photo.ads.iter().filter(|&&other| self.site(other) != self.site(ad));
                found.extend(elsewhere.map(|&other| (self.site(other), other, photo_use.image)));
            }
        }
        found.sort_unstable();
        found.dedup();
        let shared = |same: &[(u32, AdRow, ImageRow)]| (same[0].0, same[0].1, same.len());
        let ads: Vec<(u32, AdRow, usize)> = found.chunk_by(|x, y| x.1 == y.1).map(shared).collect();
        let needed = (self.uses.images_of_ad(ad) as usize).div_ceil(2);
        ads.chunk_by(|x, y| x.0 == y.0)
            .filter_map(|site| {
                let most = site.iter().map(|&(_, _, n)| n).max().filter(|&n| n >= needed)?;
                let alike = site.iter().filter(|&&(_, _, n)| n == most);
                alike
                    .filter_map(|&(from, other, _)| self.timed(from, ad, other))
                    .min()
                    .map(|(_, found)| found)
            })
            .collect()
    }

    /// How many days lie between the two, and the match; of several that show the same, the nearest in time would be
    /// the original, and whoever posts on both sites is first on either as often.
    fn timed(&self, from: u32, ad: AdRow, original: AdRow) -> Option<(u32, Match)> {
        let (then, now) = (self.facts.first_seen(original), self.facts.first_seen(ad));
        let known = !then.is_empty() && !now.is_empty() && then != now;
        let found = Match { from, to: self.site(ad), ad, original, later: then < now };
        known.then(|| (days(then).abs_diff(days(now)), found))
    }

    fn site(&self, ad: AdRow) -> u32 {
        self.sites.of_ad[ad]
    }
}

/// Days since some day, near enough to compare; 0 for what is no date.
fn days(time: &str) -> u32 {
    let number = |digits: Option<&str>| digits.and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    number(time.get(..4)) * 372 + number(time.get(5..7)) * 31 + number(time.get(8..10))
}
