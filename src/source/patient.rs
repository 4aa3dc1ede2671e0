//! Reading what may keep its reader waiting for ever: standard input, pipes.
//!
//! A thread of its own reads; who reads from it looks up between waits whether the process is asked to stop. The trap:
//! that thread cannot be called back while it waits, so it is left behind, and ends with the process.

use crate::progress::stop_requested;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Bytes read at a time, and blocks read ahead.
const BLOCK: usize = 64 << 10;
const AHEAD: usize = 4;

/// How long a stop may take to be seen.
const LOOK_UP: Duration = Duration::from_millis(50);

/// A reader that gives up when the process is asked to stop.
pub struct Patient {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    place: usize,
}

impl Patient {
    /// Opens and reads in a thread of its own: opening a pipe waits for its writer, too.
    pub fn new<R: Read>(open: impl FnOnce() -> io::Result<R> + Send + 'static) -> Self {
        let (sender, blocks) = sync_channel(AHEAD);
        std::thread::spawn(move || {
            let mut reader = match open() {
                Ok(reader) => reader,
                Err(error) => return drop(sender.send(Err(error))),
            };
            loop {
                let mut block = vec![0; BLOCK];
                let read = match reader.read(&mut block) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read,
                };
                let last = !matches!(read, Ok(1..));
                let read = read.map(|length| {
                    block.truncate(length);
                    block
                });
                if sender.send(read).is_err() || last {
                    return;
                }
            }
        });
        Self { blocks, block: Vec::new(), place: 0 }
    }

    /// Standard input.
    pub fn stdin() -> Self {
        Self::new(|| Ok(io::stdin()))
    }
}

impl Read for Patient {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.place == self.block.len() {
            match self.blocks.recv_timeout(LOOK_UP) {
                Ok(block) => (self.block, self.place) = (block?, 0),
                Err(RecvTimeoutError::Timeout) if stop_requested() => {
                    return Err(io::Error::other("stopped while waiting for input"));
                }
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
            if self.block.is_empty() {
                return Ok(0);
            }
        }
        let length = out.len().min(self.block.len() - self.place);
        out[..length].copy_from_slice(&self.block[self.place..self.place + length]);
        self.place += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_through_and_errors_do() {
        let bytes: Vec<u8> = (0..300_000u32).map(|k| k as u8).collect();
        let copy = bytes.clone();
        let mut read = Vec::new();
        Patient::new(move || Ok(io::Cursor::new(copy))).read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
        let mut failing = Patient::new(|| Err::<io::Empty, _>(io::Error::other("no")));
        assert_eq!(failing.read(&mut [0; 4]).unwrap_err().to_string(), "no");
    }
}
