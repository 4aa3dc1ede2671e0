//! Why two ads are together, or not: on the fixture against searches that are slow and plain, and as the page tells it.

use super::{Served, Setting, get, post};
use adlink::case::Case;
use adlink::corpus::{AdRow, ImageRow, LinkRow, Row};
use adlink::ingest::{IngestOptions, Input, ingest};
use adlink::link::{Findings, LinkOptions};
use adlink::link_case;
use adlink::progress::Silent;
use adlink::view::{Between, Joined, between};
use axum::http::StatusCode;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tempfile::TempDir;

/// Weight of the link of two ads that holds their network together.
fn weights(findings: &Findings) -> BTreeMap<(AdRow, AdRow), f64> {
    let links = findings.links.iter().filter(|link| link.network.is_some());
    links.flat_map(|link| [((link.a, link.b), link.weight()), ((link.b, link.a), link.weight())]).collect()
}

/// For every two ads that any links tie: the weakest link of the best way, and how few links there can be on such a
/// way.
fn best_ways(
    ads: &[AdRow],
    weights: &BTreeMap<(AdRow, AdRow), f64>,
) -> BTreeMap<(AdRow, AdRow), (f64, usize)> {
    let mut width: BTreeMap<(AdRow, AdRow), f64> = weights.clone();
    for &over in ads {
        for &from in ads {
            for &to in ads {
                let both = width.get(&(from, over)).copied().zip(width.get(&(over, to)).copied());
                let known = width.get(&(from, to)).copied().unwrap_or(f64::NEG_INFINITY);
                if let Some(new) = both.map(|(x, y)| x.min(y)).filter(|new| *new > known && from != to) {
                    width.insert((from, to), new);
                }
            }
        }
    }
    let length = |from: AdRow, to: AdRow, least: f64| {
        let (mut reached, mut steps) = (BTreeSet::from([from]), 0);
        while !reached.contains(&to) {
            let edges = weights.iter().filter(|((x, _), weight)| reached.contains(x) && **weight >= least);
            let next: BTreeSet<AdRow> = edges.map(|((_, y), _)| *y).collect();
            reached.extend(next);
            steps += 1;
        }
        steps
    };
    width.into_iter().map(|((from, to), least)| ((from, to), (least, length(from, to, least)))).collect()
}

#[test]
fn every_two_ads_of_the_fixture_are_told_as_a_plain_search_finds_them() {
    let folder = TempDir::new().unwrap();
    let mut case = Case::open_or_create(&folder.path().join("case.adlink")).unwrap();
    let ads = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ads/ads.jsonl");
    ingest(&mut case, &[Input::Path(ads)], &IngestOptions::default(), &Silent).unwrap();
    let linked = link_case(&mut case, &LinkOptions::default(), &Silent).unwrap();
    let (snapshot, findings) = (&linked.snapshot, &linked.findings);
    let joined = Joined::new(snapshot, findings);
    let rows: Vec<AdRow> = AdRow::all(snapshot.ads.len()).collect();
    let weights = weights(findings);
    let best = best_ways(&rows, &weights);
    let images =
        |ad: AdRow| joined.sightings_of_ad(ad).map(|seen| seen.image).collect::<BTreeSet<ImageRow>>();
    let (mut together, mut far, mut left_out, mut leads) = (0, 0, 0, 0);
    for &a in &rows {
        for &b in &rows {
            let link = findings.links.iter().position(|l| (l.a, l.b) == (a.min(b), a.max(b)));
            let link = link.map(LinkRow::of);
            match between(&joined, a, b) {
                Between::Same => assert_eq!(a, b),
                Between::Together(chain) => {
                    let steps = &chain.steps;
                    assert_eq!((steps[0].from, steps[steps.len() - 1].to), (a, b));
                    assert!(steps.windows(2).all(|two| two[0].to == two[1].from));
                    for step in steps {
                        let link = &findings.links[step.link];
                        let ends = (step.from.min(step.to), step.from.max(step.to));
                        assert!((link.a, link.b) == ends && link.network.is_some());
                    }
                    let least = steps.iter().map(|step| weights[&(step.from, step.to)]);
                    assert_eq!((least.fold(f64::INFINITY, f64::min), steps.len()), best[&(a, b)]);
                    assert_eq!(chain.direct, link.filter(|_| steps.len() > 1));
                    together += 1;
                    far += usize::from(steps.len() > 1);
                }
                Between::Apart(apart) => {
                    assert!(!best.contains_key(&(a, b)), "links lead from one to the other");
                    assert_eq!(apart.left_out, link);
                    if let Some(link) = link {
                        assert!(!joined.left_out(link).is_empty(), "what was left out has its reason");
                        left_out += 1;
                    }
                    let between_them = findings.leads.iter().filter(|lead| {
                        let shows = |ad: AdRow, image: ImageRow| images(ad).contains(&image);
                        shows(a, lead.a) && shows(b, lead.b) || shows(a, lead.b) && shows(b, lead.a)
                    });
                    assert_eq!(apart.leads.len(), between_them.count());
                    leads += apart.leads.len();
                    let named = |ad: AdRow| apart.said[0].contains(&snapshot.ads[ad].key.ad_id);
                    assert!(apart.said.len() > 1 && named(a) && named(b), "{:?}", apart.said);
                }
            }
        }
    }
    assert!(together > 50 && far > 5 && left_out > 5, "{together} {far} {left_out} {leads}");
}

#[tokio::test]
async fn the_page_tells_why_two_ads_are_together_and_after_a_rejection_why_not() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let path = "/ads?ad=a.example%2F1&ad=b.example%2F%3Cimg%20src%3Dx%20onerror%3Dalert%282%29%3E";
    let page = at.page(&who, path).await;
    assert!(page.contains(" are together</h2>") && page.contains("They are linked themselves."), "{page}");
    assert!(page.contains("shown by both") && page.contains("Judge this pair"));
    assert!(!page.contains("<img src=x") && !page.contains("<script>alert") && !page.contains('\u{202e}'));
    at.decide(&who, "reject").await;
    at.networks_follow(&who).await;
    let page = at.page(&who, path).await;
    assert!(page.contains(" are not together</h2>"), "{page}");
    assert!(page.contains("ann said on ") && page.contains("The pair that a reviewer told apart"), "{page}");
}

#[tokio::test]
async fn ads_are_named_by_site_and_id_or_by_an_id_alone_and_others_are_told() {
    let at = Setting::new();
    let who = at.reviewer("ann").await;
    let page = at.page(&who, "/ads?ad=a.example%2F1&ad=3").await;
    assert!(page.contains("No photo that both show was found."), "{page}");
    let page = at.page(&who, "/ads?ad=a.example%2F1&ad=no%2Fad&ad=%3Cb%3E").await;
    assert_eq!(page.matches("There is no ad <strong>").count(), 2, "{page}");
    assert!(!page.contains("<b>"), "{page}");
    for empty in ["/ads", "/ads?ad=&ad=+", "/ads?x=1"] {
        assert!(at.page(&who, empty).await.contains("SITE/AD_ID"), "{empty}");
    }
    let bad = at.send(get("/ads?ad=%FF", Some(&who.cookie))).await.status();
    assert!([StatusCode::OK, StatusCode::BAD_REQUEST].contains(&bad));
    assert_eq!(at.send(post("/ads", &who, "")).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}
