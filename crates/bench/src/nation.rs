//! A nation: 60,000 organisations with 180,000 contacts, and what they answered over years.

use db::{macro_support::Uuid, params, sql};
use jiff::SignedDuration;
use platform::{App, organisation::OrganisationId};

/// Organisations in the nation.
pub const ORGANISATIONS: usize = 60_000;
/// Alerts that were answered before.
pub const ALERTS: usize = 500;
/// The code of the organisation that the measured responder works for.
pub const OWN: &str = "B00000";

const REGIONS: [&str; 7] = ["Y56", "Y58", "Y59", "Y60", "Y61", "Y62", "Y63"];

/// Fills the tables, unless they are: three verified contacts for each organisation.
pub async fn fill(app: &App) -> anyhow::Result<()> {
    let filled: Option<(OrganisationId,)> =
        app.read().await?.maybe(sql!("SELECT id FROM organisation WHERE code = ?1"), params![OWN]).await?;
    if filled.is_some() {
        return Ok(());
    }
    for begin in (0..ORGANISATIONS).step_by(1000) {
        let mut tx = app.write().await?;
        let now = tx.now;
        for place in begin..begin + 1000 {
            let (id, code): (OrganisationId, _) = (tx.id(), format!("B{place:05}"));
            let kind = if place % 50 == 0 { "trust" } else { "gp_practice" };
            let organisation = sql!(
                "INSERT INTO organisation (id, code, name, kind, status, region, address, source, source_hash, version, changed_at)
                 VALUES (?1, ?2, ?2, ?3, 'open', ?4, '', 'bench', ?5, 1, ?6)"
            );
            let region = REGIONS[place % REGIONS.len()];
            tx.run(organisation, params![id, code.as_str(), kind, region, vec![0_u8], now]).await?;
            // As the register's names are: a word that all of a kind have, one of many, and the code.
            for word in [
                kind.split('_').next().unwrap_or(kind),
                ["surgery", "centre", "house"][place % 3],
                &code.to_lowercase(),
            ] {
                let statement = sql!("INSERT INTO organisation_word (word, organisation_id) VALUES (?1, ?2)");
                tx.run_later(statement, params![word, id]).await?;
            }
            for role in ["security_lead", "shared_mailbox", "executive"] {
                let contact = sql!(
                    "INSERT INTO contact (id, organisation_id, role, kind, name, email, verified_at, from_at, version)
                     VALUES (?1, ?2, ?3, 'person', ?3, ?4, ?5, ?5, 1)"
                );
                let contact_id: Uuid = tx.id();
                tx.run(contact, params![contact_id, id, role, format!("{role}@{code}.example"), now]).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Adds [`ALERTS`] alerts with 6,000 responses each: 3 million rows. Those of `OWN` are among them.
pub async fn answer_for_years(app: &App) -> anyhow::Result<()> {
    for place in 0..ALERTS {
        let mut tx = app.write().await?;
        let (advisory, version, alert): (Uuid, Uuid, Uuid) = (tx.id(), tx.id(), tx.id());
        let number = i64::try_from(place)? + 10_000;
        let at = tx.now - SignedDuration::from_hours(24 * i64::try_from(ALERTS - place)?);
        tx.run(
            sql!(
                "INSERT INTO advisory (id, number, created_at, published_version_id) VALUES (?1, ?2, ?3, ?4)"
            ),
            params![advisory, number, at, version],
        )
        .await?;
        let wording = sql!(
            "INSERT INTO advisory_version (id, advisory_id, version, state, title, severity, tlp, content, edition, created_by, created_at)
             SELECT ?1, ?2, 1, 'published', title, severity, tlp, content, 1, created_by, ?3
             FROM advisory_version WHERE state = 'published' ORDER BY id LIMIT 1"
        );
        tx.run(wording, params![version, advisory, at]).await?;
        let issued = sql!(
            "INSERT INTO alert (id, advisory_id, version_id, number, title, severity, tlp, mode, state, policy, issued_at,
                                issued_by, deliver_at, answers_stand, acknowledge_by, remediate_by, changed_at)
             SELECT ?1, ?2, ?3, ?4, title, severity, tlp, mode, 'in_force', policy, ?5, issued_by, ?5, answers_stand, ?5, ?5, ?5
             FROM alert ORDER BY id LIMIT 1"
        );
        tx.run(issued, params![alert, advisory, version, number, at]).await?;
        // What is older than a few weeks is done with.
        let stage = match (ALERTS - place, place % 2) {
            (1..=20, 0) => "unacknowledged",
            (1..=20, _) => "in_progress",
            _ => "closed",
        };
        let responses = sql!(
            "INSERT INTO response (organisation_id, alert_id, kind, region, stage, applies, version, changed_at)
             SELECT id, ?1, kind, region, ?2, 'unknown', 1, ?3 FROM organisation
             WHERE code = ?4 OR (code >= ?5 AND code < ?6)"
        );
        let first = 1 + (place * 6_000) % 54_000;
        let code = |place: usize| format!("B{place:05}");
        tx.run(responses, params![alert, stage, at, OWN, code(first), code(first + 5_999)]).await?;
        let counts = sql!(
            "INSERT INTO response_count (alert_id, region, kind, stage, hour, count)
             SELECT alert_id, region, kind, stage, ?2, count(*) FROM response WHERE alert_id = ?1
             GROUP BY alert_id, region, kind, stage"
        );
        tx.run(counts, params![alert, at]).await?;
        let totals = sql!(
            "INSERT INTO response_total (alert_id, region, kind, stage, count)
             SELECT alert_id, region, kind, stage, count FROM response_count WHERE alert_id = ?1"
        );
        tx.run(totals, params![alert]).await?;
        tx.commit().await?;
    }
    Ok(())
}
