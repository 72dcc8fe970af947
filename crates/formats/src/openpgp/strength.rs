//! What a signature may rest on: nothing that can be forged today.

use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SubpacketData};
use pgp::ser::Serialize;
use pgp::types::{EcdsaPublicParams, KeyDetails, PublicParams};

/// The fewest bits of an RSA key: what NIST SP 800-131A has asked for since 2014.
const FEWEST_BITS: u16 = 2048;

/// Whether the hash of a signature withstands collisions: SHA-1 has not since 2017, MD5
/// and RIPEMD-160 neither, and SHA-224 is below 128 bits.
pub(super) fn of_hash(signature: &Signature) -> Result<(), String> {
    match signature.hash_alg() {
        Some(
            HashAlgorithm::Sha256
            | HashAlgorithm::Sha384
            | HashAlgorithm::Sha512
            | HashAlgorithm::Sha3_256
            | HashAlgorithm::Sha3_512,
        ) => Ok(()),
        Some(hash @ (HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160)) => {
            Err(format!("it rests on {hash}, which can be forged"))
        }
        Some(hash @ HashAlgorithm::Sha224) => Err(format!("it rests on {hash}, which is too short")),
        Some(hash) => Err(format!("it rests on the hash {hash}, which is not known here")),
        None => Err("it does not say on which hash it rests".to_owned()),
    }
}

/// Whether a key withstands being computed from what is public.
pub(super) fn of_key(key: &impl KeyDetails) -> Result<(), String> {
    match key.public_params() {
        params @ PublicParams::RSA(_) => {
            let bits = modulus_bits(params);
            if bits >= FEWEST_BITS {
                Ok(())
            } else {
                Err(format!("its key has {bits} bits, and {FEWEST_BITS} are the fewest that are safe"))
            }
        }
        PublicParams::EdDSALegacy(_) | PublicParams::Ed25519(_) | PublicParams::Ed448(_) => Ok(()),
        PublicParams::ECDSA(curve) if !matches!(curve, EcdsaPublicParams::Unsupported { .. }) => Ok(()),
        _ => Err(format!("its key is made for {:?}, which is not taken here", key.algorithm())),
    }
}

/// How long an RSA key is. Its first number is the modulus, written as its length in bits and then
/// its bytes (RFC 9580, 3.2 and 5.5.5.1).
fn modulus_bits(params: &PublicParams) -> u16 {
    let mut written = Vec::new();
    match (params.to_writer(&mut written), written.as_slice()) {
        (Ok(()), [high, low, ..]) => u16::from_be_bytes([*high, *low]),
        _ => 0,
    }
}

/// Whether a signature marks as critical what is not understood here: it must then not be taken for
/// good (RFC 9580, 5.2.3.7).
pub(super) fn asks_for_more(signature: &Signature) -> bool {
    let Some(config) = signature.config() else { return true };
    config.hashed_subpackets().any(|subpacket| {
        let known = !matches!(
            subpacket.data,
            SubpacketData::Notation(_) | SubpacketData::Experimental(..) | SubpacketData::Other(..)
        );
        subpacket.is_critical && !known
    })
}
