//! Long work beside the interpreter: a thread of its own, progress to a callable, Ctrl-C as everywhere in Python.
//!
//! The trap: Python tells of Ctrl-C only to its first thread and only when asked, so that thread must wait here and ask, and
//! never work itself.

use adlink::{Progress, progress::Stage};
use pyo3::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How often signals and progress are looked at.
const TICK: Duration = Duration::from_millis(50);

/// Where the work stands.
#[derive(Default)]
struct Standing {
    stop: AtomicBool,
    done: AtomicU64,
    stage: Mutex<Option<(Stage, Option<u64>)>>,
    warnings: Mutex<Vec<String>>,
}

impl Progress for Standing {
    fn start(&self, stage: Stage, total: Option<u64>) {
        self.done.store(0, Ordering::Relaxed);
        *self.stage.lock().expect("nobody panics with it") = Some((stage, total));
    }

    fn advance(&self, count: u64) {
        self.done.fetch_add(count, Ordering::Relaxed);
    }

    fn warn(&self, message: &str) {
        self.warnings.lock().expect("nobody panics with it").push(message.to_string());
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Standing {
    fn tell(&self, py: Python<'_>, progress: Option<&Py<PyAny>>) -> PyResult<()> {
        let warnings = std::mem::take(&mut *self.warnings.lock().expect("nobody panics with it"));
        for warning in warnings {
            py.import("warnings")?.call_method1("warn", (warning,))?;
        }
        let (Some(progress), Some((stage, total))) =
            (progress, *self.stage.lock().expect("nobody panics with it"))
        else {
            return Ok(());
        };
        progress.call1(py, (stage.name(), self.done.load(Ordering::Relaxed), total))?;
        Ok(())
    }
}

/// Waits a moment; false once the work is done.
fn is_at_it(done: &mut Receiver<()>) -> bool {
    done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout)
}

/// Does `work` beside the interpreter and tells `progress(stage, done, total)` of it, `total` being `None` where it is not
/// known. An exception of `progress`, and Ctrl-C, stop the work at its next safe point and come out of here.
pub(crate) fn beside<T: Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce(&dyn Progress) -> T + Send,
) -> PyResult<T> {
    let standing = Standing::default();
    let (told, mut done) = channel::<()>();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            // Dropped with the thread, whatever becomes of it.
            let _told = told;
            work(&standing)
        });
        let mut raised = None;
        while py.detach(|| is_at_it(&mut done)) {
            if raised.is_none()
                && let Err(error) = py.check_signals().and_then(|()| standing.tell(py, progress))
            {
                standing.stop.store(true, Ordering::Relaxed);
                raised = Some(error);
            }
        }
        let result = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match raised {
            Some(error) => Err(error),
            None => standing.tell(py, progress).map(|()| result),
        }
    })
}
