//! What is sealed behind the head: chunks of 64 KiB, each authenticated, the last one marked as such.

use ring::aead::{Aad, LessSafeKey, Nonce};

use super::{AgeError, cipher, derived};

/// Bytes of a chunk, and of the proof behind each.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const NONCE: usize = 16;

/// Opens all chunks, or none.
pub(super) fn open(file_key: &[u8; 16], sealed: &[u8]) -> Result<Vec<u8>, AgeError> {
    let (nonce, mut rest) = sealed.split_at_checked(NONCE).ok_or(AgeError::Damaged)?;
    let key = payload_key(file_key, nonce);
    let mut text = Vec::with_capacity(rest.len());
    for place in 0_u64.. {
        let (chunk, behind) = rest.split_at(rest.len().min(CHUNK + TAG));
        let mut chunk = chunk.to_vec();
        let opened = key.open_in_place(nonce_of(place, behind.is_empty()), Aad::empty(), &mut chunk);
        let opened = opened.map_err(|_| AgeError::Damaged)?;
        // Only a file of nothing ends in an empty chunk.
        if opened.is_empty() && place > 0 {
            return Err(AgeError::Damaged);
        }
        text.extend_from_slice(opened);
        if behind.is_empty() {
            break;
        }
        rest = behind;
    }
    Ok(text)
}

/// Seals `text` behind what `file` holds.
pub(super) fn seal(file_key: &[u8; 16], nonce: &[u8; 16], text: &[u8], file: &mut Vec<u8>) {
    let key = payload_key(file_key, nonce);
    let mut rest = text;
    for place in 0_u64.. {
        let (chunk, behind) = rest.split_at(rest.len().min(CHUNK));
        let mut chunk = chunk.to_vec();
        let tag =
            key.seal_in_place_separate_tag(nonce_of(place, behind.is_empty()), Aad::empty(), &mut chunk);
        file.extend_from_slice(&chunk);
        file.extend(tag.iter().flat_map(AsRef::as_ref));
        if behind.is_empty() {
            break;
        }
        rest = behind;
    }
}

fn payload_key(file_key: &[u8; 16], nonce: &[u8]) -> LessSafeKey {
    cipher(derived(nonce, file_key, b"payload"))
}

/// Eleven bytes of the chunk's place, and one that says whether it is the last.
fn nonce_of(place: u64, is_last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&place.to_be_bytes());
    nonce[11] = u8::from(is_last);
    Nonce::assume_unique_for_key(nonce)
}
