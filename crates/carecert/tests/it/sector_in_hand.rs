//! What the journeys of responses stand on: organisations by the hundred, who answers for whom,
//! mailboxes, and an alert in force.

use broadcast::{
    alert::AlertId,
    policy::Policy,
    response::{self, Chosen, Said},
};
use carecert::SERVICES;
use db::{macro_support::Uuid, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Tx,
    access::{PersonId, Role, resolve},
    organisation::OrganisationId,
};
use testkit::world::World;

/// An empty installation.
pub(crate) async fn world() -> World {
    World::new(SERVICES).await
}

/// Organisations of `kind`, whose codes begin with `prefix`, in two regions in turn.
pub(crate) async fn organisations(
    world: &World,
    prefix: &str,
    kind: &str,
    many: usize,
) -> Vec<OrganisationId> {
    let mut tx = world.app.write().await.expect("a write begins");
    let mut made = Vec::with_capacity(many);
    for place in 0..many {
        let (id, now): (OrganisationId, _) = (tx.id(), tx.now);
        let code = format!("{prefix}{place:04}");
        let region = if place % 2 == 0 { "Y56" } else { "Y60" };
        let statement = sql!(
            "INSERT INTO organisation (id, code, name, kind, status, region, address, telephone, source,
                                       source_hash, version, changed_at)
             VALUES (?1, ?2, ?3, ?4, 'open', ?5, '', '01632 960000', 'test', ?6, 1, ?7)"
        );
        let name = format!("Surgery {code}");
        tx.run(statement, params![id, code, name, kind, region, vec![0_u8], now])
            .await
            .expect("an organisation");
        made.push(id);
    }
    tx.commit().await.expect("a commit");
    made
}

/// From now on `answering` answers for each of `organisations`.
pub(crate) async fn answers_for(world: &World, answering: OrganisationId, organisations: &[OrganisationId]) {
    let mut tx = world.app.write().await.expect("a write begins");
    for organisation in organisations {
        let (id, now): (Uuid, _) = (tx.id(), tx.now);
        let statement = sql!(
            "INSERT INTO answers_for (id, answering_id, organisation_id, from_at, note) VALUES (?1, ?2, ?3, ?4, '')"
        );
        tx.run(statement, params![id, answering, *organisation, now]).await.expect("a link");
    }
    tx.commit().await.expect("a commit");
}

/// A confirmed mailbox.
pub(crate) async fn contact(tx: &mut Tx, organisation: OrganisationId, role: &str, email: &str) {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO contact (id, organisation_id, role, kind, name, email, telephone, verified_at, from_at, version)
         VALUES (?1, ?2, ?3, 'person', ?4, ?4, '07700 900123', ?5, ?5, 1)"
    );
    tx.run(statement, params![id, organisation, role, email, now]).await.expect("a contact");
}

/// An alert of this severity, in force since now, to `audience`; a High one asks.
pub(crate) async fn alert(
    world: &World,
    number: i64,
    severity: &str,
    tlp: &str,
    audience: &[OrganisationId],
) -> AlertId {
    let mut tx = world.app.write().await.expect("a write begins");
    let (advisory, version, alert, person): (Uuid, Uuid, AlertId, Uuid) =
        (tx.id(), tx.id(), tx.id(), tx.id());
    let now = tx.now;
    let title = "Patch the file server";
    let advisory_row = sql!("INSERT INTO advisory (id, number, created_at) VALUES (?1, ?2, ?3)");
    tx.run(advisory_row, params![advisory, number, now]).await.expect("an advisory");
    let version_row = sql!(
        "INSERT INTO advisory_version (id, advisory_id, version, state, title, severity, tlp, content, edition,
                                       created_by, created_at)
         VALUES (?1, ?2, 1, 'published', ?3, ?4, ?5, '{}', 1, ?6, ?7)"
    );
    tx.run(version_row, params![version, advisory, title, severity, tlp, person, now])
        .await
        .expect("a version");
    let asked = Policy::current(now).asks(severity);
    let (acknowledge, remediate) =
        (asked.map(|asked| now + asked.acknowledge.within), asked.map(|asked| now + asked.remediate.within));
    let alert_row = sql!(
        "INSERT INTO alert (id, advisory_id, version_id, number, title, severity, tlp, mode, state, policy, issued_at,
                            issued_by, deliver_at, answers_stand, acknowledge_by, remediate_by, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'must_respond', 'in_force', 'response/1', ?8, ?9, ?8, FALSE, ?10, ?11, ?8)"
    );
    let values =
        params![alert, advisory, version, number, title, severity, tlp, now, person, acknowledge, remediate];
    tx.run(alert_row, values).await.expect("an alert");
    let stage = if asked.is_some() { "unacknowledged" } else { "for_information" };
    for organisation in audience {
        let row = sql!(
            "INSERT INTO response (organisation_id, alert_id, kind, region, stage, applies, version, changed_at)
             SELECT id, ?2, kind, region, ?3, 'unknown', 1, CAST(?4 AS BIGINT) FROM organisation WHERE id = ?1"
        );
        tx.run(row, params![*organisation, alert, stage, now]).await.expect("a response");
    }
    let counts = sql!(
        "INSERT INTO response_count (alert_id, region, kind, stage, hour, count)
         SELECT alert_id, region, kind, stage, CAST(?2 AS BIGINT), count(*) FROM response WHERE alert_id = ?1
         GROUP BY alert_id, region, kind, stage"
    );
    tx.run(counts, params![alert, now]).await.expect("counts");
    let totals = sql!(
        "INSERT INTO response_total (alert_id, region, kind, stage, count)
         SELECT alert_id, region, kind, stage, count FROM response_count WHERE alert_id = ?1"
    );
    tx.run(totals, params![alert]).await.expect("totals");
    for (name, due) in [("acknowledge", acknowledge), ("remediate", remediate)] {
        let (Some(asked), Some(due)) = (asked, due) else { continue };
        let (_, first) =
            asked.ladder(name).and_then(|ladder| ladder.rung(0, now, due)).expect("a first rung");
        start_clocks(&mut tx, alert, name, due, first).await;
    }
    tx.commit().await.expect("a commit");
    alert
}

async fn start_clocks(tx: &mut Tx, alert: AlertId, name: &str, due: Timestamp, first: Timestamp) {
    let statement = sql!(
        "INSERT INTO clock (about_id, organisation_id, name, kind, started_at, due_at, zone, policy, rung, next_due_at)
         SELECT alert_id, organisation_id, ?2, 'response', changed_at, CAST(?3 AS BIGINT), 'Europe/London',
                'response/1', 0, CAST(?4 AS BIGINT)
         FROM response WHERE alert_id = ?1"
    );
    tx.run(statement, params![alert, name, due, first]).await.expect("clocks");
}

/// An API key that stands for `organisation` with these scopes; says the token.
pub(crate) async fn key(world: &World, organisation: OrganisationId, scopes: &str) -> String {
    let mut tx = world.app.write().await.expect("a write begins");
    let (id, membership, now): (Uuid, Uuid, _) = (tx.id(), tx.id(), tx.now);
    let token = format!("key-{id}");
    let row = sql!(
        "INSERT INTO api_key (id, hash, name, organisation_id, scopes, created_by, created_at, expires_at)
         VALUES (?1, ?2, 'test', ?3, ?4, ?1, ?5, ?6)"
    );
    let expires = now + SignedDuration::from_hours(24 * 365);
    let values = params![id, resolve::hash(&token), organisation, scopes, now, expires];
    tx.run(row, values).await.expect("a key");
    let row = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at) VALUES (?1, ?2, ?3, 'responder', ?4)"
    );
    tx.run(row, params![membership, id, organisation, now]).await.expect("a membership");
    tx.commit().await.expect("a commit");
    token
}

/// Somebody who acts, without a browser: the actor of a person with one role.
pub(crate) async fn actor(
    world: &World,
    name: &str,
    role: Role,
    organisation: OrganisationId,
) -> platform::Actor {
    let id: PersonId = world.person(name, role, Some(organisation)).await;
    platform::Actor::Person(platform::access::Person {
        id,
        name: name.to_owned(),
        session: world.app.env.id(),
        roles: vec![(Some(organisation), role)],
    })
}

/// How many responses to `alert` stand at which stage, by the rows and by the counters.
pub(crate) async fn stages(world: &World, alert: AlertId) -> (Vec<(String, i64)>, Vec<(String, i64)>) {
    let mut snapshot = world.app.read().await.expect("a read begins");
    let rows = sql!("SELECT stage, count(*) FROM response WHERE alert_id = ?1 GROUP BY stage ORDER BY stage");
    let rows = snapshot.all(rows, params![alert]).await.expect("rows");
    let counts = sql!(
        "SELECT stage, CAST(sum(count) AS BIGINT) FROM response_count WHERE alert_id = ?1
         GROUP BY stage HAVING sum(count) <> 0 ORDER BY stage"
    );
    (rows, snapshot.all(counts, params![alert]).await.expect("counts"))
}

/// What the samples of responses and of the sector's pages speak of, for the walk.
pub(crate) async fn furnish(world: &World, organisation: OrganisationId, names: &mut crate::walk::Names) {
    let asked = alert(world, 9001, "high", "green", &[organisation]).await;
    let mut answered = Vec::new();
    actor(world, "Walking Executive", Role::Executive, organisation).await;
    let responder = actor(world, "Walking Responder", Role::Responder, organisation).await;
    for (number, outcome) in [
        (9002, None),
        (9003, Some(response::Outcome::Remediated)),
        (9004, Some(response::Outcome::RiskAccepted)),
    ] {
        let alert = alert(world, number, "high", "green", &[organisation]).await;
        let mut tx = world.app.write().await.expect("a write begins");
        response::acknowledge(&mut tx, &responder, alert, &Chosen::All).await.expect("acknowledged");
        if outcome.is_some() {
            let said = Said { outcome, ..Said::reason("It cannot be patched") };
            response::answer(&mut tx, &responder, alert, &Chosen::All, &said).await.expect("answered");
        }
        tx.commit().await.expect("a commit");
        answered.push(alert.to_string());
    }
    names.insert("asked_alert", asked.to_string());
    names.insert("asked_number", "CC-9001".to_owned());
    names.insert("acknowledged_number", "CC-9002".to_owned());
    names.insert("asked_code", "RWA".to_owned());
    for (name, alert) in ["acknowledged_alert", "closed_alert", "awaiting_alert"].into_iter().zip(answered) {
        names.insert(name, alert);
    }
}
