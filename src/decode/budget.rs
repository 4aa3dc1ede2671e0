//! Memory that all decoding of the process together may take: big pictures wait for room, small ones go on.
//!
//! Two parts, a quarter for the bytes of files and the rest for pixels, since a file's bytes are held while its pixels
//! wait: with one part, threads that hold bytes could all wait for each other. Who comes first is served first, so a big
//! picture is not put off for ever. The trap: room is told from headers, which only claim; so it is taken before the
//! memory, and what needs more than there is in all is refused with the numbers.

use crate::error::{ImageError, SkipReason};
use std::cell::RefCell;
use std::fs;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// Memory that no estimate counts: tables, rows in flight, metadata chunks.
pub(super) const SLACK: u64 = 32 << 20;

/// What a machine is taken to have that does not say.
const UNKNOWN: u64 = 4 << 30;
/// No budget is smaller.
const LEAST: u64 = 128 << 20;

static BUDGET: OnceLock<Budget> = OnceLock::new();

/// Sets what all decoding of this process may take, in bytes; 128 MiB at least. The first call counts, also that of the
/// first picture, which sets half of what the machine or its control group has.
pub fn limit_memory(bytes: u64) {
    BUDGET.get_or_init(|| Budget::new(bytes));
}

/// What all decoding of this process may take, in bytes.
pub fn memory_limit() -> u64 {
    budget().files.whole + budget().pixels.whole
}

fn budget() -> &'static Budget {
    BUDGET.get_or_init(|| Budget::new(half_of_the_machine()))
}

/// Half of the memory that this process can have.
pub fn half_of_the_machine() -> u64 {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let group = group.into_iter().find_map(number).unwrap_or(u64::MAX);
    machine().unwrap_or(UNKNOWN).min(group) / 2
}

/// Where the system tells it in a file.
fn machine() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

#[derive(Debug)]
struct Budget {
    files: MemoryPool,
    pixels: MemoryPool,
}

impl Budget {
    fn new(bytes: u64) -> Self {
        let bytes = bytes.max(LEAST);
        Self { files: MemoryPool::new(bytes / 4), pixels: MemoryPool::new(bytes - bytes / 4) }
    }
}

/// Memory of one kind.
#[derive(Debug)]
struct MemoryPool {
    whole: u64,
    state: Mutex<PoolState>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct PoolState {
    taken: u64,
    /// Number of the next who comes, and of the next who is served.
    next: u64,
    served: u64,
}

impl MemoryPool {
    fn new(whole: u64) -> Self {
        Self { whole, state: Mutex::default(), freed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, PoolState> {
        // A panic while holding it leaves numbers, which stay right.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for its turn and for room.
    fn take(&'static self, bytes: u64, what: &str) -> Result<Reservation, ImageError> {
        if bytes > self.whole {
            let whole = self.whole;
            return Err(too_large(format!(
                "{bytes} bytes of memory for {what}, and {whole} are allowed in all (--memory)"
            )));
        }
        let mut state = self.state();
        let mine = state.next;
        state.next += 1;
        while state.served != mine || state.taken + bytes > self.whole {
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.served += 1;
        state.taken += bytes;
        drop(state);
        // The next may fit, too.
        self.freed.notify_all();
        Ok(Reservation { part: self, bytes })
    }
}

/// Memory taken from the budget until it is dropped.
#[derive(Debug)]
pub struct Reservation {
    part: &'static MemoryPool,
    bytes: u64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.part.state().taken -= self.bytes;
        self.part.freed.notify_all();
    }
}

/// Room for the bytes of a file; waits for it.
///
/// # Errors
/// `TOO_LARGE` when the file is larger than what all files may take.
pub fn room_for_file(bytes: u64) -> Result<Reservation, ImageError> {
    budget().files.take(bytes, "the file")
}

thread_local! {
    /// What this thread holds for pixels, and how many scopes are open.
    static HELD: RefCell<(Option<Reservation>, u32)> = const { RefCell::new((None, 0)) };
}

/// Keeps the room that decoding takes on this thread until it is dropped: for as long as the pixels are in use. Scopes
/// may lie in each other; the outermost counts.
#[derive(Debug)]
#[must_use = "room is given back when this is dropped"]
pub struct Scope {
    /// It belongs to its thread.
    _here: std::marker::PhantomData<*const ()>,
}

impl Scope {
    /// Opens a scope.
    pub fn open() -> Self {
        HELD.with_borrow_mut(|held| held.1 += 1);
        Self { _here: std::marker::PhantomData }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| {
            held.1 -= 1;
            if held.1 == 0 {
                held.0 = None;
            }
        });
    }
}

/// A picture that wants more than it may have.
pub(super) fn too_large(detail: String) -> ImageError {
    ImageError::new(SkipReason::TooLarge, detail)
}

/// Sees to it that this thread holds room for `bytes` of pixels and what follows. To be called before they are
/// allocated: room for less is given back first, so that nobody waits with full hands.
pub(super) fn room_for_pixels(bytes: u64) -> Result<(), ImageError> {
    let bytes = bytes.saturating_add(SLACK / 4);
    HELD.with_borrow_mut(|held| {
        if held.0.as_ref().is_some_and(|room| room.bytes >= bytes) {
            return Ok(());
        }
        held.0 = None;
        held.0 = Some(budget().pixels.take(bytes, "its pixels")?);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn leaked(whole: u64) -> &'static MemoryPool {
        Box::leak(Box::new(MemoryPool::new(whole)))
    }

    #[test]
    fn together_they_never_take_more_than_there_is() {
        let part = leaked(1000);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 1..=8u64 {
                let (now, most) = (&now, &most);
                scope.spawn(move || {
                    for turn in 0..200 {
                        let bytes = (thread * 97 + turn * 31) % 1000 + 1;
                        let room = part.take(bytes, "a test").expect("less than all");
                        let taken = now.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        most.fetch_max(taken, Ordering::SeqCst);
                        now.fetch_sub(bytes, Ordering::SeqCst);
                        drop(room);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 1000);
        assert_eq!(part.state().taken, 0);
    }

    #[test]
    fn what_is_more_than_all_is_refused_at_once() {
        let error = leaked(10).take(11, "a test").expect_err("too much");
        assert!(error.detail.contains("11") && error.detail.contains("--memory"), "{error}");
    }

    #[test]
    fn a_small_one_does_not_overtake_a_big_one_that_waits() {
        let part = leaked(100);
        let first = part.take(60, "a test").unwrap();
        std::thread::scope(|scope| {
            let big = scope.spawn(|| part.take(100, "a test").unwrap());
            while part.state().next < 2 {
                std::thread::yield_now();
            }
            let small = scope.spawn(|| part.take(1, "a test").unwrap());
            while part.state().next < 3 {
                std::thread::yield_now();
            }
            assert_eq!(part.state().served, 1);
            drop(first);
            drop(big.join().unwrap());
            drop(small.join().unwrap());
        });
        assert_eq!(part.state().taken, 0);
    }
}
