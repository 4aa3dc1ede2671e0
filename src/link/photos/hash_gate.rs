//! Near hashes that pixels bear out, asked for as late as possible: only what would put two photos together.
//!
//! Most near hashes need nobody's word. Of pages, codes, forms, and of photos that are near the limit, the views that are
//! near are laid over each other, a batch at a time. The trap: among a thousand screenshots of one site each is near
//! every other. A class that was refused often enough by what shares its design is not asked about again. And what is
//! asked in passing is of the edges handed in, so these must be tied to each other: whatever else a corpus holds must not
//! change what is asked.

use super::pixel_checks::{Ask, PixelChecks};
use super::pixel_result::Way;
use crate::corpus::{HashClassRow, ImageRow, Row, Rows, Snapshot};
use crate::features::texture::TextureMap;
use crate::link::candidates::{HashClasses, HashEdge};
use crate::link::options::LinkOptions;
use crate::sets::Roots;
use crate::verify::hash_doubt::{self, Doubt};
use crate::verify::parts::of_rect;
use crate::verify::verdict::{self, Shared};
use crate::verify::{ViewDistance, near_views};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Questions about edges that are tied to each other, put at once.
const BATCH: usize = 256;
/// Refusals after which a class is not asked about any more.
const MOST_REFUSALS: u8 = 16;

/// What kind of thing every image is, and what near hashes of two of them are worth.
pub(crate) struct Doubts<'a> {
    snapshot: &'a Snapshot,
    options: &'a LinkOptions,
    /// Is an image mostly photo?
    photo: Rows<ImageRow, bool>,
}

/// Views that are near, and what they need.
pub(crate) struct NearViews {
    pub(crate) line: ViewDistance,
    pub(crate) doubt: Doubt,
}

impl<'a> Doubts<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, options: &'a LinkOptions) -> Self {
        let is_photo = |row: usize| {
            let texture = snapshot.features.texture(ImageRow::of(row));
            texture.is_empty() || hash_doubt::is_mostly_photo(&texture.shares())
        };
        let photo: Vec<bool> = (0..snapshot.images.len()).into_par_iter().map(is_photo).collect();
        Self { snapshot, options, photo: photo.into() }
    }

    /// Images that are not mostly photo: equal hashes do not make them one.
    pub(crate) fn not_photos(&self) -> Vec<ImageRow> {
        self.photo.iter().filter(|(_, photo)| !**photo).map(|(row, _)| row).collect()
    }

    /// The least doubtful of what makes two images near, if anything does.
    pub(crate) fn of(&self, a: ImageRow, b: ImageRow) -> Option<NearViews> {
        let images = [a, b].map(|row| &self.snapshot.images[row]);
        let lines = near_views(images[0], images[1], self.options.radius, self.options.min_quality);
        let plain = |line: &ViewDistance| line.tier() == crate::verify::Tier::NearCopy;
        // Most pairs: two photos as they are.
        if let Some(first) = lines.first().filter(|first| plain(first) && self.both_photos(a, b)) {
            let none = TextureMap::default();
            let doubt = hash_doubt::of_views(first, (images[0], &none), (images[1], &none));
            if doubt == Doubt::None {
                return Some(NearViews { line: *first, doubt });
            }
        }
        let textures = [a, b].map(|row| self.snapshot.features.texture(row));
        let near = lines.into_iter().map(|line| {
            let doubt = hash_doubt::of_views(&line, (images[0], &textures[0]), (images[1], &textures[1]));
            NearViews { line, doubt }
        });
        near.min_by_key(|near| near.doubt)
    }

    fn both_photos(&self, a: ImageRow, b: ImageRow) -> bool {
        self.photo[a] && self.photo[b]
    }

    /// The question whether what is near shows the same.
    pub(crate) fn ask(&self, a: ImageRow, b: ImageRow, line: &ViewDistance) -> Ask {
        let part = |row: ImageRow, rect| of_rect(rect, &self.snapshot.images[row]);
        let (one, other) = (part(a, line.rect_a), part(b, line.rect_b));
        let negative = line.is_negative();
        match a < b {
            true => Ask { a, b, way: Way::Parts { a: one, b: other, turn: line.transform, negative } },
            false => {
                let turn = line.transform.inverse();
                Ask { a: b, b: a, way: Way::Parts { a: other, b: one, turn, negative } }
            }
        }
    }
}

/// The two sets that an edge would still put together.
pub(crate) type Open<'o> = dyn Fn(&HashEdge) -> Option<(HashClassRow, HashClassRow)> + 'o;

/// Decides which edges between hash classes stand.
pub(crate) struct HashGate<'a, 's, 'o> {
    pub(crate) doubts: &'a Doubts<'a>,
    classes: &'a HashClasses<'a>,
    pub(crate) pixel_checks: &'o mut PixelChecks<'s>,
    /// By edges of whole pictures and of parts.
    refusals: Rows<HashClassRow, [u8; 2]>,
    /// Sets that the questions of one batch would make.
    together: Roots<HashClassRow>,
    /// Edges that do not stand.
    refused: BTreeSet<(HashClassRow, HashClassRow)>,
    /// Images that share a design and no photo, as pixels say.
    pub(crate) designs: Vec<(ImageRow, ImageRow)>,
}

impl<'a, 's, 'o> HashGate<'a, 's, 'o> {
    pub(crate) fn new(
        doubts: &'a Doubts<'a>,
        classes: &'a HashClasses<'a>,
        pixel_checks: &'o mut PixelChecks<'s>,
    ) -> Self {
        let (refusals, together) = (Rows::filled([0; 2], classes.len()), Roots::new(classes.len()));
        Self {
            doubts,
            classes,
            pixel_checks,
            refusals,
            together,
            refused: BTreeSet::new(),
            designs: Vec::new(),
        }
    }

    /// Does the first of these edges stand? When pixels have to be asked first, the questions: its own, and those about
    /// further ones of these edges in passing. `open` says whether an edge would still put two sets together.
    pub(crate) fn allows<'e>(
        &mut self,
        edges: impl Iterator<Item = &'e HashEdge> + Clone,
        open: &Open,
    ) -> Result<bool, Vec<Ask>> {
        let Some(edge) = edges.clone().next() else { return Ok(false) };
        let key = (edge.a, edge.b);
        if self.refused.contains(&key) {
            return Ok(false);
        }
        let (a, b) = self.rows(edge);
        let Some(near) = self.near(a, b) else { return Ok(false) };
        if near.doubt == Doubt::None {
            return Ok(true);
        }
        if self.is_tired(edge) {
            self.refused.insert(key);
            return Ok(false);
        }
        let Some(answer) = self.pixel_checks.of_parts(a, b) else { return Err(self.questions(edges, open)) };
        let allowed = match answer.and_then(|aligned| aligned.check) {
            // No pixels: by the hashes.
            None => true,
            Some(check) => self.judge(edge, verdict::by_hashes(&check, near.doubt)),
        };
        if !allowed {
            self.refused.insert(key);
        }
        Ok(allowed)
    }

    /// What makes two images near; under one watermark that is in doubt always.
    fn near(&self, a: ImageRow, b: ImageRow) -> Option<NearViews> {
        let NearViews { line, doubt } = self.doubts.of(a, b)?;
        let marked = doubt == Doubt::None && self.pixel_checks.are_under_one_watermark(a, b);
        Some(NearViews { line, doubt: if marked { Doubt::Far } else { doubt } })
    }

    fn judge(&mut self, edge: &HashEdge, shared: Shared) -> bool {
        if shared == Shared::Photo {
            return true;
        }
        for class in [edge.a, edge.b] {
            let refusals = &mut self.refusals[class][usize::from(edge.cost.is_part())];
            *refusals = refusals.saturating_add(1);
        }
        if shared == Shared::Design {
            let (a, b) = self.rows(edge);
            self.designs.push((a.min(b), a.max(b)));
        }
        false
    }

    fn is_tired(&self, edge: &HashEdge) -> bool {
        [edge.a, edge.b]
            .iter()
            .any(|class| self.refusals[*class][usize::from(edge.cost.is_part())] >= MOST_REFUSALS)
    }

    /// The question of the first of these edges, and those of others whose answers do not hang on each other's.
    fn questions<'e>(&mut self, edges: impl Iterator<Item = &'e HashEdge>, open: &Open) -> Vec<Ask> {
        let (mut asks, mut touched) = (Vec::new(), Vec::new());
        for edge in edges.take(64 * BATCH) {
            if asks.len() >= BATCH {
                break;
            }
            let sets = open(edge);
            touched.extend(sets.into_iter().flat_map(|(x, y)| [x, y]));
            let free = sets.is_some_and(|(x, y)| self.together.join(x, y));
            if !free || self.refused.contains(&(edge.a, edge.b)) || self.is_tired(edge) {
                continue;
            }
            let (a, b) = self.rows(edge);
            asks.extend(
                self.near(a, b)
                    .filter(|near| near.doubt != Doubt::None)
                    .map(|near| self.doubts.ask(a, b, &near.line)),
            );
        }
        self.together.part(touched);
        asks
    }

    /// Was this edge asked about, or left out, and does it not stand?
    pub(crate) fn has_refused(&self, edge: &HashEdge) -> bool {
        self.refused.contains(&(edge.a, edge.b))
    }

    /// The images that stand for the classes of an edge.
    fn rows(&self, edge: &HashEdge) -> (ImageRow, ImageRow) {
        (self.classes.images_of(edge.a)[0], self.classes.images_of(edge.b)[0])
    }
}
