//! A reader that decompresses gzip and passes everything else on, told apart by the first bytes.
//!
//! Feeds come either way, and a small file may unfold to any size; so what comes out is limited,
//! by length and by how many times longer it is than what went in. Past a limit reading fails, and
//! keeps failing, so that no part is ever taken for the whole.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use thiserror::Error;

/// What a gzip file begins with (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1F, 0x8B];
/// Up to here no ratio is asked: the head of a file says little, and this much harms nobody.
const FREE: u64 = 1024 * 1024;

/// How much may come out of a [`Gunzip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes, whether or not they were compressed.
    pub bytes: u64,
    /// How many times longer than its compressed form a text may be. Lists of facts reach 20;
    /// deflate itself ends at 1,032.
    pub ratio: u64,
}

/// Why reading stopped. Written to follow a colon, since readers say first that they cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GunzipError {
    /// More came out than is taken.
    #[error("it holds more than the {} that are taken", crate::size::in_words(*.0))]
    TooLong(u64),
    /// It unfolds too far.
    #[error("decompressed it is more than {0} times as long, which no honest list is")]
    TooDense(u64),
    /// It is not whole.
    #[error("the compressed file is cut short")]
    CutShort,
    /// It is broken, or something other than gzip follows it.
    #[error("the compressed file is damaged")]
    Damaged,
}

impl From<GunzipError> for io::Error {
    fn from(error: GunzipError) -> Self {
        Self::other(error)
    }
}

/// A reader over gzip or plain bytes.
pub struct Gunzip<R> {
    source: Source<R>,
    limits: Limits,
    given: u64,
    failed: Option<GunzipError>,
}

enum Source<R> {
    /// Nothing was read yet.
    Fresh(Option<R>),
    Plain(io::Chain<Cursor<Vec<u8>>, R>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<R>>>>),
}

/// Counts what is read from the compressed file. What it fails with is marked, to be told from
/// what the decoder finds wrong.
struct Counted<R> {
    input: io::Chain<Cursor<Vec<u8>>, R>,
    read: u64,
    failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.input.read(buffer);
        match &result {
            Ok(count) => self.read += *count as u64,
            Err(error) => self.failed = error.kind() != io::ErrorKind::Interrupted,
        }
        result
    }
}

impl<R: Read> Gunzip<R> {
    /// Reads `input` within `limits`.
    pub const fn new(input: R, limits: Limits) -> Self {
        Self { source: Source::Fresh(Some(input)), limits, given: 0, failed: None }
    }

    /// Looks at the first bytes and decides what the source is.
    fn open(input: &mut Option<R>) -> io::Result<Source<R>> {
        let Some(mut input) = input.take() else { return Err(GunzipError::Damaged.into()) };
        let mut first = Vec::with_capacity(MAGIC.len());
        input.by_ref().take(MAGIC.len() as u64).read_to_end(&mut first)?;
        let compressed = first == MAGIC;
        let input = Cursor::new(first).chain(input);
        Ok(if compressed {
            let counted = Counted { input, read: 0, failed: false };
            Source::Gzip(Box::new(MultiGzDecoder::new(BufReader::new(counted))))
        } else {
            Source::Plain(input)
        })
    }

    fn pull(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Source::Fresh(input) = &mut self.source {
            self.source = Self::open(input)?;
        }
        match &mut self.source {
            Source::Fresh(_) => Ok(0),
            Source::Plain(input) => input.read(buffer),
            Source::Gzip(decoder) => decoder.read(buffer).map_err(|error| match error.kind() {
                _ if decoder.get_ref().get_ref().failed => error,
                io::ErrorKind::Interrupted => error,
                io::ErrorKind::UnexpectedEof => GunzipError::CutShort.into(),
                _ => GunzipError::Damaged.into(),
            }),
        }
    }

    /// Whether `given` bytes are too many.
    fn exceeded(&self) -> Option<GunzipError> {
        if self.given > self.limits.bytes {
            return Some(GunzipError::TooLong(self.limits.bytes));
        }
        let Source::Gzip(decoder) = &self.source else { return None };
        let most = decoder.get_ref().get_ref().read.saturating_mul(self.limits.ratio);
        (self.given > FREE && self.given > most).then_some(GunzipError::TooDense(self.limits.ratio))
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let result = self.pull(buffer);
        match &result {
            Ok(count) => {
                self.given += *count as u64;
                self.failed = self.exceeded();
            }
            Err(error) => {
                self.failed = error.get_ref().and_then(|inner| inner.downcast_ref::<GunzipError>()).copied();
            }
        }
        match self.failed {
            Some(error) => Err(error.into()),
            None => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::testing::Flood;

    const WIDE: Limits = Limits { bytes: 64 * 1024 * 1024, ratio: 200 };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read<R: Read>(input: R, limits: Limits) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut reader = Gunzip::new(input, limits);
        match reader.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => {
                // Whoever reads on must not find an end.
                let again = reader.read(&mut [0; 16]).unwrap_err();
                assert_eq!(again.to_string(), error.to_string());
                Err(error.to_string())
            }
        }
    }

    #[test]
    fn plain_bytes_pass_and_compressed_ones_are_unfolded() {
        for text in [&b""[..], b"\x1F", b"{", b"cve,epss\n", b"\x8B\x1F plain"] {
            assert_eq!(read(text, WIDE).unwrap(), text);
            assert_eq!(read(&gzip(text)[..], WIDE).unwrap(), text);
        }
        // Logs are joined by laying one gzip file behind another.
        assert_eq!(read(&[gzip(b"one"), gzip(b"two")].concat()[..], WIDE).unwrap(), b"onetwo");
    }

    #[test]
    fn a_reader_that_gives_one_byte_at_a_time_is_enough() {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let few = buffer.len().min(1);
                self.0.read(&mut buffer[..few])
            }
        }
        assert_eq!(read(Drip(&gzip(b"slowly")), WIDE).unwrap(), b"slowly");
    }

    #[test]
    fn what_unfolds_too_far_ends_in_a_sentence() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::default());
        io::copy(&mut Flood::of(b'0', 80_000_000), &mut bomb).unwrap();
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 100_000);
        let dense = "decompressed it is more than 200 times as long, which no honest list is";
        assert_eq!(read(&bomb[..], WIDE).unwrap_err(), dense);
        let long = "it holds more than the 2000000 bytes that are taken";
        assert_eq!(read(&bomb[..], Limits { bytes: 2_000_000, ratio: 2_000 }).unwrap_err(), long);
        assert_eq!(
            read(Flood::of(b'0', 80_000_000), Limits { bytes: 2_000_000, ratio: 1 }).unwrap_err(),
            long
        );
        // Exactly as long as it may be.
        let limits = Limits { bytes: 5, ratio: 1 };
        assert_eq!(read(&gzip(b"12345")[..], limits).unwrap(), b"12345");
        assert!(read(&gzip(b"123456")[..], limits).is_err());
    }

    #[test]
    fn a_file_that_is_cut_or_damaged_is_never_taken_for_whole() {
        let text: Vec<u8> = (0..5_000_u32).flat_map(u32::to_le_bytes).collect();
        let whole = gzip(&text);
        for cut in (2..whole.len()).step_by(97) {
            assert!(read(&whole[..cut], WIDE).is_err(), "{cut}");
        }
        assert_eq!(read(&whole[..whole.len() - 1], WIDE).unwrap_err(), "the compressed file is cut short");
        let mut damaged = whole.clone();
        let last = damaged.len() - 8;
        damaged[last] ^= 1;
        assert_eq!(read(&damaged[..], WIDE).unwrap_err(), "the compressed file is damaged");
        assert_eq!(
            read(&[&whole[..], b"and more behind it"].concat()[..], WIDE).unwrap_err(),
            "the compressed file is damaged"
        );
    }

    #[test]
    fn what_the_machine_says_is_passed_on() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let half = gzip(&[7; 1000]);
        let mut reader = Gunzip::new((&half[..20]).chain(Fails), WIDE);
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "the disk is gone");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, flip in 0..300_usize) {
            let _ = read(&bytes[..], WIDE);
            let _ = read(&[&MAGIC[..], &bytes].concat()[..], WIDE);
            let mut real = gzip(&[&bytes[..], &bytes, b"end"].concat());
            let place = flip % real.len();
            real[place] ^= 0x10;
            let _ = read(&real[..], WIDE);
        }
    }
}
