//! What the case says now, in a form that answers at once: one thread that owns it and answers questions in turn.
//!
//! Snapshot, findings and all that is worked out from them refer to each other by reference, so they live together
//! on one thread's stack; a request sends its question there. When networks change, a new model is made beside the
//! old one, which goes on answering until nobody holds it.

use super::queue::Queue;
use crate::corpus::{ImageRow, NetworkNote, Snapshot};
use crate::hash::Quality;
use crate::language::{self, in_language};
use crate::link::{Findings, LinkOptions, OriginalFiles};
use crate::record::ImageId;
use crate::search::{SearchOptions, Searcher};
use crate::verify::verify;
use crate::view::{Joined, NetworkFacts, NetworkNotes};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread;
use tokio::sync::oneshot;

type Question = Box<dyn for<'v> FnOnce(&CaseState<'v>) + Send>;

/// A way to ask one state of the case. Ends its thread when dropped.
pub(crate) struct Model {
    questions: mpsc::Sender<Question>,
    /// Of the case's header, which every page asks for.
    country: String,
}

/// One state of the case, as questions see it.
pub(crate) struct CaseState<'a> {
    pub(crate) joined: Joined<'a>,
    /// Heaviest first, as in the report.
    pub(crate) networks: Vec<NetworkFacts<'a>>,
    rank_of: BTreeMap<&'a str, usize>,
    pub(crate) queue: Queue,
    radius: u32,
    min_quality: Quality,
    originals: &'a OriginalFiles,
    search: OnceCell<Searcher<'a>>,
    /// Names and notes of networks, which change without the networks.
    notes: RefCell<Rc<NetworkNotes>>,
}

/// The model's thread is gone.
#[derive(Debug)]
pub(crate) struct ModelGone;

impl Model {
    /// Starts a model of a snapshot and what was found in it.
    pub(crate) fn start(
        snapshot: Snapshot,
        findings: Findings,
        originals: OriginalFiles,
        options: &LinkOptions,
    ) -> std::io::Result<Self> {
        let (radius, min_quality) = (options.radius, options.min_quality);
        let (questions, asked) = mpsc::channel::<Question>();
        let country = snapshot.header.country.clone();
        thread::Builder::new().name("model".into()).spawn(move || {
            let case = CaseState::new(&snapshot, &findings, &originals, radius, min_quality);
            asked.into_iter().for_each(|question| question(&case));
        })?;
        Ok(Self { questions, country })
    }

    /// Where the case is worked on; empty where nobody said.
    pub(crate) fn country(&self) -> &str {
        &self.country
    }

    /// Has the model know the names and notes of networks as they are now.
    pub(crate) fn take_notes(&self, notes: Arc<Vec<NetworkNote>>) {
        let take = move |case: &CaseState<'_>| {
            case.notes.replace(Rc::new(NetworkNotes::new(&case.joined, &notes)));
        };
        // A model that is gone is asked nothing more.
        let _ = self.questions.send(Box::new(take));
    }

    /// The answer to a question, in the language of whoever asks.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl for<'v> FnOnce(&CaseState<'v>) -> T + Send + 'static,
    ) -> Result<T, ModelGone> {
        let (answer, answered) = oneshot::channel();
        let language = language::current();
        let question: Question = Box::new(move |case| {
            // Whoever asked may have gone away meanwhile.
            let _ = answer.send(in_language(language, || question(case)));
        });
        self.questions.send(question).map_err(|_| ModelGone)?;
        answered.await.map_err(|_| ModelGone)
    }
}

impl<'a> CaseState<'a> {
    fn new(
        snapshot: &'a Snapshot,
        findings: &'a Findings,
        originals: &'a OriginalFiles,
        radius: u32,
        min_quality: Quality,
    ) -> Self {
        let joined = Joined::new(snapshot, findings);
        let mut networks: Vec<_> =
            findings.networks.iter().map(|network| NetworkFacts::new(&joined, network)).collect();
        networks.sort_by(|a, b| {
            let size = |facts: &NetworkFacts<'_>| facts.network.ads.len();
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| size(b).cmp(&size(a)))
                .then_with(|| a.network.id.cmp(&b.network.id))
        });
        let rank_of = networks.iter().map(|facts| &*facts.network.id).zip(1..).collect();
        let queue = Queue::new(&joined, |a, b| verify(a, b, radius, min_quality));
        let notes = RefCell::new(Rc::new(NetworkNotes::new(&joined, &snapshot.notes)));
        let search = OnceCell::new();
        Self { joined, networks, rank_of, queue, radius, min_quality, originals, search, notes }
    }

    /// The row of an image.
    pub(crate) fn row(&self, id: &ImageId) -> Option<ImageRow> {
        self.joined.snapshot.image_row(id)
    }

    /// A network by its id.
    pub(crate) fn network(&self, id: &str) -> Option<&NetworkFacts<'a>> {
        self.networks.get(self.rank_of.get(id)?.checked_sub(1)?)
    }

    /// What networks are called, and what was noted of them.
    pub(crate) fn notes(&self) -> Rc<NetworkNotes> {
        self.notes.borrow().clone()
    }

    /// Search by picture, as `adlink search` does it; the first call builds the index.
    pub(crate) fn search(&self) -> &Searcher<'a> {
        let snapshot: &'a Snapshot = self.joined.snapshot;
        let options =
            SearchOptions { radius: self.radius, min_quality: self.min_quality, ..SearchOptions::default() };
        self.search.get_or_init(|| Searcher::new(snapshot, self.originals, &options))
    }

    /// The limits within which pairs are proven.
    pub(crate) fn limits(&self) -> (u32, Quality) {
        (self.radius, self.min_quality)
    }
}
