//! What the sections of a corpus have to add up while each is judged: the few figures that no section knows by itself.
//!
//! A section asks in a fixed order, and every section asks the same questions, as what comes next follows from the answers
//! alone. Whoever links a whole corpus is answered with its own figures. The trap: a section that asks what is not known
//! yet is judged again from the start when all have said their share.

use std::collections::BTreeMap;

/// Of the photos that ads of cores show, those that other ads of their core show too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PhotoReuse {
    pub(super) again: u64,
    pub(super) all: u64,
}

/// What one site shows of what another does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SiteMatches {
    /// Ads that show what an ad of the other does.
    pub(super) all: usize,
    /// The later ones of them.
    pub(super) later: usize,
    /// The most of these behind which one poster stands, who never is in two sections.
    pub(super) of_one: usize,
}

impl SiteMatches {
    /// Of two sections.
    fn with(self, other: Self) -> Self {
        let Self { all, later, of_one } = self;
        Self { all: all + other.all, later: later + other.later, of_one: of_one.max(other.of_one) }
    }
}

/// By names: the site with the originals, and the one that may copy them.
pub(crate) type MatchesOfSites = BTreeMap<(String, String), SiteMatches>;

/// The figures of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Total {
    /// How much posters show again.
    Reuse(PhotoReuse),
    /// Whether anything changed, so that all have to be judged anew.
    Changed(bool),
    /// What sites show of each other's ads.
    Mirrors(MatchesOfSites),
}

impl Total {
    /// Of two sections. Questions come in one order, so both are of one kind.
    pub(crate) fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Reuse(a), Self::Reuse(b)) => {
                Self::Reuse(PhotoReuse { again: a.again + b.again, all: a.all + b.all })
            }
            (Self::Changed(a), Self::Changed(b)) => Self::Changed(a || b),
            (Self::Mirrors(mut a), Self::Mirrors(b)) => {
                for (sites, found) in b {
                    let known = a.entry(sites).or_default();
                    *known = known.with(found);
                }
                Self::Mirrors(a)
            }
            (one, _) => one,
        }
    }
}

/// Answers to the questions of one section.
pub(crate) struct Totals<'t> {
    /// In the order of the questions; `None` for a whole corpus.
    known: Option<&'t [Total]>,
    asked: usize,
    /// What the section said to the first question that nobody knows the answer of.
    pub(crate) own: Option<Total>,
}

impl<'t> Totals<'t> {
    /// A whole corpus knows all there is.
    pub(crate) const fn of_whole() -> Self {
        Self { known: None, asked: 0, own: None }
    }

    /// Of a section, as far as the answers are known.
    pub(crate) const fn of_section(known: &'t [Total]) -> Self {
        Self { known: Some(known), asked: 0, own: None }
    }

    pub(super) fn reuse(&mut self, own: PhotoReuse) -> Option<PhotoReuse> {
        match self.add_up(Total::Reuse(own)) {
            Some(Total::Reuse(total)) => Some(total),
            _ => None,
        }
    }

    pub(super) fn changed(&mut self, own: bool) -> Option<bool> {
        match self.add_up(Total::Changed(own)) {
            Some(Total::Changed(total)) => Some(total),
            _ => None,
        }
    }

    pub(super) fn mirrors(&mut self, own: MatchesOfSites) -> Option<MatchesOfSites> {
        match self.add_up(Total::Mirrors(own)) {
            Some(Total::Mirrors(total)) => Some(total),
            _ => None,
        }
    }

    fn add_up(&mut self, own: Total) -> Option<Total> {
        let Some(known) = self.known else { return Some(own) };
        self.asked += 1;
        let total = known.get(self.asked - 1).cloned();
        if total.is_none() {
            self.own = Some(own);
        }
        total
    }
}
