//! How good a run was: its pairs and networks against a truth somebody knows.
//!
//! A truth says which photo every image shows and which network every ad belongs to. The trap: a pair is *true*
//! when the photos are the same, whoever posted them; a stock photo makes true pairs between ads of different
//! networks. So pairs and networks are judged apart, and both are needed.
//!
//! Pairwise figures count pairs of ads, so large networks dominate; B-cubed figures (Bagga and Baldwin, 1998) count
//! ads, so they do not.

mod networks;
mod pairs;
mod recall;
mod reliability;
mod table;
mod truth;

pub use networks::{Agreement, Clustering, NetworkFigures};
pub use pairs::{FalsePair, PairFigures, PairFile, ReadPair, TierFigures};
pub use recall::{LabelRecall, Recall};
pub use reliability::{Bin, by_probability, by_score};
pub use truth::{Truth, TruthImage};
