//! What the tests of several modules share.

use std::io::{self, Read};

/// A reader of one byte, very many times over: a huge field that no test has to hold.
pub(crate) struct Flood {
    byte: u8,
    left: u64,
}

impl Flood {
    /// `count` times `byte`.
    pub(crate) fn of(byte: u8, count: u64) -> Self {
        Self { byte, left: count }
    }
}

impl Read for Flood {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        buffer[..count].fill(self.byte);
        self.left -= count as u64;
        Ok(count)
    }
}
