//! What an installation decides: names, addresses, limits. Read once at the start.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use jiff::civil::{Date, Weekday};
use url::Url;

use crate::net::{Allowed, Keys};

/// The settings of one installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that holds everything the embedded default stores.
    pub data_dir: PathBuf,
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// Where the portal listens.
    pub bind: SocketAddr,
    /// The portal's address as people see it, without a slash at the end.
    pub public_url: String,
    /// The CERT.
    pub cert: Cert,
    /// How mail leaves; `None` where it is caught (demonstration, tests).
    pub smtp: Option<Smtp>,
    /// The Maildir to which mail that cannot be delivered comes back; without, nobody learns of it.
    pub bounces: Option<PathBuf>,
    /// How incidents are reported when nothing else works.
    pub reports: Reports,
    /// How text messages leave; without, none is written.
    pub sms: Option<Sms>,
    /// When the weekly bulletin is sent; without, there is none.
    pub bulletin: Option<Weekly>,
    /// A file with response policies of the installation's own; without, the shipped ones hold.
    pub response_policies: Option<PathBuf>,
    /// Every page says that it is a demonstration.
    pub demonstration: bool,
    /// One person may release an advisory alone, with a reason and a review afterwards.
    pub single_person_release: bool,
    /// How much work a password hash costs.
    pub hashing: Hashing,
    /// The proxies whose `X-Forwarded-For` is believed when failed sign-ins are counted by network;
    /// usually none, or the one in front of the portal.
    pub trusted_proxies: Vec<IpAddr>,
    /// How requests to servers elsewhere leave.
    pub network: Network,
    /// Where the organisations are, for what the law asks them to report.
    pub regulators: Regulators,
    /// What is kept as evidence of incidents.
    pub evidence: Evidence,
}

/// What decides which regulators are to be told.
#[derive(Clone, Debug)]
pub struct Regulators {
    /// The country of this installation's organisations, as ISO 3166 codes it.
    pub country: String,
    /// First days of regimes, by their ids: of those that the program ships switched off.
    pub starts: BTreeMap<String, Date>,
}

impl Default for Regulators {
    fn default() -> Self {
        Self { country: "GB".to_owned(), starts: BTreeMap::new() }
    }
}

/// What is kept as evidence of incidents.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The largest file, in bytes.
    pub most_bytes: u64,
    /// Who says when it was there; without, nobody does.
    pub time_stamps: Option<TimeStamps>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { most_bytes: 4 * 1024 * 1024 * 1024, time_stamps: None }
    }
}

/// An authority that says by RFC 3161 when a hash was there.
#[derive(Clone, Debug)]
pub struct TimeStamps {
    /// Where it is asked.
    pub url: String,
    /// The certificates of which one has to vouch for it, as PEM.
    pub certificate_file: PathBuf,
}

/// How incidents are reported when nothing else works.
#[derive(Clone, Debug, Default)]
pub struct Reports {
    /// The Maildir of the mailbox to which people write when they are attacked; without, none is read.
    pub mail: Option<PathBuf>,
    /// The secret keys of age with which reports from the offline form are opened, the current one first;
    /// without, one is made at first use and kept in the database.
    pub age_identity_file: Option<PathBuf>,
}

/// A moment of each week, UK time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// The day.
    pub day: Weekday,
    /// The hour of the day, from 0 to 23.
    pub hour: i8,
}

/// How requests to servers elsewhere leave: feeds, gateways, webhooks.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Networks of its own that may be asked; the public internet always may.
    pub allow: Allowed,
    /// The proxy they go through, where there is one.
    pub proxy: Option<Url>,
    /// The keys that servers want to see.
    pub keys: Keys,
}

/// The team that runs this installation.
#[derive(Clone, Debug)]
pub struct Cert {
    /// Its name, "NHS National CSOC" in England.
    pub name: String,
    /// The number that is answered day and night.
    pub telephone: String,
    /// Who its mail is from.
    pub mail_from: String,
    /// Where mail that cannot be delivered comes back to, where that is not who it is from.
    pub bounces_to: Option<String>,
    /// Who decides on the personal data held here, for the privacy page.
    pub data_controller: String,
    /// Where its data protection officer is reached.
    pub privacy_email: String,
}

/// A mail server to hand mail to.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, String)>,
    /// Certificates to trust beside the system's, as PEM: many hospitals run their own authority.
    pub ca_file: Option<PathBuf>,
    /// The private key with which mails are signed for other mail servers (DKIM).
    pub dkim_key_file: Option<PathBuf>,
    /// Under which name, below `_domainkey` in the domain of the mails, the public key stands in the DNS.
    pub dkim_selector: String,
    /// The secret key with which mails are signed for those who read them (OpenPGP).
    pub openpgp_key_file: Option<PathBuf>,
}

/// A gateway for text messages that speaks as GOV.UK Notify does.
#[derive(Clone)]
pub struct Sms {
    /// Where it is, without a slash at the end.
    pub url: String,
    /// The service's key: its name, the service's id and the secret, joined by hyphens.
    pub key: String,
    /// The template that our words are put into.
    pub template: String,
    /// What the gateway shows with each receipt; without, no receipt is taken.
    pub callback_token: Option<String>,
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms")
            .field("url", &self.url)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte, usually port 465.
    Tls,
    /// TLS after `STARTTLS`, refused if the server does not offer it; usually port 587.
    StartTls,
    /// None: only for a server on this machine.
    Plain,
}

/// How much work a password hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashing {
    /// As OWASP advises for Argon2id: 19 MiB, two passes.
    Strong,
    /// As little as possible, for tests.
    Cheap,
}
