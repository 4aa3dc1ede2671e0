//! Long work as a browser sees it: the stage it is in, how far, what it warned of, how it ended; and the wish to stop.
//!
//! The work itself runs on a thread of its own and knows this as its [`Progress`]. The trap: it is done only when its
//! outcome is there, whatever the stages say.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::outcome::{Failure, WorkOutcome};
use crate::error::Error;
use crate::language::say;
use crate::progress::{Progress, Stage, stop_requested};
use crate::view::words;

/// Warnings kept.
const WARNINGS: usize = 50;

/// How work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) ok: bool,
    /// What came of it, step by step.
    pub(super) steps: Vec<WorkOutcome>,
}

impl Ending {
    pub(super) fn done(steps: Vec<WorkOutcome>) -> Self {
        Self { ok: true, steps }
    }

    pub(super) fn failed(error: &Error) -> Self {
        Self { ok: false, steps: vec![WorkOutcome::Failed(Failure::of(error))] }
    }

    pub(super) fn fault() -> Self {
        Self { ok: false, steps: vec![WorkOutcome::Fault] }
    }
}

/// A piece of work.
pub(super) struct Run {
    /// What it is called, in a sentence of the table: "Reading in and linking".
    pub(super) title: &'static str,
    began: Instant,
    stage: Mutex<Option<(Stage, Option<u64>, Instant)>>,
    done: AtomicU64,
    stop: AtomicBool,
    warnings: Mutex<Vec<String>>,
    ending: Mutex<Option<Ending>>,
}

impl Run {
    pub(super) fn new(title: &'static str) -> Self {
        Self {
            title,
            began: Instant::now(),
            stage: Mutex::default(),
            done: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            warnings: Mutex::default(),
            ending: Mutex::default(),
        }
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    pub(super) fn end(&self, ending: Ending) {
        *lock(&self.ending) = Some(ending);
    }

    pub(super) fn ending(&self) -> Option<Ending> {
        lock(&self.ending).clone()
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        lock(&self.warnings).clone()
    }

    /// In one line: the stage, how far, how much longer.
    pub(super) fn words(&self) -> String {
        if self.ending().is_some() {
            return say!("Done").into();
        }
        let (stage, done) = (*lock(&self.stage), self.done.load(Ordering::Relaxed));
        let Some((stage, total, began)) = stage else { return say!("Starting").into() };
        let what = match stage {
            Stage::Reading => say!("Reading records"),
            Stage::Hashing => say!("Hashing images"),
            Stage::Matching => say!("Looking for images that show the same photo"),
            Stage::Parts => say!("Looking for pictures of which parts agree"),
            Stage::Comparing => say!("Laying pictures over each other"),
            Stage::Linking => say!("Linking ads into networks"),
            Stage::Writing => say!("Writing results"),
        };
        let far = match total {
            Some(total) => say!("{work}: {done} of {total}", work = what, done = done, total = total),
            None if done > 0 => say!("{work}: {done}", work = what, done = done),
            None => what.to_string(),
        };
        let left = total.filter(|&total| done > 0 && total > done).map(|total| {
            let seconds = began.elapsed().as_secs_f64() * (total - done) as f64 / done as f64;
            say!(", about {time} left", time = duration(seconds))
        });
        let stopping = self.stop.load(Ordering::Relaxed).then(|| say!("; stopping at the next safe point"));
        far + &left.unwrap_or_default() + stopping.unwrap_or_default()
    }

    /// For the page's script.
    pub(super) fn state(&self) -> Value {
        let total = lock(&self.stage).and_then(|(_, total, _)| total);
        json!({
            "words": self.words(),
            "done": self.done.load(Ordering::Relaxed),
            "total": total,
            "seconds": self.began.elapsed().as_secs(),
            "ended": self.ending().is_some(),
        })
    }
}

/// `20 seconds`, `3 minutes`.
fn duration(seconds: f64) -> String {
    let whole = |number: f64| number.ceil().max(1.0) as usize;
    match seconds < 90.0 {
        true => words::count(whole(seconds), "second"),
        false => words::count(whole(seconds / 60.0), "minute"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Progress for Run {
    fn start(&self, stage: Stage, total: Option<u64>) {
        self.done.store(0, Ordering::Relaxed);
        *lock(&self.stage) = Some((stage, total, Instant::now()));
    }

    fn advance(&self, count: u64) {
        self.done.fetch_add(count, Ordering::Relaxed);
    }

    fn warn(&self, message: &str) {
        let mut warnings = lock(&self.warnings);
        if warnings.len() < WARNINGS {
            warnings.push(message.to_string());
        }
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || stop_requested()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_says_where_it_is_and_that_it_stops() {
        let run = Run::new("x");
        assert_eq!(run.words(), "Starting");
        run.start(Stage::Hashing, Some(10));
        run.advance(4);
        assert!(run.words().starts_with("Hashing images: 4 of 10, about 1 second left"), "{}", run.words());
        assert!(!run.stop_requested());
        run.stop();
        assert!(run.stop_requested() && run.words().ends_with("stopping at the next safe point"));
        run.end(Ending::failed(&Error::Interrupted));
        assert_eq!((run.words().as_str(), run.state()["ended"].as_bool()), ("Done", Some(true)));
        assert!(
            matches!(&run.ending().unwrap().steps[..], [WorkOutcome::Failed(failure)] if failure.hint.is_some())
        );
    }
}
