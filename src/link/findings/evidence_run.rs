//! The evidence of one link: a run of a list that hundreds of links share, read as a slice.
//!
//! A large case has millions of links with one or two pieces of evidence each; an allocation for every one of them
//! would cost more than what they say. The trap: whoever keeps one link keeps the list of its neighbours too.

use crate::corpus::{ImageRow, PhotoRow};
use crate::verify::Proof;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// One photo shared by two ads.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Index into [`Findings::groups`](crate::link::Findings::groups).
    pub group: PhotoRow,
    /// Row of the image in the link's ad `a`.
    pub image_a: ImageRow,
    /// Row of the image in the link's ad `b`.
    pub image_b: ImageRow,
    /// Why these two images show the same photo. For images joined only through a third one, the weakest step.
    pub proof: Arc<Proof>,
    /// What this photo adds to the link's weight.
    pub weight: f64,
}

impl Evidence {
    pub(in crate::link) fn of(
        photo: PhotoRow,
        (image_a, image_b): (ImageRow, ImageRow),
        proof: Arc<Proof>,
        weight: f64,
    ) -> Self {
        Self { group: photo, image_a, image_b, proof, weight }
    }

    pub(in crate::link) fn photo(&self) -> PhotoRow {
        self.group
    }

    pub(in crate::link) fn images(&self) -> (ImageRow, ImageRow) {
        (self.image_a, self.image_b)
    }
}

/// Evidence, strongest first; a slice to whoever reads it.
#[derive(Clone, Default)]
pub struct EvidenceRun {
    all: Arc<Vec<Evidence>>,
    start: u32,
    end: u32,
}

impl EvidenceRun {
    /// The runs of these lengths in a list, one after the other.
    pub(crate) fn split(
        all: Vec<Evidence>,
        lengths: impl IntoIterator<Item = usize>,
    ) -> impl Iterator<Item = Self> {
        let all = Arc::new(all);
        lengths.into_iter().scan(0, move |start, length| {
            let end = *start + length as u32;
            let run = Self { all: Arc::clone(&all), start: *start, end };
            *start = end;
            Some(run)
        })
    }
}

impl Deref for EvidenceRun {
    type Target = [Evidence];

    fn deref(&self) -> &[Evidence] {
        &self.all[self.start as usize..self.end as usize]
    }
}

impl From<Vec<Evidence>> for EvidenceRun {
    fn from(all: Vec<Evidence>) -> Self {
        Self { start: 0, end: all.len() as u32, all: Arc::new(all) }
    }
}

impl FromIterator<Evidence> for EvidenceRun {
    fn from_iter<I: IntoIterator<Item = Evidence>>(all: I) -> Self {
        Vec::from_iter(all).into()
    }
}

impl<'a> IntoIterator for &'a EvidenceRun {
    type Item = &'a Evidence;
    type IntoIter = std::slice::Iter<'a, Evidence>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for EvidenceRun {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for EvidenceRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_list_cut_in_order() {
        let proof = Arc::new(Proof::confirmed(None));
        let item = |group: u32| Evidence {
            group: PhotoRow(group),
            image_a: ImageRow(0),
            image_b: ImageRow(1),
            proof: Arc::clone(&proof),
            weight: f64::from(group),
        };
        let all: Vec<Evidence> = (0..6).map(item).collect();
        let runs: Vec<EvidenceRun> = EvidenceRun::split(all.clone(), [2, 0, 3, 1]).collect();
        assert_eq!(runs.iter().map(|run| run.len()).collect::<Vec<_>>(), [2, 0, 3, 1]);
        assert_eq!(runs.iter().flatten().cloned().collect::<Vec<_>>(), all);
        assert_eq!(runs[2], all[2..5].to_vec().into());
    }
}
