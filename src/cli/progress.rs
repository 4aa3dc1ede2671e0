//! What a person sees while work goes on: bars on a terminal, a line every few seconds elsewhere; and Ctrl-C.
//!
//! The first Ctrl-C asks the library to stop at the next safe point; the second ends the program at once, which
//! is safe too, since the case commits in transactions.

use super::terminal::{Talk, printable};
use super::{Common, ProgressShown};
use adlink::progress::{Progress, Stage, request_stop, stop_requested};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

static INSTALL: Once = Once::new();

/// Plain lines come no more often than this.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows progress on stderr.
pub(super) struct Display<'a> {
    talk: &'a Talk,
    mode: Mode,
    current: Mutex<Option<Running>>,
    done: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Silent,
}

struct Running {
    name: &'static str,
    total: Option<u64>,
    began: Instant,
    last_line: Instant,
    bar: Option<ProgressBar>,
}

/// Has Ctrl-C and its like ask for a stop.
pub(super) fn heed_signals() {
    INSTALL.call_once(|| {
        // Without a handler Ctrl-C ends the program at once, which loses no committed work either.
        let _ = ctrlc::set_handler(|| {
            if request_stop() {
                // The second request: do not wait for the safe point.
                #[allow(clippy::exit, reason = "a signal handler has no caller to return to")]
                std::process::exit(130);
            }
        });
    });
}

impl<'a> Display<'a> {
    pub(super) fn new(common: &Common, talk: &'a Talk) -> Self {
        heed_signals();
        let mode = match (common.quiet, common.progress, std::io::stderr().is_terminal()) {
            (true, ..) | (_, ProgressShown::Never, _) => Mode::Silent,
            (_, ProgressShown::Auto, true) => Mode::Bars,
            (_, ProgressShown::Auto, false) => Mode::Lines,
        };
        Self { talk, mode, current: Mutex::new(None), done: AtomicU64::new(0) }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn bar(name: &'static str, total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{prefix:>9} {bar:32} {human_pos}/{human_len}  {rate}  {eta} left",
        None => "{prefix:>9} {spinner} {human_pos}  {rate}",
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // Drawing into text in memory does not fail.
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let style = ProgressStyle::with_template(template).expect("the templates above are valid");
    bar.set_style(style.with_key("rate", rate));
    bar.with_prefix(name)
}

impl Running {
    fn line(&self, done: u64) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        let rate = done as f64 / seconds.max(1e-3);
        match self.total {
            Some(total) if total > 0 => {
                let left = (total.saturating_sub(done)) as f64 / rate.max(1e-9);
                let share = 100.0 * done as f64 / total as f64;
                format!("{}: {done}/{total} ({share:.0} %), {rate:.0}/s, {left:.0} s left", self.name)
            }
            _ => format!("{}: {done}, {rate:.0}/s", self.name),
        }
    }
}

impl Progress for Display<'_> {
    fn start(&self, stage: Stage, total: Option<u64>) {
        self.finish();
        if self.mode == Mode::Silent {
            return;
        }
        self.done.store(0, Ordering::Relaxed);
        let now = Instant::now();
        let bar = (self.mode == Mode::Bars).then(|| bar(stage.name(), total));
        *self.running() = Some(Running { name: stage.name(), total, began: now, last_line: now, bar });
    }

    fn advance(&self, count: u64) {
        let done = self.done.fetch_add(count, Ordering::Relaxed) + count;
        // A thread that finds the display busy leaves the drawing to the one that holds it.
        let Ok(mut current) = self.current.try_lock() else { return };
        let Some(running) = current.as_mut() else { return };
        if let Some(bar) = &running.bar {
            bar.set_position(done);
        } else if running.last_line.elapsed() >= LINE_INTERVAL {
            running.last_line = Instant::now();
            self.talk.say(&running.line(done));
        }
    }

    fn finish(&self) {
        let Some(running) = self.running().take() else { return };
        match running.bar {
            Some(bar) => bar.finish_and_clear(),
            None if running.last_line > running.began => {
                self.talk.say(&running.line(self.done.load(Ordering::Relaxed)));
            }
            None => {}
        }
    }

    fn warn(&self, message: &str) {
        match self.running().as_ref().and_then(|running| running.bar.as_ref()) {
            Some(bar) => bar.suspend(|| self.talk.warn(message)),
            None => self.talk.warn(&printable(message)),
        }
    }

    fn stop_requested(&self) -> bool {
        stop_requested()
    }
}
