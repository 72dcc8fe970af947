//! Issuing situation reports: pages and tests call this.

use data_encoding::HEXLOWER;
use platform::{Actor, Tx, access::Forbidden, log};

use super::{Issuing, clocks, store};
use crate::{
    case::{
        CaseError, Party, Sight, Zone, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::{IncidentId, State},
    triage,
};

const TO_DO: &str = "issue situation reports";

/// That the actor issues the reports of this case: the CERT or its organisation does, a guest does not.
pub(super) fn may_issue(sight: &Sight) -> Result<(), CaseError> {
    sight.write(Zone::Shared, TO_DO)?;
    if sight.party == Party::Guest { Err(Forbidden(TO_DO).into()) } else { Ok(()) }
}

/// Issues a report, and waits for the next; says its number. The same form sent again is one report.
pub async fn issue(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    issuing: &Issuing,
) -> Result<i64, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    may_issue(&sight)?;
    let by = actor.person().ok_or(Forbidden(TO_DO))?.id;
    if let Some(number) = store::sent_with(tx, incident, issuing.form).await? {
        return Ok(number);
    }
    let last = store::last(tx, incident).await?.map_or(0, |last| last.number);
    if last != issuing.after {
        return Err(CaseError::Refused(format!(
            "Report {last} was issued while you wrote. Read it, and send yours again if it is still needed."
        )));
    }
    let head = log::head(tx).await?;
    let head = (i64::try_from(head.size).unwrap_or(i64::MAX), HEXLOWER.encode(&head.root));
    let state = sight.incident.state;
    let id = store::insert(tx, (incident, state), issuing, (by, sight.through), (head.0, &head.1)).await?;
    let number = issuing.after + 1;
    triage::actions::reported(tx, incident, issuing.outlook, by).await?;
    let outlook = platform::web::show::in_sentence(issuing.outlook.label());
    let text = format!("Situation report {number} was issued: {outlook}.");
    timeline::enter(tx, actor, &sight, &Entering::now(tx, Zone::Shared, Kind::Situation, id.0, &text))
        .await?;
    if state == State::Open {
        clocks::start(tx, incident, sight.incident.organisation_id).await?;
    }
    write_log(tx, actor, "case.situation_issued", &sight.incident, id.0).await?;
    Ok(number)
}
