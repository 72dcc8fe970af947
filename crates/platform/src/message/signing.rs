//! What a mail proves of its origin: to mail servers by DKIM (RFC 6376 and 8463), to those who read it
//! by OpenPGP (RFC 3156).

use data_encoding::BASE64;
use lettre::message::{
    MultiPart,
    dkim::{
        DkimCanonicalization, DkimCanonicalizationType::Relaxed, DkimConfig, DkimSigningAlgorithm,
        DkimSigningKey,
    },
    header::HeaderName,
};
use pkcs8::{ObjectIdentifier, PrivateKeyInfo, SecretDocument, der::pem};

use super::PublicKey;
use crate::settings::Smtp;

/// What DKIM signs beside the body. `Content-Type` cannot be among them: lettre takes it for a part of
/// the body, and a signature that names it does not hold.
const HEADERS: [&str; 7] = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"];
/// The same, and those of a mailing: a reader's program offers to stop it only where they are signed (RFC 8058, section 4).
const HEADERS_OF_MAILINGS: [&str; 10] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
/// RFC 8017, appendix A.1.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The signatures for mail servers over mails from `domain`: of any, and of those of a mailing.
#[derive(Debug)]
pub(super) struct Dkim {
    pub any: DkimConfig,
    pub of_mailings: DkimConfig,
}

/// How mails from `domain` are signed for mail servers, where the settings name a key.
pub(super) fn dkim(smtp: &Smtp, domain: &str) -> Result<Option<Dkim>, String> {
    let Some(file) = &smtp.dkim_key_file else { return Ok(None) };
    let wrong = |reason: String| format!("smtp.dkim_key_file: {}: {reason}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let over = |headers: &[&'static str]| {
        let key = dkim_key(&text).map_err(wrong)?;
        let headers = headers.iter().map(|name| HeaderName::new_from_ascii_str(name)).collect();
        let relaxed = DkimCanonicalization { header: Relaxed, body: Relaxed };
        Ok::<_, String>(DkimConfig::new(smtp.dkim_selector.clone(), domain.to_owned(), key, headers, relaxed))
    };
    Ok(Some(Dkim { any: over(&HEADERS)?, of_mailings: over(&HEADERS_OF_MAILINGS)? }))
}

/// A private key of RSA or Ed25519 as openssl writes them: PKCS #8, or PKCS #1 for RSA.
fn dkim_key(text: &str) -> Result<DkimSigningKey, String> {
    let rsa =
        |text: &str| DkimSigningKey::new(text, DkimSigningAlgorithm::Rsa).map_err(|error| error.to_string());
    if text.contains("BEGIN RSA PRIVATE KEY") {
        return rsa(text);
    }
    let wrong = |error: &dyn std::fmt::Display| format!("it holds no private key that can be read: {error}");
    let (label, document) = SecretDocument::from_pem(text).map_err(|error| wrong(&error))?;
    if label != "PRIVATE KEY" {
        return Err(format!("it holds a \"{label}\", not a private key without a passphrase"));
    }
    let key = PrivateKeyInfo::try_from(document.as_bytes()).map_err(|error| wrong(&error))?;
    match key.algorithm.oid {
        RSA => {
            let line_ending = pem::LineEnding::LF;
            let text = pem::encode_string("RSA PRIVATE KEY", line_ending, key.private_key);
            rsa(&text.map_err(|error| wrong(&error))?)
        }
        ED25519 => {
            // An octet string of 32 bytes within the octet string of every key.
            let seed = key.private_key.strip_prefix(&[0x04, 0x20]).ok_or("the key is cut off")?;
            DkimSigningKey::new(&BASE64.encode(seed), DkimSigningAlgorithm::Ed25519)
                .map_err(|error| error.to_string())
        }
        other => Err(format!("a key of the kind {other} signs no mail: make one of RSA or Ed25519")),
    }
}

/// Signs for readers.
#[derive(Debug)]
pub(super) struct Signature {
    #[cfg(feature = "openpgp")]
    signer: formats::openpgp::Signer,
    pub public_key: PublicKey,
}

#[cfg(feature = "openpgp")]
impl Signature {
    /// The key that the settings name, if it may sign now.
    pub fn of(smtp: &Smtp) -> Result<Option<Self>, String> {
        let Some(file) = &smtp.openpgp_key_file else { return Ok(None) };
        let wrong = |reason: String| format!("smtp.openpgp_key_file: {}: {reason}", file.display());
        let key = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
        let now = crate::env::Env::machine().now();
        let signer = formats::openpgp::Signer::parse(&key, now).map_err(|error| wrong(error.to_string()))?;
        let armoured = signer.public_key().map_err(|error| wrong(error.to_string()))?;
        let fingerprint = signer.fingerprint();
        let fours: Vec<_> = fingerprint.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        let public_key = PublicKey { armoured, fingerprint: fours.join(" ") };
        Ok(Some(Self { signer, public_key }))
    }

    /// The content with its signature beside it.
    pub fn over(&self, content: MultiPart) -> Result<MultiPart, String> {
        use lettre::message::{SinglePart, header::ContentType};

        let formatted = content.formatted();
        // The end of the last line belongs to the boundary that follows it (RFC 3156, section 5).
        let signed = formatted.strip_suffix(b"\r\n").unwrap_or(&formatted);
        let signature = self.signer.sign(signed).map_err(|error| error.to_string())?;
        let kind = ContentType::parse("application/pgp-signature; name=\"signature.asc\"");
        let signature =
            SinglePart::builder().header(kind.map_err(|error| error.to_string())?).body(signature);
        let hash = formats::openpgp::Signer::HASH.to_owned();
        let signed = MultiPart::signed("application/pgp-signature".to_owned(), hash);
        Ok(signed.multipart(content).singlepart(signature))
    }
}

#[cfg(not(feature = "openpgp"))]
impl Signature {
    /// Refused: a mail that should be signed must not leave as one that is not.
    pub fn of(smtp: &Smtp) -> Result<Option<Self>, String> {
        match &smtp.openpgp_key_file {
            None => Ok(None),
            Some(_) => Err("smtp.openpgp_key_file: this program was built without OpenPGP".to_owned()),
        }
    }

    /// The content as it is: there is no key.
    pub fn over(&self, content: MultiPart) -> Result<MultiPart, String> {
        Ok(content)
    }
}
