//! Where else was this photo? Query images against a snapshot or a case: by hashes, and by local features.
//!
//! The trap: rows of hits are rows of the snapshot that was searched.

mod answer_json;
#[cfg(feature = "case")]
mod feature_classes;
#[cfg(feature = "case")]
mod feature_folder;
mod hashes;
#[cfg(feature = "case")]
mod in_case;
#[cfg(feature = "case")]
mod live;
#[cfg(feature = "case")]
mod live_parts;
mod parts;
#[cfg(feature = "case")]
mod proposals;
#[cfg(feature = "case")]
mod searched_case;
mod searcher;

pub use answer_json::{HitsJson, hits_json, local_json};
#[cfg(feature = "case")]
pub use feature_folder::{FeatureIndexing, WORTH_INDEXING, index_features};
pub use hashes::{Hit, NearestPhotos, PhotoSearch};
#[cfg(feature = "case")]
pub use in_case::CaseSearch;
#[cfg(feature = "case")]
pub use live::{LiveAnswer, LiveSearch, SearchQuery};
pub use parts::{PartHit, PartSearch};
#[cfg(feature = "case")]
pub use searched_case::SearchedCase;
pub use searcher::{Answer, Answers, SearchOptions, Searcher};
