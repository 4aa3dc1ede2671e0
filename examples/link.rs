//! Which ads share photos? `cargo run --release --example link -- CASE ADS...`: a manifest, or a folder of ads.
//!
//! The case keeps what was hashed, so a second run with more ads reads only those. The trap: a link is about photos.
//! Two ads with one photo need not have one poster, and their networks say how rare the photo is.

use adlink::{Case, IngestOptions, LinkOptions, Silent, ingest, link_case};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let path = arguments.next().ok_or("usage: link CASE ADS...")?;
    let inputs: Vec<_> = arguments.map(Into::into).collect();
    let mut case = Case::open_or_create(&path)?;
    ingest(&mut case, &inputs, &IngestOptions::default(), &Silent)?;

    let linked = link_case(&mut case, &LinkOptions::default(), &Silent)?;
    let (snapshot, findings) = (&linked.snapshot, &linked.findings);
    let mut out = std::io::stdout();
    for link in &findings.links {
        let (a, b) = (&snapshot.ads[link.a].key, &snapshot.ads[link.b].key);
        writeln!(out, "{a} - {b}: weight {:.1}, {} photos", link.weight(), link.evidence.len())?;
    }
    for network in &findings.networks {
        writeln!(out, "network {}: {} ads", network.id, network.ads.len())?;
    }
    Ok(())
}
