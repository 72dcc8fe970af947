//! Day 19: a supplier of records is down for a trust, its neighbour and 120 practices at once; and one trust lends
//! another what it needs.

use anyhow::Context;
use db::macro_support::Uuid;
use jiff::SignedDuration;
use platform::{Actor, Tx, organisation::OrganisationId};
use react::{
    aid::{self, Asked, Contact, Offered, Reach, What},
    case::sight,
    impact::Downtime,
    incident::{self, IncidentId},
    outage::{self, Declared, OutageId, Patients, Said, Stands, State, actions::Whose, store},
    report::{self, Care, Facts, Ring, Seen},
    supplier, triage,
};

use super::{Moment, Story};
use crate::demo::{people::TRUST, sector::LONE};

/// Nobody is called so.
const SUPPLIER: &str = "Heronsgate Record Systems";

pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<()> {
    story.until(story.at(19, 7, 0)?).await?;
    name_systems(story).await?;
    story.until(story.at(19, 7, 40)?).await?;
    let incident = report(story).await?;
    story.until(story.at(19, 7, 55)?).await?;
    let outage = declare(story, incident).await?;
    story.note(Moment::Outage, &format!("/outages/{outage}")).await?;
    answer(story, outage).await?;
    ask_for_aid(story, incident).await?;
    story.until(story.at(19, 13, 20)?).await?;
    over(story, incident, outage).await
}

/// Whose records they use: a list that the CERT takes in.
async fn name_systems(story: &Story<'_>) -> anyhow::Result<()> {
    let practices = story.people.practices.iter().map(|(_, code)| code.as_str());
    let trusts = story.people.trusts.iter().take(3).map(|trust| trust.code.as_str());
    let line = |code| format!("{code},{SUPPLIER},Patient records,yes,Paper records and the read-only copy\n");
    let lines: String = [TRUST, LONE].into_iter().chain(trusts).chain(practices).map(line).collect();
    let input = std::io::Cursor::new(format!("organisation,supplier,system,clinical,downtime\n{lines}"));
    let job = Actor::Job("import");
    supplier::import::take_in(story.app, &job, input, "systems.csv", &|_| {}).await?;
    Ok(())
}

async fn report(story: &Story<'_>) -> anyhow::Result<IncidentId> {
    let facts = Facts {
        seen: vec![Seen::SupplierDown],
        affected: vec![Care::Outpatients],
        care: "Clinics begin at nine and nobody can open a record.".to_owned(),
        ring: Ring { name: "Liam Lone".to_owned(), telephone: "01632 960 071".to_owned() },
        more: "The supplier’s own line says that it shut its data centre down in the night.".to_owned(),
        ..Facts::default()
    };
    let mut tx = story.app.write().await?;
    let form: Uuid = tx.id();
    let (sent, _) =
        report::actions::send_written(&mut tx, &story.people.lone, None, form, LONE, &facts).await?;
    tx.commit().await?;
    Ok(sent.incident)
}

/// The duty manager tells everybody who uses it.
async fn declare(story: &Story<'_>, id: IncidentId) -> anyhow::Result<OutageId> {
    let duty = &story.people.duty_manager;
    let mut tx = story.app.write().await?;
    let found = incident::store::incident(&mut tx, id).await?.context("the incident")?;
    incident::actions::take_on(&mut tx, duty, id, found.version).await?;
    let declared = Declared {
        form: tx.id(),
        supplier: SUPPLIER.to_owned(),
        system: "Patient records".to_owned(),
        told: "Records cannot be opened since 05:50. The supplier has shut its data centre down after an attack on its \
               own network; nothing is known to have reached its customers. Leave connections to it cut until we write \
               again. We write at 11:00."
            .to_owned(),
        since: tx.now - SignedDuration::from_mins(125),
        hours: 3,
    };
    let (outage, _) = outage::actions::declare(&mut tx, duty, id, &declared).await?;
    tx.commit().await?;
    story.minutes(12).await?;
    Ok(outage)
}

/// Each says for itself how it stands; the board for its practices at once.
async fn answer(story: &Story<'_>, id: OutageId) -> anyhow::Result<()> {
    let mut tx = story.app.write().await?;
    let said = |downtime, patients, note: &str| Said {
        stands: Stands::Affected,
        downtime,
        patients,
        note: note.to_owned(),
    };
    let lone = said(Downtime::NotWorking, Patients::Yes, "Clinics of this morning are put off.");
    let people = story.people;
    let whose = reply_of(&mut tx, &people.lone, id, LONE).await?;
    outage::actions::answer(&mut tx, &people.lone, id, whose, &lone).await?;
    let trust = said(Downtime::Working, Patients::No, "We work from the read-only copy.");
    let whose = reply_of(&mut tx, &people.responder, id, TRUST).await?;
    outage::actions::answer(&mut tx, &people.responder, id, whose, &trust).await?;
    tx.commit().await?;
    story.minutes(20).await?;
    let mut tx = story.app.write().await?;
    let practices = said(Downtime::Working, Patients::NotKnown, "All practices work on paper.");
    outage::actions::answer(&mut tx, &people.icb, id, Whose::AllWaiting, &practices).await?;
    tx.commit().await?;
    story.minutes(140).await?;
    let mut tx = story.app.write().await?;
    let update =
        (tx.id(), "The supplier brings it back in parts from noon. Keep connections cut until we say so.");
    outage::actions::update(&mut tx, &people.duty_manager, id, update).await?;
    tx.commit().await?;
    Ok(())
}

/// The reply that is awaited of the organisation of this code, as its own people find it.
async fn reply_of(tx: &mut Tx, actor: &Actor, id: OutageId, code: &str) -> anyhow::Result<Whose> {
    let now = tx.now;
    let replies = store::own_replies(tx, actor, now, id, OrganisationId(Uuid::nil())).await?;
    let reply = replies.into_iter().find(|reply| reply.code == code).context("it is concerned")?;
    Ok(Whose::One(reply.organisation_id, reply.version))
}

/// A small trust has nobody who knows its network; a large one has.
async fn ask_for_aid(story: &Story<'_>, incident: IncidentId) -> anyhow::Result<()> {
    let (lone, responder) = (&story.people.lone, &story.people.responder);
    let mut tx = story.app.write().await?;
    let now = tx.now;
    let asked = Asked {
        form: tx.id(),
        code: LONE.to_owned(),
        incident: Some(incident),
        what: What::Network,
        detail: "Somebody who can look at our firewall with us and open it again, safely, one connection at a time."
            .to_owned(),
        wanted: 2,
        from: now,
        until: now + SignedDuration::from_hours(24 * 14),
        place: "On site, or by telephone".to_owned(),
        contact: Contact { name: "Liam Lone".to_owned(), telephone: "01632 960 071".to_owned() },
        reach: Reach::Named,
        named: vec![TRUST.to_owned()],
        is_named: false,
        is_cyber: false,
    };
    let (request, _) = aid::actions::ask(&mut tx, lone, &asked).await?;
    tx.commit().await?;
    story.minutes(35).await?;
    let mut tx = story.app.write().await?;
    let now = tx.now;
    let offered = Offered {
        form: tx.id(),
        code: TRUST.to_owned(),
        count: 1,
        from: now,
        until: now + SignedDuration::from_hours(24 * 5),
        conditions: "Two hours a day, by telephone.".to_owned(),
        contact: Contact { name: "Rhys Responder".to_owned(), telephone: "01632 960 105".to_owned() },
    };
    aid::actions::offer(&mut tx, responder, request, &offered).await?;
    tx.commit().await?;
    Ok(())
}

/// It works again, and everybody is told.
async fn over(story: &Story<'_>, id: IncidentId, outage: OutageId) -> anyhow::Result<()> {
    let duty = &story.people.duty_manager;
    let mut tx = story.app.write().await?;
    let found = store::outage(&mut tx, outage).await?.context("the outage")?;
    outage::actions::end(&mut tx, duty, outage, found.version, State::Restored).await?;
    let now = tx.now;
    let seen = sight(&mut tx, duty, now, id).await?;
    triage::actions::classify(&mut tx, duty, &seen, "availability:outage").await?;
    let found = incident::store::incident(&mut tx, id).await?.context("the incident")?;
    let reason = "The supplier’s systems work again, and its customers’ networks were not reached.";
    incident::actions::close(&mut tx, duty, id, found.version, reason).await?;
    tx.commit().await?;
    Ok(())
}
