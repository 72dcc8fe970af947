//! Hands mail to an SMTP server, with TLS and authentication as configured.

use std::{error::Error as _, time::Duration};

use formats::bounce::Status;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{self, ContentTransferEncoding::QuotedPrintable, ContentType},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::{
    Letter, Mail, OfMailing, Post, PostError, PublicKey, Sending,
    signing::{self, Dkim, Signature},
};
use crate::settings::{Cert, Smtp, SmtpSecurity};

/// When a server that does not answer is given up: well before another worker takes over what waits for it.
const WITHIN: Duration = Duration::from_secs(20);
/// So much is kept of what a server says of a mailbox, in letters.
const LONGEST: usize = 300;

/// Mail through an SMTP server.
#[derive(Debug)]
pub struct SmtpPost {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The sender of the envelope, to whom mail servers return what they cannot deliver.
    bounces_to: Address,
    domain: String,
    dkim: Option<Dkim>,
    signature: Option<Signature>,
}

impl SmtpPost {
    /// A pool of connections to the configured server; none is opened yet.
    #[expect(clippy::disallowed_methods, reason = "the one place that makes a mail client")]
    pub fn new(smtp: &Smtp, cert: &Cert) -> Result<Self, String> {
        let from: Mailbox = cert.mail_from.parse().map_err(|error| format!("cert.mail_from: {error}"))?;
        let bounces_to = match &cert.bounces_to {
            Some(address) => {
                let mailbox: Mailbox =
                    address.parse().map_err(|error| format!("mail.bounces_to: {error}"))?;
                mailbox.email
            }
            None => from.email.clone(),
        };
        let tls = match smtp.security {
            SmtpSecurity::Tls => Tls::Wrapper(tls(smtp)?),
            SmtpSecurity::StartTls => Tls::Required(tls(smtp)?),
            SmtpSecurity::Plain => Tls::None,
        };
        // "Dangerous" is lettre's word for a builder whose protection is set by hand, as here.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(tls)
            .timeout(Some(WITHIN));
        if let Some((user, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        let domain = from.email.domain().to_owned();
        let (dkim, signature) = (signing::dkim(smtp, &domain)?, Signature::of(smtp)?);
        Ok(Self { transport: builder.build(), from, bounces_to, domain, dkim, signature })
    }

    /// Whether the server can be reached as configured, name and password included. Sends nothing.
    pub async fn try_server(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server does not answer as it should".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, String> {
        let to: Mailbox = mail.to.parse().map_err(|error| format!("the address cannot be read: {error}"))?;
        let envelope = Envelope::new(Some(self.bounces_to.clone()), vec![to.email.clone()])
            .map_err(|error| error.to_string())?;
        let mut builder = Message::builder()
            .envelope(envelope)
            .from(self.from.clone())
            .to(to)
            .subject(&mail.letter.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, self.domain)))
            // Asks out-of-office replies to stay away (RFC 3834).
            .header(AutoSubmitted(if mail.answers.is_some() { "auto-replied" } else { "auto-generated" }));
        if let Some(answered) = &mail.answers {
            builder = builder.in_reply_to(answered.clone()).references(answered.clone());
        }
        if let Some(OfMailing { mailing, stop }) = &mail.mailing {
            // RFC 2919, section 3; RFC 8058, section 3.1, which is about addresses under TLS.
            let id = format!("{} <{}.{}>", mailing.label(), mailing.code(), self.domain);
            builder = builder.header(ListId(id)).header(ListUnsubscribe(format!("<{stop}>")));
            if stop.starts_with("https://") {
                builder = builder.header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
            }
        }
        let Letter { text, html, .. } = mail.letter.clone();
        let mut content = MultiPart::alternative().singlepart(part(ContentType::TEXT_PLAIN, text));
        if let Some(html) = html {
            content = content.singlepart(part(ContentType::TEXT_HTML, html));
        }
        if let Some(signature) = &self.signature {
            content = signature.over(content)?;
        }
        let mut message = builder.multipart(content).map_err(|error| error.to_string())?;
        if let Some(dkim) = &self.dkim {
            message.sign(if mail.mailing.is_some() { &dkim.of_mailings } else { &dkim.any });
        }
        Ok(message)
    }
}

/// Whether it is this mail that a server does not take, or whether it takes none: it is not there, closes (421), or wants
/// other credentials (RFC 4954, section 6).
fn why(error: &lettre::transport::smtp::Error) -> PostError {
    let said = error.to_string();
    match error.status().map(u16::from) {
        Some(421 | 454 | 530 | 534 | 535 | 538) => PostError::Down(said),
        Some(code) if error.is_permanent() => {
            let words = error.source().map(ToString::to_string).unwrap_or_default();
            let status = Status::leading(&words).filter(is_no_mailbox);
            // The whole, with the reply's own code before it, as a report of a server has it.
            let words = format!("{code} {words}").chars().take(LONGEST).collect();
            status.map_or(PostError::Refused(said), |status| PostError::NoMailbox { status, said: words })
        }
        Some(_) => PostError::Later(said),
        // What we asked of it that it does not offer, such as protection.
        None if error.is_client() => PostError::Later(said),
        None => PostError::Down(said),
    }
}

/// The numbers that can be about nothing but the address that a mail goes to. Whatever else a server refuses may be
/// about us: the sender's address (5.1.7, 5.1.8), what we say, a rule (5.7), or a relay that does not know its names.
fn is_no_mailbox(status: &Status) -> bool {
    matches!((status.class, status.subject, status.detail), (5, 1, 1 | 10) | (5, 2, 1))
}

/// In an encoding that no server on the way has a reason to change: a signature would break.
fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder().header(kind).header(QuotedPrintable).body(text)
}

/// The system's certificates, and those of the installation's own authority.
fn tls(smtp: &Smtp) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(file) = &smtp.ca_file {
        let pem =
            std::fs::read(file).map_err(|error| format!("smtp.ca_file: {}: {error}", file.display()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| format!("smtp.ca_file: {error}"))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|error| format!("smtp.host: {error}"))
}

/// `Auto-Submitted`, RFC 3834 section 5.
#[derive(Clone)]
struct AutoSubmitted(&'static str);

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let known = ["auto-replied", "auto-generated"].into_iter().find(|known| *known == text);
        known.map(Self).ok_or_else(|| "neither of the words that we write".into())
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), self.0.to_owned())
    }
}

/// A header that holds what we write.
macro_rules! header_of_mailings {
    ($kind:ident, $name:literal) => {
        #[derive(Clone)]
        struct $kind(String);

        impl header::Header for $kind {
            fn name() -> header::HeaderName {
                header::HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> header::HeaderValue {
                header::HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

header_of_mailings!(ListId, "List-Id");
header_of_mailings!(ListUnsubscribe, "List-Unsubscribe");
header_of_mailings!(ListUnsubscribePost, "List-Unsubscribe-Post");

impl Post for SmtpPost {
    fn public_key(&self) -> Option<&PublicKey> {
        self.signature.as_ref().map(|signature| &signature.public_key)
    }

    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = self.message(mail).map_err(PostError::Refused)?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(why(&error)),
            }
        })
    }
}
