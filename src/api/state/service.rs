//! The service as a whole: what every route is given.
//!
//! Opened once; everything in it is shared and none of it waits for the writer. The trap: the case stays locked for
//! writing as long as this lives, so other commands that write to it are told that it is in use.

use super::banks::LiveBanks;
use super::disclosure::DisclosureLog;
use super::kept::KeptPictures;
use super::readers::CaseReaders;
use super::writer::CaseWriter;
use crate::api::http::access::Gate;
use crate::api::http::answer::Problem;
use crate::api::http::metrics::ServiceMetrics;
use crate::api::http::pool::WorkPool;
use crate::api::http::request::BodyLimits;
use crate::api::tokens::token_path;
use crate::api::webhooks::cursor::WebhookCursors;
use crate::api::webhooks::target::{WebhookSecret, WebhookTarget};
use crate::case::Case;
use crate::decode::Limits;
use crate::error::{Error, Result};
use crate::features::STORED_OF_MANY;
use crate::hash::Quality;
use crate::search::LiveSearch;
use crate::verify::RADIUS;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How the service is run.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Where it is reached.
    pub address: SocketAddr,
    /// File of tokens; beside the case without it.
    pub tokens: Option<PathBuf>,
    /// Tokens are wanted even while there is none.
    pub strict: bool,
    /// Largest distance of PDQ hashes of one photo, where a request names none.
    pub radius: u32,
    /// Look for parts of photos by local features, too.
    pub parts: bool,
    /// Pieces of work done at a time.
    pub workers: usize,
    /// Pieces of work that may wait.
    pub waiting: usize,
    /// Bytes of one body.
    pub most_bytes: usize,
    /// Bytes of all bodies together.
    pub budget: usize,
    /// Pixels of all pictures of one ad together.
    pub most_pixels: u64,
    /// How long a body may take to come.
    pub body_patience: Duration,
    /// How long an answer may take.
    pub patience: Duration,
    /// What one picture may cost.
    pub limits: Limits,
    /// Folder in which pictures of posted ads are kept; without it they are forgotten.
    pub keep_pictures: Option<PathBuf>,
    /// Addresses that are told what happens.
    pub webhooks: Vec<WebhookTarget>,
    /// What they know it by.
    pub webhook_secret: Option<WebhookSecret>,
    /// Who runs it: stands in the audit chain.
    pub by: Option<String>,
}

impl ServiceOptions {
    /// The usual ones: a worker for each core.
    pub fn new(address: SocketAddr) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            address,
            tokens: None,
            strict: false,
            radius: RADIUS,
            parts: true,
            workers: cores,
            waiting: 64 * cores,
            most_bytes: 32 << 20,
            budget: 512 << 20,
            most_pixels: 256 << 20,
            body_patience: Duration::from_secs(30),
            patience: Duration::from_secs(60),
            limits: Limits::default(),
            keep_pictures: None,
            webhooks: Vec::new(),
            webhook_secret: None,
            by: None,
        }
    }
}

/// A running service.
pub struct Service {
    pub(crate) options: ServiceOptions,
    pub(crate) gate: Gate,
    pub(crate) pool: WorkPool,
    pub(crate) readers: CaseReaders,
    pub(crate) writer: CaseWriter,
    pub(crate) search: Arc<LiveSearch>,
    pub(crate) banks: Arc<LiveBanks>,
    pub(crate) kept: Option<KeptPictures>,
    pub(crate) disclosures: DisclosureLog,
    pub(crate) webhooks: WebhookCursors,
    /// Made with the routes that it counts.
    pub(crate) metrics: OnceLock<ServiceMetrics>,
    pub(crate) bodies: BodyLimits,
    /// Takes a line for every request: never a hash, an address' query or a text.
    pub(crate) log: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Service {
    /// Opens a case, or makes one, and reads what the indexes need.
    ///
    /// # Errors
    /// Those of opening and reading the case and the file of tokens.
    pub fn open(
        path: &std::path::Path,
        options: ServiceOptions,
        log: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Arc<Self>> {
        let kept = options.keep_pictures.as_deref().map(KeptPictures::open).transpose()?;
        let mut case = Case::open_or_create(path)?;
        if let Some(name) = &options.by {
            case.act_as(name);
        }
        if case.feature_limit()?.is_none() && case.view_hashes(Quality::ZERO)?.hashes.is_empty() {
            // It is there to grow.
            case.begin_features(STORED_OF_MANY as u16)?;
        }
        let search = Arc::new(LiveSearch::open(&case, Quality::USABLE, options.parts)?);
        let addresses: Vec<String> = options.webhooks.iter().map(ToString::to_string).collect();
        let webhooks = WebhookCursors::open(path, &addresses, case.audit_end()?)?;
        let tokens = options.tokens.clone().unwrap_or_else(|| token_path(path));
        let banks = Arc::new(LiveBanks::open(&case)?);
        let started =
            CaseWriter::start(case, search.clone(), banks.clone(), options.by.clone().unwrap_or_default());
        let writer = started.map_err(|error| Error::io("start", "the writer of the case", error))?;
        let log: Arc<dyn Fn(&str) + Send + Sync> = Arc::new(log);
        let disclosures = DisclosureLog::start(path, banks.clone(), log.clone())
            .map_err(|error| Error::io("start", "the log of look-ups", error))?;
        Ok(Arc::new(Self {
            gate: Gate::open(tokens, options.address, options.strict)?,
            pool: WorkPool::new(options.workers, options.waiting),
            readers: CaseReaders::new(path),
            writer,
            search,
            banks,
            kept,
            disclosures,
            webhooks,
            metrics: OnceLock::new(),
            bodies: BodyLimits {
                most: options.most_bytes,
                patience: options.body_patience,
                budget: Arc::new(Semaphore::new(options.budget >> 10)),
            },
            log,
            options,
        }))
    }

    /// Whether anybody on this machine may ask, since no token was made.
    pub fn is_open(&self) -> bool {
        self.gate.is_open()
    }

    /// Writes what waits, then closes the case and its log of look-ups. To be called once nobody asks any more.
    pub fn close(&self) {
        self.disclosures.close();
        self.readers.close();
        self.writer.close();
    }

    /// Asks the case something, on a worker.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Self, &Case) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let service = self.clone();
        let answer = self.pool.run(move || service.readers.ask(|case| question(&service, case))).await?;
        answer.map_err(|error| Problem::of(&error))
    }

    /// Does something that needs no case, on a worker.
    pub(crate) async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let service = self.clone();
        self.pool.run(move || work(&service)).await
    }
}
