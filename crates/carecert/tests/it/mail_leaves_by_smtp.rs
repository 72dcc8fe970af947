//! Real mail to a real conversation: with TLS, with a name and password, and with a stable id.

use platform::{
    message::{Letter, Mail, MessageId, OfMailing, Post, PostError, SmtpPost},
    notification::mailing::Mailing,
    settings::{Cert, Smtp, SmtpSecurity},
};
use testkit::smtp::{Arrived, Security, SmtpServer};

fn cert() -> Cert {
    Cert {
        name: "Test CSOC".to_owned(),
        telephone: "0300 303 5222".to_owned(),
        mail_from: "Test CSOC <alerts@cert.example>".to_owned(),
        bounces_to: None,
        data_controller: "nobody".to_owned(),
        privacy_email: "privacy@cert.example".to_owned(),
    }
}

fn mail() -> Mail {
    let id = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b".parse().expect("an id");
    let letter = Letter {
        subject: "[CC-0001] High: Ysbyty Gwynedd – prawf".to_owned(),
        text: "Plain words.\n.\nA line with one dot is not the end.".to_owned(),
        html: Some("<p>HTML words.</p>".to_owned()),
    };
    Mail {
        id: MessageId(id),
        to: "it@trust.example".to_owned(),
        letter,
        again: false,
        answers: None,
        mailing: None,
    }
}

fn post(server: &SmtpServer, security: SmtpSecurity, trusted: bool) -> SmtpPost {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &server.certificate).expect("written");
    let smtp = Smtp {
        host: "localhost".to_owned(),
        port: server.address.port(),
        security,
        credentials: Some(("cert".to_owned(), "secret".to_owned())),
        ca_file: trusted.then_some(file),
        dkim_key_file: None,
        dkim_selector: "carecert".to_owned(),
        openpgp_key_file: None,
    };
    SmtpPost::new(&smtp, &cert()).expect("a transport")
}

#[tokio::test]
async fn a_mail_arrives_under_every_kind_of_protection() {
    let kinds = [
        (Security::Plain, SmtpSecurity::Plain),
        (Security::StartTls, SmtpSecurity::StartTls),
        (Security::Tls, SmtpSecurity::Tls),
    ];
    for (offered, asked) in kinds {
        let server = SmtpServer::start(offered).await.expect("a server");
        post(&server, asked, true).send(&mail()).await.expect("sent");
        let arrived = server.arrived();
        assert_eq!(arrived.len(), 1);
        let arrived = &arrived[0];
        assert_eq!(arrived.to, "it@trust.example");
        assert_eq!(arrived.encrypted, offered != Security::Plain);
        assert_eq!(arrived.user.as_deref(), Some("cert"));
        let id = arrived.header("Message-ID");
        assert_eq!(id, Some("<0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b@cert.example>"));
        assert_eq!(arrived.header("Auto-Submitted"), Some("auto-generated"));
        assert!(arrived.source.contains("Plain words.") && arrived.source.contains("<p>HTML words.</p>"));
        assert!(arrived.source.contains("\r\n..\r\n"), "a lone dot is doubled on the way");
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted_or_offers_no_tls_gets_nothing() {
    let server = SmtpServer::start(Security::Tls).await.expect("a server");
    let untrusted = post(&server, SmtpSecurity::Tls, false).send(&mail()).await;
    assert!(matches!(untrusted, Err(PostError::Down(_))), "{untrusted:?}");
    assert_eq!(server.count(), 0);

    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let downgraded = post(&server, SmtpSecurity::StartTls, true).send(&mail()).await;
    assert!(matches!(downgraded, Err(PostError::Later(_))), "{downgraded:?}");
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_mailing_says_how_it_is_stopped_and_no_other_mail_does() {
    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let post = post(&server, SmtpSecurity::Plain, true);
    let of = |stop: &str| Mail {
        mailing: Some(OfMailing { mailing: Mailing::Bulletin, stop: stop.to_owned() }),
        ..mail()
    };
    let long = format!("https://portal.cert.example/mailings/{}", "Ab0-_".repeat(11));
    for mail in [of(&long), of("http://portal.cert.example/mailings/x"), mail()] {
        post.send(&mail).await.expect("sent");
    }
    let [secure, open, other] = &server.arrived()[..] else { panic!("three mails") };
    let headers = |arrived: &Arrived| {
        ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
            .map(|name| arrived.header(name).map(str::to_owned))
    };
    let id = Some("Weekly bulletin <bulletin.cert.example>".to_owned());
    let one_click = Some("List-Unsubscribe=One-Click".to_owned());
    assert_eq!(headers(secure), [id.clone(), Some(format!("<{long}>")), one_click]);
    // A mail program asks for TLS before it posts.
    assert_eq!(headers(open), [id, Some("<http://portal.cert.example/mailings/x>".to_owned()), None]);
    assert_eq!(headers(other), [None, None, None]);
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_told_from_a_refusal_that_may_be_about_us() {
    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let post = post(&server, SmtpSecurity::Plain, true);
    for (answer, status) in [
        ("550 5.1.1 <it@trust.example>: user unknown", Some("5.1.1")),
        ("550-5.1.10 RESOLVER.ADR.RecipientNotFound\r\n550 5.1.10 not found", Some("5.1.10")),
        ("550 5.2.1 mailbox disabled", Some("5.2.1")),
        ("550 user unknown", None),
        ("550 Not here, see 5.1.1", None),
        ("550 5.1.8 bad sender's domain", None),
        ("554 5.7.1 relay access denied", None),
        ("550 5.4.1 Recipient address rejected: Access denied", None),
    ] {
        server.refuses_recipients(answer);
        match (post.send(&mail()).await, status) {
            (Err(PostError::NoMailbox { status, said }), Some(expected)) => {
                assert_eq!(status.to_string(), expected);
                assert!(said.starts_with(&format!("550 {expected} ")), "{said}");
            }
            (Err(PostError::Refused(said)), None) => assert!(said.contains(&answer[4..]), "{said}"),
            (other, _) => panic!("{answer}: {other:?}"),
        }
    }
    server.refuses_recipients("450 4.1.1 user unknown, try again");
    assert!(matches!(post.send(&mail()).await, Err(PostError::Later(_))));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_for_good() {
    let server = SmtpServer::start(Security::Plain).await.expect("a server");
    let wrong = Mail { to: "not an address".to_owned(), ..mail() };
    let refused = post(&server, SmtpSecurity::Plain, true).send(&wrong).await;
    assert!(matches!(refused, Err(PostError::Refused(_))), "{refused:?}");
}
