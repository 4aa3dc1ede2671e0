//! What this process has used so far, as Linux tells it: CPU time and memory.
//!
//! The trap: CPU seconds are those of all threads, and are longer on a machine that does other things, if not by much.

use std::error::Error;
use std::fs;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// CPU seconds of all threads.
pub(crate) fn cpu_seconds() -> Outcome<f64> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += text.split_whitespace().next().ok_or("schedstat")?.parse::<u64>()?;
    }
    Ok(nanoseconds as f64 / 1e9)
}

/// Bytes of memory in use.
pub(crate) fn resident() -> Outcome<f64> {
    let text = fs::read_to_string("/proc/self/statm")?;
    Ok(4096.0 * text.split_whitespace().nth(1).ok_or("statm")?.parse::<f64>()?)
}
