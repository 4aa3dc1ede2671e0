//! Do two files show the same photo? `cargo run --release --example hash -- A.jpg B.jpg`
//!
//! Hashes alone are enough for copies; features and pixels find crops and pages. The trap: a same-scene result is a
//! lead, another photo of the same room, and never the same photo.

use adlink::{Tier, analyse_file, compare};
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(first), Some(second)) = (arguments.next(), arguments.next()) else {
        return Err("usage: hash A B".into());
    };
    let (a, b) = (analyse_file(&first)?, analyse_file(&second)?);
    let mut out = std::io::stdout();
    for (path, side) in [(&first, &a), (&second, &b)] {
        let pdq = side.image.pdq;
        writeln!(out, "{}  quality {:>3}  {}", pdq.hash(), pdq.quality, path.display())?;
    }
    let comparison = compare(&a, &b);
    match comparison.tier() {
        Some(Tier::SameScene) => writeln!(out, "another photo of the same scene, it seems: a lead")?,
        Some(tier) => writeln!(out, "same photo: {tier}")?,
        None => writeln!(out, "not shown to be the same photo")?,
    }
    Ok(())
}
