//! Signed mail: what another mail server and a reader check holds, and breaks when a word is changed.
//!
//! The checks are written from the standards and stand on ring and the reader of signatures of
//! advisories. The keys in `keys/` were made by openssl and `GnuPG` for these tests alone.

use std::path::{Path, PathBuf};

use carecert::SERVICES;
use data_encoding::BASE64;
use formats::openpgp;
use jiff::Timestamp;
use platform::{
    message::{Letter, Mail, MessageId, OfMailing, Post, SmtpPost},
    notification::mailing::Mailing,
    settings::{Cert, Smtp, SmtpSecurity},
};
use ring::{digest, rsa, signature};
use testkit::{
    smtp::{Security, SmtpServer},
    world::World,
};

use crate::process::Installation;

fn key(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/keys").join(name)
}

fn smtp(port: u16) -> Smtp {
    Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        security: SmtpSecurity::Plain,
        credentials: None,
        ca_file: None,
        dkim_key_file: None,
        dkim_selector: "carecert".to_owned(),
        openpgp_key_file: None,
    }
}

fn cert() -> Cert {
    Cert {
        name: "Test CSOC".to_owned(),
        telephone: "0300 303 5222".to_owned(),
        mail_from: "Test CSOC <alerts@cert.example>".to_owned(),
        data_controller: "nobody".to_owned(),
        privacy_email: "privacy@cert.example".to_owned(),
        bounces_to: None,
    }
}

/// What a server gets of a mail that is signed with these keys.
async fn sent(dkim: Option<&str>, openpgp: Option<&str>) -> String {
    sent_of(dkim, openpgp, None).await
}

/// The same, of a mailing.
async fn sent_of(dkim: Option<&str>, openpgp: Option<&str>, mailing: Option<OfMailing>) -> String {
    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let mut smtp = smtp(server.address.port());
    smtp.dkim_key_file = dkim.map(key);
    smtp.openpgp_key_file = openpgp.map(key);
    let id = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b".parse().expect("an id");
    let letter = Letter {
        subject: "[CC-0001] High: Ysbyty Gwynedd – prawf o bwnc sy'n hwy nag un llinell".to_owned(),
        text: "Plain words, with  spaces at the end.  \n.\nFrom here on: naïve.\n\n\n".to_owned(),
        html: Some("<p>HTML words.</p>".to_owned()),
    };
    let mail = Mail {
        id: MessageId(id),
        to: "it@trust.example".to_owned(),
        letter,
        again: false,
        answers: None,
        mailing,
    };
    SmtpPost::new(&smtp, &cert()).expect("a transport").send(&mail).await.expect("sent");
    // On the way each dot at the start of a line is doubled (RFC 5321, section 4.5.2).
    server.arrived()[0].source.replace("\r\n..", "\r\n.")
}

/// The lines of the head, each unfolded.
fn headers(source: &str) -> Vec<(String, String)> {
    let (head, _) = source.split_once("\r\n\r\n").expect("a head and a body");
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect()
}

/// RFC 6376, sections 3.4.2 and 3.4.4.
fn relaxed(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the DKIM signature holds, checked with the public half of a key (RFC 6376, section 6.1.3).
fn dkim_holds(source: &str, check: impl Fn(&str, &[u8], &[u8]) -> bool) -> bool {
    let headers = headers(source);
    let find = |name: &str| headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    let (_, signature) = find("DKIM-Signature").expect("a signature");
    let tag = |name: &str| {
        let mut tags = signature.split(';').filter_map(|tag| tag.trim().split_once('='));
        tags.find(|(own, _)| *own == name).map(|(_, value)| value.replace(' ', "")).expect(name)
    };
    assert_eq!(
        (tag("d"), tag("s"), tag("c")),
        ("cert.example".into(), "carecert".into(), "relaxed/relaxed".into())
    );
    let (_, body) = source.split_once("\r\n\r\n").expect("a head and a body");
    let lines = body.split("\r\n").map(|line| {
        let inner = relaxed(line);
        if line.starts_with([' ', '\t']) && !inner.is_empty() { format!(" {inner}") } else { inner }
    });
    let body = lines.collect::<Vec<_>>().join("\r\n");
    let body = format!("{}\r\n", body.trim_end_matches("\r\n"));
    let hash = digest::digest(&digest::SHA256, body.as_bytes());
    let named = tag("h");
    let headers = named.split(':').filter_map(find);
    let mut signed: Vec<_> =
        headers.map(|(name, value)| format!("{}:{}", name.to_ascii_lowercase(), relaxed(value))).collect();
    let (before, own) = signature.split_once("; b=").expect("the signature itself");
    signed.push(format!("dkim-signature:{}; b=", relaxed(before)));
    let signed = signed.join("\r\n");
    let own = BASE64.decode(own.replace(' ', "").as_bytes()).expect("base 64");
    tag("bh") == BASE64.encode(hash.as_ref()) && check(&tag("a"), signed.as_bytes(), &own)
}

fn der(name: &str) -> Vec<u8> {
    let pem = std::fs::read_to_string(key(name)).expect("a key");
    let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    BASE64.decode(lines.as_bytes()).expect("base 64")
}

fn rsa_holds(algorithm: &str, signed: &[u8], own: &[u8]) -> bool {
    let pair = rsa::KeyPair::from_pkcs8(&der("dkim_rsa.pem")).expect("a key");
    let public = signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public());
    algorithm == "rsa-sha256" && public.verify(signed, own).is_ok()
}

/// What is signed is the hash (RFC 8463, section 3).
fn ed25519_holds(algorithm: &str, signed: &[u8], own: &[u8]) -> bool {
    use signature::KeyPair as _;
    let pair =
        signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der("dkim_ed25519.pem")).expect("a key");
    let public = signature::UnparsedPublicKey::new(&signature::ED25519, pair.public_key());
    let hash = digest::digest(&digest::SHA256, signed);
    algorithm == "ed25519-sha256" && public.verify(hash.as_ref(), own).is_ok()
}

#[tokio::test]
async fn another_mail_server_sees_that_a_mail_is_ours_and_as_we_wrote_it() {
    let by_rsa = sent(Some("dkim_rsa.pem"), None).await;
    assert!(dkim_holds(&by_rsa, rsa_holds), "{by_rsa}");
    let by_ed25519 = sent(Some("dkim_ed25519.pem"), Some("openpgp.asc")).await;
    assert!(dkim_holds(&by_ed25519, ed25519_holds), "{by_ed25519}");
    assert!(!dkim_holds(&by_ed25519.replace("To: it@", "To: no@"), ed25519_holds));
    assert!(!dkim_holds(&by_ed25519.replace("HTML words", "Other words"), ed25519_holds));
    assert!(!sent(None, None).await.contains("DKIM-Signature"));
}

#[tokio::test]
async fn how_a_mailing_is_stopped_is_signed_too() {
    let stop = format!("https://portal.cert.example/mailings/{}", "Ab0-_".repeat(11));
    let mailing = Some(OfMailing { mailing: Mailing::Bulletin, stop: stop.clone() });
    for (name, holds) in
        [("dkim_rsa.pem", rsa_holds as fn(&str, &[u8], &[u8]) -> bool), ("dkim_ed25519.pem", ed25519_holds)]
    {
        let source = sent_of(Some(name), None, mailing.clone()).await;
        assert!(dkim_holds(&source, holds), "{source}");
        // RFC 8058, section 4.
        let (_, signature) =
            headers(&source).into_iter().find(|(name, _)| name == "DKIM-Signature").expect("a signature");
        for covered in ["list-unsubscribe", "list-unsubscribe-post", "list-id"] {
            assert!(signature.replace(' ', "").contains(&format!(":{covered}")), "{covered}: {signature}");
        }
        assert!(!dkim_holds(&source.replace(&stop, "https://other.example/"), holds));
    }
}

/// The signed part, as it stands between its boundaries, and the signature.
fn signed_part(source: &str) -> (&str, &str) {
    let (_, boundary) = source.split_once("boundary=\"").expect("a boundary");
    let (boundary, _) = boundary.split_once('"').expect("its end");
    let edge = format!("--{boundary}\r\n");
    let mut parts = source.split(&edge).skip(1);
    let (content, signature) = (parts.next().expect("a content"), parts.next().expect("a signature"));
    (content.strip_suffix("\r\n").expect("a line's end"), signature)
}

#[tokio::test]
async fn a_reader_sees_that_a_mail_is_ours() {
    let source = sent(Some("dkim_rsa.pem"), Some("openpgp.asc")).await;
    let kind = headers(&source).into_iter().find(|(name, _)| name == "Content-Type").expect("a type").1;
    for part in ["multipart/signed", "protocol=\"application/pgp-signature\"", "micalg=\"pgp-sha512\""] {
        assert!(kind.contains(part), "{kind}");
    }
    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let smtp = Smtp { openpgp_key_file: Some(key("openpgp.asc")), ..smtp(server.address.port()) };
    let post = SmtpPost::new(&smtp, &cert()).expect("a transport");
    let keys =
        openpgp::Keys::parse(post.public_key().expect("a key").armoured.as_bytes()).expect("a public key");
    let (content, signature) = signed_part(&source);
    assert!(content.contains("HTML words") && signature.contains("-----BEGIN PGP SIGNATURE-----"));
    let now: Timestamp = "2100-01-01T00:00:00Z".parse().expect("a moment");
    let check = |content: &str| {
        let signature = &signature[signature.find("-----BEGIN").unwrap_or_default()..];
        openpgp::check(content.as_bytes(), signature.as_bytes(), &keys, now).expect("a signature")
    };
    let checked = check(content);
    assert!(checked.len() == 1 && checked[0].outcome.is_good(), "{}", checked[0]);
    assert_eq!(checked[0].signer, post.public_key().map(|key| key.fingerprint.replace(' ', "")));
    assert!(!check(&content.replace("HTML words", "Other words"))[0].outcome.is_good());
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_told_before_a_mail_leaves_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.pem");
    let refused = |text: &str, wanted: &str| {
        std::fs::write(&file, text).expect("written");
        for (name, smtp) in [
            ("dkim", Smtp { dkim_key_file: Some(file.clone()), ..smtp(25) }),
            ("openpgp", Smtp { openpgp_key_file: Some(file.clone()), ..smtp(25) }),
        ] {
            let error = SmtpPost::new(&smtp, &cert()).expect_err("refused");
            assert!(error.starts_with(&format!("smtp.{name}_key_file: ")), "{error}");
            assert!(name == "openpgp" || error.contains(wanted), "{error}");
        }
    };
    refused("", "no private key that can be read");
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    refused(encrypted, "not a private key without a passphrase");
    let public = std::fs::read_to_string(key("openpgp.asc")).expect("a key");
    let cut = public.lines().take(6).collect::<Vec<_>>().join("\n");
    refused(&cut, "no private key that can be read");
    let error = SmtpPost::new(&Smtp { dkim_key_file: Some(folder.path().join("none")), ..smtp(25) }, &cert());
    assert!(error.expect_err("refused").contains("none: No such file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_gets_the_key_and_reads_how_to_tell_our_mail_from_others() {
    let world = World::new(SERVICES).await;
    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let installation = Installation::on(&world.app.settings.database_url, Some(&server));
    let plain = installation.serve().await;
    let page = installation.get("/about/mail", "").await;
    assert!(page.starts_with("HTTP/1.1 200") && !page.contains("OpenPGP"), "{page}");
    assert!(installation.get("/about/mail/key.asc", "").await.starts_with("HTTP/1.1 404"));
    plain.terminate();
    assert!(plain.ended().await.success());

    let settings = installation.path("carecert.toml");
    let more = format!("openpgp_key_file = \"{}\"\n", key("openpgp.asc").display());
    let text = std::fs::read_to_string(&settings).expect("settings");
    std::fs::write(&settings, format!("{text}{more}")).expect("written");
    let _signing = installation.serve().await;
    let page = installation.get("/about/mail", "").await;
    assert!(page.contains("4EF6 3605") && page.contains("/about/mail/key.asc"), "{page}");
    let given = installation.get("/about/mail/key.asc", "").await;
    assert!(given.contains("application/pgp-keys") && !given.contains("PRIVATE"), "{given}");
    assert!(given.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
}
