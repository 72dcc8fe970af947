use std::{fs, io::Read as _, path::Path};

use proptest::prelude::*;

use super::*;

/// A vector: what is expected of it, its keys, and the file.
struct Vector {
    expected: String,
    payload: Option<String>,
    identities: Vec<Identity>,
    file: Vec<u8>,
}

fn vector(path: &Path) -> Vector {
    let bytes = fs::read(path).unwrap();
    let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let field = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let keys = head.lines().filter_map(|line| line.strip_prefix("identity: "));
    let mut file = bytes[end + 2..].to_vec();
    if field("compressed").is_some() {
        let packed = std::mem::take(&mut file);
        flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut file).unwrap();
    }
    Vector {
        expected: field("expect").unwrap().to_owned(),
        payload: field("payload").map(ToOwned::to_owned),
        identities: keys.map(|key| key.parse().unwrap()).collect(),
        file,
    }
}

#[test]
fn every_vector_of_its_authors_is_opened_or_refused_as_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/age/vectors");
    let (mut opened, mut refused) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Vector { expected, payload, identities, file } = vector(&path);
        let done = open(&file, &identities);
        match expected.as_str() {
            "success" if name.contains("scrypt") => assert_eq!(done, Err(AgeError::Passphrase), "{name}"),
            "success" => {
                let digest = ring::digest::digest(
                    &ring::digest::SHA256,
                    &done.unwrap_or_else(|e| panic!("{name}: {e}")),
                );
                assert_eq!(Some(data_encoding::HEXLOWER.encode(digest.as_ref())), payload, "{name}");
                opened += 1;
            }
            _ => {
                assert!(done.is_err(), "{name} must be refused: {expected}");
                refused += 1;
            }
        }
    }
    assert!(opened >= 15 && refused >= 80, "{opened} opened, {refused} refused");
}

fn identity() -> Identity {
    Identity::drawn([7; 32])
}

#[test]
fn a_key_reads_back_and_a_mistyped_one_is_noticed() {
    // From the specification of age.
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let known: Identity = secret.parse().unwrap();
    assert_eq!(known.secret(), secret);
    assert_eq!(
        known.recipient().to_string(),
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    );
    for wrong in [
        "",
        "AGE-SECRET-KEY-1",
        &secret.to_lowercase(),
        &secret.replace("GFPYYSJZ", "GFPYYSJQ"),
        &secret[..secret.len() - 1],
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    ] {
        assert_eq!(wrong.parse::<Identity>().err(), Some(NoIdentity), "{wrong}");
    }
    let file = format!("# created: 2026-11-27\n\n{secret}\n  {}\n", identity().secret());
    assert_eq!(identities(&file).unwrap().len(), 2);
    assert!(identities("# none\n").is_err());
    assert!(!format!("{known:?}").contains("SECRET"));
}

#[test]
fn a_file_of_thousands_of_recipients_costs_nothing() {
    let sealed = seal(b"text", &identity().recipient(), &[1; 64]);
    let stanza_at = sealed.windows(3).position(|three| three == b"-> ").unwrap();
    let end = sealed.windows(4).position(|four| four == b"\n---").unwrap() + 1;
    let mut many = sealed[..stanza_at].to_vec();
    for _ in 0..2_000 {
        many.extend_from_slice(&sealed[stanza_at..end]);
    }
    many.extend_from_slice(&sealed[end..]);
    assert_eq!(open(&many, &[identity()]), Err(AgeError::Damaged));
    assert_eq!(open(&vec![b'-'; LARGEST + 1], &[identity()]), Err(AgeError::TooLarge));
    assert_eq!(open(b"", &[identity()]), Err(AgeError::Other));
    assert_eq!(open(b"%PDF-1.7\n", &[identity()]), Err(AgeError::Other));
    assert_eq!(open(&sealed, &[Identity::drawn([8; 32])]), Err(AgeError::NotForUs));
}

proptest! {
    // Each case draws a curve's points, which takes a debug build a while.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_sealed_is_opened_whole_and_not_when_a_byte_differs(
        text in proptest::collection::vec(any::<u8>(), 0..500),
        longer in 0_usize..3,
        chance in any::<[u8; 32]>(),
        place in any::<proptest::sample::Index>(),
    ) {
        let mut text = text;
        text.resize(text.len() + longer * 64 * 1024, b'x');
        let mut all = [0; 64];
        all[..32].copy_from_slice(&chance);
        all[32..].copy_from_slice(&chance);
        let mut sealed = seal(&text, &identity().recipient(), &all);
        let keys = [Identity::drawn([8; 32]), identity()];
        prop_assert_eq!(open(&sealed, &keys), Ok(text.clone()));
        prop_assert_eq!(open(armoured(&sealed).as_bytes(), &keys), Ok(text));
        let place = place.index(sealed.len());
        prop_assert!(open(&sealed[..place], &keys).is_err());
        sealed[place] ^= 1;
        prop_assert!(open(&sealed, &keys).is_err());
    }
}
