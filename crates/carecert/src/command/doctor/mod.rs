//! `carecert doctor`: what is wrong with an installation, and what to do about it.
//!
//! It looks and changes nothing, so that it can be asked while the service runs, and before.

mod database;

use std::{os::unix::fs::PermissionsExt, path::Path, process::ExitCode, sync::Arc, time::Duration};

use broadcast::policy;
use clap::Args;
use jiff::Timestamp;
use platform::{
    env::Env,
    maildir,
    message::{NotifyPost, SmtpPost},
    net,
    settings::Settings,
};
use serde::Serialize;

use self::database::{database, offline};
use super::{Place, existing, settings_or_problems, take_policies};
use crate::config::{Needed, OF_A_SERVICE};

/// Less than so many bytes free is too little to go on with.
const TOO_FULL: u64 = 200 << 20;
/// Less than so many is worth a look.
const NEARLY_FULL: u64 = 2 << 30;

/// Mail that was set aside for longer than this was seen, or nobody will.
const SET_ASIDE: Duration = Duration::from_hours(14 * 24);

/// How to look.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Prints one object for a machine.
    #[arg(long)]
    json: bool,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Well,
    /// Somebody should look at it some day.
    Look,
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    health: Health,
    about: &'static str,
    says: String,
}

#[derive(Debug, Default, Serialize)]
struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, health: Health, about: &'static str, says: impl Into<String>) {
        self.findings.push(Finding { health, about, says: says.into() });
    }

    fn is_any(&self, health: Health) -> bool {
        self.findings.iter().any(|finding| finding.health == health)
    }
}

/// Runs it; exit code 1 where something is wrong.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let now = Env::machine().now();
    let mut findings = Findings::default();
    let Some(settings) = settings(&arguments.place, &mut findings) else {
        tell(&findings, arguments.json)?;
        return Ok(ExitCode::FAILURE);
    };
    address(&settings, &mut findings);
    folder(&settings, &mut findings);
    policies(&settings, now, &mut findings);
    mail(&settings, &mut findings).await;
    texts(&settings, &mut findings).await;
    let without =
        "Mail that comes back is not read, so that dead addresses count as reached: set mail.bounces.";
    maildir_of(settings.bounces.as_deref(), "bounces", without, &mut findings).await;
    let without = "Nobody can report an incident by mail: set mail.reports.";
    maildir_of(settings.reports.mail.as_deref(), "reports", without, &mut findings).await;
    match existing(&settings).await {
        Ok(db) => database(&db, &settings, now, &mut findings).await?,
        Err(error) => {
            findings.add(Health::Wrong, "database", format!("{error:#}"));
            offline(&settings, None, &mut findings).await?;
        }
    }
    tell(&findings, arguments.json)?;
    Ok(if findings.is_any(Health::Wrong) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The settings, and every error in them before anything else; `None` where nothing else can be looked at.
fn settings(place: &Place, findings: &mut Findings) -> Option<Settings> {
    let read = |needed: &[Needed]| match settings_or_problems(place, needed) {
        Ok(Ok(settings)) => Ok(settings),
        Ok(Err(problems)) => Err(problems.iter().map(ToString::to_string).collect()),
        Err(error) => Err(vec![sentence(&format!("{error:#}"))]),
    };
    match read(OF_A_SERVICE) {
        Ok(settings) => {
            findings.add(Health::Well, "settings", "They can be read, and hold what a service needs.");
            Some(settings)
        }
        Err(problems) => {
            for says in problems {
                findings.add(Health::Wrong, "settings", says);
            }
            // What is only missing keeps nothing else from being looked at.
            read(&[]).ok()
        }
    }
}

/// With one full stop at its end, whether what others said had one or not.
fn sentence(said: &str) -> String {
    format!("{}.", said.trim_end().trim_end_matches('.'))
}

fn tell(findings: &Findings, json: bool) -> anyhow::Result<()> {
    if json {
        say!("{}", serde_json::to_string(findings)?);
        return Ok(());
    }
    for Finding { health, about, says } in &findings.findings {
        let mark = match health {
            Health::Well => "well ",
            Health::Look => "look ",
            Health::Wrong => "WRONG",
        };
        say!("{mark}  {about:<9}  {says}");
    }
    Ok(())
}

fn address(settings: &Settings, findings: &mut Findings) {
    let url = &settings.public_url;
    if url.starts_with("https://") {
        findings.add(Health::Well, "address", format!("People reach it at {url}."));
    } else if settings.bind.ip().is_loopback() {
        findings.add(Health::Look, "address", format!("It is for this machine alone: {url}."));
    } else {
        let says = format!("People sign in at {url}, in the open. Put TLS before it, and set public_url.");
        findings.add(Health::Wrong, "address", says);
    }
}

/// Whether the installation's own response policies can be read, and which policy holds.
fn policies(settings: &Settings, now: Timestamp, findings: &mut Findings) {
    match take_policies(settings) {
        Ok(()) => {
            let says = format!("Alerts are issued under {}.", policy::Policy::current(now).id());
            findings.add(Health::Well, "policy", says);
        }
        Err(error) => findings.add(Health::Wrong, "policy", format!("{error:#}.")),
    }
}

/// The folder: whether others can read it, and how full its disk is.
fn folder(settings: &Settings, findings: &mut Findings) {
    let folder = &settings.data_dir;
    let shown = folder.display();
    let meta = match std::fs::metadata(folder) {
        Ok(meta) => meta,
        Err(error) => {
            let says = format!("{shown} cannot be looked at ({error}). `carecert serve` makes it.");
            return findings.add(Health::Wrong, "folder", says);
        }
    };
    if meta.permissions().mode() & 0o077 != 0 {
        let says = format!("Others on this machine can look into {shown}: run chmod 700 {shown}.");
        findings.add(Health::Wrong, "folder", says);
    }
    let free = rustix::fs::statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    match free {
        Ok(free) => {
            let health = match free {
                _ if free < TOO_FULL => Health::Wrong,
                _ if free < NEARLY_FULL => Health::Look,
                _ => Health::Well,
            };
            let says = format!("{} free at {shown}.", platform::web::show::size(free));
            findings.add(health, "folder", says);
        }
        Err(error) => findings.add(Health::Look, "folder", format!("How full {shown} is: {error}.")),
    }
}

async fn mail(settings: &Settings, findings: &mut Findings) {
    let Some(smtp) = &settings.smtp else {
        let says = "No mail server is configured, so that all mail waits: set smtp.host.";
        return findings.add(Health::Wrong, "mail", says);
    };
    let server = format!("{}:{}", smtp.host, smtp.port);
    let tried = match SmtpPost::new(smtp, &settings.cert) {
        Ok(post) => post.try_server().await,
        Err(error) => Err(error),
    };
    match tried {
        Ok(()) => findings.add(Health::Well, "mail", format!("{server} takes us in.")),
        Err(error) => findings.add(Health::Wrong, "mail", sentence(&format!("{server}: {error}"))),
    }
}

/// Whether the gateway of text messages takes us in, and has a template that our words fit in.
async fn texts(settings: &Settings, findings: &mut Findings) {
    let Some(sms) = &settings.sms else {
        let says = "No gateway is configured, so that nobody is texted when a High alert comes: set sms.key.";
        return findings.add(Health::Look, "texts", says);
    };
    let gateway = net::Client::new(&settings.network)
        .and_then(|client| NotifyPost::new(sms, Arc::new(client), Env::machine()));
    let tried = match gateway {
        Ok(gateway) => gateway.try_gateway().await,
        Err(error) => Err(error),
    };
    match tried {
        Ok(()) => findings.add(Health::Well, "texts", format!("{} takes us in.", sms.url)),
        Err(error) => findings.add(Health::Wrong, "texts", sentence(&format!("{}: {error}", sms.url))),
    }
    if sms.callback_token.is_none() {
        let says = "What becomes of texts is not known: set sms.callback_token, and the same at the gateway.";
        findings.add(Health::Look, "texts", says);
    }
}

/// Whether the mail of a Maildir can be read and put away, and whether somebody does so.
async fn maildir_of(folder: Option<&Path>, about: &'static str, without: &str, findings: &mut Findings) {
    let Some(folder) = folder else { return findings.add(Health::Look, about, without) };
    for part in ["new", "cur"].map(|part| folder.join(part)) {
        let access = rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        if let Err(error) = rustix::fs::access(&part, access) {
            let says = format!("{} cannot be read and written to: {error}.", part.display());
            return findings.add(Health::Wrong, about, says);
        }
    }
    match maildir::count_set_aside(folder, SET_ASIDE).await {
        Ok(0) => {}
        Ok(count) => {
            let more = if count == maildir::MOST { " or more" } else { "" };
            let says = format!(
                "Mail that could not be understood within {} days: {count}{more}. It is in {}, with an F at the end of \
                 its name: somebody should read it.",
                SET_ASIDE.as_secs() / (24 * 60 * 60),
                folder.join("cur").display()
            );
            findings.add(Health::Look, about, says);
        }
        Err(error) => {
            let says = format!("{}: {error}", folder.join("cur").display());
            findings.add(Health::Wrong, about, sentence(&says));
        }
    }
    match maildir::count_waiting(folder).await {
        Ok(0) => findings.add(Health::Well, about, format!("All mail in {} was read.", folder.display())),
        Ok(count) => {
            let says = format!("Mail in {} that waits to be read: {count} or more.", folder.display());
            findings.add(Health::Look, about, says);
        }
        Err(error) => findings.add(Health::Wrong, about, format!("{}: {error}.", folder.display())),
    }
}
