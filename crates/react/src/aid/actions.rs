//! One function for each verb; pages and tests all call these.
//!
//! The log is told that something was asked, offered or answered, never the words.

use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    job::{self, When},
    log::{self, Entry},
    organisation::{self, OrganisationId},
    web::show::in_sentence,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    AidError, Asked, Lendable, MOST, MOST_NAMED, MOST_OFFERS, Offer, OfferId, Offered, Reach, Request,
    RequestId, StandingId, Stands, State, Tell, messages, store,
};
use crate::{
    access::HANDLE_INCIDENTS,
    case::{Party, Zone, sight, timeline::actions::enter_event},
    stands,
};

type Result<T> = std::result::Result<T, AidError>;

const TO_ASK: &str = "ask others for aid";
const TO_OFFER: &str = "offer aid";

/// What the asker can be told before anything is asked: that it can be, for whom, and what that is called.
pub async fn check(
    tx: &mut db::Snapshot,
    actor: &Actor,
    now: jiff::Timestamp,
    asked: &Asked,
) -> Result<(OrganisationId, OrganisationId, String, String)> {
    let found = organisation::store::answered_for(tx, actor, now, &asked.code).await?;
    let (organisation, through) = found.ok_or_else(|| AidError::NotYours(asked.code.clone()))?;
    if let Some(incident) = asked.incident {
        let sight = sight(tx, actor, now, incident).await?;
        sight.write(Zone::Shared, TO_ASK)?;
        // A guest of a case asks nobody in it, and nobody asks in a case for somebody else.
        if sight.party != Party::Organisation || sight.incident.organisation_id != Some(organisation) {
            return Err(AidError::NotFound);
        }
    }
    if asked.until < asked.from || asked.until <= now {
        return Err(AidError::Refused(
            "Until when it is needed must be after today, and after the first day.".into(),
        ));
    }
    if !(1..=MOST).contains(&asked.wanted) {
        return Err(AidError::Refused(format!("Ask for between 1 and {MOST}.")));
    }
    if asked.named.len() > MOST_NAMED {
        return Err(AidError::Refused(format!("Name no more than {MOST_NAMED} organisations.")));
    }
    let (name, region) = store::name_and_region(tx, organisation).await?;
    Ok((organisation, through, name, region))
}

/// Asks others for aid: it is shown to those that were chosen, and they are written to by a job. Says to how many. The
/// same form sent again is one request.
pub async fn ask(tx: &mut Tx, actor: &Actor, asked: &Asked) -> Result<(RequestId, u64)> {
    let by = person(actor, TO_ASK)?;
    if let Some(before) = store::sent_with(tx, asked.form).await? {
        return Ok((before, 0));
    }
    let now = tx.now;
    let (organisation, through, _, region) = check(tx, actor, now, asked).await?;
    let kept = store::insert(tx, asked, (organisation, &region), (by, through)).await;
    let (id, receipt) = once(kept)?;
    let mut shown = match asked.reach {
        Reach::Region => store::show_region(tx, id).await?,
        Reach::Offered => store::show_offered(tx, id).await?,
        Reach::Named => 0,
    };
    for code in asked.named.iter().filter(|_| asked.reach == Reach::Named) {
        if !store::show_to(tx, id, code).await? && organisation::store::id_of(tx, code).await?.is_none() {
            return Err(AidError::NoOrganisation(code.clone()));
        }
        shown += 1;
    }
    if shown == 0 || store::shown_to(tx, id).await? == 0 {
        return Err(AidError::Nobody);
    }
    enqueue(tx, id).await?;
    messages::tell_cert(tx, id).await?;
    if let Some(incident) = asked.incident {
        let text = format!(
            "Asked others for aid, as {receipt}: {}, {}.",
            in_sentence(asked.what.label()),
            asked.wanted
        );
        enter_event(tx, actor, Some(through), incident, (Zone::Shared, &text)).await?;
    }
    let payload = json!({"what": asked.what.code(), "wanted": asked.wanted, "reach": asked.reach.code(),
                         "organisations": shown, "incident": asked.incident, "named": asked.is_named});
    write_log(tx, actor, "aid.asked", (id, organisation), payload).await?;
    Ok((id, shown))
}

/// Shows a request to one more organisation: somebody at the CERT matches it.
pub async fn invite(tx: &mut Tx, actor: &Actor, id: RequestId, code: &str) -> Result<()> {
    actor.require(HANDLE_INCIDENTS, "ask others for this aid")?;
    let request = store::request(tx, id).await?.ok_or(AidError::NotFound)?;
    if request.state != State::Open {
        return Err(AidError::Over);
    }
    let code = code.trim().to_uppercase();
    let found = organisation::store::id_of(tx, &code).await?;
    let organisation = found.ok_or_else(|| AidError::NoOrganisation(code.clone()))?;
    if !store::show_to(tx, id, &code).await? {
        return Err(AidError::NoOrganisation(code));
    }
    enqueue(tx, id).await?;
    write_log(tx, actor, "aid.invited", (id, organisation), json!({})).await
}

/// Offers something to a request. The same form sent again is one offer.
pub async fn offer(tx: &mut Tx, actor: &Actor, id: RequestId, offered: &Offered) -> Result<()> {
    let by = person(actor, TO_OFFER)?;
    let now = tx.now;
    let request = store::own_one(tx, actor, now, id).await?.ok_or(AidError::NotFound)?;
    let code = offered.code.trim().to_uppercase();
    let asked = store::asked_of(tx, actor, now, (id, &code)).await?;
    let (organisation, through) = asked.ok_or(AidError::NotYours(code))?;
    let (kept, own, total) = store::offered_so_far(tx, (id, organisation), offered.form).await?;
    if kept {
        return Ok(());
    }
    if request.state != State::Open {
        return Err(AidError::Over);
    }
    if own >= MOST_OFFERS || total >= 200 {
        return Err(AidError::Enough("the CERT"));
    }
    if !(1..=MOST).contains(&offered.count) {
        return Err(AidError::Refused(format!("Offer between 1 and {MOST}.")));
    }
    if offered.until < offered.from {
        return Err(AidError::Refused("The last day is before the first.".into()));
    }
    let offer = once(store::insert_offer(tx, id, offered, organisation, (by, through)).await)?;
    messages::tell(tx, &request, request.organisation_id, &format!("offered:{offer}")).await?;
    let text = format!("Aid was offered for {}.", request.receipt);
    in_case(tx, &request, &text).await?;
    let payload = json!({"offer": offer, "count": offered.count});
    write_log(tx, actor, "aid.offered", (id, organisation), payload).await
}

/// Accepts so many of what was offered. Two at the same moment never fill a request twice.
pub async fn accept(
    tx: &mut Tx,
    actor: &Actor,
    (id, version): (OfferId, i64),
    count: i64,
    thanks: &str,
) -> Result<RequestId> {
    let (request, offer, through) = to_answer(tx, actor, id).await?;
    if offer.stands != Stands::Offered || request.state != State::Open {
        return Err(AidError::Over);
    }
    if !(1..=offer.count).contains(&count) {
        return Err(AidError::TooMany(request.missing(), offer.count));
    }
    if !store::answer(tx, (id, version), (Stands::Accepted, count), thanks.trim()).await? {
        return Err(AidError::Overtaken);
    }
    if !store::fill(tx, request.id, count).await? {
        return Err(AidError::TooMany(request.missing(), offer.count));
    }
    messages::tell(tx, &request, offer.organisation_id, &format!("accepted:{id}")).await?;
    let found = request.accepted + count;
    let text = format!("Aid was accepted for {}: {found} of {} found.", request.receipt, request.wanted);
    answered_in_case(tx, actor, &request, through, &text).await?;
    let payload = json!({"offer": id, "count": count});
    write_log(tx, actor, "aid.accepted", (request.id, offer.organisation_id), payload).await?;
    Ok(request.id)
}

/// Declines an offer with thanks.
pub async fn decline(
    tx: &mut Tx,
    actor: &Actor,
    (id, version): (OfferId, i64),
    thanks: &str,
) -> Result<RequestId> {
    let (request, offer, _) = to_answer(tx, actor, id).await?;
    if offer.stands != Stands::Offered {
        return Err(AidError::Over);
    }
    if !store::answer(tx, (id, version), (Stands::Declined, 0), thanks.trim()).await? {
        return Err(AidError::Overtaken);
    }
    messages::tell(tx, &request, offer.organisation_id, &format!("declined:{id}")).await?;
    write_log(tx, actor, "aid.declined", (request.id, offer.organisation_id), json!({"offer": id})).await?;
    Ok(request.id)
}

/// Takes an offer back that was not answered.
pub async fn withdraw_offer(tx: &mut Tx, actor: &Actor, (id, version): (OfferId, i64)) -> Result<RequestId> {
    let offer = own_offer(tx, actor, id).await?;
    if offer.stands != Stands::Offered {
        return Err(AidError::Over);
    }
    if !store::answer(tx, (id, version), (Stands::Withdrawn, 0), "").await? {
        return Err(AidError::Overtaken);
    }
    let payload = json!({"offer": id});
    write_log(tx, actor, "aid.offer_withdrawn", (offer.request_id, offer.organisation_id), payload).await?;
    Ok(offer.request_id)
}

/// Says that what was lent is back: whoever lent it, or whoever had it.
pub async fn returned(tx: &mut Tx, actor: &Actor, (id, version): (OfferId, i64)) -> Result<RequestId> {
    let now = tx.now;
    let offer = store::offer(tx, id).await?.ok_or(AidError::NotFound)?;
    let request = store::request(tx, offer.request_id).await?.ok_or(AidError::NotFound)?;
    let lent = stands::through(tx, actor, now, Role::ANSWERING, offer.organisation_id).await?;
    let had = stands::through(tx, actor, now, Role::ANSWERING, request.organisation_id).await?;
    if lent.or(had).is_none() {
        return Err(AidError::NotFound);
    }
    if !store::returned(tx, (id, version)).await? {
        return Err(AidError::Overtaken);
    }
    in_case(tx, &request, &format!("What was lent for {} is back.", request.receipt)).await?;
    let payload = json!({"offer": id});
    write_log(tx, actor, "aid.returned", (request.id, offer.organisation_id), payload).await?;
    Ok(request.id)
}

/// Withdraws a request of which nothing was accepted, or says that one is over. What was offered and not answered is
/// declined with thanks, and whoever offered it is told.
pub async fn end(tx: &mut Tx, actor: &Actor, id: RequestId, version: i64, state: State) -> Result<()> {
    let now = tx.now;
    let request = store::own_one(tx, actor, now, id).await?;
    let request = request.filter(|request| request.is_own).ok_or(AidError::NotFound)?;
    let through = stands::through(tx, actor, now, Role::ANSWERING, request.organisation_id).await?;
    let through = through.ok_or(Forbidden(TO_ASK))?;
    let verb = match state {
        State::Withdrawn if request.accepted > 0 => return Err(AidError::AcceptedAlready),
        State::Withdrawn => "aid.withdrawn",
        State::Ended => "aid.ended",
        State::Open | State::Fulfilled => return Err(AidError::Over),
    };
    for offer in store::offers(tx, id).await?.iter().filter(|offer| offer.stands == Stands::Offered) {
        messages::tell(tx, &request, offer.organisation_id, &format!("over:{}", offer.id)).await?;
    }
    // Offers before their request, as where one is accepted: or two would wait for each other.
    store::decline_rest(tx, id).await?;
    if !store::end(tx, (id, version), state).await? {
        return Err(if request.version == version { AidError::Over } else { AidError::Overtaken });
    }
    answered_in_case(
        tx,
        actor,
        &request,
        through,
        &format!("{}: {}.", request.receipt, in_sentence(state.label())),
    )
    .await?;
    write_log(tx, actor, verb, (id, request.organisation_id), json!({})).await
}

/// Says what an organisation could lend. The same form sent again is one.
pub async fn lend(tx: &mut Tx, actor: &Actor, lendable: &Lendable) -> Result<()> {
    let by = person(actor, TO_OFFER)?;
    let (code, now) = (lendable.code.trim().to_uppercase(), tx.now);
    let found = organisation::store::answered_for(tx, actor, now, &code).await?;
    let (organisation, through) = found.ok_or(AidError::NotYours(code))?;
    let (kept, own) = store::standing_so_far(tx, organisation, lendable.form).await?;
    if kept {
        return Ok(());
    }
    if own >= 50 {
        return Err(AidError::Enough("the CERT"));
    }
    if !(1..=MOST).contains(&lendable.count) || !(0..=24 * 14).contains(&lendable.within_hours) {
        return Err(AidError::Refused(format!(
            "Say how many, up to {MOST}, and within how many hours, up to 336."
        )));
    }
    let (_, region) = store::name_and_region(tx, organisation).await?;
    let id = once(store::insert_standing(tx, lendable, (organisation, &region), (by, through)).await)?;
    let entry = Entry::new("aid.lendable").about_a("aid_standing", id.0).organisation(organisation);
    let payload = json!({"what": lendable.what.code(), "count": lendable.count});
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}

/// Takes back what an organisation could lend.
pub async fn lend_no_more(tx: &mut Tx, actor: &Actor, id: StandingId) -> Result<()> {
    let now = tx.now;
    let organisation = store::lender(tx, id).await?.ok_or(AidError::NotFound)?;
    stands::through(tx, actor, now, Role::ANSWERING, organisation).await?.ok_or(AidError::NotFound)?;
    if !store::end_standing(tx, id).await? {
        return Err(AidError::Overtaken);
    }
    let entry = Entry::new("aid.lendable_ended").about_a("aid_standing", id.0).organisation(organisation);
    log::write(tx, actor, entry.with(json!({}))).await?;
    Ok(())
}

/// An offer that the actor answers, its request, and the organisation through which they do: whoever asked.
async fn to_answer(tx: &mut Tx, actor: &Actor, id: OfferId) -> Result<(Request, Offer, OrganisationId)> {
    let now = tx.now;
    let offer = store::offer(tx, id).await?.ok_or(AidError::NotFound)?;
    let request = store::request(tx, offer.request_id).await?.ok_or(AidError::NotFound)?;
    let through = stands::through(tx, actor, now, Role::ANSWERING, request.organisation_id).await?;
    Ok((request, offer, through.ok_or(AidError::NotFound)?))
}

/// An offer of somebody for whom the actor answers.
async fn own_offer(tx: &mut Tx, actor: &Actor, id: OfferId) -> Result<Offer> {
    let now = tx.now;
    let offer = store::offer(tx, id).await?.ok_or(AidError::NotFound)?;
    stands::through(tx, actor, now, Role::ANSWERING, offer.organisation_id)
        .await?
        .ok_or(AidError::NotFound)?;
    Ok(offer)
}

/// Enters in the case of a request what others did about it: by itself, since who lends what is not for its guests.
async fn in_case(tx: &mut Tx, request: &Request, text: &str) -> Result<()> {
    if let Some(incident) = request.incident_id {
        enter_event(tx, &Actor::Job("aid"), None, incident, (Zone::Shared, text)).await?;
    }
    Ok(())
}

/// Enters in the case of a request what its own people did about it.
async fn answered_in_case(
    tx: &mut Tx,
    actor: &Actor,
    request: &Request,
    through: OrganisationId,
    text: &str,
) -> Result<()> {
    if let Some(incident) = request.incident_id {
        enter_event(tx, actor, Some(through), incident, (Zone::Shared, text)).await?;
    }
    Ok(())
}

async fn enqueue(tx: &mut Tx, request: RequestId) -> Result<()> {
    let once: Uuid = tx.id();
    let when = When { not_before: None, key: Some(format!("aid.tell/{request}/{once}")) };
    job::enqueue(tx, &Tell { request }, when).await?;
    Ok(())
}

fn person(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(Role::ANSWERING, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

fn once<T>(kept: std::result::Result<T, db::DbError>) -> Result<T> {
    match kept {
        Err(db::DbError::Constraint(_)) => Err(AidError::Twice),
        other => Ok(other?),
    }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    (id, organisation): (RequestId, OrganisationId),
    payload: serde_json::Value,
) -> Result<()> {
    let entry = Entry::new(verb).about(id.0).organisation(organisation);
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}
