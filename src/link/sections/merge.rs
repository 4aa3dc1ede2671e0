//! The findings of sections put together: rows of sections become rows of the corpus, lists are put in order again.
//!
//! The trap: places in lists of findings (photo groups, links, networks) change as well as rows.

use super::cut::SectionRows;
use crate::corpus::{AdRow, ImageRow, PixelCheck, Row, Rows, Snapshot};
use crate::link::findings::{
    Design, Effect, Evidence, Findings, Link, Network, NetworkRow, Pair, PartialWork,
};
use crate::link::findings::{PhotoGroup, RemovedLink, Seen};
use crate::link::pairs;

/// The findings of a corpus from those of its sections, whose candidates were found at once: so many proposals of features
/// were looked at.
pub(crate) fn merge(
    snapshot: &Snapshot,
    sections: &[SectionRows],
    found: Vec<Findings>,
    candidates: u64,
) -> Findings {
    let mut all = Findings {
        seen: vec![Seen::default(); snapshot.ads.len()],
        decisions: vec![Effect::Absent; snapshot.decisions.len()],
        ..Findings::default()
    };
    let mut removed: Vec<Vec<RemovedLink>> = Vec::new();
    let mut lists = MergedLists::default();
    for (rows, found) in sections.iter().zip(found) {
        let here = InCorpus { rows };
        all.pairs.extend(found.pairs.into_iter().map(|pair| here.pair(pair)));
        all.leads.extend(found.leads.into_iter().map(|lead| here.pair(lead)));
        all.designs.extend(found.designs.into_iter().map(|design| here.design(design)));
        for (seen, &ad) in found.seen.into_iter().zip(&rows.ads) {
            all.seen[ad.index()] = seen;
        }
        for (effect, of_section) in all.decisions.iter_mut().zip(found.decisions) {
            if *effect == Effect::Absent {
                *effect = of_section;
            }
        }
        all.pairs_over_cap += found.pairs_over_cap;
        all.partial = sum(all.partial, found.partial);
        all.pixel_checks.extend(found.pixel_checks);
        lists.groups.push(found.groups.into_iter().map(|group| here.group(group)).collect());
        lists.links.push(found.links.into_iter().map(|link| here.link(link)).collect());
        lists.networks.push(found.networks.into_iter().map(|network| here.network(network)).collect());
        removed.push(found.removed);
    }
    all.pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
    all.leads.sort_unstable_by_key(|lead| (lead.a, lead.b));
    all.designs.sort_unstable_by_key(|design| design.images[0]);
    all.pixel_checks.sort_unstable_by(PixelCheck::cmp);
    all.partial.candidates = candidates;
    (all.certainty, all.expected_false_pairs) =
        pairs::of_pairs(&all.pairs, &all.leads, snapshot.images.len());
    lists.put_together(&mut all, removed);
    all
}

fn sum(one: PartialWork, other: PartialWork) -> PartialWork {
    PartialWork {
        indexed: one.indexed + other.indexed,
        candidates: one.candidates + other.candidates,
        agreeing: one.agreeing + other.agreeing,
        compared: one.compared + other.compared,
        not_compared: one.not_compared + other.not_compared,
        over_cap: one.over_cap + other.over_cap,
    }
}

/// Rows of a section as those of the corpus.
struct InCorpus<'a> {
    rows: &'a SectionRows,
}

impl InCorpus<'_> {
    fn image(&self, row: ImageRow) -> ImageRow {
        self.rows.images[row.index()]
    }

    fn ad(&self, row: AdRow) -> AdRow {
        self.rows.ads[row.index()]
    }

    fn images(&self, rows: Vec<ImageRow>) -> Vec<ImageRow> {
        rows.into_iter().map(|row| self.image(row)).collect()
    }

    fn ads(&self, rows: Vec<AdRow>) -> Vec<AdRow> {
        rows.into_iter().map(|row| self.ad(row)).collect()
    }

    fn pair(&self, pair: Pair) -> Pair {
        Pair { a: self.image(pair.a), b: self.image(pair.b), ..pair }
    }

    fn design(&self, design: Design) -> Design {
        Design { images: self.images(design.images), ads: self.ads(design.ads), ..design }
    }

    fn group(&self, group: PhotoGroup) -> PhotoGroup {
        PhotoGroup { images: self.images(group.images), ads: self.ads(group.ads), ..group }
    }

    fn link(&self, link: Link) -> Link {
        let item = |item: &Evidence| Evidence {
            image_a: self.image(item.image_a),
            image_b: self.image(item.image_b),
            ..item.clone()
        };
        let evidence = link.evidence.iter().map(item).collect();
        Link { a: self.ad(link.a), b: self.ad(link.b), evidence, ..link }
    }

    fn network(&self, network: Network) -> Network {
        Network { ads: self.ads(network.ads), ..network }
    }
}

/// Lists whose items point at each other, one for each section.
#[derive(Default)]
struct MergedLists {
    groups: Vec<Vec<PhotoGroup>>,
    links: Vec<Vec<Link>>,
    networks: Vec<Vec<Network>>,
}

impl MergedLists {
    fn put_together(self, all: &mut Findings, removed: Vec<Vec<RemovedLink>>) {
        // A photo group is named after its first image, and they are in the order of these.
        let (groups, group_places) =
            in_order(self.groups, |x, y| x.id.cmp(&y.id).then(x.images.cmp(&y.images)));
        let (mut links, link_places) = in_order(self.links, |x, y| (x.a, x.b).cmp(&(y.a, y.b)));
        let (mut networks, network_places) =
            in_order(self.networks, |x, y| y.ads.len().cmp(&x.ads.len()).then_with(|| x.id.cmp(&y.id)));
        for (section, link) in &mut links {
            link.evidence = link
                .evidence
                .iter()
                .map(|item| Evidence { group: group_places[*section][item.group], ..item.clone() })
                .collect();
            link.network = link
                .network
                .map(|network| NetworkRow::new(network_places[*section][u32::of(network.index())]));
        }
        for (number, (section, network)) in (1..).zip(&mut networks) {
            network.number = number;
            move_rows(&mut network.links, &link_places[*section]);
            move_rows(&mut network.groups, &group_places[*section]);
            move_rows(&mut network.common, &group_places[*section]);
        }
        let moved = removed.into_iter().zip(&link_places).flat_map(|(removed, places)| {
            removed.into_iter().map(|item| RemovedLink { link: places[item.link], ..item })
        });
        all.removed = moved.collect();
        all.removed.sort_unstable_by_key(|item| item.link);
        all.groups = groups.into_iter().map(|(_, group)| group).collect();
        all.links = links.into_iter().map(|(_, link)| link).collect();
        all.networks = networks.into_iter().map(|(_, network)| network).collect();
    }
}

/// Where each row of a section went.
type MovedRows<K> = Rows<K, K>;

fn move_rows<K: Row>(rows: &mut [K], places: &MovedRows<K>) {
    rows.iter_mut().for_each(|row| *row = places[*row]);
    rows.sort_unstable();
}

/// The items of all sections in order, each with its section; and where each item of a section went.
fn in_order<K: Row, T>(
    sections: Vec<Vec<T>>,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> (Vec<(usize, T)>, Vec<MovedRows<K>>) {
    let mut places: Vec<MovedRows<K>> =
        sections.iter().map(|items| Rows::filled(K::NONE, items.len())).collect();
    let numbered = sections.into_iter().enumerate();
    let mut all: Vec<(usize, usize, T)> = numbered
        .flat_map(|(section, items)| {
            items.into_iter().enumerate().map(move |(place, item)| (section, place, item))
        })
        .collect();
    all.sort_by(|x, y| order(&x.2, &y.2));
    for (place, (section, before, _)) in K::all(all.len()).zip(&all) {
        places[*section][K::of(*before)] = place;
    }
    (all.into_iter().map(|(section, _, item)| (section, item)).collect(), places)
}
