//! One picture of all panels with captions: what `compare --picture` writes.
//!
//! Upper row: the two images, the shared part outlined. Lower row: the second laid on the first, and what differs.
//! Captions say which is which in words; names of files stay out, for they are anybody's text.

use super::Panels;
use super::font;
use super::font::{ADVANCE, LINE};
use super::rgb::Rgb;

const PAPER: [u8; 3] = [250, 250, 248];
const INK: [u8; 3] = [28, 31, 34];
const MARGIN: u32 = 24;
const GAP: u32 = 8;
/// Room for a caption, whatever the size of the pictures.
const NARROWEST: u32 = 44 * ADVANCE;

/// What stands beside the panels.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'t> {
    /// Caption of the first image, behind `A`.
    pub a: &'t str,
    /// Caption of the second image, behind `B`.
    pub b: &'t str,
    /// What the pair comes to, a paragraph each.
    pub words: &'t [String],
}

impl Sheet<'_> {
    /// Draws the sheet: about 1,300 pixels wide at the default size of panels.
    pub fn draw(&self, panels: &Panels) -> Rgb {
        let captions = (format!("A  {}", self.a), format!("B  {}", self.b));
        let mut rows = vec![[(captions.0, panels.a_outlined()), (captions.1, panels.b_outlined())]];
        if let Some(laid) = &panels.laid {
            rows.push([
                ("B laid on A".into(), laid.b_on_a.clone()),
                ("Difference, twice: black is alike".into(), laid.difference.clone()),
            ]);
        }
        let column = |k: usize| rows.iter().map(|row| row[k].1.width).max().unwrap_or(0).max(NARROWEST);
        let columns = [column(0), column(1)];
        let width = 3 * MARGIN + columns[0] + columns[1];
        let lines: Vec<String> = self
            .words
            .iter()
            .flat_map(|words| wrapped(words, ((width - 2 * MARGIN) / ADVANCE) as usize))
            .collect();
        let row_height =
            |row: &[(String, Rgb); 2]| LINE + GAP + row[0].1.height.max(row[1].1.height) + MARGIN;
        let height = 2 * MARGIN + rows.iter().map(row_height).sum::<u32>() + LINE * lines.len() as u32;
        let mut sheet = Rgb::flat(width, height, PAPER);
        let mut top = MARGIN;
        for row in &rows {
            for ((caption, picture), left) in row.iter().zip([MARGIN, 2 * MARGIN + columns[0]]) {
                font::write(&mut sheet, left, top, caption, INK);
                paste(&mut sheet, picture, left, top + LINE + GAP);
            }
            top += row_height(row);
        }
        for line in &lines {
            font::write(&mut sheet, MARGIN, top, line, INK);
            top += LINE;
        }
        sheet
    }
}

/// Copies a picture that fits.
fn paste(sheet: &mut Rgb, picture: &Rgb, left: u32, top: u32) {
    for y in 0..picture.height {
        for x in 0..picture.width {
            sheet.set(left + x, top + y, picture.at(x, y));
        }
    }
}

/// Lines of at most `most` characters, broken at blanks where there are any.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.replace(" %", "%").split_whitespace() {
        let line = lines.last_mut().expect("one line from the start");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= most {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(wrapped("one two  three", 8), ["one two", "three"]);
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn pictures_of_any_size_fit() {
        for (a, b) in [((1, 1), (1, 1)), ((640, 3), (2, 640))] {
            let flat = |(width, height)| Rgb::flat(width, height, [1, 2, 3]);
            let panels = Panels { a: flat(a), b: flat(b), laid: None };
            let sheet = Sheet { a: "first", b: "second", words: &["nothing shared".into()] }.draw(&panels);
            assert!(sheet.width > 2 * NARROWEST && sheet.pixels.iter().any(|&value| value == INK[0]));
        }
    }
}
