//! Checksum files, such as `advisory.json.sha512`: parsed, and compared with what was fetched.
//!
//! Read are the digits alone and the forms of `sha512sum` (digits, two blanks or a blank and `*`,
//! name) and of BSD (`SHA512 (name) = digits`). A checksum tells a broken copy; who wrote the
//! document, only a signature tells.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::Serialize;
use sha2::{Digest, Sha256, Sha512};
use thiserror::Error;

use crate::refusal::excerpt;

/// The longest checksum file, in bytes: one line with a long name.
const LONGEST: usize = 8 * 1024;

/// How a checksum was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Algorithm {
    /// SHA-256.
    #[serde(rename = "sha256")]
    Sha256,
    /// SHA-512.
    #[serde(rename = "sha512")]
    Sha512,
}

impl Algorithm {
    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// By the number of bytes in a digest.
    const fn of_length(bytes: usize) -> Option<Self> {
        match bytes {
            32 => Some(Self::Sha256),
            64 => Some(Self::Sha512),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// A checksum as a file states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checksum {
    algorithm: Algorithm,
    #[serde(serialize_with = "as_hex")]
    digest: Vec<u8>,
    file_name: Option<String>,
}

fn as_hex<S: serde::Serializer>(digest: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&HEXLOWER.encode(digest))
}

/// Why a checksum was not taken, or does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChecksumError {
    /// It cannot be read.
    #[error("The checksum file cannot be read: {0}.")]
    Unreadable(String),
    /// The bytes are others.
    #[error(
        "The {algorithm} checksum of what was fetched is {found}, but {stated} is stated: the copy is broken, or the document changed since."
    )]
    Differs {
        /// How it was made.
        algorithm: Algorithm,
        /// The beginning of the digits that were found.
        found: String,
        /// The beginning of the digits that are stated.
        stated: String,
    },
    /// It is the checksum of another file.
    #[error("The checksum is that of {stated}, not of {wanted}.")]
    OtherFile {
        /// The name that is stated.
        stated: String,
        /// The name that was asked for.
        wanted: String,
    },
}

impl Checksum {
    /// Parses the text of a checksum file. The number of digits tells the algorithm.
    pub fn parse(file: &[u8]) -> Result<Self, ChecksumError> {
        let unreadable = |reason: &str| ChecksumError::Unreadable(reason.to_owned());
        if file.len() > LONGEST {
            return Err(unreadable("it is too long for one checksum"));
        }
        let text = std::str::from_utf8(file).map_err(|_| unreadable("it is not UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = lines.next().ok_or_else(|| unreadable("it is empty"))?;
        if lines.next().is_some() {
            return Err(unreadable("it has more than one line"));
        }
        let (digits, name) = tagged(line).unwrap_or_else(|| plain(line));
        let digest = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| {
            ChecksumError::Unreadable(format!("{} are not hexadecimal digits", excerpt(digits)))
        })?;
        let algorithm = Algorithm::of_length(digest.len()).ok_or_else(|| {
            let count = digits.len();
            ChecksumError::Unreadable(format!("it has {count} digits, and SHA-256 has 64 and SHA-512 128"))
        })?;
        Ok(Self { algorithm, digest, file_name: name.map(str::to_owned) })
    }

    /// How it was made.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its digits.
    pub fn digits(&self) -> String {
        HEXLOWER.encode(&self.digest)
    }

    /// The name of the file of which it is, if it says so.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Whether it is the checksum of these bytes.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ChecksumError> {
        let found = self.algorithm.digest(bytes);
        if found == self.digest {
            return Ok(());
        }
        let short = |digest: &[u8]| format!("{}…", HEXLOWER.encode(&digest[..8]));
        let (found, stated) = (short(&found), short(&self.digest));
        Err(ChecksumError::Differs { algorithm: self.algorithm, found, stated })
    }

    /// Whether it is the checksum of these bytes and, where it states a name, of a file so called.
    pub fn check_file(&self, file_name: &str, bytes: &[u8]) -> Result<(), ChecksumError> {
        let last = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        if let Some(stated) = self.file_name()
            && last(stated) != last(file_name)
        {
            return Err(ChecksumError::OtherFile { stated: excerpt(stated), wanted: excerpt(file_name) });
        }
        self.check(bytes)
    }
}

/// `SHA512 (name) = digits`
fn tagged(line: &str) -> Option<(&str, Option<&str>)> {
    let (named, digits) = line.rsplit_once(") = ")?;
    let (algorithm, name) = named.split_once(" (")?;
    let known = ["SHA256", "SHA512", "SHA2-256", "SHA2-512"];
    known.iter().any(|known| known.eq_ignore_ascii_case(algorithm)).then_some((digits.trim(), Some(name)))
}

/// `digits`, `digits  name`, `digits *name`; a backslash before them says that the name has escapes.
fn plain(line: &str) -> (&str, Option<&str>) {
    let line = line.strip_prefix('\\').unwrap_or(line);
    let Some((digits, rest)) = line.split_once([' ', '\t']) else { return (line, None) };
    let name = rest.strip_prefix([' ', '*']).unwrap_or(rest).trim();
    (digits, (!name.is_empty()).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = include_bytes!("../../../data/broadcast/csaf-it/va-24-201-01.json");
    const CHECKSUM: &[u8] = include_bytes!("../../../data/broadcast/csaf-it/va-24-201-01.json.sha512");
    // By sha256sum.
    const SHA256: &str = "ade98cf2b05b27f297b2c99ade6522db494ab2441b417c5538a33cbded632b7b";

    #[test]
    fn the_checksum_of_a_real_document_holds_and_a_changed_byte_breaks_it() {
        let checksum = Checksum::parse(CHECKSUM).unwrap();
        assert_eq!(checksum.algorithm(), Algorithm::Sha512);
        assert_eq!(checksum.file_name(), Some("va-24-201-01.json"));
        assert_eq!(checksum.check_file("white/2024/va-24-201-01.json", DOCUMENT), Ok(()));
        let mut changed = DOCUMENT.to_vec();
        changed[1000] ^= 1;
        let error = checksum.check(&changed).unwrap_err().to_string();
        assert!(error.starts_with("The SHA-512 checksum of what was fetched is "), "{error}");
        let error = checksum.check_file("va-24-254-01.json", DOCUMENT).unwrap_err();
        assert_eq!(
            error.to_string(),
            "The checksum is that of “va-24-201-01.json”, not of “va-24-254-01.json”."
        );
    }

    #[test]
    fn each_usual_form_is_read() {
        let upper = SHA256.to_ascii_uppercase();
        for (file, name) in [
            (SHA256.to_owned(), None),
            (format!("\u{feff}{upper}\r\n"), None),
            (format!("{SHA256}  a b.json\n"), Some("a b.json")),
            (format!("{SHA256} *a.json\n"), Some("a.json")),
            (format!("{SHA256}\ta.json"), Some("a.json")),
            (format!("SHA256 (a (1).json) = {SHA256}\n"), Some("a (1).json")),
            (format!("# made by hand\n\n\\{SHA256}  a.json"), Some("a.json")),
        ] {
            let checksum = Checksum::parse(file.as_bytes()).unwrap();
            assert_eq!((checksum.digits().as_str(), checksum.file_name()), (SHA256, name), "{file}");
            assert_eq!(checksum.check(DOCUMENT), Ok(()));
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused_with_a_sentence() {
        let two = format!("{SHA256}\n{SHA256}\n");
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        for file in ["", " \n", "<html>", md5, &SHA256[1..], &SHA256.replace('0', "x"), &two, "MD5 (a) = 00"]
        {
            let error = Checksum::parse(file.as_bytes()).unwrap_err().to_string();
            assert!(error.ends_with('.') && error.len() < 200, "{error}");
        }
        assert!(Checksum::parse(&vec![b'0'; 10_000_000]).is_err());
        assert!(Checksum::parse(&[0xFF, 0xFE]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_read_without_panic(bytes: Vec<u8>, text in "(SHA512 \\(|\\) = |[0-9a-f]{0,130}|.)*") {
            let _ = Checksum::parse(&bytes);
            if let Ok(checksum) = Checksum::parse(text.as_bytes()) {
                let _ = checksum.check_file(&text, &bytes);
            }
        }
    }
}
