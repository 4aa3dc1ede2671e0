//! Decisions as the desk shows them: the whole case's, whoever made them, ready to be looked up by pair.
//!
//! A decision on a photo group speaks for each pair inside it. The trap: what is in force for *linking* is
//! [`standing`](crate::corpus::standing())'s business; here the question is who has looked at a pair, and whether they
//! agree.

use crate::language::word;
use crate::record::{Decision, ImageId, Ruling, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Why a decision was made that takes another one back.
pub(crate) const UNDONE: &str = "taken back at the desk";

/// The decisions of a case.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    decisions: Vec<Decision>,
    by_pair: BTreeMap<(ImageId, ImageId), Vec<u32>>,
    /// Decisions on photo groups, by each image of them.
    by_image: BTreeMap<ImageId, Vec<u32>>,
}

/// How far two reviewers agree on the pairs that both ruled on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ReviewerAgreement<'d> {
    /// By name.
    pub(crate) reviewers: (&'d str, &'d str),
    /// Pairs that both ruled on firmly.
    pub(crate) pairs: usize,
    /// Those of them on which they say the same.
    pub(crate) alike: usize,
    /// How much of what chance would not explain (Cohen 1960): 1 for all, 0 for no more than chance. `None` where both
    /// say one thing only, as chance explains that.
    pub(crate) kappa: Option<f64>,
}

impl<'d> ReviewerAgreement<'d> {
    fn of(reviewers: (&'d str, &'d str), words: &[[Ruling; 2]]) -> Self {
        let (pairs, alike) = (words.len(), words.iter().filter(|[one, other]| one == other).count());
        let share = |side: usize, ruling: Ruling| {
            words.iter().filter(|both| both[side] == ruling).count() as f64 / pairs as f64
        };
        let by_chance: f64 = Ruling::ALL.into_iter().map(|ruling| share(0, ruling) * share(1, ruling)).sum();
        let observed = alike as f64 / pairs as f64;
        let kappa = (by_chance < 1.0 - 1e-9).then(|| (observed - by_chance) / (1.0 - by_chance));
        Self { reviewers, pairs, alike, kappa }
    }
}

/// How far a pair is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecisionState {
    /// By nobody.
    Open,
    /// Looked at and left open.
    Unsure,
    /// All who decided agree.
    Settled(Ruling),
    /// Reviewers differ.
    Disputed,
}

impl DecisionState {
    /// In words of the table.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Open => word!("open"),
            Self::Unsure => word!("unsure"),
            Self::Settled(ruling) => ruling_words(ruling),
            Self::Disputed => word!("reviewers disagree"),
        }
    }
}

/// A ruling on a pair in words of the table.
pub(crate) const fn ruling_words(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Confirm => word!("same photo"),
        Ruling::Reject => word!("different photos"),
        Ruling::Common => word!("common photo"),
        Ruling::Mirror => word!("copied by a mirror site"),
        _ => word!("unsure"),
    }
}

impl Ledger {
    /// Decisions in the order in which they were made.
    pub(crate) fn new(decisions: Vec<Decision>) -> Self {
        let mut ledger = Self { decisions, ..Self::default() };
        for (decision, number) in ledger.decisions.iter().zip(0..) {
            match &decision.subject {
                Subject::Pair(a, b) => ledger.by_pair.entry((*a, *b)).or_default().push(number),
                Subject::Photo(images) => {
                    images.iter().for_each(|id| ledger.by_image.entry(*id).or_default().push(number));
                }
                Subject::Ad(_) => {}
            }
        }
        ledger
    }

    /// All of them, in the order in which they were made.
    pub(crate) fn all(&self) -> &[Decision] {
        &self.decisions
    }

    /// May a reviewer know a decision? One of somebody else only after an own one on the same, so that a second opinion is one.
    pub(crate) fn is_told(&self, reviewer: &str, decision: &Decision) -> bool {
        let of_photo = |images| self.about_photo(images).iter().any(|own| own.reviewer == reviewer);
        decision.reviewer == reviewer
            || match &decision.subject {
                Subject::Pair(a, b) => self.word_of(reviewer, &(*a, *b)).is_some(),
                Subject::Photo(images) => of_photo(images),
                Subject::Ad(_) => true,
            }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.decisions.len()
    }

    /// Every decision that speaks of a pair, in the order in which they were made.
    pub(crate) fn about(&self, ids: &(ImageId, ImageId)) -> Vec<&Decision> {
        let of = |id| self.by_image.get(id).map_or(&[][..], Vec::as_slice);
        let both: BTreeSet<u32> =
            of(&ids.0).iter().copied().filter(|number| of(&ids.1).contains(number)).collect();
        let own = self.by_pair.get(ids).into_iter().flatten().copied();
        let numbers: BTreeSet<u32> = own.chain(both).collect();
        numbers.into_iter().map(|number| &self.decisions[number as usize]).collect()
    }

    /// Every decision on just these images as a photo.
    pub(crate) fn about_photo(&self, images: &[ImageId]) -> Vec<&Decision> {
        let Some(numbers) = images.first().and_then(|first| self.by_image.get(first)) else {
            return Vec::new();
        };
        let decisions = numbers.iter().map(|&number| &self.decisions[number as usize]);
        decisions.filter(|d| matches!(&d.subject, Subject::Photo(of) if of == images)).collect()
    }

    /// How far every two reviewers agree who both ruled firmly on some pair, by their names.
    pub(crate) fn agreements(&self) -> Vec<ReviewerAgreement<'_>> {
        let mut met: BTreeMap<(&str, &str), Vec<[Ruling; 2]>> = BTreeMap::new();
        for ids in self.by_pair.keys() {
            let about = self.about(ids);
            let words = last_words(&about);
            let firm: Vec<(&str, Ruling)> = words
                .into_iter()
                .filter_map(|(reviewer, word)| Some((reviewer, word.filter(|&word| word != Ruling::Unsure)?)))
                .collect();
            for (place, (one, first)) in firm.iter().enumerate() {
                for (other, second) in &firm[place + 1..] {
                    met.entry((one, other)).or_default().push([*first, *second]);
                }
            }
        }
        met.into_iter().map(|(reviewers, words)| ReviewerAgreement::of(reviewers, &words)).collect()
    }

    /// How many decisions each reviewer made, by their names.
    pub(crate) fn by_reviewer(&self) -> BTreeMap<&str, usize> {
        let mut made = BTreeMap::new();
        self.decisions.iter().for_each(|decision| *made.entry(&*decision.reviewer).or_default() += 1);
        made
    }

    /// How far a pair is decided.
    pub(crate) fn state(&self, ids: &(ImageId, ImageId)) -> DecisionState {
        state(&self.about(ids))
    }

    /// How far a pair is decided, in the words that a reviewer may read: what others said only after an own decision,
    /// as a second opinion that knows the first is none.
    pub(crate) fn words_for(&self, reviewer: &str, ids: &(ImageId, ImageId)) -> &'static str {
        match self.state(ids) {
            DecisionState::Open => DecisionState::Open.words(),
            state if self.word_of(reviewer, ids).is_some() => state.words(),
            _ => word!("decided by others"),
        }
    }

    /// The last word of a reviewer on a pair, unless it was taken back.
    pub(crate) fn word_of(&self, reviewer: &str, ids: &(ImageId, ImageId)) -> Option<Ruling> {
        let about = self.about(ids);
        last_words(&about).get(reviewer).copied().flatten()
    }

    /// The decision on a subject that came before a reviewer's last one, by the same reviewer.
    pub(crate) fn before_last(&self, reviewer: &str, subject: &Subject) -> Option<&Decision> {
        let same = |d: &&Decision| d.reviewer == reviewer && d.subject == *subject;
        self.decisions.iter().rev().filter(same).nth(1).filter(|decision| decision.reason != UNDONE)
    }
}

/// The last ruling of each reviewer; `None` for one that was taken back.
fn last_words<'d>(about: &[&'d Decision]) -> BTreeMap<&'d str, Option<Ruling>> {
    let word = |d: &&'d Decision| {
        (&*d.reviewer, Some(d.ruling).filter(|&r| r != Ruling::Unsure || d.reason != UNDONE))
    };
    about.iter().map(word).collect()
}

/// How far those who spoke agree.
pub(crate) fn state(about: &[&Decision]) -> DecisionState {
    let words: BTreeSet<Ruling> = last_words(about).into_values().flatten().collect();
    let firm: Vec<Ruling> = words.iter().copied().filter(|&ruling| ruling != Ruling::Unsure).collect();
    match firm.as_slice() {
        [] if words.is_empty() => DecisionState::Open,
        [] => DecisionState::Unsure,
        [one] => DecisionState::Settled(*one),
        _ => DecisionState::Disputed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: (ImageId, ImageId) = (ImageId([1; 32]), ImageId([2; 32]));

    fn said(reviewer: &str, ruling: Ruling, reason: &str) -> Decision {
        Decision {
            subject: Subject::Pair(IDS.0, IDS.1),
            ruling,
            reviewer: reviewer.into(),
            at: String::new(),
            reason: reason.into(),
            shown: String::new(),
        }
    }

    #[test]
    fn what_was_taken_back_is_open_again_and_others_may_differ() {
        let state = |decisions: &[Decision]| Ledger::new(decisions.to_vec()).state(&IDS);
        let mut made = vec![said("a", Ruling::Confirm, "")];
        assert_eq!(state(&made), DecisionState::Settled(Ruling::Confirm));
        made.push(said("b", Ruling::Reject, ""));
        assert_eq!(state(&made), DecisionState::Disputed);
        made.push(said("b", Ruling::Unsure, UNDONE));
        assert_eq!(state(&made), DecisionState::Settled(Ruling::Confirm));
        made.push(said("a", Ruling::Unsure, UNDONE));
        assert_eq!(state(&made), DecisionState::Open);
        made.push(said("a", Ruling::Unsure, ""));
        assert_eq!(state(&made), DecisionState::Unsure);
    }

    #[test]
    fn two_reviewers_agree_or_do_not() {
        let agreement = |decisions: &[Decision]| {
            let ledger = Ledger::new(decisions.to_vec());
            ledger.agreements().first().map_or((0, 0), |both| (both.pairs, both.alike))
        };
        let mut made = vec![said("a", Ruling::Confirm, ""), said("a", Ruling::Reject, "")];
        assert_eq!(agreement(&made), (0, 0), "one reviewer agrees with nobody");
        made.push(said("b", Ruling::Unsure, ""));
        assert_eq!(agreement(&made), (0, 0));
        made.push(said("b", Ruling::Confirm, ""));
        assert_eq!(agreement(&made), (1, 0));
        made.push(said("b", Ruling::Reject, ""));
        assert_eq!(agreement(&made), (1, 1));
    }

    #[test]
    fn agreement_beyond_chance_is_that_of_cohens_table() {
        // Yes and no of two raters: 20 and 15 alike, 5 and 10 apart (the worked example of kappa: 0.4).
        let counts = [
            ([Ruling::Confirm, Ruling::Confirm], 20),
            ([Ruling::Confirm, Ruling::Reject], 5),
            ([Ruling::Reject, Ruling::Confirm], 10),
            ([Ruling::Reject, Ruling::Reject], 15),
        ];
        let words: Vec<[Ruling; 2]> =
            counts.into_iter().flat_map(|(both, times)| std::iter::repeat_n(both, times)).collect();
        let told = ReviewerAgreement::of(("a", "b"), &words);
        assert_eq!((told.pairs, told.alike), (50, 35));
        assert!((told.kappa.unwrap() - 0.4).abs() < 1e-9, "{told:?}");
        let same = [[Ruling::Confirm; 2]; 3];
        assert_eq!(ReviewerAgreement::of(("a", "b"), &same).kappa, None);
    }

    #[test]
    fn what_others_said_is_told_after_an_own_decision_only() {
        let words = |decisions: &[Decision], who: &str| Ledger::new(decisions.to_vec()).words_for(who, &IDS);
        let mut made = vec![said("a", Ruling::Reject, "")];
        assert_eq!((words(&made, "a"), words(&made, "b")), ("different photos", "decided by others"));
        made.push(said("b", Ruling::Confirm, ""));
        assert_eq!((words(&made, "a"), words(&made, "b")), ("reviewers disagree", "reviewers disagree"));
        made.push(said("b", Ruling::Unsure, UNDONE));
        assert_eq!(words(&made, "b"), "decided by others");
        assert_eq!(words(&[], "b"), "open");
    }

    #[test]
    fn a_photo_speaks_for_the_pairs_inside_it() {
        let photo = |images: &[u8]| Subject::Photo(images.iter().map(|&k| ImageId([k; 32])).collect());
        let decision = Decision { subject: photo(&[1, 2, 3]), ..said("a", Ruling::Common, "") };
        let ledger = Ledger::new(vec![decision]);
        assert_eq!(ledger.state(&IDS), DecisionState::Settled(Ruling::Common));
        assert_eq!(ledger.state(&(IDS.0, ImageId([4; 32]))), DecisionState::Open);
        assert_eq!(ledger.about_photo(&[1, 2, 3].map(|k| ImageId([k; 32]))).len(), 1);
        assert!(ledger.about_photo(&[IDS.0, IDS.1]).is_empty());
    }
}
