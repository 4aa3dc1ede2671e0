//! Mirror sites: a site that repeats a large share of another's ads after a lag, whoever posted them.
//!
//! A copy says nothing about its poster, so copied ads stay out of networks; their links are kept and marked. The
//! trap is the poster who advertises on two sites, always on one of them first: that is many ads of *one* poster,
//! so a mirror must repeat ads of many communities.

use super::facts::Facts;
use super::photo_uses::PhotoUses;
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

/// Marks every ad that a mirror site copied from another site.
pub(crate) fn copied_ads(
    snapshot: &Snapshot,
    uses: &PhotoUses,
    facts: &Facts,
    verdicts: &Verdicts,
    community: &Rows<AdRow, CommunityRow>,
) -> Rows<AdRow, bool> {
    let _span = tracing::debug_span!("mirrors").entered();
    let sites = Sites::of(snapshot);
    let search = Search { uses, facts, verdicts, sites: &sites };
    let mut matches: Vec<Match> =
        (0..snapshot.ads.len()).into_par_iter().flat_map_iter(|ad| search.matches(AdRow::of(ad))).collect();
    matches.sort_unstable();
    let mut copied = Rows::filled(false, snapshot.ads.len());
    for pair in matches.chunk_by(|x, y| (x.from, x.to) == (y.from, y.to)) {
        if is_mirror(pair, &sites, community) {
            pair.iter().filter(|found| found.later).for_each(|found| copied[found.ad] = true);
        }
    }
    copied
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

fn is_mirror(pair: &[Match], sites: &Sites, community: &Rows<AdRow, CommunityRow>) -> bool {
    let copies: Vec<&Match> = pair.iter().filter(|found| found.later).collect();
    let n = copies.len();
    let share = n as f64 / sites.ads[pair[0].to as usize].min(sites.ads[pair[0].from as usize]) as f64;
    if n < MIN_COPIES || share < MIN_SHARE || (n as f64) < MIN_LATER * pair.len() as f64 {
        return false;
    }
    let mut posters: Vec<CommunityRow> = copies.iter().map(|found| community[found.original]).collect();
    posters.sort_unstable();
    let largest = posters.chunk_by(|x, y| x == y).map(<[CommunityRow]>::len).max().unwrap_or(0);
    largest as f64 <= MAX_ONE_POSTER * n as f64
}

/// Sites by number, with the number of their ads.
struct Sites {
    of_ad: Rows<AdRow, u32>,
    ads: Vec<usize>,
}

impl Sites {
    /// Ads are in order of their sites.
    fn of(snapshot: &Snapshot) -> Self {
        let (mut of_ad, mut sites) = (Vec::with_capacity(snapshot.ads.len()), Vec::new());
        for ads in snapshot.ads.chunk_by(|x, y| x.key.site == y.key.site) {
            of_ad.extend(std::iter::repeat_n(sites.len() as u32, ads.len()));
            sites.push(ads.len());
        }
        Self { of_ad: of_ad.into(), ads: sites }
    }
}

struct Search<'a> {
    uses: &'a PhotoUses,
    facts: &'a Facts<'a>,
    verdicts: &'a Verdicts,
    sites: &'a Sites,
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
