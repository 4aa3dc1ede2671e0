//! adlink finds the ads that show the same photo, across sites, and links them into networks with evidence.
//!
//! Photos, not people: it compares pictures by perceptual hash (PDQ first), verifies what it finds, and says why.
//!
//! # Do two files show the same photo?
//!
//! ```
//! # fn main() -> Result<(), adlink::ImageError> {
//! let a = adlink::analyse_file("fixtures/ads/images/openboard.example/O1007_0.jpg")?;
//! let b = adlink::analyse_file("fixtures/ads/images/openboard.example/O1007_0.jpg")?;
//! println!("{} {}", a.image.pdq.hash(), a.image.pdq.quality);
//!
//! let comparison = adlink::compare(&a, &b);
//! assert!(comparison.is_same_photo());
//! assert_eq!(comparison.tier(), Some(adlink::Tier::SameFile));
//! # Ok(())
//! # }
//! ```
//!
//! [`hash_file`] is enough where only hashes are wanted.
//!
//! # Which ads of a folder share photos?
//!
//! ```
//! # #[cfg(feature = "case")]
//! # fn main() -> adlink::Result<()> {
//! use adlink::{Case, IngestOptions, LinkOptions, Silent, ingest, link_case};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let here = |name: &str| folder.path().join(name);
//! # for ad in ["site-a.example/1", "site-b.example/7"] {
//! #     std::fs::create_dir_all(here("scrape").join(ad)).unwrap();
//! #     let photo = "fixtures/ads/images/openboard.example/O1007_0.jpg";
//! #     std::fs::copy(photo, here("scrape").join(ad).join("0.jpg")).unwrap();
//! # }
//! let mut case = Case::open_or_create(&here("case.adlink"))?;
//! ingest(&mut case, &[here("scrape").into()], &IngestOptions::default(), &Silent)?;
//! let linked = link_case(&mut case, &LinkOptions::default(), &Silent)?;
//! for link in &linked.findings.links {
//!     let (a, b) = (&linked.snapshot.ads[link.a].key, &linked.snapshot.ads[link.b].key);
//!     println!("{a} and {b}: weight {:.1}", link.weight());
//! }
//! assert_eq!(linked.findings.links.len(), 1);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "case"))]
//! # fn main() {}
//! ```
//!
//! # Which ads of a case show this photo?
//!
//! ```
//! # #[cfg(feature = "case")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use adlink::{Case, SearchOptions, SearchedCase, analyse_file};
//!
//! # use adlink::{IngestOptions, Silent, ingest};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("case.adlink");
//! # let photo = "fixtures/ads/images/openboard.example/O1007_0.jpg";
//! # std::fs::create_dir_all(folder.path().join("scrape/ad"))?;
//! # std::fs::copy(photo, folder.path().join("scrape/ad/0.jpg"))?;
//! # let inputs = [folder.path().join("scrape").into()];
//! # ingest(&mut Case::open_or_create(&path)?, &inputs, &IngestOptions::default(), &Silent)?;
//! let case = Case::open_read(&path)?;
//! let searched = SearchedCase::read(&case, &SearchOptions::default())?;
//! let searcher = searched.searcher()?;
//! let found = searcher.find(&[&analyse_file(photo)?])?;
//! for hit in &found.answers[0].hits {
//!     println!("{} bits from {}", hit.distance, found.snapshot.images[hit.image].id());
//! }
//! assert_eq!(found.answers[0].hits.len(), 1);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "case"))]
//! # fn main() {}
//! ```
//!
//! # The rooms
//!
//! Everything else stands in modules, in the order of the data: file bytes -> [`decode`] -> [`hash`] and [`features`] ->
//! [`analysis`] -> `case` -> [`corpus`] -> [`link`] -> `view` -> `report` and `output`. Errors that end a run are
//! [`Error`], one unusable image is an [`ImageError`].
//!
//! # Cargo features
//!
//! | feature | brings |
//! |---|---|
//! | none | hashing, indexes, verification, search and linking in memory, hash lists as CSV and JSON Lines |
//! | `case` | the case (SQLite), reading ads in, [`link_case`](crate::link) |
//! | `parquet` | hash lists as Parquet |
//! | `report` | report, result folder, exports for others |
//! | `serve` | the review desk, the service |
//! | `encrypt` | exports under a passphrase |
//! | `cli` | the program, with all of these but `encrypt` |

pub mod analysis;
#[cfg(feature = "serve")]
pub mod api;
#[cfg(feature = "case")]
pub mod bank;
#[cfg(feature = "case")]
pub mod case;
pub mod codes;
pub mod corpus;
pub mod decode;
mod erase;
pub mod error;
pub mod eval;
pub mod features;
mod grouped;
pub mod hash;
pub mod hashlist;
pub mod index;
#[cfg(feature = "case")]
pub mod ingest;
#[doc(hidden)]
pub mod internals;
pub mod language;
pub mod link;
#[cfg(feature = "case")]
pub mod link_case;
#[cfg(feature = "report")]
pub mod output;
pub mod packed;
pub mod picture;
pub mod progress;
pub mod record;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "serve")]
pub mod review;
mod rows;
pub mod search;
mod sets;
#[cfg(feature = "report")]
pub mod share;
pub mod source;
#[cfg(feature = "parquet")]
pub mod tiles;
pub mod verify;
#[cfg(feature = "report")]
pub mod view;

pub use analysis::{Analysis, analyse_file, hash_file};
#[cfg(feature = "case")]
pub use case::Case;
pub use corpus::Snapshot;
pub use decode::Limits;
pub use error::{Error, ImageError, Result, SkipReason};
pub use hash::Hash256;
#[cfg(feature = "case")]
pub use ingest::{IngestOptions, ingest};
pub use link::{Findings, LinkOptions};
#[cfg(feature = "case")]
pub use link_case::link_case;
pub use progress::{Progress, Silent};
pub use record::Image;
#[cfg(feature = "case")]
pub use search::SearchedCase;
pub use search::{SearchOptions, Searcher};
pub use verify::{Tier, compare};
