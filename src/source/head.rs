//! The first bytes of a stream in one piece.
//!
//! What something is, is told by how it begins. The trap: a pipe gives what its writer has written so far, which may
//! be three bytes, and they tell nothing.

use std::io::{self, Cursor, Read};

/// A stream whose first bytes were read already.
pub(crate) struct HeadFirst<R> {
    head: Cursor<Vec<u8>>,
    /// What ended the reading of the head: told behind it, so that nothing is lost.
    failed: Option<io::Error>,
    rest: R,
}

impl<R: Read> HeadFirst<R> {
    /// Reads so many bytes, or all there are: the first `read` with room for them gives them all.
    pub(crate) fn new(mut rest: R, size: usize) -> Self {
        let mut head = Vec::with_capacity(size);
        let failed = rest.by_ref().take(size as u64).read_to_end(&mut head).err();
        Self { head: Cursor::new(head), failed, rest }
    }

    /// What lies behind the head.
    pub(crate) fn into_rest(self) -> R {
        self.rest
    }
}

impl<R: Read> Read for HeadFirst<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.head.read(buffer)?;
        match self.failed.take_if(|_| count == 0 && !buffer.is_empty()) {
            Some(error) => Err(error),
            None if count == 0 => self.rest.read(buffer),
            None => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time, and then what it was told to.
    struct Dripping<'d>(&'d [u8], Option<io::Error>);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.split_first() {
                None => self.1.take().map_or(Ok(0), Err),
                Some((first, rest)) => {
                    buffer[0] = *first;
                    self.0 = rest;
                    Ok(1)
                }
            }
        }
    }

    #[test]
    fn the_first_read_gives_the_whole_head() {
        let mut buffer = [0; 8];
        let mut read = HeadFirst::new(Dripping(b"0123456789", None), 6);
        assert_eq!((read.read(&mut buffer).unwrap(), &buffer[..6]), (6, &b"012345"[..]));
        let mut rest = Vec::new();
        read.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"6789");
    }

    #[test]
    fn what_came_before_a_fault_is_not_lost_and_the_fault_is_told() {
        let mut read = HeadFirst::new(Dripping(b"012", Some(io::Error::other("gone"))), 6);
        let mut all = Vec::new();
        assert_eq!(read.read_to_end(&mut all).unwrap_err().to_string(), "gone");
        assert_eq!(all, b"012");
    }
}
