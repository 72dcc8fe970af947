//! Tokens that OpenSSL made as a local authority: with RSA and ECDSA, and with the older attribute (see fixtures).

use super::*;

const ROOT: &str = include_str!("fixtures/root.pem");
const OTHER: &str = include_str!("fixtures/other.pem");
const RSA: &[u8] = include_bytes!("fixtures/rsa.tsr");
const ECDSA: &[u8] = include_bytes!("fixtures/ec.tsr");
const OLDER: &[u8] = include_bytes!("fixtures/v1.tsr");
const NONCE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn hash() -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(b"a ransom note\n").into()
}

fn root() -> Trusted {
    Trusted::from_pem(ROOT).unwrap()
}

#[test]
fn tokens_of_another_hand_are_believed() {
    for answer in [RSA, ECDSA, OLDER] {
        let (token, at) = answered(answer, &hash(), NONCE, &root()).unwrap();
        assert_eq!(at.to_string().get(..11), Some("2026-11-27T"));
        assert_eq!(verified(&token, &hash(), &root()), Ok(at));
    }
}

#[test]
fn what_is_of_another_hash_query_or_authority_is_not() {
    for answer in [RSA, ECDSA, OLDER] {
        assert_eq!(answered(answer, &[7; 32], NONCE, &root()), Err(StampError::Hash));
        assert_eq!(answered(answer, &hash(), [9; 8], &root()), Err(StampError::Nonce));
        let other = Trusted::from_pem(OTHER).unwrap();
        assert!(matches!(answered(answer, &hash(), NONCE, &other), Err(StampError::Authority(_))));
    }
}

#[test]
fn a_changed_byte_anywhere_is_noticed_or_changes_nothing_that_is_believed() {
    for answer in [RSA, ECDSA] {
        let (_, moment) = answered(answer, &hash(), NONCE, &root()).unwrap();
        let mut believed = 0;
        for place in 0..answer.len() {
            let mut changed = answer.to_vec();
            changed[place] ^= 0x20;
            if let Ok((_, at)) = answered(&changed, &hash(), NONCE, &root()) {
                assert_eq!(at, moment, "the byte at {place}");
                believed += 1;
            }
        }
        // Texts beside the status, and who the signer is said to be twice over, are not what is believed.
        assert!(believed < 200, "{believed} bytes of {} do not matter", answer.len());
    }
}

#[test]
fn every_beginning_of_an_answer_is_refused() {
    for length in 0..RSA.len() {
        assert_eq!(answered(&RSA[..length], &hash(), NONCE, &root()), Err(StampError::Form), "{length}");
    }
}

#[test]
fn a_refusal_is_told() {
    assert_eq!(
        answered(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02], &hash(), NONCE, &root()),
        Err(StampError::Refused(2))
    );
    assert!(matches!(Trusted::from_pem("nothing"), Err(StampError::Trusted(_))));
}

#[test]
fn a_query_is_written_as_openssl_reads_it() {
    let query = query(&hash(), NONCE);
    assert_eq!(query.len(), 69);
    assert_eq!(query[56..66], [0x02, 0x08, 0x41, 2, 3, 4, 5, 6, 7, 8]);
}
