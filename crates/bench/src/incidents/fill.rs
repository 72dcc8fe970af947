//! Incidents as a sector has them over years: most are closed, each with its report, its triage and its case.

use db::{macro_support::Uuid, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{App, Tx, organisation::OrganisationId, receipt::Receipt};

/// Incidents of a commit.
const AT_ONCE: u64 = 500;
/// Those of the measured organisation: one of so many.
pub const OWN_OF: u64 = 400;
/// The newest are under way.
const UNDER_WAY: u64 = 300;
/// Time from one to the next.
const APART: SignedDuration = SignedDuration::from_mins(12);

/// One incident that is filled in.
struct Made {
    place: u64,
    id: Uuid,
    organisation: OrganisationId,
    at: Timestamp,
    standing: &'static str,
    priority: &'static str,
}

/// Adds incidents until there are `until`, at `organisations` by turns and one of [`OWN_OF`] at `own`.
pub async fn fill(
    app: &App,
    (from, until): (u64, u64),
    organisations: &[OrganisationId],
    own: OrganisationId,
) -> anyhow::Result<()> {
    // Those that are newest now are not, once there are more.
    let mut tx = app.write().await?;
    let now = tx.now;
    let over = sql!(
        "UPDATE incident SET state = 'closed', closed_at = ?1, reason = 'It was dealt with.'
         WHERE state IN ('reported', 'open')"
    );
    tx.run(over, params![now]).await?;
    tx.commit().await?;
    let mut place = from;
    while place < until {
        let mut tx = app.write().await?;
        for _ in 0..AT_ONCE.min(until - place) {
            let organisation = match place % OWN_OF {
                7 => own,
                _ => organisations[usize::try_from(place * 7_919)? % organisations.len()],
            };
            let at = tx.now - APART * i32::try_from(until - place)?;
            incident(&mut tx, place, until - place <= UNDER_WAY, organisation, at).await?;
            place += 1;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn incident(
    tx: &mut Tx,
    place: u64,
    under_way: bool,
    organisation: OrganisationId,
    at: Timestamp,
) -> anyhow::Result<()> {
    let state = match (under_way, place % 3) {
        (true, 0) => "reported",
        (true, _) => "open",
        (false, _) => "closed",
    };
    let standing = match place % 20 {
        0 => "unverified",
        1..4 => "called_back",
        4..8 => "code",
        _ => "session",
    };
    let priority = match place % 100 {
        0..3 => "p1",
        3..15 => "p2",
        15..60 => "p3",
        _ => "p4",
    };
    let made = Made { place, id: tx.id(), organisation, at, standing, priority };
    let receipt = Receipt::<'I'>::drawn(tx.bytes());
    let statement = sql!(
        "INSERT INTO incident (id, receipt, organisation_id, standing, apart, state, opened_at, reason, closed_at,
                               words_kept, version, priority, priority_because)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, TRUE, 1, ?10, '')"
    );
    let closed = (state == "closed").then(|| at + SignedDuration::from_hours(70));
    let reason = if state == "closed" { "It was dealt with." } else { "" };
    let apart = standing == "unverified";
    let values =
        params![made.id, &receipt, organisation, standing, apart, state, at, reason, closed, priority];
    tx.run_later(statement, values).await?;
    report(tx, &made, receipt.code()).await?;
    triage(tx, &made).await?;
    case(tx, &made).await
}

async fn report(tx: &mut Tx, made: &Made, receipt: &str) -> anyhow::Result<()> {
    let statement = sql!(
        "INSERT INTO report (id, form, incident_id, way, organisation_id, through_id, named, seen, since_at, affected,
                             care, ring_name, ring_telephone, more, begun_at, saved_at, sent_at, version, receipt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, '', ?6, ?7, ?8, ?9, 'Pat Porter', '01632 960 123', ?10, ?7, ?7, ?7, 2, ?11)"
    );
    let (id, form): (Uuid, Uuid) = (tx.id(), tx.id());
    let way = match made.standing {
        "unverified" => "mail",
        "session" => "session",
        _ => "code",
    };
    let seen = ["files_locked system_down", "mail_opened", "supplier_down", "device_misbehaves"];
    let affected = ["wards theatres", "none", "outpatients diagnostics", "community"];
    let turn = usize::try_from(made.place)? % 4;
    let care = "Two wards work on paper; the laboratory sends its results by porter.";
    let more = "It was noticed at the change of shift, and the site manager rang the switchboard at once.";
    let values = params![
        id,
        form,
        made.id,
        way,
        made.organisation,
        seen[turn],
        made.at,
        affected[turn],
        care,
        more,
        receipt
    ];
    tx.run_later(statement, values).await?;
    if made.standing == "called_back" {
        let call = sql!(
            "INSERT INTO call_back (id, incident_id, number, outcome, note, rung_by, rung_at)
             VALUES (?1, ?2, '01632 960 000', 'confirmed', 'They know of it.', ?3, ?4)"
        );
        let (id, by): (Uuid, Uuid) = (tx.id(), tx.id());
        tx.run_later(call, params![id, made.id, by, made.at]).await?;
    }
    Ok(())
}

async fn triage(tx: &mut Tx, made: &Made) -> anyhow::Result<()> {
    let statement = sql!(
        "INSERT INTO triage (incident_id, computed, set_why, kind, kind_at, ncsc_computed, ncsc_reference, version)
         VALUES (?1, ?2, '', 'malicious-code:infected-system', ?3, 5, '', 1)"
    );
    tx.run_later(statement, params![made.id, made.priority, made.at]).await?;
    for question in ["harm", "diverted", "degraded", "several"] {
        let statement = sql!(
            "INSERT INTO triage_answer (incident_id, question, answer, source, said_at)
             VALUES (?1, ?2, 'no', 'report', ?3)"
        );
        tx.run_later(statement, params![made.id, question, made.at]).await?;
    }
    Ok(())
}

/// Six entries of its timeline, two tasks and two messages.
async fn case(tx: &mut Tx, made: &Made) -> anyhow::Result<()> {
    for place in 0..6 {
        let statement = sql!(
            "INSERT INTO case_entry (id, incident_id, zone, kind, happened_at, recorded_at, text)
             VALUES (?1, ?2, ?3, 'event', ?4, ?4, ?5)"
        );
        let zone = ["shared", "shared", "cert", "shared", "own", "shared"][place];
        let (id, at): (Uuid, _) = (tx.id(), made.at + SignedDuration::from_mins(20) * i32::try_from(place)?);
        let text = "The affected servers were taken off the network and their disks copied.";
        tx.run_later(statement, params![id, made.id, zone, at, text]).await?;
    }
    for place in 0..2 {
        let task = sql!(
            "INSERT INTO case_task (id, incident_id, zone, title, text, owner, state, outcome, made_by, made_at,
                                    moved_at, form, version)
             VALUES (?1, ?2, 'shared', 'Change the passwords', '', 'nobody', ?3, '', ?4, ?5, ?5, ?6, 1)"
        );
        let (id, by, form): (Uuid, Uuid, Uuid) = (tx.id(), tx.id(), tx.id());
        let state = if place == 0 { "done" } else { "open" };
        tx.run_later(task, params![id, made.id, state, by, made.at, form]).await?;
        let message = sql!(
            "INSERT INTO case_message (id, incident_id, zone, text, person_id, sent_at, form)
             VALUES (?1, ?2, 'shared', 'Who is at the site tonight?', ?3, ?4, ?5)"
        );
        let (id, form): (Uuid, Uuid) = (tx.id(), tx.id());
        tx.run_later(message, params![id, made.id, by, made.at, form]).await?;
    }
    Ok(())
}
