//! The desk itself: the case, the reviewers, what was decided, and the networks as they stand.
//!
//! A decision is on disk before it is answered; networks follow when they can. Relinking runs on a thread of its own
//! and always works on all decisions of its moment, so however fast decisions come, at most one run is waiting. The
//! case is held for writing only while something is written: other programs may write to it between decisions.

use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::thread;
use std::time::Instant;

use super::ledger::Ledger;
use super::model::Model;
use super::pictures::Pictures;
use crate::case::Case;
use crate::corpus::NetworkNote;
use crate::error::{Error, Result};
use crate::language::Language;
use crate::link::LinkOptions;
use crate::link_case::{LinkedCase, link_case};
use crate::progress::{Progress, Silent};
use crate::record::{Decision, ImageId};
use crate::review::http::access::{Door, Session};
use crate::review::http::page::Currency;

/// A review desk over one case.
pub struct Desk {
    case: PathBuf,
    options: LinkOptions,
    door: Arc<Door>,
    model: RwLock<Arc<Model>>,
    ledger: RwLock<Arc<Ledger>>,
    notes: RwLock<Arc<Vec<NetworkNote>>>,
    writing: Mutex<()>,
    relink: Relink,
    pub(crate) pictures: Pictures,
    /// Networks that were found when the desk was put up, and ads in them.
    pub(crate) found: (usize, usize),
}

/// What the relinking thread waits for, and what pages tell of it.
#[derive(Default)]
struct Relink {
    wanted: Mutex<bool>,
    changed: Condvar,
    updating: AtomicBool,
    generation: AtomicU64,
}

impl Desk {
    /// Links the case as it stands and readies a session for every reviewer. `address` is where the desk will be
    /// reached; requests that name another host are refused. `language` is that of the pages until a reviewer chooses
    /// another; without one each browser is asked.
    ///
    /// # Errors
    /// Those of the case and of linking.
    pub fn open(
        case: &Path,
        reviewers: &[String],
        address: SocketAddr,
        language: Option<Language>,
        options: LinkOptions,
        progress: &dyn Progress,
    ) -> Result<Arc<Self>> {
        let door = Door::new(address, reviewers, language, false)?;
        Self::behind(Arc::new(door), case, options, progress)
    }

    /// The same behind a door that is there already.
    pub(crate) fn behind(
        door: Arc<Door>,
        case: &Path,
        options: LinkOptions,
        progress: &dyn Progress,
    ) -> Result<Arc<Self>> {
        let mut opened = Case::open(case)?;
        let names: Vec<&str> = door.entrances().map(|(name, _)| name).collect();
        opened.note("review-start", &json!({ "version": VERSION, "reviewers": names }))?;
        let linked = link_case(&mut opened, &options, progress)?;
        drop(opened);
        let networks = &linked.findings.networks;
        let found = (networks.len(), networks.iter().map(|network| network.ads.len()).sum());
        let notes = linked.snapshot.notes.clone();
        let (model, ledger) = modelled(linked, &options)?;
        let desk = Arc::new(Self {
            case: case.to_path_buf(),
            options,
            door,
            model: RwLock::new(Arc::new(model)),
            ledger: RwLock::new(Arc::new(ledger)),
            notes: RwLock::new(Arc::new(notes)),
            writing: Mutex::default(),
            relink: Relink::default(),
            pictures: Pictures::default(),
            found,
        });
        let weak = Arc::downgrade(&desk);
        thread::Builder::new()
            .name("relink".into())
            .spawn(move || relink(&weak))
            .map_err(|error| Error::io("start", "a thread", error))?;
        Ok(desk)
    }

    /// For every reviewer, in the order given to [`Desk::open`]: name, and the address that lets them in.
    pub fn entrances(&self) -> impl Iterator<Item = (&str, String)> {
        self.door.entrances()
    }

    /// Who may come in.
    pub(crate) const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// The networks as they stand.
    pub(crate) fn model(&self) -> Arc<Model> {
        self.model.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The decisions as they stand.
    pub(crate) fn ledger(&self) -> Arc<Ledger> {
        self.ledger.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How current the networks are.
    pub(crate) fn currency(&self) -> Currency {
        Currency {
            updating: self.relink.updating.load(Ordering::SeqCst),
            generation: self.relink.generation.load(Ordering::SeqCst),
        }
    }

    /// Puts decisions made in one act on disk, all or none, and has the networks follow. Blocks.
    pub(crate) fn decide(&self, decisions: &[Decision]) -> Result<()> {
        let _writing = lock(&self.writing);
        let mut case = Case::open(&self.case)?;
        match decisions {
            [one] => drop(case.decide(one)?),
            several => drop(case.import_decisions(several)?),
        }
        let ledger = Ledger::new(case.decisions()?);
        *self.ledger.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ledger);
        self.relink.updating.store(true, Ordering::SeqCst);
        *lock(&self.relink.wanted) = true;
        self.relink.changed.notify_one();
        Ok(())
    }

    /// Puts a name or a note of a network on disk. Blocks.
    pub(crate) fn annotate(&self, note: &NetworkNote) -> Result<()> {
        let _writing = lock(&self.writing);
        let mut case = Case::open(&self.case)?;
        case.annotate(note)?;
        let notes = Arc::new(case.network_notes()?);
        *self.notes.write().unwrap_or_else(PoisonError::into_inner) = notes;
        self.tell_notes();
        Ok(())
    }

    /// Tells the model of the moment all notes there are. To be called after either was replaced, so that whichever
    /// comes last, the model knows the latest.
    fn tell_notes(&self) {
        let notes = self.notes.read().unwrap_or_else(PoisonError::into_inner).clone();
        self.model().take_notes(notes);
    }

    /// Notes in the audit chain that an image was shown unblurred. Blocks.
    pub(crate) fn note_reveal(&self, session: &Session, image: ImageId) -> Result<()> {
        let _writing = lock(&self.writing);
        let mut case = Case::open(&self.case)?;
        let count = session.reveal(image);
        let detail = json!({ "reviewer": session.reviewer, "image": image.to_string(), "reveals": count });
        case.note("reveal", &detail)
    }

    /// Where the files of an image were when they were read. Blocks.
    pub(crate) fn originals(&self, image: &ImageId) -> Result<Vec<PathBuf>> {
        Case::open_read(&self.case)?.originals(image)
    }
}

/// Version of the program, for what is noted.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A model of a case that was linked as `link` and `report` do it, with the same features and pixels, so that all tell the
/// same networks.
fn modelled(linked: LinkedCase, options: &LinkOptions) -> Result<(Model, Ledger)> {
    let LinkedCase { snapshot, findings, originals } = linked;
    let ledger = Ledger::new(snapshot.decisions.clone());
    let model = Model::start(snapshot, findings, originals, options)
        .map_err(|error| Error::io("start", "a thread", error))?;
    Ok((model, ledger))
}

/// Links again whenever decisions came in, until the desk is gone.
fn relink(desk: &Weak<Desk>) {
    while let Some(desk) = desk.upgrade() {
        let (mut wanted, _) = desk
            .relink
            .changed
            .wait_timeout_while(lock(&desk.relink.wanted), std::time::Duration::from_secs(1), |wanted| {
                !*wanted
            })
            .unwrap_or_else(PoisonError::into_inner);
        if !std::mem::take(&mut *wanted) {
            continue;
        }
        drop(wanted);
        let started = Instant::now();
        // A case that cannot be read now may be readable after the next decision; until then the old networks stand.
        let loaded = Case::open_read(&desk.case)
            .and_then(|mut case| link_case(&mut case, &desk.options, &Silent))
            .and_then(|linked| modelled(linked, &desk.options));
        if let Ok((model, _)) = loaded {
            *desk.model.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(model);
            desk.tell_notes();
            desk.relink.generation.fetch_add(1, Ordering::SeqCst);
        }
        let wanted = lock(&desk.relink.wanted);
        desk.relink.updating.store(*wanted, Ordering::SeqCst);
        drop(wanted);
        // Reviewing goes before relinking: at most half of the time is spent on it.
        thread::sleep(started.elapsed().min(std::time::Duration::from_secs(60)));
    }
}
