//! What a publisher lays beside a document, checksums and a signature, and what checking them came to.
//!
//! Where one of them says that the document is not what its publisher has, the document is refused. A
//! signature that nobody here can judge refuses nothing: it is kept and shown as what it is.

use formats::{Refusal, checksum::Checksum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The files beside a document, as they came.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Files such as `advisory.json.sha512`.
    pub checksums: Vec<Vec<u8>>,
    /// A file such as `advisory.json.asc`.
    pub signature: Option<Vec<u8>>,
}

/// The public keys of publishers whose signatures count, and for what.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    demand: Demand,
    #[cfg(feature = "openpgp")]
    keys: Option<formats::openpgp::Keys>,
}

/// What a document must bring along to be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: a person chose it.
    #[default]
    Nothing,
    /// The signature of whoever signed the revision before it, where that was signed.
    AsBefore,
    /// The same, refused otherwise; and where it is signed, a good signature by one of the keys.
    AsGiven,
    /// A good signature by one of the keys.
    Signature,
}

/// What checking came to; kept with the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// By which algorithms its checksum was found right.
    pub checksums: Vec<String>,
    /// Its signatures.
    pub signatures: Vec<Signed>,
}

/// A signature over a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// What it is worth.
    pub worth: Worth,
    /// The name that the signer's key vouches for.
    pub by: Option<String>,
    /// The fingerprint of the signer's key, or of the one that the signature names.
    pub key: Option<String>,
    /// When it was made, as it says.
    pub made_at: Option<Timestamp>,
    /// Why it is worth no more, as a sentence.
    pub why: Option<String>,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// The document is as the signer had it.
    Good,
    /// The key that made it is none of those that count.
    UnknownKey,
    /// It is right, and does not count.
    Doubtful,
    /// No keys were at hand.
    Unchecked,
}

impl Worth {
    /// In words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::UnknownKey => "Unknown key",
            Self::Doubtful => "Does not count",
            Self::Unchecked => "Not checked",
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Good => "green",
            Self::Doubtful => "orange",
            Self::UnknownKey | Self::Unchecked => "grey",
        }
    }
}

impl Checks {
    /// Whose signatures are good, by the fingerprints of their keys.
    fn signers(&self) -> impl Iterator<Item = &str> {
        let good = self.signatures.iter().filter(|signed| signed.worth == Worth::Good);
        good.filter_map(|signed| signed.key.as_deref())
    }

    /// By whose key the revision `before` was signed, where this one is not signed by it too.
    pub(crate) fn lack_signer_of<'a>(&self, before: &'a Self) -> Option<&'a str> {
        let is_signed_again = before.signers().any(|signer| self.signers().any(|again| again == signer));
        before.signers().next().filter(|_| !is_signed_again)
    }

    /// These, and of what they leave open what was found out `before` about the same document.
    #[must_use]
    pub fn or(self, before: Self) -> Self {
        Self {
            checksums: if self.checksums.is_empty() { before.checksums } else { self.checksums },
            signatures: if known(&self.signatures) < known(&before.signatures) {
                before.signatures
            } else {
                self.signatures
            },
        }
    }
}

/// How much is known of signatures: nothing, by whom they are, or what they are worth.
fn known(signatures: &[Signed]) -> Option<u8> {
    let known = signatures.iter().map(|signed| match signed.worth {
        Worth::Unchecked => 0,
        Worth::UnknownKey => 1,
        Worth::Good | Worth::Doubtful => 2,
    });
    known.max()
}

impl Beside {
    /// Checks a document called `name` by what lies beside it, at the moment `at`.
    pub fn check(&self, name: &str, document: &[u8], keys: &Keys, at: Timestamp) -> Result<Checks, Refusal> {
        let mut checks = Checks::default();
        for file in &self.checksums {
            let checksum = Checksum::parse(file).map_err(|error| refusal(&error))?;
            checksum.check_file(name, document).map_err(|error| refusal(&error))?;
            checks.checksums.push(checksum.algorithm().to_string());
        }
        if let Some(signature) = &self.signature {
            checks.signatures = keys.check(document, signature, at)?;
        }
        let must_be_good = match keys.demand {
            Demand::Nothing | Demand::AsBefore => false,
            Demand::AsGiven => !checks.signatures.is_empty(),
            Demand::Signature => true,
        };
        if must_be_good && checks.signers().next().is_none() {
            let why = checks.signatures.iter().find_map(|signed| signed.why.as_deref());
            let why = why.map(|why| format!(" {why}")).unwrap_or_default();
            return Err(Refusal::at(1, format!("None of the keys given for it has signed it.{why}")));
        }
        Ok(checks)
    }
}

fn refusal(error: &dyn std::error::Error) -> Refusal {
    Refusal::at(1, error.to_string())
}

impl Keys {
    /// These keys, where a document must bring this along.
    #[must_use]
    pub fn demanding(self, demand: Demand) -> Self {
        Self { demand, ..self }
    }

    /// What a document must bring along.
    pub(crate) const fn demand(&self) -> Demand {
        self.demand
    }
}

const UNCHECKED: Signed = Signed { worth: Worth::Unchecked, by: None, key: None, made_at: None, why: None };

#[cfg(not(feature = "openpgp"))]
impl Keys {
    /// Refuses: this program cannot check signatures.
    pub fn parse(_: &[u8]) -> Result<Self, String> {
        Err("This program was built without OpenPGP, and checks no signatures.".to_owned())
    }

    /// These keys: there are no others.
    #[must_use]
    pub fn and(self, _: Self) -> Self {
        self
    }

    /// Whether one of these keys has this fingerprint.
    pub fn are_of(&self, _: &str) -> bool {
        false
    }

    #[expect(clippy::unnecessary_wraps, reason = "with OpenPGP a signature can refuse its document")]
    fn check(&self, _: &[u8], _: &[u8], _: Timestamp) -> Result<Vec<Signed>, Refusal> {
        Ok(vec![UNCHECKED])
    }
}

#[cfg(feature = "openpgp")]
mod openpgp {
    use formats::openpgp::{self, Checked, Outcome};

    use super::{Keys, Refusal, Signed, Timestamp, UNCHECKED, Worth, refusal};

    impl Keys {
        /// Reads OpenPGP public keys, armoured or not.
        pub fn parse(file: &[u8]) -> Result<Self, String> {
            let keys = openpgp::Keys::parse(file).map_err(|error| error.to_string())?;
            Ok(Self { keys: Some(keys), ..Self::default() })
        }

        /// These keys and others.
        #[must_use]
        pub fn and(self, others: Self) -> Self {
            let keys = match (self.keys, others.keys) {
                (Some(own), Some(others)) => Some(own.and(others)),
                (own, others) => own.or(others),
            };
            Self { keys, ..self }
        }

        /// Whether one of these keys has this fingerprint, written with spaces or without.
        pub fn are_of(&self, fingerprint: &str) -> bool {
            let told: String = fingerprint.split_whitespace().collect();
            let known = self.keys.iter().flat_map(openpgp::Keys::fingerprints);
            known.into_iter().any(|known| known.eq_ignore_ascii_case(&told))
        }

        pub(super) fn check(
            &self,
            document: &[u8],
            signature: &[u8],
            at: Timestamp,
        ) -> Result<Vec<Signed>, Refusal> {
            let Some(keys) = &self.keys else { return Ok(vec![UNCHECKED]) };
            let checked = openpgp::check(document, signature, keys, at).map_err(|error| refusal(&error))?;
            // A document counts as signed where one signature is good.
            let bad = checked.iter().find(|each| each.outcome == Outcome::Bad);
            if let Some(bad) = bad.filter(|_| !checked.iter().any(|each| each.outcome.is_good())) {
                return Err(Refusal::at(1, bad.to_string()));
            }
            Ok(checked.into_iter().map(signed).collect())
        }
    }

    fn signed(checked: Checked) -> Signed {
        let worth = match checked.outcome {
            Outcome::Good => Worth::Good,
            Outcome::UnknownKey => Worth::UnknownKey,
            _ => Worth::Doubtful,
        };
        Signed {
            worth,
            why: (worth == Worth::Doubtful).then(|| checked.to_string()),
            by: checked.names.into_iter().next(),
            key: checked.signer.or(checked.key),
            made_at: checked.made_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_signed_by_whoever_signed_the_one_before() {
        let by = |signed: &[(Worth, &str)]| Checks {
            signatures: signed
                .iter()
                .map(|(worth, key)| Signed { worth: *worth, key: Some((*key).to_owned()), ..UNCHECKED })
                .collect(),
            ..Checks::default()
        };
        let a = by(&[(Worth::Good, "A")]);
        for (now, lacks) in [
            (by(&[]), Some("A")),
            (by(&[(Worth::Doubtful, "A")]), Some("A")),
            (by(&[(Worth::Good, "B")]), Some("A")),
            (by(&[(Worth::Good, "B"), (Worth::Good, "A")]), None),
        ] {
            assert_eq!(now.lack_signer_of(&a), lacks);
            assert_eq!(now.lack_signer_of(&by(&[(Worth::Unchecked, "A")])), None);
        }
    }

    #[test]
    fn what_says_less_unlearns_nothing_and_what_says_as_much_is_the_newer_word() {
        let signed = |worth| Checks { signatures: vec![Signed { worth, ..UNCHECKED }], ..Checks::default() };
        for (now, before, stands) in [
            (Worth::Unchecked, Worth::UnknownKey, Worth::UnknownKey),
            (Worth::UnknownKey, Worth::Good, Worth::Good),
            (Worth::Doubtful, Worth::Good, Worth::Doubtful),
            (Worth::Good, Worth::Unchecked, Worth::Good),
        ] {
            assert_eq!(signed(now).or(signed(before)), signed(stands));
        }
        let summed = Checks { checksums: vec!["SHA-512".to_owned()], ..Checks::default() };
        assert_eq!(Checks::default().or(summed.clone()), summed);
    }
}
