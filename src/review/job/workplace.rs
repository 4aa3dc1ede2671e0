//! What stands before the desk: a case to be opened, work to be done on it, and the desk once there is something to see.
//!
//! One case and one piece of work at a time, however many windows look on: each is shown what is there and what runs.
//! The trap: a desk is put up from the case as it is on the disk, so whatever changes a case puts up another.

use axum::Router;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::outcome::WorkOutcome;
use super::plan::RunPlan;
use super::roots::VisibleRoots;
use super::run::{Ending, Run};
use crate::error::{Error, Result};
use crate::language::{Language, word};
use crate::link::LinkOptions;
use crate::review::http::access::Door;
use crate::review::http::page::Currency;
use crate::review::routes::routes;
use crate::review::state::desk::Desk;

/// The whole job in a browser.
pub struct Workplace {
    door: Arc<Door>,
    pub(super) roots: VisibleRoots,
    pub(super) options: LinkOptions,
    plan: Mutex<RunPlan>,
    open: Mutex<Option<OpenCase>>,
    run: Mutex<Option<Arc<Run>>>,
}

/// The case that is open.
#[derive(Clone)]
pub(super) struct OpenCase {
    pub(super) path: PathBuf,
    pub(super) desk: Arc<Desk>,
    routes: Router,
}

/// Some other work goes on.
#[derive(Debug)]
pub(super) struct Occupied;

impl Workplace {
    /// A workplace without a case. `roots`: folders whose files may be seen and named from the browser; `address`: where it
    /// will be reached; `language`: that of the pages until a reviewer chooses another, each browser's own without one.
    ///
    /// # Errors
    /// A root that is not there, a reviewer without a name.
    pub fn new(
        roots: &[PathBuf],
        reviewers: &[String],
        address: SocketAddr,
        language: Option<Language>,
        options: LinkOptions,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            door: Arc::new(Door::new(address, reviewers, language, true)?),
            roots: VisibleRoots::new(roots)?,
            options,
            plan: Mutex::default(),
            open: Mutex::default(),
            run: Mutex::default(),
        }))
    }

    /// Who may come in.
    pub(super) const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// For every reviewer: name, and the address that lets them in.
    pub fn entrances(&self) -> impl Iterator<Item = (&str, String)> {
        self.door.entrances()
    }

    /// Begins to open a case that is there; browsers see how far it is.
    pub fn begin_with(self: &Arc<Self>, case: &Path) {
        self.change_plan(|plan| plan.case = Some(case.to_path_buf()));
        let case = case.to_path_buf();
        // Nothing can go on yet.
        let _ = self.start(word!("Opening the case"), move |place, run| Ok(vec![place.put_up(&case, run)?]));
    }

    /// Asks what runs to stop at its next safe point.
    pub fn stop(&self) {
        if let Some(run) = self.run() {
            run.stop();
        }
    }

    pub(super) fn plan(&self) -> RunPlan {
        lock(&self.plan).clone()
    }

    pub(super) fn change_plan(&self, change: impl FnOnce(&mut RunPlan)) {
        change(&mut lock(&self.plan));
    }

    pub(super) fn open_case(&self) -> Option<OpenCase> {
        lock(&self.open).clone()
    }

    pub(super) fn run(&self) -> Option<Arc<Run>> {
        lock(&self.run).clone()
    }

    /// How current the networks of the open case are.
    pub(super) fn currency(&self) -> Option<Currency> {
        self.open_case().map(|open| open.desk.currency())
    }

    /// Where the case that is open is worked on; empty where nobody said.
    pub(super) fn country(&self) -> String {
        self.open_case().map_or(String::new(), |open| open.desk.model().country().to_owned())
    }

    /// Closes the case. What runs goes on and would open it again, so nothing is closed meanwhile.
    pub(super) fn close(&self) -> Result<(), Occupied> {
        if self.is_busy() {
            return Err(Occupied);
        }
        *lock(&self.open) = None;
        *lock(&self.run) = None;
        *lock(&self.plan) = RunPlan::default();
        Ok(())
    }

    pub(super) fn is_busy(&self) -> bool {
        self.run().is_some_and(|run| run.ending().is_none())
    }

    /// Starts work on a thread of its own, unless some is going on. It says what came of it.
    pub(super) fn start(
        self: &Arc<Self>,
        title: &'static str,
        work: impl FnOnce(&Self, &Run) -> Result<Vec<WorkOutcome>> + Send + 'static,
    ) -> Result<(), Occupied> {
        let mut current = lock(&self.run);
        if current.as_ref().is_some_and(|run| run.ending().is_none()) {
            return Err(Occupied);
        }
        let (run, place) = (Arc::new(Run::new(title)), self.clone());
        *current = Some(run.clone());
        let at_work = run.clone();
        let body = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&place, &at_work)));
            at_work.end(match outcome {
                Ok(Ok(steps)) => Ending::done(steps),
                Ok(Err(error)) => Ending::failed(&error),
                Err(_) => Ending::fault(),
            });
        };
        if let Err(error) = thread::Builder::new().name("work".into()).spawn(body) {
            run.end(Ending::failed(&Error::io("start", "a thread", error)));
        }
        Ok(())
    }

    /// Links a case as it is on the disk and puts a desk up for it.
    pub(super) fn put_up(&self, case: &Path, run: &Run) -> Result<WorkOutcome> {
        let desk = Desk::behind(self.door.clone(), case, self.options.clone(), run)?;
        let (networks, ads) = desk.found;
        let open = OpenCase { path: case.to_path_buf(), routes: routes(desk.clone()), desk };
        *lock(&self.open) = Some(open);
        Ok(WorkOutcome::Linked { networks, ads })
    }
}

impl OpenCase {
    pub(super) fn routes(&self) -> Router {
        self.routes.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
