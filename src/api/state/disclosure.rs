//! Who was told what: a log of the entries of banks, and the number of posts, that look-ups revealed to whom.
//!
//! A file beside the case with a line a second, token and route, ids alone: no hash, no text. Not in the case, since a
//! look-up must not wait for its one writer. The trap: a line is on the disk a second after the answer, so a kill may lose
//! the last one; and where it cannot be written, look-ups are refused before anything is told that nobody would know of.

use super::banks::LiveBanks;
use crate::api::http::access::Caller;
use crate::api::http::answer::Problem;
use crate::api::private_file;
use crate::bank::{BankId, EntryId};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often what was told is written down.
const PERIOD: Duration = Duration::from_secs(1);

/// What look-ups of one token by one route revealed.
#[derive(Default)]
struct Disclosed {
    lookups: u64,
    entries: BTreeMap<BankId, BTreeSet<EntryId>>,
    posts: u64,
}

/// By whom and by which route.
type Waiting = BTreeMap<(String, &'static str), Disclosed>;

struct DisclosureFile {
    path: PathBuf,
    banks: Arc<LiveBanks>,
    waiting: Mutex<Waiting>,
    failing: AtomicBool,
}

/// The log, and the thread that writes it.
pub(crate) struct DisclosureLog {
    file: Arc<DisclosureFile>,
    stop: Mutex<Option<Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl DisclosureLog {
    /// Starts the log of a case; `log` is told once when it cannot be written, and once when it can again.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(
        case: &Path,
        banks: Arc<LiveBanks>,
        log: Arc<dyn Fn(&str) + Send + Sync>,
    ) -> io::Result<Self> {
        let path = private_file::beside(case, "-disclosures.jsonl");
        let file = Arc::new(DisclosureFile {
            path,
            banks,
            waiting: Mutex::default(),
            failing: AtomicBool::new(false),
        });
        let (stop, stopped) = channel::<()>();
        let writing = file.clone();
        let thread = thread::Builder::new().name("disclosures".into()).spawn(move || {
            let mut unwritten = String::new();
            while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                writing.write(&mut unwritten, &*log);
            }
            writing.write(&mut unwritten, &*log);
        })?;
        Ok(Self { file, stop: Mutex::new(Some(stop)), thread: Mutex::new(Some(thread)) })
    }

    /// Whether what is told can be written down; 503 where it cannot.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if !self.is_failing() {
            return Ok(());
        }
        let message = "the log of what look-ups reveal cannot be written: none is answered until it can";
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, message))
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.file.failing.load(Ordering::Relaxed)
    }

    /// Notes what an answer reveals, if it does.
    pub(crate) fn note(
        &self,
        by: &Caller,
        route: &'static str,
        entries: impl Iterator<Item = (BankId, EntryId)>,
        posts: usize,
    ) {
        let mut entries = entries.peekable();
        if entries.peek().is_none() && posts == 0 {
            return;
        }
        let mut waiting = self.file.waiting();
        let told = waiting.entry((by.0.clone(), route)).or_default();
        told.lookups += 1;
        told.posts += posts as u64;
        entries.for_each(|(bank, entry)| {
            told.entries.entry(bank).or_default().insert(entry);
        });
    }

    /// Writes what waits, then ends.
    pub(crate) fn close(&self) {
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl DisclosureFile {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what waits to the file, behind what could not be written before.
    fn write(&self, unwritten: &mut String, log: &(dyn Fn(&str) + Send + Sync)) {
        let waiting = std::mem::take(&mut *self.waiting());
        let at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        for ((by, route), told) in waiting {
            unwritten.push_str(&format!("{}\n", self.line(&at, &by, route, &told)));
        }
        if unwritten.is_empty() {
            return;
        }
        let was_failing = self.failing.load(Ordering::Relaxed);
        // A write that failed may have left half a line.
        let text = if was_failing { format!("\n{unwritten}") } else { std::mem::take(unwritten) };
        match private_file::append(&self.path, text.as_bytes()) {
            Ok(()) => {
                unwritten.clear();
                if self.failing.swap(false, Ordering::Relaxed) {
                    log("the log of what look-ups reveal can be written again");
                }
            }
            Err(error) => {
                if !was_failing {
                    *unwritten = text;
                }
                if !self.failing.swap(true, Ordering::Relaxed) {
                    log(&format!("error: cannot write `{}`: {error}", self.path.display()));
                }
            }
        }
    }

    fn line(&self, at: &str, by: &str, route: &str, told: &Disclosed) -> Value {
        let entries = told.entries.iter().map(|(bank, entries)| {
            let name = self.banks.index.bank(*bank).map(|bank| bank.name().to_string());
            json!({ "bank": name, "bank_id": bank.0, "entries": entries.iter().map(|id| id.0).collect::<Vec<_>>() })
        });
        json!({
            "at": at,
            "by": by,
            "route": route,
            "lookups": told.lookups,
            "revealed": entries.collect::<Vec<_>>(),
            "posts": told.posts,
        })
    }
}
