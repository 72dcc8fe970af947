//! Publishing to the nation: accepted how fast, in how much memory, and with what left for a
//! person who waits for a sign-in mail meanwhile.

use anyhow::Context;
use broadcast::{
    advisory::{self, Severity, Wording},
    alert::{self, AlertId, Answers},
    audience::{self, Choices, Mode, Part},
};
use db::{params, sql};
use platform::{
    Actor, App,
    access::{Person, PersonId, Role},
    job::{self, Lane},
    message::{self, Draft},
};
use serde_json::json;

use crate::table::{Table, now, peak_megabytes, shown};

/// Measures it, and says which alert it was.
pub async fn measure(app: &App, table: &mut Table) -> anyhow::Result<AlertId> {
    let (analyst, duty) = (somebody(app, Role::Analyst).await?, somebody(app, Role::DutyManager).await?);
    let mut wording = Wording::titled("A threat to the nation");
    wording.severity = Severity::High;
    wording.tlp = formats::Tlp::Green;
    wording.content.summary = "Attackers use it now.".into();
    wording.content.details = "It can be used without signing in.".into();
    wording.content.threat_type = Some(advisory::ThreatType::Vulnerability);
    wording.content.steps = vec![advisory::Step {
        kind: advisory::StepKind::Patch,
        text: "Install the update.".into(),
        link: None,
    }];
    wording.content.source =
        Some(advisory::Link { name: "Vendor".into(), url: "https://vendor.example/advisory".into() });
    let everybody = Choices {
        mode: Some(Mode::MustRespond),
        parts: vec![(Part::Kind, vec![audience::EVERY.to_owned()])],
    };
    let mut tx = app.write().await?;
    let version = advisory::actions::create(&mut tx, &analyst, &wording, None).await?.version;
    audience::actions::choose(&mut tx, &analyst, version, 1, &everybody).await?;
    let edition = advisory::store::version(&mut tx, version).await?.context("a version")?.edition;
    advisory::actions::submit(&mut tx, &analyst, version, edition).await?;
    advisory::actions::approve(&mut tx, &duty, version, edition + 1).await?;
    tx.commit().await?;

    let begun = now();
    let mut tx = app.write().await?;
    let published = alert::actions::publish(&mut tx, &duty, version, Answers::Anew).await?;
    tx.commit().await?;
    let what = format!("publishing to {} organisations accepted", published.organisations);
    table.row(&what, shown(begun.elapsed()), "5 s");

    hurry(app).await?;
    let begun = now();
    let fanned_out = tokio::spawn({
        let app = app.clone();
        async move { job::run_due(&app, Lane::Bulk, 8).await }
    });
    let mut worst = std::time::Duration::ZERO;
    let mut number = 0;
    while !fanned_out.is_finished() {
        let waited = now();
        sign_in_mail(app, number).await?;
        while message::deliver_due(app, Lane::Urgent).await?.taken == 0 {}
        worst = worst.max(waited.elapsed());
        number += 1;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    fanned_out.await??;
    table.row("fan-out to message rows", shown(begun.elapsed()), "none set");
    table.row("longest wait of a sign-in mail meanwhile", shown(worst), "not behind it");
    let begun = now();
    let mut sent = 0;
    while sent < 10_000 {
        sent += message::deliver_due(app, Lane::Bulk).await?.sent;
    }
    table.row("10,000 messages rendered and settled", shown(begun.elapsed()), "none set");
    table.row("memory at most, the whole bench included", format!("{} MB", peak_megabytes("self")), "200 MB");
    Ok(published.alert)
}

async fn somebody(app: &App, role: Role) -> anyhow::Result<Actor> {
    let mut tx = app.write().await?;
    let (id, now): (PersonId, _) = (tx.id(), tx.now);
    let person = sql!("INSERT INTO person (id, email, name, created_at) VALUES (?1, ?2, ?2, ?3)");
    tx.run(person, params![id, format!("{role}@bench.example"), now]).await?;
    let membership = sql!("INSERT INTO membership (id, holder_id, role, from_at) VALUES (?1, ?2, ?3, ?4)");
    let membership_id: db::macro_support::Uuid = tx.id();
    tx.run(membership, params![membership_id, id, role, now]).await?;
    tx.commit().await?;
    Ok(Actor::Person(Person {
        id,
        name: role.label().to_owned(),
        session: app.env.id(),
        roles: vec![(None, role)],
    }))
}

/// Lets the minute pass in which an alert can be called back.
async fn hurry(app: &App) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    tx.run(sql!("UPDATE alert SET deliver_at = 0"), params![]).await?;
    tx.run(sql!("UPDATE job SET run_at = 0"), params![]).await?;
    tx.commit().await?;
    Ok(())
}

async fn sign_in_mail(app: &App, number: u64) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    let draft = Draft {
        kind: "log_head",
        lane: Lane::Urgent,
        address: "somebody@bench.example".to_owned(),
        person: None,
        contact: None,
        organisation: None,
        about: ("bench", None),
        fields: json!({}),
        not_before: None,
        key: format!("bench:{number}"),
    };
    message::queue(&mut tx, &draft).await?;
    tx.commit().await?;
    Ok(())
}
