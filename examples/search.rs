//! Which ads of a case show these photos? `cargo run --release --example search -- CASE PHOTO...`
//!
//! Finds copies by hash, then crops and pages by local features. The trap: rows of hits are rows of the snapshot that
//! comes with the answers, which may hold no more of the case than what answers.

use adlink::{Case, SearchOptions, SearchedCase, analyse_file};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let case = Case::open_read(&arguments.next().ok_or("usage: search CASE PHOTO...")?)?;
    let photos: Vec<PathBuf> = arguments.collect();
    let options = SearchOptions { queries: photos.len(), ..SearchOptions::default() };
    let searched = SearchedCase::read(&case, &options)?;
    let searcher = searched.searcher()?;
    let mut out = std::io::stdout();
    for photo in &photos {
        let found = searcher.find(&[&analyse_file(photo)?])?;
        let answer = &found.answers[0];
        let parts = answer.parts.iter().map(|hit| (hit.image, hit.local.tier));
        let hits = answer.hits.iter().map(|hit| (hit.image, hit.proof.as_ref().map(|proof| proof.tier)));
        for (image, tier) in hits.chain(parts) {
            for seen in found.snapshot.sightings.iter().filter(|seen| seen.image == image) {
                let tier = tier.map_or("near", |tier| tier.name());
                writeln!(out, "{}: {tier}, {}", photo.display(), found.snapshot.ads[seen.ad].key)?;
            }
        }
    }
    Ok(())
}
