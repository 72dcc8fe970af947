//! What the doctor finds in the database: its tables, its people, the work that waits and what was not delivered.

use std::os::unix::fs::PermissionsExt;

use broadcast::{advisory::rota, alert, feed, policy};
use db::{Db, Snapshot};
use jiff::{SignedDuration, Timestamp};
use platform::{
    account, clock, log,
    message::{self, Channel},
    metrics, organisation,
    settings::Settings,
    webhook,
};
use react::offline::{self, OfflineError};

use super::{Findings, Health, sentence};
use crate::{SERVICES, demo};

/// What waits for longer than this waits for somebody.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Whether the file of keys for the offline form can be read, by nobody else; and with which key forms seal now.
pub(super) async fn offline(
    settings: &Settings,
    db: Option<&Db>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
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
        let opened = if count == 1 { "it alone".to_owned() } else { format!("{count} keys") };
        let says = format!("New forms seal for {current}. Forms sealed for {opened} are opened.");
        findings.add(Health::Well, "offline", says);
    } else {
        let says = "There is no key for the offline form yet. `carecert serve` makes one in the database; \
                    to keep it elsewhere, set reports.age_identity_file.";
        findings.add(Health::Look, "offline", says);
    }
    Ok(())
}

/// All of it.
pub(super) async fn database(
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
            "Nothing has left since {}: {} All waits, and nothing is lost.",
            down.down_since,
            sentence(&down.last_error)
        );
        findings.add(Health::Wrong, about, says);
    }
    undelivered(&mut snapshot, findings).await?;
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

/// What was not taken where it was sent: messages of alerts, and what webhooks were told.
async fn undelivered(snapshot: &mut Snapshot, findings: &mut Findings) -> anyhow::Result<()> {
    for failed in alert::store::failed(snapshot).await? {
        let says = format!(
            "Messages about {} that failed: {}. See /alerts/{}/deliveries?state=failed for why.",
            failed.number, failed.messages, failed.id
        );
        findings.add(Health::Look, "alerts", says);
    }
    let webhooks = webhook::troubled(snapshot).await?;
    if let Some(since) = webhooks.failing_since {
        let says = format!(
            "Webhooks whose server takes nothing: {}, the first since {since}. Those who keep them see why.",
            webhooks.failing
        );
        findings.add(Health::Look, "webhooks", says);
    }
    if webhooks.given_up > 0 {
        let says = format!(
            "Webhooks that were switched off because their server took nothing: {}. Those who keep them switch \
             them on again.",
            webhooks.given_up
        );
        findings.add(Health::Look, "webhooks", says);
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
