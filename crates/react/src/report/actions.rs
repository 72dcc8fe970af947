//! One function for each verb; pages, API, jobs and tests all call these.
//!
//! The log is told that something was reported and what kind of thing was seen, never the words: they are
//! forgotten after a while, the log is not.

use jiff::SignedDuration;
use platform::{
    Actor, Tx,
    access::{Forbidden, Role},
    log::{self, Entry},
    organisation::{self, OrganisationId},
    web::show::in_sentence,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Facts, ReportError, ReportId, Way,
    facts::codes,
    store::{self, Origin, Report},
};
use crate::{
    access::HANDLE_INCIDENTS,
    case::{Zone, timeline::actions::enter_event},
    code::{CodeId, actions::Redeemed},
    incident::{self, IncidentId, Receipt, Standing},
    observable, triage,
};

type Result<T> = std::result::Result<T, ReportError>;

/// How long the holder of a code may write on a report that is begun, and add to it once it is sent.
pub const HOLDS: SignedDuration = SignedDuration::from_hours(24);

/// Who sends a report, as far as that is known.
#[derive(Clone, Copy, Debug)]
pub enum Sender {
    /// Somebody who is signed in, for an organisation, through the one to which they belong.
    Known {
        /// Of which it is.
        organisation: OrganisationId,
        /// Through which.
        through: OrganisationId,
    },
    /// The holder of an organisation's code, which [`code::actions::redeem`](crate::code::actions::redeem) took.
    Holder {
        /// Which code.
        code: CodeId,
        /// Whose.
        organisation: OrganisationId,
    },
    /// Nobody that is known: they say which organisation it is, and the CERT calls it back.
    Unknown {
        /// The organisation that somebody at the CERT found for what they say.
        organisation: Option<OrganisationId>,
    },
}

/// A report that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Which.
    pub report: ReportId,
    /// The incident that it made.
    pub incident: IncidentId,
    /// The number to quote.
    pub receipt: Receipt,
}

/// Takes a report that comes whole: by mail, as a file of the offline form, over the API. The same `form` sent
/// again is the same report.
pub async fn take(
    tx: &mut Tx,
    actor: &Actor,
    form: Uuid,
    way: Way,
    sender: Sender,
    facts: &Facts,
) -> Result<Sent> {
    if let Some(before) = store::begun_with(tx, form).await? {
        return again(&before);
    }
    let (organisation, through, code) = match sender {
        Sender::Known { organisation, through } => (Some(organisation), Some(through), None),
        Sender::Holder { code, organisation } => (Some(organisation), Some(organisation), Some(code)),
        Sender::Unknown { organisation } => (organisation, None, None),
    };
    let person = actor.person().map(|person| person.id);
    let from = Origin { way, organisation, through, person, code, holder: None };
    let id = once(store::insert(tx, form, &from, facts).await)?;
    let report = store::report(tx, id).await?.ok_or(ReportError::NotFound)?;
    send(tx, actor, &report).await
}

/// What was sent with a form before.
fn again(before: &Report) -> Result<Sent> {
    let incident = before.incident.ok_or(ReportError::Twice)?;
    let receipt = before.receipt.clone().ok_or(ReportError::NotFound)?;
    Ok(Sent { report: before.id, incident, receipt })
}

/// Sends what was begun: it makes an incident, and the CERT is told.
pub async fn send(tx: &mut Tx, actor: &Actor, report: &Report) -> Result<Sent> {
    if report.incident.is_some() {
        return again(report);
    }
    if !report.facts.can_be_sent() {
        return Err(ReportError::NothingSeen);
    }
    let standing = match (report.way, report.with_code) {
        // A machine's key was given by somebody who was signed in.
        (Way::Session | Way::Api, _) => Standing::Session,
        (_, Some(_)) => Standing::Code,
        _ => Standing::Unverified,
    };
    let (incident, receipt) = incident::store::insert(tx, report.organisation, standing).await?;
    // Who came with a code may add to it for a while; nobody else has a secret that could.
    let holder_until = report.holder_until.map(|_| tx.now + HOLDS);
    if !store::sent(tx, report.id, (incident, &receipt), holder_until).await? {
        return Err(ReportError::Overtaken);
    }
    let mut entry = Entry::new("incident.reported").about(incident.0);
    if let Some(organisation) = report.organisation {
        entry = entry.organisation(organisation);
    }
    let begun = triage::actions::begin(tx, incident, &report.facts).await;
    let priority = begun.map_err(incident::IncidentError::from)?;
    let payload = json!({"report": report.id, "way": report.way.code(), "seen": codes(&report.facts.seen),
                         "code": report.with_code, "priority": priority.code()});
    log::write(tx, actor, entry.with(payload)).await?;
    let text = format!("Reported: {}.", in_sentence(report.way.label()));
    enter_event(tx, actor, report.through, incident, (Zone::Shared, &text)).await?;
    incident::messages::tell(tx, incident).await?;
    let made = incident::store::incident(tx, incident).await?.ok_or(ReportError::NotFound)?;
    let text = [report.facts.care.as_str(), &report.facts.more].join("\n");
    observable::actions::found_in(tx, &made, observable::Origin::Report, &text).await?;
    Ok(Sent { report: report.id, incident, receipt })
}

/// Saves what somebody who is signed in has written so far, for the organisation of this code, or for none yet.
/// `draft` is what they have before them; without one a report is begun, and the same form begins one only.
pub async fn save(
    tx: &mut Tx,
    actor: &Actor,
    draft: Option<(ReportId, i64)>,
    form: Uuid,
    code: &str,
    facts: &Facts,
) -> Result<Report> {
    actor.require(Role::ANSWERING, "report incidents")?;
    let by = actor.person().ok_or(Forbidden("report incidents"))?.id;
    let (code, now) = (code.trim().to_uppercase(), tx.now);
    let (mut organisation, mut through) = (None, None);
    if !code.is_empty() {
        let reporting = organisation::store::answered_for(tx, actor, now, &code)
            .await?
            .ok_or(ReportError::NotYours(code))?;
        (organisation, through) = (Some(reporting.0), Some(reporting.1));
    }
    let before = match draft {
        Some((id, version)) => {
            let before = own(tx, actor, id, Way::Session).await?;
            if before.version != version {
                return Err(ReportError::Overtaken);
            }
            Some(before)
        }
        None => store::begun_with(tx, form).await?.filter(|before| before.person == Some(by)),
    };
    let id = if let Some(before) = before {
        resave(tx, &before, (organisation, through), facts).await?;
        before.id
    } else {
        let from =
            Origin { way: Way::Session, organisation, through, person: Some(by), code: None, holder: None };
        once(store::insert(tx, form, &from, facts).await)?
    };
    store::report(tx, id).await?.ok_or(ReportError::NotFound)
}

/// Begins to take a call.
pub async fn answer_call(tx: &mut Tx, actor: &Actor, form: Uuid) -> Result<ReportId> {
    actor.require(HANDLE_INCIDENTS, "take calls")?;
    let by = actor.person().ok_or(Forbidden("take calls"))?.id;
    if let Some(before) = store::begun_with(tx, form).await?.filter(|before| before.person == Some(by)) {
        return Ok(before.id);
    }
    let from = Origin {
        way: Way::Phone,
        organisation: None,
        through: None,
        person: Some(by),
        code: None,
        holder: None,
    };
    once(store::insert(tx, form, &from, &Facts::default()).await)
}

/// Saves a step of a call, or the whole of what the holder of a code has written, over the state that was seen.
pub async fn resave(
    tx: &mut Tx,
    before: &Report,
    organisation: (Option<OrganisationId>, Option<OrganisationId>),
    facts: &Facts,
) -> Result<()> {
    if before.sent_at.is_some() {
        return Err(ReportError::SentAlready);
    }
    if store::save(tx, before, organisation, facts).await? { Ok(()) } else { Err(ReportError::Overtaken) }
}

/// What the actor has begun by this way.
pub async fn own(snapshot: &mut db::Snapshot, actor: &Actor, id: ReportId, way: Way) -> Result<Report> {
    let by = actor.person().map(|person| person.id).ok_or(ReportError::NotFound)?;
    let report = store::report(snapshot, id).await?;
    report.filter(|report| report.person == Some(by) && report.way == way).ok_or(ReportError::NotFound)
}

/// A call that somebody at the CERT took, whoever goes on with it: a shift may end during one.
pub async fn call(snapshot: &mut db::Snapshot, actor: &Actor, id: ReportId) -> Result<Report> {
    actor.require(HANDLE_INCIDENTS, "take calls")?;
    let report = store::report(snapshot, id).await?;
    report.filter(|report| report.way == Way::Phone).ok_or(ReportError::NotFound)
}

/// What was kept, unless the same form was kept at the same moment.
fn once<T>(kept: std::result::Result<T, db::DbError>) -> Result<T> {
    match kept {
        Err(db::DbError::Constraint(_)) => Err(ReportError::Twice),
        other => Ok(other?),
    }
}

/// Saves what somebody who is signed in has written, and sends it; says whether their organisation told the CERT
/// before. What was sent with the same form, or from the same draft, is told again.
pub async fn send_written(
    tx: &mut Tx,
    actor: &Actor,
    draft: Option<(ReportId, i64)>,
    form: Uuid,
    code: &str,
    facts: &Facts,
) -> Result<(Sent, bool)> {
    let by = actor.person().map(|person| person.id);
    let before = match draft {
        Some((id, _)) => store::report(tx, id).await?,
        None => store::begun_with(tx, form).await?,
    };
    let before = before.filter(|before| before.person == by && before.incident.is_some());
    let sent = if let Some(before) = before {
        again(&before)?
    } else {
        if code.trim().is_empty() {
            return Err(ReportError::NoOrganisation);
        }
        if !facts.can_be_sent() {
            return Err(ReportError::NothingSeen);
        }
        let saved = save(tx, actor, draft, form, code, facts).await?;
        send(tx, actor, &saved).await?
    };
    let told_before = told_before(tx, &sent).await?;
    Ok((sent, told_before))
}

/// Whether the organisation of what was sent told the CERT before, within three days.
pub async fn told_before(tx: &mut Tx, sent: &Sent) -> Result<bool> {
    let now = tx.now;
    let incident = incident::store::incident(tx, sent.incident).await?.ok_or(ReportError::NotFound)?;
    match incident.organisation_id {
        Some(organisation) => Ok(incident::store::told_before(tx, organisation, incident.id, now).await?),
        None => Ok(false),
    }
}

/// Begins the report of whoever showed a code, known from now on by a secret whose hash this is.
pub async fn begin_with_code(tx: &mut Tx, redeemed: Redeemed, holder: [u8; 32]) -> Result<ReportId> {
    let from = Origin {
        way: Way::Code,
        organisation: Some(redeemed.organisation),
        through: Some(redeemed.organisation),
        person: None,
        code: Some(redeemed.code),
        holder: Some((holder, tx.now + HOLDS)),
    };
    let form = tx.id();
    once(store::insert(tx, form, &from, &Facts::default()).await)
}

/// Saves what the holder of a code has written over what they had before them, and sends it where that is asked;
/// says then whether their organisation told the CERT before.
///
/// That is told once something was sent, and not before: whoever stole a sheet must not learn for a code, and
/// unseen, that they were noticed.
pub async fn write_with_code(
    tx: &mut Tx,
    before: &Report,
    facts: &Facts,
    sends: bool,
) -> Result<Option<(Sent, bool)>> {
    if sends && !facts.can_be_sent() {
        return Err(ReportError::NothingSeen);
    }
    resave(tx, before, (before.organisation, before.through), facts).await?;
    if !sends {
        return Ok(None);
    }
    let saved = store::report(tx, before.id).await?.ok_or(ReportError::NotFound)?;
    let sent = send(tx, &Actor::CodeHolder, &saved).await?;
    let told_before = told_before(tx, &sent).await?;
    Ok(Some((sent, told_before)))
}
