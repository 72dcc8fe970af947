//! A ZIP archive of one file that needs a password: AES-256 as `WinZip` describes it (AE-2), which 7-Zip, `WinZip` and
//! Python's pyzipper open. So harmful files are handed from one analyst to another: no scanner deletes them on the
//! way, and nobody opens one by a double click.
//!
//! The file is stored and not compressed, so that every length is known beforehand: the archive is written part by
//! part, and nothing of it is held. Format: PKWARE's APPNOTE 6.3.10, and <https://www.winzip.com/en/support/aes-encryption/>.

use std::num::NonZeroU32;

use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128LE;
use jiff::civil::DateTime;
use ring::{hmac, pbkdf2};

/// As the format fixes it, for every program that opens one: the password has to be a strong one.
const ROUNDS: u32 = 1000;
/// The bytes of a salt for AES-256.
pub const SALT: usize = 16;
/// The two bytes by which a wrong password is noticed.
const CHECK: usize = 2;
/// The bytes of the authentication code.
const CODE: usize = 10;
/// Behind which a length stands in a field of its own (APPNOTE 4.4.9).
const WIDE: u64 = 0xFFFF_FFFF;
/// Encrypted, its name in UTF-8.
const FLAGS: u16 = 1 | 1 << 11;
/// AE-x stands where the method does, and the method in the field of AE-x.
const METHOD: u16 = 99;
/// 5.1, by which AE-x came.
const VERSION: u16 = 51;

/// An archive that is being written.
pub struct SealedZip {
    name: String,
    size: u64,
    moment: (u16, u16),
    cipher: Ctr128LE<Aes256>,
    code: hmac::Context,
}

impl std::fmt::Debug for SealedZip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedZip")
            .field("name", &self.name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl SealedZip {
    /// Begins an archive of one file of this name and size, and says its first bytes. The name is ours, never one
    /// that somebody typed; the salt is drawn by lot for each archive.
    pub fn begin(
        name: &str,
        size: u64,
        modified: DateTime,
        password: &str,
        salt: [u8; SALT],
    ) -> (Self, Vec<u8>) {
        // Two keys of 32 bytes, and the check.
        let mut keys = [0; 64 + CHECK];
        let rounds = NonZeroU32::new(ROUNDS).expect("it is not 0");
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA1, rounds, &salt, password.as_bytes(), &mut keys);
        // The counter begins at 1, its lowest byte first.
        let mut counter = [0; 16];
        counter[0] = 1;
        let cipher = Ctr128LE::<Aes256>::new_from_slices(&keys[..32], &counter).expect("32 and 16 bytes");
        let code =
            hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &keys[32..64]));
        let zip = Self { name: name.to_owned(), size, moment: moment(modified), cipher, code };
        let mut head = zip.local_header();
        head.extend_from_slice(&salt);
        head.extend_from_slice(&keys[64..]);
        (zip, head)
    }

    /// Seals the next bytes of the file in their place.
    pub fn seal(&mut self, bytes: &mut [u8]) {
        self.cipher.apply_keystream(bytes);
        self.code.update(bytes);
    }

    /// The last bytes, once as much was sealed as was said.
    pub fn finish(self) -> Vec<u8> {
        let begun = self.local_header().len() as u64;
        let mut end = self.code.clone().sign().as_ref()[..CODE].to_vec();
        let directory = self.central_header();
        let (at, length) = (begun + self.packed(), directory.len() as u64);
        end.extend_from_slice(&directory);
        if at >= WIDE {
            self.put_wide_end(&mut end, at, length);
        }
        put(&mut end, &[0x50, 0x4B, 0x05, 0x06, 0, 0, 0, 0, 1, 0, 1, 0]);
        put(&mut end, &narrow(length));
        put(&mut end, &narrow(at));
        put(&mut end, &[0, 0]);
        end
    }

    /// How long the whole archive is.
    pub fn length(&self) -> u64 {
        let at = self.local_header().len() as u64 + self.packed();
        let wide = if at >= WIDE { 56 + 20 } else { 0 };
        at + self.central_header().len() as u64 + wide + 22
    }

    /// What the file takes in the archive.
    const fn packed(&self) -> u64 {
        self.size + (SALT + CHECK + CODE) as u64
    }

    const fn is_wide(&self) -> bool {
        self.packed() >= WIDE
    }

    /// The fields that both headers have, from the version that is needed to the length of the name.
    fn common(&self, extra: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        for number in [VERSION, FLAGS, METHOD, self.moment.0, self.moment.1] {
            put(&mut bytes, &number.to_le_bytes());
        }
        // AE-2 has no checksum: it would tell of a short file what it is.
        put(&mut bytes, &[0; 4]);
        for size in [self.packed(), self.size] {
            let size = if self.is_wide() { WIDE } else { size };
            put(&mut bytes, &narrow(size));
        }
        put(&mut bytes, &short(self.name.len()));
        put(&mut bytes, &short(extra));
        bytes
    }

    /// What stands behind the name: how it is sealed, and the lengths that are too large for their fields.
    fn extra(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32);
        if self.is_wide() {
            put(&mut bytes, &[0x01, 0x00, 16, 0]);
            put(&mut bytes, &self.size.to_le_bytes());
            put(&mut bytes, &self.packed().to_le_bytes());
        }
        // AE-2, 256 bits, stored.
        put(&mut bytes, &[0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 0, 0]);
        bytes
    }

    fn local_header(&self) -> Vec<u8> {
        let extra = self.extra();
        let mut bytes = vec![0x50, 0x4B, 0x03, 0x04];
        put(&mut bytes, &self.common(extra.len()));
        put(&mut bytes, self.name.as_bytes());
        put(&mut bytes, &extra);
        bytes
    }

    fn central_header(&self) -> Vec<u8> {
        let extra = self.extra();
        let mut bytes = vec![0x50, 0x4B, 0x01, 0x02];
        // Made on Unix, so that the file is nobody's to run: its mode is 0600.
        put(&mut bytes, &(3 << 8 | VERSION).to_le_bytes());
        put(&mut bytes, &self.common(extra.len()));
        // No comment, the first disk, no attributes within; the mode; at the archive's beginning.
        put(&mut bytes, &[0; 6]);
        put(&mut bytes, &(0o100_600_u32 << 16).to_le_bytes());
        put(&mut bytes, &[0; 4]);
        put(&mut bytes, self.name.as_bytes());
        put(&mut bytes, &extra);
        bytes
    }

    /// The end of an archive beyond 4 GiB, and where it is (APPNOTE 4.3.14 and 4.3.15).
    fn put_wide_end(&self, end: &mut Vec<u8>, at: u64, length: u64) {
        put(end, &[0x50, 0x4B, 0x06, 0x06]);
        put(end, &44_u64.to_le_bytes());
        for version in [3 << 8 | VERSION, VERSION] {
            put(end, &version.to_le_bytes());
        }
        put(end, &[0; 8]);
        for number in [1, 1, length, at] {
            put(end, &number.to_le_bytes());
        }
        put(end, &[0x50, 0x4B, 0x06, 0x07, 0, 0, 0, 0]);
        put(end, &(at + length).to_le_bytes());
        put(end, &1_u32.to_le_bytes());
    }
}

fn put(bytes: &mut Vec<u8>, more: &[u8]) {
    bytes.extend_from_slice(more);
}

/// A length in four bytes; all ones where it stands elsewhere.
fn narrow(length: u64) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn short(length: usize) -> [u8; 2] {
    u16::try_from(length).expect("our names are short").to_le_bytes()
}

/// Time and date as MS-DOS has them: seconds in pairs, years from 1980.
fn moment(at: DateTime) -> (u16, u16) {
    let part = |number: i8| u16::from(number.unsigned_abs());
    let year = u16::try_from(at.year() - 1980).unwrap_or_default().min(127);
    let time = (part(at.hour()) << 11) | (part(at.minute()) << 5) | (part(at.second()) / 2);
    (time, year << 9 | part(at.month()) << 5 | part(at.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(content: &[u8]) -> Vec<u8> {
        let at = jiff::civil::date(2026, 11, 27).at(16, 30, 12, 0);
        let (mut zip, mut bytes) = SealedZip::begin("a.bin", content.len() as u64, at, "infected", [7; SALT]);
        let length = zip.length();
        for part in content.chunks(700) {
            let mut part = part.to_vec();
            zip.seal(&mut part);
            bytes.extend(part);
        }
        bytes.extend(zip.finish());
        assert_eq!(bytes.len() as u64, length);
        bytes
    }

    #[test]
    fn what_is_sealed_is_not_readable_and_opens_again() {
        let content: Vec<u8> = b"MZ this program is harmful ".repeat(100);
        let bytes = archive(&content);
        assert!(!bytes.windows(8).any(|part| part == b"harmful "));
        // The archive read as the format says, with the keys derived anew.
        let head = 30 + 5 + 11;
        assert_eq!(&bytes[..4], b"PK\x03\x04");
        assert_eq!(&bytes[30..35], b"a.bin");
        assert_eq!(&bytes[head..head + SALT], [7; SALT]);
        let mut keys = [0; 66];
        let rounds = NonZeroU32::new(1000).unwrap();
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA1, rounds, &[7; SALT], b"infected", &mut keys);
        let sealed = &bytes[head + 18..head + 18 + content.len()];
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &keys[32..64]);
        let code = &bytes[head + 18 + content.len()..][..CODE];
        assert_eq!(&hmac::sign(&key, sealed).as_ref()[..CODE], code);
        let mut counter = [0; 16];
        counter[0] = 1;
        let mut open = sealed.to_vec();
        Ctr128LE::<Aes256>::new_from_slices(&keys[..32], &counter).unwrap().apply_keystream(&mut open);
        assert_eq!(open, content);
    }

    #[test]
    fn lengths_beyond_four_gibibytes_stand_in_fields_of_their_own() {
        let at = jiff::civil::date(2026, 11, 27).at(0, 0, 0, 0);
        let size = 5_000_000_000;
        let (zip, head) = SealedZip::begin("a.bin", size, at, "infected", [7; SALT]);
        let begun = head.len() as u64 - 18;
        assert_eq!(head[18..26], [0xFF; 8]);
        assert_eq!(head[35..39], [1, 0, 16, 0]);
        assert_eq!(head[39..47], size.to_le_bytes());
        let length = zip.length();
        let end = zip.finish();
        assert_eq!(begun + size + 18 + end.len() as u64, length);
        let at = end.windows(4).position(|part| part == b"PK\x06\x06").expect("the wide end");
        assert_eq!(end[at + 48..at + 56], (begun + size + 28).to_le_bytes());
    }
}
