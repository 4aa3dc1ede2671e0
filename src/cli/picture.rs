//! `compare --picture`: the evidence picture of a pair, from the originals to a PNG file.

use super::sink::OutputSink;
use adlink::Error;
use adlink::analysis::read_file;
use adlink::decode::{Limits, decode_rgb};
use adlink::picture::{Alignment, PanelStyle, Panels, Rgb, Sheet, Start};
use adlink::record::Image;
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Args, Clone)]
pub(super) struct PictureArgs {
    /// Write a picture of both images to this PNG file (- for standard output): what they share outlined, the
    /// second laid on the first, what differs
    #[arg(long, value_name = "OUT.png")]
    pub(super) picture: Option<PathBuf>,
    /// In the picture, leave colours and masses only
    #[arg(long, requires = "picture")]
    blurred: bool,
    /// In the picture, leave out colours
    #[arg(long, requires = "picture")]
    grey: bool,
    /// Longest side of each of its panels, in pixels
    #[arg(long, requires = "picture", value_name = "PIXELS", default_value_t = 640, value_parser = clap::value_parser!(u32).range(64..=4096))]
    side: u32,
}

/// What the picture shows.
pub(super) struct Drawn {
    pub(super) to_stdout: bool,
    path: PathBuf,
    /// How the first image lies on the second, and the median difference there.
    laid: Option<(Alignment, u8)>,
}

impl Drawn {
    pub(super) fn words(&self) -> String {
        format!("\n{}\nwritten to {}\n", words(self.laid.as_ref()), self.path.display())
    }

    pub(super) fn json(&self) -> Value {
        let laid = self.laid.as_ref();
        json!({
            "path": self.path.to_string_lossy(),
            "words": words(laid),
            "overlap_a": laid.map(|(alignment, _)| alignment.overlap.share_a),
            "overlap_b": laid.map(|(alignment, _)| alignment.overlap.share_b),
            "polygon_a": laid.map(|(alignment, _)| &alignment.overlap.polygon_a),
            "polygon_b": laid.map(|(alignment, _)| &alignment.overlap.polygon_b),
            "correlation": laid.map(|(alignment, _)| alignment.correlation),
            "median_difference": laid.map(|(_, difference)| difference),
        })
    }
}

fn words(laid: Option<&(Alignment, u8)>) -> String {
    match laid {
        Some((alignment, difference)) => format!(
            "laid over each other: {}; half of that differs by {difference} of 255 levels or less",
            alignment.words()
        ),
        None => "not laid over each other: nothing says how".into(),
    }
}

/// Draws two images and writes the sheet.
pub(super) fn draw(
    out: &Path,
    sink: OutputSink,
    args: &PictureArgs,
    sides: &[(&Path, &Image); 2],
    starts: &[Start],
    verdict: &str,
) -> adlink::Result<Drawn> {
    let (a, b) = (load(sides[0].0)?, load(sides[1].0)?);
    let alignment = Alignment::new(&a, &b, starts);
    let style = PanelStyle { side: args.side, blurred: args.blurred, grey: args.grey };
    let panels = Panels::new(&a, &b, alignment.as_ref(), style);
    let laid = alignment.zip(panels.laid.as_ref().map(|laid| laid.median_difference));
    let caption = |image: &Image| {
        let id = image.id().to_string();
        format!("{} x {}, SHA-256 {}", image.width, image.height, &id[..16])
    };
    let text = [verdict.trim().to_string(), words(laid.as_ref())];
    let sheet = Sheet { a: &caption(sides[0].1), b: &caption(sides[1].1), words: &text }.draw(&panels);
    let metadata = [
        ("Software", format!("adlink {}", env!("CARGO_PKG_VERSION"))),
        ("Title", "Two images compared".into()),
        ("Description", text.join("\n")),
        ("Image A SHA-256", sides[0].1.id().to_string()),
        ("Image B SHA-256", sides[1].1.id().to_string()),
    ];
    let (to_stdout, name) = (matches!(sink, OutputSink::Stdout), sink.name());
    let mut writer = sink.writer()?;
    let written =
        sheet.png(&metadata).and_then(|bytes| writer.write_all(&bytes).and_then(|()| writer.flush()));
    written.map_err(|error| Error::io("write", name, error))?;
    sink.keep()?;
    Ok(Drawn { to_stdout, path: out.to_path_buf(), laid })
}

/// The original in colour; it was read a moment ago, so what fails now fails for a new reason.
fn load(path: &Path) -> adlink::Result<Rgb> {
    let limits = Limits::default();
    read_file(path, &limits)
        .and_then(|bytes| decode_rgb(&bytes, &limits))
        .map(Rgb::from)
        .map_err(|error| Error::io("use", path, io::Error::other(error)))
}
