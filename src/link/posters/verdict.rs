//! What is known about one photo: what somebody said, what its ads said, and what follows.
//!
//! The trap: a confirmed photo keeps its ballot, and is neither common nor shown by many contacts because of it.

use crate::corpus::{PhotoRow, Rows};
use crate::link::findings::CommonReason;

/// Independent posters from which a photo is common.
const MANY: f64 = 4.0;

/// Independent posters from which a photo ties nobody together who shares nothing else.
const SEVERAL: f64 = 3.0;

/// What one counts who shows it inside a design of its own: all else in the two pictures differs.
const IN_DESIGN: f64 = 1.5;

/// What the ads of a photo said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Ballot {
    /// Parts of the ads that share nothing but this photo.
    pub(crate) parts: u32,
    /// Independent posters who show photos of their own beside it.
    pub(crate) with_own: f64,
    /// Independent posters who give a contact and show nothing else.
    pub(crate) contact_only: f64,
    /// Independent posters who show it inside a design of their own and nothing else.
    pub(crate) in_designs: f64,
    /// Does one part show it so often that it is its own?
    pub(crate) owned: bool,
    /// Were parts made one because they say the same but for numbers? Then it is a template with words of its own.
    pub(crate) same_text: bool,
}

/// What somebody said about a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    /// It is common, for this reason.
    Common(CommonReason),
    /// A reviewer confirmed it: it is one photo, and its links count.
    Confirmed,
}

/// What is known about one photo.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Verdict {
    /// Why it is common, if it is.
    pub(crate) reason: Option<CommonReason>,
    /// Neither common nor glue: many contacts show it.
    pub(crate) many_contacts: bool,
    /// A reviewer's word stands for it.
    pub(crate) confirmed: bool,
    pub(crate) ballot: Ballot,
}

/// Of each photo.
pub(crate) type Verdicts = Rows<PhotoRow, Verdict>;

impl Verdict {
    pub(super) fn said(said: Said) -> Self {
        let reason = if let Said::Common(reason) = said { Some(reason) } else { None };
        Self { reason, confirmed: said == Said::Confirmed, ..Self::default() }
    }

    /// May it join ads that share nothing else?
    pub(crate) const fn is_glue(&self) -> bool {
        self.reason.is_none() && !self.many_contacts
    }

    /// Do both take the photo for the same?
    pub(super) fn says_as(&self, other: &Self) -> bool {
        (self.reason, self.many_contacts) == (other.reason, other.many_contacts)
    }

    pub(super) fn on(self, ballot: Ballot) -> Self {
        let mut new = Self { ballot, many_contacts: false, ..self };
        if self.reason.is_none() && !self.confirmed {
            let Ballot { with_own, contact_only, in_designs, owned, .. } = ballot;
            if with_own >= MANY && with_own > contact_only && !owned {
                new.reason = Some(CommonReason::Stock);
            } else {
                new.many_contacts = with_own + contact_only + IN_DESIGN * in_designs >= SEVERAL;
            }
        }
        new
    }
}
