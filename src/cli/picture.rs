//! `compare --picture`: the evidence picture of a pair, from the originals to a PNG file.

use adlink::Error;
use adlink::decode::{Limits, decode_rgb};
use adlink::ingest::read_file;
use adlink::picture::{Alignment, Look, Panels, Rgb, Sheet, Start};
use adlink::record::Image;
use clap::Args;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
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
    args: &PictureArgs,
    sides: &[(&Path, &Image); 2],
    starts: &[Start],
    verdict: &str,
) -> adlink::Result<Drawn> {
    spare_originals(out, sides)?;
    let (a, b) = (load(sides[0].0)?, load(sides[1].0)?);
    let alignment = Alignment::new(&a, &b, starts);
    let look = Look { side: args.side, blurred: args.blurred, grey: args.grey };
    let panels = Panels::new(&a, &b, alignment.as_ref(), look);
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
    let to_stdout = out == Path::new("-");
    sheet
        .png(&metadata)
        .and_then(|bytes| if to_stdout { to_standard_output(&bytes) } else { to_file(out, &bytes) })
        .map_err(|error| Error::io("write", out, error))?;
    Ok(Drawn { to_stdout, path: out.to_path_buf(), laid })
}

fn to_standard_output(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Created for its owner alone: it shows what the originals show.
fn to_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// Originals are never written to, not even by mistake.
fn spare_originals(out: &Path, sides: &[(&Path, &Image); 2]) -> adlink::Result<()> {
    let Ok(target) = out.canonicalize() else { return Ok(()) };
    let is_target = |path: &Path| path.canonicalize().is_ok_and(|path| path == target);
    match sides.iter().any(|(path, _)| is_target(path)) {
        true => Err(Error::Parameter {
            name: "--picture",
            value: out.display().to_string(),
            expected: "another file than the images compared".into(),
        }),
        false => Ok(()),
    }
}

/// The original in colour; it was read a moment ago, so what fails now fails for a new reason.
fn load(path: &Path) -> adlink::Result<Rgb> {
    let limits = Limits::default();
    read_file(path, &limits)
        .and_then(|bytes| decode_rgb(&bytes, &limits))
        .map(Rgb::from)
        .map_err(|error| Error::io("use", path, io::Error::other(error)))
}
