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
    let analyst = actor(app, Role::Analyst, "publishing").await?;
    let duty = actor(app, Role::DutyManager, "publishing").await?;
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

    deliver(app, table, "fan-out to message rows").await?;
    let begun = now();
    let mut sent = 0;
    while sent < 10_000 {
        sent += message::deliver_due(app, Lane::Bulk).await?.sent;
    }
    table.row("10,000 messages rendered and settled", shown(begun.elapsed()), "none set");
    table.row("memory at most, the whole bench included", format!("{} MB", peak_megabytes("self")), "200 MB");
    Ok(published.alert)
}

/// Measures an update of `alert` that keeps every answer, when each organisation has acknowledged.
pub async fn measure_update(app: &App, alert: AlertId, table: &mut Table) -> anyhow::Result<()> {
    let analyst = actor(app, Role::Analyst, "updating").await?;
    let duty = actor(app, Role::DutyManager, "updating").await?;
    acknowledged(app, alert).await?;
    let mut tx = app.write().await?;
    let number = alert::store::alert(&mut tx, alert).await?.context("an alert")?.number;
    let version = advisory::actions::start_update(&mut tx, &analyst, number).await?;
    let draft = advisory::store::version(&mut tx, version).await?.context("a version")?;
    let mut wording = draft.wording;
    wording.content.summary = "Attackers use it everywhere now.".into();
    advisory::actions::edit(&mut tx, &analyst, version, draft.edition, &wording).await?;
    advisory::actions::submit(&mut tx, &analyst, version, draft.edition + 1).await?;
    advisory::actions::approve(&mut tx, &duty, version, draft.edition + 2).await?;
    alert::actions::publish(&mut tx, &duty, version, Answers::Stand).await?;
    tx.commit().await?;
    deliver(app, table, "an update, every answer carried over, and its fan-out").await
}

/// Every organisation acknowledges; one by one would take the bench an hour.
async fn acknowledged(app: &App, alert: AlertId) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    let (now, by): (_, db::macro_support::Uuid) = (tx.now, tx.id());
    let said = sql!(
        "INSERT INTO response_event (organisation_id, alert_id, id, at, actor_kind, actor_id, through_id, event, was,
                                     stage, version, said)
         SELECT organisation_id, alert_id, organisation_id, ?2, 'person', ?3, organisation_id, 'acknowledge', stage,
                'in_progress', version + 1, '{}'
         FROM response WHERE alert_id = ?1"
    );
    tx.run(said, params![alert, now, by]).await?;
    let stands = sql!(
        "UPDATE response SET stage = 'in_progress', acknowledged_at = ?2, version = version + 1 WHERE alert_id = ?1"
    );
    tx.run(stands, params![alert, now]).await?;
    tx.commit().await?;
    Ok(())
}

/// Measures a fan-out, and what it leaves for a person who waits for a sign-in mail meanwhile.
async fn deliver(app: &App, table: &mut Table, what: &str) -> anyhow::Result<()> {
    hurry(app).await?;
    let begun = now();
    let fanned_out = tokio::spawn({
        let app = app.clone();
        async move { job::run_due(&app, Lane::Bulk, 8).await }
    });
    let mut worst = std::time::Duration::ZERO;
    while !fanned_out.is_finished() {
        let waited = now();
        sign_in_mail(app).await?;
        while message::deliver_due(app, Lane::Urgent).await?.taken == 0 {}
        worst = worst.max(waited.elapsed());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    fanned_out.await??;
    table.row(what, shown(begun.elapsed()), "none set");
    table.row("longest wait of a sign-in mail meanwhile", shown(worst), "not behind it");
    Ok(())
}

/// Somebody in this role, as an action wants them.
pub(crate) async fn actor(app: &App, role: Role, what: &str) -> anyhow::Result<Actor> {
    let mut tx = app.write().await?;
    let (id, now): (PersonId, _) = (tx.id(), tx.now);
    let person = sql!("INSERT INTO person (id, email, name, created_at) VALUES (?1, ?2, ?2, ?3)");
    tx.run(person, params![id, format!("{role}.{what}@bench.example"), now]).await?;
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

async fn sign_in_mail(app: &App) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    message::queue(&mut tx, &urgent(app, "somebody@bench.example".to_owned())).await?;
    tx.commit().await?;
    Ok(())
}

/// A mail that somebody waits for.
pub(crate) fn urgent(app: &App, address: String) -> Draft {
    Draft {
        kind: "log_head",
        lane: Lane::Urgent,
        address,
        person: None,
        contact: None,
        organisation: None,
        about: ("bench", None),
        fields: json!({}),
        not_before: None,
        key: format!("bench:{}", app.env.id::<db::macro_support::Uuid>()),
    }
}
