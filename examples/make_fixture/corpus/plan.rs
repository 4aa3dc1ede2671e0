//! Who posts what where: the ads, their photos and edits, before any pixel exists.
//!
//! Networks are built as chains: neighbouring ads share a photo by an edit that plain PDQ finds, so that each
//! network is found whole even without its bordered copies.

use super::edit::{self, Edit};
use super::math::Rng;
use super::photo::Kind;
use super::site::{BADGE_SITE, Mark, SITES};

/// Seeds per kind, in the order of [`Kind::ALL`]; chosen so that `check` is content.
const SEEDS: [[u64; 12]; 8] = [
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
];

/// (photos, ads, seed) of each network. The seeds were chosen so that copies are 26 bits apart at most, 28 when a
/// border has to be cut off first: below the radius of linking by what decoders may differ.
const NETWORKS: [(usize, usize, u64); 8] =
    [(4, 5, 7), (3, 3, 53), (4, 4, 37), (5, 6, 32), (2, 2, 43), (4, 5, 4), (3, 4, 22), (4, 4, 40)];
/// The photo that unrelated posters use.
const STOCK: &str = "street-02";
/// Where ads of no network stand, in turn: mostly on sites with small files, and many on the site with the badge.
const LONE_SITES: [usize; 12] = [0, 1, 2, 3, 4, 2, 0, 1, 2, 5, 4, 2];
const UNRELATED_ADS: usize = 26;
const TOWNS: [&str; 8] = [
    "Port Ellery",
    "Wexcombe",
    "Nether Alding",
    "Sallow Bay",
    "Tarn Hollow",
    "Quillham",
    "Brackwater",
    "Ostrey",
];
const TITLES: [&str; 8] = [
    "Available today",
    "New in town",
    "Weekend offer",
    "Room with a view",
    "Back again",
    "Ask for details",
    "Open until late",
    "Last few days",
];
const SENTENCES: [&str; 9] = [
    "Clean and quiet place.",
    "Near the station.",
    "Serious enquiries only.",
    "Photos are recent.",
    "Message before you call.",
    "Cash or card.",
    "Parking at the door.",
    "Here until Sunday.",
    "Newly painted.",
];

/// A photo before it is rendered.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Shot {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) seed: u64,
}

/// One image file of an ad.
pub(crate) struct Copy {
    /// Index into [`Plan::shots`].
    pub(crate) shot: usize,
    pub(crate) edit: &'static Edit,
    /// Path below `images/`.
    pub(crate) path: String,
}

pub(crate) struct Ad {
    pub(crate) site: usize,
    pub(crate) ad_id: String,
    /// Empty for an ad that belongs to no network.
    pub(crate) network: String,
    pub(crate) copies: Vec<Copy>,
    /// Paths that are listed behind the copies: the badge, broken files.
    pub(crate) further: Vec<String>,
    /// Minutes since the start of 2024.
    pub(crate) posted: u32,
    pub(crate) collected: u32,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) phones: Vec<String>,
    pub(crate) location: &'static str,
}

impl Ad {
    /// Site and id, as in adlink's own tables.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", SITES[self.site].name, self.ad_id)
    }
}

pub(crate) struct Plan {
    /// The first is the stock photo.
    pub(crate) shots: Vec<Shot>,
    pub(crate) ads: Vec<Ad>,
}

/// Path of the badge below `images/`.
pub(crate) fn badge_path() -> String {
    format!("{}/badge.png", SITES[BADGE_SITE].name)
}

impl Plan {
    /// The one plan there is.
    pub(crate) fn new() -> Self {
        let rng = Rng::new(2024);
        let mut shots: Vec<Shot> = Kind::ALL
            .into_iter()
            .zip(SEEDS)
            .flat_map(|(kind, seeds)| seeds.map(|seed| (kind, seed)))
            .map(|(kind, seed)| Shot { id: format!("{}-{seed:02}", kind.name()), kind, seed })
            .collect();
        rng.shuffle(&mut shots);
        let stock = shots.iter().position(|shot| shot.id == STOCK).expect("the stock photo is one of ours");
        shots.swap(0, stock);
        let mut plan = Self { shots, ads: Vec::new() };
        let mut next = 1;
        for (number, (photos, ads, seed)) in NETWORKS.into_iter().enumerate() {
            plan.network(&Rng::new(seed), number, next..next + photos, ads);
            next += photos;
        }
        plan.unrelated(&rng, next);
        plan.ad(&rng, 1, String::new(), Vec::new(), vec!["555-0199".into()], TOWNS[0]);
        plan.make_hostile();
        plan
    }

    /// Names and texts that break careless programs. No file name here is refused by Windows: it could not
    /// check this repository out.
    fn make_hostile(&mut self) {
        let mut lone: Vec<&mut Ad> = self.ads.iter_mut().filter(|ad| ad.network.is_empty()).collect();
        let site = SITES[lone[12].site].name;
        lone[12].copies[0].path = format!("{site}/it's a view 🌄 & more (1) #2, 100%.jpg");
        lone[16].title = "Chairs <b>& table</b>, \"as new\" 🌞".into();
        lone[17].title = "=1+1".into();
        lone[18].text =
            "</script><script>alert(1)</script>\nSecond line, with a comma; and a semicolon.".into();
    }

    fn network(&mut self, rng: &Rng, number: usize, photos: std::ops::Range<usize>, ads: usize) {
        let phone = format!("555-01{:02}", 11 * number + 3);
        let home = rng.below(TOWNS.len());
        let first_site = rng.below(SITES.len());
        for k in 0..ads {
            let resaved = number.is_multiple_of(3) && k.is_multiple_of(2);
            let bordered = k == 1 || (k == 3 && number.is_multiple_of(2));
            let site = if resaved { first_site } else { (first_site + k * (1 + number % 2)) % SITES.len() };
            let site =
                if bordered && SITES[site].mark != Mark::None { [1, 3, 5][(number + k) % 3] } else { site };
            let own = |step: usize| photos.start + (k + step) % photos.len();
            let mut shown: Vec<(usize, &'static Edit)> = (0..photos.len().min(2))
                .map(|step| (own(step), if resaved { &edit::AS_IS } else { drawn(rng) }))
                .collect();
            if bordered && photos.len() > 2 {
                shown.push((own(2), &edit::BORDERED[(number + k) % edit::BORDERED.len()]));
            } else if resaved && photos.len() > 2 {
                shown.push((own(2), &edit::AS_IS));
            }
            if k == 0 && matches!(number, 2 | 6) {
                shown.push((0, &edit::AS_IS));
            }
            let phones = if rng.chance(0.6) { vec![written(rng, &phone)] } else { Vec::new() };
            self.ad(
                rng,
                site,
                format!("n{}", number + 1),
                shown,
                phones,
                TOWNS[(home + k / 2) % TOWNS.len()],
            );
        }
    }

    fn unrelated(&mut self, rng: &Rng, first: usize) {
        let mut next = first;
        for k in 0..UNRELATED_ADS {
            // Two and three by turns, and what is left for the last.
            let left = self.shots.len() - next;
            let take = if k + 1 == UNRELATED_ADS { left } else { (2 + k % 2).min(left) };
            let mut shown: Vec<_> = (next..next + take).map(|shot| (shot, &edit::AS_IS)).collect();
            next += take;
            if k.is_multiple_of(5) {
                shown.push((0, &edit::AS_IS));
            }
            let phones = if rng.chance(0.7) {
                vec![written(rng, &format!("555-01{:02}", 30 + k))]
            } else {
                Vec::new()
            };
            self.ad(
                rng,
                LONE_SITES[k % LONE_SITES.len()],
                String::new(),
                shown,
                phones,
                TOWNS[(k * 3) % TOWNS.len()],
            );
        }
    }

    fn ad(
        &mut self,
        rng: &Rng,
        site: usize,
        network: String,
        shown: Vec<(usize, &'static Edit)>,
        phones: Vec<String>,
        location: &'static str,
    ) {
        let house = &SITES[site];
        let ad_id = format!("{}{}", house.letter, 1007 + 13 * self.ads.len());
        let path = |k: usize| format!("{}/{ad_id}_{k}.{}", house.name, house.extension());
        let copies = shown
            .into_iter()
            .enumerate()
            .map(|(k, (shot, edit))| Copy { shot, edit, path: path(k) })
            .collect();
        let posted = rng.below(500_000) as u32;
        let further = if site == BADGE_SITE { vec![badge_path()] } else { Vec::new() };
        let mut sentences = SENTENCES;
        rng.shuffle(&mut sentences);
        self.ads.push(Ad {
            site,
            ad_id,
            network,
            copies,
            further,
            posted,
            collected: posted + 60 + rng.below(9_000) as u32,
            title: format!("{} - {location}", rng.pick(&TITLES)),
            text: sentences[..3].join(" "),
            phones,
            location,
        });
    }
}

fn drawn(rng: &Rng) -> &'static Edit {
    // Plain re-uploads dominate, as they do in the wild.
    if rng.chance(0.35) { &edit::AS_IS } else { &edit::COMMON[1 + rng.below(edit::COMMON.len() - 1)] }
}

/// A phone number as people write it: never twice the same way.
fn written(rng: &Rng, number: &str) -> String {
    match rng.below(4) {
        0 => number.to_string(),
        1 => number.replace('-', " "),
        2 => format!("(000) {number}"),
        _ => format!("+1 000 {number}"),
    }
}
