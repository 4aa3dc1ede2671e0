//! Hash lists as CSV and JSON Lines.
//!
//! `error` is empty for a usable file. In CSV a view is a row of its own, marked in the columns `view` and
//! `rect` (`x,y,width,height`), which exist only when views were asked for.

use super::{HashColumns, HashList};
use crate::error::{Error, ImageError, Result};
use crate::hash::{Dihedral, Pdq};
use crate::record::{Image, Rect, ViewKind, hex};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::PathBuf;

/// `path,sha256,width,height,pdq,quality,error`, and what [`HashColumns`] adds.
pub struct CsvHashes<W: Write> {
    out: csv::Writer<W>,
    columns: HashColumns,
    target: PathBuf,
}

impl<W: Write> CsvHashes<W> {
    /// Writes the header. `target` names the output in errors.
    ///
    /// # Errors
    /// When the output cannot be written to.
    pub fn new(out: W, target: impl Into<PathBuf>, columns: HashColumns) -> Result<Self> {
        let mut list = Self { out: csv::Writer::from_writer(out), columns, target: target.into() };
        let mut header = vec!["path", "sha256", "width", "height", "pdq", "quality", "error"];
        if columns.dihedral {
            header.extend(Dihedral::ALL[1..].iter().map(|transform| transform.name()));
        }
        if columns.views {
            header.extend(["view", "rect"]);
        }
        if columns.digests {
            header.extend(["md5", "sha1"]);
        }
        list.row(&header)?;
        Ok(list)
    }

    fn row<T: AsRef<[u8]>>(&mut self, fields: &[T]) -> Result<()> {
        self.out.write_record(fields).map_err(|error| write_error(&self.target, io::Error::other(error)))
    }

    fn hash_row(&mut self, path: &str, image: &Image, kind: ViewKind, rect: Rect, pdq: &Pdq) -> Result<()> {
        let mut fields = vec![
            path.to_string(),
            image.id().to_string(),
            image.width.to_string(),
            image.height.to_string(),
            pdq.hash().to_string(),
            pdq.quality.to_string(),
            String::new(),
        ];
        if self.columns.dihedral {
            fields.extend(Dihedral::ALL[1..].iter().map(|&transform| pdq.oriented(transform).to_string()));
        }
        if self.columns.views {
            fields.push(kind.name().into());
            fields.push(format!("{},{},{},{}", rect.x, rect.y, rect.width, rect.height));
        }
        if self.columns.digests {
            fields.extend([
                known_hex(&image.digests.md5).unwrap_or_default(),
                known_hex(&image.digests.sha1).unwrap_or_default(),
            ]);
        }
        self.row(&fields)
    }
}

impl<W: Write> HashList for CsvHashes<W> {
    fn write(&mut self, path: &str, outcome: &Result<Image, ImageError>) -> Result<()> {
        match outcome {
            Ok(image) => {
                self.hash_row(path, image, ViewKind::Whole, whole(image), &image.pdq)?;
                let views = if self.columns.views { &*image.views } else { &[] };
                views.iter().try_for_each(|view| self.hash_row(path, image, view.kind, view.rect, &view.pdq))
            }
            Err(error) => {
                let mut fields = vec![String::new(); 7];
                fields[0] = path.into();
                fields[6] = error.to_string();
                let HashColumns { dihedral, views, digests, .. } = self.columns;
                let more = 7 * usize::from(dihedral) + 2 * usize::from(views) + 2 * usize::from(digests);
                fields.resize(7 + more, String::new());
                self.row(&fields)
            }
        }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(|error| write_error(&self.target, error))
    }
}

/// One object a line, with digests, views and caveats.
pub struct JsonHashes<W: Write> {
    out: W,
    columns: HashColumns,
    target: PathBuf,
}

impl<W: Write> JsonHashes<W> {
    /// `target` names the output in errors.
    pub fn new(out: W, target: impl Into<PathBuf>, columns: HashColumns) -> Self {
        Self { out, columns, target: target.into() }
    }

    fn object(&self, path: &str, image: &Image) -> Value {
        let mut object = Map::new();
        object.insert("path".into(), path.into());
        object.insert("sha256".into(), image.id().to_string().into());
        object.insert("sha1".into(), hex(&image.digests.sha1).into());
        object.insert("md5".into(), hex(&image.digests.md5).into());
        object.insert("bytes".into(), image.bytes.into());
        object.insert("format".into(), (*image.format).into());
        object.insert("width".into(), image.width.into());
        object.insert("height".into(), image.height.into());
        object.insert("caveats".into(), image.caveats.names().into());
        object.extend(self.hashes(&image.pdq));
        object.insert("second".into(), image.second.map(|hash| hash.to_string()).into());
        if self.columns.views {
            let view = |view: &crate::record::View| {
                let rect = [view.rect.x, view.rect.y, view.rect.width, view.rect.height];
                let mut entry =
                    Map::from_iter([("view".into(), view.kind.name().into()), ("rect".into(), json!(rect))]);
                entry.extend(self.hashes(&view.pdq));
                Value::Object(entry)
            };
            object.insert("views".into(), image.views.iter().map(view).collect());
        }
        Value::Object(object)
    }

    fn hashes(&self, pdq: &Pdq) -> Map<String, Value> {
        let transforms = if self.columns.dihedral { &Dihedral::ALL[1..] } else { &[] };
        let mut fields = Map::new();
        fields.insert("pdq".into(), pdq.hash().to_string().into());
        fields.insert("quality".into(), pdq.quality.get().into());
        fields.extend(
            transforms
                .iter()
                .map(|&transform| (transform.name().into(), pdq.oriented(transform).to_string().into())),
        );
        fields
    }
}

impl<W: Write> HashList for JsonHashes<W> {
    fn write(&mut self, path: &str, outcome: &Result<Image, ImageError>) -> Result<()> {
        let object = match outcome {
            Ok(image) => self.object(path, image),
            Err(error) => {
                json!({"path": path, "error": {"reason": error.reason.name(), "detail": error.detail}})
            }
        };
        writeln!(self.out, "{object}").map_err(|error| write_error(&self.target, error))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(|error| write_error(&self.target, error))
    }
}

/// The whole picture as a rectangle.
pub(super) fn whole(image: &Image) -> Rect {
    Rect { x: 0, y: 0, width: image.width, height: image.height }
}

fn write_error(target: &std::path::Path, source: io::Error) -> Error {
    Error::io("write to", target, source)
}

/// A digest in hex; `None` for one that nobody gave, which is all zeros.
pub(crate) fn known_hex(digest: &[u8]) -> Option<String> {
    digest.iter().any(|byte| *byte != 0).then(|| hex(digest))
}
