//! Real signatures, signatures that `gpg` 2.2.40 made for these tests, and others made here.
//!
//! `fixtures/key.asc` is a main key that only certifies, with a subkey that signs, both RSA of 3072
//! bits, from 2024 to the end of 2025; its secret half is thrown away.

use pgp::composed::{KeyType, SecretKeyParamsBuilder, SignedPublicSubKey, SignedSecretKey, SubpacketConfig};
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{KeyFlags, Notation, SignatureConfig, Subpacket, SubpacketData};
use pgp::ser::Serialize as _;
use pgp::types::{Duration, KeyVersion, Password};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;

const DOCUMENT: &[u8] = include_bytes!("../../../../data/broadcast/csaf-it/va-24-201-01.json");
const BY_CISA: &[u8] = include_bytes!("../../../../data/broadcast/csaf-it/va-24-201-01.json.asc");
const BY_GPG: &[u8] = include_bytes!("fixtures/va-24-201-01.json.asc");
const BY_GPG_WITH_SHA1: &[u8] = include_bytes!("fixtures/va-24-201-01.json.sha1.asc");
const BY_GPG_SHORT: &[u8] = include_bytes!("fixtures/va-24-201-01.json.short.asc");
const KEY_SHORT: &[u8] = include_bytes!("fixtures/key-short.asc");
const KEY: &[u8] = include_bytes!("fixtures/key.asc");
const KEY_REVOKED: &[u8] = include_bytes!("fixtures/key-revoked.asc");
/// As `gpg --list-keys --with-subkey-fingerprint` has it.
const MAIN: &str = "192522287E642D0DB4EB4662AA88CC0BEE90C4CB";
const SUBKEY: &str = "0851836B09F943BB6A3249E6E2DB514018233030";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn check_at(document: &[u8], signature: &[u8], key: &[u8], at: &str) -> Checked {
    let mut checked = check(document, signature, &Keys::parse(key).unwrap(), time(at)).unwrap();
    assert_eq!(checked.len(), 1);
    checked.remove(0)
}

#[test]
fn a_signature_of_gnupg_is_good_while_its_key_is() {
    let good = check_at(DOCUMENT, BY_GPG, KEY, "2024-10-01T00:00:00Z");
    assert_eq!(
        good.to_string(),
        format!(
            "The signature is good: “CareCERT test key, do not trust <test@carecert.example>”, key {MAIN}, \
             made at 2024-09-20T12:00:00Z."
        )
    );
    assert_eq!((good.key.as_deref(), good.outcome), (Some(SUBKEY), Outcome::Good));
    let later = check_at(DOCUMENT, BY_GPG, KEY, "2026-01-01T00:00:00Z");
    assert_eq!(later.outcome, Outcome::KeyExpired { since: time("2026-01-01T00:00:00Z") });
    assert_eq!(check_at(DOCUMENT, BY_GPG, KEY, "2025-12-31T23:59:59Z").outcome, Outcome::Good);
}

#[test]
fn one_changed_byte_of_the_document_makes_it_bad() {
    for at in [0, DOCUMENT.len() / 2, DOCUMENT.len() - 1] {
        let mut changed = DOCUMENT.to_vec();
        changed[at] ^= 1;
        assert_eq!(check_at(&changed, BY_GPG, KEY, "2024-10-01T00:00:00Z").outcome, Outcome::Bad);
    }
}

#[test]
fn a_signature_of_tomorrow_does_not_count() {
    let early = check_at(DOCUMENT, BY_GPG, KEY, "2024-09-20T11:00:00Z");
    assert!(early.to_string().contains("which is still to come"), "{early}");
    assert_eq!(check_at(DOCUMENT, BY_GPG, KEY, "2024-09-20T11:55:00Z").outcome, Outcome::Good);
}

#[test]
fn a_signature_of_a_revoked_key_does_not_count() {
    let revoked = check_at(DOCUMENT, BY_GPG, KEY_REVOKED, "2024-10-01T00:00:00Z");
    assert_eq!(revoked.to_string(), format!("The signature is right, but its key {MAIN} was revoked."));
}

#[test]
fn sha_1_is_refused_whoever_signed() {
    let weak = check_at(DOCUMENT, BY_GPG_WITH_SHA1, KEY, "2024-10-01T00:00:00Z");
    assert_eq!(
        weak.to_string(),
        format!("The signature by key {SUBKEY} is refused: it rests on SHA1, which can be forged.")
    );
}

#[test]
fn a_real_signature_of_cisa_names_the_key_that_would_be_needed() {
    let unknown = check_at(DOCUMENT, BY_CISA, KEY, "2024-10-20T00:00:00Z");
    assert_eq!(
        unknown.to_string(),
        "The signature cannot be checked: its key 144AED0A57BE7D4AE835D9D8CAC5AC4F74164B17 is not among those given."
    );
    // As `gpg --list-packets` has it.
    assert_eq!(unknown.made_at.map(Timestamp::as_second), Some(1_726_698_894));
}

fn secret(seed: u64, kind: KeyType, version: KeyVersion, signs: bool) -> SignedSecretKey {
    let mut key = SecretKeyParamsBuilder::default();
    key.version(version)
        .key_type(kind)
        .can_sign(signs)
        .can_certify(true)
        .primary_user_id("Alice <a@b.example>".into());
    key.created_at(pgp::types::Timestamp::from_secs(1_704_067_200));
    key.build().unwrap().generate(ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

fn public(secret: &SignedSecretKey) -> Keys {
    Keys::parse(&SignedPublicKey::from(secret.clone()).to_bytes().unwrap()).unwrap()
}

fn signing_time() -> pgp::types::Timestamp {
    pgp::types::Timestamp::from_secs(1_726_833_600)
}

/// Signs on 20 September 2024, with `more` in what is signed.
fn sign(secret: &SignedSecretKey, claims: &impl KeyDetails, more: Vec<Subpacket>) -> Vec<u8> {
    let mut hashed = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(signing_time())).unwrap(),
        Subpacket::regular(SubpacketData::IssuerFingerprint(claims.fingerprint())).unwrap(),
    ];
    hashed.extend(more);
    let signature = DetachedSignature::sign_binary_data_with_subpackets(
        ChaCha20Rng::seed_from_u64(7),
        &secret.primary_key,
        &Password::empty(),
        HashAlgorithm::Sha512,
        DOCUMENT,
        SubpacketConfig::UserDefined { hashed, unhashed: vec![] },
    );
    signature.unwrap().to_bytes().unwrap()
}

/// Keys made here vouch for themselves as of the machine's clock, so that only a late day knows them.
const LATE: &str = "2105-01-01T00:00:00Z";

fn outcome(signature: &[u8], keys: &Keys) -> Outcome {
    check(DOCUMENT, signature, keys, time(LATE)).unwrap().remove(0).outcome
}

#[test]
fn each_modern_kind_of_key_is_taken() {
    for (kind, version) in [
        (KeyType::Ed25519Legacy, KeyVersion::V4),
        (KeyType::Ed25519, KeyVersion::V6),
        (KeyType::Ed448, KeyVersion::V6),
        (KeyType::ECDSA(ECCCurve::P256), KeyVersion::V4),
        (KeyType::ECDSA(ECCCurve::P521), KeyVersion::V4),
        (KeyType::Rsa(2048), KeyVersion::V4),
    ] {
        let told = format!("{kind:?}");
        let alice = secret(1, kind, version, true);
        assert_eq!(
            outcome(&sign(&alice, &alice.primary_key, vec![]), &public(&alice)),
            Outcome::Good,
            "{told}"
        );
    }
}

#[test]
fn a_key_that_is_too_short_is_refused() {
    let short = check_at(DOCUMENT, BY_GPG_SHORT, KEY_SHORT, "2024-10-01T00:00:00Z");
    let reason = "its key has 1024 bits, and 2048 are the fewest that are safe";
    assert_eq!(short.outcome, Outcome::Weak(reason.to_owned()));
}

#[test]
fn who_borrows_a_name_is_found_out() {
    let alice = secret(1, KeyType::Ed25519, KeyVersion::V4, true);
    let mallory = secret(2, KeyType::Ed25519, KeyVersion::V4, true);
    let forged = sign(&mallory, &alice.primary_key, vec![]);
    assert_eq!(outcome(&forged, &public(&alice)), Outcome::Bad);
    assert_eq!(outcome(&forged, &public(&mallory)), Outcome::UnknownKey);
    assert_eq!(outcome(&forged, &public(&mallory).and(public(&alice))), Outcome::Bad);
}

#[test]
fn a_subkey_hung_under_another_main_key_does_not_count() {
    let stolen = Keys::parse(KEY).unwrap().0.remove(0).public_subkeys;
    let mallory = SignedPublicKey::from(secret(2, KeyType::Ed25519, KeyVersion::V4, true));
    let thief = SignedPublicKey::new(mallory.primary_key, mallory.details, stolen);
    let keys = Keys::parse(&thief.to_bytes().unwrap()).unwrap();
    assert_eq!(outcome(BY_GPG, &keys), Outcome::Unfit("nothing vouches for its key".to_owned()));
}

#[test]
fn a_subkey_that_does_not_say_itself_whose_it_is_does_not_count() {
    let stolen = Keys::parse(KEY).unwrap().0.remove(0).public_subkeys.remove(0);
    let said_of_another = stolen.signatures[0].embedded_signature().unwrap().clone();
    let said_of_another =
        Subpacket::regular(SubpacketData::EmbeddedSignature(said_of_another.into())).unwrap();
    for more in [vec![], vec![said_of_another]] {
        let mallory = secret(2, KeyType::Ed25519, KeyVersion::V4, true);
        let main = SignedPublicKey::from(mallory.clone());
        let kind = SignatureType::SubkeyBinding;
        let mut claim = SignatureConfig::v4(kind, mallory.primary_key.algorithm(), HashAlgorithm::Sha512);
        let mut flags = KeyFlags::default();
        flags.set_sign(true);
        claim.hashed_subpackets = vec![
            Subpacket::regular(SubpacketData::SignatureCreationTime(signing_time())).unwrap(),
            Subpacket::regular(SubpacketData::KeyFlags(flags)).unwrap(),
        ];
        claim.hashed_subpackets.extend(more);
        let password = Password::empty();
        let claim =
            claim.sign_subkey_binding(&mallory.primary_key, &main.primary_key, &password, &stolen.key);
        let claimed = SignedPublicSubKey::new(stolen.key.clone(), vec![claim.unwrap()]);
        let thief = SignedPublicKey::new(main.primary_key, main.details, vec![claimed]);
        let keys = Keys::parse(&thief.to_bytes().unwrap()).unwrap();
        let reason = "its key does not say itself to whom it belongs";
        assert_eq!(outcome(BY_GPG, &keys), Outcome::Unfit(reason.to_owned()));
    }
}

#[test]
fn a_key_that_is_not_meant_for_signing_does_not_count() {
    let alice = secret(1, KeyType::Ed25519, KeyVersion::V4, false);
    let unfit = outcome(&sign(&alice, &alice.primary_key, vec![]), &public(&alice));
    assert_eq!(unfit, Outcome::Unfit("its key is not meant for signing".to_owned()));
}

#[test]
fn a_key_without_a_statement_of_its_own_does_not_count() {
    let alice = secret(1, KeyType::Ed25519, KeyVersion::V4, true);
    let signature = sign(&alice, &alice.primary_key, vec![]);
    // Its own statement is of later than this.
    let checked = check(DOCUMENT, &signature, &public(&alice), time("2024-10-01T00:00:00Z")).unwrap();
    assert_eq!(checked[0].outcome, Outcome::Unfit("nothing vouches for its main key".to_owned()));
    assert!(checked[0].names.is_empty());
}

#[test]
fn a_signature_ends_when_it_says_and_one_with_unknown_demands_is_not_taken() {
    let alice = secret(1, KeyType::Ed25519, KeyVersion::V4, true);
    let a_day =
        Subpacket::critical(SubpacketData::SignatureExpirationTime(Duration::from_secs(86_400))).unwrap();
    let ended = outcome(&sign(&alice, &alice.primary_key, vec![a_day]), &public(&alice));
    assert_eq!(ended, Outcome::Expired { since: time("2024-09-21T12:00:00Z") });
    let demand = Notation { readable: true, name: "x@y.example".into(), value: "only on Mondays".into() };
    let demand = Subpacket::critical(SubpacketData::Notation(demand)).unwrap();
    let unfit = outcome(&sign(&alice, &alice.primary_key, vec![demand]), &public(&alice));
    assert!(matches!(&unfit, Outcome::Unfit(reason) if reason.contains("not understood")), "{unfit:?}");
}

#[test]
fn several_keys_and_signatures_may_stand_in_one_file() {
    let keys = Keys::parse(&[KEY, b"\n", KEY].concat()).unwrap();
    assert_eq!(keys.fingerprints(), [MAIN, MAIN]);
    let both = [BY_CISA, BY_GPG, BY_GPG_WITH_SHA1].concat();
    let checked = check(DOCUMENT, &both, &keys, time("2024-10-01T00:00:00Z")).unwrap();
    let good: Vec<bool> = checked.iter().map(|it| it.outcome.is_good()).collect();
    assert_eq!(good, [false, true, false]);
}

#[test]
fn what_is_no_key_or_no_signature_is_refused_with_a_sentence() {
    let keys = Keys::parse(KEY).unwrap();
    for file in [b"".as_slice(), b"<html>", b"\xFF\xFF\xFF", BY_GPG, b"-----BEGIN PGP PUBLIC KEY BLOCK-----"]
    {
        assert!(Keys::parse(file).unwrap_err().to_string().ends_with('.'));
    }
    for file in [b"".as_slice(), b"<html>", b"\xFF\xFF\xFF", KEY, b"-----BEGIN PGP SIGNATURE-----"] {
        assert!(check(DOCUMENT, file, &keys, time(LATE)).unwrap_err().to_string().ends_with('.'));
    }
    assert!(matches!(Keys::parse(&vec![0x99; LARGEST_KEYS + 1]), Err(OpenPgpError::TooLarge(..))));
    let flood = vec![0x89; 100_000_000];
    assert!(matches!(check(DOCUMENT, &flood, &keys, time(LATE)), Err(OpenPgpError::TooLarge(..))));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>, cut in 0..3_600_usize, place in 0..3_600_usize, byte: u8) {
        let keys = Keys::parse(KEY).unwrap();
        let _ = Keys::parse(&bytes);
        let _ = check(DOCUMENT, &bytes, &keys, Timestamp::UNIX_EPOCH);
        for real in [KEY, KEY_REVOKED, BY_GPG] {
            let _ = Keys::parse(&real[..cut.min(real.len())]);
            let _ = check(DOCUMENT, &real[..cut.min(real.len())], &keys, Timestamp::MAX);
            let mut broken = real.to_vec();
            let place = place % broken.len();
            broken[place] = byte;
            if let Ok(keys) = Keys::parse(&broken) {
                let _ = check(DOCUMENT, BY_GPG, &keys, Timestamp::MIN);
            }
            // A signature that is still good is the same signature: armour has bytes that do not count.
            let _ = check(DOCUMENT, &broken, &keys, Timestamp::MAX);
        }
        let binary = SignedPublicKey::from_reader_many_buf(KEY).unwrap().0.next().unwrap().unwrap().to_bytes().unwrap();
        let mut broken = binary.clone();
        let place = place % broken.len();
        broken[place] = byte;
        if let Ok(keys) = Keys::parse(&broken) {
            let _ = check(DOCUMENT, BY_GPG, &keys, Timestamp::MAX);
        }
    }
}
