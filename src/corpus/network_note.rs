//! What reviewers call a network, and what they note of it.
//!
//! Networks change whenever a case is linked again, so a note is bound to the ads that the network had, by what ads are
//! remembered by; where these are now is told by [`NetworkNotes`](crate::view::NetworkNotes). The trap: its number says
//! what the network was called then, and binds nothing.

#[cfg(feature = "case")]
use super::decision_form::{cleaned, limited, refused, reviewer_name};
use super::reported::ShortId;
#[cfg(feature = "case")]
use crate::error::Result;

/// Characters of a network's name.
#[cfg(feature = "case")]
const MAX_NAME: usize = 120;
/// Characters of a note.
#[cfg(feature = "case")]
const MAX_TEXT: usize = 4000;

/// What somebody gave a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// A name of its own.
    Name,
    /// A note.
    Note,
}

impl NoteKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Name, Self::Note];

    /// Name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Note => "note",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A name or a note given to a network. Never changed, only followed by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkNote {
    /// Which of the two.
    pub kind: NoteKind,
    /// What it says. A name is one line; an empty one takes the name back.
    pub text: String,
    /// Who gave it, as they named themselves.
    pub reviewer: String,
    /// When, ISO 8601 UTC; empty on its way into a case: now.
    pub at: String,
    /// The number that the network had.
    pub network: u32,
    /// The ads that the network had, by [`short_id`](super::short_id); sorted. What is withdrawn or purged is gone from
    /// it.
    pub ads: Vec<ShortId>,
}

/// The note in its one written form, or which field cannot be.
#[cfg(feature = "case")]
pub(crate) fn checked_note(note: &NetworkNote) -> Result<NetworkNote> {
    let text = match note.kind {
        NoteKind::Name => cleaned(&note.text),
        NoteKind::Note => note.text.replace("\r\n", "\n").trim().to_string(),
    };
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    match note.kind {
        NoteKind::Name => limited("name", &text, 0, MAX_NAME, hidden)?,
        NoteKind::Note => limited("note", &text, 1, MAX_TEXT, hidden)?,
    }
    let mut ads = note.ads.clone();
    ads.sort_unstable();
    ads.dedup();
    if ads.len() < 2 {
        return Err(refused("network", &format!("{} ads", ads.len()), "a network: two ads or more".into()));
    }
    Ok(NetworkNote { text, reviewer: reviewer_name(&note.reviewer)?, ads, ..note.clone() })
}
