//! `carecert doctor`: what is wrong with an installation, and what to do about it.
//!
//! It looks and changes nothing, so that it can be asked while the service runs, and before.

use std::{os::unix::fs::PermissionsExt, path::Path, process::ExitCode, sync::Arc};

use broadcast::{advisory::rota, feed, policy};
use clap::Args;
use db::{Db, Snapshot};
use jiff::{SignedDuration, Timestamp};
use platform::{
    account, clock,
    env::Env,
    log, maildir,
    message::{self, Channel, NotifyPost, SmtpPost},
    metrics, net, organisation,
    settings::Settings,
};
use react::offline::{self, OfflineError};
use serde::Serialize;

use super::{Place, existing, settings_with, take_policies};
use crate::{SERVICES, config::OF_A_SERVICE, demo};

/// Less than so many bytes free is too little to go on with.
const TOO_FULL: u64 = 200 << 20;
/// Less than so many is worth a look.
const NEARLY_FULL: u64 = 2 << 30;
/// What waits for longer than this waits for somebody.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

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
    // Every error in the settings, before anything else.
    let settings = settings_with(&arguments.place, OF_A_SERVICE)?;
    let now = Env::machine().now();
    let mut findings = Findings::default();
    findings.add(Health::Well, "settings", "They can be read, and hold what a service needs.");
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
        Err(error) => findings.add(Health::Wrong, "mail", format!("{server}: {error}.")),
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
        Err(error) => findings.add(Health::Wrong, "texts", format!("{}: {error}.", sms.url)),
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
    match maildir::count_waiting(folder).await {
        Ok(0) => findings.add(Health::Well, about, format!("All mail in {} was read.", folder.display())),
        Ok(count) => {
            let says = format!("Mail in {} that waits to be read: {count} or more.", folder.display());
            findings.add(Health::Look, about, says);
        }
        Err(error) => findings.add(Health::Wrong, about, format!("{}: {error}.", folder.display())),
    }
}

/// Whether the file of keys for the offline form can be read, by nobody else; and with which key forms seal now.
async fn offline(settings: &Settings, db: Option<&Db>, findings: &mut Findings) -> anyhow::Result<()> {
    let mut keys = Vec::new();
    if let Some(file) = &settings.reports.age_identity_file {
        match offline::actions::of_file(file).await {
            Ok(named) => keys.extend(named),
            Err(OfflineError::Keys(says)) => {
                findings.add(Health::Wrong, "offline", says);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        if std::fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
            let shown = file.display();
            let says = format!("Others on this machine can read the keys in {shown}: run chmod 600 {shown}.");
            findings.add(Health::Wrong, "offline", says);
            return Ok(());
        }
    }
    if let Some(db) = db {
        keys.extend(offline::actions::kept(&mut db.read_long().await?).await?);
    }
    if let Some(key) = keys.first() {
        let (current, count) = (key.recipient(), keys.len());
        let says = format!("New forms seal for {current}. Forms of {count} keys are opened.");
        findings.add(Health::Well, "offline", says);
    } else {
        let says = "There is no key for the offline form yet. `carecert serve` makes one in the database; \
                    to keep it elsewhere, set reports.age_identity_file.";
        findings.add(Health::Look, "offline", says);
    }
    Ok(())
}

async fn database(
    db: &Db,
    settings: &Settings,
    now: Timestamp,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut sets: Vec<_> = SERVICES.iter().map(|service| service.migrations).collect();
    let mut standing = db.standing(&sets).await?;
    if standing.unknown > 0 {
        // What is more may be a demonstration's, which is no newer program.
        sets.push(demo::SERVICE.migrations);
        let with_demonstration = db.standing(&sets).await?;
        if with_demonstration.unknown == 0 {
            let says = "It holds a demonstration: invented people and cases, and no mail leaves it.";
            findings.add(Health::Look, "database", says);
            standing = with_demonstration;
        }
    }
    if standing.unknown > 0 {
        let says = "A newer CareCERT has worked on it. Use that one: this one would not know all it holds.";
        findings.add(Health::Wrong, "database", says);
        return Ok(());
    }
    if standing.ahead > 0 {
        let says = format!(
            "Its tables are {} steps behind this program. `carecert serve` takes them; make a backup before.",
            standing.ahead
        );
        findings.add(Health::Look, "database", says);
        return Ok(());
    }
    findings.add(Health::Well, "database", "Its tables are up to date.");
    let mut snapshot = db.read_long().await?;
    offline(settings, Some(db), findings).await?;
    people(&mut snapshot, settings, now, findings).await?;
    let unknown = policy::unknown(&mut snapshot).await?;
    if !unknown.is_empty() {
        let says = format!(
            "Alerts in force were issued under {}, which is not known here: nobody is told of their deadlines. Set \
             response.policies_file as it was.",
            unknown.join(", ")
        );
        findings.add(Health::Wrong, "policy", says);
    }
    work(&mut snapshot, now, findings).await?;
    for down in message::all_down(&mut snapshot).await? {
        let about = if down.channel == Channel::Mail { "mail" } else { "texts" };
        let says = format!(
            "Nothing has left since {}: {}. All waits, and nothing is lost.",
            down.down_since, down.last_error
        );
        findings.add(Health::Wrong, about, says);
    }
    for jump in clock::jumps(&mut snapshot, now).await? {
        let says = format!(
            "The clock of a machine was {} ({}): see to its time server.",
            jump.in_words(),
            jump.noticed_at
        );
        findings.add(Health::Look, "clock", says);
    }
    if organisation::store::is_any(&mut snapshot).await? {
        findings.add(Health::Well, "sector", "It has organisations.");
    } else {
        let says = "It has no organisation yet: `carecert import organisations FILE`.";
        findings.add(Health::Look, "sector", says);
    }
    for feed in feed::store::alarmed(&mut snapshot).await? {
        let says =
            format!("The feed {} fails or has fallen silent: see /sources/feeds/{}.", feed.name, feed.id);
        findings.add(Health::Look, "feeds", says);
    }
    Ok(())
}

/// Whether there is somebody for what only some may do.
async fn people(
    snapshot: &mut Snapshot,
    settings: &Settings,
    now: Timestamp,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    if account::has_administrator(snapshot, now).await? {
        findings.add(Health::Well, "people", "There is an administrator.");
    } else {
        let says = "Nobody is an administrator: `carecert account create --role admin --email …`.";
        findings.add(Health::Wrong, "people", says);
    }
    let approvers = rota::approvers(snapshot, now).await?;
    match approvers.len() {
        0 => findings.add(Health::Wrong, "people", "Nobody is a duty manager, so that nothing is published."),
        1 if !settings.single_person_release => {
            let says = "There is one duty manager, who cannot approve what they edited: invite a second one.";
            findings.add(Health::Wrong, "people", says);
        }
        _ if approvers.iter().all(|approver| approver.position.is_none()) => {
            let says = "Nobody is on the rota of approvers: at night all are rung. See /advisories/rota.";
            findings.add(Health::Look, "people", says);
        }
        count => findings.add(Health::Well, "people", format!("{count} duty managers can approve.")),
    }
    Ok(())
}

/// Whether anybody does the work that waits.
async fn work(snapshot: &mut Snapshot, now: Timestamp, findings: &mut Findings) -> anyhow::Result<()> {
    let seen = metrics::see(snapshot).await?;
    if seen.jobs.dead > 0 {
        let says =
            format!("Jobs that were given up: {}. See /jobs for why, and try them again.", seen.jobs.dead);
        findings.add(Health::Wrong, "work", says);
    }
    let late = |since: Timestamp| now.duration_since(since) > PATIENCE;
    let oldest = seen.messages.iter().map(|waiting| waiting.oldest).min().filter(|oldest| late(*oldest));
    let clock = seen.next_clock.filter(|next| late(*next));
    let unsealed = log::waiting_since(snapshot, now - PATIENCE).await?;
    if oldest.is_none() && clock.is_none() && unsealed == 0 {
        findings.add(Health::Well, "work", "Nothing waits for longer than it should.");
        return Ok(());
    }
    let messages: i64 = seen.messages.iter().map(|waiting| waiting.waiting).sum();
    let parts = [
        oldest.map(|oldest| format!("Messages that wait: {messages}, the oldest since {oldest}")),
        clock.map(|next| format!("A deadline was not seen to: {next}")),
        (unsealed > 0).then(|| format!("Entries of the log that are not sealed: {unsealed}")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let says = format!("{}. Is `carecert serve` or `carecert work` running?", parts.join(". "));
    findings.add(Health::Wrong, "work", says);
    Ok(())
}
