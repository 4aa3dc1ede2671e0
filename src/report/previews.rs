//! Previews inside the report, where somebody asked for them. The report itself reads no file.

use crate::corpus::{ImageRow, LinkRow, PhotoRow};
use crate::language::say;
use crate::picture::{PreviewForm, SmallPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The pictures of a link, or why there are none, as a sentence.
pub type LinkPictures = Result<SmallPair, String>;

/// Small pictures of photos; none at all by default.
#[derive(Debug, Clone, Default)]
pub struct Previews {
    /// How much of them is left to see; `None` when there are none.
    pub form: Option<PreviewForm>,
    /// By index of the photo group, as JPEG.
    pub jpegs: BTreeMap<PhotoRow, Vec<u8>>,
    /// Photos of which no original was there any more.
    pub missing: usize,
    /// Copies of the photos of leading networks, by image row, as JPEG.
    pub copies: BTreeMap<ImageRow, Vec<u8>>,
    /// Pictures of the links that the leading networks hang on, by index of the link.
    pub links: BTreeMap<LinkRow, LinkPictures>,
}

impl Previews {
    /// How many pictures there are.
    pub fn embedded(&self) -> usize {
        let of_links: usize = self.links.values().flatten().map(SmallPair::pictures).sum();
        self.jpegs.len() + self.copies.len() + of_links
    }

    /// What the page's policy must allow beside its style.
    pub(super) fn policy(&self) -> &'static str {
        if self.form.is_some() { "; img-src data:" } else { "" }
    }

    /// The preview of a photo called `name`.
    pub(super) fn show(&self, group: PhotoRow, name: &str) -> Markup {
        let Some(form) = self.form else { return html! {} };
        let alt = say!("Preview of {photo}, {form}", photo = name, form = say(form.name()));
        html! {
            @match self.jpegs.get(&group) {
                Some(jpeg) => { img.preview src=(source(jpeg)) alt=(alt); }
                None => { p.minor { (say!("No preview: no original of {photo} was there.", photo = name)) } }
            }
        }
    }

    /// What a reader must know before handing the report on.
    pub(super) fn warning(&self) -> Markup {
        html! {
            @if let Some(form) = self.form {
                p.note.embedded role="note" {
                    @if form == PreviewForm::Clear {
                        strong { (say!("This file holds pictures.")) }
                        (say!(
                            "Small pictures of photos in the ads, not blurred. Handle it like the photos themselves, and do not \
                             pass it on."
                        ))
                    } @else {
                        strong { (say!("This file holds blurred pictures.")) }
                        (say!(
                            "Small pictures of photos in the ads, blurred: colours and masses are left, nothing finer. Handle it \
                             with the same care as the case."
                        ))
                    }
                }
            }
        }
    }
}

/// A JPEG inside the page.
pub(super) fn source(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown_unless_asked_for() {
        let none = Previews { jpegs: BTreeMap::from([(PhotoRow(3), vec![1])]), ..Previews::default() };
        assert_eq!(
            none.show(PhotoRow(3), "P1").into_string() + &none.warning().into_string() + none.policy(),
            ""
        );
        let some = Previews { form: Some(PreviewForm::Blurred), ..none };
        assert!(some.show(PhotoRow(3), "P1").into_string().contains("base64,AQ=="));
        assert!(some.show(PhotoRow(4), "P2").into_string().contains("No preview"));
    }
}
