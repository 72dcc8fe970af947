//! Shares: an organisation that is let in to one zone of a case, and the case's own. Guests are told of none.

use axum::extract::{Path, State};
use db::Snapshot;
use http::StatusCode;
use platform::{
    App, Tx,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    Caller,
    case::{api::seen, called},
    words::millis,
};
use crate::case::{
    Party, Sight, Zone,
    guest::{self, Guest, GuestId},
    sight,
};

/// Why an organisation is let in where a system does it: TheHive's API has no place for a reason.
const WHY: &str = "Let in by one of the systems";
/// The most that are let in at once.
const MOST: usize = 20;

/// An organisation that is to be let in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Given {
    organisation: String,
    share: Option<bool>,
    profile: Option<String>,
    task_rule: Option<String>,
    observable_rule: Option<String>,
}

/// Organisations that are to be let in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shares {
    shares: Vec<Given>,
}

/// Organisations that are to be let out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organisations {
    organisations: Vec<String>,
}

impl Shares {
    /// The codes of the organisations: of each the whole zone is shared, or nothing.
    fn codes(&self) -> Result<Vec<String>, Error> {
        if self.shares.len() > MOST {
            return Err(Error::Invalid(format!("shares: Send up to {MOST}.")));
        }
        for given in &self.shares {
            let rules = [("taskRule", &given.task_rule), ("observableRule", &given.observable_rule)];
            for (name, rule) in rules {
                if rule.as_deref().is_some_and(|rule| rule != "all") {
                    let sentence =
                        format!("{name}: Send all. Whoever is let in reads the zone that X-Zone names.");
                    return Err(Error::Invalid(sentence));
                }
            }
            if given.share == Some(false) || given.profile.as_deref().is_some_and(|name| name != PROFILE) {
                let sentence = format!("share and profile: Send true and {PROFILE}, or leave them out.");
                return Err(Error::Invalid(sentence));
            }
        }
        Ok(self.shares.iter().map(|given| given.organisation.trim().to_uppercase()).collect())
    }
}

/// As what an organisation is let in.
const PROFILE: &str = "guest";

/// Everybody whose the case is, as shares. Guests are not told of one another.
async fn all(snapshot: &mut Snapshot, app: &App, sight: &Sight) -> Result<Json, Error> {
    if sight.party == Party::Guest {
        return Err(Error::NotFound);
    }
    let guests = guest::guests(snapshot, sight.incident.id).await?;
    let incident = &sight.incident;
    let share = |organisation: &str, owner: bool| {
        json!({
            "_id": incident.id, "_type": "Share", "_createdBy": app.settings.cert.name,
            "_createdAt": millis(incident.opened_at), "caseId": incident.id, "profileName": "owner",
            "organisationName": organisation, "owner": owner, "taskRule": "all", "observableRule": "all",
        })
    };
    let mut rows = Vec::new();
    rows.extend(incident.code.as_deref().map(|code| share(code, true)));
    rows.extend(guests.iter().filter(|guest| sight.reads.contains(guest.zone)).map(|guest| {
        let mut row = share(&guest.code, false);
        row["_id"] = json!(guest.id);
        row["profileName"] = PROFILE.into();
        row["_createdAt"] = millis(guest.let_in_at).into();
        row["extraData"] = json!({"zone": guest.zone.code(), "name": guest.name});
        row
    }));
    Ok(rows.into())
}

/// `GET /api/v1/case/{case}/shares`
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let mut snapshot = app.read().await?;
    let id = called(&mut snapshot, &case).await?.ok_or(Error::NotFound)?;
    let sight = sight(&mut snapshot, &caller.actor, app.env.now(), id).await?;
    Ok(axum::Json(all(&mut snapshot, &app, &sight).await?))
}

/// The guests of one zone that they read.
async fn of_zone(tx: &mut Tx, sight: &Sight, zone: Zone) -> Result<Vec<Guest>, Error> {
    sight.read(zone)?;
    let guests = guest::guests(tx, sight.incident.id).await?;
    Ok(guests.into_iter().filter(|guest| guest.zone == zone).collect())
}

/// `POST /api/v1/case/{case}/shares`: lets these in to the zone that the call names, beside those who are.
pub(super) async fn add(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    Body(shares): Body<Shares>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let codes = shares.codes()?;
    let mut tx = app.write().await?;
    let sight = seen(&mut tx, &caller, &case).await?;
    let zone = caller.zone(&sight)?;
    let before = of_zone(&mut tx, &sight, zone).await?;
    for code in codes.iter().filter(|code| before.iter().all(|guest| guest.code != **code)) {
        guest::let_in(&mut tx, &caller.actor, sight.incident.id, code, zone, WHY).await?;
    }
    let rows = all(&mut tx, &app, &sight).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(rows)))
}

/// `PUT /api/v1/case/{case}/shares`: these are let in to the zone, and nobody else.
pub(super) async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    Body(shares): Body<Shares>,
) -> Result<axum::Json<Json>, Error> {
    let codes = shares.codes()?;
    let mut tx = app.write().await?;
    let sight = seen(&mut tx, &caller, &case).await?;
    let zone = caller.zone(&sight)?;
    let before = of_zone(&mut tx, &sight, zone).await?;
    for guest in before.iter().filter(|guest| !codes.contains(&guest.code)) {
        guest::let_out(&mut tx, &caller.actor, sight.incident.id, guest.id).await?;
    }
    for code in codes.iter().filter(|code| before.iter().all(|guest| guest.code != **code)) {
        guest::let_in(&mut tx, &caller.actor, sight.incident.id, code, zone, WHY).await?;
    }
    let rows = all(&mut tx, &app, &sight).await?;
    tx.commit().await?;
    Ok(axum::Json(rows))
}

/// `DELETE /api/v1/case/{case}/shares`: lets organisations out of every zone in which the caller writes.
pub(super) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    Body(body): Body<Organisations>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    let sight = seen(&mut tx, &caller, &case).await?;
    if sight.party == Party::Guest {
        return Err(Error::NotFound);
    }
    let guests = guest::guests(&mut tx, sight.incident.id).await?;
    for code in body.organisations.iter().map(|code| code.trim().to_uppercase()) {
        let of_it = guests.iter().filter(|guest| guest.code == code && sight.writes.contains(guest.zone));
        let of_it: Vec<_> = of_it.collect();
        if of_it.is_empty() {
            return Err(Error::NotFound);
        }
        for guest in of_it {
            guest::let_out(&mut tx, &caller.actor, sight.incident.id, guest.id).await?;
        }
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/case/share/{share}`
pub(super) async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(share): Path<String>,
) -> Result<StatusCode, Error> {
    let id: GuestId = share.parse().map_err(|()| Error::NotFound)?;
    let mut tx = app.write().await?;
    let case = guest::case_of(&mut tx, id).await?.ok_or(Error::NotFound)?;
    guest::let_out(&mut tx, &caller.actor, case, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
