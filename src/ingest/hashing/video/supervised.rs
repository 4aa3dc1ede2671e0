//! A program that is ended when it takes more than it may, with all that it started.
//!
//! What is found on PATH is often a script that starts the program proper. To end the script alone would leave that running
//! and the pipes open, so it gets a process group of its own, and the group is ended. The trap: Ctrl-C in a terminal then
//! no longer reaches it; whoever watches has to ask whether the user wants to stop.

use super::VideoLimits;
use std::fs;
use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Programs within programs that are counted.
const DEEPEST: u32 = 8;

/// Why a program was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    Time,
    Memory,
    Stopped,
}

pub(super) struct Supervised {
    child: Mutex<Child>,
    /// All that it wrote was read.
    read: AtomicBool,
}

impl Supervised {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self { child: Mutex::new(command.spawn()?), read: AtomicBool::new(false) })
    }

    /// What it shows and what it says; once.
    pub(super) fn outputs(&self) -> Option<(ChildStdout, ChildStderr)> {
        let mut child = self.child();
        child.stdout.take().zip(child.stderr.take())
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it and all that it started.
    pub(super) fn end(&self) {
        let mut child = self.child();
        #[cfg(unix)]
        if let Ok(group) = i32::try_from(child.id()) {
            // It fails where all of them have ended.
            let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(group), nix::sys::signal::SIGKILL);
        }
        let _ = child.kill();
    }

    /// Lets [`Supervised::watch`] return as soon as the program has ended.
    pub(super) fn all_is_read(&self) {
        self.read.store(true, Ordering::SeqCst);
    }

    /// Waits until it has ended and all is read. Neither a program that closes its outputs and stays nor one that leaves
    /// another behind takes longer than it may.
    pub(super) fn watch(
        &self,
        limits: VideoLimits,
        stop: &dyn Fn() -> bool,
    ) -> (io::Result<ExitStatus>, Option<Excess>) {
        let (started, mut excess) = (Instant::now(), None);
        loop {
            let ended = self.child().try_wait().transpose();
            if self.read.load(Ordering::SeqCst)
                && let Some(status) = ended
            {
                return (status, excess);
            }
            if excess.is_none() {
                excess = self.excess(started, limits, stop);
                if excess.is_some() {
                    self.end();
                }
            }
            thread::sleep(TICK);
        }
    }

    fn excess(&self, started: Instant, limits: VideoLimits, stop: &dyn Fn() -> bool) -> Option<Excess> {
        if stop() {
            Some(Excess::Stopped)
        } else if started.elapsed() > limits.time {
            Some(Excess::Time)
        } else {
            (memory(self.child().id(), DEEPEST) > limits.memory).then_some(Excess::Memory)
        }
    }
}

/// Bytes that a process and those it started hold, where the system tells.
fn memory(process: u32, depth: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let own = kib.unwrap_or(0) << 10;
    if depth == 0 {
        return own;
    }
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    own + children.map(|child| memory(child, depth - 1)).sum::<u64>()
}
